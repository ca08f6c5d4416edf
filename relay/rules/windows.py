"""Windows: planned times in which a destination is not posted to as always. Exact in every zone.

A beginning that clocks pass over is at the first moment after, one that they show twice at the
first; an end that they show twice is at the second. So no window is cut short by a change of the
clocks. Zones are given to us, from the IANA data base: nothing here reads a file or asks a clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile
from typing import Final, Literal
from zoneinfo import ZoneInfo

from relay.model import Instant
from relay.ports import First
from relay.rules.walltime import first, last, on, shown

Do = Literal["hold", "reroute", "page"]

DAY_S: Final = 86400
DAY: Final = 1440
"""Minutes."""

WEEK: Final = 7

MOST_DAYS: Final = 3 * WEEK
"""How far a period is looked for: one of them may be empty, where clocks pass over all of it."""


@dataclass(frozen=True, slots=True)
class Once:
    """One period, half-open. ``zone`` is the name of the zone it was written in, to show it."""

    begins: Instant
    ends: Instant
    zone: str


@dataclass(frozen=True, slots=True)
class Weekly:
    """A period on each of these days of the week (0 is Monday; none named: every day). Minutes of
    the day; an end that is not after the beginning is on the next day. With ``lasts_s`` it lasts
    so many seconds instead, whatever the clocks show."""

    begins: int
    ends: int
    days: frozenset[int]
    zone: ZoneInfo
    lasts_s: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """When destinations are held, or what is for them goes to another. ``every_s``: at least so
    many seconds lie between what is released afterwards. ``learned``: a platform said so itself."""

    name: str
    destinations: tuple[str, ...]
    times: Once | Weekly
    do: Do = "hold"
    to: str = ""
    why: str = "planned"
    first: First = "oldest"
    every_s: float = 0.0
    learned: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """From ``begins`` on, and not at ``ends`` any more."""

    begins: Instant
    ends: Instant


def period_at(window: Window, now: Instant) -> Period | None:
    """The period of a window in which this instant lies; of several the one that ends last."""
    begun = takewhile(lambda one: one.begins <= now, _around(window.times, now))
    lasting = (one for one in begun if now < one.ends)
    return max(lasting, key=lambda one: (one.ends, -one.begins), default=None)


def next_period(window: Window, now: Instant) -> Period | None:
    """The first period of a window that begins after this instant; None if there is none."""
    return next((one for one in _around(window.times, now) if one.begins > now), None)


def last_period(window: Window, now: Instant) -> Period | None:
    """The period of a window that ended last, by this instant; None if there is none."""
    over = (one for one in _around(window.times, now, MOST_DAYS) if one.ends <= now)
    return max(over, key=lambda one: one.ends, default=None)


def overlaps_itself(times: Weekly) -> bool:
    """Whether it is longer than from one of its days to the next: it would never be over."""
    days = sorted(times.days or range(WEEK))
    follow = zip(days, (*days[1:], days[0]), strict=True)
    gaps = [(then - day) % WEEK or WEEK for day, then in follow]
    return _longest_s(times) >= min(gaps) * DAY_S


def _longest_s(times: Weekly) -> int:
    return times.lasts_s or ((times.ends - times.begins) % DAY or DAY) * 60


def _around(times: Once | Weekly, now: Instant, back: int = 2) -> Iterator[Period]:
    """Periods that may contain this instant, then those that follow it, in order; also those that
    began up to so many days ``back``."""
    if isinstance(times, Once):
        if times.begins < times.ends:
            yield Period(times.begins, times.ends)
        return
    today = shown(now, times.zone).date()
    for days in range(-back - times.lasts_s // DAY_S, MOST_DAYS + 1):
        day = today + timedelta(days=days)
        if not times.days or day.weekday() in times.days:
            period = _of_day(times, day)
            if period.begins < period.ends:
                yield period


def _of_day(times: Weekly, day: date) -> Period:
    """The period that begins on this day; empty where clocks pass over all of it."""
    begins = first(on(day, times.begins), times.zone)
    if times.lasts_s:
        return Period(begins, begins + times.lasts_s)
    ends = times.ends if times.ends > times.begins else times.ends + DAY
    return Period(begins, last(on(day, ends), times.zone))
