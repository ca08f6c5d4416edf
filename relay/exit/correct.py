"""A correction: the whole text of a message that stands somewhere without a part of it, or what a
person puts in the place of its words.

It is a submission of its own. One that a late part made (``relay.exit.join``) goes through review
like any other; one of a person's (``relay.exit.amending``) is decided. Once it is released it goes
wherever the first one stands:

::

    the first has not gone out yet   it takes the whole text with it, or this one waits for it
    its bridge can edit              the post, or the page's item, says the whole text from now on
    it cannot                        the whole text is posted beside the first one
    nobody is to see the first       it is edited where no earlier version can be seen; else it is
                                     taken back, and the whole text posted (relay.exit.taking_back)
    a later one is on its way        that one goes, and this one is not needed
    the first went elsewhere         this one goes after it
    that may have been done already  a person looks at it before it is posted beside
    the first was taken back         so is this one

An edit is the one thing that is repeated at will: it makes what stands there say the same again. So
a process that dies in it leaves the delivery waiting, with a note that it was begun: what may say
the whole text already is not posted beside itself by anybody but a person. Which text stands there
is noted on the delivery of the first, in the same transaction as the end of this one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from relay.exit.account import Account, Holds
from relay.exit.asking import edited, shows_edits
from relay.exit.assign import post_of
from relay.exit.clean import publishable
from relay.exit.elsewhere import Elsewhere
from relay.exit.fitting import AGAIN_S, MAKING, Fit, Fitted, as_they_are
from relay.exit.progress import Progress, progressed
from relay.exit.putting_right import opened
from relay.exit.record import Record
from relay.exit.rerouted import went_to
from relay.exit.settle import settle, settle_with
from relay.exit.standing import Stand, Stands, stands_at
from relay.exit.taking_back import Cleared, changes, cleared
from relay.exit.withdraw import is_withdrawn
from relay.model import (
    Change,
    Later,
    Outcome,
    Posted,
    Queue,
    Refused,
    Row,
    Sent,
    Stopped,
)
from relay.ports import Bridge, Clock, Spool
from relay.rules.backoff import next_due, obeyed
from relay.wire.keys import ExitKeys

GOES_FIRST = "the text before it goes first"
LATER_GOES = "a later text is on its way there"
IN_DOUBT = "whether the text before it stands there is in doubt: decide about that first"
FOLLOWS = "after the text before it"
PERHAPS_CHANGED = "what stands there may say all of it already: look before it is posted beside"
LOOK_S = 60
"""Seconds until a correction looks again whether the text before it has gone out."""


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
        fit: Fit = as_they_are,
    ) -> None:
        self._spool = spool
        self._bridge = bridge
        self._account = account
        self._keys = keys
        self._clock = clock
        self._late = late
        self._holds = holds
        self._elsewhere = elsewhere or Elsewhere(spool, clock, keys, {})
        self._fit = fit

    async def turn(self, row: Row, progress: Progress) -> Outcome | Beside | None:
        """What becomes of a leased delivery of a correction; it is settled, unless ``Beside`` is
        given. Raises SpoolBroken; Damaged where the note of the first cannot be read."""
        record = opened(row, await self._spool.body(row.root), self._keys)
        if record is None or record.corrects is None:  # whoever posts it says what is damaged
            return Beside()
        stands = await stands_at(self._spool, self._keys, record.corrects, row, record.revision)
        if stands is None:
            return Beside()
        if await self._needs_not_go(row, record, stands):
            return None
        there = stands.there
        can_edit = there is not None and _can_be_edited(there) and not progress.beside
        hides = record.hides and not progress.taken
        if hides and any(one.in_doubt for one in stands.before):
            await self._stays(row, IN_DOUBT, self._clock.now() + LOOK_S)
            return None
        if hides and not (can_edit and self._hides_by_edit(stands)):
            return await self._take_back(row, progress, stands)
        if there is None or not can_edit:
            return Beside()
        if await self._holds(row):
            await self._stays(row, row.why, row.due)
            return None
        return await self._edit(row, progress, record, there)

    async def _needs_not_go(self, row: Row, record: Record, stands: Stands) -> bool:
        """Whether it waits for another, ends with one, or is not needed; then it is settled."""
        there, stood = stands.first.row, stands.first.progress
        if any(one.goes for one in stands.later) and row.state != Sent.UNSURE:
            await self._stays(row, LATER_GOES, self._clock.now() + LOOK_S)
        elif _goes_first(record, stands):
            await self._stays(row, GOES_FIRST, self._clock.now() + LOOK_S)
        elif there.state == Sent.REROUTED:
            await self._follow(row, there)
        elif there.state == Sent.WITHDRAWN or not (there.state == Sent.POSTED or stood.refs):
            ended = Change(Queue.ENDED, there.state, due=None, why=there.why)
            await self._settled(row, ended)
        elif stood.revision >= record.revision:
            await self._ends(row, stood)
        elif posted := [one for one in stands.later if one.row.state == Sent.POSTED]:
            await self._ends(row, posted[-1].progress)
        else:
            return False
        return True

    def _hides_by_edit(self, stands: Stands) -> bool:
        """Whether nothing of an earlier text is seen once what is there was changed."""
        refs = {ref for one in stands.before for ref in one.progress.refs}
        return len(refs) == 1 and not shows_edits(self._bridge)

    async def _take_back(self, row: Row, progress: Progress, stands: Stands) -> Outcome | None:
        """Have what stands there removed, so that this one can be posted in its place."""
        if await self._holds(row):
            await self._stays(row, row.why, row.due)
            return None
        done = await cleared(self._bridge, stands, self._account.deadline_s)
        match done:
            case Cleared():
                made = changes(row, progress, stands, done, self._keys)
                if not await settle_with(self._spool, row, made.own, made.others):
                    await self._stays(row, row.why, self._clock.now() + LOOK_S)
                return None
            case Later():
                await self._waits(row, progress, done)
            case Stopped():
                stopped = Change(Queue.POST, Sent.STOPPED, due=None, why=done.why)
                await self._settled(row, stopped)
        return done

    async def _edit(
        self, row: Row, progress: Progress, record: Record, stand: Stand
    ) -> Outcome | None:
        there, stood = stand.row, stand.progress
        fitted = await self._fitted(row, record, stood)
        if fitted is None:
            await self._stays(row, MAKING, self._clock.now() + AGAIN_S)
            return None
        post = post_of(
            record,
            self._account.id,
            self._keys,
            stood.date or there.hour,
            signed=self._account.signed,
            first=await self._secret_of(record, there),
            updated=self._clock.now(),
            media=fitted.media,
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
            case Refused() if was_begun and not record.hides:
                await self._asks(row, progress)
                return None
            case Refused():
                await self._beside_next(row, progress, outcome.why, self._clock.now() + LOOK_S)
                return None
            case Posted():
                url = outcome.url or stood.url
                now = replace(stood, refs=(outcome.ref,), url=url, revision=record.revision)
                await self._changed(row, there, now, progress.stays)
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

    async def _fitted(self, row: Row, record: Record, stood: Progress) -> Fitted | None:
        """The media of the post that is there, as its platform takes them; None: not ready yet."""
        came = () if stood.bare else publishable(record)
        return await self._fit(row, came) if came else Fitted(())

    async def _secret_of(self, record: Record, there: Row) -> bytes:
        """The message secret of what is there: of the first, or of what took its place."""
        assert record.corrects is not None
        if there.id == record.corrects.id:
            return record.corrects.secret
        [message] = await self._spool.look(after=there.root - 1, limit=1)
        made = opened(message, await self._spool.body(message.seq), self._keys)
        return record.corrects.secret if made is None else made.secret

    # ------------------------------------------------------------ settle

    async def _changed(self, row: Row, there: Row, now: Progress, stays: bool) -> None:
        """The new text stands there. Where the first has been changed meanwhile nothing is noted,
        and it is looked at again."""
        note = progressed(now, self._keys.storage, there.id)
        stands = Change(there.queue, there.state, due=there.due, why=there.why, note=note)
        posted = self._posted(row, now, stays)
        if not await settle_with(self._spool, row, posted, [(there, stands)]):
            await self._stays(row, row.why, self._clock.now() + LOOK_S)

    async def _ends(self, row: Row, stood: Progress) -> None:
        await self._settled(row, self._posted(row, stood))

    def _posted(self, row: Row, stood: Progress, stays: bool = False) -> Change:
        """It names the post that says this now, and is none of its own."""
        mine = replace(stood, beside=False, taken=False, stays=stays)
        note = progressed(mine, self._keys.storage, row.id)
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


def _goes_first(record: Record, stands: Stands) -> bool:
    """Whether something that was said before is still on its way, or looked for."""
    if any(one.in_doubt and one.row.state != Sent.HELD for one in stands.earlier):
        return True
    half = record.hides and _is_half_there(stands.first)
    return stands.first.row.queue != Queue.ENDED and not half


def _is_half_there(first: Stand) -> bool:
    """Whether some of its parts are public, and the others wait: those would be public as well
    before all of it could be taken back."""
    return bool(first.progress.refs) and not first.in_doubt and not is_withdrawn(first.row)


def _can_be_edited(there: Stand) -> bool:
    return there.row.state == Sent.POSTED and len(there.progress.refs) == 1
