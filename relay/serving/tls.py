"""TLS on a connection that was plain: the same steps for STARTTLS and for HTTPS.

A connection is counted before its handshake, not after it as asyncio's own servers do: so a client
that never finishes one holds a place, and only for as long as it may.

It leans on private names of asyncio's streams, which ``tests/unit/test_shake.py`` and
``tests/hostile/test_tls.py`` would miss.
"""

from __future__ import annotations

import asyncio
import ssl
from asyncio import sslproto
from typing import Any, Final

RECORDS: Final = 32 * 1024
"""Bytes read from a socket at once inside TLS, for which each connection keeps a buffer: two full
records (RFC 8446 section 5.1). asyncio's own 256 KiB are 150 MiB for all connections that we take
(measured: 300 kB for each before, 90 kB now). It is also less than a reader holds, so that none is
full, and has paused its plain transport, before it knows the one of TLS."""

sslproto.SSLProtocol.max_size = RECORDS

GOODBYE_S: Final = 2.0
"""Seconds that a client gets to confirm the end of TLS, before the connection is cut."""


async def shake(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    context: ssl.SSLContext,
    *,
    within_s: float,
) -> None:
    """Make the two ends of a connection speak TLS.

    Raises OSError (``ssl.SSLError``, ``ConnectionError``) if that fails, or if something has come
    that was not read yet; the connection is to be closed then, and its protocol may never hear of
    it.
    """
    plain: Any = writer.transport
    protocol: Any = plain.get_protocol()
    ends: tuple[Any, ...] = (reader, writer, protocol)
    if ends[0]._buffer:
        raise ConnectionAbortedError  # it came in the clear, whoever sent it
    secure: Any = await asyncio.get_running_loop().start_tls(
        plain,
        protocol,
        context,
        server_side=True,
        ssl_handshake_timeout=within_s,
        ssl_shutdown_timeout=GOODBYE_S,
    )
    if secure is None:  # it was aborted meanwhile, which asyncio takes for an end
        raise ConnectionAbortedError
    for end in ends:
        end._transport = secure
    protocol._over_ssl = True
