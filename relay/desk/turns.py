"""Who opens a page goes first: what fills the index rests meanwhile, for a moment.

A page takes several turns of the loop, since it asks the core for this and that. Each of them would
wait for a slice of the filling, and on a busy machine that is what a page would take.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

REST_S: Final = 0.05
"""Seconds that one rest may last: a hundred browsers that ask all the time, or one that takes its
page a byte at a time, must not keep the index from being filled."""


class Turns:
    """Pages that are under way, and the rest of what goes on behind them."""

    def __init__(self) -> None:
        self._pages = 0
        self._still = asyncio.Event()

    @contextmanager
    def page(self) -> Iterator[None]:
        """A page is under way inside the block."""
        self._pages += 1
        self._still.clear()
        try:
            yield
        finally:
            self._pages -= 1
            if not self._pages:
                self._still.set()

    async def rest(self) -> None:
        """Let pages have their turn: those that wait for it now, and those under way."""
        await asyncio.sleep(0)
        if self._pages:
            with suppress(TimeoutError):
                async with asyncio.timeout(REST_S):
                    await self._still.wait()
