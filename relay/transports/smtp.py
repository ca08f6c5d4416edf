"""Mail: which address is whose channel, and what a verdict is in SMTP.

A mail to several channels is one arrival and one answer. A mail is refused for good (5xx) only for
what can never succeed: an address that is not ours, a size, a broken text. All else is 4xx, so that
the other side keeps it. STARTTLS is offered where the node has a certificate.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Mapping
from typing import Any

from aiosmtpd.smtp import MISSING

from relay.mailing.smtp import sentences
from relay.mailing.smtp.house import Hook, Mail
from relay.mailing.smtp.limits import SmtpLimits
from relay.mailing.smtp.listening import Listening
from relay.model import Arrival, Verdict
from relay.ports import TakeIn
from relay.serving.certificate import Certificate
from relay.transports.trust import NOTHING, Trust
from relay.wire.pack import MAX_BYTES
from relay.wire.padding import CLASSES

MOST_CHANNELS = (MAX_BYTES - 1) // CLASSES[-1]
"""Channels of one mail: of the largest so many envelopes fit into one frame to the core."""

_ANSWERS: dict[Verdict, bytes] = {
    Verdict.TAKEN: sentences.OK,
    Verdict.KNOWN: sentences.OK,
    Verdict.FULL: sentences.FULL,
    Verdict.BUSY: sentences.TRY_LATER,
    Verdict.REFUSED: sentences.NOT_ACCEPTED,
}


class Smtp(Listening):
    """``ports.Transport`` on one listening socket, which it closes at its end.

    ``channels`` maps addresses in lower case, and ``*@domain`` for all others of a domain, to names
    of channels. ``trust`` says of a mail what its sender's domain does, and whether it may be
    answered. All else is ``Listening``'s.
    """

    def __init__(
        self,
        name: str,
        sock: socket.socket | None,
        channels: Mapping[str, str],
        limits: SmtpLimits,
        turned_away: Callable[[], None],
        certificate: Certificate | None = None,
        *,
        tls_first: bool = False,
        trust: Trust | None = None,
        closing: asyncio.Event | None = None,
    ) -> None:
        super().__init__(
            sock, limits, turned_away, certificate, tls_first=tls_first, closing=closing
        )
        self._trust = trust
        self._name = name
        self._channels = {address.lower(): channel for address, channel in channels.items()}
        self._take_in: TakeIn | None = None

    @property
    def hooks(self) -> Mapping[str, Hook]:
        """Of aiosmtpd's hooks the one that decides whether an address is ours."""
        return {"RCPT": self._rcpt}

    async def run(self, take_in: TakeIn, ready: Callable[[str], None]) -> None:
        """Serve until cancelled; then mails that are being stored still get their answer."""
        self._take_in = take_in
        async with self._trust or contextlib.nullcontext():
            await self.serve(ready)

    async def _rcpt(
        self, _server: object, _session: object, mail: Mail, address: str, _options: object
    ) -> Any:
        """aiosmtpd's RCPT hook: MISSING lets it note the address and say 250."""
        found = self._channels.get(address.lower())
        known = found is not None
        if found is None:
            found = self._channels.get("*@" + address.lower().rpartition("@")[2])
        if found is None:
            return sentences.NO_SUCH_USER
        if len(mail.rcpt_tos) >= self.limits.recipients:
            return sentences.TOO_MANY
        # the client sends the others as another mail: an arrival goes to the core in one frame
        if found not in mail.channels and len(mail.channels) >= MOST_CHANNELS:
            return sentences.TOO_MANY
        mail.channels.setdefault(found, []).append(_bytes(address))
        if known:
            mail.known.add(found)
        return MISSING

    async def deliver(self, mail: Mail, content: bytes) -> bytes:
        """The answer to a whole mail. What it raises, the session answers with 451."""
        assert self._take_in is not None
        bounce = mail.mail_from == "<>"
        sender = b"" if bounce else _bytes(mail.mail_from or "")
        recipients = [b"\n".join(sorted(set(to))) for to in mail.channels.values()]
        trusted = NOTHING
        if self._trust is not None:
            trusted = await self._trust.of(content, envelope=sender, client=mail.client)
        arrival = Arrival(
            transport=self._name,
            kind="mail",
            content=content,
            channels=tuple(mail.channels),
            sender=sender,
            recipient=recipients[0],
            recipients=tuple(recipients),
            unknown=tuple(c for c in mail.channels if c not in mail.known),
            flags=("bounce",) * bounce + trusted.flags,
            way_back=trusted.way_back,
            network=mail.network,
        )
        del content  # the arrival holds it, and only as long as it is being sealed
        return _ANSWERS[await self._take_in(arrival)]


def _bytes(address: str) -> bytes:
    return address.encode("utf-8", "surrogateescape")
