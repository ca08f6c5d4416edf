"""Letters that only look like others: a word of one script with some of another in it.

"аpple.com" with a Cyrillic first letter leads elsewhere, and a text in which one letter in a
thousand was exchanged tells its maker which copy it was. Only within one word: who writes Persian
and English in one sentence is honest, and so is who declines a foreign word ("SMSки"): an exchanged
letter is one whose every fellow of its script in the word looks like a letter of the other.

The pairs are those of Unicode's confusables (UTS #39, section 4) that are letters of the Russian,
Belarusian, Ukrainian or Greek alphabet, or of its oldest known imitations, and look the same in
common fonts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_CYRILLIC: Final = {
    "А": "A", "В": "B", "Е": "E", "К": "K", "М": "M", "Н": "H", "О": "O", "Р": "P", "С": "C",
    "Т": "T", "Х": "X", "У": "Y", "І": "I", "Ј": "J", "Ѕ": "S", "а": "a", "е": "e", "о": "o",
    "р": "p", "с": "c", "х": "x", "у": "y", "і": "i", "ј": "j", "ѕ": "s", "һ": "h", "ԁ": "d",
    "ԛ": "q", "ԝ": "w", "ӏ": "l", "Ӏ": "I", "ѵ": "v", "ɡ": "g", "ү": "y", "Ү": "Y", "ё": "ë",
}  # fmt: skip
_GREEK: Final = {
    "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N",
    "Ο": "O", "Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X", "ο": "o", "ν": "v", "ι": "i", "ρ": "p",
    "α": "a", "υ": "u", "κ": "k",
}  # fmt: skip
_LATIN: Final = {
    latin: other for other, latin in _CYRILLIC.items() if other in "АВЕКМНОРСТХУІаеорсхуі"
}
_TO_LATIN: Final = str.maketrans({**_CYRILLIC, **_GREEK})

_WORD: Final = re.compile(r"[^\W\d_]+")
_IS_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")
_IS_OTHER: Final = re.compile("[\u0370-\u03ff\u0400-\u052f\u0261]")
_MIXED: Final = re.compile(
    "[A-Za-z\u00c0-\u024f][\u0261\u0370-\u03ff\u0400-\u052f]"
    "|[\u0261\u0370-\u03ff\u0400-\u052f][A-Za-z\u00c0-\u024f]"
)


def skeleton(word: str) -> str:
    """The word with Latin letters for those of Cyrillic and Greek that look like them, small."""
    return word.translate(_TO_LATIN).lower()


def imitates(word: str) -> bool:
    """Whether a word has letters of another script that only look like its own."""
    latin = [sign for sign in word if _IS_LATIN.match(sign)]
    other = [sign for sign in word if _IS_OTHER.match(sign)]
    if not latin or not other:
        return False
    return all(ord(sign) in _TO_LATIN for sign in other) or all(sign in _LATIN for sign in latin)


def imitating(text: str) -> Iterator[tuple[int, int]]:
    """Where such words stand: from, and up to but without."""
    if _MIXED.search(text) is None:
        return
    for found in _WORD.finditer(text):
        if imitates(found[0]):
            yield found.span()


def is_all_alike(label: str) -> bool:
    """Whether a name without a Latin letter could be read as one of Latin letters alone."""
    letters = [sign for sign in label if sign.isalpha()]
    return bool(letters) and all(ord(sign) in _TO_LATIN for sign in letters)
