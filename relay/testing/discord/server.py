"""A channel on Discord, with a webhook and a bot that post to it.

``async with discord() as platform`` serves the API under ``/api/v10``; the webhook's address is
``platform.webhook_url``. The bot's nonce makes one message of two calls for a few minutes; a
webhook has nothing of the kind, and cannot list what it made::

    platform.script(faults.cut(), on="POST */messages")       # posted, and nobody heard of it

Checked against the OpenAPI document of discord/discord-api-spec (version 10, 18 July 2026) and the
texts of discord/discord-api-docs (August 2026). Stricter than Discord: unknown fields are refused,
and so is a body as an urlencoded form. ``nonce`` comes back from the call that made the message;
listings have it only if ``lists_nonces`` is set, since nothing promises it there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from secrets import token_urlsafe
from typing import Final

from relay.clock import SystemClock
from relay.ports import Clock
from relay.testing.discord import says
from relay.testing.discord.calls import Calls
from relay.testing.discord.guild import Guild
from relay.testing.discord.messages import Message, author
from relay.testing.fediverse.forms import File
from relay.testing.loopback import Fault, Request, on_loopback

PER_S: Final = 5
"""The window in which requests are counted."""

INVALID_PER_S: Final = 600


class Discord(Calls):
    """One stand-in.

    ``webhook_url``, ``token`` (the bot's), ``account`` (the bot's number), ``guild``, ``channel``,
    ``thread`` (in that channel). ``requests_allowed``: how many in 5 s; the next is a 429.
    ``invalid_allowed``: so many answers of 401, 403 and 429 in 10 minutes, and then the address is
    banned. Settable at any time: ``nonces_s``, ``lists_late_s`` (a listing lags so far behind) and
    ``lists_nonces``.
    """

    def __init__(self, *, clock: Clock, requests_allowed: int = 100_000) -> None:
        super().__init__(Guild(clock))
        self.requests_allowed = requests_allowed
        self.invalid_allowed = 10_000
        self._clock = clock
        self._counted = (0, 0)
        self._invalid = (0, 0)

    # ------------------------------------------------------------ what is there

    @property
    def token(self) -> str:
        """The bot's token."""
        return self._guild.bot_token

    @property
    def account(self) -> str:
        """The bot's number as a user."""
        return str(self._guild.bot["id"])

    @property
    def guild(self) -> str:
        """The number of the guild."""
        return self._guild.id

    @property
    def channel(self) -> str:
        """The number of the channel."""
        return self._guild.channel

    @property
    def thread(self) -> str:
        """The number of a thread in the channel."""
        return self._guild.thread

    @property
    def nonces_s(self) -> int:
        """So long a nonce is remembered. Settable."""
        return self._guild.nonces_s

    @nonces_s.setter
    def nonces_s(self, seconds: int) -> None:
        self._guild.nonces_s = seconds

    @property
    def public(self) -> list[Message]:
        """What the webhook and the bot made, in order."""
        ours = (self.account, self._guild.webhook)
        return [one for one in self._guild.messages.values() if one.by["id"] in ours]

    @property
    def texts(self) -> list[str]:
        """The plain texts of ``public``."""
        return [one.text for one in self.public]

    # ------------------------------------------------------------ what others do, what goes wrong

    def put(self, text: str, *, bot: bool = True, media: Sequence[File] = ()) -> Message:
        """A message of the same bot, or through the same webhook, that no bridge made."""
        guild = self._guild
        files = tuple(guild.medium(file, {}) for file in media)
        by = guild.bot if bot else author(guild.webhook, "relay", bot=True)
        webhook = None if bot else guild.webhook
        return guild.add(Message("", guild.channel, text, by, files, webhook=webhook))

    def reply(self, to: str, text: str, by: str) -> str:
        """Somebody answers a message; the number of the answer."""
        who = author(self._guild.number(), by)
        answer = Message("", self._guild.messages[to].channel, text, who, parent=to)
        return self._guild.add(answer).id

    def forget_keys(self) -> None:
        """No nonce is remembered any more."""
        self._guild.forget_nonces()

    def revoke(self) -> None:
        """The webhook and the bot have new tokens; the old ones are nothing."""
        self._guild.bot_token, self._guild.webhook_token = token_urlsafe(54), token_urlsafe(51)

    def suspend(self) -> None:
        """The bot's account is disabled: no token of it works."""
        self._guild.bot_token = ""

    def lose(self, right: str) -> None:
        """The bot loses a right: ``SEND_MESSAGES``, ``VIEW_CHANNEL``, ``ATTACH_FILES``,
        ``READ_MESSAGE_HISTORY`` or ``MANAGE_MESSAGES``."""
        self._guild.rights.discard(right)

    def remove_webhook(self) -> None:
        """Somebody deletes the webhook."""
        self._webhook_is = False

    def remove_channel(self) -> None:
        """Somebody deletes the channel, and with it the webhook."""
        self._channel_is = self._webhook_is = False

    def moderate(self, *words: str) -> None:
        """Automatic moderation blocks messages with these words from now on."""
        self._guild.blocked = frozenset(word.lower() for word in words)

    def slow_down(self, seconds: int) -> None:
        """One message in so many seconds, for who may not manage messages."""
        self._guild.slow_s = seconds

    # ------------------------------------------------------------ what is asked

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        now = self._clock.now()
        if self._bad(now) >= self.invalid_allowed:
            return says.banned(INVALID_PER_S - now % INVALID_PER_S)
        window = now - now % PER_S
        count = self._counted[1] + 1 if self._counted[0] == window else 1
        self._counted = (window, count)
        left, reset = self.requests_allowed - count, window + PER_S
        made = says.limited(float(reset - now)) if left < 0 else self.called(request)
        if made.status in (401, 403, 429):
            self._invalid = (now - now % INVALID_PER_S, self._bad(now) + 1)
        rate = says.rate(self.requests_allowed, left, now, reset)
        return fault or replace(made, headers=dict(made.headers) | rate)

    def _bad(self, now: int) -> int:
        """How many requests were bad in these ten minutes."""
        return self._invalid[1] if self._invalid[0] == now - now % INVALID_PER_S else 0


@asynccontextmanager
async def discord(
    *, clock: Clock | None = None, requests_allowed: int = 100_000
) -> AsyncIterator[Discord]:
    """A stand-in that serves while the block lasts, on this machine's clock if none is given."""
    made = Discord(clock=clock or SystemClock(), requests_allowed=requests_allowed)
    async with on_loopback(made):
        yield made
