"""The keys of a day, in the core's memory only: they end with it, and so does what they open.

Tag keys group what one person writes within two days. A return key opens the way back to a sender
for two weeks: who asks later asks anew.
"""

from __future__ import annotations

from secrets import token_bytes
from typing import Final

from relay.model import Instant
from relay.wire.frames import ReturnDay
from relay.wire.names import day_number
from relay.wire.primitives import KEY
from relay.wire.token import KEY_ID

RETURN_DAYS: Final = 14
"""Days that a return key is kept, its own included."""


class DayKeys:
    """Those of today and of the days before it, newest first."""

    def __init__(self, now: Instant) -> None:
        self._day = day_number(now)
        self._returns = [(self._day, _new())]
        self.tags = (token_bytes(KEY), token_bytes(KEY))
        """Today's tag key and yesterday's."""

    @property
    def returns(self) -> tuple[ReturnDay, ...]:
        """The return keys that are still good."""
        return tuple(key for _, key in self._returns)

    def turn(self, now: Instant) -> bool:
        """Make new keys if another day has begun; whether it has."""
        day = day_number(now)
        if day == self._day:
            return False
        self._day = day
        self.tags = (token_bytes(KEY), self.tags[0])
        good = [(made, key) for made, key in self._returns if made > day - RETURN_DAYS]
        self._returns = [(day, _new()), *good[: RETURN_DAYS - 1]]
        return True

    def move(self, days: int) -> None:
        """The time was moved by so many days: no key is older for that."""
        self._day += days
        self._returns = [(made + days, key) for made, key in self._returns]

    def opens(self, token: bytes) -> bool:
        """Whether a door can open this token still."""
        return token[:KEY_ID] in {key.id for _, key in self._returns}


def _new() -> ReturnDay:
    return ReturnDay(token_bytes(KEY_ID), token_bytes(KEY))
