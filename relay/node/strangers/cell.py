"""The process of a plug-in: the only one in which a third party's module is imported.

It is settled in and confined before that. From then on nothing here is to be relied on: a plug-in
may change whatever lies in this memory. What holds is what the kernel was told, and what the outlet
believes (``keeper``).
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from contextlib import nullcontext
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Final

import trio

from relay.bridging import Planned, Unusable, class_of, hosts_said, settings_of
from relay.clock import uptime
from relay.confine import CannotConfine, Grants, confine, libraries
from relay.errors import Damaged, KeyFileError
from relay.model import Instant, Once
from relay.node.child import BEAT_S, kind_of
from relay.node.pipes import PipeEnded
from relay.node.serving import FROM_CORE, Serving, serves
from relay.node.strangers.asking import Asking
from relay.node.strangers.line import Line
from relay.node.strangers.settling import settle_in
from relay.wire import asked, frames
from relay.wire.pack import MAX_BYTES

TO_PLUG_IN: Final = (*FROM_CORE, asked.Begin, asked.Go, asked.Time, *asked.FROM_NETWORK)
"""Every frame that it is sent."""


def main(parent: int) -> None:
    """Serve the outlet that started us until it ends."""
    sock = settle_in(parent)
    trio.run(_Cell(Line(sock, TO_PLUG_IN, MAX_BYTES, whole=True)).run)


class _Clock:
    """``ports.Clock``: the node's time, as its outlet tells it."""

    def __init__(self, base: float) -> None:
        self.base = base

    def now(self) -> Instant:
        """The time in whole seconds since 1970."""
        return int(self.base + uptime())


class _Cell:
    """Its line with the outlet is the pipe of ``Serving``, which gets the core's calls; the rest is
    taken out here."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._asking = Asking(line.send)
        self._serving = Serving(self, nullcontext())
        self._clock = _Clock(0.0)
        self._go = trio.Event()

    async def run(self) -> None:
        begin = await self._line.receive()
        if not isinstance(begin, asked.Begin):
            return
        self._clock.base = begin.base
        try:
            if begin.confined:  # trio has its own pair by now, and there is no thread yet
                confine(grants_of(begin.reads, begin.writes))
        except CannotConfine as error:
            await self._line.send(_trouble(begin.destination, f"it cannot be confined: {error}"))
            return
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._beat)
            nursery.start_soon(self._start, begin)
            await self._serving.serve(nursery)
            nursery.cancel_scope.cancel()

    async def _beat(self) -> None:
        while True:
            await self.send(asked.Alive())
            await trio.sleep(BEAT_S)

    async def _start(self, begin: asked.Begin) -> None:
        try:
            told: object = await self._made(begin)
        except (KeyFileError, Unusable) as error:
            told = _trouble(begin.destination, str(error))
        except (trio.Cancelled, GeneratorExit):
            raise
        except BaseException as error:  # whatever it raises, it is said by its class alone
            told = _trouble(begin.destination, f"its bridge failed: {kind_of(error)}")
        await self.send(told)

    async def _made(self, begin: asked.Begin) -> frames.Serves:
        """The bridge, once the outlet has agreed to the hosts that it names."""
        cls = class_of(EntryPoint("", begin.point, "").load)
        section = pickle.loads(begin.section)  # noqa: S301 - made by our own outlet (``starting``)
        settings = settings_of(cls, section, begin.url)
        says = hasattr(cls, "hosts")
        hosts = hosts_said(cls, settings) if says else frozenset[str]()
        await self.send(asked.Hosts(tuple(sorted(hosts)), says))
        await self._go.wait()
        bridge = Planned(cls, settings, hosts).made(self._asking, self._clock)
        told = serves(begin.destination, bridge)
        self._serving.bridges[begin.destination] = bridge
        return told

    async def receive(self) -> Any:
        """The next call of the core; None at the end. Raises Damaged."""
        while True:
            frame = await self._line.receive()
            match frame:
                case asked.Response() | asked.Did() | asked.Came() | asked.NotHad():
                    self._asking.told(frame)
                case asked.Go():
                    self._go.set()
                case asked.Time():
                    self._clock.base = frame.base
                case asked.Begin():
                    raise Damaged
                case _:
                    return frame

    async def send(self, frame: object) -> None:
        """Say it to the outlet; to nobody, once that is gone: we end at the next read."""
        try:
            await self._line.send(frame)
        except PipeEnded:
            return


def grants_of(reads: Iterable[str], writes: Iterable[str]) -> Grants:
    """Libraries, and what its section names: no socket, no copy of itself, no program."""
    own = map(Path, reads)
    return Grants(reads=(*libraries(), *own), writes=tuple(map(Path, writes)), by_name=False)


def _trouble(name: str, why: str) -> frames.Serves:
    return frames.Serves(name, Once("none"), 1, why)
