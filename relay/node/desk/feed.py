"""News for the desk: what has changed, a few times a second, for as long as somebody may look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import trio

from relay.errors import Asked, SpoolBroken
from relay.node.desk.cards import SLICE, Card, Cards
from relay.ports import Spool

EVERY_S: Final = 0.25
"""Seconds between two looks: whoever sits there sees that as at once."""

FAILED_S: Final = 10.0
"""Seconds until the next look after one that failed."""

MOST: Final = 4000
"""Messages that are told of after one look; where more have changed the desk is to look anew. A
deed on five hundred, with all that end with them, is less."""

TOGETHER: Final = 500
"""Cards told together."""

MOST_CHARS: Final = 1_000_000
"""Characters of all texts on these, but for the last of them."""

Says = Callable[[Mapping[str, Any]], Awaitable[None]]


NOBODY: Final = {"nobody": True}
"""Told once nobody is signed in any more who may see messages: what the desk knows of them it is to
forget, since whoever takes it over then would have it."""


class Feed:
    """Tells one desk. ``wanted`` says whether anybody is signed in who may see messages: to a desk
    at which nobody sits nothing is told but that."""

    def __init__(
        self,
        spool: Spool,
        cards: Cards,
        says: Says,
        wanted: Callable[[], bool],
        standing: Callable[[], str],
    ) -> None:
        self._spool = spool
        self._cards = cards
        self._says = says
        self._wanted = wanted
        self._standing = standing
        self._at = -1
        self._stood = ""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause_s = EVERY_S
            if not self._wanted():
                await self._left()
            elif not await self._looked():
                pause_s = FAILED_S
            await trio.sleep(pause_s)

    async def _left(self) -> None:
        if self._stood:
            await self._says(NOBODY)
        self._at, self._stood = -1, ""

    async def _looked(self) -> bool:
        """Look, and survive whatever there is to see: a card that cannot be made must not end the
        node. What it met is not told."""
        try:
            await self.look()
        except SpoolBroken:
            raise
        except Exception:
            self._at = -1
            return False
        return True

    async def look(self) -> None:
        """Tell what has changed since the last time; after a pause that nobody knows."""
        standing = self._standing()
        if standing != self._stood:
            self._stood = standing
            await self._says({"standing": standing})
        changes = await self._spool.changes(self._at)
        self._at = changes.at
        if changes.all or len(changes.roots) > MOST:
            await self._says({"all": True})
            return
        try:
            await self._tell(changes.roots)
        except Asked:  # exit.key is locked: there is nothing to show
            self._at = -1

    async def _tell(self, roots: Sequence[int]) -> None:
        cards: list[Card] = []
        gone: list[int] = []
        chars = 0
        async for some, missing in self._cards.of(roots):
            cards += some
            gone += missing
            chars += sum(len(card["text"]) for card in some)
            if len(cards) + len(gone) > TOGETHER - SLICE or chars > MOST_CHARS:
                await self._says({"cards": cards, "gone": gone})
                cards, gone, chars = [], [], 0
        if cards or gone:
            await self._says({"cards": cards, "gone": gone})
