"""The exit's side of the core: the steps, and for every destination its account and its loop.

A destination is checked, posted to while it can be, and checked again when its account was refused.
What stops one destination stops no other. When the node is stopped nothing more is begun, and what
is being sent may end: broken off, it would be doubtful.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TypeVar

import trio

from relay.config import Destination
from relay.errors import SpoolFull
from relay.exit.account import Account
from relay.exit.elsewhere import Elsewhere
from relay.exit.fitting import Fitted, Fitting
from relay.exit.post import Posting
from relay.exit.rest import Rest
from relay.exit.settle import FULL_S, together
from relay.journal import Event, Journal
from relay.model import (
    Attempt,
    Change,
    Later,
    Lookup,
    Media,
    Outcome,
    Queue,
    Removal,
    Row,
    Sent,
    Unknown,
)
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.calls import Outlet
from relay.node.fallback import Fallback
from relay.node.holding import Holding, no_windows
from relay.node.poster import Poster
from relay.node.proxy import CHECK_TOO_LONG, BridgeProxy
from relay.node.purse import PayingBridge, Purse
from relay.node.rerouting import Rerouting
from relay.node.scouts import Scouts
from relay.node.skew import Platforms
from relay.node.stale import Stale
from relay.node.stranded import Stranded
from relay.node.taken_down import TakenDown
from relay.node.workers import Steps
from relay.ports import Cleaner, Clock, Spool
from relay.rules.fallbacks import Fallbacks
from relay.wire import frames
from relay.wire.keys import ExitKeys

T = TypeVar("T")

MOST_LARGE = 2
"""Messages with media that are prepared at a time, for all destinations together."""

REMOVE_S = 20.0
"""Seconds for a platform to take one part back, or to be asked for it: a person waits."""

RECHECK_S = 60.0
"""Seconds until an account that could not post is asked again."""

WAYS_S = 3600.0
"""Seconds until the page is told the ways in again: what changed by then is the day at most."""


class Outward:
    """Every destination of one node. ``ages`` are those at which deliveries of a channel are held
    (seconds; 0: never), ``fallbacks`` where they go instead. ``holding`` are the windows; without
    it there are none. ``ticks`` are the release intervals (seconds) of the destinations that have
    one; ``frozen`` says whether the clock is not to be believed; ``drawn`` are the destinations at
    which what is due together goes out in any order."""

    def __init__(
        self,
        spool: Spool,
        board: Board,
        clock: Clock,
        journal: Journal,
        destinations: Mapping[str, Destination],
        brake: Brake,
        did: Callable[[], None],
        ways: Callable[[ExitKeys], tuple[bytes, bytes]],
        ages: Mapping[str, int] = MappingProxyType({}),
        holding: Holding | None = None,
        ticks: Mapping[str, int] = MappingProxyType({}),
        fallbacks: Mapping[str, Fallbacks] = MappingProxyType({}),
        frozen: Callable[[], bool] = lambda: False,
        drawn: Collection[str] = frozenset(),
    ) -> None:
        self._spool = spool
        self._drawn = drawn
        self._fitting: Fitting | None = None
        self._large = trio.CapacityLimiter(MOST_LARGE)
        self._board = board
        self._clock = clock
        self._journal = journal
        self._destinations = destinations
        self._brake = brake
        self._did = did
        self._ways = ways
        self._taken_down = TakenDown(spool)
        self._ages = ages
        self._ticks = ticks
        self._fallbacks = fallbacks
        self._frozen = frozen
        self._elsewhere: Elsewhere | None = None
        self._stranded = Stranded(spool, clock, self._way_back)
        self._posting: set[str] = set()
        pages = {name for name, one in destinations.items() if one.bridge == "feed"}
        self._scouts = Scouts(self._takes, board.is_well, pages)
        self._holding = holding or no_windows(spool, clock, destinations, journal)
        self._holding.opened = self._window_over
        self._bridges = {name: BridgeProxy(name) for name in destinations}
        self._recheck = {name: trio.Event() for name in destinations}
        self._posters: dict[str, Poster] = {}
        board.reached.knows({name: one.routes for name, one in destinations.items()})
        self.platforms = Platforms()
        self._ending = False
        self._idle: set[trio.CancelScope] = set()

    def serves(self, outlet: Outlet, how: frames.Serves) -> None:
        """An outlet says that it serves a destination, and how."""
        if how.destination in self._bridges:
            self._board.reached.forget(how.destination)
            self._bridges[how.destination].served(outlet, how)
            self._board.units[how.destination] = self._bridges[how.destination].bills
            self._recheck[how.destination].set()

    def routed(self, routed: frames.Routed) -> None:
        """An outlet says by which route a destination is reached: what a check said before that may
        be another thing now, and what waited for want of one goes on. Raises Damaged for what
        cannot be true."""
        cut_off = self._board.reached.cut_off(routed.destination)
        self._board.routed(routed)
        if cut_off and not self._board.reached.cut_off(routed.destination):
            self._stranded.back(routed.destination)
        if routed.destination in self._recheck:
            self._recheck[routed.destination].set()

    def nudge(self, name: str) -> None:
        """An operator wants this destination tried again now, whatever it waits for."""
        self._holding.nudge(name)
        if name in self._recheck:
            self._recheck[name].set()
        if name in self._posters:
            self._posters[name].nudge()

    def comes_back(self, name: str) -> bool:
        """An operator says that a platform is back; False if it did not say itself that it is
        away."""
        away = self._holding.learned(name)
        if away:
            self.nudge(name)
        return away

    def lets_go(self, name: str) -> bool:
        """An operator wants what a window held to go on without its order and pace; False if
        nothing goes out in such a way there."""
        return self._holding.lets_go(name)

    def _window_over(self, name: str) -> None:
        """A window is over there: nothing that was said before it counts any more."""
        if name in self._posters:
            self._posters[name].wake()

    def _way_back(self, name: str) -> None:
        if name in self._posters:
            self._posters[name].way_back()

    def bridge(self, name: str) -> BridgeProxy:
        """The bridge of a destination of the settings."""
        return self._bridges[name]

    def paying(self, name: str, *, alarms: bool = False) -> PayingBridge:
        """The same for what is no delivery: what it uses is counted. ``alarms``: it is for them."""
        return PayingBridge(self._bridges[name], Purse(self._board.budgets, name), alarms=alarms)

    async def remove(self, name: str, ref: str) -> Removal | None:
        """Take back what a destination has under this ref; None where its platform cannot."""
        if name not in self._bridges:
            return Later("it is not in the settings any more")
        if self._destinations[name].bridge == "feed":  # a ref there is the id that the core made
            await self._taken_down.add(ref)
        return await self._bridges[name].remove(ref, REMOVE_S)

    async def find(self, name: str, attempt: Attempt) -> Lookup:
        """Look an attempt up at a destination."""
        if name in self._bridges:
            with trio.move_on_after(REMOVE_S):
                return await self._bridges[name].find(attempt)
        return Unknown()

    async def run(self, steps: Steps, keys: ExitKeys, cleaner: Cleaner | None = None) -> None:
        """Everything that opens and posts, until ``finish``. By ``cleaner`` media are made to fit
        where they go; without it they go as they are."""
        async with trio.open_nursery() as nursery:
            if cleaner is not None:
                self._fitting = Fitting(cleaner)
                nursery.start_soon(self._unless_ending, self._fitting.run)
            nursery.start_soon(self._unless_ending, steps.run)
            nursery.start_soon(self._unless_ending, self._stranded.run)
            stale = Stale(
                self._spool, self._clock, keys, self._ages, self._holding.stops, self._frozen
            )
            nursery.start_soon(self._unless_ending, stale.run)
            self._holding.unlocks(stale.all_of)
            self._elsewhere = Elsewhere(
                self._spool, self._clock, keys, self._ticks, self._destinations
            )
            nursery.start_soon(self._unless_ending, self._elsewhere.leave)
            fallback = self._falls_back(keys, self._elsewhere)
            nursery.start_soon(self._unless_ending, fallback.run)
            nursery.start_soon(self._unless_ending, self._reroutes(self._elsewhere).run)
            for name in self._destinations:
                nursery.start_soon(self._serve, name, keys, stale)

    def _reroutes(self, elsewhere: Elsewhere) -> Rerouting:
        return Rerouting(
            self._spool,
            self._clock,
            self._holding.calendar,
            self._brake,
            elsewhere,
            self._scouts,
            self._destinations,
        )

    def _falls_back(self, keys: ExitKeys, elsewhere: Elsewhere) -> Fallback:
        def went(name: str, to: str, count: int) -> None:
            self._journal.say(Event.FELL_BACK, count=count, destination=name, to=to)

        return Fallback(
            self._spool,
            self._clock,
            keys,
            self._fallbacks,
            elsewhere,
            self._brake,
            self._scouts,
            went,
            self._frozen,
        )

    def _takes(self, name: str) -> bool:
        """Whether what comes to this destination now is tried at once."""
        tries = name in self._posting and not self._holding.stops(name)
        return tries and self._board.budgets.has_left(name)

    def finish(self) -> None:
        """Begin nothing more; ``run`` ends when what is being sent has."""
        self._ending = True
        for scope in list(self._idle):
            scope.cancel()
        for poster in self._posters.values():
            poster.finish()

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

    async def _serve(self, name: str, keys: ExitKeys, stale: Stale) -> None:
        bridge = self._bridges[name]
        deadline_s = self._destinations[name].deadline
        while not self._ending:
            self._recheck[name] = trio.Event()
            await self._unless_ending(self._holding.gate(name).free)
            health = await self._unless_ending(partial(bridge.healthy, deadline_s))
            if health is None:
                return
            trouble = health.trouble or self._unlimited(name)
            if trouble:
                state = "slow" if trouble == CHECK_TOO_LONG else "login"
                if cut_off := self._board.reached.cut_off(name) if health.trouble else "":
                    state, trouble = "blocked", cut_off
                self._board.state(name, state, trouble)
                self._journal.say(Event.DESTINATION, destination=name, state=state)
            else:
                account = self._account(name, health.account)
                async with trio.open_nursery() as nursery:
                    if account.signed:
                        nursery.start_soon(self._tell_ways, name, keys)
                    await self._post(bridge, account, keys, stale)
                    nursery.cancel_scope.cancel()
                self._recheck[name] = trio.Event()
            # Also after a check that was good: it may say less than the send that was refused.
            with trio.move_on_after(RECHECK_S):
                await self._unless_ending(self._recheck[name].wait)

    def _unlimited(self, name: str) -> str:
        """Why it does not start, where it bills posts and nobody said how much they may cost."""
        bills = self._bridges[name].bills
        written = self._destinations[name]
        if not bills or written.money_per_month or written.money_per_day:
            return ""
        return f"each post is billed in {bills}: set money_per_month"

    async def _tell_ways(self, name: str, keys: ExitKeys) -> None:
        """Have the page show the ways in and what was withdrawn, with days that stay young."""
        before = ""
        while True:
            changed = self._taken_down.changed
            bridge, deadline_s = self._bridges[name], self._destinations[name].deadline
            trouble = await bridge.ways(*self._ways(keys), deadline_s)
            listed = await self._taken_down.stated(keys, self._clock.now())
            trouble = await bridge.withdrawn(*listed, deadline_s) or trouble
            if trouble or before:
                self._board.state(name, "slow" if trouble else "works", trouble)
            before = trouble
            with trio.move_on_after(RECHECK_S if trouble else WAYS_S):
                await changed.wait()

    def _account(self, name: str, id: str) -> Account:
        written = self._destinations[name]
        return Account(
            name,
            self._board.account(name, id),
            written.bridge == "feed",
            written.on_unsure,
            written.deadline,
            written.bridge,
        )

    async def _post(
        self, bridge: BridgeProxy, account: Account, keys: ExitKeys, stale: Stale
    ) -> None:
        """Post to a destination until its account is refused, or the node is stopped."""
        name = account.name
        if not await self._reopen(name):
            self._board.reachable(name)
        self._board.rested(name)  # of what lasts still the first turn tells

        def late() -> None:
            self._journal.say(Event.LATE_REPORT)

        def told(outcome: Outcome | Rest) -> None:
            self._board.told(name, outcome)
            self._scouts.told(name, outcome)
            self._holding.told(name, outcome)

        async def holds(row: Row) -> bool:
            return gate.stops() or await self._brake.holds(row)

        gate = self._holding.gate(name)
        bridge.sends = gate.begins
        self._board.solvent(name)
        purse = Purse(self._board.budgets, name)
        posting = Posting(
            self._spool,
            bridge,
            account,
            keys,
            self._clock,
            late,
            holds,
            purse,
            keeps=gate.keeps_place,
            elsewhere=self._elsewhere,
            unreached=lambda: bool(self._board.reached.cut_off(name)),
            fit=partial(self._fit, bridge),
            large=self._large,
        )
        poster = Poster(
            self._spool,
            self._clock,
            posting,
            account,
            bridge.at_once,
            self._brake,
            told,
            self._did,
            partial(self._board.rested, name),
            stale.put_aside,
            gate,
            self._stranded.ended,
            drawn=name in self._drawn,
        )
        self._posters[name] = poster
        if not self._ending:
            self._posting.add(name)
            try:
                await poster.run()
            finally:
                self._posting.discard(name)

    async def _fit(self, bridge: BridgeProxy, row: Row, media: Sequence[Media]) -> Fitted | None:
        if self._fitting is None:
            return Fitted(tuple(media))
        return await self._fitting.fitted(row, media, bridge.fits)

    async def _reopen(self, name: str) -> bool:
        """The account can post again: what was stopped for it waits again. Whether there was
        anything."""
        after, reopened = 0, False
        while rows := await self._spool.look(queue=Queue.POST, after=after):
            after = rows[-1].seq
            stopped = [row for row in rows if row.name == name and row.state == Sent.STOPPED]
            await together(partial(self._waits_again, row) for row in stopped)
            reopened |= bool(stopped)
        return reopened

    async def _waits_again(self, row: Row) -> bool:
        while True:
            try:
                return await self._spool.change(row, Change(Queue.POST, Sent.WAITING, due=0))
            except SpoolFull:
                await trio.sleep(FULL_S)
