"""read: of the segments of one SMS one message, whatever order they come in.

::

    a segment comes -> all there:  one transaction makes the message and ends the others joined
                    -> not yet:    it waits in its queue (relay.exit.waits)
                    -> time over:  the message is made of what is there, its gaps shown
                    -> too late:   what was made without it is made anew with it
                    -> a double:   joined

They find each other by their join keys, kept as names. The message is that of the lowest number, so
that two exits with the same segments make the same one. Nothing is kept in memory that matters: a
process that dies leaves each segment where it was, or joined.

Too late is no end. What is not public yet gets the new text, and is read and reviewed anew. What is
public keeps its row; the late segment itself then carries the whole text through review, and on to
wherever the first one stands (``relay.exit.correct``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import trio

from relay.errors import Damaged
from relay.exit.found import Finding, Kin, segment_of
from relay.exit.record import CORRECTION, First, Record, restore, store
from relay.exit.settle import settle, settle_with
from relay.exit.taking import unmoved
from relay.exit.unseal import SEGMENT, quarantined
from relay.exit.waits import OVER, WAIT_S, Waits, at_rest
from relay.model import PERHAPS_PUBLIC, Change, Queue, Row, State
from relay.ports import Clock, Spool
from relay.rules.join import Segment, first_of_each, joined
from relay.wire.keys import ExitKeys
from relay.wire.names import correction_name

MISSING = "segments_missing"
"""The flag of a message with a gap."""

DESTROYED = "perhaps a part of what was withdrawn or destroyed"
RECAST = "a part came while it was held"
DROPPED = "a part came of what was dropped"
REWORDED = "a part came of what was put in other words"

MOST_TAGS = 8
"""Author tags of a message: two of a day, and segments may lie on both sides of midnight."""

TRIES = 20
PAUSE_S = 0.05
"""Seconds until a message is looked at again that a step or a person has changed just then."""

T = TypeVar("T")

_OPEN = (Queue.READ, Queue.REVIEW, Queue.DELIVER)


class Joining:
    """Joins the segments of one node. One at a time: each finds what the one before has done."""

    def __init__(self, spool: Spool, keys: ExitKeys, clock: Clock, wait_s: int = WAIT_S) -> None:
        self._spool = spool
        self._keys = keys
        self._clock = clock
        self._waits = Waits(spool, wait_s)
        self._finding = Finding(spool, keys)
        self._turn = trio.Lock()
        self._in_hand: set[int] = set()

    async def run(self) -> None:
        """Watch over what waits, until cancelled."""
        await self._waits.run()

    async def join(self, row: Row) -> None:
        """What becomes of a leased segment; it is settled, or given back to be taken again."""
        self._in_hand.add(row.seq)
        try:
            async with self._turn:
                await self._settled(row)
        finally:
            self._in_hand.discard(row.seq)

    async def _settled(self, row: Row) -> None:
        try:
            record = restore(row.body, self._keys.storage, row.id)
        except Damaged:
            await settle(self._spool, row, quarantined("damaged record"))
            return
        for _ in range(TRIES):
            if await self._step(row, record):
                return
            await trio.sleep(PAUSE_S)
        self._spool.release(row)

    async def _step(self, row: Row, record: Record) -> bool:
        """False: what was found has changed meanwhile, and nothing was done."""
        this = self._finding.segment(row, record)
        found = await self._finding.others(row, record)
        if found.has(this.number, this.pieces[this.number]):
            await settle(self._spool, row, _joined())
            return True
        group = _group(this, found.waiting)
        late = _late(group, found.made, record.segments)
        if late is not None:
            return await self._add(this, record, late)
        over = bool(row.due)
        whole = len(group) == record.segments
        if (whole or over) and not self._any_in_hand(group, this):
            return await self._make(this, group, DESTROYED if found.destroyed else "")
        await self._wait(this, group)
        return True

    def _any_in_hand(self, group: Sequence[Kin], this: Kin) -> bool:
        """Whether another of them is held as well, by a task that has its turn after this one."""
        return any(one.row.seq in self._in_hand for one in group if one is not this)

    async def _wait(self, this: Kin, group: Sequence[Kin]) -> None:
        due = OVER
        if not this.row.due:
            others = [one.row for one in group if one is not this]
            self._waits.begin(this.row.seq)
            own = at_rest(self._clock.now(), self._waits.wait_s)
            due = min((other.due for other in others if other.due), default=own)
        await settle(self._spool, this.row, Change(Queue.READ, State.WAITING, due=due, why=SEGMENT))

    # ------------------------------------------------------------ what is done

    async def _make(self, this: Kin, group: Sequence[Kin], held: str) -> bool:
        """One message of these, in one transaction."""
        opened = [await self._finding.opened(one.row) for one in group]
        records = [record for record in opened if record is not None]
        if len(records) < len(group):  # one was destroyed just now
            return False
        first, of_first = min(zip(group, records, strict=True), key=lambda one: one[0].number)
        _, newest = max(zip(group, records, strict=True), key=lambda one: one[0].row.seq)
        record = _with(map(segment_of, records), of_first)
        record = replace(
            record,
            flags=_all([*(one.flags for one in records), record.flags]),
            author_tags=_all(one.author_tags for one in records)[:MOST_TAGS],
            network_tags=_all(one.network_tags for one in records)[:MOST_TAGS],
            return_token=newest.return_token,
            answer_key=newest.answer_key,
            code=next((one.code for one in records if one.code), ""),
            since=min(one.since for one in records),
            held=held,
        )
        change = replace(self._to_read(first.row, record), note=_doubt(one.row for one in group))
        others = [one for one in group if one is not first]
        return await self._together(this, first, change, others)

    async def _add(self, this: Kin, record: Record, late: Kin) -> bool:
        """Make anew what was made without this segment; a correction, where that is no longer to
        be changed. Only as long as it stands as it was found: it may be taken back just now."""
        if late.row.state == State.WITHDRAWN:
            await settle(self._spool, this.row, _joined())
            return True
        before = await self._finding.opened(late.row)
        if before is None:
            return False
        pieces = [*before.pieces, segment_of(record)]
        flags = _all((before.flags, record.flags))
        tags = _all((before.author_tags, record.author_tags))[:MOST_TAGS]
        networks = _all((before.network_tags, record.network_tags))[:MOST_TAGS]
        if late.row.queue in _OPEN or late.row.state == State.QUARANTINED:
            again = replace(
                _with(pieces, replace(before, flags=flags)),
                author_tags=tags,
                network_tags=networks,
                return_token=record.return_token or before.return_token,
                answer_key=record.answer_key or before.answer_key,
                message=None,
                written=None,
                theirs=None,
                held=_held_anew(late.row, before),
            )
            anew = replace(self._to_read(late.row, again), note=_doubt((late.row, this.row)))
            return await self._together(this, late, anew, [this])
        first = before.corrects or First(late.row.id, late.row.seq, before.secret)
        correction = replace(
            _with(pieces, replace(record, flags=flags)),
            author_tags=tags,
            network_tags=networks,
            channel=before.channel,
            corrects=first,
            revision=before.revision + 1,
            held=_held_after(late.row, before),
        )
        change = replace(
            self._to_read(this.row, correction),
            name=late.row.name,
            note=_doubt((this.row,)) or CORRECTION,
            names=(correction_name(self._keys.desk_secret, first.id),),
        )
        return await settle_with(self._spool, this.row, change, [(late.row, unmoved(late.row))])

    def _to_read(self, row: Row, record: Record) -> Change:
        body = store(record, self._keys.storage, row.id)
        return Change(Queue.READ, State.WAITING, due=0, body=body)

    async def _together(self, this: Kin, first: Kin, change: Change, others: Sequence[Kin]) -> bool:
        """Settle the leased segment and all it is joined with: the first becomes the message."""
        changes = {first.row.seq: change} | {one.row.seq: _joined() for one in others}
        rows = [(one.row, changes[one.row.seq]) for one in (first, *others) if one is not this]
        return await settle_with(self._spool, this.row, changes[this.row.seq], rows)


def _doubt(rows: Iterable[Row]) -> bytes | None:
    """The note of what is made of these, if one of them may be public: then so may be the whole."""
    return next((row.note for row in rows if row.note in PERHAPS_PUBLIC), None)


def _held_anew(late: Row, before: Record) -> str:
    """Why a person sees again what is read anew: also since words that were taken out are in it."""
    if before.theirs is not None:
        return REWORDED
    return RECAST if late.state == State.HELD else before.held


def _held_after(late: Row, before: Record) -> str:
    """Why a person sees what would be put in the place of what was made without this part."""
    if before.theirs is not None:
        return REWORDED
    return DROPPED if late.state == State.DROPPED else before.held


def _joined() -> Change:
    return Change(Queue.ENDED, State.JOINED, due=None, body=b"")


def _group(this: Kin, waiting: Sequence[Kin]) -> Sequence[Kin]:
    """This segment and those that wait and go with it, by number: of each the first that came.
    Where another came first under its number, it stands alone: it is of another SMS."""
    first: dict[int, Kin] = {}
    for one in sorted((this, *waiting), key=lambda one: one.row.seq):
        first.setdefault(one.number, one)
    if first[this.number] is not this:
        return (this,)
    return [first[number] for number in sorted(first)]


def _late(group: Sequence[Kin], made: Sequence[Kin], of: int) -> Kin | None:
    """The newest that was made without these; None where they are of none of them."""
    numbers = {one.number for one in group}
    for one in reversed(made):
        if numbers <= set(range(1, of + 1)) - one.pieces.keys():
            return one
    return None


def _with(given: Iterable[Segment], record: Record) -> Record:
    """The record with the whole of these segments as its content."""
    segments = list(given)
    whole = joined(segments, record.segments)
    flags = tuple(flag for flag in record.flags if flag != MISSING)
    return replace(
        record,
        kind=whole.kind,
        content=whole.content,
        pieces=first_of_each(segments),
        flags=(*flags, MISSING) if whole.missing else flags,
    )


def _all(given: Iterable[Sequence[T]]) -> tuple[T, ...]:
    """All of these, each once."""
    return tuple(dict.fromkeys(one for some in given for one in some))
