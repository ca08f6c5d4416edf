"""Windows on a time line: a line for each destination, a bar for each time it is not posted to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from relay.desk.drawing.scale import LEFT, RIGHT, WIDTH, Mark, across, times
from relay.model import Instant

LINE: Final = 30
TOP: Final = 24
LEAST: Final = 3.0
"""The width of a bar that would be too thin to be seen."""

NAMED: Final = 7.0
"""The width that a letter of a name takes; a bar that has not so much room is not named."""

COLOURS: Final = {"hold": "three", "reroute": "one", "page": "two"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One period of a window. ``name`` is empty where there is no room for it."""

    x: float
    y: float
    width: float
    colour: str
    name: str
    now: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A destination and the middle of its line."""

    name: str
    y: float


@dataclass(frozen=True, slots=True)
class TimeLine:
    """All of it. ``now`` is where the present is."""

    width: int
    height: int
    left: int
    right: int
    top: int
    lines: Sequence[Line]
    bars: Sequence[Bar]
    marks: Sequence[Mark]
    now: float


def timeline(
    windows: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    now: Instant,
    begins: Instant,
    ends: Instant,
) -> TimeLine:
    """The windows (as the order ``window`` has them) of these destinations in a time."""
    lines = {name: TOP + LINE * (n + 0.5) for n, name in enumerate(names)}
    bars = [
        _bar(window, period, lines[name], now, begins, ends)
        for window in windows
        if window["state"] in ("now", "coming")
        for period in window["periods"]
        if period[0] < ends and period[1] > begins
        for name in window["destinations"]
        if name in lines
    ]
    return TimeLine(
        WIDTH,
        TOP + LINE * max(1, len(names)) + 4,
        LEFT,
        RIGHT,
        TOP,
        [Line(name, y) for name, y in lines.items()],
        bars,
        times(begins, ends),
        across(now, begins, ends),
    )


def _bar(
    window: Mapping[str, Any],
    period: Sequence[int],
    y: float,
    now: Instant,
    begins: Instant,
    ends: Instant,
) -> Bar:
    first, last = (across(at, begins, ends) for at in period)
    width = round(max(last - first, LEAST), 1)
    name = window["name"] if width > NAMED * len(window["name"]) + 8 else ""
    there = period[0] <= now < period[1]
    return Bar(first, y - 9, width, COLOURS.get(window["do"], "five"), name, there)
