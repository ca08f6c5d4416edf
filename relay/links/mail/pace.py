"""How often a provider is bothered: so many mails a day, and not again at once where it said later.

Providers count, and shut who sends more; some begin the day anew with each try that is made while
it is shut (Yandex: 500 a day, "if you don't try to send"). So nothing is tried then. All of it is
in memory: a restart begins a new day, which is why the limit should stay well below theirs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

DAY_S: Final = 86400.0
FIRST_S: Final = 60.0
LONGEST_S: Final = 6 * 3600.0
"""Seconds of rest after the first "later" of a provider, doubled with each more, and at most."""

SPENT: Final = "as many mails as most_a_day allows went out: it goes on when the first is a day old"
RESTS: Final = "the provider takes no mail now: it is tried again"


def _time() -> float:
    return asyncio.get_running_loop().time()


class Pace:
    """Of one link. ``time`` gives seconds."""

    def __init__(self, most_a_day: int, time: Callable[[], float] = _time) -> None:
        self._most = most_a_day
        self._time = time
        self._sent: deque[float] = deque(maxlen=most_a_day)
        self._put_off = 0
        self._until = -DAY_S

    @property
    def why_not(self) -> str:
        """Why nothing may go out now; empty if it may."""
        now = self._time()
        if now < self._until:
            return RESTS
        full = len(self._sent) == self._most
        return SPENT if full and now - self._sent[0] < DAY_S else ""

    def sends(self) -> None:
        """A mail goes out, whatever becomes of it."""
        self._sent.append(self._time())

    def put_off(self) -> None:
        """The provider said later."""
        rest_s = min(LONGEST_S, FIRST_S * 2.0 ** min(self._put_off, 30))
        self._put_off += 1
        self._until = self._time() + rest_s

    def went(self) -> None:
        """It took what it was given."""
        self._put_off = 0
