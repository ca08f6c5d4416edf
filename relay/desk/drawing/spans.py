"""How long it took, hour by hour: from the time in which half was done to that for nearly all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relay.desk.drawing.scale import LEFT, RIGHT, WIDTH, Mark, across, times
from relay.model import Instant

HEIGHT: Final = 220
TOP: Final = 12
BOTTOM: Final = 190

HALF: Final = 0.5
NEARLY_ALL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Took:
    """An hour, or several, and how many took how long, by steps."""

    begins: Instant
    ends: Instant
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Span:
    """``y`` is that of half, ``high`` that of nearly all."""

    x: float
    width: float
    y: float
    high: float


@dataclass(frozen=True, slots=True)
class Spans:
    """All of it; ``levels`` are the upper ends of the steps, and at the top what took longer."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    spans: Sequence[Span]
    marks: Sequence[Mark]
    levels: Sequence[Mark]


def spans(took: Sequence[Took], steps: Sequence[float], begins: Instant, ends: Instant) -> Spans:
    """What took how long in a time."""
    heights = [_height(n, len(steps)) for n in range(len(steps) + 1)]
    return Spans(
        WIDTH,
        HEIGHT,
        LEFT,
        RIGHT,
        TOP,
        BOTTOM,
        [_span(one, heights, begins, ends) for one in took if sum(one.counts)],
        times(begins, ends),
        [Mark(y, label) for y, label in zip(heights, [*map(length, steps), ">"], strict=True)],
    )


def _height(level: int, last: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * (level + 0.5) / (last + 1), 1)


def _span(one: Took, heights: Sequence[float], begins: Instant, ends: Instant) -> Span:
    left, right = across(one.begins, begins, ends), across(one.ends, begins, ends)
    width = round(max(right - left - 2, 1.5), 1)
    half, most = level_of(one.counts, HALF), level_of(one.counts, NEARLY_ALL)
    return Span(left, width, heights[half], heights[most])


def level_of(counts: Sequence[int], share: float) -> int:
    """In which step this share of them was done."""
    needed, so_far = share * sum(counts), 0
    for level, count in enumerate(counts):
        so_far += count
        if so_far >= needed:
            return level
    return len(counts) - 1


def within(counts: Sequence[int], steps: Sequence[float], share: float) -> str:
    """By what time this share was done, for people; empty where there was nothing."""
    if not sum(counts):
        return ""
    level = level_of(counts, share)
    return length(steps[level]) if level < len(steps) else f"> {length(steps[-1])}"


def length(seconds: float) -> str:
    """A length of time in its unit."""
    if seconds < 1:
        return f"{seconds * 1000:g} ms"
    if seconds < 60:
        return f"{seconds:g} s"
    if seconds < 3600:
        return f"{seconds / 60:g} min"
    return f"{seconds / 3600:g} h" if seconds < 86400 else f"{seconds / 86400:g} d"
