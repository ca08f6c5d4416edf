"""The gate of one destination: shut by a window, and open again for a release in order.

::

    open -> shut            a window is in force: nothing begins. What is to follow it is durable
    shut -> releasing       it is over, and what has grown too old meanwhile is held for a person
    releasing -> shut       another window begins
    releasing -> open       nothing is left that is due: the release is forgotten

A process that starts finds what is durable, and goes on there: also where the window ended while
there was no process. The pace is kept across it (``rules.pace``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio

from relay.errors import SpoolFull
from relay.model import Later
from relay.node.calendar import Calendar
from relay.node.kept_releases import RELEASE, read_release, written_release
from relay.node.through import let_through
from relay.ports import Clock, Spool
from relay.rules.pace import Pace
from relay.rules.releasing import Release, release_after

LEARNED_S = 60
"""Seconds that a platform must be away, by its own word, for that to be a window: what is shorter
is waited for and needs no name."""

HoldsStale = Callable[[str], Awaitable[int]]
"""Holds for a person what has grown too old for a destination; gives how many these were."""


class Gate:
    """What may begin at one destination. ``opened`` is called when a window is over."""

    def __init__(
        self, name: str, spool: Spool, clock: Clock, calendar: Calendar, opened: Callable[[], None]
    ) -> None:
        self.name = name
        self._spool = spool
        self._clock = clock
        self._calendar = calendar
        self._opened = opened
        self._shut = False
        self._release: Release | None = None
        self._kept: Release | None = None
        self._pace = Pace()
        self._changed = trio.Event()
        self._turn = trio.Lock()

    def load(self, value: bytes) -> None:
        """Take up what another process kept. Raises Damaged."""
        self._kept = read_release(value)
        self.follows(self._kept)

    def follows(self, release: Release) -> None:
        """This is to follow a window that was in force before this process began."""
        self._release = release
        self._shut = True  # until what is too old by now is held
        self._pace = Pace(trio.current_time())

    # ------------------------------------------------------------ for the poster

    def stops(self) -> bool:
        """Whether nothing may begin. What was seen shut once is opened by ``look`` only."""
        self._shut = self._shut or self._calendar.at(self.name) is not None
        return self._shut

    async def free(self) -> None:
        """Wait until something may begin."""
        while self.stops():
            await self._changed.wait()

    @property
    def release(self) -> Release | None:
        """How what was held back goes out; None where nothing was."""
        return self._release

    @property
    def changes(self) -> trio.Event:
        """Set when it opens, or what is released is released otherwise than before."""
        return self._changed

    async def paced(self) -> None:
        """Wait until the pace lets another one begin: that of the release there is by then."""
        while self._release is not None:
            at = self._pace.next_at(self._release.pace_s)
            if at <= trio.current_time():
                return
            with trio.move_on_at(at):
                await self._changed.wait()

    @property
    def wait_s(self) -> float:
        """Seconds until the pace lets another one begin."""
        pace_s = 0.0 if self._release is None else self._release.pace_s
        return max(0.0, self._pace.next_at(pace_s) - trio.current_time())

    def begins(self) -> None:
        """One begins, or goes to the platform at last: what was late does not shorten the pause
        after it."""
        self._pace.begins(trio.current_time())

    def keeps_place(self, later: Later) -> bool:
        """Whether a delivery that is told to wait stays where it is in the order: its destination
        waits as a whole, in the middle of a release or for a window that is about to be learned."""
        return self._release is not None or is_learned(later, self._clock.now())

    async def released(self) -> None:
        """Nothing is left that is due: what comes from now on goes out as always."""
        async with self._turn:
            if self._release is None or self.stops():
                return
            self._release = None
            await self._keep()

    def lets_go(self) -> bool:
        """What is left is to go out without an order and a pace that somebody asked for; whether
        there was any. The next ``look`` makes that durable: the release is not forgotten, else the
        next process would find what waits, and follow its window once more."""
        if self._release is None or not self._release.is_asked or self.stops():
            return False
        self._release = Release(self._release.window)
        self._wake()
        return True

    # ------------------------------------------------------------ for the one who watches it

    async def look(self, holds_stale: HoldsStale | None) -> int:
        """See whether a window has begun or is over. Without ``holds_stale``, which needs the
        keys, it stays shut. Gives how many were held as too old."""
        async with self._turn:
            held, stale = self._calendar.at(self.name), 0
            if held is not None:
                self._shut = True
                before, self._release = self._release, release_after(held.window, self._release)
                if self._release != before:
                    self._wake()
            elif self._shut and holds_stale is not None:
                stale = await self._ends(holds_stale)
            await self._keep()
            return stale

    async def _ends(self, holds_stale: HoldsStale) -> int:
        if self._release is not None and self._release.is_asked:
            await let_through(self._spool, self._clock)
        stale = await holds_stale(self.name)
        if self._calendar.at(self.name) is None:  # else another one has begun meanwhile
            self._shut = False
            self._wake()
            self._opened()
        return stale

    async def _keep(self) -> None:
        """Make what is to come durable. On a full disk it holds, but not beyond this process; the
        next look tries again."""
        release = self._release  # it may be let go meanwhile
        if self._kept == release:
            return
        value = b"" if release is None else written_release(release)
        try:
            await self._spool.remember(RELEASE + self.name, value)
            self._kept = release
        except SpoolFull:
            pass

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()


class NoWindow:
    """The gate of a destination that no window can be in force for."""

    release: Release | None = None

    def __init__(self) -> None:
        self.changes = trio.Event()
        """Never set."""

    def stops(self) -> bool:
        """Never."""
        return False

    async def free(self) -> None:
        """At once."""

    async def paced(self) -> None:
        """At once."""

    def begins(self) -> None:
        """That is no matter."""

    async def released(self) -> None:
        """Nothing was held back."""


def is_learned(later: Later, now: int) -> bool:
    """Whether a platform says that it is away for long enough for a window of its own."""
    return (
        later.scope == "host"
        and later.not_before is not None
        and later.not_before >= now + LEARNED_S
    )
