"""Connections of bytes, for what is no HTTP: verified TLS, and nothing that matters before it."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal

import trio

from relay.ports import NoAnswer, NotSent

CHUNK_BYTES: Final = 65536
MAX_CLEAR_BYTES: Final = 1024
"""Sent to another machine before TLS: an EHLO and a STARTTLS have room in it, and no post."""


class OutStream:
    """``ports.Stream`` over a connection that stands."""

    def __init__(
        self, stream: trio.abc.Stream, host: str, context: ssl.SSLContext, *, clear: bool
    ) -> None:
        self._stream = stream
        self._host = host
        self._context = context
        self._clear_bytes = MAX_CLEAR_BYTES if clear and not is_loopback(host) else None

    async def send(self, said: bytes, *, timeout_s: float = 60.0) -> None:
        """All of it. Raises NotSent (too much before TLS; nothing left) or NoAnswer."""
        if self._clear_bytes is not None:
            if len(said) > self._clear_bytes:
                raise NotSent("more than a greeting before TLS")
            self._clear_bytes -= len(said)
        async with _speaking(timeout_s):
            await self._stream.send_all(said)

    async def receive(self, *, timeout_s: float = 60.0) -> bytes:
        """What has come, at most 64 KiB; b"" at the end. Raises NoAnswer."""
        got = b""
        async with _speaking(timeout_s):
            got = bytes(await self._stream.receive_some(CHUNK_BYTES))
        return got

    async def start_tls(self, *, timeout_s: float = 15.0) -> None:
        """Go on under TLS, verified. Raises NotSent if it is not had."""
        self._stream = await shaken(self._stream, self._host, self._context, timeout_s)
        self._clear_bytes = None

    async def aclose(self) -> None:
        """Close it, without ceremony."""
        await trio.aclose_forcefully(self._stream)


async def connected(
    host: str,
    port: int,
    context: ssl.SSLContext,
    *,
    tls: Literal["now", "later"],
    timeout_s: float,
) -> OutStream:
    """Connect to a host by name or address. Raises NotSent."""
    try:
        with trio.fail_after(timeout_s):
            stream: trio.abc.Stream = await trio.open_tcp_stream(host, port)
    except (OSError, trio.TooSlowError, ValueError) as error:
        raise NotSent(f"no connection ({type(error).__name__})") from None
    if tls == "now":
        stream = await shaken(stream, host, context, timeout_s)
    return OutStream(stream, host, context, clear=tls == "later")


async def shaken(
    stream: trio.abc.Stream, host: str, context: ssl.SSLContext, timeout_s: float
) -> trio.SSLStream[trio.abc.Stream]:
    """The stream under TLS, the other side's name verified. Raises NotSent, and closes it."""
    secured = trio.SSLStream(stream, context, server_hostname=host, https_compatible=True)
    try:
        with trio.fail_after(timeout_s):
            await secured.do_handshake()
    except (ssl.SSLError, OSError, trio.BrokenResourceError, trio.TooSlowError) as error:
        await trio.aclose_forcefully(stream)
        raise NotSent(f"no TLS ({type(error).__name__})") from None
    except BaseException:
        await trio.aclose_forcefully(stream)
        raise
    return secured


@asynccontextmanager
async def _speaking(timeout_s: float) -> AsyncIterator[None]:
    """What breaks a connection that stands, as NoAnswer."""
    try:
        with trio.fail_after(timeout_s):
            yield
    except (trio.TooSlowError, trio.BrokenResourceError, trio.ClosedResourceError) as error:
        raise NoAnswer(f"the connection ended ({type(error).__name__})") from None


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own (RFC 6761, 6.3)."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
