"""Posts to one channel on Discord through a webhook.

A webhook knows no repeat and lists nothing, so that doubt is a person's; but it can change and take
back what it made. It cannot answer itself: the parts of a long text follow each other, numbered.
The work is in ``bridges.guild``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar, Final, Literal

import regex
from pydantic import BaseModel, ConfigDict, Field

from bridges import kit
from bridges.guild import answers, hook
from bridges.guild.composing import MESSAGE, MIB, Style, composed
from bridges.guild.hook import Hook
from bridges.guild.markup import shown
from bridges.kit import drafts
from bridges.kit.counting import units
from bridges.kit.fitting import of_size
from relay.ports import (
    Answer,
    Attempt,
    Clock,
    Fits,
    Health,
    Http,
    Keep,
    Later,
    Lookup,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Removal,
    Removed,
    Said,
    Stopped,
    Unknown,
)

NO_REF: Final = "this is no message of Discord"


class Discord:
    """Messages of one webhook, with files, removal and edits."""

    api = 1
    shows_edits: ClassVar[bool] = False
    tested: ClassVar[str] = "schema-checked"
    earlier_versions: ClassVar[bool] = False
    again: ClassVar[str] = "a webhook knows no repeat and cannot list: doubt is held for a person"
    once: Once = answers.ONCE
    secrets: ClassVar[Mapping[str, str]] = {
        "webhook_file": "the webhook's address: in Discord the channel's settings, Integrations, "
        "Webhooks, New Webhook, Copy Webhook URL; who has it can post there"
    }

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "discord"``."""

        model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

        webhook_file: str
        thread_id: str | None = Field(None, pattern=r"^[0-9]{1,20}$")  #: a thread of its channel
        name: str = Field("", max_length=80)  #: shown in place of the webhook's own name
        mentions: Literal["off", "on"] = "off"  #: "on": @name and #tag stay as they are written
        previews: Literal["off", "on"] = "off"  #: "on": Discord shows what an address leads to
        silent: bool = False  #: nobody is told by a sound
        file_bytes: int = Field(10 * MIB, ge=1, le=500 * MIB)  #: more where a server is boosted

    @staticmethod
    def hosts(settings: Discord.Settings) -> Collection[str]:
        """The webhook's own. Raises BadSecret."""
        return {kit.host_of(_address(settings.webhook_file)[1])}

    def __init__(self, settings: Discord.Settings, http: Http, clock: Clock) -> None:
        self.fits: Fits = of_size(settings.file_bytes)
        self.at_once = 1  # the parts of a text are read in the order in which they were posted
        self._clock = clock
        self._style = Style(
            settings.mentions == "on",
            settings.previews == "on",
            settings.silent,
            settings.name,
            settings.file_bytes,
        )
        self._thread = settings.thread_id or ""
        self._id, url = _address(settings.webhook_file)
        self._hook = Hook(http, url, self._thread)
        self._guild = ""

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Clean, split and freeze; the same bytes each time."""
        made = composed(post, self._style)
        return [
            Part(kit.part_key(post.secret, index), index, len(made), drafts.frozen(draft))
            for index, draft in enumerate(made)
        ]

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        count = units(draft.text, "utf-16")  # with the signs that leave others signs
        return Said(shown(draft.text), count, MESSAGE, len(draft.media), draft.refuse)

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """One request, files and all."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        answer = await self._hook.post(draft, self._style, attempt.part.key)
        if not isinstance(answer, Answer):
            return answer
        return self._accepted(answer) or answers.to_post(answer, self._clock.now())

    def _accepted(self, answer: Answer) -> Posted | None:
        """The message, if this is one: 200, JSON, an id and its channel's."""
        said = kit.json_object(answer) if answer.status == 200 else None
        id, channel = (said or {}).get("id"), (said or {}).get("channel_id")
        if not isinstance(id, str) or not _is_id(id) or not _is_id(channel):
            return None
        rest = kit.used_up(answer.headers, self._clock.now())
        url = f"https://discord.com/channels/{self._guild}/{channel}/{id}" if self._guild else ""
        return Posted(id, url, rest)

    async def find(self, attempt: Attempt) -> Lookup:
        """Unknown: a webhook has nothing to ask with."""
        return Unknown("a webhook cannot be asked what it posted")

    async def check(self) -> Health:
        """Whether the webhook is there; it is named by its number."""
        account = f"discord {self._id}"
        answer = await self._hook.look()
        if not isinstance(answer, Answer):
            return Health(account, "Discord cannot be reached")
        said = kit.json_object(answer) if answer.status == 200 else None
        if said is not None and said.get("id") == self._id:
            guild = said.get("guild_id")
            self._guild = str(guild) if _is_id(guild) else self._guild
            return Health(account)
        told = answers.to_post(answer, self._clock.now())
        if isinstance(told, Stopped):
            return Health(account, f"{told.why}: {told.action}")
        return Health(account, f"Discord does not show the webhook (it answered {answer.status})")

    # ------------------------------------------------------------ remove and edit

    async def remove(self, ref: str) -> Removal:
        """Delete the message."""
        if not _is_id(ref):
            return Refused(NO_REF)
        answer = await self._hook.delete(ref)
        if answers.is_gone(answer) or (isinstance(answer, Answer) and answer.status == 204):
            return Removed()
        return answers.harmless(answer, self._clock.now())

    async def edit(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped:
        """Change text and files; people see that it was edited, not what it was."""
        if not _is_id(ref):
            return Refused(NO_REF)
        made = composed(post, self._style)
        if len(made) > 1:
            return Refused("it does not fit into one message")
        if made[0].refuse:
            return Refused(made[0].refuse)
        key = kit.part_key(post.secret, 0)
        answer = await self._hook.change(ref, made[0], self._style, key)
        if answers.is_gone(answer):
            return Refused("it is gone from the channel")
        changed = self._accepted(answer) if isinstance(answer, Answer) else None
        if changed is not None and changed.ref == ref:
            return changed
        return answers.harmless(answer, self._clock.now())


def _is_id(said: object) -> bool:
    """Whether it may be a number of Discord's: digits in a string."""
    return isinstance(said, str) and regex.fullmatch("[0-9]{1,20}", said) is not None


def _address(path: str) -> tuple[str, str]:
    try:
        return hook.address(kit.read_secret(path).decode("ascii"))
    except kit.BadSecret:
        raise
    except ValueError:
        raise kit.BadSecret(
            "a webhook's address is https://discord.com/api/webhooks/NUMBER/WORD"
        ) from None
