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
from dataclasses import dataclass, replace
from typing import TypeVar

import trio

from relay.errors import Damaged
from relay.exit.record import CORRECTION, First, Record, restore, store
from relay.exit.settle import settle, settle_with
from relay.exit.taking import unmoved
from relay.exit.unseal import SEGMENT, join_names, quarantined
from relay.exit.waits import OVER, WAIT_S, Waits, at_rest
from relay.model import Change, Queue, Row, State
from relay.ports import Clock, Spool
from relay.rules.join import LATEST_S, Segment, first_of_each, is_double, joined
from relay.rules.join import missing as missing_of
from relay.wire.keys import ExitKeys

MISSING = "segments_missing"
"""The flag of a message with a gap."""

DESTROYED = "perhaps a part of what was withdrawn or destroyed"
RECAST = "a part came while it was held"
DROPPED = "a part came of what was dropped"

MORE = 16
"""Rows of one join key that are looked at, besides twice as many as it has segments: whoever sends
ten thousand under one reference must not have each of them compared with all others."""

MOST_TAGS = 8
"""Author tags of a message: two of a day, and segments may lie on both sides of midnight."""

TRIES = 20
PAUSE_S = 0.05
"""Seconds until a message is looked at again that a step or a person has changed just then."""

T = TypeVar("T")

_OPEN = (Queue.READ, Queue.REVIEW, Queue.DELIVER)


@dataclass(frozen=True, slots=True, repr=False)
class _Kin:
    """A row with the same join key, and what it holds."""

    row: Row
    record: Record

    @property
    def segment(self) -> Segment:
        return Segment(self.record.segment, self.record.kind, self.record.content)


@dataclass(frozen=True, slots=True, repr=False)
class _Found:
    """All that is known of an SMS, in order of arrival: segments that wait, and what was made of
    others, the newest last. ``destroyed``: of something of it nothing is kept."""

    waiting: Sequence[_Kin]
    made: Sequence[_Kin]
    destroyed: bool


