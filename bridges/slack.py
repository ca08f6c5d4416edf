"""Posts to one channel on Slack: with an app's bot, or through an incoming webhook.

The bot (``token_file`` and ``channel``) is the better way: its messages carry a mark by which a
doubtful one is found, it has threads and pictures, and can change and take back what it posted. A
webhook (``webhook_file``) can post and nothing else. The work is in ``bridges.workspace``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Annotated, ClassVar, Literal, Self

import regex
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bridges import kit
from bridges.kit import drafts, showing
from bridges.kit.fitting import NO_MEDIA, PICTURES
from bridges.workspace.api import Api
from bridges.workspace.bot import Bot
from bridges.workspace.composing import composed
from bridges.workspace.hook import Hook
from relay.ports import (
    Absent,
    Attempt,
    Clock,
    Fits,
    Health,
    Http,
    Keep,
    Later,
    Lookup,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Removal,
    Replied,
    Said,
    Stopped,
)


def _base(url: str) -> str:
    return kit.web_address(url).rstrip("/")


class Slack:
    """Messages in one channel. A bot has ``remove``, ``edit`` and ``replies`` besides."""

    api = 1
    shows_edits: ClassVar[bool] = False
    tested: ClassVar[str] = "schema-checked"
    earlier_versions: ClassVar[bool] = False
    again: ClassVar[str] = (
        "a bot's messages carry a mark that nobody sees, by which a doubtful one is found; a "
        "webhook cannot be asked, and its doubt is held for a person"
    )
    secrets: ClassVar[Mapping[str, str]] = {
        "token_file": "the bot's token (xoxb-...): api.slack.com/apps, your app, OAuth & "
        "Permissions, bot scopes chat:write channels:history files:write files:read, Install; "
        "then /invite it into the channel",
        "webhook_file": "the webhook's address: api.slack.com/apps, your app, Incoming Webhooks, "
        "Add New Webhook; who has it can post there",
    }

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "slack"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        token_file: str | None = None  #: of a bot; then `channel` too
        channel: str = Field("", pattern=r"^([CGD][A-Z0-9]{2,30})?$")  #: the channel's ID: "C..."
        webhook_file: str | None = None  #: of a webhook, in place of the two
        mentions: Literal["off", "on"] = "off"  #: "on": @name and #tag stay as they are written
        characters: int = Field(4000, ge=200, le=12_000)  #: longer texts are split
        api: Annotated[str, AfterValidator(_base)] = "https://slack.com/api"

        @model_validator(mode="after")
        def _one_way(self) -> Self:
            if (self.token_file is None) == (self.webhook_file is None):
                raise ValueError("write either token_file and channel, or webhook_file")
            if (self.token_file is None) != (not self.channel):
                raise ValueError("a bot needs channel, and a webhook has one already")
            return self

    @staticmethod
    def hosts(settings: Slack.Settings) -> Collection[str]:
        """The API and where it takes files (``files.slack.com``: docs.slack.dev, "Working with
        files"); or the webhook's own. Raises BadSecret."""
        if settings.webhook_file is not None:
            return {kit.host_of(_address(settings.webhook_file))}
        api = kit.host_of(settings.api)
        return {api, f"files.{api}"}

    def __init__(self, settings: Slack.Settings, http: Http, clock: Clock) -> None:
        self.fits: Fits = PICTURES if settings.token_file is not None else NO_MEDIA
        self.at_once = 1  # a thread is read in the order in which it was posted
        self._mentions = settings.mentions == "on"
        self._characters = settings.characters
        self._way: Bot | Hook
        if settings.token_file is not None:
            bot = Bot(Api(http, clock, settings.api, _token(settings.token_file)), settings.channel)
            self._way = self._bot = bot
            self.remove: Callable[[str], Awaitable[Removal]] = bot.remove
            self.edit: Callable[[str, Post], Awaitable[Posted | Later | Refused | Stopped]] = (
                self._edited
            )
            self.replies: Callable[[bytes], Awaitable[Replied | Later | Stopped]] = bot.replies
        else:
            assert settings.webhook_file is not None  # settings have one of the two
            self._way = Hook(http, clock, _address(settings.webhook_file))
        self.once = self._way.once

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Clean, split and freeze; the same bytes each time."""
        made = self._composed(post)
        return [
            Part(kit.part_key(post.secret, index), index, len(made), drafts.frozen(draft))
            for index, draft in enumerate(made)
        ]

    def _composed(self, post: Post) -> list[drafts.Draft]:
        return composed(
            post, self._characters, mentions=self._mentions, pictures=self._way.pictures
        )

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        return showing.said(draft.text, "utf-16", self._characters, draft.media, draft.refuse)

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Upload what is not there yet, then one message."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        return await self._way.send(attempt, draft, keep)

    async def find(self, attempt: Attempt) -> Lookup:
        """Look for the part's mark, if it is a bot's."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Absent(strong=True)  # no request was made that could have published it
        return await self._way.find(attempt, draft)

    async def check(self) -> Health:
        """Whose the token is and whether the bot is in the channel; a webhook cannot be asked."""
        return await self._way.check()

    async def _edited(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped:
        made = self._composed(post)
        if len(made) > 1:
            return Refused("it does not fit into one message")
        if made[0].refuse:
            return Refused(made[0].refuse)
        return await self._bot.edit(ref, made[0])


def _token(path: str) -> str:
    token = kit.read_secret(path).decode("ascii", "replace")
    if not regex.fullmatch(r"[A-Za-z0-9_.-]{1,500}", token):
        raise kit.BadSecret("a bot's token is one word: xoxb-...")
    return token


def _address(path: str) -> str:
    try:
        url = kit.web_address(kit.read_secret(path).decode("ascii"))
    except kit.BadSecret:
        raise
    except ValueError:
        url = ""
    if not regex.fullmatch(r"https?://[^/?\s]+/services/[A-Za-z0-9_/-]{1,300}", url):
        raise kit.BadSecret("a webhook's address is https://hooks.slack.com/services/...")
    return url
