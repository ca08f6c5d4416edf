"""The process of the links: it hands over what the core gives it, and gives the core what comes.

It holds the link key, which was read before the process was confined, and the secrets of its own
mailboxes. It has no other key of the node, no spool, and opens no envelope.

::

    kept_up.py     one link, made anew when it breaks down
    handing.py     what the core hands over
    arriving.py    what peers sent, until the core has answered
    building.py    which link each kind of the settings makes
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
from relay.confine import NOWHERE, Placed
from relay.errors import Damaged
from relay.journal import Event, Journal
from relay.keyfiles import read_secret
from relay.links.port import Link, Opening, Peer
from relay.links.threads import by_a_thread
from relay.node.child import BEAT_S, Pulse
from relay.node.confined import keep_to
from relay.node.ending import ended
from relay.node.granted import granted_to
from relay.node.links.arriving import Arriving
from relay.node.links.building import build
from relay.node.links.handing import Handing
from relay.node.links.kept_up import keep_up
from relay.node.pipes import AsyncPipe, PipeEnded
from relay.plugins.ways import ways_of
from relay.ports import Clock
from relay.reach.routes import Failure, Routes, Told
from relay.wire import frames
from relay.wire.keys import read_link_file
from relay.wire.linkkeys import link_key, link_key_of

HEARS: Final = (frames.Cross, frames.Cancel, frames.Took)
"""Every frame that the core may send to the links."""

STOP_S: Final = 0.5
"""Seconds that what is under way gets to end when the node is stopped: all of it can be begun
again."""

TELL_S: Final = 5.0
"""Seconds between two reports of who was turned away."""

READY_S: Final = 15.0
"""Seconds that a start waits for a link that neither serves nor says that it cannot."""

MOVED_S: Final = 5.0
"""Seconds between two looks whether what was granted lies where it lay: a stick may have come."""

MOVES_S: Final = 30.0
"""Seconds that what is under way gets to end where something else lies there."""


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
    placed = keep_to(granted_to("links", settings))
    pipe = AsyncPipe(core, HEARS)
    links = Links(pipe, pulse, journal, clock, settings, sockets, seed, placed)
    # Not asyncio.run: that waits for threads, and one may hang for ever at a disk that is gone.
    asyncio.new_event_loop().run_until_complete(_until_told(links))
    return 0


async def _until_told(links: Links) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await links.run(stop)


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
        placed: Placed = NOWHERE,
    ) -> None:
        self._pipe = pipe
        self._pulse = pulse
        self._journal = journal
        self._clock = clock
        self._settings = settings
        self._sockets = sockets
        self._seed = seed
        self._placed = placed
        self._peers = {name: Peer(name, link_key(one.link)) for name, one in settings.peers.items()}
        self._links: dict[str, Link] = {}
        self._turned_away: Counter[str] = Counter()
        self._fares: dict[str, tuple[str, str]] = {}
        self._saying: set[asyncio.Task[None]] = set()
        self._arriving = Arriving(pipe.send, pulse)
        self._handing = Handing(self._links, self._peers, pipe.send, self._faring, pulse)

    async def run(self, stop: asyncio.Event) -> None:
        """Until it is told to stop, or the core is gone, or another process could reach more."""
        loop = asyncio.get_running_loop()
        hear = loop.create_task(self._hear())
        hear.add_done_callback(lambda _: stop.set())
        serving = [hear, loop.create_task(self._beat()), loop.create_task(self._tell())]
        serving.append(loop.create_task(self._end_when_moved(stop)))
        serving += [loop.create_task(self._keep_up(name)) for name in self._settings.links]
        await stop.wait()
        self._arriving.core_ended()
        await ended([*serving, *self._handing.tasks, *self._saying], STOP_S)

    async def _beat(self) -> None:
        while True:
            self._pulse.beat()
            await asyncio.sleep(BEAT_S)

    async def _tell(self) -> None:
        """Who was turned away since the last time: counts, and not more often than this."""
        while True:
            await asyncio.sleep(TELL_S)
            counted = dict(self._turned_away)
            self._turned_away.clear()
            for name, count in counted.items():
                self._say(frames.TurnedAway(name, count))

    async def _end_when_moved(self, stop: asyncio.Event) -> None:
        """What lies where something was granted is another thing now (a stick was mounted, a
        password replaced): another process is granted that. What is under way may end before."""
        loop = asyncio.get_running_loop()
        while not await by_a_thread(self._placed.moved):  # noqa: ASYNC110
            await asyncio.sleep(MOVED_S)
        until = loop.time() + MOVES_S
        while (self._handing.busy or self._arriving.busy) and loop.time() < until:  # noqa: ASYNC110
            await asyncio.sleep(BEAT_S)
        stop.set()

    # ------------------------------------------------------------ the links

    async def _keep_up(self, name: str) -> None:
        """One link, with the looks at its routes that fail."""
        probing: list[asyncio.Task[None]] = []

        def make() -> Link:
            while probing:
                probing.pop().cancel()
            opening = self._opening(name)
            if opening.routes is not None:
                probing.append(loop.create_task(opening.routes.probe_asyncio()))
            return build(self._settings.links[name], opening, self._settings)

        loop = asyncio.get_running_loop()
        late = loop.call_later(READY_S, self._ready, name, False)
        try:
            await keep_up(
                make,
                partial(self._arriving.came, name),
                partial(self._ready, name),
                partial(self._serves, name),
                partial(self._faring, name),
            )
        finally:
            late.cancel()
            for task in probing:
                task.cancel()

    def _serves(self, name: str, link: Link | None) -> None:
        if link is None:
            self._links.pop(name, None)
        else:
            self._links[name] = link

    def _opening(self, name: str) -> Opening:
        at = self._settings.links[name]
        routes = None
        if names := at.goes_by():
            ways = ways_of(names, self._settings.routes, self._settings.base)
            routes = Routes(ways, name, self._routed(name))
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
            faring=partial(self._faring, name),
        )

    def _routed(self, name: str) -> Told:
        """By which route a link goes. A thread may say it, which may outlive the loop."""
        loop = asyncio.get_running_loop()

        def told(route: str, failures: Mapping[str, Failure]) -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._say, frames.Routed(name, route, dict(failures)))

        return told

    # ------------------------------------------------------------ what the core is told

    def _faring(self, name: str, state: str, why: str) -> None:
        """How a link fares, if that is new."""
        if self._fares.get(name) != (state, why):
            self._fares[name] = (state, why)
            self._say(frames.Fares(name, state, why))

    def _ready(self, name: str, serves: bool) -> None:
        """Nobody waits for this link any more. One that only goes out shows how it fares when
        something is handed over; of one that listens this is all there is to know."""
        if serves and self._settings.links[name].listens() is not None:
            self._faring(name, "works", "")
        self._say(frames.LinkOpen(name, len(self._settings.links)))

    def _say(self, frame: object) -> None:
        """Say it when there is room, in the order of what is said."""
        task = asyncio.get_running_loop().create_task(self._send(frame))
        self._saying.add(task)
        task.add_done_callback(self._saying.discard)

    async def _send(self, frame: object) -> None:
        with contextlib.suppress(PipeEnded):  # the core is gone: we end at the next read
            await self._pipe.send(frame)

    async def _hear(self) -> None:
        """Everything the core says, until it ends."""
        try:
            while (frame := await self._pipe.receive()) is not None:
                match frame:
                    case frames.Cross():
                        self._handing.begin(frame)
                    case frames.Cancel():
                        self._handing.cancel(frame.n)
                    case frames.Took():
                        self._arriving.took(frame)
        except Damaged:
            self._journal.say(Event.DAMAGED, process="core")