class Joining:
    """Joins the segments of one node. One at a time: each finds what the one before has done."""

    def __init__(self, spool: Spool, keys: ExitKeys, clock: Clock, wait_s: int = WAIT_S) -> None:
        self._spool = spool
        self._keys = keys
        self._clock = clock
        self._waits = Waits(spool, wait_s)
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
            this = _Kin(row, restore(row.body, self._keys.storage, row.id))
        except Damaged:
            await settle(self._spool, row, quarantined("damaged record"))
            return
        for _ in range(TRIES):
            if await self._step(this, await self._find(this)):
                return
            await trio.sleep(PAUSE_S)
        self._spool.release(row)

    async def _step(self, this: _Kin, found: _Found) -> bool:
        """False: what was found has changed meanwhile, and nothing was done."""
        if _is_there(this.segment, found):
            await settle(self._spool, this.row, _joined())
            return True
        group = _group(this, found.waiting)
        late = _late(group, found.made)
        if late is not None:
            return await self._add(this, late)
        over = bool(this.row.due)
        if (_complete(group) or over) and not self._any_in_hand(group, this):
            return await self._make(this, group, DESTROYED if found.destroyed else "")
        await self._wait(this, group)
        return True

    def _any_in_hand(self, group: Sequence[_Kin], this: _Kin) -> bool:
        """Whether another of them is held as well, by a task that has its turn after this one."""
        return any(one.row.seq in self._in_hand for one in group if one is not this)

    async def _wait(self, this: _Kin, group: Sequence[_Kin]) -> None:
        due = OVER
        if not this.row.due:
            others = [one.row for one in group if one is not this]
            self._waits.begin(this.row.seq, (other.seq for other in others))
            own = at_rest(self._clock.now(), self._waits.wait_s)
            due = min((other.due for other in others if other.due), default=own)
        await settle(self._spool, this.row, Change(Queue.READ, State.WAITING, due=due, why=SEGMENT))

    # ------------------------------------------------------------ what is found

    async def _find(self, this: _Kin) -> _Found:
        waiting: list[_Kin] = []
        made: list[_Kin] = []
        destroyed = False
        for row in await self._named(this):
            body = await self._body(row)
            if body is None:
                destroyed |= row.state != State.QUARANTINED
                continue
            if row.queue == Queue.READ and row.why == SEGMENT:
                waiting.append(_Kin(row, body))
            elif body.pieces and body.command is None:
                made.append(_Kin(row, body))
        made.sort(key=lambda one: (one.record.revision, one.row.seq))
        return _Found(waiting, made, destroyed)

    async def _named(self, this: _Kin) -> Sequence[Row]:
        """Rows of the same join key that came within a day, this one and joined ones left out."""
        rows: dict[int, Row] = {}
        earliest, latest = this.row.hour - LATEST_S, this.row.hour + LATEST_S
        for name in join_names(this.record, self._keys.desk_secret):
            for row in await self._spool.named(name, since=earliest):
                if row.hour <= latest and row.state != State.JOINED:
                    rows[row.seq] = row
        rows.pop(this.row.seq, None)
        most = 2 * this.record.segments + MORE
        return [rows[seq] for seq in sorted(rows)[:most]]

    async def _body(self, row: Row) -> Record | None:
        """What a row holds; None where nothing is kept of it, or nothing that can be read."""
        try:
            body = await self._spool.body(row.seq)
            return restore(body, self._keys.storage, row.id) if body else None
        except Damaged:
            return None

    # ------------------------------------------------------------ what is done

    async def _make(self, this: _Kin, group: Sequence[_Kin], held: str) -> bool:
        """One message of these, in one transaction."""
        first = min(group, key=lambda one: one.record.segment)
        newest = max(group, key=lambda one: one.row.seq)
        record = _with([one.segment for one in group], first.record)
        record = replace(
            record,
            flags=_all([*(one.record.flags for one in group), record.flags]),
            author_tags=_all(one.record.author_tags for one in group)[:MOST_TAGS],
            return_token=newest.record.return_token,
            answer_key=newest.record.answer_key,
            code=next((one.record.code for one in group if one.record.code), ""),
            held=held,
        )
        change = self._to_read(first.row, record)
        done = await self._together(this, first, change, [one for one in group if one is not first])
        if done:
            for one in group:
                self._waits.end(one.row.seq)
        return done

    async def _add(self, this: _Kin, late: _Kin) -> bool:
        """Make anew what was made without this segment; a correction, where that is no longer to
        be changed. Only as long as it stands as it was found: it may be taken back just now."""
        if late.row.state == State.WITHDRAWN:
            await settle(self._spool, this.row, _joined())
            return True
        both = (late.record, this.record)
        pieces = [*late.record.pieces, this.segment]
        flags = _all(record.flags for record in both)
        tags = _all(record.author_tags for record in both)[:MOST_TAGS]
        if late.row.queue in _OPEN or late.row.state == State.QUARANTINED:
            again = replace(
                _with(pieces, replace(late.record, flags=flags)),
                author_tags=tags,
                return_token=this.record.return_token or late.record.return_token,
                answer_key=this.record.answer_key or late.record.answer_key,
                message=None,
                held=RECAST if late.row.state == State.HELD else late.record.held,
            )
            return await self._together(this, late, self._to_read(late.row, again), [this])
        correction = replace(
            _with(pieces, replace(this.record, flags=flags)),
            author_tags=tags,
            channel=late.record.channel,
            corrects=late.record.corrects or First(late.row.id, late.row.seq, late.record.secret),
            revision=late.record.revision + 1,
            held=DROPPED if late.row.state == State.DROPPED else late.record.held,
        )
        change = self._to_read(this.row, correction)
        change = replace(change, name=late.row.name, note=CORRECTION)
        return await settle_with(self._spool, this.row, change, [(late.row, unmoved(late.row))])

    def _to_read(self, row: Row, record: Record) -> Change:
        body = store(record, self._keys.storage, row.id)
        return Change(Queue.READ, State.WAITING, due=0, body=body)

    async def _together(
        self, this: _Kin, first: _Kin, change: Change, others: Sequence[_Kin]
    ) -> bool:
        """Settle the leased segment and all it is joined with: the first becomes the message."""
        changes = {first.row.seq: change} | {one.row.seq: _joined() for one in others}
        rows = [(one.row, changes[one.row.seq]) for one in (first, *others) if one is not this]
        return await settle_with(self._spool, this.row, changes[this.row.seq], rows)


def _joined() -> Change:
    return Change(Queue.ENDED, State.JOINED, due=None, body=b"")


def _is_there(one: Segment, found: _Found) -> bool:
    """Whether this very segment waits already, or is a piece of what was made."""
    waiting = (other.segment for other in found.waiting)
    return is_double(one, waiting) or any(is_double(one, m.record.pieces) for m in found.made)


def _group(this: _Kin, waiting: Sequence[_Kin]) -> Sequence[_Kin]:
    """This segment and those that wait and go with it, by number: of each the first that came.
    Where another came first under its number, it stands alone: it is of another SMS."""
    first: dict[int, _Kin] = {}
    for one in sorted((this, *waiting), key=lambda one: one.row.seq):
        first.setdefault(one.record.segment, one)
    if first[this.record.segment] is not this:
        return (this,)
    return [first[number] for number in sorted(first)]


def _late(group: Sequence[_Kin], made: Sequence[_Kin]) -> _Kin | None:
    """The newest that was made without these; None where they are of none of them."""
    numbers = {one.record.segment for one in group}
    for one in reversed(made):
        if numbers <= set(missing_of(one.record.pieces, one.record.segments)):
            return one
    return None


def _complete(group: Sequence[_Kin]) -> bool:
    return len(group) == group[0].record.segments


def _with(segments: Sequence[Segment], record: Record) -> Record:
    """The record with the whole of these segments as its content."""
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
