"""The pace of a release: at most one beginning in so many seconds, whatever happens in between.

Times are seconds of any clock that only runs forward. A new process does not know when the last one
began something: it takes its own start for that, so that a crash never makes a release faster.
"""

from __future__ import annotations

import math


class Pace:
    """When the next may begin. ``since``: the start of a process that may follow another one."""

    def __init__(self, since: float = -math.inf) -> None:
        self._last = since

    def next_at(self, every_s: float) -> float:
        """The first time at which another may begin; long past where there is no pace."""
        return self._last + every_s if every_s > 0 else -math.inf

    def begins(self, now: float) -> None:
        """One begins now."""
        self._last = now
