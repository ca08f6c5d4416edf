"""What the calendar has to say in alarms: which windows are in force, and which come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from relay.node.calendar import Calendar
from relay.rules.alarm import Ahead
from relay.rules.windows import Weekly

LOOKED_AHEAD_S: Final = 7 * 86400
"""Seconds; nobody is told earlier."""


def planned(calendar: Calendar | None, destinations: Iterable[str]) -> frozenset[str]:
    """Those for which a window is in force."""
    if calendar is None:
        return frozenset()
    return frozenset(name for name in destinations if calendar.at(name) is not None)


def ahead(calendar: Calendar | None, destinations: Iterable[str]) -> Mapping[str, Ahead]:
    """The next window of each that has one soon."""
    if calendar is None:
        return {}
    now = calendar.now
    coming = {name: calendar.coming(name, LOOKED_AHEAD_S) for name in destinations}
    return {
        name: Ahead(
            one.period.begins - now,
            one.window.why,
            one.window.to,
            isinstance(one.window.times, Weekly),
        )
        for name, one in coming.items()
        if one is not None
    }
