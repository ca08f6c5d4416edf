"""What one HTTP server gives to all its connections together, each limit with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Limits of connections. Times in seconds, all absolute; sizes in bytes.

    ``handshake_s`` runs until TLS is spoken where it is, ``header_s`` until a request's header is
    whole; ``connection_s`` ends even a client that reads an answer a byte at a time. A network's
    share of the sessions does not bind loopback, where a proxy speaks for everybody, nor a proxy
    of the settings. ``goodbye_s``: what requests under way get when the server ends.
    """

    sessions: int = 200
    sessions_per_network: int = 50
    header_bytes: int = 16 * 1024
    handshake_s: float = 8.0
    header_s: float = 8.0
    connection_s: float = 300.0
    goodbye_s: float = 3.0
