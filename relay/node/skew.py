"""How far our clock is from those of the platforms, by the Date of their answers.

A node has nobody else to ask: a clock that is hours off refuses webhooks, and shows wrong hours.
Of several platforms the one that is nearest to us is believed, so that a single wrong clock over
there is no alarm here.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime

from relay.ports import Clock

GRAIN_S = 60
"""Seconds by which it must change before it is said again."""


class Skew:
    """Gathers what platforms say; ``say`` is told how many seconds our clock is ahead of them."""

    def __init__(self, clock: Clock, say: Callable[[int], None]) -> None:
        self._clock = clock
        self._say = say
        self._ahead: dict[str, int] = {}
        self._said = 0

    def heard(self, name: str, date: str) -> None:
        """A destination's answer had this Date (RFC 9110 section 5.6.7)."""
        try:
            there = parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError, OverflowError):
            return
        self._ahead[name] = self._clock.now() - int(there)
        nearest = min(self._ahead.values(), key=abs)
        if abs(nearest - self._said) >= GRAIN_S:
            self._said = nearest
            self._say(nearest)
