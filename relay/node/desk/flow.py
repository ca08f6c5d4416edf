"""Counts what comes and goes, and how long it takes, by the hour.

Times go by our own timer. What a restart cuts off is the last minute, and how long that took which
had been there before: it is counted from the end of the hour in which it came.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import trio

from relay.exit.record import Record
from relay.model import HOUR, Instant, Moved, Row, hour_of
from relay.node.ages import Ages
from relay.node.desk.kept_flow import KEPT_S, KeptFlow
from relay.ports import Clock, Spool
from relay.rules.flow import STEPS, Counting, Hour, plus
from relay.wire.keys import ExitKeys

LOOK_S: Final = 10.0
"""Seconds between two looks at what moved: no time is told finer than that but of what is taken."""

KEEP_S: Final = 60.0
"""Seconds after which what was counted is written down."""

MOST_ACCEPTED: Final = 50_000
"""Puts between two looks of which the time is counted."""

MOST_PAST: Final = 8
"""Times that somebody looked at, of which what is put together stays in memory for an hour."""

LONGEST_S: Final = 10 * 86400.0
"""What took longer is not told apart."""


class Flow:
    """Of one node. ``keys`` gives None while exit.key is locked; ``frozen`` whether the clock is
    not to be believed: then nothing is forgotten."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        keys: Callable[[], ExitKeys | None],
        frozen: Callable[[], bool] = lambda: False,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._frozen = frozen
        self._kept = KeptFlow(spool, keys)
        self._hour = hour_of(clock.now())
        self._counting = Counting()
        self._unkept: dict[Instant, Hour] = {}
        self._accepted: deque[float] = deque(maxlen=MOST_ACCEPTED)
        self._read = Ages(LONGEST_S)
        self._there = Ages(LONGEST_S)
        self._highest_read = 0
        self._forgot: Instant = 0
        self._past: dict[tuple[Instant, int], dict[Instant, Hour]] = {}

    # ------------------------------------------------------------ hears

    def accepted(self, began: float) -> None:
        """What came from a door then (``time.perf_counter``) is durable. Any thread."""
        self._accepted.append(time.perf_counter() - began)

    def came(self, row: Row, record: Record) -> None:
        """A message was read; as ``exit.review.Came``."""
        self._counting.came(record.transport)
        self._highest_read = max(self._highest_read, row.seq)

    # ------------------------------------------------------------ counts

    async def run(self) -> None:
        """Until cancelled."""
        await self._look()
        kept_at = trio.current_time()
        while True:
            await trio.sleep(LOOK_S)
            await self._look()
            if trio.current_time() - kept_at >= KEEP_S:
                await self._keep()
                kept_at = trio.current_time()

    async def _look(self) -> None:
        now = self._clock.now()
        if hour_of(now) != self._hour:
            self._turn(hour_of(now))
        moves = await self._spool.moves()
        self._there.saw(moves.highest, now)
        if self._highest_read:
            self._read.saw(self._highest_read, now)
        while self._accepted:
            self._counting.took("accept", self._accepted.popleft())
        for moved in moves.moved:
            self._count(moved, now)

    def _count(self, moved: Moved, now: Instant) -> None:
        match moved.what:
            case "posted":
                self._counting.posted(moved.name)
                self._counting.took("post", self._age_s(self._there, moved, now))
            case "released":
                self._counting.released += 1
            case "dropped":
                self._counting.dropped += 1
        if moved.by_a_person and moved.what != "posted":
            self._counting.took("review", self._age_s(self._read, moved, now))

    def _age_s(self, ages: Ages, moved: Moved, now: Instant) -> float:
        """How long it was there; what came since the last look was not for long."""
        seen = ages.of(moved.seq)
        here_s = 0.0 if seen is None else trio.current_time() - seen.at
        if seen is not None and seen.at_first:
            return max(here_s, now - moved.hour - HOUR)
        return here_s

    def _turn(self, hour: Instant) -> None:
        self._unkept[self._hour] = self._taken()
        self._hour = hour

    def _taken(self) -> Hour:
        """What was counted of this hour and is not kept yet; from here on it is counted anew."""
        counting, self._counting = self._counting, Counting()
        before = self._unkept.pop(self._hour, Hour(self._hour))
        return plus(before, counting.of(self._hour))

    async def _keep(self) -> None:
        self._unkept[self._hour] = self._taken()
        for hour, counted in list(self._unkept.items()):
            if await self._kept.add(counted):
                self._unkept[hour] = Hour(hour)
                if hour != self._hour:
                    self._past.clear()
            if hour != self._hour and self._unkept[hour] == Hour(hour):
                del self._unkept[hour]
        self._bound()
        if self._forgot != self._hour and not self._frozen():
            self._forgot = self._hour
            await self._kept.forget(self._clock.now())

    def _bound(self) -> None:
        """While exit.key is locked for weeks, no more hours are in memory than are ever kept."""
        while len(self._unkept) > KEPT_S // HOUR:
            del self._unkept[min(self._unkept)]

    # ------------------------------------------------------------ tells

    async def hours(self, hours: int, each: int = 1) -> dict[str, Any]:
        """What was counted in the last so many hours, ``each`` of them together, the present one
        last; what was not running then is left out. ``steps`` are the upper ends of the times."""
        await self._look()
        begins = self._hour + HOUR + hours // -each * each * HOUR
        told = dict(await self._before(begins, each))
        now = [await self._kept.one(self._hour), self._counting.of(self._hour)]
        for counted in (*now, *self._unkept.values()):
            if counted is not None and counted.hour >= begins:
                _add(told, counted, begins, each)
        return {
            "now": self._clock.now(),
            "steps": {step: list(ends) for step, ends in STEPS.items()},
            "hours": [_shown(told[hour]) for hour in sorted(told)],
        }

    async def _before(self, begins: Instant, each: int) -> dict[Instant, Hour]:
        """What is kept of the hours before this one, put together: it is opened once an hour."""
        if (begins, each) not in self._past:
            if len(self._past) >= MOST_PAST:
                self._past.clear()
            told: dict[Instant, Hour] = {}
            for counted in await self._kept.since(begins):
                if counted.hour != self._hour:
                    _add(told, counted, begins, each)
            self._past[begins, each] = told
        return self._past[begins, each]


def _add(told: dict[Instant, Hour], counted: Hour, begins: Instant, each: int) -> None:
    """Count an hour with those that it is put together with."""
    slot = counted.hour - (counted.hour - begins) % (each * HOUR)
    told[slot] = plus(told.get(slot, Hour(slot)), counted)


def _shown(hour: Hour) -> dict[str, Any]:
    return {
        "hour": hour.hour,
        "came": hour.came,
        "released": hour.released,
        "posted": hour.posted,
        "dropped": hour.dropped,
        "accept": list(hour.accept),
        "review": list(hour.review),
        "post": list(hour.post),
    }
