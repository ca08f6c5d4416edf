"""The loop of one destination: what goes out there next, how much at once, and when.

It takes what is due, and its posting does the rest. It holds nothing of its own: what it took and
did not settle is taken again by the next process.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence

import trio

from relay.errors import Damaged
from relay.exit.account import Account
from relay.exit.post import Posting
from relay.exit.rest import Rest, rest_after
from relay.exit.settle import settle
from relay.model import Change, Instant, Later, Outcome, Posted, Queue, Row, Stopped, Unsure
from relay.node.brake import Brake
from relay.node.gate import Gate, NoWindow
from relay.ports import Clock, Order, Spool
from relay.rules.backoff import obeyed
from relay.rules.releasing import Release

SPENT_S = 600
"""Seconds after which a budget that was spent is looked at again: an attempt that was under way may
have been given back, and the wall clock may have been set."""

REST_S = 30
"""Seconds that a destination rests which did not say until when."""

DOUBTS = 10
"""So many sends in a row that ended in doubt are the platform's trouble: it is left alone then for
a while, since each of its deliveries would be sent again at once."""

PutsAside = Callable[[Row], Awaitable[bool]]
"""Settles a delivery that may not begin; False: it may, and is still the caller's."""


async def nothing_is_put_aside(row: Row) -> bool:
    """Every delivery may begin."""
    return False


