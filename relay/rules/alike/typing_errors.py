"""Whether one word may be another, typed wrongly.

Strict, since a name that is one letter from another is a second story: Iran and Iraq, Zabol and
Babol. A number is never another number. So the first letter stays, and in a short word only a
letter that is doubled, left out or changed with its neighbour is an error; one that is replaced is
one in a long word only.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from relay.rules.alike.words import is_number, is_sign

_SHORTEST: Final = 4
"""Letters of a word that may be typed wrongly."""

_REPLACED_FROM: Final = 6
"""From as many letters one may be replaced."""

_TWICE_FROM: Final = 9
"""From as many letters there may be two errors."""

_ARTICLE: Final = "\u0627\u0644"
"""With which half of the words of Arabic begin."""

_LONGEST: Final = 40
_TONES: Final = str.maketrans("", "", "\u1037\u1038\u103a\u0e48\u0e49\u0e4a\u0e4b\u0e4c")
"""Marks of Burmese and Thai that are left out in haste."""


_HURRIED: Final = str.maketrans("\u06ce\u06c6\u0695\u06b5i", "\u06cc\u0648\u0631\u0644\u0456")
"""Letters of Kurdish and Ukrainian by a keyboard that lacks them."""


@lru_cache(maxsize=1 << 16)
def may_be(one: str, other: str) -> bool:
    """Whether they are one word; the order of the two does not matter."""
    if one == other:
        return True
    if len(one) == len(other) and one.translate(_HURRIED) == other.translate(_HURRIED):
        return True
    if is_number(one) or is_number(other):
        return False
    if is_sign(one) or is_sign(other):
        return one.translate(_TONES) == other.translate(_TONES)
    if one.startswith(_ARTICLE) and other.startswith(_ARTICLE):
        one, other = one[2:], other[2:]
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORTEST or len(long) > _LONGEST or len(long) - len(short) > 2:
        return False
    if one[0] != other[0]:
        return False
    if long.endswith("yor") and long.count("m") > short.count("m"):
        return False  # Turkish says "not" by it
    begin = _common(short, long)
    short, long = short[begin:], long[begin:]
    ended = _common(short[::-1], long[::-1])
    short, long = short[: len(short) - ended], long[: len(long) - ended]
    whole = begin + ended + len(short)
    if whole >= _TWICE_FROM and _is_twice(short, long):
        return True
    return _is_once(short, long, whole)


def _common(one: str, other: str) -> int:
    """With how many equal letters they begin."""
    at = 0
    for at, (first, second) in enumerate(zip(one, other, strict=False)):
        if first != second:
            return at
    return min(len(one), len(other))


def _is_once(short: str, long: str, whole: int) -> bool:
    """One error, in what is left of two words without what they begin and end with alike."""
    if len(long) <= 1:
        return not short or whole >= _REPLACED_FROM
    return len(short) == len(long) == 2 and short == long[::-1]


def _is_twice(short: str, long: str) -> bool:
    """Two errors of which at most one is a letter that is replaced."""
    if len(long) > 4:
        return False
    if len(short) == len(long):
        return len(long) <= 3 and sorted(short) == sorted(long)
    if len(long) - len(short) == 2:
        return _is_within(short, long)
    return any(_is_replaced_once(short, long[:at] + long[at + 1 :]) for at in range(len(long)))


def _is_within(short: str, long: str) -> bool:
    letters = iter(long)
    return all(letter in letters for letter in short)


def _is_replaced_once(one: str, other: str) -> bool:
    return sum(a != b for a, b in zip(one, other, strict=True)) <= 1


_NOT: Final = frozenset("mn\u0646\u0645")
"""Letters that say "not" within a word or before it, in Turkish, Persian and Kurdish."""


@lru_cache(maxsize=1 << 16)
def is_slip(one: str, other: str) -> bool:
    """Whether a letter is left out, doubled or changed with the next, at any place: what
    ``may_be`` does not dare to name of words that others use too."""
    if is_number(one) or is_number(other):
        return False
    short, long = sorted((one, other), key=len)
    if len(long) < _SHORTEST - 1 or len(long) > _LONGEST or len(long) - len(short) > 1:
        return False
    begin = _common(short, long)
    short, long = short[begin:], long[begin:]
    if len(short) == len(long):
        return short[:2] == long[1::-1] and short[2:] == long[2:]
    return short == long[1:] and (long[0] not in _NOT or short[:1] == long[0])


def forget() -> None:
    """Forget the words that were compared."""
    may_be.cache_clear()
    is_slip.cache_clear()
