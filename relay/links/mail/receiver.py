"""Hears SMTP itself, for one address, and takes nothing but batches of peers.

The other side's mail server keeps what is answered with 4xx, and comes again. A part of a batch is
answered with yes when it waits here for the others: nobody relies on that, for the peer forgets an
envelope only when it is told that it is durable.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiosmtpd.smtp import MISSING

from relay.errors import Damaged
from relay.links.mail.faring import Faring
from relay.links.mail.fetching import MOST_MAIL
from relay.links.mail.finding import HEAD_BYTES, CameBack, Finding, Ours, attached
from relay.links.mail.inward import End, Inward
from relay.mailing.smtp import sentences
from relay.mailing.smtp.house import Hook, Mail
from relay.mailing.smtp.limits import SmtpLimits
from relay.mailing.smtp.listening import Listening
from relay.serving.room import Room

LIMITS: Final = SmtpLimits(
    message_bytes=MOST_MAIL,
    sessions=32,
    sessions_per_network=8,
    recipients=1,
    in_flight=64 * 1024 * 1024,
)
"""Who writes here is a mail server of the peer's provider: there are few of them."""

_ANSWERS: Final[Mapping[End, bytes]] = {
    "kept": sentences.OK,
    "waits": sentences.OK,
    "later": sentences.TRY_LATER,
    "no batch": sentences.NOT_ACCEPTED,
}


class Receiver(Listening):
    """An SMTP server on a socket that listens, for mails to ``address`` only."""

    def __init__(
        self,
        sock: socket.socket,
        address: str,
        finding: Finding,
        inward: Inward,
        faring: Faring,
        turned_away: Callable[[], None],
        limits: SmtpLimits = LIMITS,
    ) -> None:
        super().__init__(sock, limits, turned_away)
        self.in_flight = Room(limits.in_flight, limits.in_flight // 2)  # one mail may need a third
        self._address_of_ours = address.lower()
        self._finding = finding
        self._inward = inward
        self._faring = faring

    @property
    def hooks(self) -> Mapping[str, Hook]:
        """Of aiosmtpd's hooks the one that decides whether an address is ours."""
        return {"RCPT": self._rcpt}

    async def _rcpt(
        self, _server: object, _session: object, mail: Mail, address: str, _options: object
    ) -> Any:
        """aiosmtpd's RCPT hook: MISSING lets it note the address and say 250."""
        if address.lower() != self._address_of_ours:
            return sentences.NO_SUCH_USER
        if len(mail.rcpt_tos) >= self.limits.recipients:
            return sentences.TOO_MANY
        return MISSING

    async def deliver(self, mail: Mail, content: bytes) -> bytes:
        """The answer to a whole mail. What it raises, the session answers with 451."""
        head = content[:HEAD_BYTES]
        if mail.mail_from == "<>":  # as a mail server notes it in a mailbox (RFC 5321, 4.4)
            head = b"Return-Path: <>\r\n" + head
        found = self._finding.look(head)
        if isinstance(found, CameBack):
            self._faring.came_back()
            return sentences.OK
        if not isinstance(found, Ours):
            return sentences.NOT_ACCEPTED
        at = found.at - len(head) + min(len(content), HEAD_BYTES)
        try:
            taken = await self._inward.take(found.peer, attached(content, at))
        except Damaged:
            return sentences.NOT_ACCEPTED
        self._inward.joining.given_up()
        return _ANSWERS[taken.end]
