"""Tasks of asyncio are ended, also those that do not hear it the first time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

AGAIN_S: Final = 0.5
"""Seconds until a task is cancelled again."""


async def ended(tasks: Iterable[asyncio.Task[Any]], within_s: float) -> bool:
    """Cancel tasks until all have ended; False if some have not in that time. Nothing is raised.

    Once is not enough: before Python 3.12 ``asyncio.wait_for`` loses a cancel that comes at the
    moment when what it waits for is done (github.com/python/cpython/issues/86296), and libraries
    that fetch wait by it over and over.
    """
    loop = asyncio.get_running_loop()
    until, left = loop.time() + within_s, set(tasks)
    while left and (rest_s := until - loop.time()) > 0:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=min(AGAIN_S, rest_s))
    return not left
