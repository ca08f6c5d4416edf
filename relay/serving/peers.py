"""Who is at the other end: its address, in whatever spelling, and the network it shares."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


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
