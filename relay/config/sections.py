"""What ``relay.toml`` may hold: a frozen model a section, each value checked by itself.

What only shows when sections are held against each other is in ``relay.config.checks``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

MOST_MONEY = 10**12
"""Thousandths: more is a slip of the pen."""

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(written: object) -> int:
    """A length of time as people write it ("90s", "5m", "2h", "7d") in seconds."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", written) if isinstance(written, str) else None
    if not found:
        raise ValueError('write a length of time like "90s", "5m", "2h" or "7d"')
    return int(found[1]) * _UNITS[found[2]]


def thousandths(written: object) -> int:
    """An amount of money as people write it (10, 9.5, 0.015) in thousandths."""
    plain = isinstance(written, int | float) and not isinstance(written, bool)
    amount = Decimal(str(written)) * 1000 if plain else Decimal()
    if not (amount.is_finite() and 0 < amount <= MOST_MONEY and amount == int(amount)):
        raise ValueError("write an amount like 10.0, more than nothing, with at most three places")
    return int(amount)


def address(written: object) -> tuple[str, int]:
    """Where to listen: "127.0.0.1:2525", "[::1]:2525"; port 0 lets the system choose."""
    found = re.fullmatch(r"\[?([0-9a-fA-F.:]+)\]?:(\d{1,5})", str(written))
    if not found or int(found[2]) > 65535:
        raise ValueError('write an address and a port like "127.0.0.1:2525"')
    return found[1], int(found[2])


def _some_time(length_s: int) -> int:
    if length_s < 1:
        raise ValueError("it must be longer than that")
    return length_s


def _web_address(written: str) -> str:
    if not re.fullmatch(r"(https?://[^\s?#]+)?", written):
        raise ValueError('write an address like "https://news.example.org"')
    return written


def _network(written: str) -> str:
    try:
        network = ip_network(written)
    except ValueError:
        raise ValueError('write an address or a network like "10.0.0.0/8"') from None
    if network.prefixlen == 0:
        raise ValueError("name the proxies: everybody cannot be one")
    return str(network)


def _host(written: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,253}", written, re.ASCII):
        raise ValueError('write a name or an address like "imap.example.org"')
    return written


def _one_line(written: str) -> str:
    if not written.strip() or not written.isprintable() or len(written) > 1000:
        raise ValueError("write a line of text, of at most 1000 characters")
    return written


def _mail_address(written: str) -> str:
    local, at, domain = written.rpartition("@")
    if written and not (at and local and domain and written.isprintable() and " " not in written):
        raise ValueError('write a mail address like "post@example.org"')
    return written


def _phone_number(written: str) -> str:
    """ITU-T E.164: a plus, the country, at most 15 digits in all."""
    if not re.fullmatch(r"(\+[1-9][0-9]{6,14})?", written):
        raise ValueError('write it with its country, without blanks, like "+15550100123"')
    return written


def _name(written: str) -> str:
    if not NAME.fullmatch(written):
        raise ValueError("a name has lower-case letters, digits, - and _, at most 32")
    return written


Seconds = Annotated[int, BeforeValidator(seconds)]
Money = Annotated[int, BeforeValidator(thousandths)]
SomeTime = Annotated[int, BeforeValidator(seconds), AfterValidator(_some_time)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
PhoneNumber = Annotated[str, AfterValidator(_phone_number)]
Listen = Annotated[tuple[str, int], BeforeValidator(address)]
Network = Annotated[str, AfterValidator(_network)]
Name = Annotated[str, AfterValidator(_name)]
Bytes = Annotated[int, Field(ge=0)]


class _Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True
    )


class Node(_Section):
    """``[node]``"""

    name: Name = "n1"
    role: Literal["both"] = "both"
    doors: Literal[1] = 1
    data: str = "data"
    keys: str = "keys"
    passphrase_file: str = "secrets/passphrase"


class HttpIn(_Section):
    """``[http]``: webhooks in, the page out. With ``behind`` a proxy speaks TLS for us."""

    listen: Listen = ("127.0.0.1", 8080)
    url: WebAddress = ""
    behind: tuple[Network, ...] = Field((), strict=False, max_length=100)


class TlsFiles(_Section):
    """``[tls]``: a certificate with its chain, and its key, as PEM files."""

    certificate: str
    key: str


