"""What becomes of a message's deliveries when one of them goes elsewhere, or comes back.

Only a delivery of which nothing is public and nothing in doubt goes anywhere. What took the place
of another says so in its progress: where it is refused, those come back that went there instead of
where they were to go.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from relay.errors import Damaged
from relay.exit.kin import rows_of
from relay.exit.progress import Progress, progressed, thaw
from relay.exit.record import restore
from relay.exit.rerouted import has_room, where_it_went, why_gone
from relay.model import FIRST, PERHAPS_PUBLIC, URGENT, Change, Instant, NewRow, Queue, Row, Sent
from relay.ports import Clock, Spool
from relay.rules.policy import next_tick
from relay.wire.keys import ExitKeys

MAY_GO = frozenset({Sent.WAITING, Sent.PREPARED, Sent.STOPPED})
"""States in which a delivery may go elsewhere, if nothing of it is public or in doubt."""

_INSTEAD = "instead of "
_BACK = "back from "


@dataclass(frozen=True, slots=True)
class Move:
    """A delivery that nobody holds, the destination that is to have it, and why."""

    row: Row
    to: str
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """In one transaction: what the delivery becomes, what is new, and which others wait again."""

    change: Change
    then: tuple[NewRow, ...] = ()
    others: tuple[tuple[Row, Change], ...] = ()


class Moving:
    """Plans of one exit. ``ticks`` are the release intervals (seconds) of the destinations that
    have one; ``served`` are all that anybody posts to, None where that is every one."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        keys: ExitKeys,
        ticks: Mapping[str, int],
        served: Collection[str] | None = None,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._keys = keys
        self._ticks = ticks
        self._served = served

    def serves(self, name: str) -> bool:
        """Whether anybody posts there."""
        return self._served is None or name in self._served

    async def elsewhere(self, move: Move) -> Plan | None:
        """It ends here, and ``to`` has it; None if it stays."""
        found = await self._family(move.row)
        if found is None:
            return None
        message, deliveries, ours = found
        if is_correction(ours, self._keys):
            return await self._after_the_first(message, deliveries, ours, move.why)
        if not may_go(ours, self._keys) or move.to == ours.name:
            return None
        if not has_room(deliveries, move.to) or await self._is_left_out(message, move.to):
            return None
        return self._gone(message, deliveries, ours, move.to, move.why)

    async def _is_left_out(self, message: Row, name: str) -> bool:
        """Whether the person who released it has said that it is not to go there."""
        try:
            record = restore(await self._spool.body(message.seq), self._keys.storage, message.id)
        except Damaged:
            return False
        return record.going is not None and name in record.going.without

    async def refused(self, row: Row, why: str) -> Plan | None:
        """Its destination will not have it: what went here instead is where it was to go, and waits
        there again. None where nothing did, or something of it is public here, or may be."""
        return await self._home(row, why, Change(Queue.ENDED, Sent.REFUSED, due=None, why=why))

    async def gone(self, row: Row, why: str) -> Plan | None:
        """As ``refused``, for one whose destination is not there any more, and that waits; what was
        to go to that itself waits on."""
        stays = Change(row.queue, row.state, due=row.due, why=row.why)
        return await self._home(row, why, stays) if may_go(row, self._keys) else None

    async def _home(self, row: Row, why: str, ended: Change) -> Plan | None:
        found = await self._family(row)
        if found is None:
            return None
        message, deliveries, ours = found
        progress = self._progress(ours)
        if progress is None or _is_begun(progress) or progress.corrects:
            return None
        back = [one for one in deliveries if self._was_to_go(one, ours.name, deliveries)]
        if not back:
            return None
        if progress.instead:
            gone = why_gone(back[0].name, why)
            ended = Change(Queue.ENDED, Sent.REROUTED, due=None, why=gone, body=b"")
        return Plan(ended, others=tuple((one, self._again(message, one, ours)) for one in back))

    async def _family(self, row: Row) -> tuple[Row, Sequence[Row], Row] | None:
        """The message, its deliveries and this one of them, if it is as it was."""
        message, *deliveries = await self._spool.family(row.root) or [row]
        ours = next((one for one in deliveries if one.seq == row.seq), None)
        return None if ours is None or ours.rev != row.rev else (message, deliveries, ours)

    async def _after_the_first(
        self, message: Row, deliveries: Sequence[Row], ours: Row, why: str
    ) -> Plan | None:
        """A correction goes where the text went that it puts right: also back."""
        try:
            body = await self._spool.body(message.seq)
            corrects = restore(body, self._keys.storage, message.id).corrects
        except Damaged:
            return None
        rows = await rows_of(self._spool, corrects) if corrects is not None else ()
        to = where_it_went(rows[1:], ours.name)
        if not to:
            return None
        there = next((one for one in deliveries if one.name == to), None)
        if there is not None and there.state == Sent.REROUTED:
            ended = Change(Queue.ENDED, Sent.REROUTED, due=None, why=why_gone(to, why), body=b"")
            return Plan(ended, others=((there, self._again(message, there, ours)),))
        if not has_room(deliveries, to):
            return None
        return self._gone(message, deliveries, ours, to, why)

    def _gone(self, message: Row, deliveries: Sequence[Row], ours: Row, to: str, why: str) -> Plan:
        ended = Change(Queue.ENDED, Sent.REROUTED, due=None, why=why_gone(to, why), body=b"")
        if any(one.name == to for one in deliveries):
            return Plan(ended)
        corrects = is_correction(ours, self._keys)
        before = self._progress(ours)
        progress = Progress(
            corrects=corrects,
            instead=True,
            bare=self._is_bare(ours),
            revision=before.revision if corrects and before is not None else 1,
            elsewhere=before is not None and before.elsewhere,
            ours=before is not None and before.ours,
        )
        new = NewRow(
            Queue.POST,
            _state(message),
            ours.id,
            ours.hour,
            self._due(ours, to),
            to,
            f"{_INSTEAD}{ours.name}",
            progressed(progress, self._keys.storage, ours.id),
        )
        return Plan(ended, (new,))

    def _again(self, message: Row, delivery: Row, ours: Row) -> Change:
        """A delivery that has gone from here waits again, as if nobody had tried it."""
        before = thaw(delivery, self._keys.storage)
        bare = before.bare or self._is_bare(ours)
        progress = Progress(
            corrects=before.corrects,
            instead=before.instead,
            bare=bare,
            revision=before.revision,
            elsewhere=before.elsewhere,
            ours=before.ours,
        )
        return Change(
            Queue.POST,
            _state(message),
            due=self._due(ours, delivery.name),
            why=f"{_BACK}{ours.name}",
            note=progressed(progress, self._keys.storage, delivery.id),
        )

    def _was_to_go(self, delivery: Row, to: str, deliveries: Sequence[Row]) -> bool:
        """Whether it went there from where it was to go."""
        if delivery.state != Sent.REROUTED or where_it_went(deliveries, delivery.name) != to:
            return False
        if not self.serves(delivery.name):
            return False
        progress = self._progress(delivery)
        return progress is not None and not (progress.instead or progress.corrects)

    def _is_bare(self, delivery: Row) -> bool:
        """Whether a person has let it go without its media: nor do they go anywhere else."""
        progress = self._progress(delivery)
        return progress is not None and progress.bare

    def _progress(self, delivery: Row) -> Progress | None:
        try:
            return thaw(delivery, self._keys.storage)
        except Damaged:
            return None

    def _due(self, ours: Row, to: str) -> Instant:
        """At the other's tick; else now, after what waits there, but for what is urgent. How long
        it was put off here is no matter there."""
        now, tick_s = self._clock.now(), self._ticks.get(to, 0)
        if ours.due in (FIRST, URGENT) and not tick_s:
            return ours.due
        return next_tick(now, tick_s)


def may_go(delivery: Row, keys: ExitKeys) -> bool:
    """Whether nothing of it is public or in doubt, and it waits for no person."""
    if delivery.state not in MAY_GO:
        return False
    try:
        return not _is_begun(thaw(delivery, keys.storage))
    except Damaged:  # a person is asked when its turn comes, and told why
        return False


def is_correction(delivery: Row, keys: ExitKeys) -> bool:
    """Whether it is to be put in the place of an earlier text, and nobody has begun to."""
    if delivery.state not in (*MAY_GO, Sent.UNSURE):
        return False
    try:
        progress = thaw(delivery, keys.storage)
    except Damaged:
        return False
    return progress.corrects and not progress.changing


def _is_begun(progress: Progress) -> bool:
    """Whether something of it is public, or may be."""
    return bool(progress.refs or progress.open or progress.changing or progress.blind)


def _state(message: Row) -> Sent:
    return Sent.UNSURE if message.note in PERHAPS_PUBLIC else Sent.WAITING
