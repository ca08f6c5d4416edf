"""News for the desk: what has changed, a few times a second, for as long as somebody may look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import trio

from relay.errors import Asked
from relay.node.desk.cards import Cards
from relay.ports import Spool

EVERY_S: Final = 0.25
"""Seconds between two looks: whoever sits there sees that as at once."""

MOST: Final = 500
"""Messages that are told of at a time; of more the desk is told to look anew."""

Says = Callable[[Mapping[str, Any]], Awaitable[None]]


class Feed:
    """Tells one desk. ``wanted`` says whether anybody is signed in who may see messages: to a desk
    at which nobody sits nothing is told."""

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
            if self._wanted():
                await self.look()
            else:
                self._at, self._stood = -1, ""
            await trio.sleep(EVERY_S)

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
            async for cards, gone in self._cards.of(changes.roots):
                if cards or gone:
                    await self._says({"cards": cards, "gone": gone})
        except Asked:  # exit.key is locked: there is nothing to show
            self._at = -1
