"""Who arrives goes first: while doors put, the steps behind them rest most of the time.

A sender waits for the disk, a message that is stored does not mind. But the steps share a thread
and a disk with the puts, so that without this a flood is accepted at half the rate (measured:
docs/performance.md). They are never stopped: a flood that lasts must not keep anything from being
published.
"""

from __future__ import annotations

import math

import trio

REST = 3.0
"""Times as long as it worked that a step rests while mails keep coming: it gets a quarter."""

REST_S = 1.0
"""Seconds that one rest may last: one slow batch must not make a long one."""

STILL_S = 0.02
"""Seconds without a put after which the doors are held to be still."""


class Arrivals:
    """When a door last put something, and the rest of those who come after it."""

    def __init__(self) -> None:
        self._last = -math.inf

    def came(self) -> None:
        """A door puts something now."""
        self._last = trio.current_time()

    async def first(self, worked_s: float) -> None:
        """Rest after so many seconds of work, for as long as the doors are not still."""
        until = trio.current_time() + min(REST * worked_s, REST_S)
        # no event: it would have to be set by every put
        while (still := min(until, self._last + STILL_S)) > trio.current_time():  # noqa: ASYNC110
            await trio.sleep_until(still)
