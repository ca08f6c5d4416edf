"""One goes ahead: whether a place can have what others do not get out.

Nothing may have been posted there for days, and who blocks one platform blocks another in the same
hour. So unless a place has just answered a post, one delivery goes there first, and the others when
that one is through. If it is not, one waits at the wrong place and not a thousand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Final

import trio

from relay.exit.rest import Rest
from relay.model import Outcome, Posted, Refused

PROVED_S: Final = 600.0
"""Seconds for which an answer to a post proves that a place can be reached."""

AGAIN_S: Final = 600.0
"""Seconds until another one goes ahead, where the one before has not come through."""


class Scouts:
    """Of one exit. ``takes`` says whether anything may be posted at a place now, by any plan and
    any brake; ``is_well`` whether it works, as far as anybody knows. ``ours`` are places on our own
    disk, that need no other proof."""

    def __init__(
        self,
        takes: Callable[[str], bool],
        is_well: Callable[[str], bool],
        ours: Collection[str] = (),
    ) -> None:
        self._takes = takes
        self._is_well = is_well
        self._ours = ours
        self._answered: dict[str, float] = {}
        self._ahead: dict[str, float] = {}
        self._waiting: dict[str, int] = {}

    def told(self, name: str, outcome: Outcome | Rest) -> None:
        """How a send there ended."""
        if isinstance(outcome, Posted | Refused):
            self._answered[name] = trio.current_time()

    def sees(self, waiting: Mapping[str, int]) -> None:
        """How many deliveries wait there by now, and are tried."""
        self._waiting = dict(waiting)

    def may_go(self, name: str) -> bool:
        """Whether one may go there now."""
        if not self._takes(name):
            return False
        if self.is_proved(name):
            return True
        rested = trio.current_time() - self._ahead.get(name, -math.inf) >= AGAIN_S
        return rested and (self._is_well(name) or not self._waiting.get(name))

    def goes(self, name: str) -> None:
        """One has gone there, ahead of the others."""
        self._ahead[name] = trio.current_time()

    def is_proved(self, name: str) -> bool:
        """Whether it has just been seen that things go out there."""
        answered = self._answered.get(name, -math.inf)
        proved = name in self._ours or trio.current_time() - answered <= PROVED_S
        return proved and self._is_well(name)
