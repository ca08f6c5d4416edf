"""The task of an unlocked exit that has its keys change with the days."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import trio

from relay.journal import Event, Journal
from relay.model import Instant
from relay.node.arrivals import Arrivals
from relay.node.rolling.anew import WrapAnew
from relay.node.rolling.keyring import KeyFile, Keyring
from relay.node.rolling.over import over
from relay.node.rolling.said import about
from relay.ports import Clock, Spool
from relay.wire.epochs import day_of, make_storage_key
from relay.wire.keys import ExitKeys
from relay.wire.rolling import rolled, without

LOOK_S: Final = 60.0
"""Seconds between two looks whether a new day has begun."""

HOUR_S: Final = 3600.0
"""Seconds after which everything is looked at, also on the same day."""

OLDER: Final = (
    "{n} rows are damaged so that nothing opens them: for as long as they are there the storage key"
    " of an earlier day is kept. Look for them with `relay queue list`, and drop them"
)
STRANGE: Final = (
    "{n} of the newest messages were kept under keys that exit.key does not hold: it and the data"
    " folder are of two different days. Stop the relay, and put back both as they were together"
)
UNWRITTEN: Final = (
    "exit.key cannot be written ({why}): no key is made and none destroyed until then"
)


def rolling_of(
    keys: ExitKeys,
    file: KeyFile,
    told: Callable[[], Awaitable[None]],
    spool: Spool,
    clock: Clock,
    road_s: int,
    journal: Journal,
    arrivals: Arrivals,
    did: Callable[[], None],
    frozen: Callable[[], bool] = lambda: False,
    doubted: Callable[[], bool] = lambda: False,
) -> Rolling:
    """That of an exit with these keys, which lie in that file. ``told`` is awaited after each
    change; ``did`` is told that something was done that takes a while."""
    anew = WrapAnew(spool, keys, arrivals, did)
    ring = Keyring(keys, file, told)
    return Rolling(ring, anew, spool, clock, road_s, journal, frozen, doubted)


class Rolling:
    """That of one exit, which keeps epochs for ``road_s`` after their day. ``frozen`` says whether
    the clock is not to be believed: then no key is made, and none destroyed. ``doubted``: whether
    another day may be said soon: then none is destroyed."""

    def __init__(
        self,
        ring: Keyring,
        anew: WrapAnew,
        spool: Spool,
        clock: Clock,
        road_s: int,
        journal: Journal,
        frozen: Callable[[], bool] = lambda: False,
        doubted: Callable[[], bool] = lambda: False,
    ) -> None:
        self.ring = ring
        self._anew = anew
        self._spool = spool
        self._clock = clock
        self._road_s = road_s
        self._journal = journal
        self._frozen = frozen
        self._doubted = doubted
        self._day: Instant = -1
        self._asked = trio.Event()
        self._strange = 0

    async def begin(self) -> None:
        """Make the keys of today, and of the days to come, before anything is kept under those of
        an earlier day. What cannot be written now waits."""
        self._strange = await self._anew.strange()
        await self._roll()

    async def run(self) -> None:
        """Look each hour, on each new day and when somebody asks, until cancelled."""
        while True:
            self._asked = trio.Event()
            await self.look()
            with trio.move_on_after(self._wait_s()):
                await self._until_a_day_begins()

    def _wait_s(self) -> float:
        return LOOK_S * 10 + 1 if len(self.ring.keys.storage) > 1 else HOUR_S

    async def _until_a_day_begins(self) -> None:
        while self._is_today() and not self._asked.is_set():
            with trio.move_on_after(LOOK_S):
                await self._asked.wait()

    def _is_today(self) -> bool:
        return self._frozen() or day_of(self._clock.now()) == self._day

    async def look(self) -> None:
        """Do what is due now."""
        await self._roll()
        if older := await self._anew.older():
            await self._destroy(older)
        if self._may_destroy() and not self.ring.unwritten:  # else they may be the last
            epochs = self.ring.keys.epochs
            await self._destroy(await over(self._spool, epochs, self._clock.now(), self._road_s))

    async def now(self) -> Mapping[str, Any]:
        """A new storage key at once, though the day is the same, for an operator who wants what was
        destroyed to be so for good; what is due is done besides. Raises OSError or KeyFileError
        where it cannot be written."""
        await self.ring.change(partial(self._rolled, anew=True))
        self._asked.set()
        return self.shown()

    def shown(self) -> Mapping[str, Any]:
        """In JSON (``relay.node.rolling.said``)."""
        return about(self.ring.keys)

    @property
    def notices(self) -> list[str]:
        """What an operator is to know."""
        return [said for _, said in self.odd]

    @property
    def odd(self) -> tuple[tuple[str, str], ...]:
        """The same, each with what it is called while it lasts: nobody would look for it."""
        unwritten, damaged = self.ring.unwritten, self._anew.damaged
        said = [("keys unwritten", UNWRITTEN.format(why=unwritten))] if unwritten else []
        said += [("keys strange", STRANGE.format(n=self._strange))] if self._strange else []
        return (*said, *([("keys older", OLDER.format(n=damaged))] if damaged else []))

    async def _roll(self) -> None:
        if self._frozen():
            return
        day = day_of(self._clock.now())
        if await self.ring.changed(self._rolled):
            self._journal.say(Event.ROLLED)
        if not self.ring.unwritten:
            self._day = day

    def _rolled(self, keys: ExitKeys, *, anew: bool = False) -> ExitKeys:
        now = self._clock.now()
        newer = rolled(keys, now, self._road_s)
        if anew and newer.storage == keys.storage:
            newer = replace(newer, storage=(*newer.storage, make_storage_key(day_of(now))))
        return newer

    def _may_destroy(self) -> bool:
        return not (self._frozen() or self._doubted())

    async def _destroy(self, ids: frozenset[bytes]) -> None:
        """Destroy keys, but by a clock that has come into doubt meanwhile."""
        if ids and self._may_destroy() and await self.ring.changed(partial(without, ids=ids)):
            self._journal.say(Event.KEYS_DESTROYED, count=len(ids))
