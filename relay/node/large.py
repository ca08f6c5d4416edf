"""What takes long where there is a film in it: done in a thread, while the loop goes on.

To open or to seal the largest size takes up to 30 ms of the processor, in several calls that hold
Python's lock for some of them each; in a thread the loop gets its turn between these. What is small
is done at once: a thread would cost more.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, ParamSpec, TypeVar

import trio

LARGE: Final = 1024 * 1024
"""Bytes from which on it takes milliseconds."""

_P = ParamSpec("_P")
_T = TypeVar("_T")

_SLOTS: Final = trio.CapacityLimiter(2)
"""Each may have a film in memory, several times."""


async def beside(size: int, act: Callable[_P, _T], *args: _P.args, **more: _P.kwargs) -> _T:
    """What a call gives that is about so many bytes. It must change nothing that others see. Raises
    what the call raises."""
    if size < LARGE:
        return act(*args, **more)
    return await trio.to_thread.run_sync(partial(act, *args, **more), limiter=_SLOTS)
