"""How the board shows a window, and what follows it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from relay.model import HOUR, Instant, Place, Queue, Row, Sent, hour_of
from relay.node.calendar import Held
from relay.ports import First
from relay.rules.bidi import apart
from relay.rules.releasing import Release
from relay.rules.windows import Once, Window

PLANNED = "planned"
"""The state of a destination for which a window is in force."""

_WAITS = (Sent.WAITING, Sent.PREPARED, Sent.UNSURE, Sent.STOPPED)

_DAY_S = 20 * HOUR
"""Seconds from which on a time of day alone would not say which day."""

_SOON_S = 60
"""Seconds of which nobody needs to be told that they are waited for."""

_UNITS = ((HOUR, "h"), (60, "m"), (24 * HOUR, "d"))
"""Seconds in which a rate is said, the first of them that suits it."""

_LARGE = 10_000
"""From so many on a rate is easier to read in a shorter time."""


def in_window(place: Place, held: Held, release: Release | None, due: int, now: Instant) -> Place:
    """A place while a window is in force, where ``due`` would go out now. One that needs its
    operator says so first: a window does not mend it."""
    if place.state == "login":
        return place
    window = held.window
    said = f"{_reason(window)}, until {_until(held.period.ends, window, now)}"
    if window.do != "hold":
        said += f"; goes to {window.to}" + (f", {due} cannot" if due else "")
    elif due:
        order, pace_s = window.first, window.every_s
        if release is not None:
            order, pace_s = release.first, release.pace_s
        said += f"; then {due}, {_how(order, pace_s)}"
    return replace(place, state=PLANNED, since=hour_of(held.period.begins), why=said)


def waits(row: Row, held: Held, now: Instant) -> str:
    """Why a delivery waits while a window is in force, with what there was to say of it before; as
    it was where the window has nothing to do with it."""
    if row.queue != Queue.POST or row.state not in _WAITS:
        return row.why
    window = held.window
    does = f"; goes to {window.to}" if window.do != "hold" else ""
    until = _until(held.period.ends, window, now)
    said = f"{PLANNED}: {_reason(window)}, until {until}{does}"
    return "; ".join(filter(None, (said, row.why)))


def releasing(place: Place, release: Release, due: int, wait_s: float, now: Instant) -> Place:
    """A place while what a window held goes out, where the next may begin in ``wait_s`` seconds."""
    if place.state != "works" or not due:
        return place
    said = f"releasing: {due} left, {_how(release.first, release.pace_s)}"
    if wait_s >= _SOON_S:
        at = now + math.ceil(wait_s)
        said += f", the next at {datetime.fromtimestamp(at, UTC):{_form(at, now)}} UTC"
    return replace(place, why="; ".join(filter(None, (place.why, said))))


def _reason(window: Window) -> str:
    """Why, and the name by which the window is taken away; what a platform has named itself has
    that of its destination."""
    if window.learned:
        return apart(window.why)
    return window.name if window.why == PLANNED else f"{apart(window.why)} ({window.name})"


def _until(ends: Instant, window: Window, now: Instant) -> str:
    """The end as clocks show it where the window was written, and as UTC."""
    times = window.times
    zone = ZoneInfo(times.zone) if isinstance(times, Once) else times.zone
    there, utc = (datetime.fromtimestamp(ends, one) for one in (zone, UTC))
    form = _form(ends, now)
    if there.utcoffset() == utc.utcoffset():
        return f"{utc:{form}} UTC"
    offset = f"{there:%z}"
    return f"{there:{form}} {offset[:3]}:{offset[3:5]} ({utc:{form}} UTC)"


def _form(at: Instant, now: Instant) -> str:
    return "%Y-%m-%d %H:%M" if at - now > _DAY_S else "%H:%M"


def _how(order: First, pace_s: float) -> str:
    """In which order, and how fast."""
    return f"{order} first" + (f", {_rate(pace_s)}" if pace_s > 0 else "")


def _rate(pace_s: float) -> str:
    """A pace as people write it: in a unit of time in which it is a whole number, and no large one
    where there is another."""
    rates = [(length_s / pace_s, unit) for length_s, unit in _UNITS]
    whole = [(n, unit) for n, unit in rates if n > 0.5 and math.isclose(n, round(n))]
    small = [(n, unit) for n, unit in whole if n < _LARGE]
    if whole:
        n, unit = small[0] if small else min(whole)
        return f"{round(n)}/{unit}"
    n, unit = rates[0] if pace_s <= HOUR else rates[-1]
    return f"{n:.1f}/{unit}"
