"""One channel, its discussion group, a chat for audits, and the bot that is in all three.

A post of the channel is forwarded into the discussion group by Telegram itself, and the bot hears
of that as of any message there. It does not hear of what it posts into the channel itself.
"""

from __future__ import annotations

from dataclasses import replace
from secrets import randbelow, token_urlsafe
from typing import Any, Final

from relay.ports import Clock
from relay.testing.telegram import entities
from relay.testing.telegram.chats import Chat, Chats, Message, Origin
from relay.testing.telegram.media import Shelf
from relay.testing.telegram.updates import Updates

FIRST: Final = -1001500000000


class World:
    """All that a stand-in's platform consists of. ``forwards``: whether posts reach the discussion
    group; ``reads_all``: whether the bot hears of what others say there (no privacy mode)."""

    def __init__(self, clock: Clock, *, username: str, discussion: bool) -> None:
        self.clock = clock
        self.bot = entities.user(5_000_000_000 + randbelow(1 << 30), "relay", bot=True)
        self.forwards = self.reads_all = True
        self.channel = Chat(FIRST - 1, "channel", "A channel", username, last=randbelow(1000))
        self.discussion = Chat(FIRST - 2, "supergroup", "Talk of it", status="member")
        self.audit = Chat(FIRST - 3, "supergroup", "Audits", status="member")
        self.chats = Chats([self.channel, self.audit])
        if discussion:
            self.chats.add(self.discussion)
            self.channel.linked, self.discussion.linked = self.discussion.id, self.channel.id
        self.shelf = Shelf()
        self.updates = Updates()

    def new_token(self) -> str:
        """A token as the bot's owner is given one."""
        return f"{self.bot['id']}:AA{token_urlsafe(25)[:33]}"

    def migrate(self, old: Chat) -> Chat:
        """A chat under a new number; the old one says so to everybody who asks for it."""
        made = replace(old, id=old.id - 1000)
        old.became, old.username = made.id, ""
        self.chats.add(made)
        for name in ("channel", "discussion", "audit"):
            if getattr(self, name) is old:
                setattr(self, name, made)
        return made

    def say(self, chat: Chat, one: Message) -> Message:
        """A message, with its number and its time; and what follows from it."""
        speaks = None if chat.kind == "channel" else one.sender or self.bot
        one = replace(one, id=chat.next(), date=self.clock.now(), sender=speaks)
        chat.messages[one.id] = one
        if chat is self.channel:
            if not one.own:
                self.tell("channel_post", chat, one)
            if chat.linked is not None and self.forwards:
                self._forward(one)
        elif not one.own and (self.reads_all or one.automatic):
            self.tell("message", chat, one)
        return one

    def tell(self, kind: str, chat: Chat, one: Message) -> None:
        """The bot hears of a message, if it is there."""
        if chat.status in ("administrator", "member"):
            self.updates.add(kind, entities.message(chat, one), self.clock.now())

    def _forward(self, one: Message) -> None:
        origin = Origin(self.channel, one.id, one.date)
        album = f"{one.album}0" if one.album else ""
        there = self.forwarded(one.parent)
        copy = replace(one, origin=origin, automatic=True, album=album, own=False)
        answered = None if there is None else there.id
        self.say(
            self.discussion,
            replace(copy, parent=answered, thread=answered, sender=entities.TELEGRAM),
        )

    def forwarded(self, id: int | None) -> Message | None:
        """The message of the discussion group under which a post is talked of."""
        for one in self.discussion.messages.values():
            if one.automatic and one.origin is not None and one.origin.id == id:
                return one
        return None

    def answer(self, to: int, text: str, by: dict[str, Any]) -> Message:
        """Somebody says something about a post. Raises KeyError if it is not talked of there."""
        head = self.forwarded(to)
        if head is None:
            raise KeyError(to)
        said = Message(0, 0, text, parent=head.id, thread=head.id, sender=by)
        return self.say(self.discussion, said)
