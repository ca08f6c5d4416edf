"""What may hang for as long as a disk does, in a thread that a process does not wait for."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


def by_a_thread(act: Callable[[], T]) -> asyncio.Future[T]:
    """What ``act`` gives, or what it raises, some day. The loop's own threads would do, were they
    not waited for at the end of a process: one whose disk is gone must be able to end."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def told(end: Callable[[], None]) -> None:
        if not answer.done():  # whoever asked was cancelled
            end()

    def work() -> None:
        try:
            end = partial(answer.set_result, act())
        except BaseException as error:  # it is raised where it is waited for
            end = partial(answer.set_exception, error)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(told, end)

    threading.Thread(target=work, daemon=True).start()
    return answer
