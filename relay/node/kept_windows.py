"""Windows that are in no file: added by command, or learned from a platform. They lie in the spool.

Each is a value of the spool's under a name of ours, in JSON. What is damaged there is forgotten,
with a notice, since a window that says something else than was meant holds what nobody wants held.
What no operator could have written is damaged: the rules are not made for it.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args
from zoneinfo import ZoneInfo

from relay.config.values import NAME
from relay.errors import Damaged, SpoolFull
from relay.model import Instant
from relay.ports import First, Spool
from relay.rules.windows import DAY, DAY_S, WEEK, Do, Once, Weekly, Window

Kind = Literal["command", "learned"]

_PREFIXES: Final[Mapping[Kind, str]] = {"command": "window ", "learned": "learned "}

MOST_INSTANT: Final[Instant] = 10**10
"""In the year 2286: what is later is no instant that clocks of ours can show."""

DAMAGED = "a window that was kept is damaged and is forgotten: see `relay window list`"


class KeptWindows:
    """The windows that the spool remembers: ``added`` by their names, ``learned`` by those of their
    destinations, which are their names as well."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self.notices: list[str] = []
        self._of: dict[Kind, dict[str, Window]] = {"command": {}, "learned": {}}

    async def load(self) -> None:
        """Take up what was kept before."""
        for key, value in (await self._spool.remembered()).items():
            if key.startswith(tuple(_PREFIXES.values())):
                await self._take_up(key, value)

    async def _take_up(self, key: str, value: bytes) -> None:
        try:
            window = read_window(value)
            if _key(window) != key:
                raise Damaged
        except Damaged:
            self.notices.append(DAMAGED)
            with contextlib.suppress(SpoolFull):  # then it is told again the next time
                await self._spool.remember(key, b"")
        else:
            self._of[_kind(window)][window.name] = window

    def of(self, kind: Kind) -> Mapping[str, Window]:
        """The windows of a kind, by their names."""
        return self._of[kind]

    async def keep(self, window: Window) -> None:
        """Keep a window, in place of one of its name. Raises SpoolFull: then one that was learned
        is there for as long as this process, and one that was added is not."""
        kind = _kind(window)
        if window.learned:
            self._of[kind][window.name] = window
        await self._spool.remember(_key(window), written_window(window))
        self._of[kind][window.name] = window

    async def forget(self, window: Window) -> None:
        """Keep a window no longer; what is not kept is no mistake. Raises SpoolFull: then one that
        was learned is gone for as long as this process, and one that was added is still there."""
        kind = _kind(window)
        if window.learned:
            self._of[kind].pop(window.name, None)
        await self._spool.remember(_key(window), b"")
        self._of[kind].pop(window.name, None)


def _kind(window: Window) -> Kind:
    return "learned" if window.learned else "command"


def _key(window: Window) -> str:
    return _PREFIXES[_kind(window)] + window.name


def written_window(window: Window) -> bytes:
    """A window in bytes."""
    times = window.times
    when: dict[str, Any]
    if isinstance(times, Once):
        when = {"once": [times.begins, times.ends], "zone": times.zone}
    else:
        of_a_day = [times.begins, times.ends, sorted(times.days), times.lasts_s]
        when = {"weekly": of_a_day, "zone": times.zone.key}
    return json.dumps(
        {
            "name": window.name,
            "destinations": window.destinations,
            **when,
            "do": window.do,
            "to": window.to,
            "why": window.why,
            "first": window.first,
            "every_s": window.every_s,
            "learned": window.learned,
        }
    ).encode()


def read_window(value: bytes) -> Window:
    """What ``written_window`` wrote. Raises Damaged."""
    try:
        kept = json.loads(value)
        window = Window(
            _text(kept["name"]),
            tuple(map(_text, kept["destinations"])),
            _times(kept),
            kept["do"],
            _text(kept["to"]),
            _text(kept["why"]),
            kept["first"],
            float(kept["every_s"]),
            kept["learned"] is True,
        )
    except (ValueError, TypeError, KeyError, OSError, OverflowError, RecursionError):
        raise Damaged from None
    if not (_is_sound(window) and isinstance(kept["destinations"], list)):
        raise Damaged
    return window


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _shown_by(zone: str) -> str:
    """By whose clocks a single period is shown: where this machine does not know the zone any more
    it is the same period all the same."""
    try:
        return ZoneInfo(zone).key
    except (KeyError, ValueError, OSError):
        return "UTC"


def _is_sound(window: Window) -> bool:
    """Whether its values are such as an operator or a platform can have given."""
    return (
        window.do in get_args(Do)
        and window.first in get_args(First)
        and all(map(NAME.fullmatch, (window.name, *window.destinations)))
        and bool(window.destinations)
        and bool(window.to) == (window.do != "hold")
        and math.isfinite(window.every_s)
        and window.every_s >= 0
        and _is_a_time(window.times)
    )


def _is_a_time(times: Once | Weekly) -> bool:
    if isinstance(times, Once):
        return 0 <= times.begins <= MOST_INSTANT and 0 <= times.ends <= MOST_INSTANT
    day, week = range(DAY), range(WEEK)
    return (
        times.begins in day
        and times.ends in day
        and times.days <= set(week)
        and 0 <= times.lasts_s <= WEEK * DAY_S
    )


def _times(kept: Mapping[str, Any]) -> Once | Weekly:
    if "once" in kept:
        begins, ends = kept["once"]
        return Once(int(begins), int(ends), _shown_by(kept["zone"]))
    begins, ends, days, lasts_s = kept["weekly"]
    zone = ZoneInfo(kept["zone"])  # ZoneInfoNotFoundError is a KeyError
    return Weekly(int(begins), int(ends), frozenset(map(int, days)), zone, int(lasts_s))
