"""An exit hands over by itself what it has for its entries, where nobody waits for an answer.

Over mail and folders nothing is answered: what is durable, answers to senders and new keys are
handed over when there are any, and not more often than the link says (``every``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import trio

from relay.config import Settings
from relay.config.linking import Link
from relay.node.crossing.links import Links
from relay.node.crossing.returning import Returning

BACKLOG_S: Final = 1.0
"""Seconds between two batches where one had no room for all."""


class GivingBack:
    """All links of one node that answer nothing. It has nothing to do on an entry."""

    def __init__(self, links: Links, returning: Returning, settings: Settings) -> None:
        self._links = links
        self._returning = returning
        self._peers = () if settings.node.role == "entry" else tuple(settings.peers)
        self._at: Mapping[str, Link] = settings.links
        self.by_itself = frozenset(name for name, at in self._at.items() if not at.is_answered)
        """The links that answer nothing."""
        self.answers = frozenset(self._at) - self.by_itself
        """The others."""

    async def run(self) -> None:
        """Hand over what there is, for ever."""
        async with trio.open_nursery() as nursery:
            for link in sorted(self.by_itself):
                for peer in self._peers_of(link):
                    nursery.start_soon(self._give, link, peer, float(self._at[link].every))

    def waiting(self, link: str) -> int:
        """How much waits to go back by a link: ids of what is durable, and answers."""
        return sum(self._returning.waiting(link, peer) for peer in self._peers_of(link))

    def _peers_of(self, link: str) -> tuple[str, ...]:
        """To whom it leads: to one, or to all; to none where it only takes in."""
        if not self._at[link].hands_over:
            return ()
        leads_to = self._at[link].peer
        return tuple(peer for peer in self._peers if leads_to in ("", peer))

    async def _give(self, link: str, peer: str, every_s: float) -> None:
        while True:
            more = await self._gave(link, peer)
            await trio.sleep(min(BACKLOG_S, every_s) if more else every_s)

    async def _gave(self, link: str, peer: str) -> bool:
        """Hand over what there is; whether it is gone and there is more."""
        batch = self._returning.by_itself(link, peer)
        if not batch:
            return False
        crossed = await self._links.hand_over(link, peer, batch)
        if crossed.how == "later":
            return False
        self._returning.given(link, peer, batch)
        return bool(self._returning.by_itself(link, peer))
