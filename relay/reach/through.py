"""One way, as a network of httpcore's: whoever asks it for a connection gets one by this way only.

Names are looked up here for a direct way, and by the proxy for the others: then no question about
them leaves this machine. The same code serves trio and asyncio.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from weakref import WeakKeyDictionary

import anyio
import httpcore

from relay.reach.failing import Unreached, is_odd, kind_of
from relay.reach.pins import hold
from relay.reach.race import in_time, reached
from relay.reach.talks import Login, Talk, held, socks5, tunnel
from relay.reach.way import Way

UNBOUNDED_S: Final = 3600.0

_AT_ONCE: Final = struct.pack("ii", 1, 0)


class Through(httpcore.AsyncNetworkBackend):
    """Connections by one way. ``inner`` makes those of TCP; ``login`` is what the proxy is told if
    the way has no user; ``pins``: keys, one of which whoever speaks TLS must have. ``strict``: a
    name is not followed to where it cannot lead (``failing.is_odd``), though somebody listens.

    Raises Unreached; a connection that was had and breaks raises httpcore's errors.
    """

    def __init__(
        self,
        way: Way,
        inner: httpcore.AsyncNetworkBackend,
        login: Login | None = None,
        pins: Collection[bytes] = (),
        *,
        strict: bool = False,
    ) -> None:
        self._strict = strict
        self._way = way
        self._inner = inner
        self._login = login
        self._pins = pins
        self._lines: WeakKeyDictionary[Line, tuple[str, int]] = WeakKeyDictionary()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Line:
        """A connection to a host. ``timeout``: seconds for it, and for TLS on it if that follows at
        once."""
        within_s = UNBOUNDED_S if timeout is None else timeout
        until = anyio.current_time() + within_s
        if self._way.kind == "direct":
            line, odd = await _tcp(self._inner, host, port, within_s, strict=self._strict)
        else:
            line, odd = await self._by_proxy(host, port, within_s), False
        made = Line(line, self._pins, until=until, odd=odd)
        self._lines[made] = host, port
        return made

    def cut(self, host: str, port: int) -> None:
        """The way failed there: whatever it still has ends, once it is closed, without a farewell
        that would be repeated for minutes to a network that swallows it."""
        for line, there in self._lines.items():
            if there == (host, port):
                line.cut()

    async def sleep(self, seconds: float) -> None:
        """As asked."""
        await anyio.sleep(seconds)

    async def _by_proxy(self, host: str, port: int, within_s: float) -> httpcore.AsyncNetworkStream:
        until = anyio.current_time() + within_s
        try:
            line, _ = await _tcp(self._inner, self._way.host, self._way.port, within_s)
        except Unreached:
            raise Unreached("proxy") from None
        try:
            with in_time(until - anyio.current_time(), "timed out"):
                await held(talk_of(self._way, host, port, self._login), line.write, _hear(line))
        except BaseException as error:
            await _close(line)
            if isinstance(error, httpcore.NetworkError | httpcore.TimeoutException | OSError):
                raise Unreached("proxy") from None
            raise
        return line


class Line(httpcore.AsyncNetworkStream):
    """A connection by a way. ``until``: by when TLS must stand, if it begins before anything else.
    ``odd``: the host's name led somewhere where it cannot be."""

    def __init__(
        self,
        inner: httpcore.AsyncNetworkStream,
        pins: Collection[bytes],
        *,
        until: float = 0.0,
        odd: bool = False,
    ) -> None:
        self._inner = inner
        self._pins = pins
        self._until = until
        self._odd = odd

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As httpcore's."""
        with self._speaking():
            return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As httpcore's."""
        with self._speaking():
            await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        """As httpcore's."""
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> Line:
        """Go on under TLS with a host that is who it should be. Raises Unreached, and closes it."""
        left_s = self._until - anyio.current_time()
        within_s = UNBOUNDED_S if timeout is None else timeout
        under = self._inner
        try:
            with in_time(min(within_s, left_s) if left_s > 0 else within_s, "timed out"):
                under = await self._inner.start_tls(ssl_context, server_hostname, within_s)
            hold(under.get_extra_info("ssl_object"), self._pins)
        except BaseException as error:
            self.cut()
            await _close(under)
            if not isinstance(error, Exception):
                raise
            raise Unreached("dns" if self._odd else kind_of(error)) from None
        self._inner = under
        return self

    def cut(self) -> None:
        """When it is closed nothing more is sent, and nothing again."""
        cut(self.get_extra_info("socket"))

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        self._until = 0.0
        try:
            yield
        except BaseException:
            self.cut()
            raise

    def get_extra_info(self, info: str) -> Any:
        """As httpcore's."""
        return self._inner.get_extra_info(info)


def cut(sock: socket.socket | None) -> None:
    """When this socket is closed nothing more is sent, and nothing again (socket(7), SO_LINGER)."""
    with suppress(OSError):
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)


def talk_of(way: Way, host: str, port: int, login: Login | None) -> Talk:
    """What is said to this way's proxy for a connection to a host."""
    own = (way.user, way.password) if way.user else None
    if way.kind == "http":
        return tunnel(host, port, own)
    return socks5(host, port, own or login, must=own is not None)


async def _tcp(
    inner: httpcore.AsyncNetworkBackend,
    host: str,
    port: int,
    within_s: float,
    *,
    strict: bool = False,
) -> tuple[httpcore.AsyncNetworkStream, bool]:
    """A connection without a proxy, and whether the name led somewhere odd. Raises Unreached."""

    async def to(address: str) -> httpcore.AsyncNetworkStream:
        if strict and is_odd(host, address):
            raise Unreached("dns")
        return await inner.connect_tcp(address, port, timeout=UNBOUNDED_S)

    return await reached(host, port, within_s, to, _close)


def _hear(line: httpcore.AsyncNetworkStream) -> Callable[[int], Any]:
    async def hear(wanted: int) -> bytes:
        got = b""
        while len(got) < wanted:
            more = await line.read(wanted - len(got))
            if not more:
                raise Unreached("proxy")
            got += more
        return got

    return hear


async def _close(line: httpcore.AsyncNetworkStream) -> None:
    with anyio.CancelScope(shield=True):
        await line.aclose()
