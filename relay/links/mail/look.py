"""One look through an open folder: what is ours is taken, one mail after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from relay.errors import Damaged
from relay.links.mail.faring import Faring
from relay.links.mail.fetching import MOST_MAIL, Fetching, Known
from relay.links.mail.finding import HEAD_BYTES, CameBack, Finding, Ours, attached
from relay.links.mail.inward import Inward
from relay.links.port import Peer
from relay.mailing.imap.apart import Apart
from relay.mailing.imap.session import Session
from relay.mailing.imap.trouble import Trouble

AT_ONCE: Final = 16
"""Mails whose beginnings are fetched together: half a megabyte, so that a slow line gets on."""

FETCH_S: Final = 600.0
SLOWEST: Final = 1024
"""Seconds for what is fetched at once, and one more for each so many bytes: that a server is silent
is noticed long before."""

_STUCK: Final = "what was taken cannot be removed: give this account the right to delete"
_FULL: Final = "what came cannot be kept now: look at the disk and at `relay status`"


class Look:
    """Of one mailbox, on one connection; everything of it may raise Trouble."""

    def __init__(
        self,
        apart: Apart,
        session: Session,
        at: Fetching,
        known: Known,
        finding: Finding,
        inward: Inward,
        faring: Faring,
    ) -> None:
        self._apart = apart
        self._session = session
        self._at = at
        self._command_s = 2 * at.silent_s
        self._known = known
        self._finding = finding
        self._inward = inward
        self._faring = faring
        self._full: set[Peer] = set()
        self._seen: set[int] = set()
        self._stuck = False

    async def through(self) -> tuple[str, str]:
        """Take what is new there; gives how the mailbox fares."""
        there, deleted = await self._apart.do(self._command_s, self._session.uids, 1)
        self._known.forget_all_but(there)
        await self._settle()
        if new := there - deleted - self._known.looked:
            self._seen = await self._apart.do(self._command_s, self._session.seen)
            uids = sorted(new if self._at.delete else new - self._seen)
            for start in range(0, len(uids), AT_ONCE):
                await self._some(uids[start : start + AT_ONCE])
        if self._full:
            return "blocked", _FULL
        return ("login", _STUCK) if self._stuck else ("works", "")

    async def _some(self, uids: Sequence[int]) -> None:
        apart, session = self._apart, self._session
        sizes = await apart.do(self._command_s, session.sizes, uids)
        for uid in [uid for uid, size in sizes.items() if size > MOST_MAIL]:
            self._known.looked.add(uid)
            del sizes[uid]
        if not sizes:
            return
        most = len(sizes) * HEAD_BYTES
        heads = await apart.do(FETCH_S, session.bodies, list(sizes), HEAD_BYTES, most)
        for uid, head in heads.items():
            found = self._finding.look(head)
            if isinstance(found, Ours):
                if found.peer not in self._full:
                    await self._one(found, uid, head, sizes[uid])
                continue
            self._known.looked.add(uid)
            if isinstance(found, CameBack) and uid not in self._seen:
                self._faring.came_back()
                await apart.do(self._command_s, session.mark_seen, [uid])

    async def _one(self, found: Ours, uid: int, head: bytes, size: int) -> None:
        mail = head
        if len(head) >= HEAD_BYTES:
            most = MOST_MAIL + 1
            within_s = FETCH_S + size / SLOWEST
            fetched = await self._apart.do(within_s, self._session.bodies, [uid], most, most)
            if uid not in fetched:
                return  # somebody removed it
            mail = fetched[uid]
        await self._taken(found, uid, mail)
        await self._settle()

    async def _taken(self, found: Ours, uid: int, mail: bytes) -> None:
        try:
            content = attached(mail, found.at)
        except Damaged:
            content = b""  # it has our mark, and is not whole: no batch
        taken = await self._inward.take(found.peer, content, uid)
        if taken.end == "later":  # of one in parts this is fetched again, the others wait here
            self._full.add(found.peer)
        else:
            self._known.looked |= {uid, *taken.mails}
        if taken.end == "kept":
            self._known.over.update(taken.mails)
        self._known.over.update(self._inward.joining.given_up())

    async def _settle(self) -> None:
        """What is over may go; what cannot is tried again at the next look. An account that may
        remove nothing takes all the same."""
        if not self._known.over or self._stuck:
            return
        try:
            await self._removed(sorted(self._known.over))
        except Trouble as trouble:
            if trouble.state != "login":
                raise
            self._stuck = True

    async def _removed(self, mails: Sequence[int]) -> None:
        if self._at.delete:
            left = await self._apart.do(self._command_s, self._session.remove, mails)
            self._known.over &= left
            self._stuck = bool(left)
        else:
            await self._apart.do(self._command_s, self._session.mark_seen, mails)
            self._known.over.clear()
