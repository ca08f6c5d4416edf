"""withdraw: a message is taken back, out of the queue and off every platform that lets it be.

What is not public yet is ended first, so that it does not become public meanwhile; then what is
public is taken away, destination by destination, a thread from its last part. What cannot be taken
away stays, is said, and may be tried again: to remove twice does no harm. A delivery whose fate is
open is looked up; where nobody can tell it is held for a person, and never sent again by itself.

A sender who wants it back has the same done to what is not public; what is waits for a person,
first in line, unless its channel lets it be taken away at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Sequence,
)
from dataclasses import dataclass, replace

import trio

from relay.errors import Asked, Damaged
from relay.exit.equals import given_back, is_joined
from relay.exit.kin import kin_of
from relay.exit.originals import let_go, with_originals
from relay.exit.progress import Progress, progressed, thaw, thawed
from relay.model import (
    AFTER,
    SET_BACK,
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
ELSEWHERE = "it waits no more here, but another exit may have it: look whether it was posted"
RESTORED = "it waits no more, but the spool was set back: look whether it was posted since"
BUSY = "it is being worked on: try again"

Remove = Callable[[str, str], Awaitable[Removal | None]]
"""Takes a ref away from a destination; None where its bridge cannot."""

Find = Callable[[str, Attempt], Awaitable[Lookup]]
"""Looks an attempt up at a destination. May raise anything."""

_OPENING = (Queue.INBOX, Queue.READ, Queue.CLEAN, Queue.REVIEW, Queue.DELIVER)
_ENDED = (Sent.DROPPED, Sent.EXPIRED, Sent.REFUSED)
_STOPS = (Sent.WAITING, Sent.PREPARED, Sent.STOPPED, Sent.HELD, Sent.UNSURE)
_STOPS_FOR_GOOD = (*_STOPS, Sent.DROPPED)
"""What ends by the word of its sender: whoever dropped it may have it back for a while."""

_STAYS = "withdrawn, but it stays"
_BEING = "being withdrawn"

ASKED = "withdrawal asked"
"""Why a delivery is held that is public, and that its sender wants back; and the note of its
message. A person takes it back, or lets it stand."""

_BEGUN = f"begun; {ASKED}"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What became of one delivery; of a message without any, ``destination`` is empty."""

    destination: str
    gone: bool
    why: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class AskedBack:
    """What became of a message that its sender wants back. ``waits``: something of it is public,
    or may be, and is held for a person. ``whole``: all of it has been dealt with."""

    waits: bool
    whole: bool


