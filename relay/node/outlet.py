"""The outlet: where bridges run. It connects outward, holds tokens, and knows only its own posts.

It answers the calls of the core with the bridges it has (``relay.node.serving``). Bridges of ours
share one outlet; one of ours that blocks has an outlet of its own (``relay.plugins.alone`` says
why): this code as well, in a process that was given one section and is kept apart
(``relay.node.apart``). So has each destination of a third party, whose module is not imported here
but behind it (``relay.node.strangers``).
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import trio

from relay.clock import frozen_of
from relay.config import Destination, Route
from relay.confine import Placed
from relay.errors import Damaged, KeyFileError
from relay.journal import Event, Journal
from relay.model import Once
from relay.node.child import BEAT_S, Pulse, kind_of
from relay.node.confined import keep_to
from relay.node.granted import Granted, make_pages
from relay.node.pipes import Pipe, PipeEnded
from relay.node.routed import Tells
from relay.node.serving import FROM_CORE, Serving, serves
from relay.node.skew import Skew
from relay.plugins import Unusable, plan
from relay.plugins.ways import routes_of, way_out
from relay.ports import Bridge, Clock
from relay.reach.http import HttpOut
from relay.reach.routes import Routes
from relay.wire import frames

FIRST_CHECK_S = 2.0

MOVED_S = 2.0
"""Seconds between two looks whether what was granted lies where it lay."""


def main(
    core: socket.socket,
    pulse: Pulse,
    journal: Journal,
    clock: Clock,
    destinations: Mapping[str, Destination],
    routes: Mapping[str, Route],
    base: Path,
    url: str,
    *,
    granted: Granted,
    alone: bool = False,
) -> int:
    """Serve the core until it ends. ``alone``: for one destination, and nothing else."""
    make_pages(destinations, base)
    placed = keep_to(granted)
    outlet = _Outlet(Pipe(core, FROM_CORE), pulse, journal, placed, alone=alone)
    trio.run(outlet.run, destinations, Place(base, url, routes), clock)
    return 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the settings lie, where the page is seen, and the routes there are, by their names."""

    base: Path
    url: str
    routes: Mapping[str, Route]


class _Outlet:
    def __init__(
        self, pipe: Pipe, pulse: Pulse, journal: Journal, placed: Placed, *, alone: bool = False
    ) -> None:
        self._placed = placed
        self._pipe = pipe
        self._pulse = pulse
        self._journal = journal
        self._alone = alone
        self._calls = Serving(pipe, pulse)
        self._tells = Tells(pipe.send)

    async def run(
        self, destinations: Mapping[str, Destination], place: Place, clock: Clock
    ) -> None:
        skew = Skew(clock, self._skewed, frozen_of(clock))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._beat)
            nursery.start_soon(self._tell_routes)
            nursery.start_soon(self._end_when_moved, nursery.cancel_scope)
            async with trio.open_nursery() as starting:
                for name, destination in destinations.items():
                    heard = partial(skew.heard, name)
                    start = partial(self._start, name, destination, place, clock)
                    starting.start_soon(start, heard, nursery)
            try:
                await self._calls.serve(nursery)
            except Damaged:
                self._journal.say(Event.DAMAGED)
            nursery.cancel_scope.cancel()

    async def _tell_routes(self) -> None:
        with contextlib.suppress(PipeEnded):  # the core is gone: we end at the next read
            await self._tells.run()

    def _skewed(self, ahead_s: int) -> None:
        with contextlib.suppress(PipeEnded):  # and without room: it is said again when it changes
            self._pipe.send_now(frames.Skewed(ahead_s))

    async def _beat(self) -> None:
        while True:
            self._pulse.beat()
            await trio.sleep(BEAT_S)

    async def _end_when_moved(self, all_of_it: trio.CancelScope) -> None:
        """What lies where something was granted is another thing now: another process is granted
        that. None is broken off for it."""
        while True:
            await trio.sleep(MOVED_S)
            if self._placed.moved() and self._calls.idle and not self._pipe.waits():
                all_of_it.cancel()

    async def _start(
        self,
        name: str,
        destination: Destination,
        place: Place,
        clock: Clock,
        heard_date: Callable[[str], None],
        nursery: trio.Nursery,
    ) -> None:
        try:
            told = self._tells.of(name)
            routes = routes_of(name, destination, place.routes, place.base, told)
            planned = plan(destination, base=place.base, url=place.url)
            out = way_out(planned.hosts, destination, routes, place.base, heard_date=heard_date)
            bridge = planned.made(await nursery.start(_open, out, routes), clock)
            if not self._alone:  # nobody waits for one that has an outlet of its own
                await _looked_over(bridge)
            told_core = serves(name, bridge)
            self._calls.bridges[name] = bridge
        except (KeyFileError, Unusable) as error:
            told_core = frames.Serves(name, Once("none"), 1, str(error))
        except (trio.Cancelled, GeneratorExit):
            raise
        except BaseException as error:  # a bridge that cannot start stops its own destination only
            told_core = frames.Serves(name, Once("none"), 1, f"its bridge failed: {kind_of(error)}")
        await self._pipe.send(told_core)
        self._tells.serves(name)


async def _looked_over(bridge: Bridge) -> None:
    """One check before the node says that it is ready: the page is there from then on.

    What it says is asked for again by the core; a platform far away is not waited for.
    """
    with trio.move_on_after(FIRST_CHECK_S), contextlib.suppress(Exception):
        await bridge.check()


async def _open(
    http: HttpOut,
    routes: Routes,
    *,
    task_status: trio.TaskStatus[HttpOut] = trio.TASK_STATUS_IGNORED,
) -> None:
    """The way out of one destination, and the looks at its routes that fail, while we serve."""
    async with http:
        task_status.started(http)
        await routes.probe()
