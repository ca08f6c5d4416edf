"""A channel on Slack, with an incoming webhook and a bot that post to it.

``async with slack() as platform`` serves the Web API under ``platform.base + "/api/"`` and the
webhook at ``platform.webhook_url``. Methods answer 200 whatever happens: ``ok`` tells. A webhook
answers ``ok`` or one word, and never which message it made. Nothing makes two messages one here: a
bot may find its own by their metadata, or by their files, in the listings::

    platform.script(says.failed("internal_error", made=True), on="POST /api/chat.postMessage")

Checked against docs.slack.dev of May 2026, slack_sdk of August 2026 and, for the shapes of answers,
slackapi/slack-api-specs of 2021. It is stricter than Slack: arguments that it does not know are
refused, and so is a reply to a reply.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from secrets import token_urlsafe
from typing import Final

from relay.clock import SystemClock
from relay.ports import Clock
from relay.testing.fediverse.forms import File
from relay.testing.loopback import Fault, Request, on_loopback
from relay.testing.slack import says
from relay.testing.slack.calls import API, UPLOAD, Calls
from relay.testing.slack.messages import Medium, Message
from relay.testing.slack.texts import escaped, words
from relay.testing.slack.workspace import Workspace

PER_S: Final = 60
"""The window in which requests are counted."""


class Slack(Calls):
    """One stand-in.

    ``token``: the bot's; ``account``: its number as a user; ``bot``: as a bot. ``channel``: the
    number of the channel, whose name is ``#news``. ``requests_allowed``: how many in 60 s; the next
    is a 429. Settable at any time: ``lists_late_s`` (listings lag so far behind) and
    ``media_takes_s`` (a file is worked on so long after it was completed).
    """

    def __init__(self, *, clock: Clock, requests_allowed: int = 100_000) -> None:
        super().__init__(Workspace(clock))
        self.requests_allowed = requests_allowed
        self._clock = clock
        self._counted = (0, 0)

    # ------------------------------------------------------------ what is there

    @property
    def webhook_url(self) -> str:
        """Where the webhook is posted to; all of it is secret."""
        return self.base + self._workspace.hook

    @property
    def token(self) -> str:
        """The bot's token."""
        return self._workspace.token

    @property
    def account(self) -> str:
        """The bot's number as a user."""
        return self._workspace.user

    @property
    def bot(self) -> str:
        """The bot's number as a bot."""
        return self._workspace.bot

    @property
    def channel(self) -> str:
        """The number of the channel."""
        return self._workspace.channel

    @property
    def media_takes_s(self) -> int:
        """So long a file is worked on. Settable."""
        return self._workspace.files.takes_s

    @media_takes_s.setter
    def media_takes_s(self, seconds: int) -> None:
        self._workspace.files.takes_s = seconds

    @property
    def public(self) -> list[Message]:
        """What the app made and people can see by now, in order."""
        return [one for one in self._workspace.messages if one.by == self.account]

    @property
    def texts(self) -> list[str]:
        """The texts of ``public``, as people read them."""
        return [one.text for one in self.public]

    # ------------------------------------------------------------ what others do, what goes wrong

    def put(self, text: str, *, media: Sequence[File] = ()) -> Message:
        """A message of the same app that no bridge made."""
        kept = words(escaped(text))
        files = tuple(
            Medium(f"F0HAND{n:05}", one.type, one.content, one.name, size=len(one.content))
            for n, one in enumerate(media)
        )
        made = Message("", self.channel, kept.read, kept.kept, self.account, self.bot, files)
        return self._workspace.add(replace(made, files=bool(files)))

    def reply(self, to: str, text: str, by: str) -> str:
        """Somebody answers a message in its thread; the ``ts`` of the answer."""
        kept, who = words(escaped(text)), f"U0{by.upper()}"
        head = self._workspace.found(to)
        answer = Message("", self.channel, kept.read, kept.kept, who, parent=head.parent or to)
        return self._workspace.add(answer).id

    def revoke(self) -> None:
        """The bot and the webhook have new secrets. The old token is ``token_revoked``."""
        space = self._workspace
        space.token, self._refuses = f"xoxb-{token_urlsafe(30)}", "token_revoked"
        space.hook = space.hook.rpartition("/")[0] + f"/{token_urlsafe(18)}"

    def suspend(self) -> None:
        """The workspace is gone, or the app in it: ``account_inactive``, and no webhook."""
        self._workspace.token, self._refuses = "", "account_inactive"
        self._webhook_refuses = "no_service"

    def lose(self, scope: str) -> None:
        """The bot loses a scope: ``chat:write``, ``channels:history`` and their like."""
        self._workspace.scopes.discard(scope)

    def leave(self) -> None:
        """The bot is no longer in the channel."""
        self._workspace.is_member = False

    def archive(self) -> None:
        """The channel is archived."""
        self._workspace.is_archived = True

    def remove_channel(self) -> None:
        """The channel is gone."""
        self._workspace.is_there = False

    def webhook_refuses(self, word: str) -> None:
        """The webhook says this from now on: ``no_service``, ``action_prohibited``,
        ``invalid_token``; an empty word ends it."""
        self._webhook_refuses = word

    # ------------------------------------------------------------ what is asked

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        left_s = self._too_many()
        method = request.path.startswith(API)
        if left_s:
            made = says.limited(left_s) if method else says.webhook_limited(left_s)
        elif method:
            made = self.called(request)
        elif request.path.startswith(UPLOAD):
            made = self.uploaded(request)
        else:
            made = self.hooked(request)
        return fault or made

    def _too_many(self) -> int:
        """Count a request; if there were too many, the seconds until there is room."""
        now = self._clock.now()
        window = now - now % PER_S
        count = self._counted[1] + 1 if self._counted[0] == window else 1
        self._counted = (window, count)
        return window + PER_S - now if count > self.requests_allowed else 0


@asynccontextmanager
async def slack(
    *, clock: Clock | None = None, requests_allowed: int = 100_000
) -> AsyncIterator[Slack]:
    """A stand-in that serves while the block lasts, on this machine's clock if none is given."""
    made = Slack(clock=clock or SystemClock(), requests_allowed=requests_allowed)
    async with on_loopback(made):
        yield made
