"""read: what is known of the SMS that a segment is of: others that wait, and what was made of some.

Every segment is held against all that came with its join key. To open those each time would cost
more with each that comes, and under one reference anybody may send as many as he likes. So what
counts of them is remembered, numbers and hashes of what they say; what is not is opened again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from relay.errors import Damaged
from relay.exit.record import Record, restore
from relay.exit.unseal import SEGMENT, join_names
from relay.model import Queue, Row, State
from relay.ports import Spool
from relay.rules.join import LATEST_S, Segment
from relay.wire.keys import ExitKeys
from relay.wire.primitives import digest

MORE = 16
"""Rows of one join key that are looked at, besides twice as many as it has segments: whoever sends
ten thousand under one reference must not have each of them compared with all others."""

MOST_REMEMBERED = 16_384
"""Pieces whose numbers and hashes are remembered, in about 3 MiB: those of 64 messages as long as
an SMS can be."""

Pieces = Mapping[int, bytes]
"""The numbers that a row has, each with the hash of what it says."""


@dataclass(frozen=True, slots=True, repr=False)
class Kin:
    """A row with the same join key: a segment that waits, or what was ``made`` of some."""

    row: Row
    pieces: Pieces
    made: bool = False
    revision: int = 1

    @property
    def number(self) -> int:
        """Of a segment: its own."""
        return next(iter(self.pieces))


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """All that is known of an SMS, in order of arrival: segments that wait, and what was made of
    others, the newest last. ``destroyed``: of something of it nothing is kept."""

    waiting: Sequence[Kin]
    made: Sequence[Kin]
    destroyed: bool

    def has(self, number: int, saying: bytes) -> bool:
        """Whether this very segment waits already, or is a piece of what was made."""
        return any(one.pieces.get(number) == saying for one in (*self.waiting, *self.made))


class Finding:
    """Looks segments up for one node."""

    def __init__(self, spool: Spool, keys: ExitKeys) -> None:
        self._spool = spool
        self._keys = keys
        self._remembered: OrderedDict[tuple[int, int], Kin | None] = OrderedDict()
        self._pieces = 0

    def segment(self, row: Row, record: Record) -> Kin:
        """A segment that was opened."""
        return Kin(row, pieces_of([segment_of(record)]))

    async def others(self, row: Row, record: Record) -> Found:
        """What there is of the SMS of this segment, itself left out."""
        waiting: list[Kin] = []
        made: list[Kin] = []
        destroyed = False
        for other in await self._named(row, record):
            kin = await self._kin(other)
            if kin is None:
                destroyed |= other.state != State.QUARANTINED
            elif kin.made:
                made.append(kin)
            elif other.queue == Queue.READ and other.why == SEGMENT:
                waiting.append(kin)
        made.sort(key=lambda one: (one.revision, one.row.seq))
        return Found(waiting, made, destroyed)

    async def _named(self, row: Row, record: Record) -> Sequence[Row]:
        """Rows of the same join key that came within a day, this one and joined ones left out."""
        rows: dict[int, Row] = {}
        earliest, latest = row.hour - LATEST_S, row.hour + LATEST_S
        for name in join_names(record, self._keys.desk_secret):
            for other in await self._spool.named(name, since=earliest):
                if other.hour <= latest and other.state != State.JOINED:
                    rows[other.seq] = other
        rows.pop(row.seq, None)
        most = 2 * record.segments + MORE
        return [rows[seq] for seq in sorted(rows)[:most]]

    async def _kin(self, row: Row) -> Kin | None:
        """What a row has; None where nothing is kept of it, or nothing that can be read."""
        known = (row.seq, row.rev)
        if known in self._remembered:
            self._remembered.move_to_end(known)
            return self._remembered[known]
        record = await self.opened(row)
        kin = None
        if record is not None and record.pieces and record.command is None:
            kin = Kin(row, pieces_of(record.pieces), True, record.revision)
        elif record is not None:
            kin = Kin(row, pieces_of([segment_of(record)]))
        self._remember(known, kin)
        return kin

    def _remember(self, known: tuple[int, int], kin: Kin | None) -> None:
        self._remembered[known] = kin
        self._pieces += _weight(kin)
        while self._pieces > MOST_REMEMBERED:
            _, forgotten = self._remembered.popitem(last=False)
            self._pieces -= _weight(forgotten)

    async def opened(self, row: Row) -> Record | None:
        """What a row holds; None where nothing is kept of it, or nothing that can be read."""
        try:
            body = await self._spool.body(row.seq)
            return restore(body, self._keys.storage, row.id) if body else None
        except Damaged:
            return None


def segment_of(record: Record) -> Segment:
    """The segment that a submission is."""
    return Segment(record.segment, record.kind, record.content)


def pieces_of(segments: Iterable[Segment]) -> Pieces:
    """Their numbers, and the hashes of what they say."""
    return {one.number: digest(one.kind.encode() + b" " + one.content) for one in segments}


def _weight(kin: Kin | None) -> int:
    return 1 if kin is None else len(kin.pieces)
