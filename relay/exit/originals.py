"""Media as they came, sealed in a row of their own beside their message.

Two persons at the desk may open them (``relay.node.desk.originals``), and nobody and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from relay.model import (
    HOUR,
    Change,
    Instant,
    Kept,
    Media,
    NewRow,
    Original,
    Queue,
    Row,
    Unclean,
)
from relay.ports import Spool
from relay.wire import primitives
from relay.wire.custody import keep, reveal
from relay.wire.epochs import StorageKey
from relay.wire.pack import pack, unpack

DESTROYED = Change(Queue.ORIGINAL, Kept.DESTROYED, due=None, body=b"")
"""What an original becomes in the end; its row stays with its message, and says that it was."""


TORN_UP = Change(Queue.SHEET, Kept.DESTROYED, due=None, body=b"")
"""What a sheet becomes where its message is destroyed before its time."""


@dataclass(frozen=True, slots=True, repr=False)
class Originals:
    """All that came along with one message, byte for byte, in its order."""

    contents: tuple[bytes, ...]


def set_aside(row: Row, media: Sequence[Media], storage: Sequence[StorageKey]) -> NewRow:
    """The row that keeps these beside the message of ``row``, bound to it by its id. They came in
    one record together, so they fit into one. Nobody takes it before the message was decided
    about."""
    packed = pack(Originals(tuple(medium.content for medium in media)))
    body = keep(packed, storage[-1], bind=row.id + b"originals")
    return NewRow(Queue.ORIGINAL, Kept.SEALED, row.id, row.hour, due=None, body=body)


def contents_of(row: Row, body: bytes, storage: Sequence[StorageKey]) -> tuple[bytes, ...]:
    """What came along, in its order, from the row that keeps it. Raises Damaged."""
    return unpack(Originals, reveal(body, storage, bind=row.id + b"originals")).contents


def described(medium: Media, made: Media | Unclean) -> Original:
    """What is remembered of a medium, whatever becomes of its bytes."""
    why = made.why if isinstance(made, Unclean) else ""
    digest = primitives.digest(medium.content)
    return Original(medium.type, len(medium.content), digest, why)


def until(decided: Instant, keep_s: int) -> Instant:
    """When they are destroyed that were decided about in this hour. Only the hour is known, so that
    it gets one more: nothing is destroyed too early."""
    return decided + HOUR + keep_s


async def with_originals(
    spool: Spool,
    changes: Sequence[tuple[Row, Change]],
    others: Sequence[tuple[Row, Change]] = (),
) -> bool:
    """Change messages that nobody holds, and destroy what came along with them and what persons
    wrote about them, all at once; ``others`` are changed with them, and keep all that. False: one
    of them is held or has changed, and nothing happened."""
    beside: list[tuple[Row, Change]] = []
    for row, _ in changes:
        if row.seq == row.root:
            beside += [*await _sealed(spool, row.seq), *await _written(spool, row.seq)]
    return await spool.change_all([*changes, *beside, *others])


async def let_go(spool: Spool, seq: int) -> bool:
    """Destroy what came along with a message, wherever that is. False: it is held just now."""
    beside = await _sealed(spool, seq)
    return not beside or await spool.change_all(beside)


async def _written(spool: Spool, seq: int) -> list[tuple[Row, Change]]:
    """The sheet of a message, with its end: it may quote the message."""
    sheet = await spool.sheet(seq)
    return [] if sheet is None or sheet.state != Kept.SEALED else [(sheet, TORN_UP)]


async def _sealed(spool: Spool, seq: int) -> list[tuple[Row, Change]]:
    """Those that are kept still, with their end."""
    return [(one, DESTROYED) for one in await spool.originals(seq) if one.state == Kept.SEALED]
