"""How often somebody may be told the safety text: at most three times an hour."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

MOST: Final = 3
HOUR_S: Final = 3600.0
MOST_CHATS: Final = 10_000
"""Chats that are remembered, each for an hour and in memory only; the oldest is forgotten."""


class Greetings:
    """Who was greeted within the last hour."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._greeted: OrderedDict[int, deque[float]] = OrderedDict()

    def may(self, chat: int) -> bool:
        """Whether this chat may be told now; counted if so."""
        now = self._now()
        times = self._greeted.setdefault(chat, deque(maxlen=MOST))
        self._greeted.move_to_end(chat)
        while len(self._greeted) > MOST_CHATS:
            self._greeted.popitem(last=False)
        if len(times) == MOST and now - times[0] < HOUR_S:
            return False
        times.append(now)
        return True
