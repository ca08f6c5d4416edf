"""What is wrong with ``[desk]``, or unsafe: who could reach it, by which names, and who could read
along. And the two persons of a channel, who meet there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv6Address
from typing import Any, Final

from relay.config.sections import DeskAt, Settings
from relay.errors import Mistake
from relay.serving.peers import address_of_peer, is_loopback

HOST: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
    r"|\[[0-9a-f:.]{2,45}\]"
)
"""A name by which a desk is reached (RFC 1123 section 2.1), in lower case and without a port."""

USERS: Final = "users"
"""The file in ``keys`` that is there once somebody was added."""

_NAMES: Final = 'write them as "desk.example.org": lower case, no https://, no port, no *'


def wrong_desk(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """Mistakes that only show when the desk is held against the rest."""
    for name, channel in settings.channels.items():
        if channel.two_persons != "none" and "desk" not in table:
            remedy = "add [desk], where the second person says so, or take it out"
            yield Mistake(f"channels.{name}.two_persons", "needs a desk", remedy)
    at = settings.desk
    if at is None:
        return
    if any(not HOST.fullmatch(host) for host in at.hosts):
        yield Mistake("desk.hosts", "has what is no name of a host", _NAMES)
    if at.idle > at.longest:
        yield Mistake("desk.idle", "is longer than desk.longest", "make it shorter")
    if _is_reached_from_elsewhere(at) and not at.hosts:
        what = "is empty: whoever comes from elsewhere is turned away"
        yield Mistake("desk.hosts", what, "name the hosts by which the desk is reached")
    yield from _in_the_open(settings, at)


def _in_the_open(settings: Settings, at: DeskAt) -> Iterator[Mistake]:
    """A desk that more than this machine can reach."""
    address = at.listen[0]
    if is_loopback(address):
        return
    if at.behind:
        what = "is open to others than the proxy, which speaks TLS for it"
        yield Mistake("desk.listen", what, "listen on 127.0.0.1, or take desk.behind out")
    elif settings.tls is None and not _is_private(address):
        what = "would show everything in clear to whoever is on the way"
        remedy = "listen on 127.0.0.1, or on an address of WireGuard, or add [tls]"
        yield Mistake("desk.listen", what, remedy)
    if not (settings.keys / USERS).exists():
        what = "opens the desk to others before there is any user"
        remedy = "listen on 127.0.0.1 first, and `relay users add` somebody"
        yield Mistake("desk.listen", what, remedy)


def unsafe_desk(settings: Settings) -> Iterator[tuple[str, str]]:
    """What is named in a warning at each start."""
    for name, channel in settings.channels.items():
        if channel.two_persons == "all" and channel.review != "all":
            why = "what no person has to read is published without a word of anybody's"
            yield f"channels.{name}.two_persons", why
    at = settings.desk
    if at is None:
        return
    if not is_loopback(at.listen[0]) and settings.tls is None:
        why = "the desk speaks in clear there: only what carries it, as WireGuard does, hides it"
        yield "desk.listen", why
    if any(host.endswith(".onion") for host in at.hosts) and settings.tls and not at.behind:
        why = "with [tls] the desk speaks TLS to Tor as well: desk.behind = [127.0.0.1] ends that"
        yield "desk.hosts", why


def _is_reached_from_elsewhere(at: DeskAt) -> bool:
    return bool(at.behind) or not is_loopback(at.listen[0])


def _is_private(address: str) -> bool:
    """Whether only a network of one's own leads there: RFC 1918, RFC 4193, and the addresses that
    providers share (RFC 6598), which overlays use as well."""
    parsed = address_of_peer(address)
    if parsed is None or parsed.is_unspecified or parsed.is_multicast:
        return False
    if isinstance(parsed, IPv6Address):
        return parsed.is_private
    return parsed.is_private or 0x64400000 <= int(parsed) < 0x64800000
