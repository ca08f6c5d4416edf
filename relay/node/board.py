"""The board: how every destination and transport is, since when, and what it did last.

Kept in memory, written to the spool within a second when a state changes and every few seconds when
only counters did. Times are hours: finer ones would tell when somebody wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import trio

from relay.errors import SpoolFull
from relay.exit.rest import USED_UP, Rest, rest_after
from relay.model import (
    HOUR,
    Instant,
    Later,
    Outcome,
    Place,
    Posted,
    Refused,
    Stopped,
    Unsure,
    hour_of,
)
from relay.node.budgets import Budgets
from relay.node.opened import NOT_OPEN, Opened
from relay.node.routed import Reached
from relay.ports import Clock, Spool
from relay.rules.routes import is_cut_off
from relay.wire.frames import Routed

FLUSH_S = 5.0
"""Seconds after which counters are written."""

SOON_S = 1.0
"""Seconds after which a state is: one that changes to and fro costs a commit each time, no more."""


class Board:
    """The rows of the board of one node."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        silent_after: Mapping[str, int] | None = None,
        budgets: Budgets | None = None,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self.budgets = budgets or Budgets(spool, clock)
        """What destinations may use, and have used."""
        self._silent_after = {name: s for name, s in (silent_after or {}).items() if s}
        self._opened = Opened(silent_after or {})
        began = trio.current_time()
        self._alive = dict.fromkeys(self._silent_after, began)
        self._since: dict[str, float] = {}
        self._places: dict[str, Place] = {}
        self._changed: set[str] = set()
        self._turned = trio.Event()
        self.certificate = ""
        """What is wrong with the certificate that transports of kind ``smtp`` show."""
        self.units: dict[str, str] = {}
        """The unit of money that a destination bills in; empty where it bills nothing."""
        self.service: dict[str, int] = {}
        """Service messages a transport got since the start: shown to the operator, never posted."""
        self.reached = Reached({})
        """By which route each destination is reached."""

    async def load(self, names: Iterable[str]) -> None:
        """Take up what the spool knows of these names; others are forgotten. So is what was wrong
        with routes: a new process knows of no failure, and there may be other routes now."""
        known = {place.name: place for place in await self._spool.board()}
        now = hour_of(self._clock.now())
        for name in names:
            place = known.get(name) or Place(name, since=now)
            if place.state == "blocked" and is_cut_off(place.why):
                place = replace(place, state="works", why="", since=now)
            self._places[name] = place
            if place != known.get(name):
                self._changed.add(name)
        await self.budgets.load(known)

    async def run(self) -> None:
        """Write what changed, until cancelled; and once more then."""
        try:
            while True:
                with trio.move_on_after(FLUSH_S - SOON_S):
                    await self._turned.wait()
                await trio.sleep(SOON_S)
                self._turned = trio.Event()
                self._hush()
                self._renew()
                await self._flush()
        finally:
            with trio.move_on_after(1, shield=True):
                await self._flush()

    def _hush(self) -> None:
        """Transports that should have given a sign of life are silent, and those that no door has
        open are blocked."""
        for name in self._opened.stay_shut():
            if name in self._places and self._places[name].state in ("works", "slow", "silent"):
                self.state(name, "blocked", NOT_OPEN)
        for name, after_s in self._silent_after.items():
            if name not in self._places or trio.current_time() - self._alive[name] <= after_s:
                continue
            if self._places[name].state not in ("login", "blocked"):  # these say what to do
                self.state(name, "silent")

    def _renew(self) -> None:
        """With a new day or month there is some again, and with a lower limit nothing may be left:
        also where nothing waits that would show it."""
        for name in list(self._places):
            self.solvent(name)

    async def _flush(self) -> None:
        await self.budgets.flush()
        for name in list(self._changed):
            self._changed.discard(name)
            try:
                await self._spool.place(self._places[name])
            except SpoolFull:
                self._changed.add(name)  # there may be room the next time

    def places(self) -> list[Place]:
        """All rows, by name."""
        return [self._places[name] for name in sorted(self._places)]

    @property
    def open_count(self) -> int:
        """How many transports said that they serve."""
        return self._opened.count

    def opened(self, name: str) -> None:
        """A transport serves. That its other side was silent stays so until it is heard."""
        self._opened.serves(name)
        place = self._places.get(name)
        if place is not None and not (place.state == "silent" and name in self._silent_after):
            self.state(name, "works")

    def shut(self) -> None:
        """No door is left: what does not open again soon takes nothing."""
        self._opened.ended()

    def heard(self, name: str, service: int, *, alive: bool = False) -> None:
        """A transport got service messages, or its other side gave a sign of life."""
        if name not in self._places:
            return
        self.service[name] = self.service.get(name, 0) + service
        if alive:
            self._alive[name] = trio.current_time()
            place = self._places.get(name)
            if place is not None and place.state not in ("login", "spent"):
                self.fares(name, "works")  # those two the transport itself takes back

    def fares(self, name: str, state: str, why: str = "") -> None:
        """What a transport says of itself, if it is in the settings still."""
        if name not in self._places:
            return
        if state == "works":
            self._alive[name] = trio.current_time()
        self.state(name, state, why)

    def expects(self, name: str, after_s: int) -> None:
        """Something is heard of this place at least so often, or it is silent."""
        self._silent_after[name] = after_s
        self._alive[name] = trio.current_time()

    def crossed(self, name: str, count: int) -> None:
        """A link carried something, and so many envelopes with it. How it fares it says itself:
        what comes in may do so while nothing goes out."""
        place = self._places.get(name)
        if place is None:
            return
        now = replace(place, posted=place.posted + count, last=hour_of(self._clock.now()))
        if now != place:  # an entry asks over and over, and mostly there is nothing
            self._places[name] = now
            self._changed.add(name)
        self._alive[name] = trio.current_time()
        if place.state == "silent":
            self.state(name, "works")

    def state(self, name: str, state: str, why: str = "") -> None:
        """Set a state; its hour changes only when the state does."""
        place = self._places[name]
        if (place.state, place.why) != (state, why):
            since = place.since if place.state == state else hour_of(self._clock.now())
            if place.state != state:
                self._since[name] = trio.current_time()
                self._turned.set()
            self._places[name] = replace(place, state=state, why=why, since=since)
            self._changed.add(name)

    def lasts_s(self, name: str) -> float:
        """Seconds since the state last changed, as far as this process knows."""
        return trio.current_time() - self._since.get(name, trio.current_time())

    def is_well(self, name: str) -> bool:
        """Whether it works, as far as anybody knows."""
        place = self._places.get(name)
        return place is not None and place.state == "works"

    def reachable(self, name: str) -> None:
        """The account can post, as far as a check can tell: its operator is not needed any more."""
        if self._places[name].state == "login":
            self._goes(name)

    def routed(self, routed: Routed) -> None:
        """By which route a destination is reached; with none left it is blocked, and with one again
        nothing is known against it. Raises Damaged for what cannot be true."""
        name = routed.destination
        before = self.reached.cut_off(name)
        self.reached.told(routed)
        place = self._places[name]
        if now := self.reached.cut_off(name):
            if place.state in ("works", "slow", "blocked"):  # the others say what a person is to do
                self.state(name, "blocked", now)
        elif before and (place.state, place.why) == ("blocked", before):
            self._goes(name)

    def account(self, name: str, id: str) -> str:
        """The account's id as ``check`` first returned it: keys hang on it, so it stays."""
        place = self._places[name]
        if not place.account:
            self._places[name] = place = replace(place, account=id)
            self._changed.add(name)
            self._turned.set()
        return place.account

    # ------------------------------------------------------------ rests and budgets

    def rested(self, name: str) -> None:
        """A rest is over: nothing is known against the destination any more."""
        if self._places[name].why.startswith(USED_UP):
            self._goes(name)

    def solvent(self, name: str) -> None:
        """A destination that had spent its budget goes on, if there is something left of it by
        now: a new day or month, or somebody gave more. One that works and has nothing left does
        not: nothing goes out. What a transport has spent is another's."""
        place = self._places[name]
        if self.budgets.bounds(name) and place.state in ("works", "slow", "spent"):
            self._goes(name, place.state if place.state == "slow" else "works", place.why)

    def _goes(self, name: str, state: str = "works", why: str = "") -> None:
        """Something goes out there, if no budget of it is spent: that lasts longer. One that only
        alarms go past is spent once something had to wait for it."""
        lacks = self.budgets.lacks(name, over=self._places[name].state != "spent")
        if lacks:
            self.state(name, "spent", lacks)
        else:
            self.state(name, state, "" if state == "works" else why)

    # ------------------------------------------------------------ sends

    def told(self, name: str, outcome: Outcome | Rest) -> None:
        """How a send to a destination ended, or for what rest nothing was sent."""
        match outcome:
            case Posted():
                place = self._places[name]
                last = hour_of(self._clock.now())
                self._places[name] = replace(place, posted=place.posted + 1, last=last)
                self._changed.add(name)
                self._goes(name)  # it may have been the last one
                rest = rest_after(outcome, self._clock.now())
                if rest is not None:
                    self._rests(name, rest.until)
            case Rest(spent=True):
                self.state(name, "spent", outcome.why)
            case Rest():
                self._rests(name, outcome.until)
            case Later():
                why = self.reached.cut_off(name) or outcome.why
                if outcome.scope == "host":
                    self.state(name, "blocked", why)
                else:
                    self._goes(name, "slow", why)
            case Stopped():
                self.state(name, "login", f"{outcome.why}: {outcome.action}")
            case Unsure():
                self._goes(name, "slow", outcome.why)
            case Refused():
                self._goes(name)

    def _rests(self, name: str, until: Instant) -> None:
        """Its limit is used up. The hour is the one by which the rest is over, and no finer."""
        hour = -(-until // HOUR) % 24
        self._goes(name, "slow", f"{USED_UP}: it goes on by {hour:02}h UTC")
