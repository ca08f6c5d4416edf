"""The ways to a destination, in the order in which they are liked, and which of them are used now.

A way that fails is left alone, and nothing goes out on it, until a probe finds that it works again.
Where nothing is left that works, all are tried.
"""

from __future__ import annotations

import hashlib
import os
import secrets
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
from relay.rules.routes import Failure, Health

__all__ = ["DIRECT", "Failure", "Routes", "Told", "Way"]

Told = Callable[[str, Mapping[str, Failure]], None]
"""Given the name of the way in use ("" where none works) and what is wrong with the others, by
their names and in their order."""


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
        self._health = {way.name: Health(way.probe_s) for way in self.ways}
        self._failed_at: dict[str, Target] = {}
        self._said: tuple[str, Mapping[str, Failure]] = (self.ways[0].name, {})

    # ------------------------------------------------------------ what is used

    def in_order(self) -> Sequence[Way]:
        """The ways to try now: those that work, and then those behind the first of them that did
        not. A better one that fails is not touched. Where none works, all."""
        works = [self._health[way.name].usable for way in self.ways]
        if True not in works:
            return self.ways
        behind = works.index(True)
        good = [way for way, well in zip(self.ways, works, strict=True) if well]
        return good + [way for way in self.ways[behind:] if way not in good]

    @property
    def failures(self) -> Mapping[str, Failure]:
        """What is wrong with the ways that fail, by their names and in their order."""
        known = ((way.name, self._health[way.name].failure) for way in self.ways)
        return {name: failure for name, failure in known if failure is not None}

    def worked(self, way: Way) -> None:
        """A connection was had by this way."""
        self._health[way.name].worked(self._now())
        self._failed_at.pop(way.name, None)
        self._tell()

    def broke(self, way: Way, failure: Failure, target: Target) -> None:
        """One was had to ``target``, and broke: who can go round does so the next time. For who
        cannot, it says nothing: it may have been the host."""
        if len(self.ways) > 1:
            self.failed(way, failure, target)

    def failed(self, way: Way, failure: Failure, target: Target) -> None:
        """None was had to ``target``."""
        self._health[way.name].failed(self._now(), failure)
        if len(self.ways) > 1:  # else nobody probes: all calls try it
            self._failed_at[way.name] = target
        self._tell()

    def _tell(self) -> None:
        works = (way.name for way in self.ways if self._health[way.name].usable)
        said = (next(works, ""), self.failures)
        if said != self._said:
            self._said = said
            self._told(*said)

    # ------------------------------------------------------------ how

    def through(
        self, way: Way, inner: httpcore.AsyncNetworkBackend, pins: frozenset[bytes] = frozenset()
    ) -> Through:
        """Connections by this way. ``inner``: of the loop that we are on."""
        return Through(way, inner, self.login(way), pins)

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
        if len(self.ways) == 1:  # then there is nothing better: every call tries it
            await anyio.sleep_forever()
        least_s = min(way.probe_s for way in self.ways)
        while True:
            rests = [self._health[way.name].until_probe_s(self._now()) for way in self._better()]
            # what fails meanwhile is not due sooner than after its own probe_s
            await anyio.sleep(min([least_s, *(one for one in rests if one is not None)]))
            for way in self._better():
                if self._health[way.name].probe_due(self._now()):
                    await self._looked(way, inner)

    def _better(self) -> Sequence[Way]:
        """The ways before the first that works: all, if none does."""
        works = [self._health[way.name].usable for way in self.ways]
        return self.ways[: works.index(True)] if True in works else self.ways

    async def _looked(self, way: Way, inner: httpcore.AsyncNetworkBackend) -> None:
        target = self._failed_at.get(way.name)
        if target is None:
            return
        through = self.through(way, inner, target.pins)
        try:
            line = await through.connect_tcp(target.host, target.port, way.connect_s)
            if target.tls is not None:
                line = await line.start_tls(target.tls, target.host)
            await line.aclose()
        except Unreached as error:
            self.failed(way, error.failure, target)
        else:
            self.worked(way)


@lru_cache(maxsize=1)
def _secret(process: int) -> bytes:
    """Of this process alone: whoever was forked makes a new one."""
    return secrets.token_bytes(32)


DIRECT: Final = Routes([Way("direct")])
"""No proxy."""
