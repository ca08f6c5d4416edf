"""Windows kept to: what they hold waits at the gate of its destination, and goes out in order.

Nothing is lost or grows old by a window: what waits goes on waiting, and what would be old news
when it is over is held for a person then, and counted. What is being sent when it begins may end.
While a window is in force nobody asks the platform for anything, but what an operator says now is
tried all the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from functools import partial

import trio

from relay.errors import Asked, Damaged, SpoolFull
from relay.exit.rest import Rest
from relay.journal import Event, Journal
from relay.model import Later, Outcome, Place
from relay.node.calendar import Calendar
from relay.node.gate import Gate, HoldsStale, is_learned
from relay.node.kept_releases import RELEASE
from relay.node.missed import missed
from relay.node.planned import in_window, releasing
from relay.ports import Clock, Spool
from relay.rules.windows import Window


class Holding:
    """The gates of one node."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        calendar: Calendar,
        destinations: Collection[str],
        journal: Journal,
    ) -> None:
        self.calendar = calendar
        self._spool = spool
        self._clock = clock
        self._journal = journal
        self._gates = {name: self._gate(name) for name in destinations}
        self._holds_stale: HoldsStale | None = None
        self._heard: dict[str, Later | None] = {}
        self._changed = trio.Event()
        self.opened: Callable[[str], None] = lambda name: None
        """Told the name of each destination whose window is over."""

    def _gate(self, name: str) -> Gate:
        return Gate(name, self._spool, self._clock, self.calendar, partial(self._is_open, name))

    def _is_open(self, name: str) -> None:
        self.opened(name)

    @classmethod
    async def loaded(
        cls,
        spool: Spool,
        clock: Clock,
        windows: Sequence[Window],
        destinations: Collection[str],
        journal: Journal,
        frozen: Callable[[], bool] = lambda: False,
    ) -> Holding:
        """The gates of a node that starts, with the windows of its settings and those it keeps."""
        calendar = Calendar(spool, clock, windows, destinations, frozen)
        await calendar.load()
        holding = cls(spool, clock, calendar, destinations, journal)
        await holding.load()
        return holding

    async def load(self) -> None:
        """Take up the releases that were to come, or under way, when the last process ended, and
        those of windows that it did not live to see."""
        kept = await self._spool.remembered()
        for name, gate in self._gates.items():
            value = kept.get(RELEASE + name)
            if value is None or not await self._takes_up(gate, value):
                await self._slept_through(gate)

    async def _takes_up(self, gate: Gate, value: bytes) -> bool:
        """Go on with a release; False if it was damaged and is forgotten."""
        try:
            gate.load(value)
        except Damaged:
            said = "how a window is followed was damaged: it is followed as always"
            self.calendar.notices.append(said)
            with contextlib.suppress(SpoolFull):
                await self._spool.remember(RELEASE + gate.name, b"")
            return False
        return True

    async def _slept_through(self, gate: Gate) -> None:
        """Follow a window that came and went while there was no process."""
        if self.calendar.stands_still:
            return
        release = await missed(self._spool, self.calendar.all(), gate.name, self.calendar.now)
        if release is not None:
            gate.follows(release)

    def gate(self, name: str) -> Gate:
        """The gate of a destination of the settings."""
        return self._gates[name]

    def stops(self, name: str) -> bool:
        """Whether a window keeps everything from beginning there; any name may be asked for."""
        return name in self._gates and self._gates[name].stops()

    def releases(self, name: str) -> bool:
        """Whether what a window held goes out there; any name may be asked for."""
        gate = self._gates.get(name)
        return gate is not None and gate.release is not None and self.calendar.at(name) is None

    def shown(self, place: Place, due: int) -> Place:
        """A place of the board as its windows make it, where ``due`` would go out now."""
        if place.name not in self._gates:
            return place
        gate, now = self._gates[place.name], self.calendar.now
        held, release = self.calendar.at(place.name), gate.release
        if held is not None:
            return in_window(place, held, release, due, now)
        return place if release is None else releasing(place, release, due, gate.wait_s, now)

    # ------------------------------------------------------------ what is learned

    def told(self, name: str, outcome: Outcome | Rest) -> None:
        """How a send ended: a platform may say that it is away, and until when."""
        if isinstance(outcome, Later) and is_learned(outcome, self._clock.now()):
            self._heard[name] = outcome
            self._wake()

    def nudge(self, name: str) -> None:
        """An operator says that a platform is back, whatever it said itself."""
        self._heard[name] = None
        self._wake()

    def learned(self, name: str) -> bool:
        """Whether a window is in force there that its platform has named."""
        held = self.calendar.at(name) if name in self._gates else None
        return held is not None and held.window.learned

    def lets_go(self, name: str) -> bool:
        """An operator wants what a window held to go out as always, without its order and pace;
        whether there was any that did not."""
        let_go = name in self._gates and self._gates[name].lets_go()
        if let_go:
            self._wake()
        return let_go

    async def _learn(self) -> None:
        while self._heard:
            name, later = self._heard.popitem()
            with contextlib.suppress(SpoolFull):  # its poster waits in any case
                if later is None:
                    await self._unlearn(name)
                elif later.not_before is not None:
                    await self.calendar.learn(name, later.not_before, later.why)

    async def _unlearn(self, name: str) -> None:
        for one in self.calendar.all():
            if one.origin == "learned" and name in one.window.destinations:
                with contextlib.suppress(Asked):  # somebody else has taken it away meanwhile
                    await self.calendar.remove(one.window.name)

    # ------------------------------------------------------------ a life

    def unlocks(self, holds_stale: HoldsStale) -> None:
        """The keys are there: a window that is over may be followed."""
        self._holds_stale = holds_stale
        self._wake()

    async def run(self) -> None:
        """See windows begin and end, until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._follow)
            for gate in self._gates.values():
                nursery.start_soon(self._watch, gate)

    async def _follow(self) -> None:
        """Wake who watches. Nothing is awaited here but the calendar, so that no word of it is
        missed."""
        while True:
            await self.calendar.changed()
            self._wake()

    async def _watch(self, gate: Gate) -> None:
        while True:
            changed = self._changed
            await self._learn()
            stale = await gate.look(self._holds_stale)
            if stale:
                self._journal.say(Event.STALE, destination=gate.name, count=stale)
            await changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()


def no_windows(
    spool: Spool, clock: Clock, destinations: Collection[str], journal: Journal
) -> Holding:
    """The gates of a node without windows: always open."""
    return Holding(spool, clock, Calendar(spool, clock, (), destinations), destinations, journal)
