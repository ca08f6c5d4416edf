"""Trying an account as the node would use it: does it open, and could the other side be asked?

``relay login``, ``relay doctor`` and ``relay destinations test`` tell a secret that is refused,
which a person must mend, from a platform that is away, which time mends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import trio

from relay.config import ImapIn, Settings
from relay.config.inward import TelegramIn
from relay.config.linking import MailLink
from relay.errors import OutwordError
from relay.model import Health
from relay.plugins.ways import ways_of
from relay.ports import Answer, Bridge, Http, Stream
from relay.reach.routes import Routes

if TYPE_CHECKING:  # it brings imap-tools along
    from relay.mailing.imap.session import Where

CHECK_S = 30.0
"""Seconds that a platform has to say whether it knows the secret."""


class NotStarted(OutwordError):
    """A bridge that cannot be started with these settings and secrets."""

    exit_code = 65


def why_failed(error: Exception) -> str:
    """What is said of an exception that a bridge raised."""
    if type(error).__name__ == "BadSecret":  # its words are made never to quote it
        return str(error)
    return f"its bridge failed: {type(error).__name__.lower()}"


async def health_from(bridge: Bridge, heard: Heard) -> tuple[Health, bool]:
    """What a bridge with this way out says of its account, and whether its platform could be
    asked. One that raises is trouble."""
    health: object = Health("", f"it did not answer within {CHECK_S:.0f} s")
    try:
        with trio.move_on_after(CHECK_S):
            health = await bridge.check()
    except OutwordError as error:
        return Health("", str(error)), True
    except Exception as error:
        trouble = why_failed(error)
        return Health("", trouble), heard.good or not trouble.startswith("its bridge failed")
    if not isinstance(health, Health):
        return Health("", "its bridge gave no health"), True
    return health, heard.good


class Heard:
    """``Http`` that remembers whether the other side gave an answer about us, not about itself."""

    def __init__(self, out: Http) -> None:
        self._out = out
        self._asked = False
        self._status = 0

    @property
    def good(self) -> bool:
        """Nothing was asked, or the last answer was not of a server in trouble (429, 5xx)."""
        return not self._asked or (200 <= self._status < 500 and self._status not in (408, 429))

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 60.0,
    ) -> Answer:
        """One request, as it is asked for."""
        self._asked, self._status = True, 0
        answer = await self._out.request(
            method, url, headers=headers, body=body, timeout_s=timeout_s
        )
        self._status = answer.status
        return answer

    async def connect(
        self,
        host: str,
        port: int,
        *,
        tls: Literal["now", "later"] = "now",
        timeout_s: float = 15.0,
    ) -> Stream:
        """One connection, as it is asked for: that it stands is an answer."""
        self._asked, self._status = True, 0
        stream = await self._out.connect(host, port, tls=tls, timeout_s=timeout_s)
        self._status = 200
        return stream


def mailbox_trouble(
    mailbox: ImapIn | MailLink, secret: bytes, settings: Settings
) -> tuple[str, bool]:
    """Why a mailbox does not open with this password, empty if it does; whether anybody was there.
    It is reached by its own routes.

    Blocks, for half a minute at most. Raises KeyFileError.
    """
    from relay.transports.mailbox import looked  # imap-tools: for no other command

    return looked(_where(mailbox, settings), secret, routes=_routes_of(mailbox, settings))


def _where(mailbox: ImapIn | MailLink, settings: Settings) -> Where:
    """The folder of a way in, or of a link."""
    from relay.mailing.imap.session import Where
    from relay.node.links.mail import where_of

    if isinstance(mailbox, MailLink):
        return where_of(mailbox, settings)
    return Where(
        host=mailbox.host,
        port=mailbox.port,
        user=mailbox.user,
        folder=mailbox.folder,
        tls=mailbox.tls,
        ca_file=str(settings.at(mailbox.ca_file)) if mailbox.ca_file else "",
    )


def bot_trouble(at: TelegramIn, secret: bytes, settings: Settings) -> tuple[str, str, bool]:
    """The name of a bot with this token; why it has none, empty if it has one; whether Telegram,
    or who stands in for it, was there. It is reached by its own routes.

    Blocks, for half a minute at most. Raises KeyFileError.
    """
    from telegram.error import InvalidToken  # a large library: for no other command

    from relay.transports.telegram.api import Where, name_of
    from relay.transports.telegram.trouble import trouble_of

    routes, token = _routes_of(at, settings), secret.decode("ascii", "replace")

    async def ask() -> str:
        async with asyncio.timeout(CHECK_S):
            return await name_of(Where(at.base_url, at.proxy), token, routes)

    try:
        name = asyncio.run(ask())
        another = any(one.lower() != name.lower() for one in at.told())
        why = f"it is the token of {name}, and `username` says another: people would write to that"
        return name, why * another, True
    except InvalidToken:
        return "", "Telegram knows no bot of this token", True
    except Exception as error:
        state, why = trouble_of(error)
        return "", why, state == "login"


def _routes_of(at: ImapIn | TelegramIn | MailLink, settings: Settings) -> Routes:
    return Routes(ways_of(at.routes, settings.routes, settings.base), "login")
