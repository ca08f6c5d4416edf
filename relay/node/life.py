"""The life of a core, whatever its role: the spool is opened, served, and closed, and the launcher
sees all the while that the process lives. It ends with status 74 when the disk fails."""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence

import trio

from relay.clock import SteadyClock, doubted_of, frozen_of
from relay.config import Settings
from relay.errors import Busy, SpoolBroken, SpoolFull
from relay.journal import Event, Journal
from relay.node.alarms import Alarms
from relay.node.arrivals import Arrivals
from relay.node.brake import START_PAUSED
from relay.node.child import BEAT_S, Pulse
from relay.node.crossing.links import Links
from relay.node.family import Family
from relay.node.outward import Outward
from relay.node.overview import Overview
from relay.node.pipes import Pipe
from relay.ports import Clock
from relay.spool.room import free_bytes
from relay.spool.sqlite import SqliteSpool
from relay.wire import frames

EX_TEMPFAIL = 75
"""The exit status for a disk that is full: unlike a broken one it is tried again for ever."""


class Life(ABC):
    """One run of a core. ``alone`` are the destinations that have an outlet of their own: no start
    waits for these."""

    spool: SqliteSpool
    outward: Outward
    overview: Overview
    _family: Family
    _nursery: trio.Nursery

    def __init__(
        self,
        launcher: socket.socket,
        pulse: Pulse,
        journal: Journal,
        clock: SteadyClock,
        settings: Settings,
        alone: frozenset[str] = frozenset(),
    ) -> None:
        self.status = 0
        self._alone = alone
        self.pulse = pulse
        self.clock: Clock = clock
        self._steady = clock
        self.settings = settings
        self._frozen = frozen_of(clock)
        self._doubted = doubted_of(clock)
        self._journal = journal
        self._launcher = Pipe(launcher, (frames.Child, frames.Dead, frames.Beat))
        self._start_paused = settings.data / START_PAUSED
        self.arrivals = Arrivals()
        self.links = Links(lambda: self._nursery, settings.links, settings.peers)
        self._broken = trio.Event()

    async def run(self) -> None:
        """Open the spool, serve, and close it; and say all the while that this process lives."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._beat)
            await self._opened()
            nursery.cancel_scope.cancel()

    async def _opened(self) -> None:
        token = trio.lowlevel.current_trio_token()
        try:
            self.spool = await trio.to_thread.run_sync(self._open_spool, token)
        except (SpoolBroken, SpoolFull, Busy) as error:
            self._journal.say(Event.NOT_OPENED, why=type(error).__name__.lower())
            self.status = EX_TEMPFAIL if isinstance(error, SpoolFull) else error.exit_code
            return
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
            set_back=self._start_paused.exists(),
            on_broken=lambda: token.run_sync_soon(self._broken.set),
            frozen=self._doubted,
            road_s=at.node.road_s,
        )

    @abstractmethod
    async def _serve(self) -> None:
        """Wire the parts together, and serve until SIGTERM or the end of the launcher."""

    @property
    @abstractmethod
    def notices(self) -> Sequence[str]:
        """What was odd about the spool, and what it was to remember."""

    async def _say_what_is_odd(self) -> None:
        if self.notices:
            self._journal.say(Event.NOTICES, count=len(self.notices))
        lost = (await self.spool.counts()).lost
        if lost:
            self._journal.say(Event.LOST, lost=lost)

    def _room(self) -> int:
        """Bytes on the disk above what must stay free."""
        try:
            free = free_bytes(self.settings.data)
        except OSError:  # the folder is gone, and with it every room there was
            return 0
        return max(0, free - self.settings.spool.min_free_bytes)

    async def _hear_family(self) -> None:
        await self._family.run()
        self._nursery.cancel_scope.cancel()  # the launcher has ended, and so do we

    async def _stop_when_broken(self) -> None:
        await self._broken.wait()
        self._nursery.cancel_scope.cancel()

    async def _beat(self) -> None:
        while True:
            self.pulse.beat()
            await trio.sleep(BEAT_S)

    async def _alarm(self) -> None:
        at = self.settings.alarms
        if at is not None:
            bridges = {name: self.outward.paying(name, alarms=True) for name in at.to}
            await Alarms(self.overview, bridges, self.clock, at).run()
