"""What a door gives to strangers: sessions, bytes and seconds, each with its reason.

A limit that is hit is a temporary refusal wherever waiting helps: the other side comes again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SmtpLimits:
    """Limits of an SMTP door. Times in seconds, sizes in bytes.

    ``idle_s`` is RFC 5321's five minutes for a server (section 4.5.3.2.7). ``data_s`` is absolute,
    for the whole of one DATA: 10 MiB at 17 kB/s; idle alone lets a client send a byte a minute for
    ever. ``commands`` counts between two mails, so that a kept session may bring any number.
    ``in_flight`` are bodies of all sessions while they are received and stored; a network may hold
    a quarter of it. ``handshake_s`` is for STARTTLS, from our answer until both sides speak TLS.
    """

    message_bytes: int = 10 * MIB
    sessions: int = 400
    sessions_per_network: int = 100
    recipients: int = 100
    commands: int = 500
    errors: int = 20
    in_flight: int = 64 * MIB
    idle_s: float = 300.0
    data_s: float = 600.0
    session_s: float = 3600.0
    handshake_s: float = 30.0
    goodbye_s: float = 5.0


@dataclass(frozen=True, slots=True)
class MailboxLimits:
    """Limits of a mailbox that is fetched. Times in seconds, sizes in bytes.

    ``silent_s``: a server says nothing; ``command_s``: a command as a whole; ``fetch_s``: the
    bodies of one batch, as long as SMTP has for one DATA. A batch is handed over together: at most
    ``batch`` mails, and ``batch_bytes`` unless a single one is larger. ``ready_s``: how long the
    node's start waits for the first look. ``alive_s``: how often "works" is said again.
    ``connection_s``: a folder that was renamed or made anew is the old one for as long as a
    connection lasts.
    """

    message_bytes: int = 10 * MIB
    batch: int = 16
    batch_bytes: int = 16 * MIB
    silent_s: float = 20.0
    command_s: float = 60.0
    fetch_s: float = 600.0
    ready_s: float = 5.0
    alive_s: float = 60.0
    connection_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class WebLimits:
    """Limits of the HTTP door. Times in seconds, all absolute; sizes in bytes.

    ``handshake_s`` runs until TLS is spoken where it is, ``header_s`` until a request's header is
    whole, ``body_s`` until its body is;
    ``connection_s`` ends even a client that reads an answer a byte at a time, and lets one at
    2 kB/s have a feed of 500 kB. A network's share of the sessions does not bind loopback, where a
    proxy speaks for everybody, nor a proxy of the settings: there it binds the requests that are
    under way for a network. ``in_flight`` are the bodies of all requests to ways in that take
    pictures, while they are received and stored; a network may hold a quarter of it.
    """

    sessions: int = 200
    sessions_per_network: int = 50
    body_bytes: int = 256 * 1024
    in_flight: int = 64 * MIB
    header_bytes: int = 16 * 1024
    handshake_s: float = 8.0
    header_s: float = 8.0
    body_s: float = 15.0
    connection_s: float = 300.0
    goodbye_s: float = 3.0


def network_of(address: str) -> str:
    """The network that shares a limit: the /24 of an IPv4 address, the /48 of an IPv6 address.

    A /48 is what one customer is given at most (RFC 6177). Anything else is one network: "".
    """
    parsed = address_of_peer(address)
    if parsed is None:
        return ""
    return parsed.packed[: 3 if parsed.version == 4 else 6].hex()


def clients_network(address: str) -> bytes:
    """``Arrival.network`` of a client: empty on this machine, where a proxy speaks for everybody,
    and for what is no address."""
    return b"" if is_loopback(address) else network_of(address).encode()


def is_loopback(address: str) -> bool:
    """Whether a peer is on this machine."""
    parsed = address_of_peer(address)
    return parsed is not None and parsed.is_loopback


def address_of_peer(written: str) -> IPv4Address | IPv6Address | None:
    """An address in whatever spelling: without its interface, and IPv4 where it is that."""
    try:
        parsed = ip_address(written.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


class Room:
    """A number of things, shared: so many in all, and so many for each network."""

    def __init__(self, total: int, per_network: int) -> None:
        self._total = total
        self._per_network = per_network
        self._taken = 0
        self._by_network: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How much is taken now, by all networks."""
        return self._taken

    def take(self, network: str, amount: int = 1) -> bool:
        """Take an amount; False if there is not so much, and nothing was taken."""
        if self._taken + amount > self._total:
            return False
        if self._by_network[network] + amount > self._per_network:
            return False
        self._taken += amount
        self._by_network[network] += amount
        return True

    def give(self, network: str, amount: int = 1) -> None:
        """Give it back. A network that holds nothing is forgotten."""
        self._taken -= amount
        self._by_network[network] -= amount
        if not self._by_network[network]:
            del self._by_network[network]
