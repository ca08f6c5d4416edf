"""The core's loops: each takes rows of one queue, lets a step of the exit decide, and settles.

A loop holds nothing of its own: what it took and did not settle is taken again by the next one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from secrets import SystemRandom

import trio

from relay.exit.assign import assign
from relay.exit.clean import clean, nobody_waits
from relay.exit.going import gone_as_chosen
from relay.exit.join import Joining
from relay.exit.naming import PICTURES, Familiar, Knows, Tries, knows_nobody, tries_nothing
from relay.exit.obey import Obeying
from relay.exit.putting_right import assigned
from relay.exit.read import read
from relay.exit.review import Came, Noticed, notices_nothing, review
from relay.exit.settle import change_free, settle
from relay.exit.unseal import SEGMENT, unseal
from relay.exit.waits import WAIT_S
from relay.model import Change, Instant, Queue, Row
from relay.node.arrivals import Arrivals
from relay.node.brake import Brake
from relay.node.passed import released_before
from relay.ports import Cleaner, Clock, Reader, Spool
from relay.rules.in_order import InOrder
from relay.rules.policy import Policy
from relay.wire.keys import ExitKeys

BATCH = 16
"""Rows taken at a time: their settles share a commit, and the loop stays free for the doors."""

draw = SystemRandom().randint

Step = Callable[[Row, Instant], Awaitable[None]]
"""Takes a row, and what it may hold to be the time: see ``rules.in_order``."""

Did = Callable[[], None]


async def each(
    spool: Spool,
    queue: Queue,
    clock: Clock,
    step: Step,
    arrivals: Arrivals,
    *,
    order: InOrder | None = None,
    batch: int = BATCH,
) -> None:
    """Run a step for every row of a queue that comes due, a batch at a time, for ever."""
    order = order or InOrder()
    while True:
        began = trio.current_time()
        if await _batch(spool, queue, clock, step, order, batch):
            await arrivals.first(trio.current_time() - began)
        else:
            await spool.wait(queue)


async def _batch(
    spool: Spool, queue: Queue, clock: Clock, step: Step, order: InOrder, batch: int
) -> bool:
    """Run a step for what is due; whether anything was. Nothing of it is held afterwards: a body
    may have 16 MiB, and the loop may wait for days."""
    now = clock.now()
    rows = await spool.take(queue, now=now, limit=batch)
    if not rows:
        return False
    instants = order.instants([row.seq for row in rows], now)
    async with trio.open_nursery() as nursery:
        for row, at in zip(rows, instants, strict=True):
            nursery.start_soon(step, row, at)
    return True


class Steps:
    """unseal, read, clean, obey, review and assign of one node, as loops over its spool."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        keys: ExitKeys,
        reader: Reader,
        cleaner: Cleaner,
        policies: Mapping[str, Policy],
        ticks: Mapping[str, int],
        brake: Brake,
        did: Did,
        arrivals: Arrivals,
        obeying: Obeying,
        knows: Knows = knows_nobody,
        segments_wait_s: int = WAIT_S,
        tries: Tries = tries_nothing,
        came: Came = lambda row, record: None,
        noticed: Noticed = notices_nothing,
    ) -> None:
        self._came = came
        self._noticed = noticed
        self._arrivals = arrivals
        self._obeying = obeying
        self._familiar = Familiar(knows, obeying.means, obeying.wrote, tries)
        self._spool = spool
        self._clock = clock
        self._keys = keys
        self._reader = reader
        self._cleaner = cleaner
        self._policies = policies
        self._ticks = ticks
        self._brake = brake
        self._did = did
        self._joining = Joining(spool, keys, clock, segments_wait_s)

    async def run(self) -> None:
        """All the loops, until cancelled."""
        passed = InOrder(await released_before(self._spool, self._clock.now()))
        async with trio.open_nursery() as nursery:
            await self._obeying.begin(nursery)
            nursery.start_soon(self._joining.run)
            for queue, step in (
                (Queue.INBOX, self._unseal),
                (Queue.READ, self._read),
                (Queue.COMMAND, self._obey),
                (Queue.REVIEW, self._review),
                (Queue.DELIVER, self._assign),
            ):
                order = passed if queue == Queue.REVIEW else None
                loop = partial(each, order=order)
                nursery.start_soon(loop, self._spool, queue, self._clock, step, self._arrivals)
            one = partial(each, batch=1)
            nursery.start_soon(
                one, self._spool, Queue.CLEAN, self._clock, self._clean, self._arrivals
            )

    async def _settle(self, row: Row, change: Change) -> None:
        self._did()
        await settle(self._spool, row, change)

    async def _unseal(self, row: Row, now: Instant) -> None:
        await self._settle(row, unseal(row, self._keys))

    async def _read(self, row: Row, now: Instant) -> None:
        if row.why == SEGMENT:
            self._did()
            await self._joining.join(row)
            return
        await self._settle(row, await read(row, self._reader, self._keys, self._familiar))

    async def _clean(self, row: Row, now: Instant) -> None:
        self._spool.release(row)  # a person need not wait for a film to drop it: see exit/clean
        first = nobody_waits if row.due == PICTURES else self._pictures_first
        change, then = await clean(row, self._cleaner, self._keys, first)
        self._did()
        await change_free(self._spool, row, change, then)

    async def _pictures_first(self) -> None:
        """Clean the pictures that came meanwhile: they wait for one film, not for all of them."""
        while rows := await self._spool.take(Queue.CLEAN, now=PICTURES, limit=1):
            await self._clean(rows[0], PICTURES)

    async def _obey(self, row: Row, now: Instant) -> None:
        self._did()
        await self._obeying.turn(row)

    async def _review(self, row: Row, now: Instant) -> None:
        change = review(row, self._keys, self._policies, now, draw, self._came, self._noticed)
        await self._settle(row, change)

    async def _assign(self, row: Row, now: Instant) -> None:
        if await self._brake.put_aside(row):
            return
        change, deliveries = assign(row, self._policies, self._ticks, now)
        self._did()
        change, then = await assigned(row, change, deliveries, self._spool, self._keys, now)
        change, then = gone_as_chosen(row, change, then, self._keys, now)
        await settle(self._spool, row, change, then=then)