class Withdrawal:
    """Takes messages back. ``keys`` are None while exit.key is locked."""

    def __init__(self, spool: Spool, keys: ExitKeys | None, remove: Remove, find: Find) -> None:
        self._spool = spool
        self._keys = keys
        self._remove = remove
        self._find = find

    async def of(self, seq: int) -> AsyncIterator[TakenBack]:
        """Take back the message of this seq, and what else stands there of its text: of that only
        what stays is told. Raises Asked."""
        for row in await self._kin(seq):
            with contextlib.suppress(Asked):  # it has ended, and was never public
                async for taken in self._of(row.seq):
                    if not taken.gone:
                        yield taken
        async for taken in self._of(seq):
            yield taken

    async def _kin(self, seq: int) -> Sequence[Row]:
        """Its corrections, or what it corrects; none while exit.key is locked."""
        if self._keys is None:
            return ()
        message, _ = await self._rows(seq)
        return await kin_of(self._spool, self._keys, message)

    async def _of(self, seq: int) -> AsyncIterator[TakenBack]:
        message, deliveries = await self._rows(seq)
        if not deliveries:
            yield await self._before_it_was_assigned(message)
        taken = []
        async with contextlib.aclosing(self._stopped(seq)) as stopped:
            async for row in stopped:
                taken.append(await self._take_back(row))
                yield taken[-1]
        if taken and all(one.gone for one in taken):
            await self._forget(seq)

    async def _stopped(self, seq: int, being: str = _BEING) -> AsyncGenerator[Row, None]:
        """Its deliveries, each once nobody sends it any more: also those that took the place of
        another meanwhile, or came back."""
        seen: set[int] = set()
        while rows := [row for row in (await self._rows(seq))[1] if _is_left(row, seen)]:
            for row in rows:
                await self._stop(row, being)
            for row in rows:
                now = await self._settled(row, being)
                if now.state != Sent.REROUTED:
                    seen.add(row.seq)
                    yield now

    async def asked(self, seq: int) -> AskedBack:
        """The sender of this message wants it back: end what is not public, and hold for a person
        what is; of its corrections as well. To ask again does no harm. Raises Asked where nothing
        of it is there any more."""
        seqs = [*(row.seq for row in await self._kin(seq)), seq]
        asked = [await self._asked(one) for one in seqs]
        return AskedBack(any(one.waits for one in asked), all(one.whole for one in asked))

    async def _asked(self, seq: int) -> AskedBack:
        message, deliveries = await self._rows(seq)
        if not deliveries:
            with contextlib.suppress(Asked):  # it has ended already, or a step holds it still
                await self._before_it_was_assigned(message, for_good=True)
            message, deliveries = await self._rows(seq)
        waits, whole = False, deliveries or message.queue not in _OPENING
        async with contextlib.aclosing(self._stopped(seq, _BEGUN)) as stopped:
            async for now in stopped:
                if now.state == Sent.POSTED and not now.why.startswith(_STAYS):
                    held = Change(Queue.POST, Sent.HELD, due=None, why=ASKED)
                    waits = True
                    whole = await self._spool.change(now, held) and whole
                elif now.state != Sent.HELD:
                    whole = whole and now.queue == Queue.ENDED
                waits |= is_asked_back(now) or _is_being_taken(now)
        if waits:
            message, _ = await self._rows(seq)
            noted = Change(message.queue, message.state, due=message.due, why=ASKED)
            whole = await self._spool.change(message, noted) and whole
        if not waits and deliveries and (await self._rows(seq))[0].state == State.WITHDRAWN:
            whole = await self._forget(seq) and whole
        whole = await let_go(self._spool, seq) and whole
        return AskedBack(waits, bool(whole))

    async def _rows(self, seq: int) -> tuple[Row, Sequence[Row]]:
        rows = await self._spool.family(seq)
        if not rows:
            raise Asked("it was purged: nothing of it is kept any more")
        return rows[0], rows[1:]

    async def _before_it_was_assigned(self, message: Row, *, for_good: bool = False) -> TakenBack:
        """``for_good``: also what ended, and might be had back. Raises Asked."""
        with trio.move_on_after(WAIT_S):
            while message.queue in _OPENING:
                if await self._ended(message):
                    return _unassigned(message)
                await trio.sleep(LOOK_S)  # a step holds it: it stands elsewhere in a moment
                message, deliveries = await self._rows(message.seq)
                if deliveries:
                    return TakenBack("", gone=True)
        kept = message.state == State.QUARANTINED or (for_good and _may_come_back(message))
        if kept and await self._ended(message):
            return _unassigned(message)
        raise Asked("it has ended, and was never public")

    async def _ended(self, message: Row) -> bool:
        """End it, with all that is kept of it; what ended with it a person sees again."""
        withdrawn = Change(Queue.ENDED, State.WITHDRAWN, due=None, body=b"")
        equals = await given_back(self._spool, self._keys, message)
        return await with_originals(self._spool, [(message, withdrawn)], equals)

    # ------------------------------------------------------------ deliveries

    async def _stop(self, row: Row, being: str = _BEING) -> bool:
        """End a delivery of which nothing is public, and hold one of which something is, or may
        be; whether that was done. Whoever sends it now is not disturbed."""
        stops = _STOPS_FOR_GOOD if being == _BEGUN else _STOPS
        if row.state not in stops or row.why.startswith(_STAYS):
            return False
        if being == _BEGUN and is_withdrawn(row):
            return False
        why = self._stop_for(row, being)
        if not why:
            return await self._end(row)
        return await self._spool.change(row, Change(Queue.POST, Sent.HELD, due=None, why=why))

    async def _end(self, row: Row) -> bool:
        """End a delivery of which nothing is public any more. With the last one of a message all
        that is kept of that is destroyed; what ended with it a person sees again."""
        withdrawn = Change(Queue.ENDED, Sent.WITHDRAWN, due=row.due, body=b"")
        message, deliveries = await self._rows(row.root)
        if not all(_is_gone(one) for one in deliveries if one.seq != row.seq):
            return await self._spool.change(row, withdrawn)
        equals = await given_back(self._spool, self._keys, message)
        return await with_originals(
            self._spool, [(message, _forgotten(message))], [(row, withdrawn), *equals]
        )

    def _stop_for(self, row: Row, being: str) -> str:
        """Why it cannot simply end; empty if it can."""
        if stands_whole(row):
            return being
        if _doubtful(row):
            return f"unsure: {being}"
        if not row.note:
            return ""
        try:
            progress = None if self._keys is None else self._progress(row)
        except Damaged:  # it must not keep the others from being stopped
            progress = None
        if progress is None or progress.refs:
            return being
        return f"unsure: {being}" if progress.open else ""

    async def _settled(self, row: Row, being: str = _BEING) -> Row:
        """The delivery as it stands once nobody is sending it, or looking for it."""
        with trio.move_on_after(WAIT_S):
            while True:
                [now] = await self._spool.look(after=row.seq - 1, limit=1)
                if now.queue == Queue.ENDED or now.state == Sent.HELD:
                    return now
                if not await self._stop(now, being):
                    await trio.sleep(LOOK_S)
        return now

    async def _take_back(self, row: Row) -> TakenBack:
        if row.state == Sent.SENDING:
            return TakenBack(row.name, False, "it is being sent at this moment: try again")
        if _is_gone(row):
            return TakenBack(row.name, gone=True)
        if self._keys is None:
            return TakenBack(row.name, False, "exit.key is locked: unlock it first")
        try:
            progress = self._progress(row)
            doubtful = _doubtful(row) or (progress.open and row.state != Sent.POSTED)
            if doubtful:
                progress = await self._looked_up(row, progress)
        except Damaged:
            return TakenBack(row.name, False, "what is kept of it is damaged")
        for ref in reversed(progress.refs):
            why = _why(await self._remove(row.name, ref))
            if why:
                return await self._stays(row, progress, why)
        nameless = not progress.refs and not progress.replaced
        if nameless and (doubtful or row.state == Sent.POSTED):
            return await self._stays(row, progress, NO_REF if progress.url else NOT_KNOWN)
        if row.state not in _ENDED and not await self._end(row):
            return TakenBack(row.name, False, BUSY)
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
            why=f"{_STAYS}: {why}",
            note=progressed(progress, self._keys.storage, row.id),
        )
        if not await self._spool.change(row, change):
            return TakenBack(row.name, False, BUSY)
        return TakenBack(row.name, False, why, progress.url)

    async def _forget(self, seq: int) -> bool:
        """The same of a message that had ended before. False: it is held just now."""
        message, _ = await self._rows(seq)
        equals = await given_back(self._spool, self._keys, message)
        return await with_originals(self._spool, [(message, _forgotten(message))], equals)

    def _progress(self, row: Row) -> Progress:
        assert self._keys is not None
        return thaw(row, self._keys.storage)


