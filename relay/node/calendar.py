"""The calendar: which windows there are, and which of them is in force where.

Windows come from ``relay.toml``, from the command line, and from a platform that said when it would
be back. While the clock is not trusted none of them begins or ends.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import trio

from relay.errors import Asked, SpoolFull
from relay.model import Instant
from relay.node.kept_windows import KeptWindows
from relay.ports import Clock, Spool
from relay.rules.backoff import LONGEST_REST_S
from relay.rules.periods import Look, Periods
from relay.rules.windows import Once, Period, Window

Origin = Literal["settings", "command", "learned"]

LOOK_S = 60.0
"""Seconds after which all is looked at again: the wall clock may have been set meanwhile."""

FORGOTTEN_S = 86400
"""Seconds for which a window that was added is still listed when it is over."""


@dataclass(frozen=True, slots=True)
class Held:
    """A window and one of its periods: that which is in force, or comes."""

    window: Window
    period: Period


@dataclass(frozen=True, slots=True)
class _Answer:
    """What ``at`` says from ``since`` on and before ``until``."""

    since: Instant
    until: float
    held: Held | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A window as `relay window list` has it. ``now`` is the period it is in, ``then`` the next; it
    is over where there is neither. ``shadowed``: the settings have one of its name, which counts
    instead. ``unknown`` are the destinations it names that nothing is posted to."""

    window: Window
    origin: Origin
    now: Period | None
    then: Period | None
    shadowed: bool = False
    unknown: tuple[str, ...] = ()


