"""HTTP outward from a door, which runs asyncio: what a way in fetches, and the answers it sends.

The promises are those of ``http``: named hosts only, TLS always verified, plaintext to loopback
only, nothing unpacked, nothing logged. A redirect is followed only where the caller asks, to a
named host only, and without the login that was for the first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar, Final
from urllib.parse import urljoin, urlsplit

import httpx

from relay.ports import Answer, NoAnswer, NotSent
from relay.reach.http import MAX_ANSWER_BYTES, MAX_CONNECTIONS, HttpOut, Left

MOST_REDIRECTS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class TooLarge(Exception):
    """The answer is larger than it may be."""


class Fetch(HttpOut):
    """``relay.ports.Http`` for asyncio, but for ``connect``. One call, one connection: they are
    few, and there is nothing to close."""

    _limits: ClassVar = httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=0)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 60.0,
    ) -> Answer:
        """One request, one whole answer of at most 1 MiB. Raises NotSent or NoAnswer."""
        try:
            return await self._once(method, url, headers or {}, body, timeout_s, MAX_ANSWER_BYTES)
        except TooLarge:
            raise NoAnswer("an answer without end") from None

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        most_bytes: int,
        timeout_s: float = 60.0,
    ) -> Answer:
        """What stands at an address, after MOST_REDIRECTS at most, all within ``timeout_s``.
        Raises NotSent, NoAnswer or TooLarge."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        given = dict(headers or {})
        for _ in range(MOST_REDIRECTS + 1):
            left_s = max(end - loop.time(), 0.001)
            answer = await self._once("GET", url, given, b"", left_s, most_bytes)
            if answer.status not in _REDIRECTS:
                return answer
            there, same_place = _next(url, answer.headers.get("location", ""))
            if not same_place:
                given.pop("authorization", None)
            url = there
        raise NotSent("sent from one place to another")

    async def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        timeout_s: float,
        most_bytes: int,
    ) -> Answer:
        self._allow(url)
        left = Left()
        request = self._made(method, url, headers, body, timeout_s, left)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._whole(request, most_bytes)
        except (httpx.TransportError, httpx.StreamError, TimeoutError) as error:
            why = type(error).__name__  # never str(error): it may quote the URL
            if left.began:
                raise NoAnswer(f"no whole answer ({why})") from None
            raise NotSent(f"no connection ({why})") from None

    async def _whole(self, request: httpx.Request, most_bytes: int) -> Answer:
        response = await self._transport.handle_async_request(request)
        got = bytearray()
        try:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise NoAnswer("an answer that is packed")
            assert isinstance(response.stream, httpx.AsyncByteStream)
            async for chunk in response.stream:
                got += chunk
                if len(got) > most_bytes:
                    # As in ``http``: closed, and read on to its end, which is near now.
                    await response.aclose()
        except (httpx.TransportError, httpx.StreamError):
            if len(got) <= most_bytes:
                raise
        finally:
            await response.aclose()
        if len(got) > most_bytes:
            raise TooLarge
        return Answer(response.status_code, dict(response.headers.items()), bytes(got))


def _next(url: str, location: str) -> tuple[str, bool]:
    """Where a redirect leads, and whether that is the same place. Raises NotSent for nowhere."""
    try:
        there = urljoin(url, location)
        return there, urlsplit(there).netloc == urlsplit(url).netloc
    except ValueError:
        raise NotSent("sent to what is no address") from None
