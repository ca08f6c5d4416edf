"""What belongs together: a message and its corrections are several submissions and one text.

Who takes back one of them means all of them: a correction that comes afterwards would put there
again what was taken away. They know each other by the names of their join keys.
"""

from __future__ import annotations

from collections.abc import Sequence

from relay.errors import Damaged
from relay.exit.record import Record, restore
from relay.exit.unseal import join_names
from relay.model import Row
from relay.ports import Spool
from relay.wire.keys import ExitKeys


async def kin_of(spool: Spool, keys: ExitKeys, message: Row) -> Sequence[Row]:
    """The other submissions of this message's text, the newest first. None of one of which nothing
    is kept any more."""
    record = await _record(spool, keys, message)
    if record is None or not record.pieces:
        return ()
    first = record.corrects.id if record.corrects else message.id
    kin: dict[int, Row] = {}
    for name in join_names(record, keys.desk_secret):
        for row in await spool.named(name):
            if (
                row.seq != message.seq
                and row.seq not in kin
                and await _is_of(spool, keys, row, first)
            ):
                kin[row.seq] = row
    return [kin[seq] for seq in sorted(kin, reverse=True)]


async def _is_of(spool: Spool, keys: ExitKeys, row: Row, first: bytes) -> bool:
    if row.id == first:
        return True
    record = await _record(spool, keys, row)
    return record is not None and record.corrects is not None and record.corrects.id == first


async def _record(spool: Spool, keys: ExitKeys, row: Row) -> Record | None:
    try:
        body = await spool.body(row.seq)
        return restore(body, keys.storage, row.id) if body else None
    except Damaged:
        return None
