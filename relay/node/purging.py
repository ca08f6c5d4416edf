"""Destroys what ended long enough ago, and says how much that was.

What is set aside is not purged: it waits for a person. Nor is what no person and no platform has
ended. A purge overwrites pages of the database and empties its log; files of large bodies are
unlinked. The sum keeps what was purged.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import trio

from relay.errors import SpoolFull
from relay.journal import Event, Journal
from relay.model import hour_of
from relay.ports import Clock, Spool

LOOK_S = 60.0
"""Seconds between two looks at what is old enough."""

SAY_S = 3600.0
"""Seconds between two lines of the journal: one for each purge would tell of each message when it
ended, to the minute."""


class Purging:
    """``keep_s``: seconds that what ended is kept; ``frozen``: nobody knows how old anything is."""

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
        self.count = 0
        """Submissions that were purged since this process began."""
        self._said = 0

    async def run(self) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._say)
            while True:
                await trio.sleep(LOOK_S)
                with contextlib.suppress(SpoolFull):  # there may be room the next time
                    await self.purge()

    async def purge(self) -> None:
        """Destroy all that is old enough now. Raises SpoolFull."""
        before, found = hour_of(self._clock.now()) - self._keep_s, 0
        while not self._frozen() and (purged := await self._spool.purge(before)):
            found += purged
            self._did()
        self.count += found
        if found:
            await self._spool.scrub()

    async def _say(self) -> None:
        while True:
            await trio.sleep(SAY_S)
            if self.count > self._said:
                self._journal.say(Event.PURGED, count=self.count - self._said)
                self._said = self.count
