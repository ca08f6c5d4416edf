"""How much one sender may still send: so many at once, and as many again in each hour.

A sender over that is told "try again later" like anybody else on a bad day, and so learns nothing.
What is remembered of one is a keyed hash and a time, in memory, and of the last few thousand only.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from relay.model import HOUR, Instant

MOST_SENDERS: Final = 10_000
"""Senders of one transport that are remembered: about 2 MB. Who pushes another out by writing under
ten thousand names has no need to be one sender any more."""

WHOLE: Final = 4
"""What a message weighs. A segment of a long SMS weighs 1: ten of them are one message of a person,
and yet none is free."""

_ROUNDING = 1e-6


class Senders:
    """The senders of one transport, by a hash of theirs, after the generic cell rate algorithm: one
    time is kept, by which all that was taken would have come at an even pace."""

    def __init__(self, per_hour: int, most: int = MOST_SENDERS) -> None:
        self._pace_s = HOUR / per_hour / WHOLE
        self._most = most
        self._even: OrderedDict[bytes, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._even)

    def take(self, sender: bytes, weight: int, now: Instant) -> bool:
        """Count a message; False if the sender is over the limit, and nothing was counted."""
        even = self._even.get(sender, 0.0)
        if even > now + 2 * HOUR:  # it is of another time: the clock was set back
            even = 0.0
        even = min(max(even, now), now + HOUR)
        after = even + weight * self._pace_s
        taken = after <= now + HOUR + _ROUNDING
        self._even[sender] = after if taken else even
        self._even.move_to_end(sender)
        if len(self._even) > self._most:
            self._even.popitem(last=False)
        return taken

    def known(self) -> dict[bytes, float]:
        """What is remembered, for the door that comes after this one."""
        return dict(self._even)

    def learn(self, known: Mapping[bytes, float]) -> None:
        """Go on from what a door before this one remembered."""
        self._even = OrderedDict(list(known.items())[-self._most :])

    def give(self, sender: bytes, weight: int) -> None:
        """It was not taken after all."""
        if sender in self._even:
            self._even[sender] -= weight * self._pace_s
