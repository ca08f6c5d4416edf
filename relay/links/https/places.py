"""How many may be there at once: who comes last is let in, and who came first makes room for it.

So nobody who sits in silence keeps others out. Everybody has a share: who comes too often takes
places from itself alone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final

STRANGERS: Final = 128
"""Connections that have not shown yet whose they are."""

STRANGERS_SHARE: Final = 32
"""Of these, from one network."""

PEERS_SHARE: Final = 4
"""Connections of one peer. It needs one; those that were cut far away are here still."""


class Places:
    """``most`` places in all, and ``share`` of them for each."""

    def __init__(self, most: int, share: int) -> None:
        self._most = most
        self._share = share
        self._there: dict[object, tuple[Hashable, Callable[[], object]]] = {}

    def __len__(self) -> int:
        return len(self._there)

    def enter(
        self, whose: Hashable, cut: Callable[[], object], share: int | None = None
    ) -> Callable[[], None]:
        """Take a place; ``cut`` is called when it is needed for somebody else. To be called at the
        end: what this gives."""
        its = [place for place, (one, _) in self._there.items() if one == whose]
        if len(its) >= (self._share if share is None else share):
            self._make_room(its[0])
        elif len(self._there) >= self._most:
            self._make_room(next(iter(self._there)))
        place = object()
        self._there[place] = whose, cut
        return lambda: self._leave(place)

    def _make_room(self, place: object) -> None:
        _, cut = self._there.pop(place)
        cut()

    def _leave(self, place: object) -> None:
        self._there.pop(place, None)
