"""What the tries have found at each name; the last good one is kept beyond a restart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from relay.node.canary.kept import Memory
from relay.node.canary.result import Came, Failed, Result, Waits
from relay.ports import Clock
from relay.rules.canary import Tried, came, failed, going_on, waits


class Results:
    """Those of one node. ``tried`` has them by name: of ``names`` always, of another as long as
    there is something to tell of it. ``late_s``: what took longer was slow."""

    def __init__(self, memory: Memory, clock: Clock, late_s: float, names: Iterable[str]) -> None:
        self._memory = memory
        self._clock = clock
        self._late_s = late_s
        self._names = frozenset(names)
        self.tried = {name: self._known(name) for name in names}

    async def ended(self, name: str, result: Result) -> None:
        """So one ended."""
        self.tried[name] = tried = self._after(self._before(name), result)
        took = None if tried.took_s is None else round(tried.took_s * 10)
        kept = replace(self._memory.of(name), last_good=tried.last_good, took=took)
        await self._memory.save(name, kept)

    def came_late(self, name: str, took_s: float | None) -> None:
        """A line came that nobody waited for any more; None: it had to wait for exit.key."""
        before = self.tried[name]
        took_s = before.took_s or 0.0 if took_s is None else took_s
        self.tried[name] = came(before, took_s, self._late_s, self._clock.now())

    def goes_on(self, name: str, why: str) -> None:
        """Something is done there, and nothing new is known."""
        self.tried[name] = going_on(self._before(name), why)

    def over(self, name: str, why: str) -> None:
        """What was done there is done."""
        if name in self._names:
            self.goes_on(name, why)
        else:
            self.tried.pop(name, None)

    def _after(self, before: Tried, result: Result) -> Tried:
        match result:
            case Came():
                return came(before, result.took_s, self._late_s, self._clock.now())
            case Failed():
                return failed(before, result.why)
            case Waits():
                return waits(before, result.why)

    def _before(self, name: str) -> Tried:
        return self.tried.get(name) or self._known(name)

    def _known(self, name: str) -> Tried:
        kept = self._memory.of(name)
        return Tried(last_good=kept.last_good, took_s=None if kept.took is None else kept.took / 10)
