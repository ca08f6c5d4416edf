"""Dates that are written as eight digits: a hashtag of a day, or somebody's birthday. No code.

Day, month and year in any order that people use, in the calendars of those we hear: Gregorian,
Persian (1300 to 1499) and Islamic (the same years, of a shorter kind).
"""

from __future__ import annotations

from typing import Final

_DIGITS: Final = 8
_YEARS: Final = (range(1300, 1500), range(1900, 2100))
_OF_NOW: Final = (range(2015, 2035), range(1394, 1414), range(1437, 1457))
"""The same twenty years in each calendar: a day in them is in the news, and nobody who writes to us
was born on it."""


def is_date(code: str) -> bool:
    """Whether a code (digits in ASCII) may be read as a day."""
    return any(year in years for year in _years(code) for years in _YEARS)


def is_of_now(code: str) -> bool:
    """Whether it may be read as a day that is talked about now, and hardly as a birthday."""
    return any(year in years for year in _years(code) for years in _OF_NOW)


def _years(code: str) -> list[int]:
    """The years of the days as which eight digits may be read."""
    if len(code) != _DIGITS or not (code.isascii() and code.isdecimal()):
        return []
    read = (
        (code[:4], code[4:6], code[6:]),
        (code[4:], code[2:4], code[:2]),
        (code[4:], code[:2], code[2:4]),
    )
    return [int(y) for y, month, day in read if 1 <= int(month) <= 12 and 1 <= int(day) <= 31]
