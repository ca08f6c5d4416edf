"""What is for a destination goes elsewhere while a window says so, each when its turn comes.

What cannot go waits here for the end of the window: of that something is public or in doubt, or the
other place has given it away itself (``relay.exit.elsewhere``). Nothing comes back, so nothing goes
to a place that cannot post now, and one goes ahead of many (``relay.node.scouts``).
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Sequence

import trio

from relay.errors import SpoolFull
from relay.exit.elsewhere import MAY_GO, Elsewhere, Move
from relay.model import Queue, Row, Sent
from relay.node.brake import Brake
from relay.node.calendar import Calendar
from relay.node.scouts import Scouts
from relay.ports import Clock, Spool
from relay.rules.state import GOING

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
        scouts: Scouts,
        destinations: Collection[str],
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._calendar = calendar
        self._brake = brake
        self._elsewhere = elsewhere
        self._scouts = scouts
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
        waiting: Counter[str] = Counter()
        while rows := await self._spool.look(queue=Queue.POST, after=after):
            after = rows[-1].seq
            waiting.update(row.name for row in rows if row.state in GOING)
            turn = [row for row in rows if row.name in goes and _is_its_turn(row, now)]
            turn = [row for row in turn if not await self._brake.holds(row)]
            turn.sort(key=lambda row: (row.due or 0, row.root))
            for to in {goes[row.name][0] for row in turn}:
                moves = [Move(row, *goes[row.name]) for row in turn]
                await self._move(to, [move for move in moves if move.to == to])
        self._scouts.sees(waiting)

    async def _move(self, to: str, moves: Sequence[Move]) -> None:
        """All of them, where it is proved that things go out there; else the first that can."""
        for at, move in enumerate(moves):
            if not self._may_go(to):
                return
            if self._scouts.is_proved(to):
                await self._elsewhere.all_instead(moves[at:])
                return
            if await self._elsewhere.all_instead([move]):
                self._scouts.goes(to)

    def _may_go(self, to: str) -> bool:
        return self._scouts.may_go(to) and not self._brake.stops(to)


def _is_its_turn(row: Row, now: int) -> bool:
    if row.state == Sent.STOPPED:
        return True
    return row.state in MAY_GO and row.due is not None and row.due <= now
