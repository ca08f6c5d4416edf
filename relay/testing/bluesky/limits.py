"""How much is allowed in which time, as the reference server counts it.

Facts: ``packages/pds/src/rate-limits.ts`` and the methods beside it, 20 August 2026: 3000 calls in
300 s for an address; 5000 points an hour and 35,000 a day for the writes of an account (a new
record 3, a put 2, a delete 1); 30 sessions in 300 s and 300 a day for a name; 1000 blobs a day. A
window begins with the first call in it. What is refused counts too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from relay.model import Instant
from relay.testing.bluesky.says import rate, too_many

DAY_S: Final = 86_400
POINTS: Final = {
    "com.atproto.repo.createRecord": 3,
    "com.atproto.repo.putRecord": 2,
    "com.atproto.repo.deleteRecord": 1,
}


@dataclass(slots=True)
class Window:
    """One limit: ``allowed`` points in ``lasts_s``. Settable at any time."""

    allowed: int
    lasts_s: int
    used: int = 0
    ends: Instant = field(default=0)

    def take(self, points: int, now: Instant) -> None:
        """Use some of it, also what is not there."""
        if now >= self.ends:
            self.used, self.ends = 0, now + self.lasts_s
        self.used += points

    @property
    def left(self) -> int:
        """What remains; below zero is over the limit."""
        return self.allowed - self.used


class Limits:
    """All of them, by name; ``requests_allowed`` is that of every call."""

    def __init__(self, requests_allowed: int) -> None:
        self.calls = Window(requests_allowed, 300)
        self.writes = (Window(5000, 3600), Window(35_000, DAY_S))
        self.logins = (Window(30, 300), Window(300, DAY_S))
        self.blobs = (Window(1000, DAY_S),)

    def call(self, now: Instant) -> dict[str, str]:
        """Count a call; the headers of its answer. Raises No."""
        return _taken([(self.calls, 1)], now)

    def method(self, id: str, now: Instant) -> dict[str, str]:
        """Count what a method counts besides; the headers of its answer, or none. Raises No."""
        points = POINTS.get(id, 1)
        windows: tuple[Window, ...] = ()
        if id in POINTS:
            windows = self.writes
        elif id == "com.atproto.server.createSession":
            windows = self.logins
        elif id == "com.atproto.repo.uploadBlob":
            windows = self.blobs
        if not windows:
            return {}
        return _taken([(one, points) for one in windows] + [(self.calls, 0)], now)


def _taken(windows: Iterable[tuple[Window, int]], now: Instant) -> dict[str, str]:
    for one, points in windows:
        one.take(points, now)
    tightest = min((one for one, _ in windows), key=lambda one: one.left)
    if tightest.left < 0:
        raise too_many(tightest.allowed, tightest.lasts_s, tightest.ends, now)
    return rate(tightest.allowed, tightest.lasts_s, tightest.left, tightest.ends)
