"""What the calendar has to say in alarms: which windows are in force, and which come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from relay.model import Instant
from relay.node.calendar import Calendar, Held
from relay.rules.alarm import Ahead
from relay.rules.windows import Weekly

LOOKED_AHEAD_S: Final = 7 * 86400
"""Seconds; nobody is told earlier."""


def planned(calendar: Calendar | None, destinations: Iterable[str]) -> frozenset[str]:
    """Those for which a window is in force."""
    if calendar is None:
        return frozenset()
    return frozenset(name for name in destinations if calendar.at(name) is not None)


def ahead(calendar: Calendar | None, destinations: Iterable[str]) -> Mapping[str, Sequence[Ahead]]:
    """The windows that come soon, the next one first."""
    if calendar is None:
        return {}
    now = calendar.now
    coming = {name: calendar.coming(name, LOOKED_AHEAD_S) for name in destinations}
    return {name: [_told(one, now) for one in found] for name, found in coming.items() if found}


def _told(one: Held, now: Instant) -> Ahead:
    window, begins = one.window, one.period.begins
    return Ahead(begins - now, window.why, window.to, isinstance(window.times, Weekly), begins)
