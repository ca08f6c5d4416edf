"""How long deliveries have been there: counted in memory, from look to look, by our own timer.

On a disk a delivery has the hour of its release and no finer age. Rows have their numbers in order
of arrival, so that one number a look, the highest there was, tells the age of every row; and how
many rows wait costs no memory.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import trio

from relay.model import Instant

MOST = 10_000
"""Numbers that are kept: a week of minutes. Of more every second one is forgotten."""


@dataclass(frozen=True, slots=True)
class Seen:
    """When a row had been seen: on the loop's clock, and by the node's. ``at_first``: it was there
    when this process began, and may be older by any time."""

    at: float
    now: Instant
    at_first: bool


class Ages:
    """Of one process. What is older than ``most_s`` (seconds) is not told apart."""

    def __init__(self, most_s: float) -> None:
        self._most_s = most_s
        self._highest: list[int] = []
        self._seen: list[Seen] = []

    def saw(self, highest: int, now: Instant) -> None:
        """All rows up to this seq are there by now."""
        at = trio.current_time()
        if not self._highest or highest > self._highest[-1]:
            self._seen.append(Seen(at, now, not self._seen))
            self._highest.append(highest)
        if len(self._seen) > MOST:  # who is of a number that goes counts with the next: as younger
            del self._seen[1:-1:2], self._highest[1:-1:2]
        while len(self._seen) > 1 and self._seen[1].at + self._most_s <= at:
            del self._seen[0], self._highest[0]

    def of(self, seq: int) -> Seen | None:
        """When a row was seen first; None if it has not been yet."""
        at = bisect_left(self._highest, seq)
        return self._seen[at] if at < len(self._seen) else None
