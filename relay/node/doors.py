"""The core's side of the doors: what they seal to, how the node is, what they did not take."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_bytes
from typing import Any

import trio

from relay.errors import SpoolFull
from relay.node.arrivals import Arrivals
from relay.node.board import Board
from relay.node.doorway import Doorway
from relay.node.process import Process
from relay.ports import Clock, Spool
from relay.wire import frames
from relay.wire.keys import ExitPublic
from relay.wire.names import day_of

LOOK_S = 60.0
"""Seconds between two looks whether a new day has begun."""


class Doors:
    """Greets every door with keys to seal to, and hears what its transports report."""

    def __init__(
        self,
        spool: Spool,
        board: Board,
        clock: Clock,
        public: ExitPublic,
        standing: Callable[[], str],
        arrivals: Arrivals,
    ) -> None:
        self._arrivals = arrivals
        self._spool = spool
        self._board = board
        self._clock = clock
        self._public = public
        self._standing = standing
        self._doorways: dict[int, Doorway] = {}
        self._tags = (token_bytes(32), token_bytes(32))
        self._to_open: int | None = None
        self._turned_away = 0

    @property
    def open(self) -> bool:
        """Whether every transport of the settings serves."""
        return self._to_open is not None and self._board.open_count >= self._to_open

    async def connected(self, process: Process) -> Doorway:
        """A new door is there: tell it what it needs to begin."""
        doorway = Doorway(process.pipe, self._spool, self._said, self._arrivals)
        self._doorways[process.pid] = doorway
        await self._greet(doorway)
        return doorway

    def gone(self, process: Process) -> None:
        """A door, or another process, is dead."""
        self._doorways.pop(process.pid, None)

    async def tell_standing(self) -> None:
        """How the node is has changed."""
        for doorway in list(self._doorways.values()):
            await doorway.tell(frames.Standing(self._standing()))

    async def renew(self) -> None:
        """New tag keys every day, in memory only: what is older than two days groups nothing."""
        day = day_of(self._clock.now())
        while True:
            await trio.sleep(LOOK_S)
            if day_of(self._clock.now()) != day:
                day = day_of(self._clock.now())
                self._tags = (token_bytes(32), self._tags[0])
                for doorway in list(self._doorways.values()):
                    await self._greet(doorway)

    async def _greet(self, doorway: Doorway) -> None:
        recipients = tuple(frames.Recipient(one.id, one.public) for one in self._public.epochs)
        await doorway.tell(frames.SealTo(recipients, *self._tags))
        await doorway.tell(frames.Standing(self._standing()))

    async def _said(self, frame: Any) -> None:
        if isinstance(frame, frames.Open):
            self._to_open = frame.of
            self._board.opened(frame.name)
        elif isinstance(frame, frames.Fares):
            self._board.fares(frame.name, frame.state, frame.why)
        elif isinstance(frame, frames.Certificate):
            self._board.certificate = frame.why
        elif isinstance(frame, frames.Heard):
            self._board.heard(frame.name, frame.service, alive=frame.alive)
            self._turned_away += frame.turned_away
            await self._count()

    async def _count(self) -> None:
        counted, self._turned_away = self._turned_away, 0
        if not counted:
            return
        try:
            await self._spool.count(turned_away=counted)
        except SpoolFull:
            self._turned_away += counted