class Channel(_Section):
    """``[channels.NAME]``"""

    destinations: tuple[Name, ...] = Field(("page",), strict=False, min_length=1)
    review: Literal["all", "none"] = "all"
    delay: tuple[Seconds, Seconds] = Field((300, 2700), strict=False)
    danger: Literal["hold", "off"] = "hold"
    stale: Seconds = 3 * 86400


class WayIn(_Section):
    """What every ``[transports.NAME]`` may say: whether people are told of it on ``/send``, and
    after what time without a sign of life it is called silent (0: none is expected)."""

    public: bool = False
    silent_after: Seconds = 0

    def told(self) -> tuple[str, ...]:
        """What people are told to write to, where it is public; empty if there is nothing."""
        return ()


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


class SmsIn(WayIn):
    """``[transports.NAME]`` with ``kind = "sms"``: POST /in/NAME on ``[http]``."""

    kind: Literal["sms"]
    gateway: Literal["android", "generic"]
    secret_file: str
    channel: Name
    number: PhoneNumber = ""

    def told(self) -> tuple[str, ...]:
        """Its number."""
        return (self.number,) if self.number else ()


class ImapIn(WayIn):
    """``[transports.NAME]`` with ``kind = "imap"``: one folder of a mailbox, fetched."""

    kind: Literal["imap"]
    host: Annotated[str, AfterValidator(_host)]
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    user: Annotated[str, AfterValidator(_one_line)]
    password_file: str
    folder: Annotated[str, AfterValidator(_one_line)]
    channel: Name
    address: Annotated[str, AfterValidator(_mail_address)] = ""
    every: SomeTime = 60
    existing: Literal["leave", "take"] = "leave"
    message_bytes: Annotated[int, Field(ge=1024, le=14 * 1024 * 1024)] = 10 * 1024 * 1024
    tls: bool = True
    ca_file: str = ""

    def told(self) -> tuple[str, ...]:
        """Its address."""
        return (self.address,) if self.address else ()


TransportIn = Annotated[SmtpIn | SmsIn | ImapIn, Field(discriminator="kind")]


class Destination(BaseModel):
    """``[destinations.NAME]``: what the relay needs; the rest of the table is the bridge's.

    ``untested`` permits a bridge that was written by its platform's description only.
    """

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    bridge: str
    on_unsure: Literal["hold", "resend_once"] = "hold"
    deadline: SomeTime = 120
    money_per_month: Money | None = None
    untested: bool = False

    @property
    def rest(self) -> dict[str, Any]:
        """The bridge's own keys, as they were written."""
        return dict(self.model_extra or {})


class AlarmsTo(_Section):
    """``[alarms]``: to which destinations, and after what time something is wrong."""

    to: tuple[Name, ...] = Field(strict=False, min_length=1)
    check: SomeTime = 60
    every: SomeTime = 3600
    waiting: SomeTime = 6 * 3600
    held: SomeTime = 6 * 3600


class SpoolAt(_Section):
    """``[spool]``"""

    url: Literal["sqlite"] = "sqlite"
    keep: Seconds = 7 * 86400
    min_free_bytes: Bytes = 64 * 1024 * 1024
    ballast_bytes: Bytes = 8 * 1024 * 1024


class Settings(_Section):
    """The whole file."""

    node: Node = Node()
    http: HttpIn | None = None
    tls: TlsFiles | None = None
    channels: dict[Name, Channel] = Field(default_factory=dict)
    transports: dict[Name, TransportIn] = Field(default_factory=dict)
    destinations: dict[Name, Destination] = Field(default_factory=dict)
    spool: SpoolAt = SpoolAt()
    alarms: AlarmsTo | None = None
    _base: Path = PrivateAttr(default=Path())

    @property
    def base(self) -> Path:
        """The folder the file lies in."""
        return self._base

    def lies_at(self, file: Path) -> None:
        """From now on paths are taken from the folder of this file."""
        self._base = file.parent.absolute()

    def at(self, path: str) -> Path:
        """A path of the file: relative to the folder the file lies in."""
        return self.base / path

    @property
    def https(self) -> bool:
        """Whether ``[http]`` speaks TLS itself."""
        return self.tls is not None and self.http is not None and not self.http.behind

    @property
    def data(self) -> Path:
        """The folder of the spool and the sockets."""
        return self.at(self.node.data)

    @property
    def keys(self) -> Path:
        """The folder of door.key, exit.key and ``seen``."""
        return self.at(self.node.keys)
