"""By what a sender is heard: the code of a message, and for a day or two who wrote it.

A code that a sender chose may be chosen by another as well, or guessed. So while it can be told who
wrote a message (``relay.exit.authors``), a chosen code is good only for its author. Afterwards
nobody can tell, and whoever knows the code may ask: a sender must be able to take a message back
after a restart of ours. A code that we have given is random, and enough by itself.

For an answer each look at the spool is made whether it can find something or not, so that a code
that is unknown takes as long as one that is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from relay.errors import Damaged
from relay.exit.authors import Authors
from relay.exit.record import Record, restore
from relay.model import Row
from relay.ports import Spool
from relay.rules.words import normal
from relay.wire.epochs import StorageKey
from relay.wire.keys import ExitKeys
from relay.wire.names import code_name, given_name

MOST_LOOKED_AT: Final = 1000
"""Rows before a command that are opened to find its author's message, after a start."""


class Handles:
    """Finds messages for one who asks."""

    def __init__(self, spool: Spool, keys: ExitKeys, authors: Authors) -> None:
        self._spool = spool
        self._keys = keys
        self._authors = authors

    async def of_author(self, asker: Record, command: Row | None = None) -> list[Row]:
        """What the author of a submission wrote in the last two days, in order of arrival. Of a
        command that a process before this one has left, the author is looked for in what came
        before it."""
        found = await self._rows(self._authors.of(asker.author_tags))
        if command is not None and not self._authors.is_of_this_run(command):
            found = _in_order([found, await self._before(asker, command)])
        return found

    async def of_code(self, asker: Record, code: str) -> list[Row]:
        """The messages of a code that this one may speak of, in order of arrival."""
        own = await self._rows(self._own(asker, code))
        return _in_order([own, *await self._named(code)])

    async def newest(self, asker: Record, code: str, instead: Row) -> Row | None:
        """The newest of them, with as many looks whatever there is: where the asker has none of
        their own, ``instead`` is looked at."""
        own = self._own(asker, code)
        family = await self._spool.family(own[-1] if own else instead.seq)
        rows = _in_order([family[:1] if own else (), *await self._named(code)])
        return rows[-1] if rows else None

    async def is_written(self, message: Row, code: str) -> bool:
        """Whether a message is called by a code that its sender chose on the disk as well: that of
        a known sender is not."""
        found = await self._spool.named(code_name(self._keys.desk_secret, normal(code)))
        return any(one.seq == message.seq for one in found)

    def _own(self, asker: Record, code: str) -> list[int]:
        return self._authors.of_code(asker.author_tags, normal(code))

    async def _named(self, code: str) -> list[Sequence[Row]]:
        plain = normal(code)
        given = await self._spool.named(given_name(self._keys.desk_secret, plain))
        chosen = await self._spool.named(code_name(self._keys.desk_secret, plain))
        return [given, [row for row in chosen if not self._authors.is_told_apart(row)]]

    async def _before(self, asker: Record, row: Row) -> list[Row]:
        """The last message of an author that came before a row, or none."""
        rows = await self._spool.look(after=row.seq - 1 - MOST_LOOKED_AT, limit=MOST_LOOKED_AT)
        for message in reversed(rows):
            if message.seq >= row.seq or message.seq != message.root:
                continue
            record = await kept(self._spool, self._keys.storage, message)
            if record is not None and _is_by(record, asker):
                return [message]
        return []

    async def _rows(self, seqs: Iterable[int]) -> list[Row]:
        """As they are now; what was purged is left out."""
        families = [await self._spool.family(seq) for seq in dict.fromkeys(seqs)]
        return _in_order(family[:1] for family in families)


def _is_by(record: Record, asker: Record) -> bool:
    """Whether a record is a message that the asker wrote by the same way."""
    if record.message is None or record.transport != asker.transport:
        return False
    return not set(record.author_tags).isdisjoint(asker.author_tags)


def _in_order(found: Iterable[Sequence[Row]]) -> list[Row]:
    """Each row once, in order of arrival."""
    rows = {row.seq: row for some in found for row in some}
    return [rows[seq] for seq in sorted(rows)]


async def kept(spool: Spool, storage: Sequence[StorageKey], row: Row) -> Record | None:
    """What is kept of a row; None where that is nothing, or damaged, or its file is gone."""
    try:
        body = await spool.body(row.seq)
        return restore(body, storage, row.id) if body else None
    except Damaged:
        return None


async def last_of(spool: Spool) -> int:
    """The greatest seq that is in use; 0 for an empty spool."""
    below, beyond = 0, 1
    while await spool.look(after=beyond, limit=1):
        below, beyond = beyond, beyond * 2
    while below < beyond:  # something has a greater seq than `below`, or that is 0
        middle = (below + beyond) // 2
        if await spool.look(after=middle, limit=1):
            below = middle + 1
        else:
            beyond = middle
    return below
