"""One way to other hosts: without a proxy, or through one."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Literal

from relay.reach.loopback import is_loopback


@dataclass(frozen=True, slots=True, repr=False)
class Way:
    """``direct`` needs no more than its name; ``socks5`` (RFC 1928) and ``http`` (CONNECT, RFC 9110
    9.3.6) are proxies at ``host`` and ``port``, which look up names themselves.

    ``user`` and ``password`` are its login (RFC 1929; Basic). Where there is no user, ``isolate``
    gives a SOCKS5 proxy one that is of this destination alone: Tor keeps such apart. ``probe_s``:
    how often it is tried while it fails; ``connect_s``: the longest time for one connection.
    """

    name: str
    kind: Literal["direct", "socks5", "http"] = "direct"
    host: str = ""
    port: int = 0
    user: bytes = b""
    password: bytes = b""
    isolate: bool = True
    probe_s: float = 60.0
    connect_s: float = 15.0

    @property
    def stays_here(self) -> bool:
        """Whether what it brings to this machine never leaves it: a proxy elsewhere would take
        "localhost" for itself."""
        return self.kind == "direct" or is_loopback(self.host)


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """Where a connection should lead: what a probe needs to find out whether it does. ``tls``:
    under TLS from the first byte, believing these; ``pins``: see ``pins``. Two are equal that have
    the same host and port."""

    host: str
    port: int
    tls: ssl.SSLContext | None = field(default=None, compare=False)
    pins: frozenset[bytes] = field(default=frozenset(), compare=False)
