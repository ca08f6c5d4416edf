"""Windows looked at again and again: what was found of one is kept as long as it holds.

A window is looked at before each send, and to look at a zone takes its time.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from relay.model import Instant
from relay.rules.windows import Period, Window, next_period, period_at


@dataclass(frozen=True, slots=True)
class Look:
    """A window as it is from ``since`` on and before ``until``: the period it is in, and the
    next."""

    since: Instant
    until: float
    now: Period | None
    then: Period | None


class Periods:
    """Looks at windows."""

    def __init__(self) -> None:
        self._looks: dict[Window, Look] = {}

    def look(self, window: Window, now: Instant) -> Look:
        """A window at this instant; time may go back."""
        known = self._looks.get(window)
        if known is None or not known.since <= now < known.until:
            period, then = period_at(window, now), next_period(window, now)
            ends = math.inf if period is None else period.ends
            begins = math.inf if then is None else then.begins
            known = self._looks[window] = Look(now, min(ends, begins), period, then)
        return known

    def keep(self, windows: Collection[Window]) -> None:
        """Keep nothing of any other window."""
        self._looks = {one: self._looks[one] for one in windows if one in self._looks}
