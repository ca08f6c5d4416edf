"""The HTTP door: webhooks under /in/NAME, the page at the root, /healthz; on hypercorn.

hypercorn speaks HTTP/1.1; what it leaves open is closed here: absolute deadlines for header, body
and connection, a cap on bodies that is kept while they are read, sessions in all and for each
network, no HTTP/2 (nothing of ours needs it, and its floods are many), no log, no Server header,
and no answer that quotes anything. A fault of ours is a 503.

How hypercorn serves one connection is in ``http11.py``.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.utils import wrap_app

from relay.serving.certificate import Certificate
from relay.serving.forwarded import Proxies
from relay.serving.http11 import Connection, config_of
from relay.serving.peers import clients_network, is_loopback, network_of
from relay.serving.room import Room
from relay.serving.tls import shake
from relay.sockets import address_of
from relay.transports.inlet import ForPeople, Held, Inlet, Reply, Request, WholeInlet
from relay.transports.limits import WebLimits
from relay.transports.pages import Pages, Stretch

__all__ = ["DRAINED", "NOBODY", "Inlet", "Reply", "Request", "Web", "WholeInlet"]

DRAINED: Final = 1024 * 1024
"""Bytes beyond the cap that are still read, so that an honest client is there to hear the 413."""

LET_IN_S: Final = 0.1
"""Seconds in which whoever was let in last begins to be served."""

NOBODY: Final = Proxies()

_NO_ROOM = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class _Refused(Exception):
    """The request is answered now, whatever else it would have said."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply


