"""One round through an open folder: sizes first, then batch after batch, removed once it is ours.

The order is what keeps the promises: mark as tried, fetch, hand over, mark as taken, remove. Killed
between any two, a mail is fetched again and meets its repeat key, or is removed without being
handed over again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Final

from relay.mailing.imap.apart import Apart
from relay.mailing.imap.session import Session, chunks
from relay.model import Verdict
from relay.ports import Clock
from relay.transports.imap.marks import MOST_TRIED, Marks
from relay.transports.limits import MailboxLimits

HandOver = Callable[[int, bytes, bool], Awaitable[Verdict]]
"""Takes a UID, the mail, and whether it may be a repeat that is not known any more."""

STALE_S: Final = 2 * 3600
"""A mail that was first tried so long ago, and is still not taken, is the operator's to know."""

Fares = tuple[str, str]
"""A state of the board, and why."""

WORKS: Fares = ("works", "")
STUCK: Fares = (
    "login",
    "mails that were taken cannot be removed from the folder: empty its deleted mails yourself "
    "(expunge, compact), and let this account delete",
)
RENEWED: Fares = (
    "login",
    "the provider made the folder anew: mails from before are left there; move those to be taken "
    "out and in again, the others elsewhere",
)
STALE: Fares = (
    "blocked",
    "mails wait there that could not be taken for hours: look at the disk and at `relay status`",
)


class Fetch:
    """Takes what is in the folder. ``save`` makes marks durable; it is called in the thread."""

    def __init__(
        self,
        apart: Apart,
        session: Session,
        marks: Marks,
        *,
        save: Callable[[bytes], None],
        hand_over: HandOver,
        turned_away: Callable[[], None],
        clock: Clock,
        limits: MailboxLimits,
    ) -> None:
        self._apart = apart
        self._session = session
        self._marks = marks
        self._save = save
        self._hand_over = hand_over
        self._turned_away = turned_away
        self._clock = clock
        self._limits = limits
        self._changed = False
        self.handed = 0
        """How many mails were handed over so far."""

    async def run(self) -> Fares:
        """Take what is there, until nothing is, or nobody takes it. Gives how the mailbox fares.
        Raises Trouble, or what ``save`` raises."""
        within_s, marks = self._limits.command_s, self._marks
        there, deleted = await self._apart.do(within_s, self._session.uids, marks.first)
        self._changed = marks.forget_all_but(there)
        wanted = sorted(there - deleted - marks.taken - marks.left)
        await self._remove()
        await self._take(wanted)
        await self._settle_renewed()
        if self._changed:
            await self._write()
        return self._fares()

    def _fares(self) -> Fares:
        marks = self._marks
        if marks.taken:
            return STUCK
        if marks.renewed:
            return RENEWED
        oldest = min(marks.tried.values(), default=None)
        return STALE if oldest is not None and self._clock.now() - oldest > STALE_S else WORKS

    async def _take(self, uids: Sequence[int]) -> None:
        """Take these, until one batch as a whole is too much for us: so would be the others."""
        for some in chunks(self._in_turn(uids)):
            sizes = await self._apart.do(self._limits.command_s, self._session.sizes, some)
            for batch in self._batches(sizes):
                if not await self._taken(batch):
                    return

    def _in_turn(self, uids: Sequence[int]) -> list[int]:
        """What was not tried yet comes first: a mail that nobody can take holds up no other."""
        fresh = [uid for uid in uids if uid not in self._marks.tried]
        tried = [uid for uid in uids if uid in self._marks.tried]
        return fresh[: max(0, MOST_TRIED - len(tried))] + tried

    def _batches(self, sizes: Mapping[int, int]) -> Iterator[list[int]]:
        """Mails that are handed over together; one that is too large is turned away."""
        batch: list[int] = []
        in_all = 0
        for uid, size in sizes.items():
            if size > self._limits.message_bytes:
                self._leave(uid)
                continue
            whole = len(batch) == self._limits.batch or in_all + size > self._limits.batch_bytes
            if batch and whole:
                yield batch
                batch, in_all = [], 0
            batch.append(uid)
            in_all += size
        if batch:
            yield batch

    async def _taken(self, batch: Sequence[int]) -> bool:
        """Take one batch. False: nobody takes anything now."""
        limits, marks = self._limits, self._marks
        self._changed |= not marks.tried.keys() >= set(batch)
        doubtful = marks.trying(batch, self._clock.now())
        if self._changed:
            await self._write()
        most = limits.message_bytes + 1
        in_all = max(4 * limits.batch_bytes, most)
        mails = await self._apart.do(limits.fetch_s, self._session.bodies, batch, most, in_all)
        for uid in [uid for uid, mail in mails.items() if len(mail) >= most]:
            del mails[uid]  # its server said it were smaller, or sent more than was asked for
            self._leave(uid)
        self.handed += len(mails)
        handing = (self._hand_over(uid, mail, uid in doubtful) for uid, mail in mails.items())
        verdicts = dict(zip(mails, await asyncio.gather(*handing), strict=True))
        del mails
        for uid, verdict in verdicts.items():
            self._judged(uid, verdict)
        if marks.taken:
            await self._write()
            await self._remove()
        later = (Verdict.BUSY, Verdict.FULL)
        return not verdicts or not all(one in later for one in verdicts.values())

    def _judged(self, uid: int, verdict: Verdict) -> None:
        if verdict in (Verdict.TAKEN, Verdict.KNOWN):
            self._marks.took(uid)
        elif verdict is Verdict.REFUSED:
            self._leave(uid)
        self._changed = True

    def _leave(self, uid: int) -> None:
        self._marks.leave(uid)
        self._turned_away()
        self._changed = True

    async def _remove(self) -> None:
        """Remove what was taken; what cannot be stays marked as taken."""
        taken = sorted(self._marks.taken)
        if taken:
            within_s = self._limits.command_s
            self._marks.taken &= await self._apart.do(within_s, self._session.remove, taken)
            self._changed = True

    async def _settle_renewed(self) -> None:
        """Whether anything still lies there from before the folder was made anew."""
        marks = self._marks
        if marks.renewed:
            before = await self._apart.do(self._limits.command_s, self._session.before, marks.first)
            marks.renewed = before > 0
            self._changed |= not marks.renewed

    async def _write(self) -> None:
        await self._apart.do(self._limits.command_s, self._save, self._marks.written())
        self._changed = False
