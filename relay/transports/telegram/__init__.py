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
from typing import Final, NamedTuple

from telegram import Bot

from relay.errors import KeyFileError
from relay.model import Later, Outcome
from relay.ports import TakeIn
from relay.reach.routes import DIRECT, Routes
from relay.transports.inlet import WholeInlet
from relay.transports.telegram.api import POLL_S, Where, bot_at, updates_from
from relay.transports.telegram.hook import Hook, Hooked
from relay.transports.telegram.taking import Taking
from relay.transports.telegram.trouble import trouble_of, wait_of
from relay.transports.telegram.updates import WANTED, Heard, Said, joined, read

__all__ = ["Hook", "Telegram", "Where"]

QUIET_S: Final = 1.5
"""Seconds after which no more of an album comes: its parts are updates of their own."""

MOST_LOOKS: Final = 10
"""How often the rest of an album is waited for: somebody who sends one after the other must not
hold up all others."""

MOST: Final = 100
"""Updates that Telegram gives at once (Bot API, getUpdates)."""

LONGEST_S: Final = 300.0
"""Seconds between two tries, at most."""

AGAIN_S: Final = 5.0
"""Seconds until what could not be stored, or not be fetched whole, is tried again."""


class Came(NamedTuple):
    """An update: its number, and what it says."""

    number: int
    what: Said


class Telegram:
    """``ports.Transport`` and ``ports.Answers`` of one bot. With a ``hook`` Telegram calls us.

    ``token`` is called at each new connection and may raise KeyFileError. ``faring`` is told the
    state of the board and why, ``service`` of what is counted and not kept. ``routes``: the ways to
    Telegram, where ``where`` has no proxy.
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
        routes: Routes = DIRECT,
        quiet_s: float = QUIET_S,
        poll_s: int = POLL_S,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._where = where
        self._token = token
        self._routes = routes
        self._faring = faring
        self._taking = Taking(
            name, channel, service=service, turned_away=turned_away, answers=answers
        )
        self._hook = hook
        self._quiet_s = quiet_s
        self._poll_s = poll_s
        self._pause = pause
        self._bot: Bot | None = None
        self._next = (0, 0)
        self._failures = 0
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

        def open_(name: str) -> None:
            nonlocal opened
            if not opened:
                ready(name)
            opened = True

        while True:
            wait_s = 0.0
            try:
                async with bot_at(self._where, _token(self._token()), self._routes) as bot:
                    await self._begin(bot)
                    self._bot = bot
                    await self._serve(bot, open_)
            except KeyFileError:
                self._faring("login", "the token file cannot be used: put the token there, 0600")
            except Exception as error:  # whatever it is, the other ways in stay open
                self._faring(*trouble_of(error))
                wait_s = wait_of(error)
            finally:
                self._bot = None
            open_("telegram")
            self._failures += 1
            await self._pause(max(wait_s, min(LONGEST_S, 2.0 ** min(self._failures, 20))))

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

    async def _serve(self, bot: Bot, open_: Callable[[str], None]) -> None:
        # The first look waits for nothing: that somebody else fetches as well is noticed here.
        came = await self._whole(bot, 0) if self._hook is None else ()
        self._faring("works", "")
        open_(f"@{bot.username}")
        if self._hook is not None:
            self._failures = 0
            await asyncio.get_running_loop().create_future()  # until cancelled: requests bring all
        while True:
            await self._all_taken(bot, came)
            self._failures = 0
            came = await self._whole(bot, self._poll_s)

    # ------------------------------------------------------------ polling

    async def _all_taken(self, bot: Bot, came: Sequence[Came]) -> None:
        """Take all that came: nothing is asked for, and so confirmed, before that.

        Once Telegram has nothing more, all is confirmed, and the next number is not ours to know:
        after a quiet week it begins anywhere.
        """
        for unit in _units([one.what for one in came]):
            while not await self._taking.taken(bot, unit):
                await self._pause(AGAIN_S)
        self._next = (bot.id, came[-1].number + 1 if came else 0)

    async def _asked(self, bot: Bot, wait_s: int) -> Sequence[Came]:
        whose, number = self._next
        raw = await updates_from(bot, number if whose == bot.id else 0, wait_s)
        return [Came(one["update_id"], read(one, bot)) for one in raw]

    async def _whole(self, bot: Bot, wait_s: int) -> Sequence[Came]:
        """The next updates. Where the last of them is of an album the rest of it is waited for:
        asked with the same offset, Telegram gives the same again, and what came meanwhile."""
        came = await self._asked(bot, wait_s)
        for _ in range(MOST_LOOKS):
            if not came or not _album(came[-1]) or len(came) >= MOST:
                break
            await self._pause(self._quiet_s)
            again = await self._asked(bot, 0)
            if len(again) <= len(came):
                break
            came = again
        return _without_half_an_album(came) if len(came) >= MOST else came

    # ------------------------------------------------------------ out again

    async def answer(self, way_back: bytes, text: str) -> Outcome:
        """``ports.Answers``: a message to the chat that asked."""
        bot = self._bot
        if bot is None:
            return Later("Telegram cannot be reached")
        return await self._taking.answer(bot, way_back, text)


def _units(said: Sequence[Said]) -> list[Said]:
    """What is taken at once: each update, and those of one album together at the place of its
    first, though messages of others stand between them."""
    units: list[list[Heard] | Said] = []
    albums: dict[tuple[int, str], list[Heard]] = {}
    for what in said:
        if not (isinstance(what, Heard) and what.album):
            units.append(what)
        elif (what.chat, what.album) in albums:
            albums[what.chat, what.album].append(what)
        else:
            albums[what.chat, what.album] = [what]
            units.append(albums[what.chat, what.album])
    return [joined(one) if isinstance(one, list) else one for one in units]


def _album(came: Came) -> tuple[int, str] | None:
    what = came.what
    return (what.chat, what.album) if isinstance(what, Heard) and what.album else None


def _without_half_an_album(came: Sequence[Came]) -> Sequence[Came]:
    """Of as many updates as there can be those before the album that they end in: the rest of it
    comes after them, and so it comes whole the next time."""
    last = _album(came[-1])
    first = next((n for n, one in enumerate(came) if last and _album(one) == last), 0)
    return came[:first] or came


def _token(written: bytes) -> str:
    """Raises KeyFileError for what is no text."""
    try:
        return written.decode("ascii")
    except UnicodeDecodeError:
        raise KeyFileError("it holds no token") from None
