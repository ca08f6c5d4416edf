"""What a person says to senders: answers that they may fetch, and by what word they are known.

Each order takes the rows of a message, itself first, as a decision does, and raises Asked where
there is nothing to say or to decide.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Protocol

from relay.errors import Asked
from relay.exit.known import Senders
from relay.exit.record import Record
from relay.exit.reply import answered, dismissed, record_of, released, unreleased
from relay.model import Change, Row
from relay.ports import Spool
from relay.wire.keys import ExitKeys

_BUSY = "it is being worked on at this moment: try again"
_LOCKED = "exit.key is locked: unlock it first"
_TRIES = 20


class Node(Protocol):
    """What this needs of the core."""

    keys: ExitKeys | None
    senders: Senders | None

    @property
    def spool(self) -> Spool: ...


Says = Callable[[Row, Record, ExitKeys], Change]


class Correspondence:
    """Carries out what one node's operator wants said, and to whom."""

    def __init__(self, core: Node) -> None:
        self._core = core
        self._spool = core.spool

    async def answer(self, rows: Sequence[Row], text: str) -> int:
        """Release a person's own words to the sender of a message."""
        return await self._say(rows, lambda row, record, keys: answered(row, record, text, keys))

    async def reply(self, rows: Sequence[Row], n: int) -> int:
        """Release the reply of this number."""
        return await self._say(rows, lambda row, record, keys: released(row, record, n, keys))

    async def dismiss(self, rows: Sequence[Row]) -> int:
        """Release none of the replies that wait."""
        return await self._say(rows, dismissed)

    async def _say(self, rows: Sequence[Row], says: Says) -> int:
        keys = self._core.keys
        if keys is None:
            raise Asked(_LOCKED)
        message = rows[0]
        for _ in range(_TRIES):
            record = await record_of(self._spool, keys, message)
            if await self._spool.change(message, says(message, record, keys)):
                return 1
            [message] = await self._spool.look(after=message.seq - 1, limit=1)
        raise Asked(_BUSY)

    # ------------------------------------------------------------ known senders

    async def senders(self, request: Mapping[str, Any]) -> AsyncIterator[Mapping[str, Any]]:
        """Add or remove a known sender, or name them all."""
        known = self._core.senders
        if known is None:
            raise Asked(_LOCKED)
        match request:
            case {"add": str() as name, "word": str() as word}:
                await known.add(name, word)
                yield {"name": name, "added": True}
            case {"remove": str() as name}:
                await known.remove(name)
                yield {"name": name, "removed": True}
            case _:
                for name in known.names:
                    yield {"name": name}


def shown(record: Record) -> Mapping[str, Any]:
    """What an editor sees of it: who wrote it, if that is known; what its sender called it, which
    was its last line; replies that wait, and what the sender may fetch."""
    return {
        "sender": record.sender,
        "code": "" if record.message is None else record.message.code,
        "replies": [
            {"n": n, "destination": one.destination, "text": one.text}
            for n, one in unreleased(record)
        ],
        "answers": list(record.answers),
    }
