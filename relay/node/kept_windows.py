"""Windows that are in no file: added by command, or learned from a platform. They lie in the spool.

Each is a value of the spool's under a name of ours, in JSON. What is damaged there is forgotten,
with a notice, since a window that says something else than was meant holds what nobody wants held.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from relay.errors import Damaged, SpoolFull
from relay.ports import Spool
from relay.rules.windows import Once, Weekly, Window

Kind = Literal["command", "learned"]

_PREFIXES: Final[Mapping[Kind, str]] = {"command": "window ", "learned": "learned "}

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
            for kind, prefix in _PREFIXES.items():
                if key.startswith(prefix):
                    await self._take_up(kind, key, value)

    async def _take_up(self, kind: Kind, key: str, value: bytes) -> None:
        try:
            window = read_window(value)
        except Damaged:
            self.notices.append(DAMAGED)
            with contextlib.suppress(SpoolFull):  # then it is told again the next time
                await self._spool.remember(key, b"")
        else:
            self._of[kind][window.name] = window

    def of(self, kind: Kind) -> Mapping[str, Window]:
        """The windows of a kind, by their names."""
        return self._of[kind]

    async def keep(self, window: Window) -> None:
        """Keep a window, in place of one of its name. Raises SpoolFull: then one that was learned
        is there for as long as this process, and one that was added is not."""
        kind: Kind = "learned" if window.learned else "command"
        if window.learned:
            self._of[kind][window.name] = window
        await self._spool.remember(_PREFIXES[kind] + window.name, written_window(window))
        self._of[kind][window.name] = window

    async def forget(self, window: Window) -> None:
        """Keep a window no longer; what is not kept is no mistake. Raises SpoolFull: then one that
        was learned is gone for as long as this process, and one that was added is still there."""
        kind: Kind = "learned" if window.learned else "command"
        if window.learned:
            self._of[kind].pop(window.name, None)
        await self._spool.remember(_PREFIXES[kind] + window.name, b"")
        self._of[kind].pop(window.name, None)


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
        if kept["do"] not in ("hold", "reroute", "page") or (
            kept["first"] not in ("oldest", "newest")
        ):
            raise Damaged
        return Window(
            str(kept["name"]),
            tuple(map(str, kept["destinations"])),
            _times(kept),
            kept["do"],
            str(kept["to"]),
            str(kept["why"]),
            kept["first"],
            float(kept["every_s"]),
            bool(kept["learned"]),
        )
    except (ValueError, TypeError, KeyError, OSError, RecursionError):
        raise Damaged from None


def _times(kept: Mapping[str, Any]) -> Once | Weekly:
    if "once" in kept:
        begins, ends = kept["once"]
        return Once(int(begins), int(ends), str(kept["zone"]))
    begins, ends, days, lasts_s = kept["weekly"]
    zone = ZoneInfo(kept["zone"])  # ZoneInfoNotFoundError is a KeyError
    return Weekly(int(begins), int(ends), frozenset(map(int, days)), zone, int(lasts_s))
