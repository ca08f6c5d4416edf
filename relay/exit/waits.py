"""How long segments wait for the others: half an hour by our own timer, not by what lies on a disk.

A due time of half an hour after the arrival would tell the second in which somebody sent an SMS,
and with a telephone company's log who it was. So at rest a segment is due at a time that its hour
tells already, and the half hour is counted in memory: when it is over, the row becomes due at once.
A process that is started anew counts from its start, and no segment waits past the time at rest.

A timer for each would be memory that anybody can fill, and a minute more or less is nothing to
them. So those that came within one minute have one, and are found by the range of their seqs.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import trio

from relay.errors import SpoolFull
from relay.exit.settle import together
from relay.exit.unseal import SEGMENT
from relay.model import HOUR, Change, Instant, Queue, Row, State, hour_of
from relay.ports import Spool

WAIT_S = 1800
"""Seconds to wait for what is missing: a phone sends the segments of one SMS within seconds, and a
centre that could not deliver one tries again after minutes."""

OVER: Instant = 1
"""The due time of a segment that has waited long enough. What has not been looked at has 0."""

LOOK_S = 60.0
"""Seconds between two looks at the clock: a machine may have slept. And of what has one timer."""

AGAIN_S = 1.0


def at_rest(now: Instant, wait_s: int) -> Instant:
    """When a segment that was looked at now is due for the next process: the end of the hour and
    the wait after it, which is the same for all of that hour."""
    return hour_of(now) + HOUR + wait_s


@dataclass(slots=True)
class _Minute:
    """Segments that began to wait between ``first`` and ``last`` (on the loop's clock), and the
    range of their seqs."""

    first: float
    last: float
    lowest: int
    highest: int


class Waits:
    """The timers of one process."""

    def __init__(self, spool: Spool, wait_s: int = WAIT_S) -> None:
        self._spool = spool
        self.wait_s = wait_s
        self._minutes: deque[_Minute] = deque()
        self._more = trio.Event()

    def begin(self, seq: int) -> None:
        """A segment waits from now on. (Those it belongs to go with the first of them that has
        waited long enough.)"""
        now = trio.current_time()
        if self._minutes and now < self._minutes[-1].first + LOOK_S:
            minute = self._minutes[-1]
            minute.last = now
            minute.lowest = min(minute.lowest, seq)
            minute.highest = max(minute.highest, seq)
            return
        self._minutes.append(_Minute(now, now, seq, seq))
        self._more.set()

    async def run(self) -> None:
        """Make due what has waited long enough, until cancelled."""
        await self._take_up()
        while True:
            self._more = trio.Event()
            now = trio.current_time()
            until = self._minutes[0].last + self.wait_s if self._minutes else math.inf
            with trio.move_on_at(min(now + LOOK_S, until)):
                await self._more.wait()
            while self._minutes and self._minutes[0].last + self.wait_s <= trio.current_time():
                minute = self._minutes.popleft()
                if not await self._over(minute):
                    minute.last = trio.current_time() + AGAIN_S - self.wait_s
                    self._minutes.appendleft(minute)
                    break

    async def _take_up(self) -> None:
        """What waited for a process before this one."""
        after = 0
        while rows := await self._look(after):
            after = rows[-1].seq
            for row in rows:
                if _waits(row):
                    self.begin(row.seq)

    async def _over(self, minute: _Minute) -> bool:
        """These have waited long enough. False: not all of them could be told, since somebody has
        one in hand, or the disk is full."""
        after, all_of_them = minute.lowest - 1, True
        while after < minute.highest and (rows := await self._look(after)):
            after = rows[-1].seq
            waiting = [row for row in rows if row.seq <= minute.highest and _waits(row)]
            all_of_them &= await self._all_over(waiting)
        return all_of_them

    async def _all_over(self, rows: Sequence[Row]) -> bool:
        over = Change(Queue.READ, State.WAITING, due=OVER, why=SEGMENT)
        done: list[bool] = []

        async def change(row: Row) -> None:
            done.append(await self._spool.change(row, over))

        try:
            await together(partial(change, row) for row in rows)
        except SpoolFull:
            return False
        return all(done)

    async def _look(self, after: int) -> Sequence[Row]:
        return await self._spool.look(queue=Queue.READ, after=after)


def _waits(row: Row) -> bool:
    return row.why == SEGMENT and row.due is not None and row.due > OVER
