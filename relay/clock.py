"""The system's clock, the one place that asks it."""

from __future__ import annotations

import time

from relay.model import HOUR, Instant


class SystemClock:
    """``ports.Clock`` on the wall clock of this machine."""

    def now(self) -> Instant:
        return int(time.time())


def hour_of(instant: Instant) -> Instant:
    """The hour that contains it: what may be kept or shown of a time with a person behind it."""
    return instant - instant % HOUR
