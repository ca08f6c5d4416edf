"""What the transports of a door count between two beats, until the core is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from relay.wire.frames import Heard


class Tallies:
    """By the transport's name: what it turned away, service messages, and signs of life."""

    def __init__(self) -> None:
        self._turned: Counter[str] = Counter()
        self._service: Counter[str] = Counter()
        self._alive: set[str] = set()

    def turning(self, name: str) -> Callable[[], None]:
        """To be called for what was refused."""
        return partial(self._count, self._turned, name)

    def serving(self, name: str) -> Callable[[], None]:
        """To be called for what is counted and not kept."""
        return partial(self._count, self._service, name)

    def living(self, name: str) -> Callable[[], None]:
        """To be called for any sign of life of the other side."""
        return partial(self._alive.add, name)

    def told(self) -> Iterator[Heard]:
        """What happened since the last call."""
        for name in {*self._turned, *self._service, *self._alive}:
            yield Heard(name, self._turned[name], self._service[name], name in self._alive)
        for tally in (self._turned, self._service, self._alive):
            tally.clear()

    @staticmethod
    def _count(tally: Counter[str], name: str) -> None:
        tally[name] += 1
