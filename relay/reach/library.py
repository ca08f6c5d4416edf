"""For a library that brings httpx along: what it sends goes by our ways, and keeps our promises."""

from __future__ import annotations

from typing import ClassVar, Final

import httpx

from relay.ports import NoAnswer, NotSent
from relay.reach.fetch import Fetch
from relay.reach.http import IDLE_S, OURS, TooLarge
from relay.reach.routes import Routes

LONGEST_S: Final = 900.0
"""Of one call: 20 MB at 25 kB/s. What is silent for the library's own time ends sooner."""


class _Kept(Fetch):
    """A library asks again and again."""

    _idle_s: ClassVar = IDLE_S


class Carried(httpx.AsyncBaseTransport):
    """A transport of httpx's on asyncio. ``hosts`` as of ``HttpOut``; ``most_bytes``: the longest
    answer. The time that the library gives for reading is for silence, not for the whole."""

    def __init__(self, hosts: frozenset[str], routes: Routes, *, most_bytes: int) -> None:
        patience_s = max(way.connect_s for way in routes.ways)
        self._out = _Kept(hosts, patience_s, routes=routes)
        self._most_bytes = most_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The whole answer. Raises httpx.ConnectError where nothing left, else httpx.ReadTimeout:
        libraries take that for what it is, nobody knows."""
        headers = {name: value for name, value in request.headers.items() if name not in OURS}
        silent_s = request.extensions.get("timeout", {}).get("read")
        try:
            answer = await self._out.whole(
                request.method,
                str(request.url),
                headers=headers,
                body=await request.aread(),
                most_bytes=self._most_bytes,
                timeout_s=LONGEST_S,
                silent_s=silent_s,
            )
        except NotSent as error:
            raise httpx.ConnectError(str(error)) from None
        except (NoAnswer, TooLarge):
            raise httpx.ReadTimeout("no whole answer") from None
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._out.aclose()
