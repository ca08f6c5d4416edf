"""Values of ``relay.toml`` as people write them, each checked by itself, in our own words."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from decimal import Decimal
from ipaddress import ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from relay.errors import Damaged
from relay.wire.linkkeys import link_key

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


def rate(written: object) -> float:
    """How many at most as people write it ("60/h"), as the seconds between two of them."""
    found = re.fullmatch(r"([1-9]\d{0,5})/([mhd])", written) if isinstance(written, str) else None
    if not found:
        raise ValueError('write how many and in what time, like "6/m", "60/h" or "500/d"')
    return _UNITS[found[2]] / int(found[1])


def address(written: object) -> tuple[str, int]:
    """Where to listen: "127.0.0.1:2525", "[::1]:2525"; port 0 lets the system choose."""
    found = re.fullmatch(r"\[?([0-9a-fA-F.:]+)\]?:(\d{1,5})", str(written))
    if not found or int(found[2]) > 65535:
        raise ValueError('write an address and a port like "127.0.0.1:2525"')
    return found[1], int(found[2])


def some_time(length_s: int) -> int:
    """A length of time that is not none."""
    if length_s < 1:
        raise ValueError("it must be longer than that")
    return length_s


def some(names: tuple[str, ...]) -> tuple[str, ...]:
    """A list that is not empty. Looked at last: of names that cannot be used more is not said."""
    if not names:
        raise ValueError("name at least one")
    return names


def between(least: str, most: str) -> AfterValidator:
    """A length of time within these two, both included; told as people write it."""

    def within(length_s: int) -> int:
        if not seconds(least) <= length_s <= seconds(most):
            raise ValueError(f'write at least "{least}" and at most "{most}"')
        return length_s

    return AfterValidator(within)


def web_address(written: str) -> str:
    """An address of the web, or nothing."""
    if not re.fullmatch(r"(https?://[^\s?#]+)?", written):
        raise ValueError('write an address like "https://news.example.org"')
    return written


def network(written: str) -> str:
    """A network that is not everybody."""
    try:
        found = ip_network(written)
    except ValueError:
        raise ValueError('write an address or a network like "10.0.0.0/8"') from None
    if found.prefixlen == 0:
        raise ValueError("name the proxies: everybody cannot be one")
    return str(found)


def host(written: str) -> str:
    """A name or an address of a host."""
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,253}", written, re.ASCII):
        raise ValueError('write a name or an address like "imap.example.org"')
    return written


def server(written: object) -> tuple[str, int]:
    """A host and the port that it listens at: "smtp.example.org:465", "[2001:db8::1]:993"."""
    named, colon, port = str(written).rpartition(":")
    bracketed = named[:1] == "[" and named[-1:] == "]"
    bare = named[1:-1] if bracketed else named
    if not colon or not re.fullmatch(r"\d{1,5}", port) or not 0 < int(port) <= 65535:
        raise ValueError(_SERVER)
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,253}", bare, re.ASCII) or (":" in bare) != bracketed:
        raise ValueError(_SERVER)
    return bare, int(port)


_SERVER = 'write a host and a port like "smtp.example.org:465"'


def proxy(written: str) -> str:
    """The address of a proxy, or nothing. Names are resolved by it, by whichever of the two words
    for SOCKS5 (RFC 1928) it is called; ``http`` is CONNECT (RFC 9110, 9.3.6)."""
    if not written:
        return written
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        raise ValueError(_PROXY) from None
    if parts.scheme not in ("socks5", "socks5h", "http"):
        raise ValueError(_PROXY)
    if "@" in parts.netloc:
        raise ValueError("put its user into `user`, and the password into a file: `password_file`")
    if not port:
        raise ValueError("write its port as well: Tor listens at 9050")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("write no more than its host and its port")
    host(parts.hostname or "")
    return written


_PROXY = 'write "socks5://HOST:PORT" or "http://HOST:PORT"'


def pin(written: str) -> str:
    """A public key: SHA-256 of its SubjectPublicKeyInfo in base64 (RFC 7469, 2.4)."""
    found = re.fullmatch(r"sha256/([A-Za-z0-9+/]{43}=)", written)
    if not found or b64encode(b64decode(found[1])).decode() != found[1]:
        raise ValueError(
            'write "sha256/" and 44 signs of base64: '
            "docs/blocked.md, A wrong certificate is never accepted"
        )
    return written


def link_key_text(written: str) -> str:
    """The link key of another node."""
    try:
        return link_key(written).written
    except Damaged:
        raise ValueError("write what `relay keys list` prints there: 128 characters") from None


def identity_key(written: str) -> str:
    """The identity key of an exit (Ed25519, base64url), or nothing."""
    if written and not re.fullmatch(r"[A-Za-z0-9_-]{43}", written, re.ASCII):
        raise ValueError("write what `relay keys list` prints there: 43 characters")
    return written


def one_line(written: str) -> str:
    """A line of text."""
    if not written.strip() or not written.isprintable() or len(written) > 1000:
        raise ValueError("write a line of text, of at most 1000 characters")
    return written


def file_name(written: str) -> str:
    """A name of a file, that every system can have."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", written, re.ASCII):
        raise ValueError('write a name like "backup.bin": letters, digits, dot, - and _')
    return written


