"""The messages that orders of the desk speak of: found by their ids, seen whole, changed in one go.

An id is found by looking through the spool, a piece at a time, since it has no index of them; those
that were met last are remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final, Protocol

from relay.errors import Asked, Damaged
from relay.exit.record import Record, restore
from relay.exit.sheet import Sheet, first_sheet, next_sheet, sheet_of
from relay.model import Change, Row, Whole
from relay.node.large import beside
from relay.ports import Clock, Spool
from relay.rules.policy import Policy
from relay.wire.keys import ExitKeys

LOCKED: Final = "exit.key is locked: unlock it first"
BUSY: Final = "it is being worked on at this moment: try again"
UNKNOWN: Final = "no message has that id"
NOTHING_KEPT: Final = "nothing is kept of it, or it was not read yet"

ID_BYTES: Final = 16

MOST_AT_ONCE: Final = 500
"""Ids that are looked for together."""

FEW: Final = 20
"""Messages that are opened together: each may have pictures and films of many megabytes."""

MOST_REMEMBERED: Final = 16_384
"""Ids whose seq is remembered: about 3 MB."""


class Node(Protocol):
    """What the desk's orders need of the core to look and to decide."""

    clock: Clock
    keys: ExitKeys | None

    @property
    def spool(self) -> Spool: ...
    @property
    def policies(self) -> Mapping[str, Policy]: ...


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """A message that was read, with all that is beside it."""

    whole: Whole
    record: Record
    sheet: Sheet

    @property
    def row(self) -> Row:
        """Its own row."""
        return self.whole.message

    @property
    def size(self) -> int:
        """Bytes of what is kept of it."""
        return len(self.whole.message.body)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The same and its deliveries."""
        return (self.whole.message, *self.whole.deliveries)


Changing = Sequence[tuple[Row, Change]]


class Messages:
    """Finds and changes messages of one node."""

    def __init__(self, core: Node) -> None:
        self._core = core
        self._spool = core.spool
        self._seqs: OrderedDict[bytes, int] = OrderedDict()

    @property
    def keys(self) -> ExitKeys:
        """The keys of the exit. Raises Asked while they are locked."""
        if self._core.keys is None:
            raise Asked(LOCKED)
        return self._core.keys

    # ------------------------------------------------------------ finding

    def met(self, row: Row) -> None:
        """Somebody was shown this message: they may soon speak of it."""
        self._remember(row.id, row.seq)

    def _remember(self, id: bytes, seq: int) -> None:
        self._seqs[id] = seq
        self._seqs.move_to_end(id)
        if len(self._seqs) > MOST_REMEMBERED:
            self._seqs.popitem(last=False)

    async def seqs(self, ids: Iterable[bytes]) -> dict[bytes, int]:
        """The seqs of messages, those that are there, by their whole ids."""
        wanted = dict.fromkeys(ids)
        found = {id: self._seqs[id] for id in wanted if id in self._seqs}
        left = [id for id in wanted if id not in found]
        for at in range(0, len(left), MOST_AT_ONCE):
            found |= await self._looked_for(left[at : at + MOST_AT_ONCE])
        for id in left:
            if id in found:
                self._remember(id, found[id])
        return found

    async def _looked_for(self, ids: Sequence[bytes]) -> dict[bytes, int]:
        found, after = await self._spool.seqs_of(ids)
        while after and len(found) < len(ids):
            some, after = await self._spool.seqs_of(ids, after=after)
            found |= some
        return found

    # ------------------------------------------------------------ seeing

    async def seen(self, seq: int) -> Seen:
        """A message as it is now. Raises Asked."""
        async with aclosing(self.each_seen([seq])) as found:
            async for seen in found:
                return seen
        raise Asked(NOTHING_KEPT)

    async def each_seen(self, seqs: Sequence[int]) -> AsyncGenerator[Seen, None]:
        """Those of these messages of which something is kept, in order of seq, few of them in
        memory at a time. Raises Asked while the keys are locked."""
        async with aclosing(self.together(seqs)) as batches:
            async for batch in batches:
                for seen in batch:
                    yield seen

    async def together(self, seqs: Sequence[int]) -> AsyncGenerator[list[Seen], None]:
        """The same, in batches of as many as may be in memory at a time."""
        after = 0
        while wholes := await self._spool.wholes(after=after, limit=FEW, among=seqs):
            after = wholes[-1].message.seq
            found = [
                await beside(len(whole.message.body), opened, whole, self.keys) for whole in wholes
            ]
            yield [seen for seen in found if seen is not None]

    async def rows(self, seqs: Sequence[int]) -> list[Row]:
        """The rows of these messages that are there, without their bodies."""
        found = [await self._spool.look(after=seq - 1, limit=1) for seq in seqs]
        return [
            row for seq, some in zip(seqs, found, strict=True) for row in some if row.seq == seq
        ]

    # ------------------------------------------------------------ changing

    async def change(
        self, seen: Seen, changes: Changing, sheet: Sheet, names: tuple[bytes, ...] = ()
    ) -> bool:
        """Change rows, and the sheet of this message, all in one transaction. False: somebody has
        changed one of them meanwhile, or holds it, and nothing happened."""
        storage = self.keys.storage
        if seen.whole.sheet is not None:
            to = replace(next_sheet(sheet, seen.row, storage), names=names)
            return await self._spool.change_all([*changes, (seen.whole.sheet, to)])
        new = replace(first_sheet(sheet, seen.row, storage), names=names)
        return await self._spool.change_all(changes, sheets=[(seen.row.seq, new)])


def opened(whole: Whole, keys: ExitKeys) -> Seen | None:
    """A message that was read; None for what was not, or of which nothing is kept. A sheet that is
    damaged says nothing."""
    row = whole.message
    try:
        record = restore(row.body, keys.storage, row.id) if row.body else None
    except Damaged:
        record = None
    if record is None or record.message is None:
        return None
    try:
        sheet = sheet_of(whole.sheet, keys.storage)
    except Damaged:
        sheet = Sheet()
    return Seen(whole, record, sheet)


def id_of(digits: object) -> bytes:
    """A whole id. Raises Asked."""
    try:
        id = bytes.fromhex(digits) if isinstance(digits, str) else b""
    except ValueError:
        id = b""
    if len(id) != ID_BYTES:
        raise Asked("an id has 32 hexadecimal digits")
    return id
