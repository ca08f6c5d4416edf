"""Media that wait at a gateway: fetched before the message is taken, deleted there afterwards.

Only what is durable here is deleted there. What could not be fetched in time, or had no room, is
the only copy: it stays, and the board says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
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

AT_ONCE: Final = 2
"""Messages with media that are in memory at the same time, some 60 MB each, however many a gateway
brings."""

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
        self._turns = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def fetched(self, heard: Heard) -> AsyncIterator[Heard]:
        """The message with its media, without those that cannot be had in time; of its ``links``
        are left those whose media follow, one for one. They are in memory as long as the block."""
        if not heard.links:
            yield heard
            return
        end = asyncio.get_running_loop().time() + FETCH_S
        if not await self._turn(end):
            yield replace(heard, links=(), lacking=True)
            return
        try:
            yield await self._whole(heard, end)
        finally:
            self._turns.release()

    async def _turn(self, end: float) -> bool:
        try:
            async with asyncio.timeout_at(end):
                return await self._turns.acquire()
        except TimeoutError:
            return False

    async def _whole(self, heard: Heard, end: float) -> Heard:
        media: list[Medium] = []
        links: list[Link] = []
        try:
            async with asyncio.timeout_at(end):
                for link in heard.links[:MOST_MEDIA]:
                    medium = await self._medium(link, MOST_BYTES - sum(len(m) for _, m in media))
                    media += [medium] if medium is not None else []
                    links += [link] if medium is not None else []
        except TimeoutError:
            pass
        lacking = heard.lacking or len(links) < len(heard.links)
        return replace(heard, media=tuple(media), links=tuple(links), lacking=lacking)

    async def _medium(self, link: Link, most_bytes: int) -> Medium | None:
        try:
            answer = await self._fetch.get(
                link.url, headers=self._headers(link.url), most_bytes=most_bytes, timeout_s=FETCH_S
            )
        except (NotSent, NoAnswer, TooLarge, ValueError):  # the last of what is no address
            return None
        if answer.status != 200 or not answer.body:
            return None
        return link.type or answer.headers.get("content-type", ""), answer.body

    def _headers(self, url: str) -> dict[str, str]:
        ours = self._login and urlsplit(url).hostname == self._host
        return {"authorization": self._login} if ours else {}

    def settle(self, heard: Heard, whole: Heard, kept: Sequence[Medium]) -> None:
        """A message is durable with these of its media. They are deleted there, in the background:
        nobody waits for it."""
        if not (self._deletes and heard.links):
            return
        pairs = zip(whole.links, whole.media, strict=True)
        links = tuple(link for link, medium in pairs if any(medium is one for one in kept))
        stay = len(links) < len(heard.links)
        task = asyncio.get_running_loop().create_task(self._deleted(links, stay))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _deleted(self, links: tuple[Link, ...], stay: bool) -> None:
        gone = all([await self._is_gone(link) for link in links]) and not stay
        if gone != self._is_emptied:
            self._is_emptied = gone
            self._emptied(gone)

    async def _is_gone(self, link: Link) -> bool:
        try:
            answer = await self._fetch.request(
                "DELETE", link.url, headers=self._headers(link.url), timeout_s=DELETE_S
            )
        except (NotSent, NoAnswer, ValueError):
            return False
        return answer.status in (200, 202, 204, 404)
