"""Mail in: a server of our own, one behind another's, and a mailbox at a provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from relay.config.inward.believing import Believing
from relay.config.values import Host, Line, Listen, MailAddress, Name, SomeTime, between
from relay.errors import Mistake
from relay.serving.peers import is_loopback

MOST_BYTES = Annotated[int, Field(ge=1024, le=14 * 1024 * 1024)]
"""Bytes of one mail."""


class ByAddress(Believing):
    """What a server of mail says: which addresses are ours, and whose channel each is."""

    channel: Name = ""
    addresses: Annotated[tuple[str, ...], Field(strict=False)] | dict[str, str]
    shown: Annotated[tuple[str, ...], Field(strict=False)] = ()
    message_bytes: MOST_BYTES = 10 * 1024 * 1024

    to_show: ClassVar[str] = (
        'add the address that people write to, as in shown = ["post@example.org"]'
    )
    how_to_get: ClassVar[str] = "The password of the account that answers are sent by."

    def told(self) -> tuple[str, ...]:
        """``shown``, or else every address that is written out."""
        return self.shown or tuple(one for one in self.addresses if not one.startswith("*@"))

    def takes(self, address: str) -> bool:
        """Whether mail to it is taken: by itself, or with all others of its domain."""
        domain = address.lower().rpartition("@")[2]
        return not {address.lower(), f"*@{domain}"}.isdisjoint(self.channels())

    def channels(self) -> dict[str, str]:
        """Every address (lower case) with its channel."""
        if isinstance(self.addresses, dict):
            return {key.lower(): channel for key, channel in self.addresses.items()}
        return {key.lower(): self.channel for key in self.addresses}

    def own_addresses(self) -> tuple[str, ...]:
        return (*super().own_addresses(), *self.channels())

    def to_channels(self) -> Mapping[str, str]:
        if isinstance(self.addresses, dict):
            return dict.fromkeys(self.addresses.values(), "addresses")
        return {self.channel: "channel"}

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(key, table)
        yield from self._wrong_addresses(key)
        if not all(self.takes(one) for one in self.shown):
            yield Mistake(f"{key}.shown", "has an address that is not taken", "add it to addresses")
        if any(one.startswith("*") for one in self.shown):
            yield Mistake(f"{key}.shown", "has no mail address", 'use "post@example.org"')

    def _wrong_addresses(self, key: str) -> Iterator[Mistake]:
        if not self.addresses:
            yield Mistake(f"{key}.addresses", "is empty", "name at least one")
        if isinstance(self.addresses, dict) and self.channel:
            why = "says nothing where every address has its own channel"
            yield Mistake(f"{key}.channel", why, "take it out")
        if len(self.channels()) < len(self.addresses):
            yield Mistake(f"{key}.addresses", "has an address twice", "take one out")
        for one in self.addresses:
            local, at, domain = one.rpartition("@")
            if not at or not local or not domain or any(c.isspace() for c in one):
                yield Mistake(f"{key}.addresses", "has no mail address", 'use "post@example.org"')


class SmtpIn(ByAddress):
    """``[transports.NAME]`` with ``kind = "smtp"``: a mail server of the world's.

    ``verdicts = "compute"``: SPF, DKIM and DMARC are computed here; ``resolver`` are the name
    servers that are asked, by default the system's.
    """

    kind: Literal["smtp"]
    listen: Listen
    sessions: Annotated[int, Field(ge=1, le=10_000)] = 400
    sessions_per_network: Annotated[int, Field(ge=1, le=10_000)] = 100
    starttls: Literal["offer", "require"] = "offer"
    resolver: Annotated[tuple[Listen, ...], Field(strict=False, max_length=3)] = ()

    could_believe: ClassVar[str] = '"compute" or "provider"'

    def listens(self) -> tuple[str, int] | None:
        return self.listen

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(key, table)
        if self.starttls == "require" and "tls" not in table:
            yield Mistake(f"{key}.starttls", "needs a certificate", "add [tls]")
        if self.resolver and self.verdicts != "compute":
            why = "says nothing where no verdict is computed"
            yield Mistake(f"{key}.resolver", why, 'set verdicts = "compute", or take it out')
        if self.verdicts == "provider" and not is_loopback(self.listen[0]):
            why = "would believe what any sender writes: nobody stands in front"
            yield Mistake(f"{key}.verdicts", why, 'set it to "compute"')

    def unsafe(self, key: str) -> Iterator[tuple[str, str]]:
        yield from super().unsafe(key)
        if self.verdicts == "compute":
            why = "the name server learns from which domains people write, and when"
            yield f"{key}.verdicts", why


class LmtpIn(ByAddress):
    """``[transports.NAME]`` with ``kind = "lmtp"``: behind a mail server of the operator's own.

    At a port (``listen``) or at a unix socket (``socket``, a path); ``clients`` are the users of
    this machine that may speak there, besides the node's own and root.
    """

    kind: Literal["lmtp"]
    verdicts: Literal["off", "provider"] = "off"
    listen: Listen | None = None
    socket: str = ""
    clients: Annotated[tuple[Line, ...], Field(strict=False, max_length=16)] = ()

    def listens(self) -> tuple[str, int] | None:
        return self.listen

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(key, table)
        if (self.listen is None) == (not self.socket):
            why = (
                "is missing, and so is socket" if self.listen is None else "is there beside socket"
            )
            remedy = 'write one: listen = "127.0.0.1:2424", or socket = "/run/outword/lmtp"'
            yield Mistake(f"{key}.listen", why, remedy)
        if self.clients and not self.socket:
            why = "says nothing about a port"
            yield Mistake(f"{key}.clients", why, "use socket, or take it out")

    def unsafe(self, key: str) -> Iterator[tuple[str, str]]:
        yield from super().unsafe(key)
        if self.listen is not None and not is_loopback(self.listen[0]):
            why = "whoever reaches this port is taken for your own mail server: close it to others"
            yield f"{key}.listen", why


class ImapIn(Believing):
    """``[transports.NAME]`` with ``kind = "imap"``: one folder of a mailbox, fetched.

    ``idle``: the server is asked to say when a mail comes (RFC 2177), again each ``idle_again``;
    where it cannot, the folder is looked at each ``every``.
    """

    kind: Literal["imap"]
    verdicts: Literal["off", "provider"] = "off"
    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    user: Line
    password_file: str
    folder: Line
    channel: Name
    address: MailAddress = ""
    every: SomeTime = 60
    idle: bool = True
    idle_again: Annotated[SomeTime, between("10s", "25m")] = 300
    existing: Literal["leave", "take"] = "leave"
    message_bytes: MOST_BYTES = 10 * 1024 * 1024
    tls: bool = True

    to_show: ClassVar[str] = (
        'add the address that people write to, as in address = "post@example.org"'
    )
    how_to_get: ClassVar[str] = (
        "The password of the mailbox; an app password, where the provider has such."
    )

    def goes_out(self) -> bool:
        return True

    def told(self) -> tuple[str, ...]:
        """Its address."""
        return (self.address,) if self.address else ()

    def own_addresses(self) -> tuple[str, ...]:
        return (*super().own_addresses(), *self.told(), *[self.user] * ("@" in self.user))

    def to_channels(self) -> Mapping[str, str]:
        return {self.channel: "channel"}

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(key, table)
        if not self.tls and self.host != "localhost" and not is_loopback(self.host):
            yield Mistake(f"{key}.tls", "would send the password in clear", "set it to true")
