"""read -> review: what a message says, by a reader that may be killed by it.

The reader is another process: what it reads is hostile until proved otherwise. A reader that died
of its limits gives ``Unreadable``; one that was killed by somebody else raises, and the row is
taken again by a new reader.

What the node wrote to itself (``relay.wire.canary``) ends here, as a command that was done: nothing
of it is answered, remembered or shown. What only looks like it is for a person to see.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from relay.errors import Damaged, TooLarge
from relay.exit.naming import STRANGERS, Familiar, to_command, to_review
from relay.exit.record import Record, restore
from relay.exit.unseal import quarantined
from relay.model import Change, Command, Message, Queue, Row, State, Unreadable
from relay.ports import Reader
from relay.wire.canary import begins_like_one
from relay.wire.keys import ExitKeys

NOT_OURS: Final = "it looks like a self test, and is none of this node"
"""Why a person must see it."""

_TRIED: Final = Change(Queue.ENDED, State.COMMAND, due=None, body=b"")


async def read(row: Row, reader: Reader, keys: ExitKeys, familiar: Familiar = STRANGERS) -> Change:
    """What becomes of a record: a message to review, a command to obey, or quarantine."""
    try:
        record = restore(row.body, keys.storage, row.id)
    except Damaged:
        return quarantined("damaged record")
    message = await reader.read(record.content, record.kind)
    if isinstance(message, Unreadable):
        return quarantined(message.why)
    try:
        return await _became(row, record, message, keys, familiar)
    except TooLarge:  # bytes that are no UTF-8 take three times their room as text
        return quarantined("larger, once it was read, than anything that is kept")


async def _became(
    row: Row, record: Record, message: Message | Command, keys: ExitKeys, familiar: Familiar
) -> Change:
    if isinstance(message, Command):
        return to_command(row.id, record, message, keys)
    if _is_bare(message) and familiar.tries(record.transport, message.text):
        return _TRIED
    if begins_like_one(message.text):
        record = replace(record, held=record.held or NOT_OURS)
    return await to_review(row, record, message, keys, familiar)


def _is_bare(message: Message) -> bool:
    """A text and nothing else."""
    return not (message.title or message.media or message.code)
