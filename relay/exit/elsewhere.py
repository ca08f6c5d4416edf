"""elsewhere: a delivery that cannot go out where it was to go ends, and another place has it.

::

    waiting, stopped -> rerouted         and in the same transaction, at the other place,
                                         waiting; nothing where it has the message already
    sending, waiting -> rerouted         the other place refused it, or is not there any more: and
                                         where it was to go, waiting again

Only a delivery of which nothing is public and nothing in doubt goes elsewhere. One that holds it is
asked no more, unless the other place has refused it; and what refused it does not get it again. So
no message goes in a circle, and none is lost since another place does not want it. It stays one
message, with the hour of its release. Of a spool that was set back nobody knows whether the other
place had it before: there it begins as unsure, as every other delivery of such a message does.

A correction goes where the text stands that it puts right, and nowhere else: where that went to
another place before it was public, its correction goes after it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from functools import partial

import trio

from relay.errors import SpoolFull
from relay.exit.moving import MAY_GO, Move, Moving, Plan
from relay.exit.settle import settle, settle_with, together
from relay.model import Queue, Row
from relay.ports import Clock, Spool
from relay.wire.keys import ExitKeys

__all__ = ["BATCH", "MAY_GO", "Elsewhere", "Move"]

NOT_SERVED = "it is not in the settings any more"

BATCH = 64
"""Deliveries that go together: they share a commit, and what is posted meanwhile shares it too."""


class Elsewhere:
    """Sends deliveries of one exit elsewhere, one after the other: two roads that lead to one
    destination make one post there. ``ticks`` are the release intervals (seconds) of the
    destinations that have one; ``served`` are all that anybody posts to, None where that is every
    one."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        keys: ExitKeys,
        ticks: Mapping[str, int],
        served: Collection[str] | None = None,
    ) -> None:
        self._spool = spool
        self._moving = Moving(spool, clock, keys, ticks, served)
        self._turn = trio.Lock()

    async def instead(self, row: Row, to: str, why: str, *, leased: bool) -> bool:
        """Let ``to`` have this delivery. ``why`` is in our words, and shown to the operator.

        False: nothing has happened, and a lease goes on. Something of it is public, or may be; it
        has changed, or somebody else holds it; ``to`` had it and cannot post it; or it is a
        correction of what stands here. Raises SpoolBroken; SpoolFull where it is not leased."""
        async with self._turn:
            return await self._make(row, await self._moving.elsewhere(Move(row, to, why)), leased)

    async def refused(self, row: Row, why: str) -> bool:
        """End this leased delivery, which its destination will not have, and let what went there
        instead wait where it was to go. Raises SpoolBroken.

        False: nothing has happened, and the lease goes on. Nothing went there instead; or something
        of it is public there, or may be."""
        async with self._turn:
            return await self._make(row, await self._moving.refused(row, why), leased=True)

    async def leave(self) -> None:
        """What went to a place that nobody posts to any more waits where it was to go; what is in
        doubt there waits for a person. Raises SpoolBroken."""
        after = 0
        while rows := await self._spool.look(queue=Queue.POST, after=after):
            after = rows[-1].seq
            for row in rows:
                if not self._moving.serves(row.name):
                    await self._leave(row)

    async def _leave(self, row: Row) -> None:
        async with self._turn:
            plan = await self._moving.gone(row, NOT_SERVED)
            with contextlib.suppress(SpoolFull):  # the next process tries it again
                await self._make(row, plan, leased=False)

    async def all_instead(self, moves: Sequence[Move]) -> Sequence[Move]:
        """As ``instead``, for many that nobody holds, in this order and so that they share a
        commit; of several of one message the first. Gives those that went: on a full disk none,
        or some."""
        first = {move.row.root: move for move in reversed(moves)}
        mine = [move for move in moves if first[move.row.root] is move]
        went: list[Move] = []
        for at in range(0, len(mine), BATCH):
            async with self._turn:
                went += await self._batch(mine[at : at + BATCH])
        return went

    async def _batch(self, moves: Sequence[Move]) -> Sequence[Move]:
        plans: dict[int, Plan | None] = {}

        async def look(move: Move) -> None:
            plans[move.row.seq] = await self._moving.elsewhere(move)

        await together(partial(look, move) for move in moves)
        went: list[Move] = []

        async def one(move: Move, *, task_status: trio.TaskStatus[None]) -> None:
            task_status.started()  # from here to the spool nothing is waited for: so order is kept
            with contextlib.suppress(SpoolFull):
                if await self._make(move.row, plans[move.row.seq], leased=False):
                    went.append(move)

        async with trio.open_nursery() as nursery:
            for move in moves:
                await nursery.start(one, move)
        return went

    async def _make(self, row: Row, plan: Plan | None, leased: bool) -> bool:
        if plan is None:
            return False
        if plan.others and leased:
            return await settle_with(self._spool, row, plan.change, plan.others)
        if plan.others:
            return await self._spool.change_all([(row, plan.change), *plan.others])
        if leased:
            return await settle(self._spool, row, plan.change, then=plan.then) is not None
        return await self._spool.change(row, plan.change, then=plan.then)
