"""What was counted in each hour, as the spool remembers it: sealed, for 35 days.

A hand that takes the disk would else read when how much was sent, and by which way, long after the
messages are gone. So it lies under a key of ``exit.key``, and there is something for every hour in
which the node ran: that nothing came is told by nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Final

from relay.errors import Damaged, SpoolFull
from relay.model import HOUR, Instant
from relay.ports import Spool
from relay.rules.flow import Hour, plus
from relay.wire import primitives
from relay.wire.keys import ExitKeys
from relay.wire.pack import pack, unpack

PREFIX: Final = "flow "
KEPT_S: Final = 35 * 86400

_INFO: Final = b"outword/1/flow"


class KeptFlow:
    """The hours of one node. Nothing is read or written while ``keys`` gives None: exit.key is
    locked."""

    def __init__(self, spool: Spool, keys: Callable[[], ExitKeys | None]) -> None:
        self._spool = spool
        self._keys = keys
        self._last: Hour | None = None

    async def add(self, counted: Hour) -> bool:
        """Add to what is kept of an hour. False: locked, or no room; it is to be added later."""
        key = self._key()
        if key is None:
            return False
        name, last = _name(counted.hour), self._last
        if last is None or last.hour != counted.hour:
            last = _opened(key, name, (await self._spool.remembered()).get(name, b""))
        if last is not None and counted == Hour(counted.hour):
            return True
        after = counted if last is None else plus(counted, last)
        with contextlib.suppress(SpoolFull):
            await self._spool.remember(name, primitives.seal(key, pack(after), name.encode()))
            self._last = after
            return True
        return False

    async def one(self, hour: Instant) -> Hour | None:
        """What is kept of one hour."""
        key, name = self._key(), _name(hour)
        if key is None:
            return None
        if self._last is not None and self._last.hour == hour:
            return self._last
        return _opened(key, name, (await self._spool.remembered()).get(name, b""))

    async def since(self, first: Instant) -> list[Hour]:
        """What is kept of this hour and those after it, the oldest first."""
        key = self._key()
        if key is None:
            return []
        found = [
            _opened(key, name, value)
            for name, value in (await self._spool.remembered()).items()
            if (hour := _hour(name)) is not None and hour >= first
        ]
        return sorted((one for one in found if one is not None), key=lambda one: one.hour)

    async def forget(self, now: Instant) -> None:
        """Keep no longer what is too old."""
        remembered: Mapping[str, bytes] = await self._spool.remembered()
        for name in remembered:
            hour = _hour(name)
            if hour is not None and hour < now - KEPT_S:
                with contextlib.suppress(SpoolFull):
                    await self._spool.remember(name, b"")

    def _key(self) -> bytes | None:
        keys = self._keys()
        return None if keys is None else primitives.derive(keys.desk_secret, _INFO)


def _name(hour: Instant) -> str:
    return f"{PREFIX}{hour // HOUR}"


def _hour(name: str) -> Instant | None:
    number = name.removeprefix(PREFIX)
    return int(number) * HOUR if name.startswith(PREFIX) and number.isdecimal() else None


def _opened(key: bytes, name: str, value: bytes) -> Hour | None:
    """What was kept; None for what is not there, damaged, or of other keys."""
    with contextlib.suppress(Damaged):
        hour = unpack(Hour, primitives.open_(key, value, name.encode()))
        if hour.is_sound and _name(hour.hour) == name:
            return hour
    return None
