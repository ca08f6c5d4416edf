"""The canary as a whole: who is tried when, and what is known of each name."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import trio

from relay.clock import frozen_of
from relay.config import Canary as Named
from relay.config import Settings
from relay.node.canary.destinations import Destinations
from relay.node.canary.found import Results
from relay.node.canary.kept import Memory
from relay.node.canary.result import Failed, Result, Waits
from relay.node.canary.stopping import Node as Stoppable
from relay.node.canary.stopping import Stopping
from relay.node.canary.ways_in import WaysIn
from relay.node.doors import Doors
from relay.node.outward import Outward
from relay.node.overview import Overview
from relay.plugins import destinations
from relay.ports import Clock, Spool
from relay.rules.canary import Tried, again_s, jitter_s, patience_s, place_s

__all__ = ["Canary", "Result"]

OPEN_S: Final = 30.0
"""Seconds that the first tries wait for the doors to be open."""

STEP_S: Final = 0.25
"""Seconds between two first tries: a node that starts is seen anyway, and its operator waits."""

LOCKED_S: Final = 6 * 3600.0
"""Seconds between two lines through one way in while nothing is opened: each of them lies there."""

BILLED_S: Final = 86400.0
"""Seconds between two checks where the platform bills: it bills those as well."""

LOOK_S: Final = 60.0

NONE: Final = Named(transports=(), destinations=())

UNNAMED: Final = "name it in `transports` of [canary] to have it tried"

BACK: Final = "its last test post could be taken back only later"


class Node(Stoppable, Protocol):
    """What is needed of the core."""

    clock: Clock
    settings: Settings
    outward: Outward
    overview: Overview

    @property
    def spool(self) -> Spool: ...


class Canary:
    """One run of it. ``heard`` is ``exit.naming.Tries``; ``notices`` what was odd at its start;
    ``finish`` and ``ended`` are those of ``Destinations``, for a node that is stopped."""

    def __init__(self, core: Node, doors: Doors, memory: Memory) -> None:
        at = core.settings.canary or NONE
        self._every_s, self._late_s = float(at.every), float(at.late)
        self._ways = tuple(dict.fromkeys(at.transports))
        self._settings = destinations(core.settings)
        self._places = tuple(one for one in dict.fromkeys(at.destinations) if one in self._settings)
        self._core = core
        self._doors = doors
        self._memory = memory
        names = (*self._ways, *self._places)
        self._results = Results(memory, core.clock, self._late_s, names)
        self._ended: dict[str, float] = {}
        self._turns: defaultdict[str, trio.Lock] = defaultdict(trio.Lock)
        self._stopping = Stopping(core)
        self._ways_in = WaysIn(
            memory.key, doors.tell_one, self._stopping.locked, self._results.came_late
        )
        self._destinations = Destinations(core.outward, memory, core.clock, self._stopping)
        self.heard = self._ways_in.heard
        self.finish = self._destinations.finish
        self.ended = self._destinations.ended
        self.notices = memory.notices
        doors.tried = self._ways_in.told
        core.overview.canary = self._results.tried.get

    @classmethod
    async def beside(cls, core: Node, doors: Doors) -> Canary:
        """That of a core, with what was kept of the run before."""
        at = core.settings.canary or NONE
        memory = Memory(core.spool, core.clock, frozen_of(core.clock))
        await memory.load((*at.transports, *at.destinations), destinations(core.settings))
        return cls(core, doors, memory)

    @property
    def tried(self) -> Mapping[str, Tried]:
        """What is known of each name."""
        return self._results.tried

    # ------------------------------------------------------------ when

    async def run(self) -> None:
        """Try each name in its turn, until cancelled; and first take back what was left anywhere,
        also where nothing is tried any more."""
        names = (*self._ways, *self._places)
        async with trio.open_nursery() as nursery:
            for place, name in enumerate(names):
                nursery.start_soon(self._rounds, name, place, len(names))
            for name in self._memory.left():
                if name not in names:
                    nursery.start_soon(self._clear, name)

    async def _rounds(self, name: str, place: int, of: int) -> None:
        turn = trio.current_time() + place_s(place + 1, of, self._every_s)
        await self._clear(name)
        if not self._posts(name):  # no start is a reason to post
            with trio.move_on_after(OPEN_S):
                await self._doors.opened.wait()
            await trio.sleep(place * STEP_S)
            await self._once(name)
        while True:
            at = turn + jitter_s(of, self._every_s, random.random())
            if at > trio.current_time():
                await self._until(name, at)
                await self._once(name)
                await self._clear(name, again_s(self._every_s))
            if at <= trio.current_time():  # else it was tried before its turn, which is to come
                turn += self._every_s

    async def _clear(self, name: str, after_s: float = 0.0) -> None:
        """What is left there is taken back; it is tried after so many seconds, and again until
        nothing is."""
        while name in self._memory.left():
            await trio.sleep(after_s)
            after_s = again_s(self._every_s)
            left = await self._destinations.taken_back(name, self._settings[name].deadline)
            if isinstance(left, Failed):
                await self._ends(name, left)
            elif left is not None:
                self._results.goes_on(name, left.why)
            else:
                self._results.over(name, BACK)

    async def _until(self, name: str, turn: float) -> None:
        """Wait for a turn, or for what comes before it, or puts it off."""
        while True:
            left_s = self._due(name, turn) - trio.current_time()
            if left_s <= 0:
                return
            await trio.sleep(min(left_s, LOOK_S))

    def _due(self, name: str, turn: float) -> float:
        """When it is tried next, on the loop's clock."""
        ended = self._ended.get(name)
        if ended is None:
            return turn
        tried = self.tried[name]
        if name in self._ways and tried.state == "waits" and self._stopping.locked():
            return max(turn, ended + LOCKED_S)
        if self._posts(name):
            return turn
        if tried.failures == 1:
            return min(turn, ended + again_s(self._every_s))
        rarely = tried.failures == 0 and self._is_billed(name)
        return max(turn, ended + BILLED_S) if rarely else turn

    # ------------------------------------------------------------ what

    @property
    def all_names(self) -> tuple[Sequence[str], Sequence[str]]:
        """The ways in, and the destinations, whether they are tried by themselves or not."""
        return sorted(self._core.settings.transports), sorted(self._settings)

    async def drill(self, name: str) -> Result:
        """Try one of these now, since a person wants it. A destination that nobody tries by itself
        is asked for its account, and not on the board for that; a way in has to be named in the
        settings, since its door must hold what it takes to write to it."""
        if name in (*self._ways, *self._places):
            return await self._once(name)
        if name not in self._settings:
            return Waits(UNNAMED)
        async with self._turns[name]:
            return await self._destinations.checked(name, self._settings[name].deadline)

    async def _once(self, name: str) -> Result:
        async with self._turns[name]:
            if name in self._ways:
                within_s = patience_s(self.tried[name], self._late_s, self._every_s)
                result = await self._ways_in.tried(name, within_s)
            else:
                ask = self._destinations.posted if self._posts(name) else self._destinations.checked
                result = await ask(name, self._settings[name].deadline)
            await self._ends(name, result)
        return result

    async def _ends(self, name: str, result: Result) -> None:
        self._ended[name] = trio.current_time()
        await self._results.ended(name, result)

    def _posts(self, name: str) -> bool:
        return name in self._places and self._settings[name].canary == "post"

    def _is_billed(self, name: str) -> bool:
        """Whether its platform takes money for a check as well."""
        return name in self._places and bool(self._core.outward.bridge(name).bills)
