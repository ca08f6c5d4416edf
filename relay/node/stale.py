"""What has waited too long for its destination is held for a person: it is old news by now.

A place that was named may be another one today, a call may be for yesterday. So nothing that is
old goes out by itself, and nothing is dropped either. The age counts from the hour of the release;
a thread of which something is public, or may be, goes on whatever its age. While a window holds a
destination nothing grows old there; when it is over, all that has is held at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import trio

from relay.errors import Damaged, SpoolFull
from relay.exit.progress import thaw
from relay.exit.settle import FULL_S, settle, together
from relay.model import Change, Instant, Queue, Row, Sent
from relay.ports import Clock, Spool
from relay.rules.policy import STALE, is_stale
from relay.wire.keys import ExitKeys

LOOK_S = 600.0
"""Seconds between two looks at what waits: ages are told by the hour."""

_WAITS = (Sent.WAITING, Sent.PREPARED, Sent.STOPPED)
_HELD = Change(Queue.POST, Sent.HELD, due=None, why=STALE)


class Stale:
    """Holds deliveries that are too old. ``limits`` are the ages of the channels (seconds);
    ``planned`` says of a destination whether a window holds it, ``frozen`` whether the clock is not
    to be believed: then nobody knows how old anything is."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        keys: ExitKeys,
        limits: Mapping[str, int],
        planned: Callable[[str], bool] = lambda name: False,
        frozen: Callable[[], bool] = lambda: False,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._keys = keys
        self._limits = limits
        self._planned = planned
        self._frozen = frozen
        self._shortest = min((limit for limit in limits.values() if limit), default=0)

    async def run(self) -> None:
        """Look at all that waits, also for destinations that nothing is sent to now."""
        while self._shortest:
            await self._look()
            await trio.sleep(LOOK_S)

    async def put_aside(self, row: Row) -> bool:
        """Hold a leased delivery if it is too old; then it is not the caller's any more."""
        if self._planned(row.name) or not await self._is_stale(row):
            return False
        await settle(self._spool, row, _HELD)
        return True

    async def all_of(self, name: str) -> int:
        """Hold all that is too old for one destination, before the others go on there; how many
        these are. It waits for room."""
        held, after = 0, 0
        while self._shortest and (rows := await self._spool.look(queue=Queue.POST, after=after)):
            now_held, full = await self._hold([row for row in rows if row.name == name])
            held += now_held
            if full:
                await trio.sleep(FULL_S)
            else:
                after = rows[-1].seq
        return held

    async def _look(self) -> None:
        after, full = 0, False
        while not full and (rows := await self._spool.look(queue=Queue.POST, after=after)):
            after = rows[-1].seq
            _, full = await self._hold([row for row in rows if not self._planned(row.name)])

    async def _hold(self, rows: Sequence[Row]) -> tuple[int, bool]:
        """Hold those of them that are too old: how many, and whether some found no room. There may
        be room the next time."""
        held = 0

        async def hold(row: Row) -> None:
            nonlocal held
            changed = await self._spool.change(row, _HELD)
            held += changed

        stale = [row for row in rows if await self._is_stale(row)]
        try:
            await together(partial(hold, row) for row in stale)
        except SpoolFull:
            return held, True
        return held, False

    async def _is_stale(self, row: Row) -> bool:
        now = self._clock.now()
        if self._frozen() or row.state not in _WAITS:
            return False
        if not is_stale(row.hour, self._shortest, now):
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
