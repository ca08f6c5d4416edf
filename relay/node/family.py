"""The children of a node as the core sees them: who was started, who lives, who is dead.

The launcher tells; every child has a pipe of its own. A child counts as dead only when the launcher
says so and what it said last was heard: until then its sends may still be under way.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, Final

import trio

from relay.errors import Damaged
from relay.journal import Event, Journal
from relay.node.calls import Outlet
from relay.node.child import Pulse
from relay.node.cleaners import Cleaners
from relay.node.crossing.bounds import MOST_OF_FRAME
from relay.node.crossing.links import Links
from relay.node.desk.service import AtDesk
from relay.node.doors import Doors
from relay.node.outward import Outward
from relay.node.pipes import Pipe, PipeEnded
from relay.node.process import MOST_OF_DESK, MOST_OF_OUTLET, TO_CORE, Process
from relay.node.readers import Readers
from relay.wire import frames
from relay.wire.pack import MAX_BYTES

PANIC_S: Final = 3.0
"""Seconds that a launcher has for ending everything: it takes half of one."""

Hear = Callable[[Any], Awaitable[None]]

_MOST: Final = {"outlet": MOST_OF_OUTLET, "desk": MOST_OF_DESK, "links": MOST_OF_FRAME}
"""Bytes of a frame of who may say less than others."""


class Family:
    """Doors, readers, cleaners and outlets, by the frames of the launcher."""

    def __init__(
        self,
        launcher: Pipe,
        journal: Journal,
        pulse: Pulse,
        doors: Doors,
        outward: Outward,
        waits_for: Iterable[str],
        at_desk: AtDesk,
        links: Links,
    ) -> None:
        """``waits_for`` are the destinations that must be served before the node is ready."""
        self._links = links
        self._at_desk = at_desk
        self.processes: dict[int, Process] = {}
        self.readers = Readers(self.kill)
        self.cleaners = Cleaners(self.kill)
        self._launcher = launcher
        self._journal = journal
        self._pulse = pulse
        self._doors = doors
        self._outward = outward
        self._waits_for = frozenset(waits_for)
        self._outlets: dict[int, Outlet] = {}
        self._said_ready = False

    async def run(self) -> None:
        """Hear the launcher and every child, until the launcher ends."""
        async with trio.open_nursery() as nursery:
            while (frame := await self._launcher.receive()) is not None:
                match frame:
                    case frames.Child():
                        nursery.start_soon(self._connected, self._born(frame), nursery)
                    case frames.Beat() if frame.pid in self.processes:
                        self.processes[frame.pid].busy = frame.busy
                        self.processes[frame.pid].began.set()
                    case frames.Dead() if frame.pid in self.processes:
                        process = self.processes.pop(frame.pid)
                        nursery.start_soon(self._bury, process, frame.status)
            nursery.cancel_scope.cancel()

    async def kill(self, pid: int) -> None:
        """Have a child killed; the launcher says when it is dead. If that has ended, so do all."""
        with contextlib.suppress(PipeEnded):
            await self._launcher.send(frames.Kill(pid))

    async def reload(self) -> None:
        """Have the settings read again, as by SIGHUP."""
        await self._launcher.send(frames.Reload())

    async def panic(self) -> None:
        """Have every secret destroyed, and all of the node ended. Without a launcher it has; and
        should that hang, whoever holds the keys in memory ends all the same."""
        last = threading.Timer(PANIC_S, os._exit, (0,))
        last.daemon = True
        last.start()
        with contextlib.suppress(PipeEnded):
            await self._launcher.send(frames.Panic())

    def _born(self, frame: frames.Child) -> Process:
        """The process that came with a frame, its pipe with it."""
        most = _MOST.get(frame.role, MAX_BYTES)
        pipe = Pipe(socket.socket(fileno=self._launcher.passed.pop()), TO_CORE[frame.role], most)
        process = Process(frame.role, frame.pid, pipe, frame.alone)
        self.processes[frame.pid] = process
        return process

    async def _connected(self, process: Process, nursery: trio.Nursery) -> None:
        match process.role:
            case "reader":
                process.heard.set()  # it speaks only when it is asked
                self.readers.connected(process)
            case "cleaner":
                process.heard.set()
                self.cleaners.connected(process)
            case "desk":
                async with self._at_desk.connected(process.pipe) as said:
                    await self._hear(process, said)
                await self.kill(process.pid)  # as with an outlet: no other could take its place
            case "links":
                self._links.connected(process)
                await self._hear(process, self._links.said)
                await self.kill(process.pid)
            case "outlet":
                outlet = self._outlets[process.pid] = Outlet(process, self.kill)
                await self._hear(process, partial(self._from_outlet, outlet, nursery))
                await self.kill(process.pid)  # it may live on, deaf, with only its socket closed
            case _:
                doorway = await self._doors.connected(process)
                await self._hear(process, doorway.said)

    async def _hear(self, process: Process, hear: Hear) -> None:
        try:
            while (frame := await process.pipe.receive()) is not None:
                self._pulse.touch()
                await hear(frame)
                await self._ready(frame)
        except PipeEnded:
            return
        except Damaged:
            self._journal.say(Event.DAMAGED, process=process.role)
            await self.kill(process.pid)
        finally:
            process.heard.set()

    async def _from_outlet(self, outlet: Outlet, nursery: trio.Nursery, frame: Any) -> None:
        """Raises Damaged for what an outlet of that kind may not say, or not so often."""
        match frame:
            case frames.Serves():
                outlet.begins(frame.destination)
                self._outward.serves(outlet, frame)
            case frames.Keeps():
                if outlet.keeps(frame.n):
                    nursery.start_soon(outlet.kept, frame)
            case frames.Routed():
                if not outlet.serves(frame.destination):
                    raise Damaged
                self._outward.routed(frame)
            case frames.Skewed():
                if not outlet.process.alone:  # a plug-in may ask whatever server it likes
                    self._outward.platforms.said(frame.ahead_s)
            case _:
                if not outlet.answered(frame.n, frame):
                    self._journal.say(Event.LATE_REPORT)

    async def _ready(self, frame: Any) -> None:
        """Once every transport and every link is open and every destination is served, the launcher
        is told."""
        begins = isinstance(frame, frames.Serves | frames.Open | frames.LinkOpen)
        if begins and not self._said_ready:
            served = all(self._outward.bridge(name).serving for name in self._waits_for)
            self._said_ready = self._doors.open and self._links.opened and served
            if self._said_ready:
                await self._launcher.send(frames.Ready())

    async def _bury(self, process: Process, status: int) -> None:
        """It is dead: hear what it said last, then end what waits for it."""
        process.status = status
        await process.heard.wait()
        process.dead.set()
        process.began.set()
        process.pipe.close()
        self._doors.gone(process)
        self._links.gone(process)
        outlet = self._outlets.pop(process.pid, None)
        if outlet is not None:
            outlet.died()
        if process.alone:
            self._outward.bridge(process.alone).fell()
