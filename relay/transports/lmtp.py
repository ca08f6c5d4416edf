"""LMTP (RFC 2033): mails that a mail server of the operator's own hands over, as Postfix does.

It is SMTP in other words: LHLO greets, and after DATA there is one answer for each recipient. A
mail to several channels is one transaction with us, so all of them get the same. The mail server
keeps what is answered with 4xx in its own queue and comes again, for days: nothing is lost while we
are down.

Who speaks LMTP is believed about what it took over the network, so it is no protocol for strangers:
a port of this machine, or a unix socket, where the kernel says which user asks.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Final

from relay.mailing.smtp.fastsmtp import Command, FastSmtp
from relay.mailing.smtp.house import Mail
from relay.mailing.smtp.limits import SmtpLimits
from relay.ports import TakeIn
from relay.sockets import bound, is_ours, unbound, user_of
from relay.transports.opened import once
from relay.transports.smtp import Smtp
from relay.transports.trust import Trust

AGAIN_S: Final = 10.0
"""Seconds until a socket that could not be made is tried again."""


class FastLmtp(FastSmtp):
    """One session of LMTP."""

    @property
    def methods(self) -> Mapping[str, Command]:
        return _METHODS

    async def smtp_LHLO(self, hostname: str | None) -> None:
        """The only greeting (RFC 2033 section 4.1); it offers what EHLO would."""
        await self.smtp_EHLO(hostname)

    def answers_to(self, mail: Mail) -> int:
        """One for each recipient that was taken (RFC 2033 section 4.2)."""
        return len(mail.rcpt_tos)


class Lmtp(Smtp):
    """``ports.Transport`` on a listening socket, or on a unix socket that it makes at ``where``.

    There only this node's own user, root, and the users of ``clients`` (their numbers) are heard.
    A socket that cannot be made is tried again; ``faring`` is told the state of the board and why.
    """

    def __init__(
        self,
        name: str,
        where: socket.socket | Path,
        channels: Mapping[str, str],
        limits: SmtpLimits,
        turned_away: Callable[[], None],
        *,
        clients: Collection[int] = (),
        faring: Callable[[str, str], None] = lambda state, why: None,
        trust: Trust | None = None,
        closing: asyncio.Event | None = None,
    ) -> None:
        path = where if isinstance(where, Path) else None
        sock = where if isinstance(where, socket.socket) else None
        super().__init__(name, sock, channels, limits, turned_away, trust=trust, closing=closing)
        self._path = path
        self._faring = faring
        self._clients = frozenset(clients)

    def session(self, loop: asyncio.AbstractEventLoop) -> FastSmtp:
        return FastLmtp(self, loop)

    def welcomes(self, client: Any) -> bool:
        """On a unix socket those that are named; on a port whoever reaches it."""
        if client.family != socket.AF_UNIX:
            return True
        return is_ours(client) or user_of(client) in self._clients

    async def deliver(self, mail: Mail, content: bytes) -> bytes:
        """As of SMTP; but the client speaks for everybody, so its network is nobody's."""
        mail.client, mail.network = "", b""
        return await super().deliver(mail, content)

    @property
    def address(self) -> str:
        return super().address if self._path is None else str(self._path)

    async def run(self, take_in: TakeIn, ready: Callable[[str], None]) -> None:
        if self._path is None:
            await super().run(take_in, ready)
            return
        opened = once(lambda: ready(self.address))
        self._sock = await self._made(self._path, opened)
        number = self._path.stat().st_ino
        self._faring("works", "")
        try:
            await super().run(take_in, lambda address: opened())
        finally:
            unbound(self._path, number)

    async def _made(self, path: Path, opened: Callable[[], None]) -> socket.socket:
        """The socket. No other way in waits for a folder that is not there yet."""
        while True:
            try:
                return bound(path, mode=0o666 if self._clients else 0o600)  # the kernel says who
            except OSError:
                why = "its socket cannot be made: look at the folder of `socket`"
                opened()
                self._faring("blocked", why)  # after that, which the board takes for "works"
            await asyncio.sleep(AGAIN_S)


_METHODS: Final[Mapping[str, Command]] = {
    "LHLO": FastLmtp.smtp_LHLO,
    "MAIL": FastLmtp.smtp_MAIL,
    "RCPT": FastLmtp.smtp_RCPT,
    "DATA": FastLmtp.smtp_DATA,
    "RSET": FastLmtp.smtp_RSET,
    "NOOP": FastLmtp.smtp_NOOP,
    "QUIT": FastLmtp.smtp_QUIT,
    "VRFY": FastLmtp.smtp_VRFY,
    "HELP": FastLmtp.smtp_HELP,
}
"""EHLO and HELO are none of LMTP's (RFC 2033 section 4.1): who says them took us for another."""
