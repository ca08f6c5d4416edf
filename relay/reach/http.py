"""One HTTP request outward, bounded on every side: the ``Http`` that a bridge is given.

What it promises a bridge (``relay.ports.Http``) and its operator:

- it connects to the hosts it was made for and to no other, follows no redirect, keeps no cookie and
  reads nothing from the environment: httpx's client would, so only its transport is used;
- TLS is verified always; plaintext goes to loopback addresses only;
- an answer is at most 1 MiB as it comes over the wire, and never unpacked;
- it tells "nothing can have been published" (``NotSent``) from "anything may have happened"
  (``NoAnswer``) by what was seen: whether the first byte of the request had been on its way;
- nothing is logged, since a URL may carry a token: httpx writes each one at level INFO.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Mapping
from functools import cache
from types import TracebackType
from typing import Any, ClassVar, Final, Literal
from urllib.parse import urlsplit

import h11
import httpx
import trio

from relay.ports import Answer, NoAnswer, NotSent
from relay.reach.streams import OutStream, connected, is_loopback

MAX_ANSWER_BYTES: Final = 1024 * 1024
"""Platforms answer a post with a few kB; the largest listing we ask for stays well under this."""

MAX_CONNECTIONS: Final = 64
"""More than any bridge has sends under way (50), so that nobody waits for the pool."""

IDLE_S: Final = 5.0
"""An idle connection is dropped this soon: one that the server closes just as we write is a
doubtful send, and servers commonly close after 5 s (Node) to 75 s (nginx)."""

USER_AGENT: Final = "Mozilla/5.0 (compatible)"
"""Some platforms refuse a request without one; this names no product and no node."""

OURS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Headers that frame the request: never a bridge's."""

for _name in ("httpx", "httpcore"):  # children inherit the level; nothing climbs to the root logger
    _logger = logging.getLogger(_name)
    _logger.setLevel(logging.CRITICAL + 1)
    _logger.propagate = False


