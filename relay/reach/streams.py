"""Connections of bytes, for what is no HTTP: verified TLS, and nothing that matters before it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import anyio
import httpcore

from relay.ports import NoAnswer, NotSent
from relay.reach.failing import Unreached
from relay.reach.loopback import is_loopback
from relay.rules.routes import Failure

CHUNK_BYTES: Final = 65536
CLOSE_S: Final = 2.0
MAX_CLEAR_BYTES: Final = 1024
"""Sent to another machine before TLS: an EHLO and a STARTTLS have room in it, and no post."""


class OutStream:
    """``ports.Stream`` over a connection that stands. ``broke`` is told when it does no more."""

    def __init__(
        self,
        stream: httpcore.AsyncNetworkStream,
        host: str,
        context: ssl.SSLContext,
        *,
        clear: bool,
        broke: Callable[[Failure], None] = lambda failure: None,
    ) -> None:
        self._stream = stream
        self._host = host
        self._context = context
        self._broke = broke
        self._clear_bytes = MAX_CLEAR_BYTES if clear and not is_loopback(host) else None

    async def send(self, said: bytes, *, timeout_s: float = 60.0) -> None:
        """All of it. Raises NotSent (too much before TLS; nothing left) or NoAnswer."""
        if self._clear_bytes is not None:
            if len(said) > self._clear_bytes:
                raise NotSent("more than a greeting before TLS")
            self._clear_bytes -= len(said)
        with self._speaking():
            await self._stream.write(said, timeout_s)

    async def receive(self, *, timeout_s: float = 60.0) -> bytes:
        """What has come, at most 64 KiB; b"" at the end. Raises NoAnswer."""
        got = b""
        with self._speaking():
            got = bytes(await self._stream.read(CHUNK_BYTES, timeout_s))
        return got

    async def start_tls(self, *, timeout_s: float = 15.0) -> None:
        """Go on under TLS, verified. Raises NotSent if it is not had."""
        try:
            self._stream = await self._stream.start_tls(self._context, self._host, timeout_s)
        except Unreached as error:
            self._broke(error.failure)
            raise NotSent(f"no TLS ({error.failure})") from None
        self._clear_bytes = None

    async def aclose(self) -> None:
        """Close it, without ceremony: not even TLS's farewell is waited for that nobody reads."""
        with anyio.move_on_after(CLOSE_S, shield=True):
            await self._stream.aclose()

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """What breaks a connection that stands, as NoAnswer."""
        try:
            yield
        except httpcore.TimeoutException:
            self._broke("timed out")
            raise NoAnswer("the connection ended (timed out)") from None
        except httpcore.NetworkError:
            self._broke("reset")
            raise NoAnswer("the connection ended (reset)") from None
