"""Requests that wait for an answer: to whom it goes is known to this memory only."""

from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import Final

from relay.model import Later, Outcome, Posted

MOST: Final = 50
"""Questions that wait at once: a quarter of all sessions, so that they hold up nobody else."""


class Waiting:
    """The questions of one form. A way back is 16 random bytes in hexadecimal, good while its
    client waits."""

    def __init__(self) -> None:
        self._asked: dict[bytes, asyncio.Future[str]] = {}

    def ask(self) -> bytes | None:
        """A way back for a question; None if too many wait."""
        if len(self._asked) >= MOST:
            return None
        way_back = token_hex(16).encode()
        self._asked[way_back] = asyncio.get_running_loop().create_future()
        return way_back

    async def answered(self, way_back: bytes, within_s: float) -> str | None:
        """The answer, or None if none came in time. The way back is over then."""
        try:
            return await asyncio.wait_for(self._asked[way_back], within_s)
        except TimeoutError:
            return None
        finally:
            self._asked.pop(way_back, None)

    def forget(self, way_back: bytes) -> None:
        """Nobody waits there any more."""
        asked = self._asked.pop(way_back, None)
        if asked is not None:
            asked.cancel()

    def answer(self, way_back: bytes, text: str) -> Outcome:
        """Give an answer to whoever waits for it; ``Later`` if nobody does."""
        asked = self._asked.get(way_back)
        if asked is None or asked.done():
            return Later("nobody waits for it any more")
        asked.set_result(text)
        return Posted("")