def _is_left(row: Row, seen: Collection[int]) -> bool:
    """Whether there is something to be done about it; of what went elsewhere there is not, but it
    may come back."""
    return row.seq not in seen and row.state != Sent.REROUTED


def is_gone(message: Row) -> bool:
    """Whether its sender took a message back, or is about to have it taken back: for who asks it is
    as if it had never been."""
    return message.state == State.WITHDRAWN or message.why == ASKED


def is_withdrawn(row: Row) -> bool:
    """Whether somebody took this delivery back, and it is held since it stays, or may."""
    return row.state == Sent.HELD and (
        row.why.startswith(_STAYS) or row.why.endswith((_BEING, ASKED))
    )


def is_asked_back(row: Row) -> bool:
    """Whether it waits for a person since its sender wants it back."""
    return wants_back(row.state, row.why)


def wants_back(state: str, why: str) -> bool:
    """The same, of the state and the reason of any delivery."""
    return state == Sent.HELD and why.endswith(ASKED)


def stands_whole(row: Row) -> bool:
    """Whether it waits so, and all of it is public: to send it again would post it twice."""
    return is_asked_back(row) and not row.why.endswith(_BEGUN)


def _is_being_taken(row: Row) -> bool:
    """Whether somebody had begun to take it back, and has not come to an end."""
    return row.state == Sent.HELD and row.why.endswith(_BEING)


def _is_gone(row: Row) -> bool:
    """Whether nothing of a delivery is public, nor will be: nobody has to do anything about it."""
    return row.state == Sent.WITHDRAWN or (row.state in _ENDED and not row.note)


def _forgotten(message: Row) -> Change:
    """Without its text, which nobody needs any more."""
    return Change(message.queue, message.state, due=message.due, body=b"")


def _may_come_back(message: Row) -> bool:
    """Whether it ended at the desk, so that its text is kept still."""
    return message.state == State.DROPPED or is_joined(message)


def _unassigned(message: Row) -> TakenBack:
    """A message that ended before it had deliveries; in an older copy of the spool, or at another
    exit, it may have had some since."""
    why = {SET_BACK: RESTORED, AFTER: ELSEWHERE}.get(message.note, "")
    return TakenBack("", gone=not why, why=why)


def _doubtful(row: Row) -> bool:
    """Whether its row says that nobody knows if a part of it is public."""
    return row.state == Sent.UNSURE or row.why.startswith(("unsure", _STAYS))


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
