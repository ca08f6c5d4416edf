"""The connection to a centre: under TLS and verified, or in the clear to this machine."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from relay.transports.limits import is_loopback
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
    where: Where, within_s: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Both directions of a new connection. Raises Trouble."""
    try:
        context = _context(where)
        async with asyncio.timeout(within_s):
            reader, writer = await asyncio.open_connection(
                where.host,
                where.port,
                ssl=context,
                ssl_handshake_timeout=within_s if context else None,
            )
    except (OSError, ValueError) as error:
        raise connecting(error) from None
    if context is None and not is_loopback(str(writer.get_extra_info("peername")[0])):
        writer.transport.abort()
        why = "without TLS only a host that is this machine: set tls = true"
        raise Trouble("login", why)
    return reader, writer


def _context(where: Where) -> ssl.SSLContext | None:
    if not where.tls:
        return None
    return ssl.create_default_context(cafile=where.ca_file or None)
