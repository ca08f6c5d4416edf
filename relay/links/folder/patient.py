"""What may hang for as long as a disk does: one thing at a time, and waited for so long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from relay.links.threads import by_a_thread

T = TypeVar("T")


class Stuck(Exception):
    """The disk did not answer in time. What was begun goes on, and nothing else is begun."""


class Patient:
    """One thing at a time, each in a thread that nobody waits for at the end of the process."""

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._turn = asyncio.Lock()
        self._under_way: asyncio.Future[Any] | None = None

    async def do(self, act: Callable[[], T]) -> T:
        """What ``act`` gives, or what it raises. Raises Stuck."""
        async with self._turn:
            await self._ended()
            answer = by_a_thread(act)
            answer.add_done_callback(_seen)
            self._under_way = answer
            await self._ended()
            return await answer

    async def _ended(self) -> None:
        """Until what is under way is over: it may be what nobody asks about any more."""
        if self._under_way is None:
            return
        await asyncio.wait({self._under_way}, timeout=self._deadline_s)
        if not self._under_way.done():
            raise Stuck
        self._under_way = None


def _seen(answer: asyncio.Future[Any]) -> None:
    """Whoever asked may be cancelled by now: asyncio reports errors that nobody has seen."""
    if not answer.cancelled():
        answer.exception()
