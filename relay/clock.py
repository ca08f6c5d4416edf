"""The system's clock, the one place that asks it."""

from __future__ import annotations

import time

from relay.model import Instant


class SystemClock:
    """``ports.Clock`` on the wall clock of this machine."""

    def now(self) -> Instant:
        """Wall time in whole seconds since 1970."""
        return int(time.time())
