"""By which name a browser reached us, and whether by TLS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from relay.desk.who import Reached
from relay.serving.forwarded import Proxies

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Names of this machine for itself: whoever has come by one is on it, or by a tunnel of theirs."""

_HOST: Final = re.compile(
    r"(?P<name>[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?P<port>:[0-9]{1,5})?"
)


NOBODY: Final = Proxies()


@dataclass(frozen=True, slots=True)
class At:
    """Where the desk is. ``hosts``: names it is reached by, in lower case and without a port;
    ``behind``: proxies that speak TLS for it; ``tls``: whether it does so itself."""

    hosts: frozenset[str] = frozenset()
    behind: Proxies = NOBODY
    tls: bool = False

    def knows(self, host: str) -> bool:
        """Whether a host, with its port or without, is one of ours."""
        name = name_of(host)
        return name in LOOPBACK or name in self.hosts


def host_of(headers: list[str]) -> str | None:
    """The host that a request names, in lower case; None for none, for several, and for what is no
    name (RFC 9112 section 3.2)."""
    if len(headers) != 1:
        return None
    found = _HOST.fullmatch(headers[0].lower())
    return found[0] if found else None


def name_of(host: str) -> str:
    """A host without its port."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def reached_by(request: Request, host: str, at: At) -> Reached:
    """How a request has come. Who comes from a proxy has come by TLS, but for two: an onion
    service, which is secret by itself and has no certificate; and a tunnel of somebody's own, which
    ends on this machine as the proxy does, and asks for it by its name for itself."""
    peer, name = request.client.host if request.client else "", name_of(host)
    proxied = peer in at.behind and name not in LOOPBACK and not name.endswith(".onion")
    return Reached(host, at.tls or proxied)
