"""A platform under TLS and proxies on the way to it, on loopback: good ones, and ones that lie.

Nothing here looks up a name: a proxy knows where its hosts are, and remembers by what it was asked.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import trio

from relay.reach.way import Way
from relay.testing.certificates import NAME, Pair

Serve = Callable[[trio.SocketStream], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[int]:
    """The port where ``serve`` serves; connections that break are nobody's fault."""

    async def one(stream: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError, OSError):
            async with stream:
                await serve(stream)

    async with trio.open_nursery() as nursery:
        [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, one, [listener])
        yield int(listener.socket.getsockname()[1])
        nursery.cancel_scope.cancel()


@dataclass
class Platform:
    """Answers each request with 204. ``then`` is what it does instead, once a request came."""

    port: int = 0
    came: int = 0
    requests: list[bytes] = field(default_factory=list)
    then: str = "answer"

    @property
    def url(self) -> str:
        """By the name that its certificate has, which no resolver knows."""
        return f"https://{NAME}:{self.port}/in?token=SECRET"


@asynccontextmanager
async def platform(pair: Pair) -> AsyncIterator[Platform]:
    """A platform that has this certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    made = Platform()

    async def serve(stream: trio.SocketStream) -> None:
        made.came += 1
        under = trio.SSLStream(stream, context, server_side=True, https_compatible=True)
        with suppress(trio.BrokenResourceError):
            async for chunk in under:
                made.requests.append(bytes(chunk))
                if made.then == "cut":
                    return
                if made.then == "hang":
                    await trio.sleep_forever()
                await under.send_all(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with serving(serve) as made.port:
        yield made


@dataclass
class Proxy:
    """What a proxy was asked for: hosts as they came, and logins ("" for none)."""

    kind: str
    port: int = 0
    hosts: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    def way(self, name: str = "proxy", **more: object) -> Way:
        """The way through it."""
        return Way(name, self.kind, "127.0.0.1", self.port, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def socks(
    leads: Mapping[str, int], *, asks: bool = True, early: bool = False
) -> AsyncIterator[Proxy]:
    """A SOCKS5 proxy that knows where hosts are, by name. ``asks``: takes a login where one is
    offered, as Tor does. ``early``: says yes before it connects, and gives the host's name as the
    address, as pproxy does."""
    proxy = Proxy("socks5")

    async def serve(stream: trio.SocketStream) -> None:
        _, n = await _exactly(stream, 2)
        methods = await _exactly(stream, n)
        by_login = 2 in methods and (asks or 0 not in methods)
        await stream.send_all(bytes([5, 2 if by_login else 0]))
        proxy.logins.append(await _login(stream) if by_login else "")
        _, _, _, kind = await _exactly(stream, 4)
        if kind == 1:
            host = ".".join(map(str, await _exactly(stream, 4)))
        else:
            host = (await _exactly(stream, (await _exactly(stream, 1))[0])).decode()
        port = int.from_bytes(await _exactly(stream, 2), "big")
        proxy.hosts.append(host)
        if early:
            await stream.send_all(b"\x05\x00\x00\x03" + _short(host) + port.to_bytes(2, "big"))
        elif host not in leads:
            await stream.send_all(b"\x05\x01\x00\x01" + bytes(6))
            return
        if host in leads:
            there = await trio.open_tcp_stream("127.0.0.1", leads[host])
            if not early:
                await stream.send_all(b"\x05\x00\x00\x01" + bytes(6))
            await _carried(stream, there)

    async with serving(serve) as proxy.port:
        yield proxy


@asynccontextmanager
async def connect_proxy(leads: Mapping[str, int]) -> AsyncIterator[Proxy]:
    """An HTTP proxy that knows CONNECT."""
    proxy = Proxy("http")

    async def serve(stream: trio.SocketStream) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += await _exactly(stream, 1)
        lines = head.decode().split("\r\n")
        host = lines[0].split()[1].rpartition(":")[0]
        proxy.hosts.append(host)
        said = [line.partition(": Basic ")[2] for line in lines if "Basic" in line]
        proxy.logins.append(base64.b64decode(said[0]).decode() if said else "")
        if host not in leads:
            await stream.send_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            return
        there = await trio.open_tcp_stream("127.0.0.1", leads[host])
        await stream.send_all(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n")
        await _carried(stream, there)

    async with serving(serve) as proxy.port:
        yield proxy


async def _login(stream: trio.SocketStream) -> str:
    [_, n] = await _exactly(stream, 2)
    user = await _exactly(stream, n)
    password = await _exactly(stream, (await _exactly(stream, 1))[0])
    await stream.send_all(b"\x01\x00")
    return f"{user.decode()}:{password.decode()}"


async def _carried(one: trio.SocketStream, other: trio.SocketStream) -> None:
    async def copied(a: trio.SocketStream, b: trio.SocketStream, both: trio.Nursery) -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            async for chunk in a:
                await b.send_all(chunk)
        both.cancel_scope.cancel()

    async with other, trio.open_nursery() as both:
        both.start_soon(copied, one, other, both)
        both.start_soon(copied, other, one, both)


async def _exactly(stream: trio.SocketStream, n: int) -> bytes:
    got = b""
    while len(got) < n:
        more = await stream.receive_some(n - len(got))
        if not more:
            raise trio.BrokenResourceError
        got += more
    return got


def _short(said: str) -> bytes:
    return bytes([len(said)]) + said.encode()
