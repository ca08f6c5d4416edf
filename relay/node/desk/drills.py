"""A drill: an operator wants every way in and every destination tried now, and sees the result.

It is what the canary does by itself. A line through a way in that ``[canary]`` names is read and
known again, and posted nowhere; of every destination the account is asked for, or, where
``canary = "post"``, a line is posted and taken back at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import trio

from relay.errors import Asked
from relay.model import Instant
from relay.node.canary.result import Came, Failed, Result
from relay.ports import Clock

AT_ONCE: Final = 4
"""Tried at a time: a drill must not be what slows the node down."""


class Tries(Protocol):
    """What is needed of the canary."""

    @property
    def all_names(self) -> tuple[Sequence[str], Sequence[str]]:
        """The ways in, and the destinations, whether they are tried by themselves or not."""
        ...

    async def drill(self, name: str) -> Result:
        """Try one of them now."""
        ...


@dataclass(slots=True, repr=False)
class _Drill:
    """The last one; ``left`` are names that have not ended."""

    began: Instant
    by: str
    names: Sequence[str]
    left: set[str]
    results: dict[str, Result] = field(default_factory=dict)


class Drills:
    """Those of one node; of the last one the results are kept as long as this process."""

    def __init__(self, canary: Tries, clock: Clock) -> None:
        self._canary = canary
        self._clock = clock
        self._last: _Drill | None = None
        self._asked = trio.Event()
        self._limit = trio.CapacityLimiter(AT_ONCE)

    async def run(self) -> None:
        """Carry out what is begun, until cancelled."""
        while True:
            await self._asked.wait()
            self._asked = trio.Event()
            drill = self._last
            assert drill is not None
            async with trio.open_nursery() as nursery:
                for name in drill.names:
                    nursery.start_soon(self._one, drill, name)

    async def _one(self, drill: _Drill, name: str) -> None:
        async with self._limit:
            try:
                drill.results[name] = await self._canary.drill(name)
            except Exception:  # a fault of ours at one place must not end the node
                drill.results[name] = Failed("a fault of ours: please report it")
            finally:
                drill.left.discard(name)

    def begin(self, name: object, by: str) -> dict[str, Any]:
        """Try one, or with no name all. Raises Asked."""
        if self._last is not None and self._last.left:
            raise Asked("a drill is under way: wait until it has ended")
        ways, places = self._canary.all_names
        names = [*ways, *places] if name in (None, "") else [str(name)]
        if not set(names) <= {*ways, *places}:
            raise Asked("nothing in the settings has that name")
        self._last = _Drill(self._clock.now(), by, names, set(names))
        self._asked.set()
        return self.shown()

    def shown(self) -> dict[str, Any]:
        """The last drill so far; ``names`` what may be tried."""
        ways, places = self._canary.all_names
        names = {"ways": list(ways), "destinations": list(places)}
        drill = self._last
        if drill is None:
            return {**names, "began": None, "by": "", "running": False, "results": []}
        results = [
            {
                "name": name,
                "kind": "way in" if name in ways else "destination",
                **_shown(drill.results.get(name)),
            }
            for name in drill.names
        ]
        about = {"began": drill.began, "by": drill.by, "running": bool(drill.left)}
        return {**names, **about, "results": results}


def _shown(result: Result | None) -> Mapping[str, Any]:
    """``state`` as the board has it of the canary; empty while nothing is known yet."""
    match result:
        case None:
            return {"state": "", "took_s": None, "why": ""}
        case Came():
            return {"state": "works", "took_s": round(result.took_s, 2), "why": ""}
        case Failed():
            return {"state": "blocked", "took_s": None, "why": result.why}
        case _:
            return {"state": "waits", "took_s": None, "why": result.why}
