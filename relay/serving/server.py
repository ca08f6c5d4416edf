"""One HTTP/1.1 server: an ASGI application behind connections that end in bounded time.

hypercorn speaks HTTP/1.1; what it leaves open is closed here: absolute deadlines for header and
connection, sessions in all and for each network, no HTTP/2 (nothing of ours needs it, and its
floods are many), no log, no Server header, and one meaning for the length of a body. Bodies are
bounded by the application: each knows what it takes.

How hypercorn serves one connection is in ``http11.py``.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.utils import wrap_app

from relay.serving.certificate import Certificate
from relay.serving.forwarded import Proxies
from relay.serving.http11 import Connection, config_of
from relay.serving.limits import HttpLimits
from relay.serving.peers import is_loopback, network_of
from relay.serving.room import Room
from relay.serving.tls import shake

LET_IN_S: Final = 0.1
"""Seconds in which whoever was let in last begins to be served."""

NOBODY: Final = Proxies()

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

Gone = Callable[[], bool]
"""Whether nobody can hear an answer any more: hypercorn would let us go on."""

App = Callable[[Gone, Scope, Receive, Send], Awaitable[None]]
"""An ASGI application for HTTP requests, which is told as well who is gone."""

_NO_ROOM = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Server:
    """One listening socket, which it closes at its end.

    With a ``certificate`` it is HTTPS. ``behind`` are the proxies that are believed when they say
    whose request they bring.
    """

    def __init__(
        self,
        sock: socket.socket,
        app: App,
        limits: HttpLimits,
        *,
        certificate: Certificate | None = None,
        behind: Proxies = NOBODY,
        closing: asyncio.Event | None = None,
    ) -> None:
        self._sock = sock
        self._app = app
        self._limits = limits
        self._sessions = Room(limits.sessions, limits.sessions_per_network)
        self._near = Room(limits.sessions, limits.sessions)
        self._brought = Room(limits.sessions, limits.sessions_per_network)
        self._certificate = certificate
        self._closing = closing or asyncio.Event()
        self._behind = behind
        self._shaking: set[asyncio.StreamWriter] = set()
        self._silent: dict[asyncio.StreamWriter, Callable[[], None]] = {}
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._config = config_of(limits)
        self._context = WorkerContext(None)

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve until cancelled; requests under way get ``goodbye_s`` to end. Once ``closing`` is
        set nobody new is let in, each answer is the last one of its connection, and it ends when
        there is none left."""
        server = await asyncio.start_server(
            self._connected, sock=self._sock, backlog=self._limits.sessions
        )
        ready()
        try:
            await self._closing.wait()
            server.close()
            await asyncio.sleep(LET_IN_S)
            while self._connections:
                await asyncio.wait(self._connections)
        finally:
            server.close()
            await self._context.terminated.set()  # idle connections end now
            for writer in self._shaking:
                cut(writer)
            await self._finish()

    async def _finish(self) -> None:
        if self._connections:
            await asyncio.wait(self._connections, timeout=self._limits.goodbye_s)

    # ------------------------------------------------------------ connections

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        peer = writer.get_extra_info("peername")
        host = peer[0] if isinstance(peer, tuple) else ""
        room = self._near if is_loopback(host) or host in self._behind else self._sessions
        network = network_of(host)
        if not self._fits():
            self._cut_the_oldest_silent()
        if not self._fits() or not room.take(network):
            if self._certificate is None:
                writer.write(_NO_ROOM)
            writer.close()
            return
        self._connections[task] = writer
        place = _Place(room, network)
        self._silent[writer] = place.leave
        # An abort, not a cancel: hypercorn ends a connection by waiting for a client that may
        # never read.
        loop = asyncio.get_running_loop()
        end = loop.call_later(self._limits.connection_s, cut, writer)
        try:
            _at_once(writer)
            if self._certificate is not None:
                await self._secured(self._certificate, reader, writer)
            await self._serve(reader, writer)
        except Exception:  # the connection's guard: nobody is to be told, and nothing to be logged
            pass
        finally:
            end.cancel()
            cut(writer)
            self._silent.pop(writer, None)
            place.leave()
            del self._connections[task]

    async def _secured(
        self, certificate: Certificate, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Speak TLS. Raises OSError if the client cannot, or there is no certificate to show."""
        if certificate.web is None:
            raise ConnectionAbortedError
        self._shaking.add(writer)
        try:
            await shake(reader, writer, certificate.web, within_s=self._limits.handshake_s)
        finally:
            self._shaking.discard(writer)

    def _cut_the_oldest_silent(self) -> None:
        """Make room for whoever comes: of those that have not sent a whole header yet the oldest
        goes, at once. Who sends one has it done long before so many others have come; who holds
        places in silence, or renews them, holds nobody up. Also on this machine, where a proxy
        speaks for strangers."""
        oldest = next(iter(self._silent), None)
        if oldest is not None:
            self._silent.pop(oldest)()
            cut(oldest)

    def _fits(self) -> bool:
        return self._near.taken + self._sessions.taken < self._limits.sessions

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        asgi: Any = partial(self._heard, writer)
        app = wrap_app(asgi, self._config.wsgi_max_body_size, "asgi")
        await Connection(app, loop, self._config, self._context, {}, reader, writer)

    # ------------------------------------------------------------ requests

    async def _heard(
        self, writer: asyncio.StreamWriter, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """The header of a request is whole: its connection is no silent one any more."""
        self._silent.pop(writer, None)
        await self._request(writer.transport.is_closing, scope, receive, send)

    async def _request(self, gone: Gone, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        if (refused := self._refused(scope)) is not None:
            await _bare(refused, send)
            return
        network = self._brought_from(scope)
        if network is not None and not self._brought.take(network):
            await _bare(503, send)
            return
        try:
            await self._app(gone, scope, receive, partial(self._sent, send))
        finally:
            if network is not None:
                self._brought.give(network)

    def _refused(self, scope: Scope) -> int | None:
        """The status for what no application sees; None for all that one may."""
        if _is_smuggled(scope):
            return 400
        # h11 bounds a header only while it is incomplete: one that came at once was not counted.
        size = sum(len(name) + len(value) for name, value in scope["headers"])
        return 431 if size > self._limits.header_bytes else None

    async def _sent(self, send: Send, message: Message) -> None:
        """Send on an answer: the last one of its connection where the server is closing."""
        if message["type"] == "http.response.start" and self._closing.is_set():
            headers = [*message.get("headers", ()), (b"connection", b"close")]
            message = {**message, "headers": headers}
        await send(message)

    def _brought_from(self, scope: Scope) -> str | None:
        """The network of a request that one of our proxies brought; None if it came by itself.

        It counts for that network while it is under way: over the few connections of a proxy one
        network could otherwise ask for everything at once.
        """
        peer = scope["client"][0] if scope["client"] else ""
        if peer not in self._behind:
            return None
        forwarded = headers_of(scope).get("x-forwarded-for", "")
        return network_of(self._behind.client(peer, forwarded))


class _Place:
    """One place of a room, given back once: a connection that is cut for another one takes a while
    to end, and its place is the other one's at once."""

    def __init__(self, room: Room, network: str) -> None:
        self._room: Room | None = room
        self._network = network

    def leave(self) -> None:
        """Give it back, if it was not."""
        room, self._room = self._room, None
        if room is not None:
            room.give(self._network)


def cut(writer: asyncio.StreamWriter) -> None:
    """End a connection at once. One that was closed with something left to send, and has sent it
    since, has ended by itself, and asyncio's transport fails then: what it held would never be
    given back."""
    with suppress(AttributeError):
        writer.transport.abort()


def _at_once(writer: asyncio.StreamWriter) -> None:
    """Send what is written without waiting for the client's word on what went before (tcp(7),
    TCP_NODELAY): header and body are two writes, and a client waits 40 ms with its word. asyncio
    does so for sockets that say their protocol, which those that were bound for us do not."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def headers_of(scope: Scope) -> dict[str, str]:
    """Headers by name in lower case; one that comes twice is joined by a comma (RFC 9110 section
    5.3)."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _is_smuggled(scope: Scope) -> bool:
    """Whether a request says two lengths of its body. Two servers that choose differently can be
    made to see two requests: RFC 9112 section 6.3."""
    names = {name.lower() for name, _ in scope["headers"]}
    return b"transfer-encoding" in names and b"content-length" in names


async def _bare(status: int, send: Send) -> None:
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
