"""Chats of a stand-in and what is in them; and which of them the bot may read, write or change.

The order of the refusals and their words are those of ``check_chat_access`` in ``Client.cpp`` of
tdlib/telegram-bot-api (May 2026).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from relay.model import Instant
from relay.testing.telegram.says import No
from relay.testing.telegram.texts import Entity

Kind = Literal["channel", "supergroup", "group"]
Access = Literal["read", "write"]

RIGHTS: Final = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_post_messages",
    "can_edit_messages",
    "can_manage_direct_messages",
    "can_send_welcome_messages",
)
"""What an administrator of a channel may have, as ``getChatMember`` lists it."""

ENOUGH: Final = frozenset({"can_manage_chat", "can_post_messages", "can_delete_messages"})


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """One file of a post. Telegram keeps no text for those who cannot see it: ``alt`` is empty."""

    kind: str
    type: str
    content: bytes
    name: str
    file_id: str
    alt: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Origin:
    """Where a forwarded message comes from: a post of a channel."""

    chat: Chat
    id: int
    date: Instant


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """One message of a chat. ``text``: also the caption. ``sender``: a user, or None where the chat
    itself speaks. ``own``: the bot sent it. ``album``: those with the same belong together."""

    id: int
    date: Instant
    text: str = ""
    entities: tuple[Entity, ...] = ()
    medium: Medium | None = None
    album: str = ""
    parent: int | None = None
    thread: int | None = None
    sender: dict[str, Any] | None = None
    own: bool = False
    origin: Origin | None = None
    automatic: bool = False
    protected: bool = False
    edited: Instant | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """What the public sees of one post: an album is one. ``id``: the number of its first message;
    ``parent``: that of the post which it answers."""

    id: str
    text: str
    media: tuple[Medium, ...]
    parent: str | None
    created: Instant
    edited: Instant | None = None


@dataclass(slots=True, eq=False, repr=False)
class Chat:
    """A chat. ``status`` and ``rights`` are the bot's; ``became``: the chat it was upgraded to."""

    id: int
    kind: Kind
    title: str
    username: str = ""
    status: Literal["administrator", "member", "left", "kicked"] = "administrator"
    rights: set[str] = field(default_factory=lambda: set(ENOUGH))
    protected: bool = False
    linked: int | None = None
    became: int | None = None
    last: int = 0
    messages: dict[int, Message] = field(default_factory=dict)

    def next(self) -> int:
        """A number for a message. Numbers only grow, and those of deleted messages stay used."""
        self.last += 1
        return self.last

    def posts(self) -> list[Post]:
        """What stands here, an album as one."""
        groups: dict[str, list[Message]] = {}
        for one in self.messages.values():
            groups.setdefault(one.album or f"#{one.id}", []).append(one)
        return [_post(each) for each in groups.values()]


def _post(messages: list[Message]) -> Post:
    first = messages[0]
    texts = [one.text for one in messages if one.text]
    media = tuple(one.medium for one in messages if one.medium)
    parent = None if first.parent is None else str(first.parent)
    return Post(str(first.id), "\n".join(texts), media, parent, first.date, first.edited)


class Chats:
    """All chats that a stand-in knows."""

    def __init__(self, chats: Iterable[Chat]) -> None:
        self._chats = {one.id: one for one in chats}

    def add(self, chat: Chat) -> None:
        """One more."""
        self._chats[chat.id] = chat

    def get(self, named: int | str, access: Access) -> Chat:
        """The chat of a number or of an @name, if the bot may do that with it. Raises No."""
        chat = self._named(named)
        if chat is None:
            raise No(400, "chat not found")
        if chat.became is not None:
            words = "group chat was upgraded to a supergroup chat"
            raise No(400, words, migrate_to_chat_id=chat.became)
        if chat.status == "kicked":
            raise No(403, f"bot was kicked from the {chat.kind} chat")
        if chat.status == "left" and (access == "write" or not chat.username):
            raise No(403, f"bot is not a member of the {chat.kind} chat")
        return chat

    def writable(self, named: int | str) -> Chat:
        """A chat in which the bot may say something. Raises No."""
        chat = self.get(named, "write")
        if chat.kind == "channel" and not may(chat, "can_post_messages"):
            raise No(400, "need administrator rights in the channel chat")
        return chat

    def _named(self, named: int | str) -> Chat | None:
        if isinstance(named, str) and named.startswith("@"):
            wanted = named[1:].lower()
            found = (one for one in self._chats.values() if one.username.lower() == wanted)
            return next(found, None) if wanted else None
        return self._chats.get(int(named))


def may(chat: Chat, right: str) -> bool:
    """Whether the bot has a right of an administrator."""
    return chat.status == "administrator" and right in chat.rights


def found(chat: Chat, id: int | None, what: str) -> Message:
    """A message by its number. Raises No in the words of ``what`` was wanted of it."""
    one = chat.messages.get(id or 0)
    if one is None:
        raise No(400, f"message to {what} not found")
    return one
