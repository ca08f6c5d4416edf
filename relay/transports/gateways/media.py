"""Media that wait at a gateway: fetched before the message is taken, deleted there afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from relay.ports import NoAnswer, NotSent
from relay.reach.fetch import Fetch, TooLarge
from relay.transports.entity import MOST_BYTES, MOST_MEDIA, Medium
from relay.transports.gateways.said import Heard, Link

FETCH_S: Final = 8.0
"""For all media of one message: Twilio waits 15 s for our answer, and the message is to be durable
by then."""

DELETE_S: Final = 30.0


class Media:
    """The media of one account. ``login`` is shown to ``host`` and to no other. ``emptied`` is told
    False when media stay there that should not, and True when that is over."""

    def __init__(
        self,
        fetch: Fetch,
        *,
        host: str = "",
        login: str = "",
        deletes: bool = False,
        emptied: Callable[[bool], None] = lambda good: None,
    ) -> None:
        self._fetch = fetch
        self._host = host
        self._login = login
        self._deletes = deletes
        self._emptied = emptied
        self._is_emptied = True
        self._under_way: set[asyncio.Task[None]] = set()

    async def fetched(self, heard: Heard) -> Heard:
        """The message with its media; without those that cannot be had in time."""
        if not heard.links:
            return heard
        media: list[Medium] = []
        try:
            async with asyncio.timeout(FETCH_S):
                for link in heard.links[:MOST_MEDIA]:
                    medium = await self._medium(link, MOST_BYTES - sum(len(m) for _, m in media))
                    media += [medium] if medium is not None else []
        except TimeoutError:
            pass
        lacking = heard.lacking or len(media) < len(heard.links)
        return replace(heard, media=(*heard.media, *media), lacking=lacking)

    async def _medium(self, link: Link, most_bytes: int) -> Medium | None:
        try:
            answer = await self._fetch.get(
                link.url, headers=self._headers(link.url), most_bytes=most_bytes, timeout_s=FETCH_S
            )
        except (NotSent, NoAnswer, TooLarge):
            return None
        if answer.status != 200 or not answer.body:
            return None
        return link.type or answer.headers.get("content-type", ""), answer.body

    def _headers(self, url: str) -> dict[str, str]:
        ours = self._login and urlsplit(url).hostname == self._host
        return {"authorization": self._login} if ours else {}

    def delete(self, links: Sequence[Link]) -> None:
        """Delete them there, in the background: nobody waits for it."""
        if self._deletes and links:
            task = asyncio.get_running_loop().create_task(self._deleted(tuple(links)))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _deleted(self, links: tuple[Link, ...]) -> None:
        gone = [await self._is_gone(link) for link in links]
        if all(gone) != self._is_emptied:
            self._is_emptied = all(gone)
            self._emptied(self._is_emptied)

    async def _is_gone(self, link: Link) -> bool:
        try:
            answer = await self._fetch.request(
                "DELETE", link.url, headers=self._headers(link.url), timeout_s=DELETE_S
            )
        except (NotSent, NoAnswer):
            return False
        return answer.status in (200, 202, 204, 404)
