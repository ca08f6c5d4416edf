"""How far our clock is from those of the platforms, by the Date of their answers.

A node has nobody else to ask: a clock that is hours off refuses webhooks, and shows wrong hours.
Of several platforms the one that is nearest to us is believed, so that a single wrong clock over
there is no alarm here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import trio

from relay.clock import uptime
from relay.ports import Clock

GRAIN_S = 60
"""Seconds by which it must change before it is said again."""

AGAIN_S = 10.0
"""While the clock is frozen it is said again after so many seconds: what a platform says now tells
which time is right (``relay.rules.clock``)."""


class Skew:
    """Gathers what platforms say; ``say`` is told how many seconds our clock is ahead of them.
    ``frozen``: whether it is not known what time it is."""

    def __init__(
        self,
        clock: Clock,
        say: Callable[[int], None],
        frozen: Callable[[], bool] = lambda: False,
        up: Callable[[], float] = uptime,
    ) -> None:
        self._clock = clock
        self._say = say
        self._frozen = frozen
        self._up = up
        self._ahead: dict[str, int] = {}
        self._said = 0
        self._said_at = -math.inf
        self._base: float | None = None

    def heard(self, name: str, date: str) -> None:
        """A destination's answer had this Date (RFC 9110 section 5.6.7)."""
        try:
            there = parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError, OverflowError):
            return
        self._forget_if_moved()
        self._ahead[name] = self._clock.now() - int(there)
        nearest = min(self._ahead.values(), key=abs)
        frozen = self._frozen()
        again = frozen and self._up() - self._said_at >= AGAIN_S
        if again or abs(nearest - self._said) >= GRAIN_S:
            self._said = nearest
            self._said_at = self._up() if frozen else -math.inf  # the first since is told at once
            self._say(nearest)

    def _forget_if_moved(self) -> None:
        """What platforms said of another time than the one we go by now says nothing of this."""
        base = self._clock.now() - self._up()
        if self._base is not None and abs(base - self._base) >= GRAIN_S:
            self._ahead, self._said = {}, 0
        self._base = base


class Platforms:
    """What the core knows of it."""

    def __init__(self) -> None:
        self.ahead_s = 0
        """Seconds that our clock is ahead of the platforms', as they last said it."""
        self._heard = -math.inf

    def said(self, ahead_s: int) -> None:
        """An outlet has told it."""
        self.ahead_s = ahead_s
        self._heard = trio.current_time()

    def since(self, instant: float) -> int | None:
        """What was said after an instant of the loop's clock; None if nothing was."""
        return self.ahead_s if self._heard > instant else None

    def moved(self) -> None:
        """Another time is believed, and what they said is of the one before."""
        self.ahead_s, self._heard = 0, -math.inf
