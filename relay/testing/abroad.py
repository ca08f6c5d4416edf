"""What stands abroad, for tests and the demo: a SOCKS5 proxy, and TLS in front of a stand-in.

A filtered platform is a name that resolves nowhere on this machine (one under ``.invalid``, RFC
6761, 6.4). The proxy knows it, as one in another country would: ``Abroad.knows`` says where a name
leads. It speaks RFC 1928 and 1929 as far as a client that posts needs them, and remembers what it
was asked for and under which login, so that a test sees who shares a circuit with whom.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import trio

from relay.testing.certificates import Pair
from relay.testing.recorder import Recorder, recorder

Where = tuple[str, int]
"""A host and a port."""

_VERSION, _LOGIN, _CONNECT = 5, 2, 1
_NO_LOGIN, _NONE_FITS = 0, 255
_NAME: Final = 3
_FAILED: Final = 4  # host unreachable


@dataclass(frozen=True, slots=True)
class Asked:
    """One connection that a client wanted: to where, and under which login."""

    to: Where
    login: bytes


class Abroad:
    """A SOCKS5 proxy on a free port of 127.0.0.1. Serve it with ``async with abroad(...)``.

    ``knows``: where names lead, by host and port; what it does not know is unreachable.
    """

    def __init__(self) -> None:
        self.knows: dict[Where, Where] = {}
        self.asked: list[Asked] = []
        self.port = 0

    @property
    def proxy(self) -> str:
        """As a settings file names it."""
        return f"socks5://127.0.0.1:{self.port}"

    async def serve(self, client: trio.SocketStream) -> None:
        """Meet one client."""
        async with client:
            try:
                asked = await self._greeted(client)
                self.asked.append(asked)
                await self._lead(client, self.knows.get(asked.to))
            except (trio.BrokenResourceError, trio.ClosedResourceError, EOFError):
                return  # the client went away, which is its right

    async def _greeted(self, client: trio.SocketStream) -> Asked:
        _, count = await _exactly(client, 2)
        methods = await _exactly(client, count)
        login = b""
        if _LOGIN in methods:
            await client.send_all(bytes([_VERSION, _LOGIN]))
            _, length = await _exactly(client, 2)
            login = await _exactly(client, length)
            [length] = await _exactly(client, 1)
            login += b":" + await _exactly(client, length)
            await client.send_all(b"\1\0")
        elif _NO_LOGIN in methods:
            await client.send_all(bytes([_VERSION, _NO_LOGIN]))
        else:
            await client.send_all(bytes([_VERSION, _NONE_FITS]))
            raise EOFError
        return Asked(await self._wanted(client), login)

    async def _wanted(self, client: trio.SocketStream) -> Where:
        _, command, _, kind = await _exactly(client, 4)
        if command != _CONNECT or kind != _NAME:  # a client that resolved the name itself
            raise EOFError
        [length] = await _exactly(client, 1)
        host = await _exactly(client, length)
        return host.decode("ascii"), int.from_bytes(await _exactly(client, 2))

    async def _lead(self, client: trio.SocketStream, to: Where | None) -> None:
        if to is None:
            await client.send_all(_reply(_FAILED))
            return
        try:
            there = await trio.open_tcp_stream(*to)
        except OSError:
            await client.send_all(_reply(_FAILED))
            return
        async with there:
            await client.send_all(_reply(0))
            await _joined(client, there)


def _reply(code: int) -> bytes:
    return bytes([_VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0])


async def _exactly(stream: trio.SocketStream, count: int) -> bytes:
    got = b""
    while len(got) < count:
        more = await stream.receive_some(count - len(got))
        if not more:
            raise EOFError
        got += more
    return got


async def _joined(one: trio.abc.Stream, other: trio.abc.Stream) -> None:
    """Carry bytes both ways until either side ends."""
    async with trio.open_nursery() as nursery:

        async def carry(source: trio.abc.Stream, to: trio.abc.Stream) -> None:
            try:
                while some := await source.receive_some(65536):
                    await to.send_all(some)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                pass
            nursery.cancel_scope.cancel()

        nursery.start_soon(carry, one, other)
        nursery.start_soon(carry, other, one)


@asynccontextmanager
async def abroad() -> AsyncIterator[Abroad]:
    """A proxy that serves while the block lasts."""
    made = Abroad()
    async with _listening(made.serve) as made.port:
        yield made


@asynccontextmanager
async def behind_tls(context: ssl.SSLContext, port: int) -> AsyncIterator[int]:
    """TLS in front of a stand-in that listens at ``port``; gives the port where it is spoken."""

    async def serve(client: trio.SocketStream) -> None:
        secured = trio.SSLStream(client, context, server_side=True, https_compatible=True)
        try:
            async with secured, await trio.open_tcp_stream("127.0.0.1", port) as there:
                await _joined(secured, there)
        except (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
            return  # a client that does not believe us, or a stand-in that listens no more

    async with _listening(serve) as at:
        yield at


@dataclass(frozen=True, slots=True)
class Filtered:
    """A platform behind TLS whose name only the proxy knows."""

    hook: Recorder
    proxy: Abroad


@asynccontextmanager
async def filtered(name: str, pair: Pair) -> AsyncIterator[Filtered]:
    """Both, while the block lasts; the platform shows this certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    async with recorder() as hook, abroad() as proxy:
        port = int(hook.base.rpartition(":")[2])
        async with behind_tls(context, port) as secured:
            proxy.knows[name, 443] = ("127.0.0.1", secured)
            yield Filtered(hook, proxy)


@asynccontextmanager
async def _listening(
    serve: Callable[[trio.SocketStream], Awaitable[None]],
) -> AsyncIterator[int]:
    async with trio.open_nursery() as nursery:
        listen = partial(trio.serve_tcp, serve, 0, host="127.0.0.1")
        listeners: list[trio.SocketListener] = await nursery.start(listen)
        yield listeners[0].socket.getsockname()[1]
        nursery.cancel_scope.cancel()
