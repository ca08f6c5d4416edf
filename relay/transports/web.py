"""The HTTP door: webhooks under /in/NAME, the page at the root, /healthz.

Connections are ``relay.serving.server``'s. A body is capped while it is read, and has an absolute
deadline; no answer quotes anything, and a fault of ours is a 503.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from relay.serving.certificate import Certificate
from relay.serving.forwarded import Proxies
from relay.serving.peers import clients_network, is_loopback
from relay.serving.room import Room
from relay.serving.server import NOBODY, Gone, Receive, Scope, Send, Server, headers_of
from relay.sockets import address_of
from relay.transports.inlet import ForPeople, Held, Inlet, Reply, Request, WholeInlet
from relay.transports.limits import WebLimits
from relay.transports.pages import Pages, Stretch

__all__ = ["DRAINED", "NOBODY", "Inlet", "Reply", "Request", "Web", "WholeInlet"]

DRAINED: Final = 1024 * 1024
"""Bytes beyond the cap that are still read, so that an honest client is there to hear the 413."""


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
        self._people = Room(limits.sessions // 2, limits.sessions // 2)
        self._in_flight = Room(limits.in_flight, limits.in_flight // 4)
        self._behind = behind
        self.server = Server(
            sock, self._app, limits, certificate=certificate, behind=behind, closing=closing
        )

    async def run(self, ready: Callable[[str], None]) -> None:
        """As ``Server.run``; ``ready`` is told the address."""
        await self.server.run(lambda: ready(address_of(self._sock)))

    # ------------------------------------------------------------ requests

    async def _app(self, gone: Gone, scope: Scope, receive: Receive, send: Send) -> None:
        reply = await self._answer(scope, receive)
        await _send(reply, send, gone, head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        try:
            return await self._reply(scope, receive)
        except _Refused as refused:
            return refused.reply
        except Exception:  # the request's guard: a fault of ours is temporary and says nothing
            return Reply(503)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        headers = headers_of(scope)
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

    def _network(self, scope: Scope, headers: Mapping[str, str]) -> bytes:
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


async def _send(reply: Reply, send: Send, gone: Gone, *, head: bool = False) -> None:
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
