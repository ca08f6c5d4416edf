"""The calendar: which windows there are, and which of them is in force where.

Windows come from ``relay.toml``, from the command line and from a platform that said when it would
be back. The last two lie in the spool, so that a restart forgets none. Of what is damaged there
nothing is kept, and a notice says so. While the clock is not trusted no window begins or ends.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import trio

from relay.errors import Asked, Damaged
from relay.model import Instant
from relay.node.kept_windows import read_window, written_window
from relay.ports import Clock, Spool
from relay.rules.backoff import LONGEST_REST_S
from relay.rules.windows import Once, Period, Window, next_period, period_at

Origin = Literal["settings", "command", "learned"]

LOOK_S = 60.0
"""Seconds after which everything is looked at again: the wall clock may have been set meanwhile."""

FORGOTTEN_S = 86400
"""Seconds for which an added window is still listed when it is over."""

ADDED = "window "
"""What an added window is remembered under, followed by its name."""

LEARNED = "learned "
"""What a learned window is remembered under, followed by the name of its destination."""


@dataclass(frozen=True, slots=True)
class Held:
    """A window that is in force, and how long."""

    window: Window
    period: Period


@dataclass(frozen=True, slots=True)
class Coming:
    """A window that begins soon."""

    window: Window
    period: Period


@dataclass(frozen=True, slots=True)
class Listed:
    """A window as `relay window list` shows it. ``now`` is the period that it is in, ``then`` the
    next one; neither, and it is over. ``shadowed``: the settings have one of the same name."""

    window: Window
    origin: Origin
    now: Period | None
    then: Period | None
    shadowed: bool = False


class Calendar:
    """All windows of one node. ``destinations`` are those of the settings; ``frozen`` says that the
    clock is not trusted now."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        windows: Sequence[Window],
        destinations: Collection[str],
        frozen: Callable[[], bool] = lambda: False,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._settings = {window.name: window for window in windows}
        self._destinations = frozenset(destinations)
        self._frozen = frozen
        self._added: dict[str, Window] = {}
        self._learned: dict[str, Window] = {}
        self._instant: Instant | None = None
        self._said: dict[str, Held | None] = {}
        self._changed = trio.Event()
        self.notices: list[str] = []
        """What was odd about what was remembered."""

    async def load(self) -> None:
        """Take up what was added and learned before."""
        for name, value in (await self._spool.remembered()).items():
            for prefix, windows in ((ADDED, self._added), (LEARNED, self._learned)):
                if name.startswith(prefix):
                    await self._take_up(name, value, windows)

    async def _take_up(self, name: str, value: bytes, windows: dict[str, Window]) -> None:
        try:
            window = read_window(value)
        except Damaged:
            await self._spool.remember(name, b"")
            self.notices.append("a window that was kept is damaged: look at `relay window list`")
        else:
            windows[window.name] = window

    # ------------------------------------------------------------ what is in force

    @property
    def now(self) -> Instant:
        """The instant that windows go by: it stands still while the clock is not trusted."""
        if self._instant is None or not self._frozen():
            self._instant = self._clock.now()
        return self._instant

    def at(self, destination: str) -> Held | None:
        """The window that is in force for a destination. Of several a hold goes before what sends
        elsewhere, then the one that ends last."""
        now = self.now
        found = [
            Held(window, period)
            for window in self._of(destination)
            if (period := period_at(window, now)) is not None
        ]
        held = max(found, key=lambda one: (one.window.do == "hold", one.period.ends), default=None)
        if self._said.get(destination) != held:
            self._wake()
        self._said[destination] = held
        return held

    def coming(self, destination: str, within_s: int) -> Coming | None:
        """The window that begins next for a destination, if it does within so many seconds and
        nothing is in force now that lasts until then."""
        now = self.now
        soon = [
            Coming(window, period)
            for window in self._of(destination)
            if (period := next_period(window, now)) is not None and period.begins <= now + within_s
        ]
        return min(soon, key=lambda one: one.period.begins, default=None)

    async def changed(self) -> None:
        """Wait until for any destination the answer of ``at`` may have changed: at least as often
        as each minute."""
        event = self._changed
        with trio.move_on_after(self._until_s()):
            await event.wait()

    def _until_s(self) -> float:
        """Seconds until something begins or ends, at most a minute."""
        now = self.now
        ends = [one.ends for one in map(self._period_at, self._all()) if one is not None]
        begins = [one.begins for one in map(self._next_period, self._all()) if one is not None]
        return min([LOOK_S, *(float(at - now) for at in (*ends, *begins) if at > now)])

    def _period_at(self, window: Window) -> Period | None:
        return period_at(window, self.now)

    def _next_period(self, window: Window) -> Period | None:
        return next_period(window, self.now)

    def _of(self, destination: str) -> Iterator[Window]:
        return (window for window in self._all() if destination in window.destinations)

    def _all(self) -> Iterator[Window]:
        yield from self._settings.values()
        yield from (one for one in self._added.values() if one.name not in self._settings)
        yield from self._learned.values()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    # ------------------------------------------------------------ added and learned

    async def add(self, window: Window) -> None:
        """Add a window, or put it in place of an added one of its name. Raises SpoolFull."""
        await self._spool.remember(ADDED + window.name, written_window(window))
        self._added[window.name] = window
        self._wake()

    async def remove(self, name: str) -> Window:
        """Take away an added or learned window; one that is in force ends. Raises Asked."""
        for prefix, windows in ((ADDED, self._added), (LEARNED, self._learned)):
            if name in windows:
                await self._spool.remember(prefix + name, b"")
                window = windows.pop(name)
                self._wake()
                return window
        if name in self._settings:
            raise Asked("it is in relay.toml: take it out there, then `relay queue` goes on")
        raise Asked("no window has that name: see `relay window list`")

    async def learn(self, destination: str, until: Instant, why: str) -> None:
        """A platform says until when it is away: hold what is for it until then, six hours at the
        most. Raises SpoolFull."""
        now = self.now
        ends = min(until, now + LONGEST_REST_S)
        known = self._learned.get(destination)
        begins = now if known is None or period_at(known, now) is None else _begins(known)
        window = Window(destination, (destination,), Once(begins, ends, "UTC"), learned=True)
        window = replace(window, why=why)
        await self._spool.remember(LEARNED + destination, written_window(window))
        self._learned[destination] = window
        self._wake()

    def all(self) -> list[Listed]:
        """Every window, as `list` shows it."""
        now = self.now
        return [
            Listed(window, origin, period_at(window, now), next_period(window, now), shadowed)
            for window, origin, shadowed in self._origins()
        ]

    def _origins(self) -> Iterator[tuple[Window, Origin, bool]]:
        for window in self._settings.values():
            yield window, "settings", False
        for window in self._added.values():
            yield window, "command", window.name in self._settings
        for window in self._learned.values():
            yield window, "learned", False


def _begins(window: Window) -> Instant:
    assert isinstance(window.times, Once)
    return window.times.begins
