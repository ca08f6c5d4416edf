"""No transport and no network takes more than a quarter of the room on the disk.

What was taken is held to be there for a day: by then most of it has been posted, or an operator has
been told. The room itself is measured by the core, which knows the disk.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final

from relay.model import HOUR, Instant

MOST_NAMES: Final = 4096
"""Networks that are remembered: at most 2 MB."""

_PARTS = 4
_HOURS = 25  # the one that is not over, and a whole day before it


class _Taken:
    """Bytes that were taken in each hour of the last day."""

    __slots__ = ("_hour", "_in_hour")

    def __init__(self, hour: int, in_hour: Sequence[int] = (0,) * _HOURS) -> None:
        self._hour = hour
        self._in_hour = array("q", in_hour)

    def known(self) -> list[int]:
        """The hour it is at, and what was taken in each."""
        return [self._hour, *self._in_hour]

    def add(self, size: int, hour: int) -> None:
        self._turn(hour)
        self._in_hour[hour % _HOURS] += size

    def take_off(self, size: int, hour: int) -> None:
        """Of an hour in which it was added."""
        self._in_hour[hour % _HOURS] -= size

    def in_a_day(self, hour: int) -> int:
        """The sum, now that it is this hour."""
        self._turn(hour)
        return sum(self._in_hour)

    def _turn(self, hour: int) -> None:
        """Forget hours that are over. A clock that was set back forgets nothing, and one that was
        set back by days begins to forget anew."""
        if hour < self._hour - _HOURS:
            self._hour = hour
        for begun in range(self._hour + 1, min(hour, self._hour + _HOURS) + 1):
            self._in_hour[begun % _HOURS] = 0
        self._hour = max(self._hour, hour)


class Shares:
    """Who took how much. ``room`` is how many bytes are free: None, as long as nobody has said so,
    and 0, where the disk itself says no, limit nothing."""

    def __init__(self, most: int = MOST_NAMES) -> None:
        self.room: int | None = None
        self._most = most
        self._by_name: OrderedDict[bytes, _Taken] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_name)

    def take(self, name: bytes, size: int, now: Instant) -> bool:
        """Count so many bytes; False if that is too much, and nothing was counted."""
        hour = now // HOUR
        taken = self._of(name, hour)
        if self.room and taken.in_a_day(hour) + size > self.room // _PARTS:
            return False
        taken.add(size, hour)
        return True

    def known(self) -> dict[bytes, list[int]]:
        """What was taken, for the door that comes after this one."""
        return {name: taken.known() for name, taken in self._by_name.items()}

    def learn(self, known: Mapping[bytes, Sequence[int]]) -> None:
        """Go on from what a door before this one counted."""
        found = {name: _Taken(hour, in_hour) for name, (hour, *in_hour) in known.items()}
        self._by_name = OrderedDict(list(found.items())[-self._most :])

    def give(self, name: bytes, size: int, now: Instant) -> None:
        """It was not taken after all. ``now`` is that of ``take``."""
        if name in self._by_name:
            self._by_name[name].take_off(size, now // HOUR)

    def _of(self, name: bytes, hour: int) -> _Taken:
        taken = self._by_name.get(name)
        if taken is None:
            taken = self._by_name[name] = _Taken(hour)
            if len(self._by_name) > self._most:
                self._by_name.popitem(last=False)
        self._by_name.move_to_end(name)
        return taken
