"""A bot's updates by webhook: each is a request, and 200 means that it is durable."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from telegram import Bot, Update

from relay.transports.inlet import Reply, Request
from relay.transports.telegram.updates import Heard, Said, joined, said

UPDATE_BYTES: Final = 256 * 1024
"""Bytes of a webhook's body: Telegram's own texts have 4,096 characters."""

Taken = Callable[[Bot, Said], Awaitable[bool]]
"""Takes what an update says; False: it must come again."""


@dataclass(frozen=True, slots=True, repr=False)
class Hook:
    """The address that Telegram is given, and the secret that it must send with each request (1 to
    256 of A-Z, a-z, 0-9, _ and -: https://core.telegram.org/bots/api#setwebhook)."""

    url: str
    secret: str


class Hooked:
    """``inlet.WholeInlet`` of one bot. ``bot`` gives it while Telegram was reached, else None."""

    def __init__(
        self,
        hook: Hook,
        bot: Callable[[], Bot | None],
        taken: Taken,
        *,
        quiet_s: float,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self.methods = frozenset(("POST",))
        self.body_bytes = UPDATE_BYTES
        self._hook = hook
        self._bot = bot
        self._taken = taken
        self._quiet_s = quiet_s
        self._pause = pause
        self._albums: dict[tuple[int, str], list[Heard]] = {}
        self._stored: dict[tuple[int, str], asyncio.Task[bool]] = {}

    async def request(self, request: Request) -> Reply:
        """``WholeInlet``: one update. 200 only when it is durable, or nothing to keep."""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        secret = self._hook.secret.encode()
        known = hmac.compare_digest(given.encode("utf-8", "replace"), secret)
        if not known or request.path:
            return Reply(403)
        bot = self._bot()
        if bot is None:
            return Reply(503)
        try:
            update = Update.de_json(json.loads(request.body), bot)
            what = said(update)
        except Exception:  # only Telegram knows the secret: it will be as wrong the next time
            return Reply(400)
        if isinstance(what, Heard) and what.album:
            return Reply(200 if await self._of_album(bot, what) else 503)
        return Reply(200 if await self._taken(bot, what) else 503)

    async def _of_album(self, bot: Bot, heard: Heard) -> bool:
        """Wait until no more of its album comes; the first one stores it for all of them."""
        name = (heard.chat, heard.album)
        album = self._albums.setdefault(name, [])
        if not any(one.id == heard.id for one in album):
            album.append(heard)
        if name not in self._stored:
            self._stored[name] = asyncio.create_task(self._store(bot, name))
        return await asyncio.shield(self._stored[name])

    async def _store(self, bot: Bot, name: tuple[int, str]) -> bool:
        album = self._albums[name]
        try:
            seen = 0
            while seen < len(album):
                seen = len(album)
                await self._pause(self._quiet_s)
            album.sort(key=lambda one: one.last)
            return await self._taken(bot, joined(album))
        finally:
            del self._albums[name], self._stored[name]
