"""How the board shows a window, and what follows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from relay.model import HOUR, Instant, Place, Queue, Row, Sent, hour_of
from relay.node.calendar import Held
from relay.rules.bidi import apart
from relay.rules.releasing import Release
from relay.rules.windows import Once, Window

PLANNED = "planned"
"""The state of a destination for which a window is in force."""

_WAITS = (Sent.WAITING, Sent.PREPARED, Sent.UNSURE, Sent.STOPPED)

_DAY_S = 20 * HOUR
"""Seconds from which on a time of day alone would not say which day."""


def in_window(place: Place, held: Held, release: Release | None, due: int, now: Instant) -> Place:
    """A place while a window is in force, where ``due`` would go out now. One that needs its
    operator says so first: a window does not mend it."""
    if place.state == "login":
        return place
    window = held.window
    said = f"{apart(window.why)}, until {_until(held.period.ends, window, now)}"
    if window.do != "hold":
        said += f"; goes to {window.to}" + (f", {due} cannot" if due else "")
    elif due:
        order, pace_s = window.first, window.every_s
        if release is not None:
            order, pace_s = release.first, release.pace_s
        said += f"; then {due}, {order} first{_rate(pace_s)}"
    return replace(place, state=PLANNED, since=hour_of(held.period.begins), why=said)


def waits(row: Row, held: Held, now: Instant) -> str:
    """Why a delivery waits while a window is in force, with what there was to say of it before; as
    it was where the window has nothing to do with it."""
    if row.queue != Queue.POST or row.state not in _WAITS:
        return row.why
    window = held.window
    does = f"; goes to {window.to}" if window.do != "hold" else ""
    until = _until(held.period.ends, window, now)
    said = f"{PLANNED}: {apart(window.why)}, until {until}{does}"
    return "; ".join(filter(None, (said, row.why)))


def releasing(place: Place, due: int) -> Place:
    """A place while what a window held goes out."""
    if place.state != "works" or not due:
        return place
    return replace(place, why="; ".join(filter(None, (place.why, f"releasing: {due} left"))))


def _until(ends: Instant, window: Window, now: Instant) -> str:
    """The end as clocks show it where the window was written, and as UTC."""
    times = window.times
    zone = ZoneInfo(times.zone) if isinstance(times, Once) else times.zone
    there, utc = (datetime.fromtimestamp(ends, one) for one in (zone, UTC))
    form = "%Y-%m-%d %H:%M" if ends - now > _DAY_S else "%H:%M"
    if there.utcoffset() == utc.utcoffset():
        return f"{utc:{form}} UTC"
    offset = f"{there:%z}"
    return f"{there:{form}} {offset[:3]}:{offset[3:5]} ({utc:{form}} UTC)"


def _rate(pace_s: float) -> str:
    if pace_s <= 0:
        return ""
    length_s, unit = (HOUR, "h") if pace_s <= HOUR else (24 * HOUR, "d")
    return f", {round(length_s / pace_s, 1):g}/{unit}"
