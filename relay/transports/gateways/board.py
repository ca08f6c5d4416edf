"""What the board shows of one gateway, where two things may be wrong at the same time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

Faring = Callable[[str, str], None]
"""Is told a state of the board, and why."""

WORKS: Final = ("works", "")

PICTURES_STAY: Final = (
    "login",
    "pictures stay at the gateway: look at them there, delete them, and look why we could not",
)


class GatewayBoard:
    """What is wrong with the account comes before pictures that stay there; neither is forgotten
    when the other is over. ``faring`` is called when what is shown changes."""

    def __init__(self, faring: Faring) -> None:
        self._faring = faring
        self._account = WORKS
        self._stay = False
        self._shown = WORKS

    def account(self, state: str, why: str) -> None:
        """How the account fares."""
        self._account = (state, why)
        self._show()

    def pictures(self, gone: bool) -> None:
        """Whether pictures that should go are gone there."""
        self._stay = not gone
        self._show()

    def _show(self) -> None:
        otherwise = PICTURES_STAY if self._stay else WORKS
        now = self._account if self._account[0] != "works" else otherwise
        if now != self._shown:
            self._shown = now
            self._faring(*now)
