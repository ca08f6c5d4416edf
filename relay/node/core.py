"""The core: the spool, the keys, the policy, the board. It opens no connection of its own.

It starts with its spool and its doors; the exit's loops start when ``exit.key`` is open, at once
where the passphrase lies in a file or comes from systemd, else after ``relay unlock``. It ends with
status 74 when the disk fails, and then acknowledges nothing more.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import AsyncGenerator, Mapping, Sequence

import trio

from relay.clock import SteadyClock
from relay.config import Destination, Settings
from relay.config.windows_checks import windows_of
from relay.errors import Asked
from relay.exit.known import Senders
from relay.exit.obey import Obeying
from relay.exit.record import Record
from relay.exit.withdraw import Withdrawal
from relay.journal import Event, Journal
from relay.keyfiles import Kept
from relay.model import Row
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.budgets import budgets_of
from relay.node.canary import Canary
from relay.node.child import Pulse
from relay.node.crossing.faring import Faring
from relay.node.crossing.giving_back import GivingBack
from relay.node.crossing.newest import NewestKeys
from relay.node.crossing.returning import Returning
from relay.node.crossing.taking import Taking
from relay.node.desk.drills import Drills
from relay.node.desk.feed import Feed
from relay.node.desk.flow import Flow
from relay.node.desk.handovers import Handovers
from relay.node.desk.noticing import Noticing
from relay.node.desk.panicking import Panicking
from relay.node.desk.people import People
from relay.node.desk.service import AtDesk
from relay.node.doors import Doors
from relay.node.exit_key import ExitKey
from relay.node.family import Family
from relay.node.holding import Holding
from relay.node.kept_originals import KeptOriginals
from relay.node.life import Life
from relay.node.listener import listen, serve
from relay.node.orders import Orders
from relay.node.outward import Outward
from relay.node.overview import Overview
from relay.node.policies import drawn, policies_of
from relay.node.process import Process
from relay.node.purging import Purging
from relay.node.replies import Asked as AskedFor
from relay.node.replies import Replies
from relay.node.roles import has_door
from relay.node.rolling.left import left
from relay.node.rolling.rolling import Rolling, rolling_of
from relay.node.routed import ways_in
from relay.node.timekeeping import Timekeeping
from relay.node.ways import stated
from relay.node.workers import Steps
from relay.plugins import destinations, ticks
from relay.rules.clock import caught_up
from relay.rules.exits import Exits
from relay.wire.batch import Batch
from relay.wire.epochs import EpochPublic
from relay.wire.item import key_words
from relay.wire.keys import ExitKeys

STOP_S = 3.0
"""Seconds that sends under way get when the node is stopped; what is left becomes unsure."""

LAST_S = 1.0
"""Seconds for an outlet to say how a send ended that was broken off."""

SENDERS = "senders"
"""The file of the known senders, beside exit.key and sealed under it."""


def main(
    launcher: socket.socket,
    pulse: Pulse,
    journal: Journal,
    clock: SteadyClock,
    at: Settings,
    alone: frozenset[str] = frozenset(),
) -> int:
    """Run until told to stop (0), or until the disk fails (74). ``alone`` are the destinations that
    have an outlet of their own: no start waits for these."""
    clock.written_here()
    core = Core(launcher, pulse, journal, clock, at, alone)
    trio.run(core.run)
    return core.status


class Core(Life):
    """One run of the core process; ``orders.Node`` for the command line."""

    def __init__(
        self,
        launcher: socket.socket,
        pulse: Pulse,
        journal: Journal,
        clock: SteadyClock,
        settings: Settings,
        alone: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(launcher, pulse, journal, clock, settings, alone)
        self.policies = policies_of(settings)
        self.keys: ExitKeys | None = None
        self.senders: Senders | None = None
        self.replies: Replies | None = None
        self.rolling: Rolling | None = None
        self.board: Board
        self.brake: Brake
        self.holding: Holding
        self.canary: Canary
        self.people: People
        self.flow: Flow
        self.drills: Drills
        self.handovers: Handovers
        self.noticing: Noticing
        self.panicking: Panicking
        self.timekeeping: Timekeeping
        self.purging: Purging
        self._exit_key = ExitKey(settings)
        self._unlocked = trio.Event()
        self._exit_ended = trio.Event()
        self._exit_scope = trio.CancelScope()

    # ------------------------------------------------------------ life

    async def _serve(self) -> None:
        """Wire the parts together, and serve until SIGTERM or the end of the launcher."""
        posted_to = destinations(self.settings)
        await self._take_up(posted_to)
        self._go_outward(posted_to)
        self._look_over()
        self._link_up()
        await self.overview.hiding.begin()
        self.canary = await Canary.beside(self, self._doors)
        self.drills = Drills(self.canary, self.clock)
        self.handovers = Handovers(self.spool, self.clock, lambda: self.keys)
        self.panicking = Panicking(
            self.settings.keys, self.settings.base, lambda: self._family.panic()
        )
        orders = Orders(self)
        self.people = People(self, orders.answers, self._frozen)
        self._desk = AtDesk(self.people.answers)
        self.noticing = Noticing(
            self.spool,
            self.clock,
            lambda: self._doors.tag_keys,
            self._desk.note,
            self.policies,
            self.settings.transports,
        )
        self._feed = Feed(
            self.spool,
            orders.at_desk.looking.cards,
            self._desk.news,
            lambda: self._desk.is_there and self.people.some_may("cards"),
            lambda: self.standing,
        )
        await self._say_what_is_odd()
        self._family = Family(
            self._launcher,
            self._journal,
            self.pulse,
            self._doors,
            self.outward,
            posted_to.keys() - self._alone,
            self._desk,
            self.links,
        )
        await self._run()

    async def _take_up(self, posted_to: Mapping[str, Destination]) -> None:
        """What the spool knows of the node: the board, the brake, the windows. And the doors."""
        # First of all: the process before may have ended in the middle of `relay clock accept`.
        self._steady.believe(caught_up(self._steady.belief, await self.spool.moved()))
        silent_after = {n: one.silent_after for n, one in self.settings.transports.items()}
        self.board = Board(
            self.spool, self.clock, silent_after, budgets_of(self.settings, self.spool, self.clock)
        )
        self.board.reached.knows(ways_in(self.settings))
        await self.board.load([*posted_to, *self.settings.transports, *self.settings.links])
        self._doors = Doors(
            self.spool,
            self.board,
            self.clock,
            self._seals_to,
            lambda: self.standing,
            self.arrivals,
            self._room,
            self._frozen,
        )
        self._doors.expected = has_door(self.settings)
        self.flow = Flow(self.spool, self.clock, lambda: self.keys, self._frozen)
        self._doors.durable = self.flow.accepted
        self.brake = Brake(
            self.spool,
            self.clock,
            self.settings.channels,
            posted_to,
            ticks(self.settings),
        )
        await self.brake.load()
        if self.spool.set_back:  # it has paused everything itself, in one commit with what it found
            self._journal.say(Event.SET_BACK)
        self._start_paused.unlink(missing_ok=True)
        self.holding = await Holding.loaded(
            self.spool,
            self.clock,
            windows_of(self.settings, self.clock.now()),
            posted_to,
            self._journal,
            self._frozen,
        )

    def _go_outward(self, posted_to: Mapping[str, Destination]) -> None:
        """The exit's side, and the clock, which asks platforms for their time."""
        self.outward = Outward(
            self.spool,
            self.board,
            self.clock,
            self._journal,
            posted_to,
            self.brake,
            self.pulse.touch,
            self._stated,
            {name: policy.stale for name, policy in self.policies.items()},
            self.holding,
            ticks=ticks(self.settings),
            fallbacks={name: one.fallbacks for name, one in self.settings.channels.items()},
            frozen=self._frozen,
            drawn=drawn(self.settings),
        )
        self.timekeeping = Timekeeping.beside(
            self._steady,
            self.settings.data,
            self._journal,
            self.spool,
            self._doors,
            self.outward,
            {name: one.deadline for name, one in posted_to.items() if name not in self._alone},
            lambda name: self.brake.stops(name) or self.holding.stops(name),
        )

    def _look_over(self) -> None:
        """Who looks at all of it, for the command line and the alarms."""
        self.overview = Overview(
            self.spool,
            self.board,
            self.brake,
            self.clock,
            self.settings,
            lambda: self.standing,
            lambda: self.outward.platforms.ahead_s,
            self._failed,
            lambda: self.replies,
            lambda: self.senders is not None and not self.senders.opened,
        )
        self.purging = Purging(
            self.spool,
            self.clock,
            self.settings.spool.keep,
            self._journal,
            self.pulse.touch,
            self._frozen,
        )
        self.overview.jump = lambda: self.timekeeping.jump
        self.overview.windows = self.holding.shown
        self.overview.releases = self.holding.releases
        self.overview.calendar = self.holding.calendar
        self.overview.exits = self._own_keys

    def _link_up(self) -> None:
        """What goes over links: how they fare, and, but for an entry, what entries hand over and
        what goes back to them."""
        at = self.settings
        self.faring = Faring(self.board, self.spool, self._journal, at)
        self.links.begins, self.links.fares = self.faring.begins, self.faring.fares
        self.links.crossed, self.links.turned_away = self.faring.crossed, self.faring.turned_away
        entries = () if at.node.role == "entry" else at.peers
        own, opens = self._doors.answer, self._doors.opens
        self.returning = Returning(entries, own, opens, NewestKeys(self._exit_key))
        self.giving_back = GivingBack(self.links, self.returning, at)
        self.overview.faring, self.overview.going_back = self.faring, self.giving_back.waiting
        if at.node.role != "entry":
            self.links.arrived = Taking(
                self.spool,
                self.clock,
                self.returning,
                self.giving_back.answers,
                self.giving_back.by_itself,
                self.arrivals,
                self._room,
                self._doubted,
                self.faring.knocked,
            ).arrived

    async def carries(self, peer: str) -> AsyncGenerator[Batch, None]:
        """Envelopes for an exit: there are none, since every peer of this node is an entry."""
        return
        yield

    async def _run(self) -> None:
        """Serve until SIGTERM or the end of the launcher."""
        control = listen(self.settings.data / "control")
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            nursery.start_soon(serve, control, self.people.terminal)
            nursery.start_soon(self._kept_originals().run)
            for task in (self.purging.run, self._open_exit, self._stop_when_broken):
                nursery.start_soon(task)
            for task in (self._alarm, self.timekeeping.run):
                nursery.start_soon(task)
            nursery.start_soon(self.holding.run)
            nursery.start_soon(self.people.run)
            nursery.start_soon(self._feed.run)
            for task in (self.flow.run, self.drills.run, self.giving_back.run):
                nursery.start_soon(task)
            for task in (self._doors.renew, self.board.run, self._hear_family, self.canary.run):
                nursery.start_soon(task)
            if not self._exit_key.open_by_file(self.unlock):
                self._journal.say(Event.LOCKED)
            with trio.open_signal_receiver(signal.SIGTERM) as signals:  # to the end: it may repeat
                async for _ in signals:
                    break
                await self._wind_down()
            nursery.cancel_scope.cancel()

    def _failed(self, name: str) -> int:
        return self.outward.bridge(name).failed if name in destinations(self.settings) else 0

    async def _wind_down(self) -> None:
        """Begin nothing more, and let what is being sent end: broken off, it would be doubtful."""
        self.outward.finish()
        self.canary.finish()
        if not self._unlocked.is_set():
            self._exit_scope.cancel()
        with trio.move_on_after(STOP_S):
            await self._exit_ended.wait()
            await self.canary.ended()
        self._exit_scope.cancel()
        with trio.move_on_after(LAST_S):
            await self._exit_ended.wait()

    def _kept_originals(self) -> KeptOriginals:
        return KeptOriginals(
            self.spool,
            self.clock,
            self.settings.spool.keep_originals,
            self._journal,
            self.pulse.touch,
            self._frozen,
        )

    # ------------------------------------------------------------ the exit

    def unlock(self, passphrase: bytes) -> None:
        """Open ``exit.key``. Raises WrongPassphrase."""
        opened = self._exit_key.opened(passphrase)
        if self.keys is None:  # else it is the one that everybody has, and is renewed in place
            self.keys = opened
        if self.senders is None:
            self.senders = Senders(Kept(self.settings.keys / SENDERS), self.keys)
        self.people.unlock(self.keys)
        if not self._unlocked.is_set():
            self._unlocked.set()
            self._journal.say(Event.UNLOCKED)
        self._nursery.start_soon(self._doors.tell_standing)

    async def _open_exit(self) -> None:
        try:
            with self._exit_scope:
                await self._unlocked.wait()
                assert self.keys is not None
                self.rolling = self._rolling_of(self.keys)
                await self.rolling.begin()
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self.rolling.run)
                    await self.noticing.begin(self.keys)
                    nursery.start_soon(self.noticing.run, self.keys)
                    self.replies = self._replies_of(self.keys)
                    nursery.start_soon(self.replies.run)
                    nursery.start_soon(self.overview.hiding.run, self.keys)
                    steps = self._steps(self.keys)
                    await self.outward.run(steps, self.keys, self._family.cleaners)
                    nursery.cancel_scope.cancel()
        finally:
            self._exit_ended.set()

    def _seals_to(self) -> Sequence[EpochPublic]:
        """The key of the day, also while the exit is locked; none where it has ended."""
        key = self._exit_key.public.of(self.clock.now())
        return () if key is None else (key,)

    def _own_keys(self) -> Exits:
        odd = () if self.rolling is None else self.rolling.odd
        return left(self._exit_key, self.clock.now(), odd, locked=not self._unlocked.is_set())

    def _rolling_of(self, keys: ExitKeys) -> Rolling:
        return rolling_of(
            keys,
            self._exit_key,
            self._doors.tell_keys,
            self.spool,
            self.clock,
            self.settings.node.road_s,
            self._journal,
            self.arrivals,
            self.pulse.touch,
            self._frozen,
            self._doubted,
        )

    def _steps(self, keys: ExitKeys) -> Steps:
        self._family.readers.opens_with(keys.mail)
        return Steps(
            self.spool,
            self.clock,
            keys,
            self._family.readers,
            self._family.cleaners,
            self.policies,
            ticks(self.settings),
            self.brake,
            self.pulse.touch,
            self.arrivals,
            Obeying(
                self.spool,
                self.clock,
                keys,
                self.policies,
                Withdrawal(self.spool, keys, self.outward.remove, self.outward.find),
                self.returning.answer,
                self._knows,
            ),
            self._knows,
            self.settings.node.segments_wait,
            self.canary.heard,
            self._came,
            self.noticing.noticed,
        )

    def _came(self, row: Row, record: Record) -> None:
        self.overview.hiding.came(row, record)
        self.flow.came(row, record)

    def _replies_of(self, keys: ExitKeys) -> Replies:
        asked = {
            name: AskedFor(self.outward.bridge(name), one.ask_replies, one.deadline)
            for name, one in destinations(self.settings).items()
            if one.ask_replies
        }
        return Replies(self.spool, keys, asked, self.holding.stops)

    async def _knows(self, code: str, tags: Sequence[bytes]) -> str | None:
        return None if self.senders is None else await self.senders.knows(code, tags)

    def _stated(self, keys: ExitKeys) -> tuple[bytes, bytes]:
        return stated(self.settings, self.clock.now(), keys.page)

    # ------------------------------------------------------------ for the command line

    @property
    def processes(self) -> Mapping[int, Process]:
        """The children, by pid."""
        return self._family.processes

    @property
    def answers(self) -> Mapping[str, int]:
        """What became of the answers to senders since this process began: of those that go back to
        entries, how many wait to be heard there, and how many were."""
        of_doors, of_entries = self._doors.answers, self.returning.counts
        forgotten = of_doors["forgotten"] + of_entries["forgotten"]
        return {**of_doors, **of_entries, "forgotten": forgotten}

    @property
    def notices(self) -> Sequence[str]:
        """What was odd about the spool, and what it was to remember, when it was opened."""
        of = (self.spool, self.board.budgets, self.holding.calendar, self.canary, self.rolling)
        return [notice for one in of if one is not None for notice in one.notices]

    @property
    def page_key(self) -> str:
        """The page key as its eight words."""
        return key_words(self._exit_key.public.page)

    @property
    def standing(self) -> str:
        """How the node is, in one word."""
        return "ok" if self._unlocked.is_set() else "locked"

    @property
    def ways(self) -> tuple[bytes, bytes] | None:
        """The signed statement of the ways in, and its signature; None while locked."""
        return None if self.keys is None else self._stated(self.keys)

    def nudge(self, name: str) -> None:
        """Try a destination again now."""
        self.outward.nudge(name)

    async def reload(self) -> None:
        """Have the launcher read the settings again: it ends this process and starts a new one.

        Raises Asked if that would lock a node that a person has unlocked.
        """
        if self._unlocked.is_set() and not self._exit_key.opens_by_itself():
            raise Asked("exit.key was unlocked by hand, and would be locked")
        await self._family.reload()
