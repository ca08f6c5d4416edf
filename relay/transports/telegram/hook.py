"""A bot's updates by webhook: each is a request, and 200 means that it is durable."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from telegram import Bot

from relay.transports.inlet import Reply, Request
from relay.transports.telegram.updates import Heard, Said, joined, read

UPDATE_BYTES: Final = 256 * 1024
"""Bytes of a webhook's body: Telegram's own texts have 4,096 characters."""

MOST_PARTS: Final = 1000
"""Parts of albums that are remembered: Telegram comes again within minutes, if at all."""

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
        self._open: dict[tuple[int, str], list[Heard]] = {}
        self._parts: OrderedDict[bytes, asyncio.Task[bool]] = OrderedDict()

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
            update = json.loads(request.body)
        except (ValueError, RecursionError):
            update = None
        if not isinstance(update, dict) or type(update.get("update_id")) is not int:
            return Reply(400)  # nothing that Telegram sends: it will be as wrong the next time
        what = read(update, bot)
        if isinstance(what, Heard) and what.album:
            return Reply(200 if await self._of_album(bot, what) else 503)
        return Reply(200 if await self._taken(bot, what) else 503)

    async def _of_album(self, bot: Bot, heard: Heard) -> bool:
        """Wait until no more of its album comes; the first one stores it for all of them. A part
        that comes again gets the answer that it had, or will have."""
        task = self._parts.get(heard.id)
        if task is None:
            name = (heard.chat, heard.album)
            album = self._open.setdefault(name, [])
            album.append(heard)
            if len(album) == 1:
                task = asyncio.create_task(self._stored(bot, name, album))
            else:
                task = self._parts[album[0].id]
            self._parts[heard.id] = task
        return await asyncio.shield(task)

    async def _stored(self, bot: Bot, name: tuple[int, str], album: list[Heard]) -> bool:
        """Whether the album is durable. Never raises: nobody may be left to be told."""
        try:
            seen = 0
            while seen < len(album):
                seen = len(album)
                await self._pause(self._quiet_s)
        finally:
            del self._open[name]  # what comes from here on is not in it, and begins another
        try:
            album.sort(key=lambda one: one.last)
            stored = await self._taken(bot, joined(album))
        except Exception:  # as when Telegram was left in the middle of it
            stored = False
        if not stored:
            for one in album:
                self._parts.pop(one.id, None)
        self._forget()
        return stored

    def _forget(self) -> None:
        """The oldest parts that are done with give way."""
        while len(self._parts) > MOST_PARTS:
            oldest, task = next(iter(self._parts.items()))
            if not task.done():
                return
            del self._parts[oldest]
