"""withdraw: a message is taken back, out of the queue and off every platform that lets it be.

What is not public yet is ended first, so that it does not become public meanwhile; then what is
public is taken away, destination by destination, a thread from its last part. What cannot be taken
away stays, is said, and may be tried again: to remove twice does no harm. A delivery whose fate is
open is looked up; where nobody can tell it is held for a person, and never sent again by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import trio

from relay.errors import Asked, Damaged
from relay.exit.progress import Progress, progressed, thaw, thawed
from relay.model import (
    Attempt,
    Change,
    Found,
    Lookup,
    Queue,
    Refused,
    Removal,
    Removed,
    Row,
    Sent,
    State,
    Stopped,
)
from relay.ports import Spool
from relay.wire.keys import ExitKeys

WAIT_S = 20.0
"""Seconds to wait for a step, or for a send that has begun, to end."""

LOOK_S = 0.2

NO_WAY = "its platform has no way to take a post back"
NO_REF = "how it is called there is not known: take it away by hand"
NOT_KNOWN = "nobody can tell whether it is there: look at the platform"

Remove = Callable[[str, str], Awaitable[Removal | None]]
"""Takes a ref away from a destination; None where its bridge cannot."""

Find = Callable[[str, Attempt], Awaitable[Lookup]]
"""Looks an attempt up at a destination. May raise anything."""

_OPENING = (Queue.INBOX, Queue.READ, Queue.REVIEW, Queue.DELIVER)
_ENDED = (Sent.DROPPED, Sent.EXPIRED, Sent.REFUSED)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What became of one delivery; of a message without any, ``destination`` is empty."""

    destination: str
    gone: bool
    why: str = ""
    url: str = ""


