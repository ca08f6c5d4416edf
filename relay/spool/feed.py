"""What has changed, for who keeps a picture of it all: in memory, of this process, and bounded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from itertools import takewhile
from typing import Final

from relay.model import Changes

MOST: Final = 4096
"""Submissions that are remembered as changed. Whoever has missed more does better to look anew."""


class Feed:
    """The last change of each submission, numbered by commits of this process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._at = 0
        self._forgot = 0
        self._changed: OrderedDict[int, int] = OrderedDict()

    def add(self, roots: Iterable[int]) -> None:
        """A commit has changed these."""
        self._at += 1
        for root in roots:
            self._changed[root] = self._at
            self._changed.move_to_end(root)
        while len(self._changed) > self._most:
            _, self._forgot = self._changed.popitem(last=False)

    def since(self, at: int) -> Changes:
        """What changed after this number."""
        if not self._forgot <= at <= self._at:
            return Changes(self._at, all=True)
        newest_first = takewhile(lambda one: one[1] > at, reversed(self._changed.items()))
        return Changes(self._at, tuple(root for root, _ in newest_first)[::-1])