class Poster:
    """The loop of one destination: deliveries in order, as many at once as its bridge allows.

    What stops the whole destination stops the loop: ``Stopped`` for good, ``Later`` with a wider
    scope and a ``Rest`` for a while. ``told`` hears of every outcome and rest, for the board;
    ``rested`` when a rest is over, since there may be nothing to post that would say so.
    ``too_old`` holds what no one should read by itself any more, ``gate`` everything while a window
    is in force; what waited for its end goes out in order and at its pace. ``ended`` hears of every
    outcome and rest, and whose it was. ``drawn``: what is due in one second goes out in an order
    that tells nothing of that in which it came.
    """

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        posting: Posting,
        account: Account,
        at_once: int,
        brake: Brake,
        told: Callable[[Outcome | Rest], None],
        did: Callable[[], None],
        rested: Callable[[], None] = lambda: None,
        too_old: PutsAside = nothing_is_put_aside,
        gate: Gate | NoWindow | None = None,
        ended: Callable[[Row, Outcome | Rest], None] = lambda row, outcome: None,
        *,
        drawn: bool = False,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._posting = posting
        self._account = account
        self._brake = brake
        self._limit = trio.CapacityLimiter(at_once)
        self._told = told
        self._did = did
        self._rested = rested
        self._too_old = too_old
        self._gate = gate or NoWindow()
        self._one_ended = ended
        self._first: Order = "drawn" if drawn else "oldest"
        self._doubts = 0
        self._refused = 0
        self._rests_until = -math.inf
        self._told_until = False
        self._used_up_until = -math.inf
        self._stopped = False
        self._nudged = trio.Event()
        self._ended = trio.Event()
        self._begins = trio.CancelScope()
        self._waits = trio.CancelScope()

    def finish(self) -> None:
        """Begin nothing more: ``run`` ends with what is under way."""
        self._stopped = True
        self._begins.cancel()

    def nudge(self) -> None:
        """Wait no longer for the destination to come back: try now."""
        self._used_up_until = -math.inf
        self.wake()

    def wake(self) -> None:
        """As ``nudge``, but a limit that is used up stays so."""
        self._rests_until = -math.inf
        self._nudged.set()

    def way_back(self) -> None:
        """A way leads there again: nothing is waited for but what the platform itself named."""
        if not self._told_until:
            self.wake()

    async def run(self) -> None:
        """Post until the account is stopped, or ``finish`` is called."""
        async with trio.open_nursery() as nursery:
            with self._begins:
                while not self._stopped:
                    await self._begin(nursery)

    async def _begin(self, nursery: trio.Nursery) -> None:
        """Start as much as may be under way, or wait until there is something to start."""
        name = self._account.name
        with self._until_stopped():
            await self._brake.free(name)
            await self._gate.free()
            await self._rest()
            await self._gate.paced()
        if self._stopped:
            return
        free = int(self._limit.available_tokens)
        if free < 1:
            async with self._limit:
                return
        changes, release = self._gate.changes, self._gate.release
        rows = await self._take(free, release)
        if not rows:
            with self._until_stopped():
                await self._nothing_to_begin(release, changes)
        for row in rows:
            if self._stopped or self._brake.stops(name) or self._gate.stops():  # since we asked
                self._spool.release(row)
            elif not (await self._brake.put_aside(row) or await self._too_old(row)):
                self._gate.begins()
                await nursery.start(self._turn, row)

    async def _take(self, free: int, release: Release | None) -> Sequence[Row]:
        """What is next, of one second in order of arrival or drawn; of a release in its order, and
        one at a time where it has a pace."""
        first = self._first if release is None else release.first
        limit = free if release is None or not release.pace_s else 1
        return await self._spool.take(
            Queue.POST, now=self._clock.now(), limit=limit, name=self._account.name, first=first
        )

    async def _nothing_to_begin(self, release: Release | None, changes: trio.Event) -> None:
        """Wait for something, or for the end of a window; a release is over when what it began has
        ended as well."""
        if release is not None and self._limit.borrowed_tokens == 0:
            await self._gate.released()
            return
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_cancel_after, changes, nursery.cancel_scope)
            if release is not None:
                nursery.start_soon(_cancel_after, self._ended, nursery.cancel_scope)
            await self._spool.wait(Queue.POST, name=self._account.name)
            nursery.cancel_scope.cancel()

    def _until_stopped(self) -> trio.CancelScope:
        """For what is waited for before something begins: it ends with what stops the account."""
        self._waits = trio.CancelScope()
        if self._stopped:
            self._waits.cancel()
        return self._waits

    async def _rest(self) -> None:
        used_up = self._used_up_until > -math.inf
        while max(self._rests_until, self._used_up_until) > trio.current_time():
            self._nudged = trio.Event()
            with trio.move_on_at(max(self._rests_until, self._used_up_until)):
                await self._nudged.wait()
        if used_up and self._used_up_until <= trio.current_time():
            self._used_up_until = -math.inf
            self._rested()

    def _until(self, not_before: Instant | None) -> float:
        """The end of a rest on our own timer: the wall clock may be set meanwhile."""
        now = self._clock.now()
        wait_s = REST_S if not_before is None else obeyed(not_before, now, now) - now
        return trio.current_time() + wait_s

    async def _turn(
        self, row: Row, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        async with self._limit:
            task_status.started()
            self._did()
            try:
                outcome = await self._posting.turn(row)
            except Damaged:
                await settle(self._spool, row, _unreadable(row))
                outcome = None
        self._did()
        self._ended.set()
        self._ended = trio.Event()
        if outcome is not None:
            self._one_ended(row, outcome)
            self._hear(outcome)

    def _hear(self, outcome: Outcome | Rest) -> None:
        match outcome:
            case Later(scope="destination" | "host"):
                least_s = min(REST_S, 2**self._refused)  # "0" or a time that is over: not for ever
                self._refused = min(self._refused + 1, 10)
                until = self._until(outcome.not_before)
                self._rests_until = max(until, trio.current_time() + least_s)
                self._told_until = outcome.not_before is not None
            case Stopped():
                self._stopped = True
                self._waits.cancel()
            case Rest():
                until = outcome.until
                if outcome.spent:
                    until = min(until, self._clock.now() + SPENT_S)
                self._used_up_until = self._until(until)
            case Unsure():
                self._doubts += 1
                if self._doubts % DOUBTS == 0:
                    self._rests_until = self._until(None)
                    self._told_until = False
            case Posted():
                self._doubts = self._refused = 0
                self._rests_until = -math.inf
                rest = rest_after(outcome, self._clock.now())
                if rest is not None:  # else what another has used up stays so
                    self._used_up_until = self._until(rest.until)
        self._told(outcome)


async def _cancel_after(event: trio.Event, scope: trio.CancelScope) -> None:
    await event.wait()
    scope.cancel()


def _unreadable(row: Row) -> Change:
    """A delivery whose own note or parts are damaged: nobody can say what it did, a person must."""
    return Change(Queue.POST, "held", due=None, why="what is kept of it is damaged")
