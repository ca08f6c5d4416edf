"""The core's side of the doors: what they seal to, how the node is, what they did not take; and the
answers to people, which a door takes to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import trio

from relay.errors import SpoolFull
from relay.node.arrivals import Arrivals
from relay.node.board import Board
from relay.node.days import DayKeys
from relay.node.door_said import believed
from relay.node.doorway import Doorway, RowOf, of_inbox
from relay.node.process import Process
from relay.ports import Clock, Spool
from relay.rules.budgets import Tally, Use
from relay.wire import frames
from relay.wire.epochs import EpochPublic

DAY_S = 86400

LOOK_S = 60.0
"""Seconds between two looks whether a new day has begun, and how much room there is."""


class Doors:
    """Greets every door with keys to seal to, and hears what its transports report."""

    def __init__(
        self,
        spool: Spool,
        board: Board,
        clock: Clock,
        seals_to: Callable[[], Sequence[EpochPublic]],
        standing: Callable[[], str],
        arrivals: Arrivals,
        room: Callable[[], int],
        frozen: Callable[[], bool] = lambda: False,
    ) -> None:
        """``seals_to`` is asked for the keys that are sealed to now, one an exit, and for none
        where there is none; ``room`` how many bytes are free on the disk above what must stay free;
        ``frozen`` whether the clock is not to be believed: then no day begins, and no key ends."""
        self._frozen = frozen
        self._arrivals = arrivals
        self._spool = spool
        self._board = board
        self._clock = clock
        self._seals_to = seals_to
        self._told: dict[Doorway, tuple[frames.Recipient, ...]] = {}
        self._standing = standing
        self._room = room
        self._doorways: dict[int, Doorway] = {}
        self._days = DayKeys(clock.now())
        self._answers: Counter[str] = Counter()
        self._routed: set[str] = set()
        self.tried: Callable[[frames.TriedWay], None] = lambda frame: None
        """Called with what a door says of a way in that it tried."""
        self.row_of: RowOf = of_inbox
        """What is stored of an envelope that a door hands over."""
        self.durable: Callable[[float], None] = lambda began: None
        """Called in the spool's thread with when something began to be taken that is durable now
        (``time.perf_counter``)."""
        self._to_open: int | None = None
        self.opened = trio.Event()
        """Every transport serves, or once did."""
        self.expected = True
        """Whether there is to be a door at all: an exit without a page has none."""
        self._turned_away = 0

    @property
    def answers(self) -> Mapping[str, int]:
        """What became of answers since the start of the core. ``answered``, ``capped`` and
        ``failed`` as doors report it; ``forgotten``: too late for its key, or no door was there."""
        return {key: self._answers[key] for key in ("answered", "capped", "failed", "forgotten")}

    @property
    def open(self) -> bool:
        """Whether every transport of the settings serves."""
        if not self.expected:
            return True
        return self._to_open is not None and self._board.open_count >= self._to_open

    async def connected(self, process: Process) -> Doorway:
        """A new door is there: tell it what it needs to begin."""
        while self._routed:  # it has seen no route fail yet
            self._board.reached.forget(self._routed.pop())
        doorway = Doorway(
            process.pipe, self._spool, self._said, self._arrivals, self.durable, self.row_of
        )
        self._doorways[process.pid] = doorway
        await self._greet(doorway)
        return doorway

    def gone(self, process: Process) -> None:
        """A door, or another process, is dead."""
        doorway = self._doorways.pop(process.pid, None)
        if doorway is None:
            return
        self._told.pop(doorway, None)
        if not self._doorways:
            self._board.shut()

    async def tell_standing(self) -> None:
        """How the node is has changed."""
        for doorway in list(self._doorways.values()):
            await doorway.tell(frames.Standing(self._standing()))

    async def answer(self, token: bytes, sealed: bytes) -> None:
        """Have a door take an answer to whoever the token is of, or count it and forget it. It is
        no promise: nobody tries again."""
        if not (self._days.opens(token) and await self.tell_one(frames.Answer(token, sealed))):
            self._answers["forgotten"] += 1
            return
        for doorway in self._newest_first()[1:]:  # who asked may wait there, while it is relieved
            await doorway.tell(frames.Answer(token, sealed, waits=True))

    async def tell_one(self, frame: object) -> bool:
        """Tell a door, the newest that serves; False if none is there."""
        for doorway in self._newest_first():
            if await doorway.tell(frame):
                return True
        return False

    def _newest_first(self) -> list[Doorway]:
        """The doors, and those that have not opened a way in after those that have."""
        return sorted(reversed(self._doorways.values()), key=lambda one: not one.serves)

    def moved(self, by_s: int) -> None:
        """Another time is believed, so many seconds later than the one before."""
        self._days.move(round(by_s / DAY_S))

    async def renew(self) -> None:
        """Each minute tell doors of the room there is; each day give them new keys."""
        while True:
            await trio.sleep(LOOK_S)
            new_day = not self._frozen() and self._days.turn(self._clock.now())
            await self.tell_keys(all_of_them=new_day)
            for doorway in list(self._doorways.values()):
                await doorway.tell(frames.Room(self._room()))

    async def tell_keys(self, *, all_of_them: bool = False) -> None:
        """Give each door the keys that are sealed to, where these are others than it has."""
        recipients = self._recipients()
        for doorway in list(self._doorways.values()):
            if all_of_them or self._told.get(doorway) != recipients:
                await self._tell_keys(doorway)

    async def _tell_keys(self, doorway: Doorway) -> None:
        self._told[doorway] = recipients = self._recipients()
        await doorway.tell(frames.SealTo(recipients, *self._days.tags, self._days.returns))

    async def _greet(self, doorway: Doorway) -> None:
        await self._tell_keys(doorway)
        await doorway.tell(frames.Room(self._room()))
        await doorway.tell(frames.Standing(self._standing()))

    @property
    def tag_keys(self) -> tuple[bytes, bytes]:
        """Today's tag key and yesterday's."""
        return self._days.tags

    def _recipients(self) -> tuple[frames.Recipient, ...]:
        return tuple(frames.Recipient(one.id, one.public) for one in self._seals_to())

    def opens(self, token: bytes) -> bool:
        """Whether a door can open this token still."""
        return self._days.opens(token)

    async def _said(self, frame: Any) -> None:
        """Raises Damaged for what no door of ours says."""
        frame = believed(frame)
        if isinstance(frame, frames.Open):
            self._to_open = frame.of
            self._board.opened(frame.name)
            if self.open:
                self.opened.set()
        elif isinstance(frame, frames.Fares):
            self._board.fares(frame.name, frame.state, frame.why)
        elif isinstance(frame, frames.Routed):
            self._board.reached.told(frame)
            self._routed.add(frame.destination)
        elif isinstance(frame, frames.Certificate):
            self._board.certificate = frame.why
        elif isinstance(frame, frames.Answered):
            self._answers.update(answered=frame.answered, capped=frame.capped, failed=frame.failed)
        elif isinstance(frame, frames.TriedWay):
            self.tried(frame)
        elif isinstance(frame, frames.AnswersUsed):
            use = Use(Tally(frame.day, frame.today), Tally(frame.month, frame.this_month))
            self._board.budgets.answered(frame.name, use)
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
