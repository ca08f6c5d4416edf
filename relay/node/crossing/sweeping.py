"""Ends what no exit will open any more: once an hour, and when an exit says that keys are revoked.

What is due is looked at when it is offered. But an exit that is cut off is offered nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import trio

from relay.errors import Damaged, SpoolFull
from relay.model import Change, Queue, Row, State
from relay.node.crossing.bundles import Bundles
from relay.node.crossing.offering import Offering
from relay.ports import Clock, Spool
from relay.rules.crossing import GOES, expired, refused
from relay.wire.envelope import BEGINNING, look_at

EVERY_S: Final = 3600.0
LEAST_S: Final = 1.0
"""Seconds that are waited before another one, and as long again as the last one took: an exit that
has other keys in each answer is not to have nothing else done here."""

PAGE: Final = 200
"""Envelopes looked at together; the spool's thread serves others in between."""


class Sweeping:
    """Over all that an entry holds. While the clock is ``frozen`` nothing expires. ``offering`` is
    who counts what ended."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        bundles: Bundles,
        offering: Offering,
        frozen: Callable[[], bool] = lambda: False,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._bundles = bundles
        self._ended = offering.ended
        self._frozen = frozen
        self._asked = trio.Event()

    def ask(self) -> None:
        """An exit has other keys: what they say holds also for what waits."""
        self._asked.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            began = trio.current_time()
            try:
                await self.sweep()
                took_s = trio.current_time() - began
                with trio.move_on_after(EVERY_S):
                    await self._asked.wait()
                    await trio.sleep(LEAST_S + took_s)
            except SpoolFull:  # nothing is lost by waiting for room
                await trio.sleep(EVERY_S / 60)
            self._asked = trio.Event()

    async def sweep(self) -> None:
        """Once through."""
        after: int | None = 0
        while after is not None:
            found = await self._spool.heads(
                BEGINNING, queue=Queue.ASSIGNED, after=after, limit=PAGE
            )
            after = found.after
            changes: list[tuple[Row, Change]] = []
            for message in found.rows:
                changes += await self._over(message)
            if changes:
                await self._spool.change_each(changes)

    async def _over(self, message: Row) -> list[tuple[Row, Change]]:
        if message.state != State.WAITING:
            return []
        try:
            header = look_at(message.body)
        except Damaged:
            return []  # that is said when it is offered
        over = header.expiry <= self._clock.now() and not self._frozen()
        against = {
            name: why
            for name in self._bundles.names
            if (why := self._bundles.against(name, header.key_ids))
        }
        if not over and not against:
            return []
        _, *crossings = await self._spool.family(message.seq)
        return self._ends(crossings, against, over=over)

    def _ends(
        self, crossings: Sequence[Row], against: Mapping[str, str], *, over: bool
    ) -> list[tuple[Row, Change]]:
        going = [one for one in crossings if one.queue == Queue.OUTBOUND and one.state in GOES]
        changes: list[tuple[Row, Change]] = []
        for row in going:
            if why := against.get(row.name, ""):
                others = [one for one in crossings if one.name not in against]
                self._ended.refuses(row, others)
                changes += refused(row, [one for one in others if one in going], why)
            elif over:
                self._ended.expired += 1
                changes.append(expired(row))
        return changes
