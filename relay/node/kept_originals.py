"""Media as they came are destroyed some time after a person, or the policy, decided about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import trio

from relay.exit.originals import DESTROYED, until
from relay.exit.settle import settle
from relay.journal import Event, Journal
from relay.model import Queue
from relay.ports import Clock, Spool

LOOK_S: Final = 600.0
"""Seconds between two looks: ages are told by the hour."""


class KeptOriginals:
    """Those of one node, kept for ``keep_s``; ``frozen`` says whether the clock is not to be
    believed: then nobody knows how old anything is. ``did`` is told of each that is destroyed."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        keep_s: int,
        journal: Journal,
        did: Callable[[], None],
        frozen: Callable[[], bool] = lambda: False,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._keep_s = keep_s
        self._journal = journal
        self._did = did
        self._frozen = frozen

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            count = await self.destroyed()
            if count:
                self._journal.say(Event.ORIGINALS, count=count)
            await trio.sleep(LOOK_S)

    async def destroyed(self) -> int:
        """Destroy what is old enough, the media of one message at a time; of how many messages."""
        count = 0
        while not self._frozen():
            decided = self._clock.now() - until(0, self._keep_s)
            rows = await self._spool.take(Queue.ORIGINAL, now=decided, limit=1)
            for row in rows:
                count += await settle(self._spool, row, DESTROYED) is not None
                self._did()
            if not rows:
                break
        return count