class Calendar:
    """All windows of one node. ``windows`` are those of the settings, ``destinations`` those that
    something is posted to; ``frozen`` says whether the clock is not trusted now."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        windows: Sequence[Window],
        destinations: Collection[str],
        frozen: Callable[[], bool] = lambda: False,
    ) -> None:
        self._kept = KeptWindows(spool)
        self._clock = clock
        self._settings = {window.name: window for window in windows}
        self._destinations = frozenset(destinations)
        self._frozen = frozen
        self._instant: Instant | None = None
        self._periods = Periods()
        self._said: dict[str, Held | None] = {}
        self._answers: dict[str, _Answer] = {}
        self._changed = trio.Event()

    async def load(self) -> None:
        """Take up what was added and learned before."""
        await self._kept.load()
        await self._forget()

    @property
    def notices(self) -> list[str]:
        """What was odd about what was kept."""
        return self._kept.notices

    @property
    def now(self) -> Instant:
        """The instant that windows go by: it stands still while the clock is not trusted."""
        if self._instant is None or not self._frozen():
            self._instant = self._clock.now()
        return self._instant

    @property
    def stands_still(self) -> bool:
        """Whether no window begins or ends, since the clock is not trusted."""
        return self._frozen()

    # ------------------------------------------------------------ what is in force

    def at(self, destination: str) -> Held | None:
        """The window that is in force for a destination. Of several one that holds goes before one
        that sends elsewhere, then that which ends last, and then that which began last."""
        now, known = self.now, self._answers.get(destination)
        if known is None or not known.since <= now < known.until:
            known = self._answers[destination] = self._answer(destination)
        if self._said.get(destination) != known.held:
            self._said[destination] = known.held
            self._wake()
        return known.held

    def _answer(self, destination: str) -> _Answer:
        looks = [(window, self._look(window)) for window in self._of(destination)]
        found = (Held(window, look.now) for window, look in looks if look.now is not None)
        held = max(found, key=_counts, default=None)
        until = min((look.until for _, look in looks), default=math.inf)
        return _Answer(self.now, until, held)

    def coming(self, destination: str, within_s: int) -> list[Held]:
        """The windows that begin within so many seconds for a destination, the next one first; not
        those at whose beginning what they do goes on as it is."""
        latest, before = self.now + within_s, self.at(destination)
        found = (
            Held(window, period)
            for window in self._of(destination)
            if (period := self._look(window).then) is not None and period.begins <= latest
        )
        coming = []
        for one in sorted(found, key=lambda one: (one.period.begins, -one.period.ends)):
            if before is None or not _goes_on(before, one):
                coming.append(one)
                before = one
            elif one.period.ends > before.period.ends:
                before = one
        return coming

    async def changed(self) -> None:
        """Wait until the answer of ``at`` may have changed for any destination; at most a minute,
        so that whoever waits asks again."""
        event = self._changed
        with trio.move_on_after(self._until_s()):
            await event.wait()

    def _until_s(self) -> float:
        """Seconds until something begins or ends."""
        now = self.now
        return min([LOOK_S, *(self._look(window).until - now for window in self._all())])

    def _look(self, window: Window) -> Look:
        return self._periods.look(window, self.now)

    def _of(self, destination: str) -> Iterator[Window]:
        return (window for window in self._all() if destination in window.destinations)

    def _all(self) -> Iterator[Window]:
        """What counts. Where there is no such place any more to send to, what is held waits."""
        for window, _, shadowed in self._origins():
            if not shadowed:
                gone = window.to and window.to not in self._destinations
                yield replace(window, do="hold", to="") if gone else window

    def _origins(self) -> Iterator[tuple[Window, Origin, bool]]:
        for window in self._settings.values():
            yield window, "settings", False
        for window in self._kept.of("command").values():
            yield window, "command", window.name in self._settings
        for window in self._kept.of("learned").values():
            if not self._is_past(window):
                yield window, "learned", False

    def _is_other(self) -> None:
        """There are other windows than before."""
        self._answers.clear()
        self._periods.keep(list(self._all()))
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    # ------------------------------------------------------------ added, learned, taken away

    async def add(self, window: Window) -> None:
        """Add a window, in place of an added one of its name. Raises SpoolFull."""
        await self._kept.keep(window)
        self._is_other()
        await self._forget()

    async def learn(self, destination: str, until: Instant, why: str) -> None:
        """A platform says until when it is away: what is for it is held so long, but six hours at
        the most. On a full disk it is, but not beyond this process."""
        now = self.now
        known = self._kept.of("learned").get(destination)
        lasting = self._look(known).now if known is not None else None
        begins = now if lasting is None else lasting.begins
        times = Once(begins, min(until, now + LONGEST_REST_S), "UTC")
        window = Window(destination, (destination,), times, why=why, learned=True)
        with contextlib.suppress(SpoolFull):
            await self._kept.keep(window)
        self._is_other()
        await self._forget()

    async def remove(self, name: str) -> Window:
        """Take away a window that was added, or what was learned of a destination; if it is in
        force it ends. Raises Asked, and SpoolFull for one that was added."""
        window = self._kept.of("command").get(name) or self._kept.of("learned").get(name)
        if window is not None:
            try:
                await self._kept.forget(window)
            except SpoolFull:  # what was learned is over soon by itself
                if not window.learned:
                    raise
            self._is_other()
            return window
        if name in self._settings:
            raise Asked(
                f"windows.{name} is in the settings: take it out of the file, then reload the node"
            )
        raise Asked(self._no_such(name))

    def _no_such(self, name: str) -> str:
        """What there is instead where somebody names a destination."""
        held = self.at(name)
        if held is None:
            return "no window has that name: see `relay window list`"
        there = held.window.name
        if there in self._settings:
            remedy = "it is in the settings, take it out of the file, then reload the node"
        else:
            remedy = f"`relay window remove {there}`"
        return f"{there} is in force for {name}: {remedy}"

    async def _forget(self) -> None:
        """Keep no longer what is over."""
        if not self._frozen():
            for kind in ("command", "learned"):
                for window in list(self._kept.of(kind).values()):
                    if self._is_past(window):
                        with contextlib.suppress(SpoolFull):  # there may be room the next time
                            await self._kept.forget(window)

    def _is_past(self, window: Window) -> bool:
        """Whether it is not even listed: what was learned and is over, what was added a day on.
        What was learned at an hour yet to come was learned by a clock that was wrong."""
        times, now = window.times, self.now
        if not isinstance(times, Once):
            return False
        if window.learned:
            return not times.begins <= now < times.ends
        return times.ends + FORGOTTEN_S <= now

    # ------------------------------------------------------------ to be listed

    def all(self) -> list[Listed]:
        """Every window, those of the settings first."""
        return [
            Listed(
                window,
                origin,
                self._look(window).now,
                self._look(window).then,
                shadowed,
                self._unknown(window),
            )
            for window, origin, shadowed in self._origins()
            if origin == "settings" or not self._is_past(window)
        ]

    def _unknown(self, window: Window) -> tuple[str, ...]:
        named = (*window.destinations, *([window.to] if window.to else []))
        return tuple(name for name in named if name not in self._destinations)


def _counts(held: Held) -> tuple[bool, Instant, Instant, str]:
    """The greatest is in force. Names are last, so that a restart, which finds those that were
    added in another order, changes nothing."""
    window, period = held.window, held.period
    return window.do == "hold", period.ends, period.begins, window.name


def _goes_on(before: Held, one: Held) -> bool:
    """Whether nothing changes for a destination when a window begins, where ``before`` was in force
    or came earlier."""
    if before.period.ends < one.period.begins:
        return False
    does, did = ((held.window.do, held.window.to) for held in (one, before))
    return before.window.do == "hold" or does == did
