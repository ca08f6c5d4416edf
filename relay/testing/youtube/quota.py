"""What a project may ask in a day, and how many videos a channel may take in one.

Facts: developers.google.com/youtube/v3/determine_quota_cost: 10,000 units a day, a call that writes
costs 50 and one that reads 1, and ``videos.insert`` is counted apart, 100 a day; all of it begins
anew at midnight in California. What is refused was counted all the same.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from relay.model import Instant
from relay.testing.google import Refused

PACIFIC: Final = ZoneInfo("America/Los_Angeles")
INSERT: Final = "inserts"
UNITS: Final = "units"
DAY_S: Final = 86_400


class Quota:
    """What is left. Settable: ``units`` and ``inserts`` (of the project, in a day of California),
    ``uploads`` (of the channel, in 24 h)."""

    def __init__(self) -> None:
        self.units = 10_000
        self.inserts = 100
        self.uploads = 1_000
        self._used: Counter[tuple[date, str]] = Counter()
        self._uploaded: list[Instant] = []

    def used(self, now: Instant) -> int:
        """Units that this day has seen."""
        return self._used[_day(now), UNITS]

    def charge(self, now: Instant, units: int) -> None:
        """Count a call. Raises Refused."""
        self._count(now, UNITS, units, self.units)

    def insert(self, now: Instant) -> None:
        """Count a call that begins an upload. Raises Refused."""
        self._count(now, INSERT, 1, self.inserts)
        self._uploaded = [at for at in self._uploaded if at + DAY_S > now]
        if len(self._uploaded) >= self.uploads:
            message = "The user has exceeded the number of videos they may upload."
            raise Refused(400, "uploadLimitExceeded", message, domain="youtube.video")

    def uploaded(self, now: Instant) -> None:
        """The channel took a video."""
        self._uploaded.append(now)

    def _count(self, now: Instant, of: str, by: int, most: int) -> None:
        key = (_day(now), of)
        if self._used[key] + by > most:
            link = '<a href="/youtube/v3/getting-started#quota">quota</a>'
            message = f"The request cannot be completed because you have exceeded your {link}."
            raise Refused(403, "quotaExceeded", message, domain="youtube.quota")
        self._used[key] += by


def _day(now: Instant) -> date:
    return datetime.fromtimestamp(now, PACIFIC).date()
