"""One HTTP request outward, bounded on every side: the ``Http`` that a bridge is given.

What it promises a bridge (``relay.ports.Http``) and its operator:

- it connects to the hosts it was made for and to no other, by the ways it was given and by no
  other; it follows no redirect, keeps no cookie and reads nothing from the environment;
- TLS is verified always, on every way; plaintext goes to loopback addresses only;
- an answer is at most 1 MiB as it comes over the wire, and never unpacked;
- it tells "nothing can have been published" (``NotSent``) from "anything may have happened"
  (``NoAnswer``) by what was seen: whether the first byte of the request had been on its way. Until
  then it goes on with the next way; from then on there is no other;
- nothing is logged, since a URL may carry a token: httpx and httpcore would write each one.
"""

from __future__ import annotations

import logging
import math
import ssl
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import TracebackType
from typing import ClassVar, Final, Literal

import httpcore
import httpx

from relay.ports import Answer, NoAnswer, NotSent
from relay.reach.asking import MAX_ANSWER_BYTES, OURS, USER_AGENT, Asking, TooLarge
from relay.reach.hosts import allowed, is_host
from relay.reach.loopback import is_loopback
from relay.reach.pins import pins_of
from relay.reach.pools import MAX_CONNECTIONS, Pools
from relay.reach.routes import DIRECT, Routes
from relay.reach.streams import OutStream
from relay.reach.trying import Tries
from relay.reach.way import Target, Way

__all__ = ["MAX_ANSWER_BYTES", "MAX_CONNECTIONS", "OURS", "USER_AGENT", "HttpOut", "TooLarge"]

IDLE_S: Final = 5.0
"""An idle connection is dropped this soon: one that the server closes just as we write is a
doubtful send, and servers commonly close after 5 s (Node) to 75 s (nginx)."""

for _name in ("httpx", "httpcore"):  # children inherit the level; nothing climbs to the root logger
    _logger = logging.getLogger(_name)
    _logger.setLevel(logging.CRITICAL + 1)
    _logger.propagate = False


class HttpOut:
    """``Http`` for one destination. Close it with ``aclose`` or ``async with``.

    ``hosts`` are the only host names or addresses it connects to, lower case, without ports, and
    "*.example.org" for all below a name; None for any. ``connect_s`` bounds the connection by one
    way, and TLS on it. ``tls`` is for servers with an authority of their own: a context that does
    not verify is refused with ValueError. ``pins`` are public keys, one of which every host must
    have (``reach.pins``; ValueError for what is none). ``routes`` are the ways there.
    ``heard_date`` is given the Date of each answer (RFC 9110 6.6.1), as it was written, but for
    those of this machine, which tell its own time. ``most_s``:
    no call takes longer, whatever it says: who is cancelled from outside learns nothing of a way.
    ``strange``: whoever asks may be the one who says where a name leads; a public name that leads
    to this machine, or into its network, is spoken to under TLS alone, which nobody there has the
    certificate for.
    """

    _idle_s: ClassVar = IDLE_S
    _inner: ClassVar[type[httpcore.AsyncNetworkBackend]] = httpcore.TrioBackend

    def __init__(
        self,
        hosts: frozenset[str] | None,
        connect_s: float = 15,
        *,
        tls: ssl.SSLContext | None = None,
        pins: Iterable[str] = (),
        routes: Routes = DIRECT,
        heard_date: Callable[[str], None] = lambda date: None,
        most_s: float = math.inf,
        strange: bool = False,
    ) -> None:
        self._strange = strange
        if tls and not (tls.check_hostname and tls.verify_mode is ssl.CERT_REQUIRED):
            raise ValueError("TLS is verified always")
        self._hosts = hosts
        self._heard_date = heard_date
        self._connect_s = connect_s
        self._most_s = most_s
        self._pins = pins_of(pins)
        self._routes = routes
        self._tls = tls or _believed("streams")
        self._https = tls or _believed("http")
        self._net = self._inner()
        self._pools = Pools(routes, self._net, self._https, self._pins, idle_s=self._idle_s)

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
        await self._pools.aclose()

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
        try:
            return await self._once(method, url, headers or {}, body, timeout_s, MAX_ANSWER_BYTES)
        except TooLarge:
            raise NoAnswer("an answer without end") from None

    async def connect(
        self,
        host: str,
        port: int,
        *,
        tls: Literal["now", "later"] = "now",
        timeout_s: float = 15.0,
    ) -> OutStream:
        """A connection of bytes to one of its hosts. Raises NotSent."""
        if not self._is_ours(host.lower()):
            raise NotSent("a host that this destination does not name")
        timeout_s = min(timeout_s, self._most_s)
        target = Target(host, port, self._tls if tls == "now" else None, self._pins)
        clear = tls == "later" and is_loopback(host)
        tries = Tries(self._routes, target, connect_s=timeout_s, timeout_s=timeout_s, clear=clear)
        for way, within_s in tries:
            with tries.by(way):
                return await self._connected(target, tries, way, within_s, clear=tls == "later")
        raise tries.no_way()

    async def _connected(
        self, target: Target, tries: Tries, way: Way, within_s: float, *, clear: bool
    ) -> OutStream:
        strict = clear and self._strange
        net = self._routes.through(way, self._net, self._pins, strict=strict)
        line = await net.connect_tcp(target.host, target.port, within_s)
        if target.tls is not None:
            line = await line.start_tls(target.tls, target.host)
        tries.worked(way)
        return OutStream(
            line,
            target.host,
            self._tls,
            clear=target.tls is None,
            broke=lambda failure: tries.broke(way, failure),
        )

    async def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        timeout_s: float,
        most_bytes: int,
        silent_s: float | None = None,
    ) -> Answer:
        asking = Asking(method, url, headers, body)
        to = asking.url
        self._allow(to)
        tls = self._https if to.scheme == "https" else None
        host = to.raw_host.decode("ascii")
        tries = Tries(
            self._routes,
            Target(host, to.port or (443 if tls else 80), tls, self._pins),
            connect_s=self._connect_s,
            timeout_s=min(timeout_s, self._most_s),
            clear=tls is None,
        )
        answer = await self._pools.asked(asking, tries, most_bytes, silent_s)
        if "date" in answer.headers and not is_loopback(host):
            self._heard_date(answer.headers["date"])
        return answer

    def _is_ours(self, host: str) -> bool:
        """Whether it may be asked at all."""
        if not is_host(host):
            return False
        return self._hosts is None or allowed(host, self._hosts)

    def _allow(self, to: httpx.URL) -> None:
        """Raise NotSent for an address that this destination has no business with. It is asked of
        what the request was made of: two readers of one address may find two hosts in it."""
        if to.scheme not in ("http", "https") or not to.host or to.userinfo:
            raise NotSent("not an address")
        written = to.raw_host.decode("ascii")
        if not (self._is_ours(to.host) or self._is_ours(written)):
            raise NotSent("a host that this destination does not name")
        if to.scheme == "http" and not is_loopback(written):
            raise NotSent("plaintext to another machine")


@cache
def _believed(by: Literal["http", "streams"]) -> ssl.SSLContext:
    """Whom everybody believes, read once a process: that takes longer than a request. One each,
    since httpcore writes into its own that it speaks HTTP (ALPN), which a mail server may refuse
    (RFC 7301, 3.2)."""
    return httpx.create_ssl_context(trust_env=False)
