"""The connection to a centre: under TLS and verified, or in the clear to this machine."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from relay.ports import NotSent
from relay.reach import dial
from relay.reach.routes import Routes
from relay.serving.peers import is_loopback
from relay.transports.smpp.trouble import Trouble, connecting


@dataclass(frozen=True, slots=True, repr=False)
class Where:
    """A centre. ``ca_file``: an authority's certificate (PEM) that is believed instead of the
    system's; ``tls`` may be False for a host that is this machine, the near end of a tunnel."""

    host: str
    port: int
    tls: bool = True
    ca_file: str = ""


async def connected(
    where: Where, within_s: float, routes: Routes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Both directions of a new connection by one of these routes. Raises Trouble."""
    if not where.tls and where.host != "localhost" and not is_loopback(where.host):
        why = "without TLS only a host that is this machine: set tls = true"
        raise Trouble("login", why)
    try:
        return await dial.opened(
            routes, where.host, where.port, tls=_context(where), timeout_s=within_s
        )
    except (NotSent, OSError, ValueError) as error:
        raise connecting(error) from None


def _context(where: Where) -> ssl.SSLContext | None:
    if not where.tls:
        return None
    return ssl.create_default_context(cafile=where.ca_file or None)
