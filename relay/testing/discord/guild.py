"""A channel with a thread, and what a webhook and a bot do in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from secrets import token_urlsafe
from typing import Any, Final

from relay.ports import Clock
from relay.testing.discord.messages import Medium, Message, author, pinged, snowflake
from relay.testing.discord.reads import Asked
from relay.testing.discord.says import No, invalid, no
from relay.testing.discord.tables import COMPONENTS_V2, MAX_PAGE, PAGE
from relay.testing.fediverse.forms import File

NONCES_S: Final = 180
"""Our guess at Discord's "past few minutes"."""

RIGHTS: Final = frozenset(
    {"VIEW_CHANNEL", "SEND_MESSAGES", "ATTACH_FILES", "READ_MESSAGE_HISTORY", "MANAGE_MESSAGES"}
)


class Guild:
    """The state of a stand-in. Its calls raise No."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._numbers = snowflake(clock.now() - 86_400)
        self.id, self.channel, self.thread, self.webhook = (self.number() for _ in range(4))
        self.bot = author(self.number(), "relay", bot=True)
        self.webhook_token, self.bot_token = token_urlsafe(51), token_urlsafe(54)
        self.rights = set(RIGHTS)
        self.nonces_s = NONCES_S
        self.blocked: frozenset[str] = frozenset()
        self.slow_s = 0
        self.messages: dict[str, Message] = {}
        self._nonces: dict[tuple[str, str | int], tuple[str, int]] = {}

    def number(self) -> str:
        """A number that is higher than all before it, and tells the time."""
        self._numbers = max(self._numbers + 1, snowflake(self.clock.now()))
        return str(self._numbers)

    def forget_nonces(self) -> None:
        """No nonce is known any more."""
        self._nonces.clear()

    def place(self, id: str) -> str:
        """A channel or a thread that the bot sees."""
        if id not in (self.channel, self.thread):
            raise no(10003)
        if "VIEW_CHANNEL" not in self.rights:
            raise no(50001)
        return id

    # ------------------------------------------------------------ to post

    def execute(self, asked: Asked) -> Message:
        """A message through the webhook."""
        name = asked.body.get("username") or "relay"
        for word in ("clyde", "discord"):
            if word in name.lower():
                words = f'Username cannot contain "{word}"'
                raise invalid("username", code="USERNAME_INVALID_CONTAINS", words=words)
        if asked.body.get("thread_name"):
            raise No(400, 220003, "Webhooks can only create threads in forum channels")
        by = author(self.webhook, name, bot=True)
        made = Message("", self._thread(asked), "", by, webhook=self.webhook)
        return self.add(self._written(made, asked))

    def send(self, channel: str, asked: Asked) -> Message:
        """A message of the bot; the first one, if its nonce was seen and is to be enforced."""
        self._may("SEND_MESSAGES")
        if asked.files:
            self._may("ATTACH_FILES")
        nonce = asked.body.get("nonce")
        key = (channel, nonce) if nonce is not None and asked.body.get("enforce_nonce") else None
        if key in self._nonces:
            id, until = self._nonces[key]
            if self.clock.now() < until and id in self.messages:
                return self.messages[id]
        made = Message("", channel, "", self.bot, nonce=nonce, parent=self._parent(channel, asked))
        made = self._written(made, asked)
        self._slow(channel)
        made = self.add(made)
        if nonce is not None:
            self._nonces[channel, nonce] = (made.id, self.clock.now() + self.nonces_s)
        return made

    def add(self, one: Message) -> Message:
        """A message takes its place."""
        one = replace(one, id=self.number(), created=self.clock.now())
        self.messages[one.id] = one
        return one

    def _slow(self, channel: str) -> None:
        mine = [one.created for one in self.messages.values() if one.by["id"] == self.bot["id"]]
        left = max(mine, default=0) + self.slow_s - self.clock.now()
        if left > 0 and "MANAGE_MESSAGES" not in self.rights:
            raise No(429, 20016, no(20016).body["message"], retry_after=float(left))

    def _parent(self, channel: str, asked: Asked) -> str | None:
        reference = asked.body.get("message_reference")
        if not reference:
            return None
        id: str = reference["message_id"]
        there = self.messages.get(id)
        if there and there.channel == (reference.get("channel_id") or channel) == channel:
            return id
        if reference.get("fail_if_not_exists", True):
            code = "REPLIES_UNKNOWN_MESSAGE"
            raise invalid("message_reference", code=code, words="Unknown message")
        return None

    def _thread(self, asked: Asked) -> str:
        thread = asked.query.get("thread_id", self.channel)
        if thread not in (self.thread, self.channel):
            raise no(10003)
        return thread

    def _written(self, before: Message, asked: Asked) -> Message:
        """A message with the text and the files of a call."""
        body = asked.body
        text = before.text if "content" not in body else (body["content"] or "").strip()
        media = (*self._kept(before, body), *self._uploads(asked, before))
        flags = before.flags if body.get("flags") is None else body["flags"]
        embeds = before.embeds if body.get("embeds") is None else tuple(body["embeds"])
        others = any(body.get(name) for name in ("components", "poll", "sticker_ids"))
        if flags & COMPONENTS_V2 and (text or embeds or body.get("poll")):
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            raise invalid("content", code=code, words="Only components, with that flag.")
        if not (text or media or embeds or others):
            raise no(50006)
        if any(word in text.lower() for word in self.blocked):
            raise no(200000)
        pings = pinged(text, body.get("allowed_mentions"))
        return replace(before, text=text, media=media, flags=flags, embeds=embeds, pinged=pings)

    def _kept(self, before: Message, body: Mapping[str, Any]) -> list[Medium]:
        if body.get("attachments") is None:
            return list(before.media)
        alts = {str(one["id"]): one.get("description") for one in body["attachments"]}
        kept = [one for one in before.media if one.id in alts]
        return [replace(one, alt=alts[one.id] or one.alt) for one in kept]

    def _uploads(self, asked: Asked, before: Message) -> list[Medium]:
        """The files of a call, each with what was said of it."""
        said = {str(one["id"]): one for one in asked.body.get("attachments") or []}
        known = {one.id for one in before.media} | {str(n) for n in asked.files}
        for n, id in enumerate(said):
            if id not in known:
                words = "Attachment data cannot be found"
                raise invalid("attachments", n, code="ATTACHMENT_NOT_FOUND", words=words)
        return [self.medium(file, said.get(str(n), {})) for n, file in sorted(asked.files.items())]

    def medium(self, file: File, said: Mapping[str, Any]) -> Medium:
        """A file that was sent, and what was said of it."""
        name = said.get("filename") or file.name
        return Medium(self.number(), file.type, file.content, name, said.get("description") or "")

    # ------------------------------------------------------------ to read, change, take back

    def through_webhook(self, id: str, asked: Asked) -> Message:
        """A message that the webhook made."""
        one = self.messages.get(id)
        if one is None or one.webhook != self.webhook or one.channel != self._thread(asked):
            raise no(10008)
        return one

    def of(self, channel: str, id: str) -> Message:
        """A message of a channel."""
        one = self.messages.get(id)
        if one is None or one.channel != channel:
            raise no(10008)
        return one

    def edit(self, one: Message, asked: Asked) -> Message:
        """A message with what a call changes."""
        made = replace(self._written(one, asked), edited=self.clock.now())
        self.messages[one.id] = made
        return made

    def mine(self, one: Message) -> Message:
        """A message that the bot itself made."""
        if one.by["id"] != self.bot["id"]:
            raise no(50005)
        return one

    def delete(self, one: Message) -> None:
        """A message is gone."""
        if one.by["id"] != self.bot["id"]:
            self._may("MANAGE_MESSAGES")
        del self.messages[one.id]

    def listed(self, channel: str, asked: Asked, late_s: int) -> list[Message]:
        """A page of a channel, newest first."""
        limit = int(asked.query.get("limit", PAGE))
        if not 1 <= limit <= MAX_PAGE:
            words = f"Value should be between 1 and {MAX_PAGE}."
            raise invalid("limit", code="NUMBER_TYPE_RANGE", words=words)
        bounds = {name: int(one) for name, one in asked.query.items() if name != "limit"}
        if len(bounds) > 1:
            raise invalid(code="MUTUALLY_EXCLUSIVE", words="Only one of before, after, around.")
        if "READ_MESSAGE_HISTORY" not in self.rights:
            return []
        until = self.clock.now() - late_s
        seen = [
            one for one in self.messages.values() if one.channel == channel and one.created <= until
        ]
        return _page(seen, bounds, limit)[::-1]

    def _may(self, right: str) -> None:
        if right not in self.rights:
            raise no(50013)


def _page(seen: list[Message], bounds: Mapping[str, int], limit: int) -> list[Message]:
    """Messages of one page, oldest first: those right after ``after``, or right before the rest."""
    if "after" in bounds:
        return [one for one in seen if int(one.id) > bounds["after"]][:limit]
    if "around" in bounds:
        older = [one for one in seen if int(one.id) <= bounds["around"]][-(limit // 2 + 1) :]
        newer = [one for one in seen if int(one.id) > bounds["around"]][: limit // 2]
        return (older + newer)[:limit]
    if "before" in bounds:
        seen = [one for one in seen if int(one.id) < bounds["before"]]
    return seen[-limit:]
