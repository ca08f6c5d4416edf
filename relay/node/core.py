"""The core: the spool, the keys, the policy, the board. It opens no connection of its own.

It starts with its spool and its doors; the exit's loops start when ``exit.key`` is open, at once
where the passphrase lies in a file, else after ``relay unlock``. It ends with status 74 when the
disk fails, and then acknowledges nothing more.
"""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from secrets import token_bytes
from typing import Any, TypeVar

import trio

from relay.config import Settings, seconds
from relay.control import listen, serve
from relay.errors import (
    Busy,
    Damaged,
    KeyFileError,
    SpoolBroken,
    SpoolFull,
    WrongPassphrase,
)
from relay.exit.post import Account, Posting
from relay.exit.settle import FULL_S
from relay.journal import Event, Journal
from relay.keyfiles import read_line, read_secret
from relay.model import Change, Outcome, Queue, Row, Sent, hour_of
from relay.node.board import Board
from relay.node.child import BEAT_S, Pulse
from relay.node.doorway import Doorway
from relay.node.orders import Orders
from relay.node.pipes import Pipe, PipeEnded
from relay.node.proxy import TO_CORE, BridgeProxy, Outlet, Process, Readers
from relay.node.workers import Poster, Steps
from relay.plugins import destinations, page_of
from relay.ports import Clock
from relay.rules.policy import Policy
from relay.spool.sqlite import SqliteSpool
from relay.wire import frames
from relay.wire.item import key_words
from relay.wire.keys import ExitKeys, exit_public, unlock_exit

T = TypeVar("T")

RECHECK_S = 60.0
"""Seconds until an account that could not post is asked again."""

STOP_S = 3.0
"""Seconds that sends under way get when the node is stopped; what is left becomes unsure."""

LAST_S = 1.0
"""Seconds for an outlet to say how a send ended that was broken off."""

PURGE_S = 60.0

EX_TEMPFAIL = 75
"""The exit status for a disk that is full: unlike a broken one it is tried again for ever."""


def main(
    launcher: socket.socket, pulse: Pulse, journal: Journal, clock: Clock, at: Settings
) -> int:
    """Run until told to stop (0), or until the disk fails (74)."""
    core = Core(launcher, pulse, journal, clock, at)
    trio.run(core.run)
    return core.status


