"""post: a delivery goes out part by part, and each attempt has a number and exactly one end.

::

    waiting -> sending(n) -> posted
                  |-> unsure -> sending(n+1) | posted | held
                  |-> waiting(until)          Later; or a thread, where Posted has a rest
                  |-> refused                 Refused; or back to where it was to go
                  '-> stopped                 Stopped: the account needs its operator

A correction of what stands there already goes another way (``relay.exit.correct``) unless it can
only be posted beside it.

``sending(n)`` is committed before the bridge is asked. While it has not answered nobody else can
take the row, and what it answers is settled against that very revision: a report about another
attempt changes nothing. A crash in between leaves ``sending``, which the spool turns into
``unsure`` when it is opened, and ``rules.once`` says what follows. Nothing is repeated blindly.

What another exit may have posted begins as unsure: its parts are made, and looked for there, before
the first is sent; and again each time that the platform has told it to wait.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import trio

from relay.errors import Damaged
from relay.exit.account import Account, Holds, Keeps, nothing_holds, nothing_keeps
from relay.exit.asking import attempt_of, looked_up, sent
from relay.exit.correct import Beside, Correcting
from relay.exit.elsewhere import Elsewhere
from relay.exit.fitting import Fit, as_they_are
from relay.exit.money import NothingCosts, Paid, Purse, durably
from relay.exit.preparing import Made, Preparing, ToHold, ToWait
from relay.exit.progress import Progress, progressed, thaw, thawed
from relay.exit.rest import USED_UP, Rest, rest_after, rest_left
from relay.exit.settle import settle
from relay.model import (
    FIRST,
    SET_BACK,
    URGENT,
    Absent,
    Change,
    Found,
    Instant,
    Later,
    Outcome,
    Part,
    Posted,
    Queue,
    Refused,
    Row,
    Sent,
    Stopped,
    Unknown,
    Unsure,
    hour_of,
)
from relay.ports import MAX_KEPT, Bridge, Clock, Spool
from relay.rules.backoff import next_due, obeyed
from relay.rules.once import SECOND_LOOK_S, Doubt, Hold, Look, Resend, again_at, in_doubt, looked
from relay.wire.keys import ExitKeys
from relay.wire.names import ref_name, shown_name

SOON_TRIES = 100
"""How often a bridge is believed that names a near time for one post. A film may be worked on for a
quarter of an hour, asked for every 10 s; what goes on for ever is a mistake."""

PERHAPS_ELSEWHERE = "unsure: another exit may have posted it, and nobody can tell"


class Posting:
    """Takes one delivery at a time as far as it will go now. ``unreached``: no way leads to the
    platform now, as far as that is known. ``fit`` gives the media of a delivery as that takes
    them; ``large`` bounds how many large messages are prepared at a time."""

    def __init__(
        self,
        spool: Spool,
        bridge: Bridge,
        account: Account,
        keys: ExitKeys,
        clock: Clock,
        late: Callable[[], None],
        holds: Holds = nothing_holds,
        purse: Purse | None = None,
        elsewhere: Elsewhere | None = None,
        keeps: Keeps = nothing_keeps,
        unreached: Callable[[], bool] = lambda: False,
        fit: Fit = as_they_are,
        large: trio.CapacityLimiter | None = None,
    ) -> None:
        self._spool = spool
        self._bridge = bridge
        self._account = account
        self._keys = keys
        self._clock = clock
        self._late = late
        self._holds = holds
        self._purse = purse or NothingCosts()
        self._keeps = keeps
        self._unreached = unreached
        self._preparing = Preparing(spool, bridge, account, keys, clock, fit, large)
        self._elsewhere = elsewhere or Elsewhere(spool, clock, keys, {})
        self._correcting = Correcting(
            spool, bridge, account, keys, clock, late, holds, self._elsewhere, fit
        )

    async def turn(self, row: Row) -> Outcome | Rest | None:
        """Work on a leased delivery until it is posted, must wait, or needs a person.

        Gives the last outcome, or the rest for which it stopped before its end; None if nothing
        was sent. Raises SpoolBroken; Damaged if the note of the row as it was taken cannot be read.
        """
        now = self._clock.now()
        progress = thaw(row, self._keys.storage)
        rest = rest_left(row, progress, now)
        if rest is not None:
            self._spool.release(row)
            return rest
        if progress.corrects or _may_be_overtaken(row, progress):
            ended = await self._correcting.turn(row, progress)
            if not isinstance(ended, Beside):
                return ended
            progress = replace(progress, corrects=False, beside=True)
        step: _Step | Rest | None
        if row.state == Sent.UNSURE or progress.open or progress.elsewhere:
            step = await self._resolve(row, progress)
        elif row.body and not self._is_for_another(row, progress):
            first = progress.first if progress.n else now
            step = await self._begin(row, replace(progress, n=progress.n + 1, first=first))
        else:
            step = await self._prepare(row, replace(progress, n=1, first=now, kept=b""))
        outcome: Outcome | None = None
        while isinstance(step, _Step):
            outcome, step = await self._send(step)
        return step if isinstance(step, Rest) else outcome

    # ------------------------------------------------------------ prepare

    async def _prepare(self, row: Row, progress: Progress) -> _Step | Rest | None:
        match await self._preparing.made(row, progress):
            case ToHold() as held:
                await self._end(row, Sent.HELD, held.why, held.progress)
            case ToWait() as waits:
                await self._wait(row, waits.progress, waits.later)
            case Made() as made:
                if made.progress.elsewhere and not made.progress.mine:
                    return await self._unless_there(row, made.progress, made.parts, made.body)
                return await self._begin(row, made.progress, made.parts, made.body)
        return None

    # ------------------------------------------------------------ send

    async def _begin(
        self,
        row: Row,
        progress: Progress,
        parts: Sequence[Part] = (),
        body: bytes | None = None,
    ) -> _Step | Rest | None:
        """Commit that it is being sent; but what the brake holds by now, or what no budget is left
        for, stays as it was taken, with the parts that were made of it, for its next turn."""
        parts = parts or await self._parts(row, progress)
        if not parts:
            return None
        if await self._holds(row):
            await self._stays(row, row.why, body)
            return None
        fresh = not (progress.refs or progress.open or progress.resent or row.state == Sent.UNSURE)
        thread = [one.price for one in parts] if fresh else []
        paid = self._purse.pays(parts[progress.index].price, thread)
        if isinstance(paid, Rest):
            await self._stays(row, row.why if row.state == Sent.UNSURE else paid.why, body)
            return paid

        async def back(sending: Row, why: str) -> None:
            why = row.why if row.state == Sent.UNSURE else why
            change = Change(Queue.POST, row.state, due=row.due, why=why, note=row.note)
            await self._settled(sending, change)

        return await self._attempt(row, progress, parts, paid, back, body)

    async def _stays(self, row: Row, why: str, body: bytes | None) -> None:
        await self._settled(row, Change(Queue.POST, row.state, due=row.due, why=why, body=body))

    async def _attempt(
        self,
        row: Row,
        progress: Progress,
        parts: Sequence[Part],
        paid: Paid,
        back: Callable[[Row, str], Awaitable[None]],
        body: bytes | None = None,
    ) -> _Step | Rest | None:
        """Commit that it is being sent. ``back`` undoes that, where a day ended meanwhile and the
        new one has nothing left."""
        change = self._to_sending(row, progress, body)
        commit = partial(self._settled, row, change, keep=True)
        sending, counted = await durably(self._purse, paid, commit)
        if isinstance(counted, Rest):
            if sending is not None:
                await back(sending, counted.why)
            return counted
        if sending is None:
            self._purse.takes_back(counted)
            return None
        sending = replace(sending, body=b"")  # the parts are at hand: of a film once is enough
        return _Step(sending, parts, counted, FIRST if progress.refs else row.due)

    def _to_sending(self, row: Row, progress: Progress, body: bytes | None = None) -> Change:
        begun = replace(progress, doubted=False)
        if progress.elsewhere:
            begun = replace(begun, mine=True, absent=0)
        note = progressed(begun, self._keys.storage, row.id)
        return Change(Queue.POST, Sent.SENDING, due=None, note=note, body=body)

    async def _send(self, step: _Step) -> tuple[Outcome, _Step | Rest | None]:
        progress = thaw(step.row, self._keys.storage)
        held = _Leased(step.row, progress)
        outcome = await sent(
            self._bridge,
            attempt_of(step.parts, progress),
            lambda kept: self._keep(held, kept),
            self._account.deadline_s,
        )
        async with held.turn:  # what is being kept at this moment ends first: it makes a new row
            held.over = True
        if not isinstance(outcome, Posted | Unsure):
            self._purse.takes_back(step.paid)
        if isinstance(outcome, Later):
            tried = replace(held.progress, tries=held.progress.tries + 1)
            if tried.elsewhere:  # another exit's was looked for: one look more is enough
                tried = replace(tried, mine=False, absent=1)
            await self._wait(held.row, tried, outcome, step.due)
            return outcome, None
        return outcome, await self._after(held.row, held.progress, step.parts, outcome)

    async def _keep(self, held: _Leased, kept: bytes) -> None:
        if len(kept) > MAX_KEPT:
            raise ValueError("a bridge may keep at most 4 KiB")
        async with held.turn:
            progress = replace(held.progress, kept=kept)
            change = self._to_sending(held.row, progress)
            again = None if held.over else await self._settled(held.row, change, keep=True)
            if again is None:
                raise Damaged("this attempt is not the current one")
            held.row, held.progress = again, progress

    async def _after(
        self,
        row: Row,
        progress: Progress,
        parts: Sequence[Part],
        outcome: Posted | Refused | Stopped | Unsure,
    ) -> _Step | Rest | None:
        match outcome:
            case Posted():
                return await self._posted(row, progress, parts, outcome)
            case Refused():
                where = f"part {progress.index + 1} of {len(parts)}: " if len(parts) > 1 else ""
                why = where + outcome.why
                if not await self._elsewhere.refused(row, why):
                    await self._end(row, Sent.REFUSED, why, progress)
            case Stopped():
                await self._end(row, Sent.STOPPED, outcome.why, progress)
            case Unsure():
                await self._doubt(row, progress, FIRST, outcome.why)
        return None

    async def _posted(
        self, row: Row, progress: Progress, parts: Sequence[Part], posted: Posted | Found
    ) -> _Step | Rest | None:
        done = replace(
            progress,
            refs=(*progress.refs, posted.ref),
            url=progress.url or posted.url,
            kept=b"",
        )
        if len(done.refs) == len(parts):
            await self._end(row, Sent.POSTED, "", done)
            return None
        following = replace(done, index=done.index + 1, n=0, resent=False, open=False)
        following = replace(following, absent=0, unknown=0)
        now = self._clock.now()
        if isinstance(posted, Found) and progress.elsewhere:  # another exit's, so perhaps all of it
            unseen = replace(following, mine=False, doubted=True, open=not progress.ours)
            await self._doubt(row, unseen, FIRST, row.why)
            return None
        if isinstance(posted, Found) and await self._was_set_back(row):
            # It was sent in the time that was lost: so may be what follows it.
            await self._doubt(row, replace(following, n=1, first=now), FIRST, row.why)
            return None
        rest = rest_after(posted, now)
        if rest is not None:
            await self._stop(row, replace(following, rest=rest.until), USED_UP)
            return rest
        if await self._holds(row):
            await self._stop(row, following, "")
            return None
        paid = self._purse.pays(parts[following.index].price)
        if isinstance(paid, Rest):
            await self._stop(row, following, paid.why)
            return paid
        begun = replace(following, n=1, first=progress.first if progress.elsewhere else now)

        async def back(sending: Row, why: str) -> None:
            await self._stop(sending, following, why)

        return await self._attempt(row, begun, parts, paid, back)

    async def _was_set_back(self, row: Row) -> bool:
        [message] = await self._spool.look(after=row.root - 1, limit=1)
        return message.note == SET_BACK

    async def _stop(self, row: Row, following: Progress, why: str) -> None:
        """A thread stops where it is; it is the first to go on."""
        note = progressed(following, self._keys.storage, row.id)
        await self._settled(row, Change(Queue.POST, Sent.WAITING, due=FIRST, why=why, note=note))

    # ------------------------------------------------------------ doubt

    async def _doubt(self, row: Row, progress: Progress, due: int, why: str) -> None:
        note = progressed(progress, self._keys.storage, row.id)
        await self._settled(row, Change(Queue.POST, Sent.UNSURE, due=due, why=why, note=note))

    def _in_doubt(self, progress: Progress, now: Instant) -> Doubt:
        return in_doubt(
            self._bridge.once,
            first=progress.first,
            now=now,
            resent=progress.resent,
            on_unsure=self._account.on_unsure,
            elsewhere=progress.elsewhere,
        )

    async def _unless_there(
        self,
        row: Row,
        progress: Progress,
        parts: Sequence[Part] = (),
        body: bytes | None = None,
    ) -> _Step | Rest | None:
        """Nothing of it is there that this exit has posted; but what another has may be. Its parts
        are made, and kept, before anybody looks. To whom it was given first, it goes out unless it
        is seen there; whoever has it as the second must be told that it is not."""
        if not row.body and body is None:
            return await self._prepare(row, progress)
        doubt = self._in_doubt(progress, self._clock.now())
        none = self._bridge.once.means == "none"
        if isinstance(doubt, Resend) or (isinstance(doubt, Hold) and progress.ours):
            blind = progress.blind or (none and not progress.ours)
            return await self._begin(
                row, replace(progress, n=progress.n + 1, blind=blind), parts, body
            )
        if isinstance(doubt, Hold):
            held = replace(progress, open=False, elsewhere=False)
            await self._end(row, Sent.HELD, PERHAPS_ELSEWHERE, held)
        elif progress.doubted and row.body:
            return await self._look(row, progress)
        else:
            due = FIRST if progress.ours else doubt.at
            seen = replace(progress, doubted=True, open=not progress.ours)
            note = progressed(seen, self._keys.storage, row.id)
            change = Change(Queue.POST, Sent.UNSURE, due=due, why=row.why, note=note, body=body)
            await self._settled(row, change)
        return None

    async def _resolve(self, row: Row, progress: Progress) -> _Step | Rest | None:
        if progress.elsewhere and not progress.mine:
            return await self._unless_there(row, progress)
        now = self._clock.now()
        once = self._bridge.once
        doubt = self._in_doubt(progress, now)
        if isinstance(doubt, Hold):
            await self._end(row, Sent.HELD, doubt.why, replace(progress, elsewhere=False))
        elif not row.body and isinstance(doubt, Resend) and once.means == "exact":
            return await self._prepare(row, replace(progress, n=1, first=now, open=True))
        elif not row.body:  # the spool was set back: it may have been prepared, and sent, before
            await self._end(row, Sent.HELD, "unsure: whether it was sent before is lost", progress)
        elif isinstance(doubt, Resend) and (progress.n < 2 or progress.doubted):
            again = replace(progress, n=progress.n + 1, resent=once.means != "exact")
            again = replace(again, blind=progress.blind or once.means == "none")
            # The doubt must not be forgotten when the repeat is told to wait: see Progress.
            return await self._begin(row, replace(again, open=once.means == "exact"))
        elif isinstance(doubt, Look) and progress.doubted:
            return await self._look(row, progress)
        else:  # the first look, or the third sending of the same bytes, is not made at once
            due = doubt.at if isinstance(doubt, Look) else again_at(progress.n, now)
            await self._doubt(row, replace(progress, doubted=True), due, row.why)
        return None

    async def _look(self, row: Row, progress: Progress) -> _Step | Rest | None:
        parts = await self._parts(row, progress)
        if not parts:
            return None
        attempt = attempt_of(parts, progress)
        attempt = replace(attempt, n=0) if progress.elsewhere else attempt  # whoever posted it
        found = await looked_up(self._bridge, attempt, self._account.deadline_s)
        if isinstance(found, Found):
            return await self._posted(row, progress, parts, found)
        only_theirs = progress.elsewhere and not progress.mine
        if only_theirs and progress.ours:
            seen = replace(progress, n=progress.n + 1, absent=0, unknown=0)
            return await self._begin(row, seen, parts)
        if isinstance(found, Unknown) and self._unreached():
            # No way led there: however often that is so, it is not the platform that does not tell.
            await self._doubt(row, progress, self._clock.now() + SECOND_LOOK_S, row.why)
            return None
        strong = isinstance(found, Absent) and found.strong
        seen = replace(
            progress, absent=progress.absent + strong, unknown=progress.unknown + (not strong)
        )
        # Of ours alone it would be sent again at once, and no look be asked for.
        exact = progress.elsewhere and self._bridge.once.means == "exact"
        doubt = looked(
            found,
            absent=seen.absent,
            unknown=seen.unknown,
            resent=seen.resent and not only_theirs and not exact,
            now=self._clock.now(),
        )
        match doubt:
            case Look():
                await self._doubt(row, seen, doubt.at, row.why)
            case Hold():
                held = replace(seen, open=False, elsewhere=False)  # a person decides from here on
                await self._end(row, Sent.HELD, doubt.why, held)
            case Resend():
                resent = seen.resent or not only_theirs  # of ours nothing is there
                again = replace(seen, n=seen.n + 1, resent=resent, open=only_theirs)
                return await self._begin(row, replace(again, absent=0, unknown=0), parts)
        return None

    # ------------------------------------------------------------ settle

    async def _wait(
        self, row: Row, progress: Progress, later: Later, was: Instant | None = None
    ) -> None:
        """``was``: when it was due. Where all of its destination waits it stays so, if it went
        first, or if an order was asked for; what would stay so for ever is a mistake."""
        now = self._clock.now()
        own = next_due(max(1, progress.tries), now, row.id)
        due = obeyed(later.not_before, own, now)
        often = progress.tries > SOON_TRIES
        if later.scope == "delivery":
            due = max(due, own) if often else due
        elif was is not None and not often and (was <= URGENT or self._keeps(later)):
            due = was
        note = progressed(progress, self._keys.storage, row.id)
        change = Change(Queue.POST, Sent.WAITING, due=due, why=later.why, note=note)
        await self._settled(row, change)

    async def _end(self, row: Row, state: Sent, why: str, progress: Progress) -> None:
        over = state in (Sent.POSTED, Sent.REFUSED)
        note = progressed(progress, self._keys.storage, row.id)
        queue = Queue.ENDED if over else Queue.POST
        body = b"" if state == Sent.POSTED else None
        names = tuple(self._names(progress)) if state == Sent.POSTED else ()
        change = Change(queue, state, due=None, why=why, note=note, body=body, names=names)
        await self._settled(row, change)

    def _names(self, progress: Progress) -> Iterator[bytes]:
        """By what a message that is public is found again: what stands under its parts, and, of
        the page, when it came there."""
        secret = self._keys.desk_secret
        for ref in progress.refs:
            yield ref_name(secret, self._account.name, ref)
        if self._account.signed:
            yield shown_name(secret, hour_of(self._clock.now()))

    async def _settled(self, row: Row, change: Change, *, keep: bool = False) -> Row | None:
        settled = await settle(self._spool, row, change, keep=keep)
        if settled is None:
            self._late()
        return settled if keep else None

    def _is_for_another(self, row: Row, progress: Progress) -> bool:
        """Whether nothing of it is public, and its parts were made by the bridge that was here
        before: somebody has given the destination another one."""
        try:
            of = thawed(row.body, self._keys.storage, row.id)
        except Damaged:
            return False  # whoever wants the parts says so
        return not progress.refs and of.bridge not in ("", self._account.bridge)

    async def _parts(self, row: Row, progress: Progress) -> Sequence[Part]:
        """The frozen parts; where they are damaged a person is asked, and there are none."""
        try:
            body = row.body or await self._spool.body(row.seq)
            of = thawed(body, self._keys.storage, row.id)
        except Damaged:
            await self._end(row, Sent.HELD, "what is kept of it is damaged", progress)
            return ()
        if of.bridge in ("", self._account.bridge):
            return of.parts
        why = f"it was prepared for the bridge {of.bridge}, and part of it may be public there"
        await self._end(row, Sent.HELD, why, progress)
        return ()


def _may_be_overtaken(row: Row, progress: Progress) -> bool:
    """Whether it is a correction that was to be posted beside the first text and waits still, with
    nothing of it public or in doubt: a later one may have come meanwhile."""
    begun = progress.refs or progress.open or progress.resent or progress.blind
    return progress.beside and row.state != Sent.UNSURE and not begun


@dataclass(frozen=True, slots=True, repr=False)
class _Step:
    """A part whose attempt is committed, and counted: it is sent next. ``due``: when its turn
    was."""

    row: Row
    parts: Sequence[Part]
    paid: Paid
    due: Instant | None


class _Leased:
    """The row as it stands while a bridge may call ``keep`` during its send; and whether that
    has ended. Whoever changes the row holds ``turn``."""

    def __init__(self, row: Row, progress: Progress) -> None:
        self.row = row
        self.progress = progress
        self.over = False
        self.turn = trio.Lock()
