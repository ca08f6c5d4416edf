"""What keeps the canary from a destination for now."""

from __future__ import annotations

from typing import Final, Protocol

from relay.exit.rest import USED_UP
from relay.model import Place
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.holding import Holding

LOCKED: Final = "locked"
"""How a node is that opens nothing."""

_STATES: Final = {
    "spent": "its budget is used up",
    "login": "its account waits for you",
}
"""States of a place in which nothing can be posted, or nobody knows what it would cost."""


class Node(Protocol):
    """What is needed of the core."""

    board: Board
    brake: Brake
    holding: Holding

    @property
    def standing(self) -> str: ...


class Stopping:
    """Asked of each destination before it is tried; "" where nothing stands in the way."""

    def __init__(self, core: Node) -> None:
        self._core = core

    def locked(self) -> bool:
        """Whether nothing is opened now."""
        return self._core.standing == LOCKED

    def posts(self, name: str) -> str:
        """Why nothing may be posted there now."""
        if self._core.brake.stops(name):
            return "it is paused"
        if self.locked():
            return "exit.key is locked"
        return _STATES.get(self._place(name).state) or self.asks(name)

    def asks(self, name: str) -> str:
        """Why it is not even to be asked for anything: it is away, or has asked for a rest."""
        if self._core.holding.stops(name):
            return "it is in a window"
        return USED_UP if self._place(name).why.startswith(USED_UP) else ""

    def _place(self, name: str) -> Place:
        return next((one for one in self._core.board.places() if one.name == name), Place(name))
