"""A channel on Telegram, the bot that posts to it, and the page on which everybody sees it.

``async with telegram() as platform`` serves the Bot API under ``/bot<token>/<method>`` and the
public page under ``/s/<name>``. Nothing makes two posts one here, as on Telegram: whether a post is
there is told by the probe by number, by the discussion group, or by the page::

    platform.script(faults.cut(), on="POST *sendMessage")      # posted, and nobody heard of it
    forwardMessage(chat_id=platform.audit, from_chat_id=platform.channel, message_id=last + 1)

Checked against @grammyjs/types 5.0.0, the constants of python-telegram-bot 22.8 and the source of
tdlib/telegram-bot-api of 7 May 2026; what TDLib does with a text, and the page, from descriptions.
It is stricter in one thing: parameters and fields that Telegram does not know are refused.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from relay.clock import SystemClock
from relay.ports import Clock
from relay.testing.fediverse.forms import File
from relay.testing.loopback import Fault, Loopback, Request, on_loopback
from relay.testing.telegram import entities, page, says
from relay.testing.telegram.bot import Bot, cost
from relay.testing.telegram.chats import Chat, Message, Post
from relay.testing.telegram.reads import asked
from relay.testing.telegram.says import No
from relay.testing.telegram.tables import BY_NAME
from relay.testing.telegram.world import World

PER_S: Final = 60
"""The window in which requests are counted."""

CALL: Final = re.compile(r"/bot([^/]*)/(\w+)")
TOKEN: Final = re.compile(r"[1-9]\d*:[\w-]{35}")
SHOWN: Final = re.compile(r"/s/(\w+)")
KINDS: Final = {"image": "photo", "video": "video", "audio": "audio", "application": "document"}


class Telegram(Loopback):
    """One stand-in.

    ``token``: the bot's; ``account``: its number as a user. ``channel``, ``discussion``, ``audit``:
    numbers of chats, the last a group in which the bot is a member. ``requests_allowed``: how many
    in 60 s; the next is a 429. Settable at any time: ``lists_late_s`` (the page lags so far
    behind), ``updates_late_s``, ``other_poller`` (somebody else asks for updates: 409).
    """

    max_body_bytes = 64 * 1024 * 1024

    def __init__(
        self,
        *,
        clock: Clock,
        username: str = "relaychannel",
        discussion: bool = True,
        requests_allowed: int = 100_000,
    ) -> None:
        super().__init__()
        self.lists_late_s = self.updates_late_s = 0
        self.other_poller = False
        self.requests_allowed = requests_allowed
        self._world = World(clock, username=username, discussion=discussion)
        self._bot = Bot(self._world)
        self._counted = (0, 0)
        self.token = self._world.new_token()
        self.account: int = self._world.bot["id"]

    # ------------------------------------------------------------ what is there

    @property
    def channel(self) -> int:
        """The number of the channel that is posted to."""
        return self._world.channel.id

    @property
    def username(self) -> str:
        """The channel's name, without an @; empty for a private channel."""
        return self._world.channel.username

    @property
    def discussion(self) -> int:
        """The number of its discussion group."""
        return self._world.discussion.id

    @property
    def audit(self) -> int:
        """The number of a group of the operator's, in which the bot is a member."""
        return self._world.audit.id

    @property
    def public(self) -> list[Post]:
        """The posts of the channel in order; an album is one."""
        return self._world.channel.posts()

    @property
    def texts(self) -> list[str]:
        """Their plain texts; of media, the captions."""
        return [one.text for one in self.public]

    @property
    def audited(self) -> list[Post]:
        """What stands in the audit chat, which should be empty after a probe."""
        return self._world.audit.posts()

    # ------------------------------------------------------------ what others do

    def put(self, text: str, *, media: Sequence[File] = (), parent: str | None = None) -> Post:
        """A post of the same channel that no bridge made: another administrator's."""
        said = Message(0, 0, text, parent=None if parent is None else int(parent))
        if len(media) > 1:
            said = replace(said, album=str(12_000_000_000 + self._world.channel.last))
        for n, file in enumerate(media):
            medium = self._world.shelf.add(KINDS[file.type.partition("/")[0]], file)
            self._world.say(self._world.channel, replace(said, medium=medium, text=text * (not n)))
        if not media:
            self._world.say(self._world.channel, said)
        return self.public[-1]

    def skip(self, numbers: int = 1) -> None:
        """So many numbers of the channel are used up: posts that are gone, or service messages."""
        self._world.channel.last += numbers

    def reply(self, to: str, text: str, by: str) -> str:
        """Somebody's answer to a post, in the discussion group; its number there."""
        who = entities.user(6_000_000_000 + sum(by.encode()), by)
        return str(self._world.answer(int(to), text, who).id)

    # ------------------------------------------------------------ what goes wrong

    def revoke(self) -> None:
        """The bot's owner replaced the token: ``token`` is the new one."""
        self.token = self._world.new_token()

    def suspend(self) -> None:
        """The bot is no more: every method is answered 401."""
        self.token = ""

    def lose(self, right: str) -> None:
        """The bot loses a right in the channel: ``can_post_messages`` and its like."""
        self._world.channel.rights.discard(right)

    def leave(self, chat: int, *, kicked: bool = False) -> None:
        """The bot is no longer in a chat."""
        self._chat(chat).status = "kicked" if kicked else "left"

    def protect(self) -> None:
        """Nothing of the channel may be forwarded or copied any more."""
        self._world.channel.protected = True

    def migrate(self, chat: int) -> int:
        """A chat gets a new number, which the refusals of the old one name; the new one. Groups do
        that when they become supergroups."""
        return self._world.migrate(self._chat(chat)).id

    def forwards(self, does: bool) -> None:
        """Whether Telegram forwards posts into the discussion group from now on."""
        self._world.forwards = does

    def privacy(self, on: bool) -> None:
        """With privacy mode on the bot does not hear of what people say in groups."""
        self._world.reads_all = not on

    def _chat(self, id: int) -> Chat:
        known = (self._world.channel, self._world.discussion, self._world.audit)
        return next(one for one in known if one.id == id)

    # ------------------------------------------------------------ what is asked

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        try:
            made = self._page(request) or self._called(request)
        except No as no:
            made = says.badly(no)
        return fault or made

    def _page(self, request: Request) -> Fault | None:
        match = SHOWN.fullmatch(request.path)
        if match is None:
            return None
        if request.method != "GET":
            return Fault(405, page.HTML, b"")
        if not self.username or match[1].lower() != self.username.lower():
            return page.elsewhere(match[1])
        until = self._world.clock.now() - self.lists_late_s
        seen = [one for one in self.public if one.created <= until]
        query = parse_qs(urlsplit(request.target).query)
        before, after = (_number(query.get(name)) for name in ("before", "after"))
        return page.shown(self._world.channel, seen, before=before, after=after)

    def _called(self, request: Request) -> Fault:
        match = CALL.fullmatch(request.path)
        if match is None or not TOKEN.fullmatch(match[1]):
            raise No(404, "Not Found")
        if match[1] != self.token:
            raise No(401, "Unauthorized")
        name = BY_NAME.get(match[2].lower())
        if name is None or request.method not in ("GET", "POST"):
            raise No(404, "Not Found: method not found")
        what = asked(name, request)
        self._count(cost(what))
        if name == "getUpdates" and self.other_poller:
            words = "terminated by other getUpdates request"
            raise No(409, f"{words}; make sure that only one bot instance is running")
        return says.well(self._bot.act(what, self.updates_late_s))

    def _count(self, requests: int) -> None:
        now = self._world.clock.now()
        window, count = now - now % PER_S, requests
        if self._counted[0] == window:
            count += self._counted[1]
        if count > self.requests_allowed:
            left = window + PER_S - now
            raise No(429, f"Too Many Requests: retry after {left}", retry_after=left)
        self._counted = (window, count)


def _number(values: list[str] | None) -> int | None:
    return int(values[-1]) if values and values[-1].isdecimal() else None


@asynccontextmanager
async def telegram(*, clock: Clock | None = None, **settings: Any) -> AsyncIterator[Telegram]:
    """A stand-in that serves while the block lasts, on this machine's clock if none is given.
    ``settings``: those of ``Telegram``: ``username``, ``discussion``, ``requests_allowed``."""
    async with on_loopback(Telegram(clock=clock or SystemClock(), **settings)) as made:
        yield made
