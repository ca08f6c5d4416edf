"""An operator's list: words and phrases that are danger here, since they say whom one protects.

One a line; what follows ``#`` is a comment. A word at whose end stands ``*`` stands for every word
that begins so, and is found to its end. Letters that people write for one another are the same,
capitals are small ones, a ZWNJ may be there, be missing, or be a blank. A phrase is found with any
blanks, lines and hyphens between its words, and written as one ("#SunflowerStreet"). Words end
where letters and digits do; in scripts that set no blanks they may stand anywhere. What Arabic
writes as one with the word after it (and, the, by, for) may stand before it.

To look up is linear in the length of the text: at each place where a word may begin its first two
signs say which lengths to try.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from relay.rules.seen import Seen, Span, alike

MOST_LINES: Final = 10_000
LONGEST: Final = 100
"""Characters of a word or phrase."""

_ZWNJ: Final = "\u200c"
_BLANK: Final = str.maketrans("\n\t\u00a0_-\u2010\u2011", " " * 7)
_BLANKS: Final = re.compile(r"\s+")
_MANY_BLANKS: Final = re.compile("(?<= ) +")
_UNPARTED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_PREFIXES: Final = tuple(
    map(alike, ("وال", "بال", "فال", "كال", "لل", "ال", "ولل", "و", "ف", "ب", "ل", "ك"))
)
_WITHIN_WORDS: Final = frozenset("-\u2010\u2011'")
"""What parts a word in two that are one name."""

_ARABIC: Final = re.compile("[\u0600-\u06ff]")
_SHORTEST: Final = 2
"""Characters of a word: one alone would be found everywhere."""

_SHORTEST_IN_ONE: Final = 6
"""Letters of a phrase that is found also without its blanks."""


@dataclass(frozen=True, slots=True, repr=False)
class WordList:
    """The words, each as ``alike`` makes it; those that only begin a word apart. Two lists are
    equal if their words are."""

    whole: frozenset[str] = frozenset()
    beginnings: frozenset[str] = frozenset()
    _lengths: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        lengths: dict[str, set[int]] = {}
        for word in (*self.whole, *self.beginnings):
            lengths.setdefault(word[:_SHORTEST], set()).add(len(word))
        self._lengths.update({begun: tuple(sorted(some)) for begun, some in lengths.items()})

    def __bool__(self) -> bool:
        return bool(self._lengths)

    def has_all_of(self, other: WordList) -> bool:
        """Whether whatever the other finds is found by this one too."""
        return self.whole >= other.whole and self.beginnings >= other.beginnings

    def found(self, seen: Seen) -> Iterator[Span]:
        """Where they stand; of several that begin at one place the longest."""
        if not self._lengths:
            return
        text, places = _single_blanks(seen.small.translate(_BLANK))
        tried_at = self._lengths
        reached = 0  # the end of the last word that was found by its beginning
        for start in range(len(text) - 1):
            tried = tried_at.get(text[start : start + _SHORTEST])
            if tried is None or not _begins(seen, text, start, places):
                continue
            end, begins = self._end(seen, text, start, tried, places)
            if not end:
                continue
            stop = places[end - 1] + 1
            if begins:
                if stop <= reached:
                    continue  # "reza_rezvan" is one word, and is walked through once
                reached = stop = _end_of_word(seen.small, stop)
            yield places[start], stop

    def _end(
        self, seen: Seen, text: str, start: int, tried: Sequence[int], places: Sequence[int]
    ) -> tuple[int, bool]:
        """Where the longest word ends that begins here, and whether it only begins one; 0 for
        none."""
        for length in reversed(tried):
            end = min(start + length, len(text))
            word = text[start:end]
            if word in self.beginnings:
                return end, True
            if word in self.whole and _is_border(seen, text, end, places):
                return end, False
        return 0, False


NO_WORDS: Final = WordList()
"""There is no list."""


def word_list(lines: Iterable[str]) -> WordList:
    """The list that these lines are. ``wrong_lines`` says which of them are none."""
    whole: set[str] = set()
    beginnings: set[str] = set()
    for line in lines:
        word = _word(line)
        for form in _forms(word) if word else ():
            plain = _plain(form)
            if plain.endswith("*"):
                beginnings.add(plain.rstrip("* "))
            else:
                whole.add(plain)
    return WordList(frozenset(whole), frozenset(beginnings))


def _plain(form: str) -> str:
    return _BLANKS.sub(" ", Seen(form).small.translate(_BLANK)).strip()


def _forms(word: str) -> set[str]:
    """How it may be written: with its ZWNJ as blanks or without them; a phrase also in one."""
    forms = {word.replace(_ZWNJ, ""), word.replace(_ZWNJ, " ")}
    joined = "".join(one for one in word if _is_letter(one) or one == "*")
    return forms | ({joined} if len(joined) >= _SHORTEST_IN_ONE else set())


def _single_blanks(text: str) -> tuple[str, Sequence[int]]:
    """The text with one blank for several, and where each of its signs stood."""
    gaps = [gap.span() for gap in _MANY_BLANKS.finditer(text)]
    if not gaps:
        return text, range(len(text))
    kept = [*zip([0, *(end for _, end in gaps)], [*(at for at, _ in gaps), len(text)], strict=True)]
    made = "".join(text[begin:end] for begin, end in kept)
    return made, [at for begin, end in kept for at in range(begin, end)]


def wrong_lines(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The number (from 1) of each line that cannot be used, and why, without a word of it."""
    for number, line in enumerate(lines, 1):
        word = _word(line)
        if not word:
            continue
        core = _plain(word.replace(_ZWNJ, "")).rstrip("* ")
        if len(core) < _SHORTEST:
            yield number, f"has fewer than {_SHORTEST} signs"
        elif len(core) > LONGEST:
            yield number, f"has more than {LONGEST} signs"
        elif "*" in core:
            yield number, "has a * that is not at its end"
        elif not any(sign.isalnum() for sign in core):
            yield number, "has no letter or digit"


