"""How a link by mail fares: both directions, and what came back, as one state of the board."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

Side = Literal["out", "in", "back"]

_WORST: Final = ("login", "blocked", "works")
_SIDES: Final[tuple[Side, ...]] = ("out", "in", "back")
_CAME_BACK: Final = (
    "a mail to the peer came back: look at `to`, and at what its provider takes (size, attachments)"
)


class Faring:
    """Tells the worst of it each time that anything is known. ``tell`` is called with a state and
    why in our own words, and may drop what it knows."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self._tell = tell
        self._of: dict[Side, tuple[str, str]] = {}

    def fares(self, side: Side, state: str, why: str = "") -> None:
        """One side fares like that now."""
        self._of[side] = (state, why)
        worst = min(_WORST.index(told) for told, _ in self._of.values())
        said = next(
            self._of[side]
            for side in _SIDES
            if side in self._of and self._of[side][0] == _WORST[worst]
        )
        self._tell(*said)

    def came_back(self) -> None:
        """A mail of ours did not arrive. That stands until the peer is heard again."""
        self.fares("back", "blocked", _CAME_BACK)

    def heard(self) -> None:
        """The peer was heard: what is sent there arrives, or it will ask."""
        if "back" in self._of:
            self.fares("back", "works")