def mail_address(written: str) -> str:
    """A mail address, or nothing."""
    local, at, domain = written.rpartition("@")
    if written and not (at and local and domain and written.isprintable() and " " not in written):
        raise ValueError('write a mail address like "post@example.org"')
    return written


def phone_number(written: str) -> str:
    """ITU-T E.164: a plus, the country, at most 15 digits in all."""
    if not re.fullmatch(r"(\+[1-9][0-9]{6,14})?", written):
        raise ValueError('write it with its country, without blanks, like "+15550100123"')
    return written


def number_prefix(written: str) -> str:
    """How telephone numbers begin: a plus, a country, perhaps more (ITU-T E.164)."""
    if not re.fullmatch(r"\+[1-9][0-9]{0,14}", written):
        raise ValueError('write how they begin, with the country, like "+98" or "+98912"')
    return written


def name(written: str) -> str:
    """A name of a channel, a transport or a destination."""
    if not NAME.fullmatch(written):
        raise ValueError("a name has lower-case letters, digits, - and _, at most 32")
    return written


Seconds = Annotated[int, BeforeValidator(seconds)]
Money = Annotated[int, BeforeValidator(thousandths)]
SomeTime = Annotated[int, BeforeValidator(seconds), AfterValidator(some_time)]
Rate = Annotated[float, BeforeValidator(rate)]
WebAddress = Annotated[str, AfterValidator(web_address)]
PhoneNumber = Annotated[str, AfterValidator(phone_number)]
NumberPrefix = Annotated[str, AfterValidator(number_prefix)]
Listen = Annotated[tuple[str, int], BeforeValidator(address)]
Network = Annotated[str, AfterValidator(network)]
Name = Annotated[str, AfterValidator(name)]
Bytes = Annotated[int, Field(ge=0)]
Proxy = Annotated[str, AfterValidator(proxy)]
Pin = Annotated[str, AfterValidator(pin)]
Host = Annotated[str, AfterValidator(host)]
Server = Annotated[tuple[str, int], BeforeValidator(server)]
LinkKeyText = Annotated[str, AfterValidator(link_key_text)]
IdentityKey = Annotated[str, AfterValidator(identity_key)]
FileName = Annotated[str, AfterValidator(file_name)]
Line = Annotated[str, AfterValidator(one_line)]
MailAddress = Annotated[str, AfterValidator(mail_address)]


class Section(BaseModel):
    """A table of the file: its keys are those that are written here, and no others."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True
    )


def names_in(table: Mapping[str, Any], section: str) -> set[str]:
    """The names of ``[section.NAME]`` in a file as it was written, good or not."""
    written = table.get(section)
    return set(written) if isinstance(written, Mapping) else set()
