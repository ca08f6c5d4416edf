"""The core's look at the system's clock, each second, and what it makes of a jump.

While the clock is frozen the node goes on by what it knew: accepts, posts, tries again. Nothing is
destroyed, held as old or begun by the time alone. When another time is believed, everything that
was to come by the old one is moved with it: what was due in ten minutes is due in ten minutes.

For the next start a file says which boot of the machine this is, the time in it, and an hour that
has begun. So a clock that jumped while the node was stopped is noticed as well.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import trio

from relay.clock import SteadyClock, boot_id, reading
from relay.errors import Asked, KeyFileError, SpoolFull
from relay.journal import Event, Journal
from relay.keyfiles import read_secret, write_secret
from relay.model import hour_of
from relay.node.doors import Doors
from relay.node.outward import Outward
from relay.rules.clock import (
    FOLLOWED_S,
    GRAIN_S,
    UNKNOWN,
    Belief,
    accepted,
    is_set,
    looked,
    started,
)
from relay.rules.clock import Kept as KeptTime
from relay.rules.clock_said import Jump, length
from relay.spool.sqlite import SqliteSpool

LOOK_S: Final = 1.0
"""Seconds between two looks: one costs microseconds, and a minute is long where things expire."""

ASK_S: Final = 290.0
"""Seconds after which platforms are asked again while it is frozen and none has said anything: more
than once before a jump is believed by waiting alone."""

FILE: Final = "clock"
"""In the data folder."""

_WRITTEN: Final = re.compile(
    rb"boot ([0-9a-f-]{0,64})\nbase (-?\d{1,12}\.\d{3})\nhour (\d{1,12})\nmoved (-?\d{1,12})\n"
)

Reading = Callable[[], tuple[float, float]]
"""The uptime, and the base that the system's clock offers (``relay.clock.reading``)."""


def shown(jump: Jump | None) -> Mapping[str, Any]:
    """The clock in JSON."""
    if jump is None:
        return {"state": "steady", "jumped_s": 0, "since": None, "at_start": False}
    return {
        "state": "frozen",
        "jumped_s": jump.seconds,
        "since": jump.since,
        "at_start": jump.at_start,
    }


def steady_clock(folder: Path, read: Reading = reading, boot: str | None = None) -> SteadyClock:
    """The clock of a node whose data are in this folder, as it starts. One whose file is damaged
    starts as for the first time."""
    up, offer = read()
    return SteadyClock(started(offer, up, boot_id() if boot is None else boot, _kept(folder)))


def _kept(folder: Path) -> KeptTime | None:
    path = folder / FILE
    try:
        found = _WRITTEN.fullmatch(read_secret(path)) if path.exists() else None
    except (KeyFileError, OSError):
        return None
    if found is None:
        return None
    return KeptTime(found[1].decode(), float(found[2]), int(found[3]), int(found[4]))


