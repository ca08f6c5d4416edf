"""read -> review: what a message says, by a reader that may be killed by it.

The reader is another process: what it reads is hostile until proved otherwise. A reader that died
of its limits gives ``Unreadable``; one that was killed by somebody else raises, and the row is
taken again by a new reader.
"""

from __future__ import annotations

from relay.errors import Damaged
from relay.exit.naming import STRANGERS, Familiar, to_command, to_review
from relay.exit.record import restore
from relay.exit.unseal import quarantined
from relay.model import Change, Command, Row, Unreadable
from relay.ports import Reader
from relay.wire.keys import ExitKeys


async def read(row: Row, reader: Reader, keys: ExitKeys, familiar: Familiar = STRANGERS) -> Change:
    """What becomes of a record: a message to review, a command to obey, or quarantine."""
    try:
        record = restore(row.body, keys.storage, row.id)
    except Damaged:
        return quarantined("damaged record")
    message = await reader.read(record.content, record.kind)
    if isinstance(message, Unreadable):
        return quarantined(message.why)
    if isinstance(message, Command):
        return to_command(row.id, record, message, keys)
    return await to_review(row, record, message, keys, familiar)
