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


@lru_cache(maxsize=1 << 16)
def may_be(one: str, other: str) -> bool:
    """Whether they are one word; the order of the two does not matter."""
    if one == other:
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


@lru_cache(maxsize=1 << 16)
def looks_like(one: str, other: str) -> bool:
    """Whether they are near enough that one may be the other by an error that ``may_be`` does not
    dare to name."""
    if is_number(one) or is_number(other) or is_sign(one) or is_sign(other):
        return False
    longer = max(len(one), len(other))
    most = 1 if longer <= 4 else 2
    if longer > _LONGEST or abs(len(one) - len(other)) > most:
        return False
    return _errors(one, other) <= most


def forget() -> None:
    """Forget the words that were compared."""
    may_be.cache_clear()
    looks_like.cache_clear()


def _errors(one: str, other: str) -> int:
    """Letters that are replaced, left out, added, or changed with the next (optimal string
    alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, there in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
