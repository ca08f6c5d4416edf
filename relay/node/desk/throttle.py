"""How often somebody may try to sign in: slower than guessing needs, and nobody is locked out.

Each budget is a bucket of tries that fills again by and by (the generic cell rate algorithm, ITU-T
I.371). Who signs in from a browser in which they have done so before has a budget of their own,
which no stranger can use up; all others share what is left. Names that nobody has are counted as
those of users are, so that nobody learns by it who is one.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from math import ceil
from typing import Final

import trio

MANY: Final = 1024
"""Buckets that are kept before those that are full again are forgotten."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` tries at once, and then one in ``every_s`` seconds."""

    burst: int
    every_s: float


PER_NAME: Final = Rate(10, 60)
"""Of anybody under one name: 1,450 tries a day, against a passphrase and a million codes."""

IN_ALL: Final = Rate(30, 2)
"""Of anybody, under whatever names: each costs 40 ms of a processor and 19 MiB."""

PER_DEVICE: Final = Rate(10, 10)
"""Of one who has signed in before, in that browser; of one link; of the terminal."""


class Budget:
    """Buckets of one rate, by whatever tells them apart."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._full_at: dict[Hashable, float] = {}

    def wait_s(self, key: Hashable) -> int:
        """Whole seconds until there is a try in a bucket; 0: there is one."""
        early = self._rate.every_s * (self._rate.burst - 1)
        return max(0, ceil(self._full_at.get(key, 0.0) - early - trio.current_time()))

    def take(self, key: Hashable) -> None:
        """Take a try."""
        now = trio.current_time()
        if len(self._full_at) >= MANY:
            self._full_at = {one: at for one, at in self._full_at.items() if at > now}
        self._full_at[key] = max(now, self._full_at.get(key, 0.0)) + self._rate.every_s


class Throttle:
    """The budgets of one desk. Each gives the seconds to wait, or 0 and a try is taken."""

    def __init__(self) -> None:
        self._per_name = Budget(PER_NAME)
        self._in_all = Budget(IN_ALL)
        self._per_device = Budget(PER_DEVICE)

    def anybody(self, name: str) -> int:
        """Somebody tries this name, of whom nothing is known."""
        wait = max(self._per_name.wait_s(name), self._in_all.wait_s(""))
        if not wait:
            self._per_name.take(name)
            self._in_all.take("")
        return wait

    def known(self, device: Hashable) -> int:
        """Somebody tries who has shown something that only one person has."""
        wait = self._per_device.wait_s(device)
        if not wait:
            self._per_device.take(device)
        return wait
