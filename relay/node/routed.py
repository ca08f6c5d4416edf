"""By which route each destination is reached: told by its outlet, kept by the core, in memory. Of
a way in that goes out its door tells the same.

An outlet may be a third party's: what it says is taken only for what can be true of its own
destination, by the routes of the settings and in words of ours.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final, get_args

import trio

from relay.config import Settings
from relay.config.inward.common import GoingOut
from relay.errors import Damaged
from relay.rules.routes import Failure, Told
from relay.wire.frames import Routed

WORKS: Final = "works"
"""What is shown of a route that nothing is known against."""

_FAILURES: Final = frozenset(get_args(Failure))


class Tells:
    """The outlet's side. What is new is kept until there is room to say it; only the latest counts,
    so that a core that is busy is told less, and never something old at last. Of a destination
    nothing is said before it is said to be served."""

    def __init__(self, send: Callable[[Routed], Awaitable[None]]) -> None:
        self._send = send
        self._served: set[str] = set()
        self._new: dict[str, Routed] = {}
        self._there = trio.Event()

    def of(self, destination: str) -> Told:
        """For the routes of one destination."""
        return partial(self._told, destination)

    def serves(self, destination: str) -> None:
        """The core was told that it is served here."""
        self._served.add(destination)
        self._there.set()

    def _told(self, destination: str, route: str, failures: Mapping[str, Failure]) -> None:
        self._new[destination] = Routed(destination, route, dict(failures))
        self._there.set()

    async def run(self) -> None:
        """Say it, until cancelled. Raises PipeEnded."""
        while True:
            await self._there.wait()
            self._there = trio.Event()
            while ready := self._new.keys() & self._served:
                await self._send(self._new.pop(ready.pop()))


def ways_in(settings: Settings) -> Mapping[str, Sequence[str]]:
    """The routes of each way in that goes out by itself."""
    all_ = settings.transports.items()
    return {name: at.routes for name, at in all_ if isinstance(at, GoingOut) and at.goes_out()}


class Reached:
    """The core's side. ``routes`` are those of each destination, and of each way in that goes out,
    the best first."""

    def __init__(self, routes: Mapping[str, Sequence[str]]) -> None:
        self._routes = routes
        self._told: dict[str, Routed] = {}

    def knows(self, routes: Mapping[str, Sequence[str]]) -> None:
        """There are these as well."""
        self._routes = {**self._routes, **routes}

    def told(self, routed: Routed) -> None:
        """Take what an outlet or a door says. Raises Damaged for what it cannot say truly."""
        known = self._routes.get(routed.destination, ())
        ours = {"", *known}
        if routed.route not in ours or not routed.failures.keys() <= ours - {""}:
            raise Damaged
        if not _FAILURES.issuperset(routed.failures.values()):
            raise Damaged
        self._told[routed.destination] = routed

    def forget(self, destination: str) -> None:
        """Its outlet is another one, which has seen no way fail yet."""
        self._told.pop(destination, None)

    def cut_off(self, destination: str) -> str:
        """Why none of its routes works, each in its order ("direct: dns; tor: timed out"); empty
        while one does."""
        told = self._told.get(destination)
        if told is None or told.route:
            return ""
        return "; ".join(f"{name}: {state}" for name, state in self.states(destination).items())

    def states(self, destination: str) -> dict[str, str]:
        """What is known of each route, in its order."""
        told = self._told.get(destination)
        failures = told.failures if told is not None else {}
        return {name: failures.get(name, WORKS) for name in self._routes.get(destination, ())}

    def route(self, destination: str) -> str | None:
        """The one that is used now; None where none works, or where it has none."""
        told, known = self._told.get(destination), self._routes.get(destination, ())
        used = told.route if told is not None else next(iter(known), "")
        return used or None

    def strangers(self) -> dict[str, str]:
        """By the names of those for which it is so: the routes on which somebody else answers, or
        the certificate is wrong."""
        found = {
            name: [route for route, failure in told.failures.items() if failure == "tls"]
            for name, told in self._told.items()
        }
        return {name: ", ".join(routes) for name, routes in found.items() if routes}
