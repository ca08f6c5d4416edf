"""How long segments wait for the others: half an hour by our own timer, not by what lies on a disk.

A due time of half an hour after the arrival would tell the second in which somebody sent an SMS,
and with a telephone company's log who it was. So at rest a segment is due at a time that its hour
tells already, and the half hour is counted in memory: when it is over, the row becomes due at once.
A process that is started anew counts from its start, and no segment waits past the time at rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import trio

from relay.errors import SpoolFull
from relay.exit.unseal import SEGMENT
from relay.model import HOUR, Change, Instant, Queue, Row, State, hour_of
from relay.ports import Spool

WAIT_S = 1800
"""Seconds to wait for what is missing: a phone sends the segments of one SMS within seconds, and a
centre that could not deliver one tries again after minutes."""

OVER: Instant = 1
"""The due time of a segment that has waited long enough. What has not been looked at has 0."""

LOOK_S = 60.0
"""Seconds between two looks at the clock: a machine may have slept."""

AGAIN_S = 1.0


def at_rest(now: Instant, wait_s: int) -> Instant:
    """When a segment that was looked at now is due for the next process: the end of the hour and
    the wait after it, which is the same for all of that hour."""
    return hour_of(now) + HOUR + wait_s


class Waits:
    """The timers of one process."""

    def __init__(self, spool: Spool, wait_s: int = WAIT_S) -> None:
        self._spool = spool
        self.wait_s = wait_s
        self._until: dict[int, float] = {}
        self._more = trio.Event()

    def begin(self, seq: int, others: Iterable[int] = ()) -> None:
        """A segment waits from now on, or as long as the first of those it belongs to."""
        untils = [self._until[other] for other in others if other in self._until]
        self._until[seq] = min(untils, default=trio.current_time() + self.wait_s)
        self._more.set()

    def end(self, seq: int) -> None:
        """It waits no more."""
        self._until.pop(seq, None)

    async def run(self) -> None:
        """Make due what has waited long enough, until cancelled."""
        await self._take_up()
        while True:
            self._more = trio.Event()
            now = trio.current_time()
            with trio.move_on_at(min(now + LOOK_S, *self._until.values(), math.inf)):
                await self._more.wait()
            for seq in [seq for seq, at in self._until.items() if at <= trio.current_time()]:
                await self._over(seq)

    async def _take_up(self) -> None:
        """What waited for a process before this one."""
        after = 0
        while rows := await self._spool.look(queue=Queue.READ, after=after):
            after = rows[-1].seq
            for row in rows:
                if _waits(row) and row.seq not in self._until:
                    self.begin(row.seq)

    async def _over(self, seq: int) -> None:
        rows = await self._spool.look(queue=Queue.READ, after=seq - 1, limit=1)
        over = Change(Queue.READ, State.WAITING, due=OVER, why=SEGMENT)
        self._until.pop(seq, None)
        if not rows or rows[0].seq != seq or not _waits(rows[0]):
            return
        try:
            done = await self._spool.change(rows[0], over)
        except SpoolFull:
            done = False
        if not done:  # somebody has it in hand, or the disk is full
            self._until[seq] = trio.current_time() + AGAIN_S


def _waits(row: Row) -> bool:
    return row.why == SEGMENT and row.due is not None and row.due > OVER
