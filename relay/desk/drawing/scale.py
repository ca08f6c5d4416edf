"""Marks on an axis: of numbers, and of times by UTC."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relay.model import HOUR, Instant

DAY: Final = 24 * HOUR

WIDTH: Final = 960
LEFT: Final = 90
"""Where a drawing begins, with room for what stands beside it (of a viewBox, no pixels)."""

RIGHT: Final = 950

MOST_MARKS: Final = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis, and what stands there."""

    at: float
    label: str


def across(at: float, begins: float, ends: float) -> float:
    """Where something lies between both sides; what is outside lies at a side."""
    share = (at - begins) / (ends - begins) if ends > begins else 0.0
    return round(LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0), 1)


def times(begins: Instant, ends: Instant) -> list[Mark]:
    """Whole hours, or days, as many as can be read."""
    step = next(one * HOUR for one in (1, 2, 3, 6, 12, 24, 48, 120) if _fits(one, begins, ends))
    first = -(-begins // step) * step
    return [Mark(across(at, begins, ends), _shown(at, step)) for at in range(first, ends + 1, step)]


def _fits(hours: int, begins: Instant, ends: Instant) -> bool:
    return (ends - begins) / (hours * HOUR) <= MOST_MARKS or hours == 120


def _shown(at: Instant, step: int) -> str:
    day = step >= DAY or at % DAY == 0
    return time.strftime("%m-%d" if day else "%H:%M", time.gmtime(at))


def nice(most: int) -> int:
    """The next number that people count by: 1, 2, 5, 10, 20, 50, ..."""
    return next(one for one in _counted_by() if one >= most)


def _counted_by() -> Iterator[int]:
    ten = 1
    while True:
        yield from (ten, 2 * ten, 5 * ten)
        ten *= 10
