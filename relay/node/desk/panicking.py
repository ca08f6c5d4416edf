"""The desk's panic button: what ``relay panic`` does, by a word that somebody typed.

The core destroys the keys, which are all that it can write to; the launcher every other secret, and
then ends all of the node. Should the launcher be gone, the core goes as well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from relay.errors import Asked
from relay.node.panic.destroying import destroyed
from relay.node.panic.listed import keys_in

TYPED: Final = "destroy the keys"
"""What has to be typed, so that no single click and no cat on the keyboard does it."""


class Panicking:
    """``end`` has the launcher destroy the rest and end the node."""

    def __init__(self, keys: Path, base: Path, end: Callable[[], Awaitable[None]]) -> None:
        self._keys = keys
        self._base = base
        self._end = end

    async def panic(self, typed: object) -> dict[str, Any]:
        """Destroy the keys now, and say what became of them. Raises Asked for another word."""
        if not isinstance(typed, str) or " ".join(typed.split()).casefold() != TYPED:
            raise Asked(f"nothing was done: type the words {TYPED}")
        ended = list(destroyed(keys_in(self._keys, self._base)))  # blocks: nothing is to go between
        await self._end()
        return {
            "ended": [{"file": one.file.name, "how": one.how, "why": one.why} for one in ended],
            "rest": True,
        }