class Timekeeping:
    """Looks at the system's clock for one node. ``moves`` is told by how many seconds the time is
    moved, gives by how many it was in all, and may raise SpoolFull: then it is not, yet.
    ``platforms`` says how far our time is ahead of theirs, if one of them has said so since an
    instant of the loop's clock; ``asks`` has them say something."""

    def __init__(
        self,
        clock: SteadyClock,
        folder: Path,
        journal: Journal,
        moves: Callable[[int], Awaitable[int]],
        platforms: Callable[[float], int | None],
        asks: Callable[[], Awaitable[None]] = trio.lowlevel.checkpoint,
        read: Reading = reading,
        boot: str | None = None,
    ) -> None:
        self._clock = clock
        self._path = folder / FILE
        self._journal = journal
        self._moves = moves
        self._platforms = platforms
        self._asks = asks
        self._read = read
        self._boot = boot_id() if boot is None else boot
        self._kept = _kept(folder)
        self._one_by_one = trio.Lock()
        self._frozen_at: float | None = None

    @classmethod
    def beside(
        cls,
        clock: SteadyClock,
        folder: Path,
        journal: Journal,
        spool: SqliteSpool,
        doors: Doors,
        outward: Outward,
        may_ask: Mapping[str, float],
        stops: Callable[[str], bool],
    ) -> Timekeeping:
        """That of a core: these are what is moved when another time is believed. ``may_ask`` are
        destinations with the seconds that a check may take; ``stops``: nothing may begin there."""

        async def moves(by_s: int) -> int:
            moved = await spool.move(by_s)
            doors.moved(by_s)
            outward.platforms.moved()
            return moved

        async def asks() -> None:
            async with trio.open_nursery() as nursery:
                for name, deadline_s in may_ask.items():
                    if outward.bridge(name).serving and not stops(name):
                        nursery.start_soon(outward.bridge(name).healthy, deadline_s)

        return cls(clock, folder, journal, moves, outward.platforms.since, asks)

    async def run(self) -> None:
        """Look until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.ask_around)
            while True:
                await self.look()
                await trio.sleep(LOOK_S)

    async def ask_around(self) -> None:
        """Where nothing is posted no platform says what time it is: while it is frozen, have them
        say so, until cancelled."""
        while True:
            await trio.sleep(LOOK_S)
            since = self._frozen_at
            if since is not None and self._platforms(since) is None:
                await self._asks()
                await trio.sleep(ASK_S)

    async def look(self) -> None:
        """Follow the system's clock, freeze, or believe it after all."""
        async with self._one_by_one:
            was = self._clock.belief
            up, offer = self._read()
            self._clock.seen(up)
            await self._believe(was, looked(was, offer, up, self._heard()))
            self._note()
            await self._keep()

    async def accept(self) -> bool:
        """A person says that the system's clock is right. False: it was believed already. Raises
        Asked where it cannot be, and SpoolFull."""
        async with self._one_by_one:
            was = self._clock.belief
            up, offer = self._read()
            if not (was.frozen or looked(was, offer, up, None).frozen):
                return False
            if not is_set(offer, up):
                raise Asked("the clock of this machine was never set: set it, then say it again")
            await self._move(was, accepted(offer, up))
            self._journal.say(Event.CLOCK_BELIEVED)
            await self._keep()
            return True

    @property
    def jump(self) -> Jump | None:
        """What it does not believe; None while all is well."""
        at = self._clock.belief
        if not at.frozen:
            return None
        return Jump(round(at.jump_s), hour_of(int(at.base + at.frozen)), not at.settled)

    async def answer(self, *, accept: bool) -> Mapping[str, Any]:
        """The answer to `relay clock show`, or to `relay clock accept`. Raises Asked, SpoolFull."""
        before = self._clock.belief.base
        done: dict[str, Any] = {}
        if accept:
            accepted = await self.accept()
            moved = round(self._clock.belief.base - before) if accepted else 0
            done = {"accepted": accepted, "moved_s": moved}
        return {**shown(self.jump), "now": self._clock.now(), **done}

    def _heard(self) -> int | None:
        """What a platform has said since it is frozen, as far as this process knows."""
        return None if self._frozen_at is None else self._platforms(self._frozen_at)

    def _note(self) -> None:
        """Since when it is frozen. At once: outlets see it now, and what they say a moment later
        they do not say again soon."""
        at = self._clock.belief
        if not at.frozen:
            self._frozen_at = None
        elif self._frozen_at is None:
            self._frozen_at = trio.current_time()
            count, unit = length(abs(round(at.jump_s))).split()
            self._journal.say(Event.CLOCK_JUMPED, count=int(count), unit=unit)

    async def _believe(self, was: Belief, now: Belief) -> None:
        try:
            await self._move(was, now)
        except SpoolFull:  # as it was until there is room
            return
        if was.frozen and not now.frozen:
            self._journal.say(Event.CLOCK_BELIEVED)

    async def _move(self, was: Belief, now: Belief) -> None:
        by, moved = now.base - was.base, was.moved
        if abs(by) > FOLLOWED_S:
            # First of all: else it is due for a moment. And frozen meanwhile, where it was not: a
            # purge that goes by the old time must not find what was moved to the new one.
            self._clock.believe(replace(was, frozen=was.frozen or now.offered))
            moved = await self._moves(round(by))
        now = replace(now, moved=moved)
        if now != was:
            self._clock.believe(now)

    async def _keep(self) -> None:
        """Write the file once an hour, and where the time was moved. What was only taken for right
        after a start is not written: the next one knows how long ago the last good hour was."""
        at = self._clock.belief
        if not at.settled:
            return
        moved = 0 if at.moved == UNKNOWN else round(at.moved)
        kept = KeptTime(self._boot, at.base, hour_of(self._clock.now()), moved)
        before = self._kept
        if before is not None and abs(before.base - kept.base) < GRAIN_S:
            kept = replace(kept, base=before.base)
        if kept == before:
            return
        try:
            await trio.to_thread.run_sync(write_secret, self._path, _written(kept))
        except OSError:
            return  # a full disk, perhaps: it is tried again
        self._kept = kept


def _written(kept: KeptTime) -> bytes:
    return (
        f"boot {kept.boot}\nbase {kept.base:.3f}\nhour {kept.hour}\nmoved {kept.moved}\n".encode()
    )
