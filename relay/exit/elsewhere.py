"""elsewhere: a delivery that cannot go out where it was to go ends, and another place has it.

::

    waiting, stopped -> rerouted         and in the same transaction, at the other place,
                                         waiting; nothing where it has the message already

Only a delivery of which nothing is public and nothing in doubt goes elsewhere, and one that holds
it is asked no more: nothing comes back, so that no message goes in a circle. It stays one message,
with the hour of its release. Of a spool that was set back nobody knows whether the other place had
it before: there it begins as unsure, as every other delivery of such a message does.

A correction goes where the text stands that it puts right, and nowhere else: where that went to
another place before it was public, its correction goes after it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import trio

from relay.errors import Damaged, SpoolFull
from relay.exit.kin import rows_of
from relay.exit.progress import Progress, progressed, thaw
from relay.exit.record import restore
from relay.exit.rerouted import has_room, where_it_went, why_gone
from relay.exit.settle import settle, together
from relay.model import FIRST, SET_BACK, URGENT, Change, Instant, NewRow, Queue, Row, Sent
from relay.ports import Clock, Spool
from relay.rules.policy import next_tick
from relay.wire.keys import ExitKeys

MAY_GO = frozenset({Sent.WAITING, Sent.PREPARED, Sent.STOPPED})
"""States in which a delivery may go elsewhere, if nothing of it is public or in doubt."""

BATCH = 64
"""Deliveries that go together: they share a commit, and what is posted meanwhile shares it too."""

_INSTEAD = "instead of "


@dataclass(frozen=True, slots=True)
class Move:
    """A delivery that nobody holds, the destination that is to have it, and why."""

    row: Row
    to: str
    why: str


class Elsewhere:
    """Sends deliveries of one exit elsewhere, one after the other: two roads that lead to one
    destination make one post there. ``ticks`` are the release intervals (seconds) of the
    destinations that have one."""

    def __init__(
        self, spool: Spool, clock: Clock, keys: ExitKeys, ticks: Mapping[str, int]
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._keys = keys
        self._ticks = ticks
        self._turn = trio.Lock()

    async def instead(self, row: Row, to: str, why: str, *, leased: bool) -> bool:
        """Let ``to`` have this delivery. ``why`` is in our words, and shown to the operator.

        False: nothing has happened, and a lease goes on. Something of it is public, or may be; it
        has changed, or somebody else holds it; ``to`` had it and cannot post it; or it is a
        correction of what stands here. Raises SpoolBroken; SpoolFull where it is not leased."""
        async with self._turn:
            plan = await self._planned(Move(row, to, why))
            if plan is None:
                return False
            if leased:
                settled = await settle(self._spool, row, plan.change, then=plan.then)
                return settled is not None
            return await self._spool.change(row, plan.change, then=plan.then)

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
        plans: dict[int, _Plan | None] = {}

        async def look(move: Move) -> None:
            plans[move.row.seq] = await self._planned(move)

        await together(partial(look, move) for move in moves)
        return await self._make([(move, plans[move.row.seq]) for move in moves])

    async def _make(self, planned: Sequence[tuple[Move, _Plan | None]]) -> Sequence[Move]:
        went = []

        async def one(move: Move, plan: _Plan, *, task_status: trio.TaskStatus[None]) -> None:
            task_status.started()  # from here to the spool nothing is waited for: so order is kept
            with contextlib.suppress(SpoolFull):
                if await self._spool.change(move.row, plan.change, then=plan.then):
                    went.append(move)

        async with trio.open_nursery() as nursery:
            for move, plan in planned:
                if plan is not None:
                    await nursery.start(one, move, plan)
        return went

    async def _planned(self, move: Move) -> _Plan | None:
        """What becomes of it, and what ``to`` gets; None if it stays."""
        message, *deliveries = await self._spool.family(move.row.root) or [move.row]
        ours = next((one for one in deliveries if one.seq == move.row.seq), None)
        if ours is None or ours.rev != move.row.rev:
            return None
        to, corrects = move.to, is_correction(ours, self._keys)
        if corrects:
            to = await self._after_the_first(message, ours)
        elif not may_go(ours, self._keys):
            return None
        if to in ("", ours.name) or not has_room(deliveries, to):
            return None
        ended = Change(Queue.ENDED, Sent.REROUTED, due=None, why=why_gone(to, move.why), body=b"")
        if any(one.name == to for one in deliveries):
            return _Plan(ended)
        return _Plan(ended, (self._new(message, ours, to, corrects=corrects),))

    async def _after_the_first(self, message: Row, ours: Row) -> str:
        """Where the text went that this one puts right; empty if it did not go elsewhere."""
        try:
            body = await self._spool.body(message.seq)
            corrects = restore(body, self._keys.storage, message.id).corrects
        except Damaged:
            return ""
        rows = await rows_of(self._spool, corrects) if corrects is not None else ()
        return where_it_went(rows[1:], ours.name)

    def _new(self, message: Row, ours: Row, to: str, *, corrects: bool) -> NewRow:
        note = b""
        if corrects:
            note = progressed(Progress(corrects=True), self._keys.storage, ours.id)
        return NewRow(
            Queue.POST,
            Sent.UNSURE if message.note == SET_BACK else Sent.WAITING,
            ours.id,
            ours.hour,
            self._due(ours, to),
            to,
            f"{_INSTEAD}{ours.name}",
            note,
        )

    def _due(self, ours: Row, to: str) -> Instant:
        """At the other's tick; else now, after what waits there, but for what is urgent. How long
        it was put off here is no matter there."""
        now, tick_s = self._clock.now(), self._ticks.get(to, 0)
        if ours.due in (FIRST, URGENT) and not tick_s:
            return ours.due
        return next_tick(now, tick_s)


@dataclass(frozen=True, slots=True)
class _Plan:
    change: Change
    then: tuple[NewRow, ...] = ()


def may_go(delivery: Row, keys: ExitKeys) -> bool:
    """Whether nothing of it is public or in doubt, and it waits for no person."""
    if delivery.state not in MAY_GO:
        return False
    try:
        progress = thaw(delivery, keys.storage)
    except Damaged:  # a person is asked when its turn comes, and told why
        return False
    return not (progress.refs or progress.open or progress.changing)


def is_correction(delivery: Row, keys: ExitKeys) -> bool:
    """Whether it is to be put in the place of an earlier text, and nobody has begun to."""
    if delivery.state not in (*MAY_GO, Sent.UNSURE):
        return False
    try:
        progress = thaw(delivery, keys.storage)
    except Damaged:
        return False
    return progress.corrects and not progress.changing
