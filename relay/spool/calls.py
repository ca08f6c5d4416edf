"""From a loop to the spool's thread and back: many answers, one wake-up of the loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import trio

from relay.spool.bells import Bells, Rung

T = TypeVar("T")


class Call(Generic[T]):
    """One awaited operation: its answer, and the event that says it is there."""

    def __init__(self) -> None:
        self.answered = trio.Event()
        self.result: T | Exception | None = None

    async def wait(self) -> T:
        """The result. Raises what the operation raised."""
        await self.answered.wait()
        if isinstance(self.result, Exception):
            raise self.result
        return cast(T, self.result)  # set before the event was


class Loops:
    """Gathers answers in the spool's thread and hands them over, all of a loop at once."""

    def __init__(self) -> None:
        self.bells = Bells()
        self._loop: trio.lowlevel.TrioToken | None = None
        self._answered: list[Call[Any]] = []

    def enter(self) -> None:
        """Whoever waits, waits in the loop that runs now."""
        self._loop = trio.lowlevel.current_trio_token()

    def answer(self, call: Call[T], result: T | Exception) -> None:
        """In the spool's thread: an answer is there, to be handed over by ``wake``."""
        call.result = result
        self._answered.append(call)

    def wake(self, rung: set[Rung]) -> None:
        """Hand over the answers, and ring for these rows."""
        if self._answered or (rung and self.bells):
            answered, self._answered = self._answered, []
            self._soon(lambda: self._hand_over(answered, rung))

    def wake_all(self) -> None:
        """Hand over the answers, and wake everybody who waits for a row."""
        self.wake(set())
        self._soon(self.bells.ring_all)

    def _hand_over(self, answered: list[Call[Any]], rung: set[Rung]) -> None:
        for call in answered:
            call.answered.set()
        self.bells.ring(rung)

    def _soon(self, act: Callable[[], object]) -> None:
        if self._loop is None:
            return
        try:
            self._loop.run_sync_soon(act)
        except trio.RunFinishedError:
            return  # the loop ended, and with it everybody who waited
