"""Deliveries that wait because no way led to their platform go on as soon as one does.

Each waits by its own back-off, up to an hour, and knows nothing of the others. But the looks at the
routes know when one is back. Who was told by its platform until when to wait is not woken, nor who
is looked up: an hour that a platform named, and the time its listings lag, pass on any route.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

import trio

from relay.errors import SpoolFull
from relay.exit.rest import Rest
from relay.exit.settle import together
from relay.model import Change, Later, Outcome, Queue, Row, Sent
from relay.ports import Clock, Spool

MOST: Final = 100_000
"""Deliveries that are remembered; the others go on when their own time comes."""


class Stranded:
    """What waits for want of a way, of every destination; in memory, as the ways are. ``woken`` is
    told of a destination where all of it was woken."""

    def __init__(
        self, spool: Spool, clock: Clock, woken: Callable[[str], None] = lambda name: None
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._tell = woken
        self._waits: dict[int, str] = {}
        self._back: set[str] = set()
        self._woken = trio.Event()

    def ended(self, row: Row, outcome: Outcome | Rest) -> None:
        """How the turn of a delivery ended."""
        self._waits.pop(row.seq, None)
        if isinstance(outcome, Later) and outcome.not_before is None and len(self._waits) < MOST:
            self._waits[row.seq] = row.name

    def back(self, name: str) -> None:
        """A way leads to this destination again."""
        self._back.add(name)
        self._woken.set()

    async def run(self) -> None:
        """Wake them, until cancelled."""
        while True:
            await self._woken.wait()
            self._woken = trio.Event()
            while self._back:
                name = self._back.pop()
                with suppress(SpoolFull):  # then their own time comes
                    await self._wake(name)
                self._tell(name)

    async def _wake(self, name: str) -> None:
        waits = {seq for seq, of in self._waits.items() if of == name}
        after = min(waits, default=0) - 1
        while waits:
            rows = await self._spool.look(queue=Queue.POST, after=after)
            await together(partial(self._now, row) for row in rows if row.seq in waits)
            if not rows:
                break
            after = rows[-1].seq
        for seq in waits:
            self._waits.pop(seq, None)

    async def _now(self, row: Row) -> None:
        now = self._clock.now()
        if row.state == Sent.WAITING and row.due is not None and row.due > now:
            again = Change(Queue.POST, Sent.WAITING, due=now, why=row.why)
            await self._spool.change(row, again)
