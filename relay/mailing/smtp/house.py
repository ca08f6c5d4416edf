"""What all SMTP sessions of one listening socket share, and what a mail is until it is taken in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from aiosmtpd.smtp import Envelope

from relay.mailing.smtp.limits import SmtpLimits
from relay.serving.certificate import Certificate
from relay.serving.room import Room

Hook = Callable[..., Awaitable[Any]]


class Mail(Envelope):
    """A mail on its way in: aiosmtpd's envelope, and for each channel the addresses it goes to."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: dict[str, list[bytes]] = {}
        self.known: set[str] = set()  #: channels with an address that the settings name
        self.client = ""  #: its address, for what is judged by it
        self.network = b""  #: the client's; empty on this machine, where one speaks for everybody


class House(Protocol):
    """What all sessions of one listening socket share."""

    limits: SmtpLimits
    sessions: Room
    in_flight: Room
    open: set[Any]  #: sessions
    leaving: bool  #: no further command is obeyed
    certificate: Certificate | None  #: for STARTTLS; without one it is no command
    tls_first: bool  #: no mail without STARTTLS

    @property
    def hooks(self) -> Mapping[str, Hook]:
        """Hooks of aiosmtpd, by command."""
        ...

    def welcomes(self, client: Any) -> bool:
        """Whether whoever is at the other end of this socket may speak here at all."""
        ...

    def turned_away(self) -> None:
        """A session or a mail was refused."""
        ...

    async def deliver(self, mail: Mail, content: bytes) -> bytes:
        """The answer to a mail. Raises nothing that it knows of; whatever it raises is a 451."""
        ...
