"""The outlet of a third party's plug-in: our code, between the core and the plug-in's own process.

Frames of the core go through as they are. What comes back is checked to be such frames as an outlet
says, and the core believes them no more than those of any outlet (``relay.node.said``). By which
route its destination is reached is said here alone. Garbage ends both processes, and so does the
end of either.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import trio

from relay.bridging import MOST_HOSTS, is_host
from relay.clock import uptime
from relay.config import Destination
from relay.confine import Placed
from relay.errors import Damaged, KeyFileError
from relay.journal import Event, Journal
from relay.model import Once
from relay.node.child import BEAT_S, Pulse
from relay.node.outlet import MOVED_S, Place
from relay.node.pipes import Pipe, PipeEnded
from relay.node.process import FROM_OUTLET
from relay.node.routed import Tells
from relay.node.serving import FROM_CORE, Serving
from relay.node.strangers.answering import Answering
from relay.node.strangers.line import MOST_SAID, Line
from relay.node.strangers.room import too_full
from relay.node.strangers.starting import Started, started
from relay.plugins import Unusable
from relay.plugins.hosts import granted
from relay.plugins.ways import routes_of, way_out
from relay.ports import Clock
from relay.reach.http import HttpOut
from relay.reach.routes import Routes
from relay.wire import asked, frames

FROM_PLUG_IN: Final = (
    *(kind for kind in FROM_OUTLET if kind not in (frames.Routed, frames.Skewed)),
    asked.Hosts,
    asked.Alive,
    *asked.OF_NETWORK,
)
"""Every frame that is taken from a plug-in's process."""

ENDS_S: Final = 1.0
"""Seconds that its process has to be dead, once its line is: then its status is told."""

BEGINS_S: Final = 60.0
"""Seconds that its process has until its first beat: a Python starts, on a machine that may be
starting much else."""

APART_S: Final = 2.0
"""The plug-in's process is told the time anew when it is so many seconds off."""


def main(
    core: socket.socket,
    pulse: Pulse,
    journal: Journal,
    clock: Clock,
    name: str,
    destination: Destination,
    place: Place,
    keep: Callable[[], Placed],
) -> int:
    """Serve the core until it ends, or the plug-in's process does. ``keep`` confines this process:
    once the other is started, since that is a program."""
    pulse.beat()  # what had to be loaded is: what is started now takes its time
    pipe = Pipe(core, FROM_CORE)
    try:
        keeper = Keeper(name, destination, place, pipe, pulse, clock)
        there = started(name, destination, place.base, place.url)
    except (KeyFileError, Unusable) as error:
        keep()
        trio.run(_said, name, str(error), pipe, pulse)
        return 0
    placed = keep()
    line = Line(there.sock, FROM_PLUG_IN, MOST_SAID)
    try:
        trio.run(keeper.run, line, there.begin, placed.moved)
    except* Damaged:
        journal.say(Event.DAMAGED)
    return _status(there)


