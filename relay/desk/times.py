"""Hours and ages as a page shows them. No time of a message is finer than an hour."""

from __future__ import annotations

import calendar
import time
from dataclasses import dataclass
from typing import Final, Literal

from relay.model import HOUR, Instant

AMBER_S: Final = 2 * HOUR
RED_S: Final = 6 * HOUR
"""Seconds after which what waits is shown as waiting long, and too long."""

_FIELD: Final = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Times:
    """``now``: the time as the node has it."""

    now: Instant

    def hour(self, at: Instant) -> str:
        """An hour of UTC: ``2026-11-30 14 h``."""
        return time.strftime("%Y-%m-%d %H h", time.gmtime(at))

    def minute(self, at: Instant) -> str:
        """A minute of UTC."""
        return time.strftime("%Y-%m-%d %H:%M", time.gmtime(at))

    def hours(self, at: Instant) -> int:
        """Whole hours since then."""
        return max(0, self.now - at) // HOUR

    def left_s(self, until: Instant) -> int:
        """Seconds until then."""
        return max(0, until - self.now)

    def colour(self, at: Instant) -> Literal["", "amber", "red"]:
        """How urgent it is by its age."""
        waits = self.now - at
        return "red" if waits >= RED_S else "amber" if waits >= AMBER_S else ""


def instant_in(field: str) -> Instant | None:
    """What a field for a date and a time of UTC says; None for an empty one. Raises ValueError for
    what is none (HTML, local date and time)."""
    return calendar.timegm(time.strptime(field[:16], _FIELD)) if field.strip() else None
