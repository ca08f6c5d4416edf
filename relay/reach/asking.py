"""One request, as it goes out by whichever way, and its answer, held to what was asked for."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import Any, Final

import h11
import httpcore
import httpx

from relay.ports import Answer, NoAnswer, NotSent

MAX_ANSWER_BYTES: Final = 1024 * 1024
"""Platforms answer a post with a few kB; the largest listing we ask for stays well under this."""

USER_AGENT: Final = "Mozilla/5.0 (compatible)"
"""Some platforms refuse a request without one; this names no product and no node."""

OURS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Headers that frame the request: never a bridge's."""


class TooLarge(Exception):
    """The answer is larger than it may be."""


class Asking:
    """A request that can be made of httpcore once for each way. Raises NotSent for none."""

    def __init__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
        asked = {name.lower(): value for name, value in headers.items()}
        asked.setdefault("user-agent", USER_AGENT)
        # A body that was packed may unpack to anything: a thousandfold for gzip.
        asked["accept-encoding"] = "identity"
        try:
            if asked.keys() & OURS:
                raise NotSent("a header that is not a bridge's to set")
            self.url: Final = httpx.URL(url)
            asked |= {"host": self.url.netloc.decode("ascii"), "content-length": str(len(body))}
            self._headers = [(n.encode("ascii"), v.encode("ascii")) for n, v in asked.items()]
            # h11 would find a bad header itself, but only after the request counts as begun.
            h11.Request(method=method, target=self.url.raw_path, headers=self._headers)
        except (httpx.InvalidURL, h11.LocalProtocolError, UnicodeEncodeError):
            raise NotSent("not a request") from None
        self._method = method
        self._body = body

    def made(self, left: Left, connect_s: float, step_s: float) -> httpcore.Request:
        """The request, once more. ``left`` hears whether it leaves; ``step_s``: seconds for each
        reading and writing."""
        to = self.url
        steps = {"read": step_s, "write": step_s}
        once = {"connect": connect_s, "pool": connect_s}
        return httpcore.Request(
            self._method,
            httpcore.URL(scheme=to.raw_scheme, host=to.raw_host, port=to.port, target=to.raw_path),
            headers=self._headers,
            content=_Body(self._body),
            extensions={"timeout": steps | once, "trace": left.heard},
        )


async def answer_of(response: httpcore.Response, most_bytes: int) -> Answer:
    """The whole answer. Raises NoAnswer, TooLarge, and what httpcore raises."""
    try:
        headers = httpx.Headers(response.headers)
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise NoAnswer("an answer that is packed")
        got = bytearray()
        assert isinstance(response.stream, AsyncIterable)
        try:
            async for chunk in response.stream:
                got += chunk
                if len(got) > most_bytes:
                    # Closed and read to its (now near) end: leaving the loop would leave httpcore's
                    # generators to the garbage collector, and with them the connection.
                    await response.aclose()
        except (httpcore.NetworkError, httpcore.ProtocolError):
            if len(got) <= most_bytes:
                raise
        if len(got) > most_bytes:
            raise TooLarge
    finally:
        await response.aclose()
    return Answer(response.status, dict(headers.items()), bytes(got))


class _Body:
    """A body in one piece. A generator would be left open by a cancelled send."""

    def __init__(self, body: bytes) -> None:
        self._left = [body] if body else []

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()


class Left:
    """Whether a request began to leave, as httpcore's trace of its own steps tells it."""

    __slots__ = ("began", "fresh")

    def __init__(self) -> None:
        self.began = False
        self.fresh = False
        """Whether it had a new connection: one that was idle may end as we write, and that says
        nothing about the way."""

    async def heard(self, step: str, info: dict[str, Any]) -> None:
        """Called by httpcore before and after each of its steps."""
        if step.endswith(".connect_tcp.started"):
            self.fresh = True
        if step.endswith(".send_request_headers.started"):
            self.began = True
