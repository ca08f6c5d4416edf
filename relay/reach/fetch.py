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

import httpcore

from relay.ports import Answer, NotSent
from relay.reach.http import HttpOut, TooLarge

__all__ = ["MOST_REDIRECTS", "Fetch", "TooLarge"]

MOST_REDIRECTS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class Fetch(HttpOut):
    """``relay.ports.Http`` for asyncio, but for ``connect``. One call, one connection: they are
    few, and there is nothing to close."""

    _idle_s: ClassVar = 0.0
    _inner: ClassVar[type[httpcore.AsyncNetworkBackend]] = httpcore.AnyIOBackend

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

    async def whole(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        most_bytes: int,
        timeout_s: float,
        silent_s: float | None = None,
    ) -> Answer:
        """As ``request``, with an answer of ``most_bytes`` at most, and so many seconds in which
        the other side may say nothing. Raises NotSent, NoAnswer or TooLarge."""
        return await self._once(method, url, headers, body, timeout_s, most_bytes, silent_s)


def _next(url: str, location: str) -> tuple[str, bool]:
    """Where a redirect leads, and whether that is the same place. Raises NotSent for nowhere."""
    try:
        there = urljoin(url, location)
        return there, urlsplit(there).netloc == urlsplit(url).netloc
    except ValueError:
        raise NotSent("sent to what is no address") from None
