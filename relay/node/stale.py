"""What has waited too long for its destination is held for a person: it is old news by now.

A place that was named may be another one today, a call may be for yesterday. So nothing that is
old goes out by itself, and nothing is dropped either. The age counts from the hour of the release;
a thread of which something is public, or may be, goes on whatever its age.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import trio

from relay.errors import Damaged, SpoolFull
from relay.exit.progress import thaw
from relay.exit.settle import settle, together
from relay.model import Change, Instant, Queue, Row, Sent
from relay.ports import Clock, Spool
from relay.rules.policy import STALE, is_stale
from relay.wire.keys import ExitKeys

LOOK_S = 600.0
"""Seconds between two looks at what waits: ages are told by the hour."""

_WAITS = (Sent.WAITING, Sent.PREPARED, Sent.STOPPED)
_HELD = Change(Queue.POST, Sent.HELD, due=None, why=STALE)


class Stale:
    """Holds deliveries that are too old. ``limits`` are the ages of the channels (seconds)."""

    def __init__(
        self, spool: Spool, clock: Clock, keys: ExitKeys, limits: Mapping[str, int]
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._keys = keys
        self._limits = limits
        self._shortest = min((limit for limit in limits.values() if limit), default=0)

    async def run(self) -> None:
        """Look at all that waits, also for destinations that nothing is sent to now."""
        while self._shortest:
            await self._look()
            await trio.sleep(LOOK_S)

    async def put_aside(self, row: Row) -> bool:
        """Hold a leased delivery if it is too old; then it is not the caller's any more."""
        if not await self._is_stale(row):
            return False
        await settle(self._spool, row, _HELD)
        return True

    async def _look(self) -> None:
        after = 0
        while rows := await self._spool.look(queue=Queue.POST, after=after):
            after = rows[-1].seq
            stale = [row for row in rows if await self._is_stale(row)]
            try:
                await together(partial(self._spool.change, row, _HELD) for row in stale)
            except SpoolFull:
                return  # there may be room the next time

    async def _is_stale(self, row: Row) -> bool:
        now = self._clock.now()
        if row.state not in _WAITS or not is_stale(row.hour, self._shortest, now):
            return False
        return is_stale(row.hour, await self._limit_of(row), now) and not self._begun(row)

    async def _limit_of(self, delivery: Row) -> Instant:
        """Of its channel; one that is not in the settings any more has none."""
        rows = await self._spool.look(after=delivery.root - 1, limit=1)
        return self._limits.get(rows[0].name, 0)

    def _begun(self, row: Row) -> bool:
        """Whether something of it is public, or may be."""
        try:
            progress = thaw(row, self._keys.storage)
        except Damaged:  # a person is asked anyway, and told why
            return True
        return bool(progress.refs) or progress.open