class Web:
    """One listening socket, which it closes at its end.

    ``health`` gives the node's state in one word, "ok" if all is well; it is said to loopback only.
    With a ``certificate`` it is HTTPS. ``behind`` are the proxies that are believed when they say
    whose request they bring.
    """

    def __init__(
        self,
        sock: socket.socket,
        inlets: Mapping[str, Inlet | WholeInlet],
        pages: Pages | None,
        health: Callable[[], str],
        limits: WebLimits,
        *,
        certificate: Certificate | None = None,
        behind: Proxies = NOBODY,
        closing: asyncio.Event | None = None,
    ) -> None:
        self._sock = sock
        self._inlets = inlets
        self._pages = pages
        self._health = health
        self._limits = limits
        self._sessions = Room(limits.sessions, limits.sessions_per_network)
        self._near = Room(limits.sessions, limits.sessions)
        self._brought = Room(limits.sessions, limits.sessions_per_network)
        self._people = Room(limits.sessions // 2, limits.sessions // 2)
        self._in_flight = Room(limits.in_flight, limits.in_flight // 4)
        self._certificate = certificate
        self._closing = closing or asyncio.Event()
        self._behind = behind
        self._shaking: set[asyncio.StreamWriter] = set()
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._config = config_of(limits)
        self._context = WorkerContext(None)

    async def run(self, ready: Callable[[str], None]) -> None:
        """Serve until cancelled; requests under way get ``goodbye_s`` to end. Once ``closing`` is
        set nobody new is let in, each answer is the last one of its connection, and it ends when
        there is none left."""
        address = address_of(self._sock)
        server = await asyncio.start_server(
            self._connected, sock=self._sock, backlog=self._limits.sessions
        )
        ready(address)
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
                writer.transport.abort()
            await self._finish()

    async def _finish(self) -> None:
        if self._connections:
            await asyncio.wait(self._connections, timeout=self._limits.goodbye_s)
        for writer in self._connections.values():
            writer.transport.abort()
        if self._connections:
            await asyncio.wait(self._connections, timeout=self._limits.goodbye_s)

    # ------------------------------------------------------------ connections

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        peer = writer.get_extra_info("peername")
        host = peer[0] if isinstance(peer, tuple) else ""
        room = self._near if is_loopback(host) or host in self._behind else self._sessions
        if not self._fits() or not room.take(network_of(host)):
            if self._certificate is None:
                writer.write(_NO_ROOM)
            writer.close()
            return
        self._connections[task] = writer
        # An abort, not a cancel: hypercorn ends a connection by waiting for a client that may
        # never read.
        loop = asyncio.get_running_loop()
        end = loop.call_later(self._limits.connection_s, lambda: writer.transport.abort())
        try:
            if self._certificate is not None:
                await self._secured(self._certificate, reader, writer)
            await self._serve(reader, writer)
        except Exception:  # the connection's guard: nobody is to be told, and nothing to be logged
            pass
        finally:
            end.cancel()
            writer.transport.abort()
            room.give(network_of(host))
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

    def _fits(self) -> bool:
        return self._near.taken + self._sessions.taken < self._limits.sessions

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        asgi: Any = partial(self._app, writer.transport.is_closing)
        app = wrap_app(asgi, self._config.wsgi_max_body_size, "asgi")
        await Connection(app, loop, self._config, self._context, {}, reader, writer)

    # ------------------------------------------------------------ requests

    async def _app(
        self, gone: Callable[[], bool], scope: dict[str, Any], receive: Receive, send: Send
    ) -> None:
        """The ASGI application of a connection, which is ``gone`` once nobody can hear an answer:
        hypercorn would let us go on."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        network = self._brought_from(scope)
        if network is not None and not self._brought.take(network):
            await _send(Reply(503, headers=_CLOSE), send, gone)
            return
        try:
            reply = await self._answer(scope, receive)
            reply = _closing(reply) if self._closing.is_set() else reply
            await _send(reply, send, gone, head=scope["method"] == "HEAD")
        finally:
            if network is not None:
                self._brought.give(network)

    def _brought_from(self, scope: dict[str, Any]) -> str | None:
        """The network of a request that one of our proxies brought; None if it came by itself.

        It counts for that network while it is under way: over the few connections of a proxy one
        network could otherwise ask for everything at once.
        """
        peer = scope["client"][0] if scope["client"] else ""
        if peer not in self._behind:
            return None
        forwarded = _headers(scope["headers"]).get("x-forwarded-for", "")
        return network_of(self._behind.client(peer, forwarded))

    async def _answer(self, scope: dict[str, Any], receive: Receive) -> Reply:
        try:
            return await self._reply(scope, receive)
        except _Refused as refused:
            return refused.reply
        except Exception:  # the request's guard: a fault of ours is temporary and says nothing
            return Reply(503)

    async def _reply(self, scope: dict[str, Any], receive: Receive) -> Reply:
        headers = _headers(scope["headers"])
        if "transfer-encoding" in headers and "content-length" in headers:
            # Two servers that choose differently can be made to see two requests: RFC 9112 6.3.
            return Reply(400, headers=_CLOSE)
        path: bytes = scope["raw_path"]
        method: str = scope["method"]
        if path.startswith(b"/in/"):
            asked = Request(
                method,
                path[4:].decode("latin-1"),
                scope["query_string"].decode("latin-1"),
                headers,
                b"",
                self._network(scope, headers),
            )
            return await self._take(asked, receive)
        if path == b"/healthz":
            return self._say_health(scope["client"], method, headers)
        if self._pages is None:
            return Reply(404)
        if method not in ("GET", "HEAD"):
            return Reply(405, headers=(("allow", "GET, HEAD"),))
        told = ("if-none-match", "range", "if-range") if method == "GET" else ("if-none-match",)
        wanted = [
            headers.get(name, "") for name in told
        ]  # ranges are of GET: RFC 9110 section 14.2
        status, more, body = await asyncio.to_thread(self._pages.answer, path, *wanted)
        if isinstance(body, Stretch):
            return Reply(status, headers=more, stretch=body)
        return Reply(status, body, more)

    def _network(self, scope: dict[str, Any], headers: Mapping[str, str]) -> bytes:
        peer = scope["client"][0] if scope["client"] else ""
        client = self._behind.client(peer, headers.get("x-forwarded-for", ""))
        return b"" if client in self._behind else clients_network(client)

    async def _take(self, asked: Request, receive: Receive) -> Reply:
        name, slash, rest = asked.path.partition("/")
        inlet = self._inlets.get(name)
        whole = isinstance(inlet, WholeInlet)
        if inlet is None or (slash and not whole):
            return Reply(404)
        methods = inlet.methods if isinstance(inlet, WholeInlet) else frozenset(("POST",))
        if asked.method not in methods:
            return Reply(405, headers=(("allow", ", ".join(sorted(methods))),))
        if asked.headers.get("content-encoding", "identity") != "identity":
            return Reply(415, headers=_CLOSE)
        if not isinstance(inlet, WholeInlet):
            body = await self._body(asked.headers, receive)
            return await inlet.receive(asked.headers, body, asked.network)
        asked = replace(asked, path=slash + rest)
        if not isinstance(inlet, ForPeople):
            return await self._whole(name, inlet, asked, receive)
        if not self._people.take(asked.network.decode()):
            return _closing(inlet.refused(asked, 503))
        try:
            return await self._whole(name, inlet, asked, receive, inlet.body_s)
        except _Refused as refused:
            return _closing(inlet.refused(asked, refused.reply.status))
        finally:
            self._people.give(asked.network.decode())

    async def _whole(
        self,
        name: str,
        inlet: WholeInlet,
        asked: Request,
        receive: Receive,
        body_s: float | None = None,
    ) -> Reply:
        """What an inlet answers to a request whose body shares the room for large ones: by network,
        and by inlet where a proxy speaks for everybody."""
        whose = asked.network.decode() or f"/in/{name}"
        held = Held(self._in_flight, whose, free=self._limits.body_bytes)
        try:
            body = await self._body(asked.headers, receive, inlet.body_bytes, body_s, held)
            return await inlet.request(replace(asked, body=body))
        finally:
            held.give_back()

    async def _body(
        self,
        headers: Mapping[str, str],
        receive: Receive,
        most_bytes: int | None = None,
        within_s: float | None = None,
        held: Held | None = None,
    ) -> bytes:
        """The whole body. Raises _Refused where it is too big, too slow or never whole, and where
        what is ``held`` by all bodies together leaves no room for it."""
        cap = self._limits.body_bytes if most_bytes is None else most_bytes
        if int(headers.get("content-length", "0")) > cap + DRAINED:
            raise _Refused(Reply(413, headers=_CLOSE))
        body = bytearray()
        size, lacks_room = 0, False
        try:
            async with asyncio.timeout(self._limits.body_s if within_s is None else within_s):
                while size <= cap + DRAINED:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise _Refused(Reply(400, headers=_CLOSE))  # the client is gone
                    size += len(message["body"])
                    fits = size <= cap and not lacks_room
                    if fits and (held is None or held.take(len(message["body"]))):
                        body += message["body"]
                    else:  # read on all the same: a client hears nothing before its end
                        lacks_room = lacks_room or size <= cap
                        body.clear()
                        if held is not None:
                            held.give_back()
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            raise _Refused(Reply(408, headers=_CLOSE)) from None
        if size > cap:
            raise _Refused(Reply(413, headers=_CLOSE))
        if lacks_room:
            raise _Refused(Reply(503, headers=_CLOSE))
        return bytes(body)

    def _say_health(
        self, client: tuple[str, int] | None, method: str, headers: Mapping[str, str]
    ) -> Reply:
        """The state, to whoever is on this machine and speaks for nobody else."""
        forwarded = "x-forwarded-for" in headers or "forwarded" in headers
        if client is None or forwarded or not is_loopback(client[0]):
            return Reply(404)
        if method not in ("GET", "HEAD"):
            return Reply(405, headers=(("allow", "GET, HEAD"),))
        word = self._health()
        plain = (("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"))
        return Reply(200 if word == "ok" else 503, word.encode(), plain)


_CLOSE = (("connection", "close"),)


def _closing(reply: Reply) -> Reply:
    return replace(reply, headers=(*reply.headers, *_CLOSE))


def _headers(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by name; one that comes twice is joined by a comma (RFC 9110 section 5.3)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


async def _send(reply: Reply, send: Send, gone: Callable[[], bool], *, head: bool = False) -> None:
    stretch = reply.stretch
    size = len(reply.body) if stretch is None else stretch.length
    headers = [(b"content-length", b"%d" % size)]
    headers += [(name.encode(), value.encode("latin-1")) for name, value in reply.headers]
    if reply.status == 304:
        headers = headers[1:]
    try:
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        while stretch is not None and stretch.length and not head:
            piece = await asyncio.to_thread(stretch.read)
            if not piece or gone():  # half of it is said by nothing but the end of the connection
                raise ConnectionAbortedError
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": reply.body})
    finally:
        if stretch is not None:
            stretch.close()
