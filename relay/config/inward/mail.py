"""Mail in: a server of our own, and a mailbox at a provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from relay.config.inward.common import WayIn
from relay.config.values import Host, Line, Listen, MailAddress, Name, SomeTime
from relay.errors import Mistake
from relay.transports.limits import is_loopback


class SmtpIn(WayIn):
    """``[transports.NAME]`` with ``kind = "smtp"``"""

    kind: Literal["smtp"]
    listen: Listen
    channel: Name = ""
    addresses: Annotated[tuple[str, ...], Field(strict=False)] | dict[str, str]
    shown: Annotated[tuple[str, ...], Field(strict=False)] = ()
    message_bytes: Annotated[int, Field(ge=1024, le=14 * 1024 * 1024)] = 10 * 1024 * 1024
    sessions: Annotated[int, Field(ge=1, le=10_000)] = 400
    sessions_per_network: Annotated[int, Field(ge=1, le=10_000)] = 100
    starttls: Literal["offer", "require"] = "offer"

    to_show: ClassVar[str] = (
        'add the address that people write to, as in shown = ["post@example.org"]'
    )

    def listens(self) -> tuple[str, int] | None:
        return self.listen

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
        if self.starttls == "require" and "tls" not in table:
            yield Mistake(f"{key}.starttls", "needs a certificate", "add [tls]")

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


class ImapIn(WayIn):
    """``[transports.NAME]`` with ``kind = "imap"``: one folder of a mailbox, fetched."""

    kind: Literal["imap"]
    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    user: Line
    password_file: str
    folder: Line
    channel: Name
    address: MailAddress = ""
    every: SomeTime = 60
    existing: Literal["leave", "take"] = "leave"
    message_bytes: Annotated[int, Field(ge=1024, le=14 * 1024 * 1024)] = 10 * 1024 * 1024
    tls: bool = True
    ca_file: str = ""

    to_show: ClassVar[str] = (
        'add the address that people write to, as in address = "post@example.org"'
    )
    how_to_get: ClassVar[str] = (
        "The password of the mailbox; an app password, where the provider has such."
    )

    def told(self) -> tuple[str, ...]:
        """Its address."""
        return (self.address,) if self.address else ()

    def to_channels(self) -> Mapping[str, str]:
        return {self.channel: "channel"}

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(key, table)
        if not self.tls and self.host != "localhost" and not is_loopback(self.host):
            yield Mistake(f"{key}.tls", "would send the password in clear", "set it to true")
