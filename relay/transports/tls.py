"""TLS on a connection that was plain: the same steps for STARTTLS and for HTTPS.

A connection is counted before its handshake, not after it as asyncio's own servers do: so a client
that never finishes one holds a place, and only for as long as it may.

It leans on private names of asyncio's streams, which ``tests/unit/test_shake.py`` and
``tests/hostile/test_tls.py`` would miss.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Final

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
    if not plain.is_reading():
        # The reader was full at once and has paused what was its transport then.
        secure.pause_reading()
        plain.resume_reading()