class Keeper:
    """Between the core's pipe and the plug-in's line, for one destination."""

    def __init__(
        self,
        name: str,
        destination: Destination,
        place: Place,
        pipe: Pipe,
        pulse: Pulse,
        clock: Clock,
    ) -> None:
        self._name = name
        self._destination = destination
        self._place = place
        self._pipe = pipe
        self._pulse = pulse
        self._clock = clock
        self._tells = Tells(pipe.send)
        self._routes = routes_of(name, destination, place.routes, place.base, self._tells.of(name))
        self._under_way: set[int] = set()
        self._handing_on = False
        self._begun = trio.Event()

    async def run(
        self, line: Line, begin: asked.Begin, moved: Callable[[], bool] = lambda: False
    ) -> None:
        """Until one of the two ends; or what was granted has ``moved``, and nothing is under way:
        what is started then is granted what lies there now. Raises Damaged for what a plug-in's
        process may not say."""
        refused, answering = "", Answering(line.send)
        try:
            async with trio.open_nursery() as nursery:
                base = self._base()
                await line.send(replace(begin, base=base))
                nursery.start_soon(self._beat_meanwhile)
                nursery.start_soon(self._tells.run)
                nursery.start_soon(self._tell_time, line, base)
                nursery.start_soon(self._from_core, line, nursery.cancel_scope)
                nursery.start_soon(self._end_when, moved, nursery.cancel_scope)
                nursery.start_soon(self._end_when_full, begin.writes, nursery.cancel_scope)
                refused = await self._from_plug_in(line, answering, nursery)
                nursery.cancel_scope.cancel()
        except* PipeEnded:
            pass
        finally:
            await answering.aclose()
        if refused:
            line.close()  # it may live on, and is heard by nobody
            await _said(self._name, refused, self._pipe, self._pulse)

    # ------------------------------------------------------------ to the plug-in

    async def _from_core(self, line: Line, scope: trio.CancelScope) -> None:
        while (frame := await self._pipe.receive()) is not None:
            self._pulse.touch()
            if not isinstance(frame, frames.Cancel | frames.Kept):
                self._under_way.add(frame.n)
            await line.send(frame)
        scope.cancel()

    async def _end_when(self, moved: Callable[[], bool], scope: trio.CancelScope) -> None:
        while True:
            await trio.sleep(MOVED_S)
            if moved() and not self._under_way and not self._pipe.waits():
                scope.cancel()

    async def _end_when_full(self, folders: Sequence[str], scope: trio.CancelScope) -> None:
        """It has written what it may: it is started again when somebody has made room."""
        while folders:
            await trio.sleep(BEAT_S)
            if await trio.to_thread.run_sync(too_full, folders, abandon_on_cancel=True):
                scope.cancel()

    def _base(self) -> float:
        return self._clock.now() + 0.5 - uptime()

    async def _tell_time(self, line: Line, base: float) -> None:
        while True:
            await trio.sleep(BEAT_S)
            if abs(self._base() - base) >= APART_S:
                base = self._base()
                await line.send(asked.Time(base))

    # ------------------------------------------------------------ from the plug-in

    async def _from_plug_in(self, line: Line, answering: Answering, nursery: trio.Nursery) -> str:
        """Until it ends; why it may not go on, where that is so."""
        while (frame := await line.receive()) is not None:
            match frame:
                case asked.Alive():
                    self._begun.set()
                    self._pulse.beat()
                case asked.Hosts():
                    if answering.http is not None:
                        raise Damaged
                    try:
                        out = self._out(frame)
                    except Unusable as error:
                        return str(error)
                    answering.http = await nursery.start(_opened, out, self._routes)
                    await line.send(asked.Go())
                case frames.Serves():
                    if frame.destination != self._name:
                        raise Damaged
                    await self._hand_on(frame)
                    self._tells.serves(self._name)
                case _ if isinstance(frame, asked.OF_NETWORK):
                    await answering.take(frame, nursery)
                case frames.Keeps():
                    await self._hand_on(frame)
                case _:
                    self._under_way.discard(frame.n)
                    await self._hand_on(frame)
        return ""

    def _out(self, said: asked.Hosts) -> HttpOut:
        """The way out. Raises Unusable for hosts that nobody wrote, or are none."""
        if len(said.hosts) > MOST_HOSTS or not all(map(is_host, said.hosts)):
            raise Unusable("its bridge names a host that is none")
        hosts = granted(self._destination, said.hosts, says=said.says)
        return way_out(hosts, self._destination, self._routes, self._place.base, strange=True)

    async def _hand_on(self, frame: Any) -> None:
        self._pulse.touch()
        self._handing_on = True
        try:
            await self._pipe.send(frame)
        finally:
            self._handing_on = False

    async def _beat_meanwhile(self) -> None:
        """Until its process has begun; and while the core does not read, since beats of the plug-in
        lie unread then."""
        with trio.move_on_after(BEGINS_S):
            while not self._begun.is_set():
                self._pulse.beat()
                with trio.move_on_after(BEAT_S):
                    await self._begun.wait()
        while True:
            await trio.sleep(BEAT_S)
            if self._handing_on:
                self._pulse.beat()


async def _opened(
    http: HttpOut,
    routes: Routes,
    *,
    task_status: trio.TaskStatus[HttpOut] = trio.TASK_STATUS_IGNORED,
) -> None:
    """The way out, and the looks at its routes that fail, while we serve."""
    async with http:
        task_status.started(http)
        await routes.probe()


async def _said(name: str, why: str, pipe: Pipe, pulse: Pulse) -> None:
    """It does not start: the board is told why, and whoever calls it all the same."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_beat, pulse.beat)
        with contextlib.suppress(PipeEnded):
            await pipe.send(frames.Serves(name, Once("none"), 1, why))
            await Serving(pipe, pulse).serve(nursery)
        nursery.cancel_scope.cancel()


async def _beat(beat: Callable[[], None]) -> None:
    while True:
        beat()
        await trio.sleep(BEAT_S)


def _status(there: Started) -> int:
    """How the plug-in's process ended, as waitpid(2) has it; it dies with this one if it lives."""
    there.sock.close()
    try:
        status = there.process.wait(ENDS_S)
    except subprocess.TimeoutExpired:
        return 1
    return status if status >= 0 else 128 - status
