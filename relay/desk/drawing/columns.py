"""How much came or went, hour by hour: a column for each, in parts where there are several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from relay.desk.drawing.scale import LEFT, RIGHT, WIDTH, Mark, across, nice, times
from relay.model import Instant

HEIGHT: Final = 190
TOP: Final = 12
BOTTOM: Final = 160

COLOURS: Final = ("one", "two", "three", "four", "five")
OTHERS: Final = "others"
"""What is no colour of its own any more."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An hour, or several, and what was counted in it by name; None: the node did not run."""

    begins: Instant
    ends: Instant
    counts: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a column; ``colour`` empty: nothing is known of that time."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Columns:
    """All of it; ``names`` are those that have a colour, in its order."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    names: Sequence[tuple[str, str]]
    parts: Sequence[Part]
    marks: Sequence[Mark]
    levels: Sequence[Mark]


def columns(slots: Sequence[Slot], begins: Instant, ends: Instant) -> Columns:
    """Columns of a time."""
    names = _names(slots)
    most = nice(max([1, *(sum((one.counts or {}).values()) for one in slots)]))
    return Columns(
        WIDTH,
        HEIGHT,
        LEFT,
        RIGHT,
        TOP,
        BOTTOM,
        list(zip(names, COLOURS, strict=False)),
        [part for slot in slots for part in _parts(slot, names, most, begins, ends)],
        times(begins, ends),
        [Mark(BOTTOM - (BOTTOM - TOP) * n / most, str(n)) for n in _levels(most)],
    )


def _levels(most: int) -> Sequence[int]:
    return (0, most) if most < 2 else (0, most // 2, most)


def _names(slots: Sequence[Slot]) -> list[str]:
    """The names that came most, and one for all others."""
    total: Counter[str] = Counter()
    for slot in slots:
        total.update(slot.counts or {})
    found = [name for name, n in total.most_common() if n]
    if len(found) > len(COLOURS):
        return [*sorted(found[: len(COLOURS) - 1]), OTHERS]
    return sorted(found)


def _parts(
    slot: Slot, names: Sequence[str], most: int, begins: Instant, ends: Instant
) -> list[Part]:
    left, right = across(slot.begins, begins, ends), across(slot.ends, begins, ends)
    width = round(max(right - left - 1, 0.5), 1)
    if slot.counts is None:
        return [Part(left, TOP, width, BOTTOM - TOP, "")]
    parts, y = [], float(BOTTOM)
    for name, colour in zip(names, COLOURS, strict=False):
        count = slot.counts.get(name, 0)
        if name == OTHERS:
            count = sum(n for one, n in slot.counts.items() if one not in names or one == OTHERS)
        height = round((BOTTOM - TOP) * count / most, 1)
        if height:
            y -= height
            parts.append(Part(left, round(y, 1), width, height, colour))
    return parts
