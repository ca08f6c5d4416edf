"""The door: where people's messages arrive. It listens, strips, seals, and asks the core to keep.

A client is told yes only when the core's one number says that its envelope is durable. If the core
goes away every unanswered put is answered "try again later", although it may be stored: the repeat
meets its repeat key. Runs asyncio, where aiosmtpd and hypercorn are at home.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from relay.clock import frozen_of
from relay.config import Settings
from relay.confine import NOWHERE, Placed
from relay.entry.accept import Accept
from relay.entry.limits import Limits
from relay.entry.strip import EntrySecrets
from relay.errors import Damaged, KeyFileError
from relay.journal import Event, Journal
from relay.model import Arrival, Verdict
from relay.node.baton import Baton
from relay.node.child import BEAT_S, RELIEVED, TIRED, Pulse
from relay.node.confined import keep_to
from relay.node.ending import ended
from relay.node.granted import granted_to, own_keys
from relay.node.inward import BUILDERS, Opening, Ready, Serving
from relay.node.inward.trying import Trying, http_end, writing
from relay.node.pipes import AsyncPipe, PipeEnded
from relay.node.puts import Puts
from relay.node.remembered import DOOR_KEY, Remembered
from relay.node.roles import hears_people, opens_messages
from relay.node.tallies import Tallies
from relay.node.watch import Watch
from relay.node.wayback import WaysBack
from relay.node.weary import Weary
from relay.plugins import page_of
from relay.ports import Clock
from relay.reach.routes import Failure, Told
from relay.serving.certificate import Certificate
from relay.serving.forwarded import Proxies
from relay.sockets import nameless
from relay.transports.inlet import Inlet, WholeInlet
from relay.transports.limits import WebLimits
from relay.transports.local import Local
from relay.transports.pages import Pages
from relay.transports.web import Web
from relay.wire import frames
from relay.wire.epochs import EpochPublic
from relay.wire.keys import DoorKeys, door_file, make_door_keys, read_door_file, rolled
from relay.wire.token import ReturnKey

HEARS = (
    frames.SealTo,
    frames.Room,
    frames.Standing,
    frames.Durable,
    frames.Full,
    frames.Answer,
    frames.TryWay,
)
"""Every frame that the core may send to a door."""

STOP_S = 3.0
"""Seconds that sessions get to end when the node is stopped."""

FINISH_S = 30.0
"""Seconds that sessions get to end when another door listens already: then they hear 421."""

HAND_OVER_S = 10.0
"""Seconds for what only one door may do to end, before the next one begins with it. If it does not,
this process ends, and that is its end as well."""

COUNTS_S = 5.0
"""Seconds that an arrival waits for what the door before has counted: it is there in a moment."""


def main(
    core: socket.socket,
    pulse: Pulse,
    journal: Journal,
    clock: Clock,
    settings: Settings,
    sockets: Mapping[str, socket.socket],
) -> int:
    """Serve until told to stop."""
    own = Placed(tuple(own_keys(settings)))
    # Who may make unix sockets, and connect, has the core's control socket.
    send = nameless() if hears_people(settings) else None
    placed = keep_to(granted_to("door", settings))
    door = Door(core, pulse, journal, clock, settings, sockets, placed, own, send)
    asyncio.run(door.run())
    return 0


class Door:
    """One run of a door process."""

    def __init__(
        self,
        core: socket.socket,
        pulse: Pulse,
        journal: Journal,
        clock: Clock,
        settings: Settings,
        sockets: Mapping[str, socket.socket],
        placed: Placed = NOWHERE,
        own: Placed = NOWHERE,
        send: socket.socket | None = None,
    ) -> None:
        self._send = send
        self._placed = placed
        self._own = own
        self._outdated = False
        self._pipe = AsyncPipe(core, HEARS)
        self._pulse = pulse
        self._journal = journal
        self._clock = clock
        self._settings = settings
        self._sockets = sockets
        self._remembered = Remembered(settings.keys)
        self._hears_people = hears_people(settings)
        self._keys = self._read_keys() if self._hears_people else make_door_keys(clock.now())
        self._standing = "starting"
        self._free = -1
        """Bytes of room that the core told of; -1: none yet."""
        self._accept: Accept | None = None
        self._began = asyncio.Event()
        self._puts = Puts(self._pipe)
        self._tallies = Tallies()
        self._ways_back = WaysBack(clock)
        self._trying = Trying(self._say)
        self._marks = {name: at.marks() for name, at in settings.transports.items()}
        self._limits = Limits({name: at.per_sender for name, at in settings.transports.items()})
        node = settings.node
        self._weary = Weary(node.door_accepts, node.door_age, time.monotonic)
        self._baton = Baton(pulse.batons)
        self._holds = not self._baton.comes_after
        self._counts = asyncio.Event()
        if self._holds:
            self._counts.set()
        self._alone: list[asyncio.Task[None]] = []
        self._closing = asyncio.Event()
        self._sealed_to: frames.SealTo | None = None

    async def run(self) -> None:
        """Open the transports once the core has said what to seal to; end on SIGTERM, or when
        another door has taken its place and nothing is left to do."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        hear = loop.create_task(self._hear())
        hear.add_done_callback(lambda task: stop.set() if _failed(task) else None)
        tasks = [loop.create_task(self._beat()), hear]
        await self._began.wait()
        together, alone, beside = self._transports()
        listening = [loop.create_task(coroutine) for coroutine in together]
        holding = loop.create_task(self._hold(alone))
        serving = [*listening, holding, *(loop.create_task(coroutine) for coroutine in beside)]
        told = loop.create_task(stop.wait())
        asked = loop.create_task(self._baton.asked())
        tasks.append(asked)
        await asyncio.wait([told, asked, *serving], return_when=asyncio.FIRST_COMPLETED)
        if asked.done() and not told.done():
            handing = loop.create_task(self._hand_over(holding, listening))
            await asyncio.wait([handing, told], return_when=asyncio.FIRST_COMPLETED)
            serving.append(handing)
        await ended([*serving, *self._alone], STOP_S)
        failed = [task for task in serving if not task.cancelled() and task.done()]
        self._say_answered()
        for watching in (*tasks, told):
            watching.cancel()
        for task in [*failed, *([hear] if hear.done() else [])]:
            task.result()  # a transport that ended by itself failed: so does the door

    # ------------------------------------------------------------ from door to door

    async def _hold(self, alone: Sequence[Serving]) -> None:
        """Once the door before has ended its own: do what only one may do at a time."""
        try:
            if not self._holds:
                first = await self._baton.ask()
                self._count_on(first)
                self._take_up({**first, **await self._baton.taken()})
        except asyncio.CancelledError:
            for coroutine in alone:
                coroutine.close()
            raise
        self._alone = [asyncio.create_task(coroutine) for coroutine in alone]
        if self._alone:
            done, _ = await asyncio.wait(self._alone, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        await asyncio.get_running_loop().create_future()  # until cancelled

    def _count_on(self, known: Mapping[str, Any]) -> None:
        """Whoever was over a limit a moment ago is so here."""
        if "limits" in known:
            self._limits.learn(known["limits"])
        self._counts.set()

    def _take_up(self, known: Mapping[str, Any]) -> None:
        """Go on where the door before ended; it may have written what this one has read. If it
        could not say what, and we were granted another file, the next door reads it."""
        self._holds = True
        files = known.get("files", {})
        self._remembered.learn(files)
        self._outdated = not files and self._own.moved()
        if self._hears_people:
            with contextlib.suppress(KeyFileError, OSError):
                self._keys = self._read_keys()
        if self._sealed_to is not None:
            self._seal_to(self._sealed_to)
        self._ways_back.learn(known.get("ways back", {}))

    async def _hand_over(
        self, holding: asyncio.Task[None], listening: Sequence[asyncio.Task[None]]
    ) -> None:
        """Another door listens: let no one in, end what only one may do, and wait for who is
        there. An answer that is being sent may end; those that wait go over."""
        self._pulse.says(RELIEVED)
        self._closing.set()
        self._holds = False
        await self._baton.give({"limits": self._limits.known()})
        await self._ways_back.still(HAND_OVER_S)
        if not await ended([holding, *self._alone], HAND_OVER_S):
            return
        known = {"files": self._remembered.known(), "ways back": self._ways_back.known()}
        await self._baton.give(known)
        await asyncio.wait(listening, timeout=FINISH_S)

    # ------------------------------------------------------------ the ways in

    def _transports(self) -> tuple[list[Serving], list[Serving], list[Serving]]:
        """Every transport of the settings, ready to run: those that may run in two doors, those
        that must not, and what goes along with them for ever."""
        watch = self._watch()
        certificate = watch.certificate if watch else None
        web = http_end(self._sockets.get("http"), certificate if self._settings.https else None)
        together: list[Serving] = []
        alone: list[Serving] = []
        beside: list[Serving] = []
        inlets: dict[str, Inlet | WholeInlet] = {}
        for name, at in self._settings.transports.items():
            opening = self._opening(name, certificate)
            opened = BUILDERS[at.kind](at, opening)
            beside += [routes.probe_asyncio() for routes in opening.probing]
            if opened.run is not None:
                of = alone if opened.alone or opened.fetches else together
                of.append(opened.run(self._ready(name)))
            if opened.inlet is not None:
                inlets[name] = opened.inlet
            if opened.answer is not None:
                self._ways_back.add(name, at, opened.answer, opening.kept("answers"))
            if opened.fetches:
                self._limits.fetches(name)
            self._trying.add(name, writing(at, opening, opened, web))
        alone += self._ways_back.running()
        if self._hears_people:
            together.append(self._local(self._ready("send")))
        if self._settings.http is not None:
            together.append(self._web(inlets, certificate if self._settings.https else None))
        if watch is not None:
            beside.append(watch.run())
        return together, alone, beside

    def _opening(self, name: str, certificate: Certificate | None) -> Opening:
        return Opening(
            name,
            self._settings,
            self._clock,
            self._journal,
            self._keys.node_secret,
            self._take_in,
            turned_away=self._tallies.turning(name),
            service=self._tallies.serving(name),
            alive=self._trying.unless(name, self._tallies.living(name)),
            faring=self._faring(name),
            routed=self._routed(name),
            sock=self._sockets.get(name),
            certificate=certificate,
            remembered=self._remembered.file,
            closing=self._closing,
        )

    def _ready(self, name: str) -> Ready:
        count = len(self._settings.transports) + 1  # `relay send`, and on an exit the page instead
        return lambda _: self._say(frames.Open(name, count))

    def _watch(self) -> Watch | None:
        """The certificate, read, and what reads it again."""
        files = self._settings.tls
        if files is None:
            return None
        certificate = Certificate(
            self._settings.at(files.certificate), self._settings.at(files.key)
        )
        watch = Watch(
            certificate,
            self._journal,
            self._clock,
            lambda why: self._say(frames.Certificate(why)),
        )
        watch.look()
        return watch

    async def _local(self, ready: Callable[[str], None]) -> None:
        """``relay send``. A data folder that cannot be written must not close the other ways in:
        they are there to say "try again later", and no start waits for this one."""
        local = Local(
            self._settings.data / "send",
            self._settings.channels,
            closing=self._closing,
            sock=self._send,
        )
        try:
            await local.run(self._take_in, ready)
        except OSError as error:
            self._journal.say(Event.NO_SEND, why=_why(error))
            ready("send")
            await asyncio.get_running_loop().create_future()  # until cancelled

    def _web(
        self,
        inlets: Mapping[str, Inlet | WholeInlet],
        certificate: Certificate | None,
    ) -> Serving:
        behind = Proxies(self._settings.http.behind if self._settings.http else ())
        folder = page_of(self._settings).rest.get("folder", "public")
        pages = Pages(self._settings.at(folder)) if opens_messages(self._settings) else None
        web = Web(
            self._sockets["http"],
            inlets,
            pages,
            self._health,
            WebLimits(),
            certificate=certificate,
            behind=behind,
            closing=self._closing,
        )

        def open_(address: str) -> None:
            for name in inlets if self._hears_people else ("http",):
                self._ready(name)(address)

        return web.run(open_)

    def _read_keys(self) -> DoorKeys:
        """Raises KeyFileError."""
        content = self._remembered.file(DOOR_KEY).load()
        if content is None:
            raise KeyFileError(f"{DOOR_KEY} is missing")
        return read_door_file(content)

    def _health(self) -> str:
        full = self._puts.full if self._hears_people else self._free == 0
        return "disk" if full and self._standing == "ok" else self._standing

    # ------------------------------------------------------------ taking in

    async def _take_in(self, arrival: Arrival) -> Verdict:
        """ports.TakeIn: yes only when it is durable. Never raises."""
        if self._accept is None or self._standing == "disk":
            return Verdict.BUSY
        self._weary.heard()
        with self._pulse:
            try:
                with contextlib.suppress(TimeoutError):  # then the door before hangs
                    async with asyncio.timeout(COUNTS_S):
                        await self._counts.wait()
                verdict = await self._accept(self._marked(arrival))
                if verdict is Verdict.TAKEN:
                    self._weary.accepted()
                if not self._trying.wrote(arrival.transport, arrival.sender):
                    self._tallies.living(arrival.transport)()
                return verdict
            except Exception:  # any fault of ours is "try again later", and says nothing
                return Verdict.BUSY

    def _marked(self, arrival: Arrival) -> Arrival:
        """With what its transport says of all that comes that way."""
        marks = self._marks.get(arrival.transport)
        return replace(arrival, flags=(*arrival.flags, *marks)) if marks else arrival

    def _faring(self, name: str) -> Callable[[str, str], None]:
        """For a transport that fetches: it says a state of the board, and why."""
        return lambda state, why: self._say(frames.Fares(name, state, why))

    def _routed(self, name: str) -> Told:
        """For a transport that goes out: by which route. A mailbox says it in a thread of its own,
        which may outlive the loop."""
        loop = asyncio.get_running_loop()

        def told(route: str, failures: Mapping[str, Failure]) -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._say, frames.Routed(name, route, dict(failures)))

        return told

    # ------------------------------------------------------------ the core

    async def _beat(self) -> None:
        while True:
            weary = self._weary or self._outdated or self._placed.moved()
            if weary and not self._closing.is_set():
                self._pulse.says(TIRED)
            self._pulse.beat()
            for frame in self._tallies.told():
                self._say(frame)
            self._say_answered()
            await asyncio.sleep(BEAT_S)

    def _say_answered(self) -> None:
        counted = self._ways_back.counted()
        if counted is not None:
            self._say(counted)
        if self._holds:  # until then it may know less than the door before
            for used in self._ways_back.used():
                self._say(used)

    def _say(self, frame: object) -> None:
        with contextlib.suppress(PipeEnded):
            self._pipe.send_now(frame)

    async def _hear(self) -> None:
        """Everything the core says, until it ends; then nothing is taken any more."""
        try:
            while (frame := await self._pipe.receive()) is not None:
                match frame:
                    case frames.Durable() | frames.Full():
                        self._puts.answered(frame)
                    case frames.SealTo():
                        self._seal_to(frame)
                    case frames.Standing():
                        self._standing = frame.word
                    case frames.Room():
                        self._free = frame.free
                        self._limits.room_is(frame.free)
                    case frames.Answer():
                        self._ways_back.answer(frame)
                    case frames.TryWay():
                        self._trying.begin(frame)
        except Damaged:
            self._journal.say(Event.DAMAGED, process="core")
        finally:
            self._standing = "disk"
            self._puts.core_ended()
            self._began.set()

    def _seal_to(self, frame: frames.SealTo) -> None:
        """Take up new keys. The core sends this every day, which is when join secrets roll."""
        self._sealed_to = frame
        may_roll = self._holds and not self._outdated and not frozen_of(self._clock)()
        may_roll = may_roll and self._hears_people
        keys = rolled(self._keys, self._clock.now()) if may_roll else None
        if keys is not None:
            try:
                self._remembered.file(DOOR_KEY).save(door_file(keys))
                self._keys = keys
            except OSError as error:  # secrets that are not on the disk would know no repeat later
                self._journal.say(Event.NOT_ROLLED, why=_why(error))
        return_keys = [ReturnKey(one.id, one.key) for one in frame.return_keys]
        self._ways_back.renew(return_keys)
        secrets = EntrySecrets(
            self._keys.node_secret,
            self._keys.join_secret,
            frame.tag_today,
            frame.tag_yesterday,
            self._keys.join_previous,
            return_keys[0] if return_keys else None,
        )
        recipients = [EpochPublic(one.id, one.public) for one in frame.recipients]
        if self._accept is None:
            road_s = self._settings.node.road_s
            self._accept = Accept(
                secrets, recipients, self._clock, self._puts.put, self._limits, road_s
            )
        else:
            self._accept.renew(secrets, recipients)
        self._began.set()


def _why(error: OSError) -> str:
    """The name of a system's error (errno(3)), which says nothing about a file or a person."""
    return errno.errorcode.get(error.errno or 0, "unknown").lower()


def _failed(task: asyncio.Task[None]) -> bool:
    return not task.cancelled() and task.exception() is not None
