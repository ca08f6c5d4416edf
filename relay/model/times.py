"""Time as everything here counts it: whole seconds, and the hour that may be kept of them."""

from __future__ import annotations

Instant = int
"""Whole seconds since 1970, by our ``Clock``."""

HOUR = 3600


def hour_of(instant: Instant) -> Instant:
    """The hour that contains it: what may be kept or shown of a time with a person behind it."""
    return instant - instant % HOUR
