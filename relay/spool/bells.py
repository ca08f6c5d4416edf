"""Waking who waits for a row. Everything here happens in the loop of who waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import trio

from relay.model import Instant, Queue
from relay.ports import Clock

Rung = tuple[Queue, str]
"""A queue, and the name of a row in it that came or changed."""

LONGEST_S = 60
"""Seconds after which a waiting task looks again in any case: the wall clock may have been set."""


class Bells:
    """One event for each queue and name that somebody waits for."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[Queue, str | None], trio.Event] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def ring(self, rung: Iterable[Rung]) -> None:
        """Wake who waits for one of these."""
        for queue, name in rung:
            for key in ((queue, name), (queue, None)):
                event = self._waiting.pop(key, None)
                if event is not None:
                    event.set()

    def ring_all(self) -> None:
        """Wake everybody: their next call tells them what happened."""
        for event in self._waiting.values():
            event.set()
        self._waiting.clear()

    async def wait(
        self,
        queue: Queue,
        name: str | None,
        next_due: Callable[[], Awaitable[Instant | None]],
        clock: Clock,
    ) -> None:
        """Until a row is due, or came, or changed."""
        while True:
            # the event is there before we ask, so that nothing falls between the two
            event = self._waiting.setdefault((queue, name), trio.Event())
            due = await next_due()
            wait_s = LONGEST_S if due is None else min(due - clock.now(), LONGEST_S)
            if wait_s <= 0:
                return
            with trio.move_on_after(wait_s):
                await event.wait()
                return
