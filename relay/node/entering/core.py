"""The core of an entry. It holds no key that opens anything: neither an envelope, nor a token.

It is made of the parts that keep and forward. Nothing that reads, shows or posts a message is among
them, and the orders that would need it are refused by name.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

import trio

from relay.clock import SteadyClock
from relay.config import Destination, Settings
from relay.journal import Journal
from relay.node.board import Board
from relay.node.brake import ALL, Brake
from relay.node.budgets import budgets_of
from relay.node.child import Pulse
from relay.node.crossing.bundles import Bundles
from relay.node.crossing.faring import Faring
from relay.node.crossing.following import follow
from relay.node.crossing.forward import Forward, ways_of
from relay.node.crossing.hearing import Hearing
from relay.node.crossing.offering import Offering
from relay.node.crossing.putting import outbound
from relay.node.crossing.returning import Returning
from relay.node.crossing.sweeping import Sweeping
from relay.node.desk.service import AtDesk
from relay.node.doors import LOOK_S, Doors
from relay.node.entering.orders import EntryOrders, nobody
from relay.node.entering.shown import Shown
from relay.node.family import Family
from relay.node.life import Life
from relay.node.listener import listen, serve
from relay.node.outward import Outward
from relay.node.overview import Overview
from relay.node.process import Process
from relay.node.purging import Purging
from relay.node.routed import ways_in
from relay.node.timekeeping import Timekeeping
from relay.plugins import destinations
from relay.rules.clock import caught_up
from relay.wire.batch import Batch
from relay.wire.keys import ExitKeys

NO_KEYS = "keys"
"""How an entry stands that has no key to seal to: for ``/healthz``, and for its doors."""


def main(
    launcher: socket.socket,
    pulse: Pulse,
    journal: Journal,
    clock: SteadyClock,
    at: Settings,
    alone: frozenset[str] = frozenset(),
) -> int:
    """Run until told to stop (0), or until the disk fails (74)."""
    clock.written_here()
    core = EntryCore(launcher, pulse, journal, clock, at, alone)
    trio.run(core.run)
    return core.status


class EntryCore(Life):
    """One run of the core of an entry."""

    board: Board
    brake: Brake
    bundles: Bundles
    offering: Offering
    forward: Forward
    faring: Faring
    returning: Returning
    shown: Shown
    timekeeping: Timekeeping
    purging: Purging

    async def _serve(self) -> None:
        alarmed = destinations(self.settings)
        self._steady.believe(caught_up(self._steady.belief, await self.spool.moved()))
        self.bundles = Bundles(self.settings, self.clock, self._journal)
        await follow(self.spool, self.bundles.identities)
        await self._take_up(alarmed)
        self._link_up()
        self._look_over(alarmed)
        await self._say_what_is_odd()
        self._family = Family(
            self._launcher,
            self._journal,
            self.pulse,
            self._doors,
            self.outward,
            alarmed.keys() - self._alone,
            AtDesk(nobody),
            self.links,
        )
        await self._run()

    async def _take_up(self, alarmed: Mapping[str, Destination]) -> None:
        """What the spool knows of the node: the board; and the doors."""
        at = self.settings
        silent_after = {n: one.silent_after for n, one in at.transports.items()}
        budgets = budgets_of(at, self.spool, self.clock)
        self.board = Board(self.spool, self.clock, silent_after, budgets)
        self.board.reached.knows(ways_in(at))
        await self.board.load([*alarmed, *at.transports, *at.links])
        self._doors = Doors(
            self.spool,
            self.board,
            self.clock,
            self.bundles.seals_to,
            lambda: self.standing,
            self.arrivals,
            self._room,
            self._frozen,
        )
        after_s = {name: peer.after for name, peer in at.peers.items()}
        self._doors.row_of = outbound(self.bundles, after_s, self.clock)
        self.brake = Brake(self.spool, self.clock, at.channels, alarmed, {})
        await self.brake.load()
        # A spool that was set back pauses all that posts. Here that is nothing: an exit knows the
        # ids of what it has, and may be given it once more.
        if self.brake.stops(ALL):
            await self.brake.resume(ALL)
        self._start_paused.unlink(missing_ok=True)

    def _link_up(self) -> None:
        """What goes over links, and what comes back."""
        at = self.settings
        takers = [name for name, peer in at.peers.items() if peer.after]
        self.offering = Offering(self.spool, self.clock, self.bundles, takers, self._doubted)
        hearing = Hearing(self.spool, self.bundles, self._doors.opens, self._doors.answer, takers)
        sweeping = Sweeping(self.spool, self.clock, self.bundles, self.offering, self._doubted)
        self.forward = Forward(
            self.spool,
            self.clock,
            ways_of(at.links),
            self.links,
            self.offering,
            hearing,
            sweeping,
            self.pulse.touch,
        )
        self._sweeping = sweeping
        self.bundles.changed = self._changed
        self.faring = Faring(self.board, self.spool, self._journal, at)
        self.links.begins, self.links.fares = self.faring.begins, self.faring.fares
        self.links.crossed, self.links.turned_away = self.faring.crossed, self.faring.turned_away
        self.links.arrived = self.forward.arrived
        # No entry has an entry: what goes back from here goes to nobody.
        self.returning = Returning((), self._doors.answer, self._doors.opens)

    def _look_over(self, alarmed: Mapping[str, Destination]) -> None:
        """The way out for alarms, the clock, and who looks at all of it."""
        self.outward = Outward(
            self.spool,
            self.board,
            self.clock,
            self._journal,
            alarmed,
            self.brake,
            self.pulse.touch,
            _no_page,
            frozen=self._frozen,
        )
        self.timekeeping = Timekeeping.beside(
            self._steady,
            self.settings.data,
            self._journal,
            self.spool,
            self._doors,
            self.outward,
            {name: one.deadline for name, one in alarmed.items() if name not in self._alone},
            self.brake.stops,
        )
        self.overview = Overview(
            self.spool,
            self.board,
            self.brake,
            self.clock,
            self.settings,
            lambda: self.standing,
            lambda: self.outward.platforms.ahead_s,
            lambda name: self.outward.bridge(name).failed if name in alarmed else 0,
        )
        self.shown = Shown(self.settings, self.clock, self.bundles, self.offering, self.board)
        self.overview.jump = lambda: self.timekeeping.jump
        self.overview.faring = self.faring
        self.overview.exits = self.shown.facts
        self.purging = Purging(
            self.spool,
            self.clock,
            self.settings.spool.keep,
            self._journal,
            self.pulse.touch,
            self._frozen,
        )

    async def _run(self) -> None:
        """Serve until SIGTERM or the end of the launcher."""
        control = listen(self.settings.data / "control")
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            nursery.start_soon(serve, control, EntryOrders(self).answers)
            for task in (self.purging.run, self._stop_when_broken, self._alarm, self._hear_family):
                nursery.start_soon(task)
            for task in (self.timekeeping.run, self._doors.renew, self.board.run, self._stand):
                nursery.start_soon(task)
            nursery.start_soon(self.forward.run)
            with trio.open_signal_receiver(signal.SIGTERM) as signals:
                async for _ in signals:
                    break
            nursery.cancel_scope.cancel()  # what is under way is begun again by the next one

    # ------------------------------------------------------------ keys to seal to

    @property
    def standing(self) -> str:
        """How the node is, in one word."""
        return "ok" if self.bundles.seals_to() else NO_KEYS

    def _changed(self, peer: str) -> None:
        """An exit has other keys: doors seal to these, and what waits is looked at."""
        self._sweeping.ask()
        self._nursery.start_soon(self._tell)

    async def _tell(self) -> None:
        await self._doors.tell_keys()
        await self._doors.tell_standing()

    async def _stand(self) -> None:
        """A day ends, and with it perhaps the last key."""
        while True:
            before = self.standing
            await trio.sleep(LOOK_S)
            if self.standing != before:
                await self._tell()

    # ------------------------------------------------------------ for the command line

    async def carries(self, peer: str) -> AsyncGenerator[Batch, None]:
        """All that waits for an exit, for whoever carries it there by hand."""
        async with aclosing(self.forward.by_hand(peer)) as batches:
            async for batch in batches:
                yield batch

    @property
    def processes(self) -> Mapping[int, Process]:
        """The children, by pid."""
        return self._family.processes

    @property
    def answers(self) -> Mapping[str, int]:
        """What became of the answers to senders since this process began."""
        return self._doors.answers

    @property
    def notices(self) -> Sequence[str]:
        """What was odd about the spool, and what it was to remember, when it was opened."""
        return [*self.spool.notices, *self.board.budgets.notices]

    async def reload(self) -> None:
        """Have the launcher read the settings again."""
        await self._family.reload()


def _no_page(keys: ExitKeys) -> tuple[bytes, bytes]:
    raise AssertionError("an entry signs no page")
