"""Fetches what came from a folder by IMAP: a new connection each time, as for a way in by mail.

The folder belongs to the operator, and to whoever writes to them. Of a mail that is none of ours
the beginning is fetched once, and never again while this process lives; it stays as it is. One of
ours is removed (or flagged as seen) only after the core keeps what was in it. Where that did not
come to pass, whatever the reason, it is there at the next look, and what comes twice is one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from relay.errors import Damaged, KeyFileError
from relay.links.mail.faring import Faring
from relay.links.mail.finding import HEAD_BYTES, CameBack, Finding, Ours, attached
from relay.links.mail.inward import Inward, Taken
from relay.links.port import Peer
from relay.mailing.imap.apart import Apart
from relay.mailing.imap.session import Session, Where
from relay.mailing.imap.trouble import Trouble
from relay.reach.routes import DIRECT, Routes
from relay.wire.batch import MAX_BATCH

MOST_MAIL: Final = MAX_BATCH // 57 * 78 + 1024 * 1024
"""Bytes of a mail that may be ours: the largest batch as base64, and what is around it."""

AT_ONCE: Final = 64
"""Mails whose beginnings are fetched together: 2 MiB."""

FETCH_S: Final = 600.0
"""Seconds in which the largest mail must come: 40 kB a second."""

LONGEST_S: Final = 900.0
"""Seconds between two tries at a mailbox that is down, at most; ``every_s`` if that is longer."""

_FULL: Final = "what came cannot be kept now: look at the disk and at `relay status`"


@dataclass(frozen=True, slots=True, repr=False)
class Fetching:
    """How mails are fetched. ``password`` is called each time, and may raise KeyFileError;
    ``delete``: what was taken is removed, else flagged as seen; ``silent_s``: seconds that the
    server may say nothing."""

    where: Where
    password: Callable[[], bytes]
    every_s: float
    silent_s: float
    delete: bool = True
    routes: Routes = DIRECT

    def session(self) -> Session:
        """A connection to the folder, not yet open."""
        return Session(self.where, self.silent_s, self.routes)


class Mailbox:
    """One folder, for as long as it runs."""

    def __init__(
        self,
        fetching: Fetching,
        finding: Finding,
        inward: Inward,
        faring: Faring,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._at = fetching
        self._finding = finding
        self._inward = inward
        self._faring = faring
        self._pause = pause
        self._known: set[int] = set()
        self._validity = 0

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        failures = 0
        while True:
            state, why = await self._fared()
            self._faring.fares("in", state, why)
            failures = 0 if state == "works" else failures + 1
            await self._pause(self._rest_s(failures))

    def _rest_s(self, failures: int) -> float:
        every_s = self._at.every_s
        step = min(max(LONGEST_S, every_s), every_s * 2.0 ** min(failures, 10))
        return max(every_s, random.uniform(step / 2, step)) if failures else every_s

    async def _fared(self) -> tuple[str, str]:
        try:
            return await self._look(self._at.password())
        except KeyFileError:
            return "login", "its password cannot be read: look at password_file"
        except Trouble as trouble:
            return trouble.state, trouble.why

    async def _look(self, password: bytes) -> tuple[str, str]:
        """One connection: what is new there. Raises Trouble."""
        at = self._at
        session = at.session()
        async with Apart(session) as apart:
            opened = await apart.do(2 * at.silent_s, session.open, password)
            if opened.validity != self._validity:
                self._validity = opened.validity
                self._known.clear()
                self._inward.joining.forget()
            there, deleted = await apart.do(2 * at.silent_s, session.uids, 1)
            self._known &= there
            new = there - deleted - self._known
            if not at.delete:
                new -= await apart.do(2 * at.silent_s, session.seen)
            return await _Look(self, apart, session, at).over(sorted(new))

    async def taken(self, found: Ours, mail: bytes, uid: int) -> Taken:
        """What became of a mail of ours."""
        try:
            content = attached(mail, found.at)
        except Damaged:
            content = b""  # it has our mark, and is not whole: no batch
        taken = await self._inward.take(found.peer, content, uid)
        if taken.end != "later":  # of one in parts this is fetched again, the others wait here
            self._known |= {uid, *taken.mails}
        return taken

    def looked(self, head: bytes, uid: int) -> Ours | None:
        """What is to be fetched of a mail that begins like that."""
        found = self._finding.look(head)
        if isinstance(found, Ours):
            return found
        if isinstance(found, CameBack):
            self._faring.came_back()
        self.left(uid)
        return None

    def left(self, uid: int) -> None:
        """It stays as it is, and is looked at no more."""
        self._known.add(uid)

    def given_up(self) -> tuple[int, ...]:
        """Mails whose batch will never be whole."""
        return self._inward.joining.given_up()


class _Look:
    """One look through an open folder."""

    def __init__(self, box: Mailbox, apart: Apart, session: Session, at: Fetching) -> None:
        self._box = box
        self._apart = apart
        self._session = session
        self._at = at
        self._command_s = 2 * at.silent_s
        self._stuck = False
        self._full: set[Peer] = set()

    async def over(self, uids: Sequence[int]) -> tuple[str, str]:
        """Take what is ours of these; gives how the mailbox fares."""
        for start in range(0, len(uids), AT_ONCE):
            await self._some(uids[start : start + AT_ONCE])
        if self._full:
            return "blocked", _FULL
        if self._stuck:
            return "login", "what was taken cannot be removed: give this account the right to"
        return "works", ""

    async def _some(self, uids: Sequence[int]) -> None:
        apart, session = self._apart, self._session
        sizes = await apart.do(self._command_s, session.sizes, uids)
        for uid in [uid for uid, size in sizes.items() if size > MOST_MAIL]:
            self._box.left(uid)
            del sizes[uid]
        if not sizes:
            return
        most = len(sizes) * HEAD_BYTES
        heads = await apart.do(FETCH_S, session.bodies, list(sizes), HEAD_BYTES, most)
        for uid, head in heads.items():
            found = self._box.looked(head, uid)
            if found is not None and found.peer not in self._full:
                await self._one(found, uid, head)

    async def _one(self, found: Ours, uid: int, head: bytes) -> None:
        mail = head
        if len(head) >= HEAD_BYTES:
            most = MOST_MAIL + 1
            fetched = await self._apart.do(FETCH_S, self._session.bodies, [uid], most, most)
            if uid not in fetched:
                return  # somebody removed it
            mail = fetched[uid]
        taken = await self._box.taken(found, mail, uid)
        if taken.end == "later":
            self._full.add(found.peer)
        if taken.end == "kept":
            await self._settle(taken.mails)
        await self._settle(self._box.given_up())

    async def _settle(self, mails: Sequence[int]) -> None:
        """These are over: the core has what was in them, or it will come in others."""
        if not mails:
            return
        if self._at.delete:
            left = await self._apart.do(self._command_s, self._session.remove, mails)
            self._stuck |= bool(left)
        else:
            await self._apart.do(self._command_s, self._session.mark_seen, mails)
