"""The client's end of a connection to a socket of our own.

Its certificate need not name this machine: it is told by its fingerprint, which must be that of the
file. So whoever answers there is this node, and shows the world what its operator means to show.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from relay.sockets import short
from relay.transports.canary.note import Unheard

WITHIN_S: Final = 60.0
"""Seconds for one note: people's programs wait longer, but such a way in is no good."""

ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where a socket is reached that listens at every address."""

OURS: Final[dict[int, str]] = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
"""Where we come from, also to a socket at an address that the world sees: of who comes from there
the way in asks no name server, and counts it as no network's."""

LINE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class End:
    """Where a socket of ours listens. ``shown`` gives the fingerprint (SHA-256) of the certificate
    that it has to show; None where it speaks no TLS. ``family`` is that of its address."""

    host: str = ""
    port: int = 0
    path: Path | None = None
    shown: Callable[[], bytes] | None = None
    family: int = socket.AF_INET


def end_of(sock: socket.socket, shown: Callable[[], bytes] | None = None) -> End:
    """That of a socket which is bound to a port."""
    host, port = sock.getsockname()[:2]
    return End(ANYWHERE.get(host, host), port, None, shown, sock.family)


@asynccontextmanager
async def connected(
    end: End, *, tls: bool = False
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection, with TLS from the first byte or without any. All that goes wrong with it, also
    later, and whatever lasts longer than WITHIN_S, raises Unheard."""
    try:
        async with asyncio.timeout(WITHIN_S):
            reader, writer = await _opened(end)
            try:
                if tls:
                    await secure(writer, end)
                yield reader, writer
            finally:
                with contextlib.suppress(OSError):
                    writer.transport.abort()
    except TimeoutError:
        raise Unheard("it took too long") from None
    except (ConnectionRefusedError, FileNotFoundError):
        raise Unheard("nobody listens there") from None
    except ssl.SSLError:
        raise Unheard("no TLS could be agreed on with it") from None
    except (OSError, EOFError, asyncio.LimitOverrunError):
        raise Unheard("the connection broke") from None


async def _opened(end: End) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if end.path is None:
        ours = (OURS[end.family], 0)
        return await asyncio.open_connection(end.host, end.port, limit=LINE, local_addr=ours)
    with short(end.path) as name:
        return await asyncio.open_unix_connection(name, limit=LINE)


async def secure(writer: asyncio.StreamWriter, end: End) -> None:
    """Speak TLS from here on. Raises Unheard if it shows another certificate than its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # by its fingerprint instead, which is stricter
    await writer.start_tls(context)
    shown: ssl.SSLObject = writer.get_extra_info("ssl_object")
    certificate = shown.getpeercert(binary_form=True) or b""
    if end.shown is None or sha256(certificate).digest() != end.shown():
        raise Unheard("it shows another certificate than the one in its file: reload it")