def _word(line: str) -> str:
    """What a line names, its blanks single; empty, where it is a comment."""
    normal = unicodedata.normalize("NFC", line.partition("#")[0])
    return _BLANKS.sub(" ", normal).strip()


def _begins(seen: Seen, text: str, start: int, places: Sequence[int]) -> bool:
    if _is_border(seen, text, start, places):
        return True
    if not _ARABIC.match(text[start]):
        return False
    return any(
        text.startswith(prefix, start - len(prefix))
        and _is_border(seen, text, start - len(prefix), places)
        for prefix in _PREFIXES
        if start >= len(prefix)
    )


def _is_border(seen: Seen, text: str, at: int, places: Sequence[int]) -> bool:
    if at <= 0 or at >= len(text) or places[at] in seen.parted:
        return True
    before, after = text[at - 1], text[at]
    if not (_is_letter(before) and _is_letter(after)):
        return True
    return bool(_UNPARTED.match(before) or _UNPARTED.match(after))


def _end_of_word(text: str, at: int) -> int:
    """Where the word ends that goes on at this place, with what a hashtag, an "@name" or a double
    name has after it ("reza_h", "Rezaei-Rad", "Reza'i"). Where no blanks are set nobody can tell:
    there it is the sign alone, with its vowels."""
    return next((end for end in range(at, len(text)) if not _goes_on(text, end)), len(text))


def _goes_on(text: str, at: int) -> bool:
    sign = text[at]
    if unicodedata.category(sign).startswith("M"):
        return True
    if _UNPARTED.match(sign):
        return False
    if sign in _WITHIN_WORDS:
        after = text[at + 1 : at + 2]
        return after.isalnum() and not _UNPARTED.match(after)
    return sign.isalnum() or sign == "_"


def _is_letter(sign: str) -> bool:
    return sign.isalnum() or unicodedata.combining(sign) > 0
