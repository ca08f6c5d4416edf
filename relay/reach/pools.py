"""Connections of HTTP that are kept, each way's apart: a request by one uses none of another."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import partial
from typing import Final

import anyio
import httpcore

from relay.ports import Answer, NoAnswer, NotSent
from relay.reach.asking import Asking, Left, answer_of
from relay.reach.failing import Unreached, kind_of
from relay.reach.routes import Routes
from relay.reach.trying import Tries
from relay.reach.way import Way

MAX_CONNECTIONS: Final = 64
"""More than any bridge has sends under way (50), so that nobody waits for the pool."""

BROKEN: Final = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    TimeoutError,
)


class Pools:
    """A pool for each way of a destination. ``idle_s``: how long a connection is kept; 0: not."""

    def __init__(
        self,
        routes: Routes,
        inner: httpcore.AsyncNetworkBackend,
        tls: ssl.SSLContext,
        pins: frozenset[bytes],
        *,
        idle_s: float,
    ) -> None:
        self._ways = {way.name: routes.through(way, inner, pins) for way in routes.ways}
        self._pools = {
            name: httpcore.AsyncConnectionPool(
                ssl_context=tls,
                max_connections=MAX_CONNECTIONS,
                max_keepalive_connections=MAX_CONNECTIONS if idle_s else 0,
                keepalive_expiry=idle_s,
                network_backend=through,
            )
            for name, through in self._ways.items()
        }

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.aclose()

    async def asked(
        self, asking: Asking, tries: Tries, most_bytes: int, silent_s: float | None = None
    ) -> Answer:
        """The answer, by the first way that connects. ``silent_s``: how long nothing may come.
        Raises NotSent, NoAnswer, TooLarge."""
        for way, within_s in tries:
            step_s = tries.left_s if silent_s is None else min(silent_s, tries.left_s)
            request = partial(asking.made, connect_s=min(within_s, step_s), step_s=step_s)
            with tries.by(way):
                return await self._by(way, request, tries, most_bytes)
        raise tries.no_way()

    async def _by(
        self,
        way: Way,
        made: Callable[[Left], httpcore.Request],
        tries: Tries,
        most_bytes: int,
    ) -> Answer:
        left = Left()
        asked = made(left)
        failed_before = not tries.works(way)
        try:
            with anyio.fail_after(tries.left_s):
                response = await self._pools[way.name].handle_async_request(asked)
                if left.fresh and (failed_before or tries.works(way)):
                    tries.worked(way)  # filters let go on what began before them
                answer = await answer_of(response, most_bytes)
            if not tries.works(way):  # another call found that out meanwhile
                await self._quiet(way, asked)
            return answer
        except httpcore.PoolTimeout:
            raise NotSent("no connection (too many are under way)") from None
        except (*BROKEN, Unreached) as error:
            await self._quiet(way, asked)
            if not left.began:
                raise Unreached(kind_of(error)) from None
            if left.fresh or not isinstance(error, httpcore.ProtocolError):
                tries.broke(way, kind_of(error))
            raise NoAnswer(f"no whole answer ({kind_of(error)})") from None
        except anyio.get_cancelled_exc_class():
            # A send of many requests ends by its deadline in one of them: on a line that carries
            # a little, each would be answered, and never the last.
            if tries.lasted_s > way.connect_s:
                tries.broke(way, "timed out")
            raise

    async def _quiet(self, way: Way, asked: httpcore.Request) -> None:
        """Cut what is idle on a way that failed: nothing goes out on it there from now on."""
        there = asked.url.origin
        self._ways[way.name].cut(there.host.decode("ascii"), there.port)
        for kept in self._pools[way.name].connections:
            if kept.is_idle() and kept.can_handle_request(there):
                await kept.aclose()