class Core:
    """One run of the core process."""

    def __init__(
        self,
        launcher: socket.socket,
        pulse: Pulse,
        journal: Journal,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self.status = 0
        self._launcher = Pipe(launcher, (frames.Child, frames.Dead, frames.Beat))
        self._pulse = pulse
        self._journal = journal
        self.clock = clock
        self.settings = settings
        self._exit_file = read_secret(settings.keys / "exit.key")
        self.keys: ExitKeys | None = None
        self._unlocked = trio.Event()
        self._broken = trio.Event()
        self.processes: dict[int, Process] = {}
        self.pulse = pulse
        self._outlets: dict[int, Outlet] = {}
        self._doorways: dict[int, Doorway] = {}
        self._readers = Readers(self._kill)
        self._destinations = destinations(settings)
        self._bridges = {name: BridgeProxy(name) for name in self._destinations}
        self._recheck = {name: trio.Event() for name in self._destinations}
        self._posters: dict[str, Poster] = {}
        self._tags = (token_bytes(32), token_bytes(32))
        self._said_ready = False
        self._ending = False
        self._idle: set[trio.CancelScope] = set()
        self._turned_away = 0
        self.spool: SqliteSpool
        self.board: Board

    # ------------------------------------------------------------ life

    async def run(self) -> None:
        """Open the spool, serve, and close it."""
        token = trio.lowlevel.current_trio_token()
        try:
            self.spool = await trio.to_thread.run_sync(self._open_spool, token)
        except (SpoolBroken, SpoolFull, Busy) as error:
            self._journal.say(Event.NOT_OPENED, why=type(error).__name__.lower())
            self.status = EX_TEMPFAIL if isinstance(error, SpoolFull) else error.exit_code
            return
        if self.spool.notices:
            self._journal.say(Event.NOTICES, count=len(self.spool.notices))
        try:
            await self._serve()
        except* SpoolBroken:
            self._broken.set()
        finally:
            if self._broken.is_set():
                self._journal.say(Event.DISK)
                self.status = SpoolBroken.exit_code
            with trio.CancelScope(shield=True):
                await trio.to_thread.run_sync(self.spool.close)

    def _open_spool(self, token: trio.lowlevel.TrioToken) -> SqliteSpool:
        at = self.settings
        return SqliteSpool.open(
            at.data,
            at.keys / "seen",
            clock=self.clock,
            min_free_bytes=at.spool.min_free_bytes,
            ballast_bytes=at.spool.ballast_bytes,
            on_broken=lambda: token.run_sync_soon(self._broken.set),
        )

    async def _serve(self) -> None:
        self.board = Board(self.spool, self.clock)
        await self.board.load([*self._destinations, *self.settings.transports])
        lost = (await self.spool.counts()).lost
        if lost:
            self._journal.say(Event.LOST, lost=lost)
        orders = Orders(self)
        control = listen(self.settings.data / "control")
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            for task in (self._beat, self._purge, self._exit, self._stop_when_broken, self._tag):
                nursery.start_soon(task)
            nursery.start_soon(self.board.run)
            nursery.start_soon(serve, control, orders.answers)
            nursery.start_soon(self._children)
            self._unlock_by_file()
            with trio.open_signal_receiver(signal.SIGTERM) as signals:  # to the end: it may repeat
                async for _ in signals:
                    break
                await self._wind_down()
            nursery.cancel_scope.cancel()

    async def _wind_down(self) -> None:
        """Begin nothing more, and let what is being sent end: broken off, it would be doubtful."""
        self._ending = True
        for scope in list(self._idle):
            scope.cancel()
        for poster in self._posters.values():
            poster.finish()
        with trio.move_on_after(STOP_S):
            await self._exit_ended.wait()
        self._exit_scope.cancel()
        with trio.move_on_after(LAST_S):
            await self._exit_ended.wait()

    async def _unless_ending(self, wait: Callable[[], Awaitable[T]]) -> T | None:
        """Wait for what a stop need not wait for; None if the node is being stopped."""
        if self._ending:
            return None
        with trio.CancelScope() as scope:
            self._idle.add(scope)
            try:
                return await wait()
            finally:
                self._idle.discard(scope)
        return None

    async def _stop_when_broken(self) -> None:
        await self._broken.wait()
        self._nursery.cancel_scope.cancel()

    async def _beat(self) -> None:
        while True:
            self._pulse.beat()
            await trio.sleep(BEAT_S)

    async def _purge(self) -> None:
        while True:
            await trio.sleep(PURGE_S)
            before = hour_of(self.clock.now()) - self.settings.spool.keep
            with contextlib.suppress(SpoolFull):  # there may be room the next time
                while await self.spool.purge(before):
                    self._pulse.touch()

    # ------------------------------------------------------------ children

    async def _children(self) -> None:
        """Hear the launcher: who was started, who lives, who is dead. It ends us when it ends."""
        while True:
            frame = await self._launcher.receive()
            match frame:
                case frames.Child():
                    self._connected(frame)
                case frames.Beat() if frame.pid in self.processes:
                    self.processes[frame.pid].busy = frame.busy
                case frames.Dead() if frame.pid in self.processes:
                    process = self.processes.pop(frame.pid)
                    self._nursery.start_soon(self._bury, process, frame.status)
                case None:
                    self._nursery.cancel_scope.cancel()
                    return

    def _connected(self, frame: frames.Child) -> None:
        descriptor = self._launcher.passed.pop()
        pipe = Pipe(socket.socket(fileno=descriptor), TO_CORE)
        process = Process(frame.role, frame.pid, pipe)
        self.processes[frame.pid] = process
        if frame.role == "reader":
            self._readers.connected(process)
            return
        hear: Callable[[Any], Any]
        if frame.role == "outlet":
            outlet = Outlet(process, self._kill)
            self._outlets[frame.pid] = outlet
            hear = lambda said: self._from_outlet(outlet, said)  # noqa: E731
        else:
            doorway = Doorway(process.pipe, self.spool, self._door_said)
            self._doorways[frame.pid] = doorway
            self._nursery.start_soon(self._greet, doorway)
            hear = doorway.said
        self._nursery.start_soon(self._hear, process, hear)

    async def _hear(self, process: Process, hear: Callable[[Any], Any]) -> None:
        try:
            while (frame := await process.pipe.receive()) is not None:
                self._pulse.touch()
                await hear(frame)
        except PipeEnded:
            return
        except Damaged:
            self._journal.say(Event.DAMAGED, process=process.role)
            await self._kill(process.pid)
        finally:
            process.heard.set()

    async def _bury(self, process: Process, status: int) -> None:
        """The launcher says that it is dead: hear what it said last, then end what waits for it."""
        process.status = status
        if process.role != "reader":
            await process.heard.wait()
        process.dead.set()
        process.pipe.close()
        self._doorways.pop(process.pid, None)
        outlet = self._outlets.pop(process.pid, None)
        if outlet is not None:
            outlet.died()

    async def _kill(self, pid: int) -> None:
        await self._launcher.send(frames.Kill(pid))

    async def _from_outlet(self, outlet: Outlet, frame: Any) -> None:
        match frame:
            case frames.Serves():
                if frame.destination in self._bridges:
                    self._bridges[frame.destination].served(outlet, frame)
                    self._recheck[frame.destination].set()
                    await self._ready()
            case frames.Keeps():
                self._nursery.start_soon(outlet.kept, frame)
            case _:
                if not outlet.answered(frame.n, frame):
                    self._journal.say(Event.LATE_REPORT)

    # ------------------------------------------------------------ doors

    async def _greet(self, doorway: Doorway) -> None:
        public = exit_public(self._exit_file)
        recipients = tuple(frames.Recipient(one.id, one.public) for one in public.epochs)
        await doorway.tell(frames.SealTo(recipients, *self._tags))
        await doorway.tell(frames.Standing(self.standing))

    @property
    def notices(self) -> Sequence[str]:
        """What was odd about the spool when it was opened."""
        return self.spool.notices

    @property
    def page_key(self) -> str:
        """The page key as its eight words."""
        return key_words(exit_public(self._exit_file).page)

    @property
    def standing(self) -> str:
        """How the node is, in one word."""
        return "ok" if self._unlocked.is_set() else "locked"

    async def _tag(self) -> None:
        """New tag keys every day, in memory only: what is older than two days groups nothing."""
        day = self.clock.now() // 86400
        while True:
            await trio.sleep(60)
            if self.clock.now() // 86400 != day:
                day = self.clock.now() // 86400
                self._tags = (token_bytes(32), self._tags[0])
                for doorway in list(self._doorways.values()):
                    await self._greet(doorway)

    async def _door_said(self, frame: Any) -> None:
        if isinstance(frame, frames.Open):
            self.board.opened(frame.name)
            await self._ready(frame.of)
        elif isinstance(frame, frames.Heard):
            self.board.heard(frame.name, frame.service)
            self._turned_away += frame.turned_away
            counted, self._turned_away = self._turned_away, 0
            try:
                await self.spool.count(turned_away=counted)
            except SpoolFull:
                self._turned_away += counted

    async def _ready(self, transports: int | None = None) -> None:
        if transports is not None:
            self._to_open = transports
        served = all(bridge.serving for bridge in self._bridges.values())
        if not self._said_ready and served and self.board.open_count >= self._to_open:
            self._said_ready = True
            await self._launcher.send(frames.Ready())

    _to_open = 1 << 30

    # ------------------------------------------------------------ the exit

    def _unlock_by_file(self) -> None:
        path = self.settings.at(self.settings.node.passphrase_file)
        if path.exists():
            try:
                self.unlock(read_line(path))
                return
            except (WrongPassphrase, KeyFileError):
                pass  # a file that does not open it is as good as none: locked, and said so
        self._journal.say(Event.LOCKED)

    def unlock(self, passphrase: bytes) -> None:
        """Open ``exit.key``. Raises WrongPassphrase."""
        self.keys = unlock_exit(self._exit_file, passphrase)
        if not self._unlocked.is_set():
            self._unlocked.set()
            self._journal.say(Event.UNLOCKED)
        for doorway in self._doorways.values():
            self._nursery.start_soon(doorway.tell, frames.Standing(self.standing))

    async def _exit(self) -> None:
        self._exit_scope = trio.CancelScope()
        self._exit_ended = trio.Event()
        try:
            with self._exit_scope:
                await self._unless_ending(self._unlocked.wait)
                if self.keys is not None and not self._ending:
                    await self._run_exit(self.keys)
        finally:
            self._exit_ended.set()

    async def _run_exit(self, keys: ExitKeys) -> None:
        steps = Steps(
            self.spool,
            self.clock,
            keys,
            self._readers,
            self.policies,
            {"page": seconds(page_of(self.settings).rest.get("tick", "10m"))},
            self._pulse.touch,
        )
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._unless_ending, steps.run)
            for name in self._destinations:
                nursery.start_soon(self._post, name, keys)

    @property
    def policies(self) -> Mapping[str, Policy]:
        return {
            name: Policy(one.destinations, one.review, one.delay, one.danger)
            for name, one in self.settings.channels.items()
        }

    async def _post(self, name: str, keys: ExitKeys) -> None:
        """Serve one destination for ever: check its account, post while it can, check again."""
        bridge = self._bridges[name]
        destination = self._destinations[name]
        while not self._ending:
            self._recheck[name] = trio.Event()
            health = await self._unless_ending(partial(bridge.healthy, destination.deadline))
            if health is None:
                return
            if health.trouble:
                self.board.state(name, "login", health.trouble)
                self._journal.say(Event.DESTINATION, destination=name, state="login")
                await self._until_recheck(name)
                continue
            account = Account(
                name,
                self.board.account(name, health.account),
                destination.bridge == "feed",
                destination.on_unsure,
                destination.deadline,
            )
            if not await self._reopen(name):
                self.board.reachable(name)
            posting = Posting(self.spool, bridge, account, keys, self.clock, self._late)

            def told(outcome: Outcome) -> None:
                self.board.told(name, outcome)

            self._posters[name] = Poster(
                self.spool,
                self.clock,
                posting,
                account,
                bridge.at_once,
                told,
                self._pulse.touch,
            )
            if not self._ending:
                await self._posters[name].run()
            self._recheck[name] = trio.Event()
            await self._until_recheck(name)  # a check may say less than a send: not at once

    async def _until_recheck(self, name: str) -> None:
        with trio.move_on_after(RECHECK_S):
            await self._unless_ending(self._recheck[name].wait)

    def nudge(self, name: str) -> None:
        """An operator wants this destination tried again now, whatever it waits for."""
        if name in self._destinations:
            self._recheck[name].set()
        if name in self._posters:
            self._posters[name].nudge()

    def _late(self) -> None:
        self._journal.say(Event.LATE_REPORT)

    async def _reopen(self, name: str) -> int:
        """The account can post again: what was stopped for it waits again. Gives how many."""
        after = reopened = 0
        while rows := await self.spool.look(queue=Queue.POST, after=after):
            after = rows[-1].seq
            for row in rows:
                if row.name == name and row.state == Sent.STOPPED:
                    reopened += await self._waits_again(row)
        return reopened

    async def _waits_again(self, row: Row) -> bool:
        while True:
            try:
                return await self.spool.change(row, Change(Queue.POST, Sent.WAITING, due=0))
            except SpoolFull:
                await trio.sleep(FULL_S)
