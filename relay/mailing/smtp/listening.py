"""Serves SMTP on one listening socket: lets sessions in, and cuts who is over its time."""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from relay.mailing.smtp import sentences
from relay.mailing.smtp.fastsmtp import FastSmtp
from relay.mailing.smtp.house import Hook, Mail
from relay.mailing.smtp.limits import SmtpLimits
from relay.mailing.smtp.talk import Talk
from relay.serving.certificate import Certificate
from relay.serving.room import Room
from relay.sockets import address_of


class Listening(ABC):
    """A ``House``, but for what becomes of a mail (``deliver``) and which addresses there are
    (``hooks``). ``turned_away`` is called for each session and each mail that is refused. With a
    ``certificate`` STARTTLS is offered; with ``tls_first`` no mail is taken without it. Once
    ``closing`` is set it takes no more sessions, and ``serve`` ends with the last one.
    """

    def __init__(
        self,
        sock: socket.socket | None,
        limits: SmtpLimits,
        turned_away: Callable[[], None],
        certificate: Certificate | None = None,
        *,
        tls_first: bool = False,
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
        self._closing = closing or asyncio.Event()
        self._sock = sock

    @property
    @abstractmethod
    def hooks(self) -> Mapping[str, Hook]:
        """Hooks of aiosmtpd, by command."""

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

    def turned_away(self) -> None:
        """A session or a mail was refused."""
        self._turned_away()

    @abstractmethod
    async def deliver(self, mail: Mail, content: bytes) -> bytes:
        """The answer to a whole mail. What it raises, the session answers with 451."""

    async def serve(self, ready: Callable[[str], None]) -> None:
        """Serve until cancelled, and close the socket; mails that are being stored then still get
        their answer."""
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
