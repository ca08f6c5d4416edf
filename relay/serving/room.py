"""A number of things that strangers share."""

from __future__ import annotations

from collections import Counter


class Room:
    """A number of things, shared: so many in all, and so many for each network."""

    def __init__(self, total: int, per_network: int) -> None:
        self._total = total
        self._per_network = per_network
        self._taken = 0
        self._by_network: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How much is taken now, by all networks."""
        return self._taken

    def take(self, network: str, amount: int = 1) -> bool:
        """Take an amount; False if there is not so much, and nothing was taken."""
        if self._taken + amount > self._total:
            return False
        if self._by_network[network] + amount > self._per_network:
            return False
        self._taken += amount
        self._by_network[network] += amount
        return True

    def give(self, network: str, amount: int = 1) -> None:
        """Give it back. A network that holds nothing is forgotten."""
        self._taken -= amount
        self._by_network[network] -= amount
        if not self._by_network[network]:
            del self._by_network[network]
