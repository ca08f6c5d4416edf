"""The brake: what an operator has paused. All of the node, a channel, or a destination.

Transports go on accepting, and what is being sent ends; nothing else begins. A pause lies in the
spool, so that neither a crash nor a reboot lifts it: only a person does. What a destination has
waits where it is. A delivery of a paused channel is put aside when its turn comes, with the reason
on it, since the others of its destination must go on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from functools import partial

import trio

from relay.errors import Asked, SpoolFull
from relay.exit.settle import settle, together
from relay.model import PAUSED_ALL, Change, Instant, Place, Queue, Row, hour_of
from relay.ports import Clock, Spool
from relay.rules.policy import next_tick

_KEPT = "paused "
_RESUMING = "resuming"

ALL = PAUSED_ALL.removeprefix(_KEPT)
"""The name under which all of the node is paused; no section of the settings may have it."""

START_PAUSED = "paused"
"""A file in the data folder: `relay run --paused` was said, and the core has not heard it yet."""

PUT_ASIDE = "its channel is paused"
"""The reason on a row that waits for a channel to be resumed."""


class Brake:
    """What is paused, and who waits for it. ``ticks`` are the release intervals (seconds) of the
    destinations that have one."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        channels: Collection[str],
        destinations: Collection[str],
        ticks: Mapping[str, int],
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._not_channels = frozenset({*destinations, ALL})
        self._names = frozenset({*destinations, *channels, ALL})
        self._ticks = ticks
        self._since: dict[str, Instant] = {}
        self._unkept: set[str] = set()
        self._resuming: set[str] = set()
        self._changed = trio.Event()
        self._turn = trio.Lock()

    async def load(self) -> None:
        """Take up what was paused before, and end a resuming that a crash cut short."""
        kept = [place for place in await self._spool.board() if place.name.startswith(_KEPT)]
        for place in kept:
            if place.state == "paused":
                self._since[place.name.removeprefix(_KEPT)] = place.since
        for place in kept:
            if place.state == _RESUMING:
                self._resuming.add(place.name.removeprefix(_KEPT))
                with contextlib.suppress(SpoolFull):  # a person says it again when there is room
                    await self._let_go(place.name.removeprefix(_KEPT))

    @property
    def paused(self) -> Mapping[str, Instant]:
        """What is paused, with the hour since when; ``relay`` is all of it."""
        return dict(self._since)

    def stops(self, name: str) -> bool:
        """Whether nothing may begin there: it is paused, or everything is."""
        return name in self._since or ALL in self._since

    async def free(self, name: str) -> None:
        """Wait until this destination may begin something."""
        while self.stops(name):
            await self._changed.wait()

    # ------------------------------------------------------------ the operator's word

    async def pause(self, name: str) -> bool:
        """Begin nothing more there; False if it was paused already. Raises Asked, SpoolFull."""
        self._known(name)
        if name in self._since and name not in self._unkept:
            return False
        self._since.setdefault(name, hour_of(self._clock.now()))  # first of all: it is a brake
        self._unkept.add(name)  # on a full disk it holds, but not beyond this process
        await self._keep(name, "paused")
        self._unkept.discard(name)
        return True

    async def resume(self, name: str) -> bool:
        """Go on; False if it was not paused. Raises Asked, SpoolFull."""
        if name in self._resuming and name not in self._since:
            await self._let_go(name)  # what a full disk cut short
            return True
        if name not in self._since:
            self._known(name)
            return False
        async with self._turn:  # nobody is putting a row aside for it now, and nobody will
            await self._keep(name, _RESUMING)
            self._since.pop(name, None)
            self._unkept.discard(name)
            self._resuming.add(name)
        self._wake()
        await self._let_go(name)
        return True

    def _known(self, name: str) -> None:
        if name not in self._names:
            raise Asked("nothing in the settings has that name: name a channel or a destination")

    async def _keep(self, name: str, state: str) -> None:
        since = self._since.get(name, 0)
        await self._spool.place(Place(_KEPT + name, state, since=since))

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    # ------------------------------------------------------------ rows of a paused channel

    async def put_aside(self, row: Row) -> bool:
        """Put a leased row aside if its channel is paused; then it is not the caller's any more."""
        channel = await self._channel_of(row)
        if channel is None:
            return False
        async with self._turn:
            if channel not in self._since:
                return False
            await settle(self._spool, row, Change(row.queue, row.state, due=None, why=PUT_ASIDE))
        return True

    async def holds(self, row: Row) -> bool:
        """Whether this delivery may not begin now; it is still the caller's."""
        channel = await self._channel_of(row)
        return self.stops(row.name) or channel in self._since

    async def _channel_of(self, row: Row) -> str | None:
        """A row's channel, also one that is not in the settings any more; None while none is
        paused."""
        if self._since.keys() <= self._not_channels:
            return None
        return row.name if row.root == row.seq else await self._channel(row)

    async def _channel(self, delivery: Row) -> str:
        [message] = await self._spool.look(after=delivery.root - 1, limit=1)
        return message.name

    async def _goes_on(self, row: Row) -> None:
        due = next_tick(self._clock.now(), self._ticks.get(row.name, 0))
        await self._spool.change(row, Change(row.queue, row.state, due=due))

    async def _let_go(self, name: str) -> None:
        """Rows that were put aside go on, those of other paused channels to be put aside again."""
        for queue in (Queue.DELIVER, Queue.POST):
            after = 0
            while rows := await self._spool.look(queue=queue, after=after):
                after = rows[-1].seq
                aside = [row for row in rows if row.due is None and row.why == PUT_ASIDE]
                await together(partial(self._goes_on, row) for row in aside)
        if name not in self._since:  # else somebody paused it again meanwhile, and it stays so
            await self._keep(name, "")
        self._resuming.discard(name)
