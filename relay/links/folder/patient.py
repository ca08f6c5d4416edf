"""What may hang for as long as a disk does: done in a thread of its own, and waited for so long."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Stuck(Exception):
    """The disk did not answer in time. What was begun goes on, and nothing else is begun."""


class Patient:
    """One thing at a time, each in a thread that nobody waits for at the end of the process: a
    process whose disk is gone must be able to end."""

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._turn = asyncio.Lock()
        self._under_way: asyncio.Future[None] | None = None

    async def do(self, act: Callable[[], T]) -> T:
        """What ``act`` gives, or what it raises. Raises Stuck."""
        async with self._turn:
            await self._ended()
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[T] = loop.create_future()
            ended = self._under_way = loop.create_future()

            def told(result: T | None, error: BaseException | None) -> None:
                ended.set_result(None)
                if answer.done():  # whoever asked was cancelled
                    return
                if error is not None:
                    answer.set_exception(error)
                else:
                    answer.set_result(result)  # type: ignore[arg-type]

            def run() -> None:
                result, error = None, None
                try:
                    result = act()
                except BaseException as raised:  # it is raised where it is waited for
                    error = raised
                with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                    loop.call_soon_threadsafe(told, result, error)

            threading.Thread(target=run, daemon=True).start()
            await self._ended()
            return await answer

    async def _ended(self) -> None:
        if self._under_way is None:
            return
        await asyncio.wait({self._under_way}, timeout=self._deadline_s)
        if not self._under_way.done():
            raise Stuck
        self._under_way = None
