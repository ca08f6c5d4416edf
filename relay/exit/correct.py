"""A correction: the whole text of a message that stands somewhere without a part of it.

It is a submission of its own (``relay.exit.join``), and goes through review like any other. Once
it is released it goes wherever the first one stands:

::

    the first has not gone out yet   it takes the whole text with it, or this one waits for it
    its bridge can edit              the post, or the page's item, says the whole text from now on
    it cannot                        the whole text is posted beside the first one
    the first went elsewhere         this one goes after it
    that may have been done already  a person looks at it before it is posted beside
    the first was taken back         so is this one

An edit is the one thing that is repeated at will: it makes what stands there say the same again. So
a process that dies in it leaves the delivery waiting, with a note that it was begun: what may say
the whole text already is not posted beside itself by anybody but a person. Which text stands there
is noted on the delivery of the first, in the same transaction as the end of this one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from relay.errors import Damaged, SpoolFull
from relay.exit.account import Account, Holds
from relay.exit.asking import edited
from relay.exit.assign import post_of
from relay.exit.elsewhere import Elsewhere
from relay.exit.kin import rows_of
from relay.exit.progress import Progress, progressed, thaw
from relay.exit.record import CORRECTION, First, Record, restore, store
from relay.exit.rerouted import went_to
from relay.exit.settle import settle, settle_with
from relay.model import (
    SET_BACK,
    Change,
    Later,
    NewRow,
    Outcome,
    Posted,
    Queue,
    Refused,
    Row,
    Sent,
    State,
    Stopped,
)
from relay.ports import Bridge, Clock, Spool
from relay.rules.backoff import next_due, obeyed
from relay.wire.keys import ExitKeys

GOES_FIRST = "the text before it goes first"
FOLLOWS = "after the text before it"
PERHAPS_CHANGED = "what stands there may say all of it already: look before it is posted beside"
DROPPED_MEANWHILE = "the text before it was dropped"
LOOK_S = 60
"""Seconds until a correction looks again whether the text before it has gone out."""

TRIES = 3


@dataclass(frozen=True, slots=True)
class Beside:
    """It can only be posted as a whole new post, beside the first."""


class Correcting:
    """Takes one correction at a time to one destination."""

    def __init__(
        self,
        spool: Spool,
        bridge: Bridge,
        account: Account,
        keys: ExitKeys,
        clock: Clock,
        late: Callable[[], None],
        holds: Holds,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._spool = spool
        self._bridge = bridge
        self._account = account
        self._keys = keys
        self._clock = clock
        self._late = late
        self._holds = holds
        self._elsewhere = elsewhere or Elsewhere(spool, clock, keys, {})

    async def turn(self, row: Row, progress: Progress) -> Outcome | Beside | None:
        """What becomes of a leased delivery of a correction; it is settled, unless ``Beside`` is
        given. Raises SpoolBroken; Damaged where the note of the first cannot be read."""
        record = _record(row, await self._spool.body(row.root), self._keys)
        if record is None or record.corrects is None:  # whoever posts it says what is damaged
            return Beside()
        there = await self._first(record.corrects)
        if there is None:
            return Beside()
        stood = thaw(there, self._keys.storage)
        if there.queue != Queue.ENDED:
            await self._stays(row, GOES_FIRST, self._clock.now() + LOOK_S)
            return None
        if there.state == Sent.REROUTED:
            await self._follow(row, there)
            return None
        if there.state == Sent.WITHDRAWN or (there.state != Sent.POSTED and not stood.refs):
            ended = Change(Queue.ENDED, there.state, due=None, why=there.why)
            await self._settled(row, ended)
            return None
        if stood.revision >= record.revision:
            await self._ends(row, stood)
            return None
        if progress.beside or there.state != Sent.POSTED or len(stood.refs) != 1:
            return Beside()
        if await self._holds(row):
            await self._stays(row, row.why, row.due)
            return None
        return await self._edit(row, progress, record, there, stood)

    async def _edit(
        self, row: Row, progress: Progress, record: Record, there: Row, stood: Progress
    ) -> Outcome | None:
        assert record.corrects is not None
        post = post_of(
            record,
            self._account.id,
            self._keys,
            stood.date or there.hour,
            signed=self._account.signed,
            first=record.corrects.secret,
            updated=self._clock.now(),
        )
        begun = await self._begun(row, progress)
        if begun is None:
            return None
        row, was_begun = begun, progress.changing
        progress = replace(progress, changing=True)
        [ref] = stood.refs
        outcome = await edited(self._bridge, ref, post, self._account.deadline_s)
        match outcome:
            case None:  # it never could
                await self._beside_next(row, progress, row.why, row.due)
                return None
            case Refused() if was_begun:
                await self._asks(row, progress)
                return None
            case Refused():
                await self._beside_next(row, progress, outcome.why, self._clock.now() + LOOK_S)
                return None
            case Posted():
                url = outcome.url or stood.url
                now = replace(stood, refs=(outcome.ref,), url=url, revision=record.revision)
                await self._changed(row, there, now)
            case Later():
                await self._waits(row, progress, outcome)
            case Stopped():
                before = replace(progress, changing=was_begun)  # this one has changed nothing
                note = progressed(before, self._keys.storage, row.id)
                stopped = Change(Queue.POST, Sent.STOPPED, due=None, why=outcome.why, note=note)
                await self._settled(row, stopped)
        return outcome

    async def _follow(self, row: Row, there: Row) -> None:
        """What it puts right went elsewhere before it was public here."""
        if not await self._elsewhere.instead(row, went_to(there), FOLLOWS, leased=True):
            await self._stays(row, GOES_FIRST, self._clock.now() + LOOK_S)

    async def _begun(self, row: Row, progress: Progress) -> Row | None:
        """The row with the note that it is being changed there; None if it is not ours any more."""
        if progress.changing:
            return row
        note = progressed(replace(progress, changing=True), self._keys.storage, row.id)
        change = Change(Queue.POST, row.state, due=row.due, why=row.why, note=note)
        begun = await settle(self._spool, row, change, keep=True)
        if begun is None:
            self._late()
        return begun

    async def _first(self, first: First) -> Row | None:
        """The delivery of the first message here; None if nothing is known of it any more."""
        rows = await rows_of(self._spool, first)
        return next((one for one in rows[1:] if one.name == self._account.name), None)

    # ------------------------------------------------------------ settle

    async def _changed(self, row: Row, there: Row, now: Progress) -> None:
        """The new text stands there. Where the first has been changed meanwhile nothing is noted,
        and it is looked at again."""
        note = progressed(now, self._keys.storage, there.id)
        stands = Change(there.queue, there.state, due=there.due, why=there.why, note=note)
        if not await settle_with(self._spool, row, self._posted(row, now), [(there, stands)]):
            await self._stays(row, row.why, self._clock.now() + LOOK_S)

    async def _ends(self, row: Row, stood: Progress) -> None:
        await self._settled(row, self._posted(row, stood))

    def _posted(self, row: Row, stood: Progress) -> Change:
        note = progressed(stood, self._keys.storage, row.id)
        return Change(Queue.ENDED, Sent.POSTED, due=None, note=note, body=b"")

    async def _stays(self, row: Row, why: str, due: int | None) -> None:
        await self._settled(row, Change(Queue.POST, row.state, due=due, why=why))

    async def _beside_next(self, row: Row, progress: Progress, why: str, due: int | None) -> None:
        """It is not changed there. But what is gone may be gone because somebody takes it back at
        this moment: that is seen first, and nothing is posted in its place."""
        note = self._beside(row, progress)
        await self._settled(row, Change(Queue.POST, row.state, due=due, why=why, note=note))

    async def _asks(self, row: Row, progress: Progress) -> None:
        """It is not changed there now, and may have been before. Who releases it has looked."""
        note = self._beside(row, progress)
        held = Change(Queue.POST, Sent.HELD, due=None, why=PERHAPS_CHANGED, note=note)
        await self._settled(row, held)

    def _beside(self, row: Row, progress: Progress) -> bytes:
        goes_beside = replace(progress, beside=True, changing=False)
        return progressed(goes_beside, self._keys.storage, row.id)

    async def _waits(self, row: Row, progress: Progress, later: Later) -> None:
        now, tries = self._clock.now(), progress.tries + 1
        due = obeyed(later.not_before, next_due(tries, now, row.id), now)
        note = progressed(replace(progress, tries=tries), self._keys.storage, row.id)
        await self._settled(row, Change(Queue.POST, row.state, due=due, why=later.why, note=note))

    async def _settled(self, row: Row, change: Change) -> None:
        if await settle(self._spool, row, change) is None:
            self._late()


# ---------------------------------------------------------------- assign


async def assigned(
    row: Row, change: Change, deliveries: Sequence[NewRow], spool: Spool, keys: ExitKeys
) -> tuple[Change, Sequence[NewRow]]:
    """What becomes of a released message, and its deliveries; of a correction those that go where
    the first stands. Where that stands nowhere it is a message like others: unless somebody has
    taken the first back, or dropped it after the last person saw this one."""
    if row.note not in (CORRECTION, SET_BACK) or not deliveries:
        return change, deliveries
    record = _record(row, row.body, keys)
    if record is None or record.corrects is None:
        return change, deliveries
    rows = await rows_of(spool, record.corrects)
    places = dict.fromkeys(one.name for one in rows[1:] if _stands(one, keys))
    states = {one.state for one in rows}
    if not places and State.WITHDRAWN in states:
        return Change(Queue.ENDED, State.WITHDRAWN, due=None, body=b""), ()
    if not places and State.DROPPED in states and not record.held:
        body = store(replace(record, held=DROPPED_MEANWHILE), keys.storage, row.id)
        why = DROPPED_MEANWHILE
        return Change(Queue.REVIEW, State.HELD, due=None, why=why, body=body), ()
    if not places:
        return change, deliveries
    await _put_right(rows[0], record, spool, keys)
    dues = {one.name: one.due for one in deliveries}
    note = progressed(Progress(corrects=True), keys.storage, row.id)
    any_of = deliveries[0]
    return change, [
        replace(any_of, name=name, due=dues.get(name, any_of.due), note=note) for name in places
    ]


def _stands(delivery: Row, keys: ExitKeys) -> bool:
    """Whether something of it is public, or will be."""
    if delivery.queue != Queue.ENDED or delivery.state == Sent.POSTED:
        return True
    try:
        return delivery.state != Sent.WITHDRAWN and bool(thaw(delivery, keys.storage).refs)
    except Damaged:
        return False


async def _put_right(first: Row, correction: Record, spool: Spool, keys: ExitKeys) -> None:
    """Give the whole text to the first message: what of it has not been prepared yet goes out with
    it. Where that does not succeed it goes out as it was, and is corrected there."""
    record = _record(first, await spool.body(first.seq), keys)
    if record is None or record.revision >= correction.revision:
        return
    right = replace(
        record,
        message=correction.message,
        written=correction.written,
        theirs=correction.theirs,
        pieces=correction.pieces,
        revision=correction.revision,
    )
    body = store(right, keys.storage, first.id)
    change = Change(first.queue, first.state, due=first.due, why=first.why, body=body)
    with contextlib.suppress(SpoolFull):
        await spool.change(first, change)


def _record(row: Row, body: bytes, keys: ExitKeys) -> Record | None:
    try:
        return restore(body, keys.storage, row.id)
    except Damaged:
        return None
