"""A Telegram bot to which people write in private: photos, films, documents and albums as well.

By polling, on our own loop: the offset moves past an update only when it is durable, so that a
crash hands it over again, where its repeat key is known. Telegram itself remembers the offset; it
keeps what nobody fetched for 24 hours, and the operator is told so. By webhook a 200 means the
same. Groups are left at once; ``/start`` is a question, and nothing of it is kept.

Telegram's servers can read all that is sent to a bot, and know who sent it: docs/send.md says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from telegram import Bot, Update

from relay.errors import KeyFileError
from relay.model import Later, Outcome
from relay.ports import TakeIn
from relay.transports.inlet import WholeInlet
from relay.transports.telegram.api import POLL_S, Where, bot_at
from relay.transports.telegram.hook import Hook, Hooked
from relay.transports.telegram.taking import Taking
from relay.transports.telegram.trouble import trouble_of, wait_of
from relay.transports.telegram.updates import WANTED, Heard, Said, joined, said

__all__ = ["Hook", "Telegram", "Where"]

QUIET_S: Final = 1.5
"""Seconds after which no more of an album comes: its parts are updates of their own."""

LONGEST_S: Final = 300.0
"""Seconds between two tries, at most."""

AGAIN_S: Final = 5.0
"""Seconds until what could not be stored, or not be fetched whole, is tried again."""


class Telegram:
    """``ports.Transport`` and ``ports.Answers`` of one bot. With a ``hook`` Telegram calls us.

    ``token`` is called at each new connection and may raise KeyFileError. ``faring`` is told the
    state of the board and why, ``service`` of what is counted and not kept.
    """

    def __init__(
        self,
        name: str,
        channel: str,
        where: Where,
        token: Callable[[], bytes],
        *,
        faring: Callable[[str, str], None],
        service: Callable[[], None],
        turned_away: Callable[[], None],
        answers: bool = True,
        hook: Hook | None = None,
        quiet_s: float = QUIET_S,
        poll_s: int = POLL_S,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._where = where
        self._token = token
        self._faring = faring
        self._taking = Taking(
            name, channel, service=service, turned_away=turned_away, answers=answers
        )
        self._hook = hook
        self._quiet_s = quiet_s
        self._poll_s = poll_s
        self._pause = pause
        self._bot: Bot | None = None
        self.inlet: WholeInlet | None = None
        """What takes Telegram's requests, where there is a hook."""
        if hook is not None:
            self.inlet = Hooked(
                hook, lambda: self._bot, self._taking.taken, quiet_s=quiet_s, pause=pause
            )

    # ------------------------------------------------------------ life

    async def run(self, take_in: TakeIn, ready: Callable[[str], None]) -> None:
        """Serve until cancelled. It is ready when it has spoken with Telegram, or cannot."""
        self._taking.take_in = take_in
        opened = False
        failures = 0
        while True:
            wait_s = 0.0
            try:
                async with bot_at(self._where, self._token().decode()) as bot:
                    await self._begin(bot)
                    self._bot = bot
                    self._faring("works", "")
                    if not opened:
                        ready(f"@{bot.username}")
                    opened, failures = True, 0
                    await self._serve(bot)
            except KeyFileError:
                self._faring("login", "the token file cannot be used: put the token there, 0600")
            except Exception as error:  # whatever it is, the other ways in stay open
                self._faring(*trouble_of(error))
                wait_s = wait_of(error)
            finally:
                self._bot = None
            if not opened:
                ready("telegram")
            opened, failures = True, failures + 1
            await self._pause(max(wait_s, min(LONGEST_S, 2.0 ** min(failures, 20))))

    async def _begin(self, bot: Bot) -> None:
        if self._hook is None:
            await bot.delete_webhook(drop_pending_updates=False)
            return
        await bot.set_webhook(
            self._hook.url,
            secret_token=self._hook.secret,
            allowed_updates=WANTED,
            drop_pending_updates=False,
        )

    async def _serve(self, bot: Bot) -> None:
        if self._hook is not None:
            await asyncio.get_running_loop().create_future()  # until cancelled: requests bring all
        offset = 0
        while True:
            offset = await self._round(bot, offset)

    # ------------------------------------------------------------ polling

    async def _round(self, bot: Bot, offset: int) -> int:
        """Fetch, and take all that came: nothing is asked for, and so confirmed, before that."""
        updates = await self._whole(bot, offset)
        for unit in _units(updates):
            while not await self._taking.taken(bot, unit):
                await self._pause(AGAIN_S)
        return updates[-1].update_id + 1 if updates else offset

    async def _whole(self, bot: Bot, offset: int) -> Sequence[Update]:
        """The next updates. Where the last of them is of an album the rest of it is waited for:
        asked with the same offset, Telegram gives the same again, and what came meanwhile."""
        updates: Sequence[Update] = await bot.get_updates(
            offset=offset,
            timeout=self._poll_s,
            read_timeout=self._poll_s + 20,
            allowed_updates=WANTED,
        )
        while updates and _album(updates[-1]) and len(updates) < 100:
            await self._pause(self._quiet_s)
            again = await bot.get_updates(offset=offset, timeout=0, allowed_updates=WANTED)
            if len(again) <= len(updates):
                break
            updates = again
        return updates

    # ------------------------------------------------------------ out again

    async def answer(self, way_back: bytes, text: str) -> Outcome:
        """``ports.Answers``: a message to the chat that asked."""
        bot = self._bot
        if bot is None:
            return Later("Telegram cannot be reached")
        return await self._taking.answer(bot, way_back, text)


def _units(updates: Sequence[Update]) -> list[Said]:
    """What is taken at once: each update, and those of one album together at the place of its
    first, though messages of others stand between them."""
    units: list[list[Heard] | Said] = []
    albums: dict[tuple[int, str], list[Heard]] = {}
    for what in map(said, updates):
        if not (isinstance(what, Heard) and what.album):
            units.append(what)
        elif (what.chat, what.album) in albums:
            albums[what.chat, what.album].append(what)
        else:
            albums[what.chat, what.album] = [what]
            units.append(albums[what.chat, what.album])
    return [joined(one) if isinstance(one, list) else one for one in units]


def _album(update: Update) -> str:
    what = said(update)
    return what.album if isinstance(what, Heard) else ""
