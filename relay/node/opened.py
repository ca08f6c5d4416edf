"""Which ways in are open. A door that ended is started again within seconds; where none stays, what
it had open takes nothing, whatever was heard of it last."""

from __future__ import annotations

from collections.abc import Iterable

import trio

OPENS_S = 60.0
"""Seconds that a door is given to open what it should."""

NOT_OPEN = "no door has it open: the journal says why"


class Opened:
    """The ways in of one node, by name."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._ever: set[str] = set()
        self._shut = dict.fromkeys(self._names, trio.current_time())

    @property
    def count(self) -> int:
        """How many are open, or once were."""
        return len(self._ever)

    def serves(self, name: str) -> None:
        """A door has opened one."""
        self._ever.add(name)
        self._shut.pop(name, None)

    def ended(self) -> None:
        """No door is left."""
        now = trio.current_time()
        self._shut = {name: self._shut.get(name, now) for name in self._names}

    def stay_shut(self) -> list[str]:
        """Those that were not open for so long that nobody should wait for it."""
        now = trio.current_time()
        return [name for name, since in self._shut.items() if now - since >= OPENS_S]
