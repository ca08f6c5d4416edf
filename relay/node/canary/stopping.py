"""What keeps the canary from a destination for now."""

from __future__ import annotations

from typing import Protocol

from relay.exit.rest import USED_UP
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.holding import Holding

LOCKED = "locked"
"""How a node is that opens nothing."""


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
        spent = any(one.state == "spent" for one in self._core.board.places() if one.name == name)
        return "its budget is used up" if spent else self.asks(name)

    def asks(self, name: str) -> str:
        """Why it is not even to be asked for anything: it is away, or has asked for a rest."""
        if self._core.holding.stops(name):
            return "it is in a window"
        places = self._core.board.places()
        rests = any(one.name == name and one.why.startswith(USED_UP) for one in places)
        return USED_UP if rests else ""