class HttpOut:
    """``Http`` for one destination. Close it with ``aclose`` or ``async with``.

    ``hosts`` are the only host names or addresses it connects to, lower case, without ports; None
    for any. ``connect_s`` bounds the connection, and TLS on it. ``tls`` is for stand-ins with an
    authority of their own: a context that does not verify is refused with ValueError.
    ``heard_date`` is given the Date of each answer (RFC 9110 6.6.1), as it was written.
    """

    _limits: ClassVar = httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=IDLE_S)

    def __init__(
        self,
        hosts: frozenset[str] | None,
        connect_s: float = 15,
        *,
        tls: ssl.SSLContext | None = None,
        heard_date: Callable[[str], None] = lambda date: None,
    ) -> None:
        if tls and not (tls.check_hostname and tls.verify_mode is ssl.CERT_REQUIRED):
            raise ValueError("TLS is verified always")
        self._hosts = hosts
        self._heard_date = heard_date
        self._connect_s = connect_s
        self._tls = tls or _believed("streams")
        self._transport = httpx.AsyncHTTPTransport(
            verify=tls or _believed("http"),
            trust_env=False,
            limits=self._limits,
        )

    async def __aenter__(self) -> HttpOut:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 60.0,
    ) -> Answer:
        """One request, one whole answer within ``timeout_s``. Raises NotSent or NoAnswer."""
        self._allow(url)
        left = Left()
        request = self._made(method, url, headers or {}, body, timeout_s, left)
        try:
            with trio.fail_after(timeout_s):
                return await self._asked(request)
        except (httpx.TransportError, httpx.StreamError, trio.TooSlowError) as error:
            why = type(error).__name__  # never str(error): it may quote the URL
            if left.began:
                raise NoAnswer(f"no whole answer ({why})") from None
            raise NotSent(f"no connection ({why})") from None

    async def connect(
        self,
        host: str,
        port: int,
        *,
        tls: Literal["now", "later"] = "now",
        timeout_s: float = 15.0,
    ) -> OutStream:
        """A connection of bytes to one of its hosts. Raises NotSent."""
        if self._hosts is not None and host.lower() not in self._hosts:
            raise NotSent("a host that this destination does not name")
        return await connected(host, port, self._tls, tls=tls, timeout_s=timeout_s)

    def _allow(self, url: str) -> None:
        """Raise NotSent for an address that this destination has no business with."""
        try:
            to = urlsplit(url)
            host = (to.hostname or "").lower()
            to.port  # noqa: B018  (raises for one that is no number)
        except ValueError:
            raise NotSent("not an address") from None
        if to.scheme not in ("http", "https") or not host or "@" in to.netloc:
            raise NotSent("not an address")
        if self._hosts is not None and host not in self._hosts:
            raise NotSent("a host that this destination does not name")
        if to.scheme == "http" and not is_loopback(host):
            raise NotSent("plaintext to another machine")

    def _made(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        timeout_s: float,
        left: Left,
    ) -> httpx.Request:
        asked = {name.lower(): value for name, value in headers.items()}
        asked.setdefault("user-agent", USER_AGENT)
        # A body that was packed may unpack to anything: a thousandfold for gzip.
        asked["accept-encoding"] = "identity"
        steps = {"read": timeout_s, "write": timeout_s}
        once = {"connect": min(self._connect_s, timeout_s), "pool": min(self._connect_s, timeout_s)}
        try:
            if asked.keys() & OURS:
                raise NotSent("a header that is not a bridge's to set")
            made = httpx.Request(
                method,
                url,
                headers=asked,
                stream=_Body(body),
                extensions={"timeout": steps | once, "trace": left.heard},
            )
            made.headers["host"] = made.url.netloc.decode("ascii")
            made.headers["content-length"] = str(len(body))
            # h11 would find a bad header itself, but only after the request counts as begun.
            h11.Request(method=method, target=made.url.raw_path, headers=made.headers.raw)
        except (httpx.InvalidURL, h11.LocalProtocolError, UnicodeEncodeError):
            raise NotSent("not a request") from None
        return made

    async def _asked(self, request: httpx.Request) -> Answer:
        response = await self._transport.handle_async_request(request)
        try:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise NoAnswer("an answer that is packed")
            got = bytearray()
            assert isinstance(response.stream, httpx.AsyncByteStream)
            async for chunk in response.stream:
                got += chunk
                if len(got) > MAX_ANSWER_BYTES:
                    # Closed and read to its (now near) end: leaving the loop would leave httpcore's
                    # generators to the garbage collector, and with them the connection.
                    await response.aclose()
            if len(got) > MAX_ANSWER_BYTES:
                raise NoAnswer("an answer without end")
        finally:
            await response.aclose()
        if "date" in response.headers:
            self._heard_date(response.headers["date"])
        return Answer(response.status_code, dict(response.headers.items()), bytes(got))


@cache
def _believed(by: Literal["http", "streams"]) -> ssl.SSLContext:
    """Whom everybody believes, read once a process: that takes longer than a request. One each,
    since httpcore writes into its own that it speaks HTTP (ALPN), which a mail server may refuse
    (RFC 7301, 3.2)."""
    return httpx.create_ssl_context(trust_env=False)


class _Body(httpx.AsyncByteStream):
    """A body in one piece. httpx's own is a generator, which a cancelled send leaves open."""

    def __init__(self, body: bytes) -> None:
        self._left = [body] if body else []

    def __aiter__(self) -> _Body:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()


class Left:
    """Whether the request began to leave, as httpcore's trace of its own steps tells it."""

    __slots__ = ("began",)

    def __init__(self) -> None:
        self.began = False

    async def heard(self, step: str, info: dict[str, Any]) -> None:
        """Called by httpcore before and after each of its steps."""
        if step.endswith(".send_request_headers.started"):
            self.began = True
