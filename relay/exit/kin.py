"""What belongs together: a message and its corrections are several submissions and one text.

Who takes back one of them means all of them: a correction that comes afterwards would put there
again what was taken away. A correction names its first, and is found by a name made of that.
"""

from __future__ import annotations

from collections.abc import Sequence

from relay.errors import Damaged
from relay.exit.record import First, Record, restore
from relay.model import Row
from relay.ports import Spool
from relay.wire.keys import ExitKeys
from relay.wire.names import correction_name


async def kin_of(spool: Spool, keys: ExitKeys, message: Row) -> Sequence[Row]:
    """The other submissions of this message's text, the newest first; also where nothing is kept
    of the message itself any more, unless it is a correction."""
    record = await _record(spool, keys, message)
    corrects = record.corrects if record is not None else None
    first = corrects.id if corrects is not None else message.id
    rows = list(await spool.named(correction_name(keys.desk_secret, first)))
    if corrects is not None:
        rows += [row for row in await spool.family(corrects.seq) if row.id == first][:1]
    kin = {row.seq: row for row in rows if row.seq != message.seq}
    return [kin[seq] for seq in sorted(kin, reverse=True)]


async def rows_of(spool: Spool, first: First) -> Sequence[Row]:
    """The row of a message that was corrected, and its deliveries; none if it was purged."""
    rows = await spool.family(first.seq)
    return rows if rows and rows[0].id == first.id else ()


async def _record(spool: Spool, keys: ExitKeys, row: Row) -> Record | None:
    try:
        body = await spool.body(row.seq)
        return restore(body, keys.storage, row.id) if body else None
    except Damaged:
        return None
