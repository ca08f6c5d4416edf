"""The process of the links: it hands over what the core gives it, and gives the core what comes.

It holds the link key, which was read before the process was confined, and the secrets of its own
mailboxes. It has no other key of the node, no spool, and opens no envelope.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Final

from relay.config import Settings
from relay.errors import KeyFileError
from relay.journal import Journal
from relay.keyfiles import read_secret
from relay.links.port import Durable, Given, Later, Link, Opening, Peer
from relay.node.child import BEAT_S, Pulse, kind_of
from relay.node.confined import keep_to
from relay.node.ending import ended
from relay.node.granted import granted_to
from relay.node.links.building import build
from relay.node.pipes import AsyncPipe, PipeEnded
from relay.plugins.ways import ways_of
from relay.ports import Clock
from relay.reach.routes import Failure, Routes, Told
from relay.wire import frames
from relay.wire.batch import Batch
from relay.wire.keys import read_link_file
from relay.wire.linkkeys import link_key, link_key_of

HEARS: Final = (frames.Cross, frames.Took)
"""Every frame that the core may send to the links."""

STOP_S: Final = 1.0
"""Seconds that what is under way gets to end when the node is stopped: all of it can be begun
again."""

TELL_S: Final = 5.0
"""Seconds between two reports of who was turned away."""


def main(
    core: socket.socket,
    pulse: Pulse,
    journal: Journal,
    clock: Clock,
    settings: Settings,
    sockets: Mapping[str, socket.socket],
) -> int:
    """Serve until told to stop, or until the core is gone."""
    seed = read_link_file(read_secret(settings.keys / "link.key"))
    links = Links(AsyncPipe(core, HEARS), pulse, journal, clock, settings, sockets, seed)
    keep_to(granted_to("links", settings))
    asyncio.run(links.run())
    return 0


class Links:
    """All links of one node."""

    def __init__(
        self,
        pipe: AsyncPipe,
        pulse: Pulse,
        journal: Journal,
        clock: Clock,
        settings: Settings,
        sockets: Mapping[str, socket.socket],
        seed: bytes,
    ) -> None:
        self._pipe = pipe
        self._pulse = pulse
        self._journal = journal
        self._clock = clock
        self._settings = settings
        self._sockets = sockets
        self._seed = seed
        self._peers = {name: Peer(name, link_key(one.link)) for name, one in settings.peers.items()}
        self._links: dict[str, Link] = {}
        self._arrivals = 0
        self._waiting: dict[int, asyncio.Future[frames.Took]] = {}
        self._turned_away: Counter[str] = Counter()
        self._calls: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until SIGTERM, or until the core is gone."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        hear = loop.create_task(self._hear())
        hear.add_done_callback(lambda _: stop.set())
        serving = [hear, loop.create_task(self._beat()), loop.create_task(self._tell())]
        for name in self._settings.links:
            serving.append(loop.create_task(self._serve(name)))
        await stop.wait()
        await ended([*serving, *self._calls], STOP_S)

    async def _beat(self) -> None:
        while True:
            self._pulse.beat()
            await asyncio.sleep(BEAT_S)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL_S)
            counted, self._turned_away = self._turned_away, Counter()
            for name, count in counted.items():
                await self._pipe.send(frames.TurnedAway(name, count))

    async def _serve(self, name: str) -> None:
        """One link, for as long as the process lives. What breaks it down is told, and it is made
        anew: the others serve meanwhile."""
        wait_s = 1.0
        while True:
            probing: list[asyncio.Task[None]] = []
            try:
                opening = self._opening(name, probing)
                at = self._settings.links[name]
                link = self._links[name] = build(at, opening, self._settings)
                await link.run(partial(self._came, name), partial(self._opened, name))
                why = "it ended"
            except KeyFileError as error:
                why = str(error)
            except Exception as error:  # a fault of ours in one link must not end the others
                why = f"it failed: {kind_of(error)}"
            finally:
                for task in probing:
                    task.cancel()
            self._links.pop(name, None)
            self._say(frames.Fares(name, "login", why))
            self._opened(name)
            await asyncio.sleep(wait_s)
            wait_s = min(60.0, wait_s * 2)

    def _opening(self, name: str, probing: list[asyncio.Task[None]]) -> Opening:
        at = self._settings.links[name]
        routes = None
        if names := getattr(at, "routes", ()):
            ways = ways_of(names, self._settings.routes, self._settings.base)
            routes = Routes(ways, name, self._routed(name))
            probing.append(asyncio.get_running_loop().create_task(routes.probe_asyncio()))
        return Opening(
            name,
            self._seed,
            link_key_of(self._seed),
            {one.key.public: one for one in self._peers.values()},
            self._peers.get(at.peer),
            self._clock,
            routes,
            self._sockets.get(name),
            turned_away=lambda: self._turned_away.update([name]),
            faring=lambda state, why: self._say(frames.Fares(name, state, why)),
        )

    def _routed(self, name: str) -> Told:
        loop = asyncio.get_running_loop()

        def told(route: str, failures: Mapping[str, Failure]) -> None:
            loop.call_soon_threadsafe(self._say, frames.Routed(name, route, dict(failures)))

        return told

    def _opened(self, name: str) -> None:
        self._say(frames.LinkOpen(name, len(self._settings.links)))

    def _say(self, frame: object) -> None:
        task = asyncio.get_running_loop().create_task(self._send(frame))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _send(self, frame: object) -> None:
        with contextlib.suppress(PipeEnded):  # the core is gone: we end at the next read
            await self._pipe.send(frame)

    # ------------------------------------------------------------ between core and links

    async def _hear(self) -> None:
        while (frame := await self._pipe.receive()) is not None:
            match frame:
                case frames.Cross():
                    task = asyncio.get_running_loop().create_task(self._cross(frame))
                    self._calls.add(task)
                    task.add_done_callback(self._calls.discard)
                case frames.Took():
                    waiting = self._waiting.pop(frame.n, None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(frame)

    async def _cross(self, frame: frames.Cross) -> None:
        link, peer = self._links.get(frame.link), self._peers.get(frame.peer)
        if link is None or peer is None:
            await self._send(frames.Crossed(frame.n, "later", "it is not open"))
            return
        with self._pulse:
            try:
                handed = await link.hand_over(peer, frame.batch)
            except Exception as error:
                handed = Later(f"it failed: {kind_of(error)}")
        match handed:
            case Durable():
                told = frames.Crossed(frame.n, "durable", back=handed.back)
            case Given():
                told = frames.Crossed(frame.n, "given")
            case Later():
                told = frames.Crossed(frame.n, "later", handed.why)
        await self._send(told)

    async def _came(self, link: str, peer: Peer, batch: Batch) -> Batch | None:
        """``links.port.Came``. A core that ends meanwhile ends this process with it."""
        self._arrivals += 1
        n = self._arrivals
        self._waiting[n] = asyncio.get_running_loop().create_future()
        with self._pulse:
            try:
                await self._pipe.send(frames.Arrived(n, link, peer.name, batch))
                took = await self._waiting[n]
            except PipeEnded:
                return None
            finally:
                self._waiting.pop(n, None)
        return took.back if took.durable else None
