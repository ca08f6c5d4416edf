"""The ways to a destination, in the order in which they are liked, and which of them are used now.

A way that fails for a host is left alone, and nothing goes out on it there, until a probe finds
that it works again. Where nothing is left that works, all are tried.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import anyio
import httpcore

from relay.reach.failing import Unreached
from relay.reach.talks import Login
from relay.reach.through import Through
from relay.reach.way import Target, Way
from relay.rules.routes import Failure, Told
from relay.rules.standing import Standing

__all__ = ["DIRECT", "Failure", "Routes", "Told", "Way"]


class Routes:
    """The ways of one destination. ``isolation`` names it: a proxy that is told logins is told one
    of this name alone. ``told`` is called when what it says has changed. ``now``: seconds that
    only grow.
    """

    def __init__(
        self,
        ways: Sequence[Way],
        isolation: str = "",
        told: Told = lambda route, failures: None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        if not ways or len({way.name for way in ways}) < len(ways):
            raise ValueError("a way, and each name once")
        self.ways: Final = tuple(ways)
        self._isolation = isolation
        self._told = told
        self._now = now
        self._standing = Standing[Target]({way.name: way.probe_s for way in self.ways})
        self._said: tuple[str, Mapping[str, Failure]] = (self.ways[0].name, {})
        self._one = threading.RLock()  # the mailbox is asked from a thread

    # ------------------------------------------------------------ what is used

    def in_order(self, target: Target) -> Sequence[Way]:
        """The ways to try now: those that work there, and then those behind the first of them that
        did not. A better one that fails is not touched. Where none works, all."""
        with self._one:
            self._standing.meets(target, self._now())
            wrong = self._standing.failures(target)
            self._tell()
        good = [way for way in self.ways if way.name not in wrong]
        if not good:
            return self.ways
        behind = self.ways.index(good[0])
        return good + [way for way in self.ways[behind:] if way not in good]

    @property
    def failures(self) -> Mapping[str, Failure]:
        """What is wrong with the ways that fail, by their names and in their order."""
        with self._one:
            return self._standing.said()[1]

    def failures_at(self, target: Target) -> Mapping[str, Failure]:
        """The same, of this host alone."""
        with self._one:
            return self._standing.failures(target)

    def works(self, way: Way, target: Target) -> bool:
        """Whether nothing is known against this way there."""
        return way.name not in self.failures_at(target)

    def worked(self, way: Way, target: Target) -> None:
        """A connection was had by this way."""
        with self._one:
            self._standing.worked(way.name, target, self._now())
            self._tell()

    def broke(self, way: Way, failure: Failure, target: Target) -> None:
        """One was had to ``target``, and broke: who can go round does so the next time. For who
        cannot, it says nothing: it may have been the host."""
        if len(self.ways) > 1:
            self.failed(way, failure, target)

    def failed(self, way: Way, failure: Failure, target: Target) -> None:
        """None was had to ``target``."""
        with self._one:
            self._standing.failed(way.name, target, self._now(), failure)
            self._tell()

    def _tell(self) -> None:
        said = self._standing.said()
        if said != self._said:
            self._said = said
            self._told(*said)

    # ------------------------------------------------------------ how

    def through(
        self,
        way: Way,
        inner: httpcore.AsyncNetworkBackend,
        pins: frozenset[bytes] = frozenset(),
        *,
        strict: bool = False,
    ) -> Through:
        """Connections by this way. ``inner``: of the loop that we are on; ``strict``: as there."""
        return Through(way, inner, self.login(way), pins, strict=strict)

    def login(self, way: Way) -> Login | None:
        """What the way's proxy is told, so that it keeps this destination apart from others: new in
        each process, and nothing that names it. None where it has a login, or should have none."""
        if way.kind != "socks5" or way.user or not (way.isolate and self._isolation):
            return None
        said = hashlib.blake2b(self._isolation.encode(), key=_secret(os.getpid()), digest_size=24)
        whole = said.hexdigest().encode()
        return whole[:24], whole[24:]

    # ------------------------------------------------------------ probes

    async def probe(self) -> None:
        """Try the better ways that fail, each in its time, forever (trio): a connection, and TLS
        on it, to where it failed last. No request is sent."""
        await self._probe(httpcore.TrioBackend())

    async def probe_asyncio(self) -> None:
        """The same on asyncio, where the doors are."""
        await self._probe(httpcore.AnyIOBackend())

    async def _probe(self, inner: httpcore.AsyncNetworkBackend) -> None:
        least_s = min(way.probe_s for way in self.ways)
        under_way: set[tuple[Way, Target]] = set()

        async def look(way: Way, target: Target) -> None:
            under_way.add((way, target))
            await self._looked(way, target, inner)
            under_way.discard((way, target))

        async with anyio.create_task_group() as looks:
            while True:
                with self._one:
                    due_s = self._standing.until_due_s(self._now())
                # what fails meanwhile is not due sooner than after its own probe_s
                await anyio.sleep(least_s if due_s is None else min(least_s, due_s))
                for one in self._due():
                    if one not in under_way:
                        looks.start_soon(look, *one)

    def _due(self) -> Sequence[tuple[Way, Target]]:
        ways = {way.name: way for way in self.ways}
        with self._one:
            return [(ways[name], target) for name, target in self._standing.due(self._now())]

    async def _looked(self, way: Way, target: Target, inner: httpcore.AsyncNetworkBackend) -> None:
        through = self.through(way, inner, target.pins)
        try:
            line = await through.connect_tcp(target.host, target.port, way.connect_s)
            if target.tls is not None:
                line = await line.start_tls(target.tls, target.host)
            await line.aclose()
        except Unreached as error:
            self.failed(way, error.failure, target)
        else:
            self.worked(way, target)


@lru_cache(maxsize=1)
def _secret(process: int) -> bytes:
    """Of this process alone: whoever was forked makes a new one."""
    return secrets.token_bytes(32)


DIRECT: Final = Routes([Way("direct")])
"""No proxy."""
