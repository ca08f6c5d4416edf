"""Messages that ended since an equal one was published: where that is taken back, a person sees
them again.

They are of other people, who wanted nothing back. Else whoever sends the same story first, is
published for all of them and takes it back, would take it away from everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from relay.errors import Damaged
from relay.exit.sheet import Sheet, sheet_of
from relay.model import Change, Queue, Row, State
from relay.ports import Spool
from relay.wire.keys import ExitKeys

JOINED: Final = "another one with the same story was published"
GIVEN_BACK: Final = "what was published in its place was taken back"

_BACK: Final = Change(Queue.REVIEW, State.HELD, due=None, why=GIVEN_BACK)


async def given_back(
    spool: Spool, keys: ExitKeys | None, message: Row
) -> Sequence[tuple[Row, Change]]:
    """Those that ended with this message and were not moved since, with their way back to a person;
    none while exit.key is locked."""
    sheet = Sheet() if keys is None else await _sheet(spool, keys, message)
    return [
        (row, _BACK)
        for seq in sheet.equals
        for row in await spool.look(after=seq - 1, limit=1)
        if row.seq == seq and is_joined(row)
    ]


def is_joined(message: Row) -> bool:
    """Whether a message ended so; segments that were joined did not."""
    return message.state == State.JOINED and message.why == JOINED


async def _sheet(spool: Spool, keys: ExitKeys, message: Row) -> Sheet:
    try:
        return sheet_of(await spool.sheet(message.seq), keys.storage)
    except Damaged:
        return Sheet()
