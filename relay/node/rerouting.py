"""What is for a destination goes elsewhere while a window says so, each when its turn comes.

What cannot go waits here for the end of the window: of that something is public or in doubt, or the
other place has given it away itself (``relay.exit.elsewhere``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection

import trio

from relay.errors import SpoolFull
from relay.exit.elsewhere import MAY_GO, Elsewhere, Move
from relay.model import Queue, Row, Sent
from relay.node.brake import Brake
from relay.node.calendar import Calendar
from relay.ports import Clock, Spool

LOOK_S = 5.0
"""Seconds between two looks at what waits."""

REST = 20.0
"""Times as long as a look took that follows: of a long queue it takes a twentieth of the time."""


class Rerouting:
    """Watches the destinations of one exit."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        calendar: Calendar,
        brake: Brake,
        elsewhere: Elsewhere,
        destinations: Collection[str],
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._calendar = calendar
        self._brake = brake
        self._elsewhere = elsewhere
        self._destinations = destinations

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            began = trio.current_time()
            goes = self._goes()
            if goes:
                with contextlib.suppress(SpoolFull):  # there may be room the next time
                    await self._look(goes)
            took_s = trio.current_time() - began
            await trio.sleep(max(LOOK_S, REST * took_s))

    def _goes(self) -> dict[str, tuple[str, str]]:
        """Where what is for a destination goes now, and why."""
        found = {}
        for name in self._destinations:
            held = self._calendar.at(name)
            if held is not None and held.window.do != "hold" and not self._brake.stops(name):
                found[name] = held.window.to or "page", held.window.why
        return found

    async def _look(self, goes: dict[str, tuple[str, str]]) -> None:
        after, now = 0, self._clock.now()
        while rows := await self._spool.look(queue=Queue.POST, after=after):
            after = rows[-1].seq
            turn = [row for row in rows if row.name in goes and _is_its_turn(row, now)]
            turn = [row for row in turn if not await self._brake.holds(row)]
            turn.sort(key=lambda row: (row.due or 0, row.root))
            await self._elsewhere.all_instead([Move(row, *goes[row.name]) for row in turn])


def _is_its_turn(row: Row, now: int) -> bool:
    if row.state == Sent.STOPPED:
        return True
    return row.state in MAY_GO and row.due is not None and row.due <= now