class Withdrawal:
    """Takes messages back. ``keys`` are None while exit.key is locked."""

    def __init__(self, spool: Spool, keys: ExitKeys | None, remove: Remove, find: Find) -> None:
        self._spool = spool
        self._keys = keys
        self._remove = remove
        self._find = find

    async def of(self, id: bytes) -> AsyncIterator[TakenBack]:
        """Take back the message with this id. Raises Asked."""
        message, deliveries = await self._rows(id)
        if not deliveries:
            yield await self._before_it_was_assigned(message)
            message, deliveries = await self._rows(id)
        for row in deliveries:
            await self._stop(row)
        stayed = False
        for row in deliveries:
            taken = await self._take_back(await self._settled(row))
            stayed |= not taken.gone
            yield taken
        if deliveries and not stayed:
            await self._forget(id)

    async def _rows(self, id: bytes) -> tuple[Row, Sequence[Row]]:
        rows = await self._spool.look(id=id)
        return rows[0], rows[1:]

    async def _before_it_was_assigned(self, message: Row) -> TakenBack:
        withdrawn = Change(Queue.ENDED, State.WITHDRAWN, due=None, body=b"")
        with trio.move_on_after(WAIT_S):
            while message.queue in _OPENING:
                if await self._spool.change(message, withdrawn):
                    return TakenBack("", gone=True)
                await trio.sleep(LOOK_S)  # a step holds it: it stands elsewhere in a moment
                message, deliveries = await self._rows(message.id)
                if deliveries:
                    return TakenBack("", gone=True)
        if message.state == State.QUARANTINED and await self._spool.change(message, withdrawn):
            return TakenBack("", gone=True)
        raise Asked("it has ended, and was never public")

    # ------------------------------------------------------------ deliveries

    async def _stop(self, row: Row) -> None:
        """End a delivery of which nothing is public, and hold one of which some parts are; whoever
        sends it now is not disturbed."""
        if row.state not in (Sent.WAITING, Sent.PREPARED, Sent.STOPPED, Sent.HELD) or _open(row):
            return
        change = Change(Queue.ENDED, Sent.WITHDRAWN, due=None, body=b"")
        if row.note and (self._keys is None or self._progress(row).refs):
            change = Change(Queue.POST, Sent.HELD, due=None, why="being withdrawn")
        await self._spool.change(row, change)

    async def _settled(self, row: Row) -> Row:
        """The delivery as it stands once nobody is sending it."""
        with trio.move_on_after(WAIT_S):
            while True:
                [now] = await self._spool.look(after=row.seq - 1, limit=1)
                if now.state == Sent.WAITING:
                    await self._stop(now)
                    [now] = await self._spool.look(after=row.seq - 1, limit=1)
                if now.state not in (Sent.SENDING, Sent.WAITING):
                    return now
                await trio.sleep(LOOK_S)
        return now

    async def _take_back(self, row: Row) -> TakenBack:
        if row.state == Sent.SENDING:
            return TakenBack(row.name, False, "it is being sent at this moment: try again")
        if row.state == Sent.WITHDRAWN or (row.state in _ENDED and not row.note):
            return TakenBack(row.name, gone=True)
        if self._keys is None:
            return TakenBack(row.name, False, "exit.key is locked: unlock it first")
        try:
            progress = self._progress(row)
            if _open(row):
                progress = await self._looked_up(row, progress)
        except Damaged:
            return TakenBack(row.name, False, "what is kept of it is damaged")
        for ref in reversed(progress.refs):
            why = _why(await self._remove(row.name, ref))
            if why:
                return await self._stays(row, progress, why)
        if not progress.refs and (_open(row) or row.state == Sent.POSTED):
            return await self._stays(row, progress, NO_REF if progress.url else NOT_KNOWN)
        if row.state not in _ENDED:
            withdrawn = Change(Queue.ENDED, Sent.WITHDRAWN, due=row.due, body=b"")
            if not await self._spool.change(row, withdrawn):
                return TakenBack(row.name, False, "it is being worked on: try again")
        return TakenBack(row.name, True, url=progress.url)

    async def _looked_up(self, row: Row, progress: Progress) -> Progress:
        """With the part in doubt among the refs, if it is found. Raises Damaged."""
        assert self._keys is not None
        body = await self._spool.body(row.seq)
        if not body:
            return progress
        parts = thawed(body, self._keys.storage, row.id).parts
        after = progress.refs[-1] if progress.refs else None
        attempt = Attempt(parts[progress.index], progress.n, progress.first, after, progress.kept)
        try:
            found = await self._find(row.name, attempt)
        except Exception:  # a look-up that fails tells nothing
            return progress
        if not isinstance(found, Found):
            return progress
        return replace(progress, refs=(*progress.refs, found.ref), url=progress.url or found.url)

    async def _stays(self, row: Row, progress: Progress, why: str) -> TakenBack:
        """It is still there: said on its row, which goes nowhere by itself."""
        assert self._keys is not None
        public = row.queue == Queue.ENDED
        change = Change(
            row.queue,
            row.state if public else Sent.HELD,
            due=row.due if public else None,
            why=f"withdrawn, but it stays: {why}",
            note=progressed(progress, self._keys.storage, row.id),
        )
        await self._spool.change(row, change)
        return TakenBack(row.name, False, why, progress.url)

    async def _forget(self, id: bytes) -> None:
        """Nothing of it is public any more: nobody needs its text either."""
        message, _ = await self._rows(id)
        change = Change(message.queue, message.state, due=message.due, body=b"")
        await self._spool.change(message, change)

    def _progress(self, row: Row) -> Progress:
        assert self._keys is not None
        return thaw(row, self._keys.storage)


def _open(row: Row) -> bool:
    """Whether nobody knows if a part of it is public."""
    return row.state == Sent.UNSURE or row.why.startswith(("unsure", "withdrawn, but it stays"))


def _why(removal: Removal | None) -> str:
    """Why it stays; empty if it is gone."""
    match removal:
        case None:
            return NO_WAY
        case Removed():
            return ""
        case Stopped():
            return f"{removal.why}: {removal.action}"
        case Refused():
            return removal.why
    return f"{removal.why}: try again"
