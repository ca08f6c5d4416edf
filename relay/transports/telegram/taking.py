"""What becomes of an update: a submission, an answer of ours, or nothing."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError, TimedOut

from relay.model import Arrival, Later, Outcome, Posted, Refused, Stopped, Unsure, Verdict
from relay.ports import TakeIn
from relay.rules import words
from relay.transports.entity import LEFT_OUT, entity, utf8, within
from relay.transports.telegram.files import fetched
from relay.transports.telegram.greeting import Greetings
from relay.transports.telegram.trouble import trouble_of
from relay.transports.telegram.updates import EDITED, Begun, Group, Heard, Said

TRIES: Final = 5
"""How often a file is asked for that does not come, before its message is taken without it."""

AT_ONCE: Final = 2
"""Messages with media that are in memory at the same time, some 60 MB each: by webhook Telegram
brings 40 messages at once."""

MOST_FAILED: Final = 1000
"""Messages whose tries are counted; the oldest begins anew."""

GREET_S: Final = 5.0
"""Seconds that an answer to /start may take at each step: everybody else waits behind it."""

_OVER: Final = (Verdict.TAKEN, Verdict.KNOWN, Verdict.REFUSED)
"""After which an update is over: what is refused once is refused for ever."""


class Taking:
    """Takes in what a bot hears, for one channel. ``answers``: whether anything may go back."""

    def __init__(
        self,
        name: str,
        channel: str,
        *,
        service: Callable[[], None],
        turned_away: Callable[[], None],
        answers: bool,
    ) -> None:
        self.take_in: TakeIn | None = None
        """Where submissions go, once the transport runs."""
        self._name = name
        self._channel = channel
        self._service = service
        self._turned_away = turned_away
        self._answers = answers
        self._greetings = Greetings()
        self._failed: OrderedDict[bytes, int] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def taken(self, bot: Bot, what: Said) -> bool:
        """Whether this is over: durable, or nothing to keep. False: it must come again."""
        match what:
            case Heard():
                return await self._heard(bot, what)
            case Begun():
                await self._greet(bot, what)
            case Group():
                await _leave(bot, what.chat)
            case _:
                self._service()
        return True

    async def _heard(self, bot: Bot, heard: Heard) -> bool:
        if not heard.media:
            return await self._handed_over(self._arrival(heard, (), 0))
        async with self._turns:
            try:
                media, left_out = await fetched(bot, heard.media)
            except TelegramError:
                if self._tried(heard) < TRIES:
                    return False
                media, left_out = (), len(heard.media)
            self._failed.pop(heard.id, None)
            return await self._handed_over(self._arrival(heard, media, left_out))

    def _tried(self, heard: Heard) -> int:
        """How often, this time included."""
        tries = self._failed[heard.id] = self._failed.get(heard.id, 0) + 1
        if len(self._failed) > MOST_FAILED:
            self._failed.popitem(last=False)
        return tries

    async def _handed_over(self, arrival: Arrival) -> bool:
        assert self.take_in is not None
        verdict = await self.take_in(arrival)
        if verdict is Verdict.REFUSED:
            self._turned_away()
        return verdict in _OVER

    def _arrival(
        self, heard: Heard, media: tuple[tuple[str, bytes], ...], left_out: int
    ) -> Arrival:
        fitting = within(heard.text, media)
        left_out += len(media) - len(fitting)
        plain = not heard.media
        chat = b"%d" % heard.chat
        return Arrival(
            transport=self._name,
            kind="text" if plain else "multipart",
            content=utf8(heard.text) if plain else entity(heard.text, fitting),
            channels=(self._channel,),
            sender=chat,
            recipient=b"",
            provider_id=heard.id,
            flags=(LEFT_OUT,) * bool(left_out) + (EDITED,) * heard.edited,
            way_back=chat if self._answers else b"",
        )

    async def _greet(self, bot: Bot, begun: Begun) -> None:
        """The safety text, to who asked for it; nothing is kept but how often, for an hour."""
        self._service()
        if not self._answers or not self._greetings.may(begun.chat):
            return
        try:
            await bot.send_message(
                begun.chat,
                words.say("safety", begun.language),
                read_timeout=GREET_S,
                write_timeout=GREET_S,
                connect_timeout=GREET_S,
                pool_timeout=GREET_S,
            )
        except TelegramError:
            return  # an answer is no promise

    async def answer(self, bot: Bot, way_back: bytes, text: str) -> Outcome:
        """A message to the chat that asked."""
        try:
            await bot.send_message(int(way_back), text, disable_notification=True)
        except RetryAfter:
            return Later("Telegram asks us to wait")
        except (Forbidden, BadRequest):
            return Refused("the chat takes nothing from us")
        except InvalidToken as error:
            return Stopped(trouble_of(error)[1], "put a new token in")
        except TimedOut:
            return Unsure("Telegram did not answer")
        except TelegramError:
            return Later("Telegram cannot be reached")
        return Posted("")


async def _leave(bot: Bot, chat: int) -> None:
    try:
        await bot.leave_chat(chat)
    except TelegramError:
        return  # it is in there no more, or is asked again with the next message
