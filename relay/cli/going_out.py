"""A bridge started in this process, with the way out that it has in a node: its routes, its hosts.

A destination that is reached by Tor alone is tried by Tor alone: a command that looks at an account
must not tell the network what the node keeps from it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from relay.cli.trying import Heard, NotStarted, health_from, why_failed
from relay.clock import SystemClock
from relay.config import Destination, Settings
from relay.errors import OutwordError
from relay.model import Health
from relay.plugins import make_room, ours, plan, session_of
from relay.plugins.ways import routes_of, way_out
from relay.ports import Bridge, Http
from relay.reach.http import HttpOut
from relay.reach.routes import Routes


@dataclass(frozen=True, slots=True)
class Started:
    """A bridge, what it heard so far, the routes by which it goes, and what ``through`` made."""

    bridge: Bridge
    heard: Heard
    routes: Routes
    http: Http

    @property
    def failures(self) -> str:
        """What is wrong with its routes ("direct: dns; tor: timed out"); empty if nothing is."""
        return "; ".join(f"{name}: {failure}" for name, failure in self.routes.failures.items())

    async def health(self) -> tuple[Health, bool]:
        """What it says of its account, and whether its platform could be asked; with what is wrong
        with its routes, where it could not."""
        health, reached = await health_from(self.bridge, self.heard)
        if health.trouble and not reached and self.failures:
            return Health(health.account, f"{health.trouble} ({self.failures})"), reached
        return health, reached


@asynccontextmanager
async def out_of(
    name: str, destination: Destination, settings: Settings, hosts: Iterable[str]
) -> AsyncIterator[HttpOut]:
    """The way out of a destination to these hosts, while the block lasts. Raises KeyFileError for
    the password of a proxy, or Unusable."""
    routes = routes_of(name, destination, settings.routes, settings.base)
    async with way_out(frozenset(hosts), destination, routes, settings.base) as http:
        yield http


def as_it_is(out: Http) -> Http:
    """Nothing stands before it."""
    return out


@asynccontextmanager
async def started(
    name: str,
    destination: Destination,
    settings: Settings,
    through: Callable[[Http], Http] = as_it_is,
) -> AsyncIterator[Started]:
    """The bridge of a destination, in this process, while the block lasts; also that of a third
    party, so call it only for one that the operator named. ``through`` may put something before its
    way out. Raises NotStarted in our words: what a bridge raises may quote.
    """
    url = settings.http.url if settings.http else ""
    with _in_our_words():
        session = session_of(destination, settings)
        if session is not None and session.is_file():  # as the version before had it
            make_room(session)
        routes = routes_of(name, destination, settings.routes, settings.base)
        planned = plan(destination, base=settings.base, url=url, alone=True)
        strange = not ours(destination.bridge)
        out = way_out(planned.hosts, destination, routes, settings.base, strange=strange)
    async with out:
        http = through(out)
        heard = Heard(http)
        with _in_our_words():
            bridge = planned.made(heard, SystemClock())
        yield Started(bridge, heard, routes, http)


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except OutwordError as error:
        raise NotStarted(str(error)) from None
    except Exception as error:
        raise NotStarted(why_failed(error)) from None


@dataclass(frozen=True, slots=True)
class Looked:
    """What a bridge says of its account, whether its platform could be asked, and what is wrong
    with its routes."""

    health: Health
    reached: bool
    failures: str = ""


async def health_of(
    name: str,
    destination: Destination,
    settings: Settings,
    through: Callable[[Http], Http] = as_it_is,
    *,
    asked: bool = False,
) -> Looked:
    """Of one destination, by its name. A bridge that cannot start or raises is trouble. A third
    party's is started only where the operator ``asked`` for it: its place is an outlet of its own.
    """
    if not asked and not ours(destination.bridge):
        trouble = "its bridge is of another package, and is tried by the node alone"
        return Looked(Health("", trouble), False)
    try:
        async with started(name, destination, settings, through) as there:
            health, reached = await there.health()
            return Looked(health, reached, there.failures)
    except NotStarted as error:
        return Looked(Health("", str(error)), True)
