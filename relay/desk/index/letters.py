"""The words of a text, as they are kept and searched for: alike in whatever way they are typed.

Letters of one shape and sound in the Arabic script are one letter, so that who types an Arabic yeh
finds a Persian one; digits of all scripts are those of ASCII; vowel signs above and below are left
out where a language is written without them as well. Scripts without blanks between words (Chinese,
Japanese, Thai, Lao, Khmer, Burmese) are kept as pairs of letters one after the other: what stands
there in a row is found, wherever a word may begin.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import chain, pairwise
from typing import Final

MOST: Final = 20_000
"""Characters of a text that can be searched; what is longer is a film's worth of words."""

_SAME: Final = {
    "ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ہ": "ه", "ە": "ه", "ٱ": "ا",
}  # fmt: skip
_SILENT: Final = (
    "\u064b-\u065f\u0670\u0640",
    "\u200b-\u200f\u2060-\u2069\ufeff\u00ad\u0300-\u036f",
)
_UNBROKEN: Final = (
    "\u0e00-\u0eff\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff\u1780-\u17ff\u3040-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD: Final = re.compile(rf"[{_UNBROKEN}]+|[^\W_{_UNBROKEN}]+")
_FOLDED: Final = re.compile(rf"[{''.join(_SILENT)}\u0600-\u1fff\ua000-\U000110ff]")
_IS_UNBROKEN: Final = re.compile(f"[{_UNBROKEN}]")
_ASCII: Final = re.compile(r"[a-z0-9]+")
_PLAIN: Final = re.compile(r"[\x00-\x7f]*")


def kept(title: str, text: str) -> str:
    """The words of a message as they are kept, one after the other, with blanks between them."""
    said = f"{title}\n{text}" if title else text
    words = _words(said[:MOST])
    if not any(map(_IS_UNBROKEN.match, words)):
        return " ".join(words)
    return " ".join(chain.from_iterable(map(_pieces, words)))


def asked(said: str, most: int = 16) -> str:
    """A search in the language of SQLite's FTS5: all of its words, and each may go on. Empty where
    nothing is asked for. Source: https://www.sqlite.org/fts5.html, section 3."""
    phrases = []
    for word in _words(said[:400])[:most]:
        if _IS_UNBROKEN.match(word) and len(word) > 1:
            row = " ".join(one + two for one, two in pairwise(word))
            phrases.append(f'"{row}"')
        else:
            phrases.append(f'"{word}"*')
    return " ".join(phrases)


def _pieces(word: str) -> list[str]:
    """A word; of one without end each two letters that follow each other, and the last one by
    itself, so that it too begins something."""
    if not _IS_UNBROKEN.match(word):
        return [word]
    return [*map("".join, pairwise(word)), word[-1]]


def _words(text: str) -> list[str]:
    if _PLAIN.fullmatch(text):
        return _ASCII.findall(text.lower())
    folded = unicodedata.normalize("NFKD", text).casefold()
    if _FOLDED.search(folded):
        folded = folded.translate(_folds())
    return _WORD.findall(folded)


@cache
def _folds() -> dict[int, str | None]:
    """What becomes of single characters: letters of one kind, silent ones, digits."""
    made: dict[int, str | None] = {ord(one): other for one, other in _SAME.items()}
    for span in re.findall("(.)-(.)|(.)", "".join(_SILENT)):
        first, last = (span[0], span[1]) if span[0] else (span[2], span[2])
        made |= dict.fromkeys(range(ord(first), ord(last) + 1))
    for zero in range(0x660, 0x11100):
        if zero & 0xF in (0, 6) and unicodedata.digit(chr(zero), None) == 0:
            made |= {zero + n: str(n) for n in range(10) if chr(zero + n).isdecimal()}
    return made
