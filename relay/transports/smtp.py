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

from relay.model import Arrival, Verdict
from relay.ports import TakeIn
from relay.serving.certificate import Certificate
from relay.serving.room import Room
from relay.sockets import address_of
from relay.transports import sentences
from relay.transports.fastsmtp import FastSmtp
from relay.transports.house import Hook, Mail
from relay.transports.limits import SmtpLimits
from relay.transports.talk import Talk
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


class Smtp:
    """``ports.Transport`` on one listening socket, which it closes at its end.

    ``channels`` maps addresses in lower case, and ``*@domain`` for all others of a domain, to names
    of channels. ``turned_away`` is called for each session and each mail that is refused. With a
    ``certificate`` STARTTLS is offered; with ``tls_first`` no mail is taken without it. ``trust``
    says of a mail what its sender's domain does, and whether it may be answered. Once ``closing``
    is set it takes no more sessions, and ``run`` ends with the last one.
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
        self.limits = limits
        self.leaving = False
        self.certificate = certificate
        self.tls_first = tls_first
        self.sessions = Room(limits.sessions, limits.sessions_per_network)
        self.in_flight = Room(limits.in_flight, limits.in_flight // 4)
        self.open: set[Talk] = set()
        self._turned_away = turned_away
        self._trust = trust
        self._closing = closing or asyncio.Event()
        self._name = name
        self._sock = sock
        self._channels = {address.lower(): channel for address, channel in channels.items()}
        self._take_in: TakeIn | None = None

    @property
    def hooks(self) -> Mapping[str, Hook]:
        """Of aiosmtpd's hooks the one that decides whether an address is ours."""
        return {"RCPT": self._rcpt}

    @property
    def address(self) -> str:
        """Where it listens."""
        assert self._sock is not None
        return address_of(self._sock)

    def session(self, loop: asyncio.AbstractEventLoop) -> FastSmtp:
        """What serves one connection."""
        return FastSmtp(self, loop)

    def welcomes(self, client: Any) -> bool:
        """Everybody."""
        return True

    async def run(self, take_in: TakeIn, ready: Callable[[str], None]) -> None:
        """Serve until cancelled; then mails that are being stored still get their answer."""
        self._take_in = take_in
        async with self._trust or contextlib.nullcontext():
            await self._serve(ready)

    async def _serve(self, ready: Callable[[str], None]) -> None:
        loop = asyncio.get_running_loop()
        address = self.address
        assert self._sock is not None
        server = await loop.create_server(
            lambda: self.session(loop), sock=self._sock, backlog=self.limits.sessions
        )
        ready(address)
        try:
            await self._sweep(loop, self._closing.is_set)
            server.close()
            await self._sweep(loop, lambda: not self.open)
        finally:
            server.close()
            await self._say_goodbye()

    async def _sweep(self, loop: asyncio.AbstractEventLoop, is_over: Callable[[], bool]) -> None:
        """Cut who is over its time: one timer for all sessions instead of one for each command. It
        looks at least once, so that a client that was just let in is one of them."""
        limits = self.limits
        pause = min(1.0, limits.idle_s / 4, limits.data_s / 4, limits.session_s / 4)
        looked = False
        while not (looked and is_over()):
            await asyncio.sleep(pause)
            looked = True
            now = loop.time()
            for session in [s for s in self.open if s.due is not None and s.due <= now]:
                session.cut(sentences.TOO_SLOW)

    async def _say_goodbye(self) -> None:
        """Mails that are being stored still get their answer; all others are sent away."""
        self.leaving = True
        for session in [s for s in self.open if s.due is not None]:
            session.cut(sentences.TOO_BUSY)
        talks = [s.talk for s in self.open if s.talk is not None]
        if talks:
            await asyncio.wait(talks, timeout=self.limits.goodbye_s)
        for session in list(self.open):
            session.abort()
        if talks:
            await asyncio.wait(talks, timeout=self.limits.goodbye_s)

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

    def turned_away(self) -> None:
        """A session or a mail was refused."""
        self._turned_away()

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
