"""What an update of a bot says, of a person to us: the text and the media, and nothing else of it.

Dropped unseen: who somebody is, from whom a message was forwarded and whom it answers or quotes,
contacts, places (venues and live locations as well), stickers, dice, games. Types and names are
those of the Bot API (https://core.telegram.org/bots/api), by python-telegram-bot; what the library
does not read is read by hand, as far as it can be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from telegram import Bot, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from relay.transports.telegram.content import CONTENT, NOT_TO_BE_HAD, Medium, media_of, text_of

WANTED: Final = ("message", "edited_message", "my_chat_member")
"""Kinds of updates that are asked for."""

EDITED: Final = "edited"
"""The flag of a message that its sender changed after it was sent: perhaps a second one."""

_HERE: Final = (
    ChatMemberStatus.MEMBER,
    ChatMemberStatus.ADMINISTRATOR,
    ChatMemberStatus.RESTRICTED,
)

_QUESTION: Final = re.compile(
    r"/start(@\w+)?(\s+[A-Za-z0-9_-]{1,64})?|/help(@\w+)?", re.ASCII | re.IGNORECASE
)
"""With what a link may put behind it (https://core.telegram.org/bots/features#deep-linking), and
nothing more: "/help they are shooting" is a message."""


@dataclass(frozen=True, slots=True, repr=False)
class Heard:
    """A message from a person in a private chat. ``id`` is the same when the update comes again;
    ``album`` that of the group it belongs to, or empty; ``last`` the update's own number."""

    chat: int
    id: bytes
    text: str
    media: tuple[Medium, ...]
    album: str = ""
    edited: bool = False
    last: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Begun:
    """``/start`` or ``/help``: a question. ``language`` is that of the person's program."""

    chat: int
    language: str


@dataclass(frozen=True, slots=True, repr=False)
class Group:
    """The bot is in a chat that is not private: it leaves."""

    chat: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing that is kept."""


Said = Heard | Begun | Group | Nothing


def read(raw: Mapping[str, Any], bot: Bot) -> Said:
    """What an update says, as it came. Never raises: what cannot be read at all would come again
    and again, before everything else."""
    try:
        return said(Update.de_json(dict(raw), bot))
    except Exception:  # whatever it is, the message is there, and so are those behind it
        return _by_hand(raw)


def said(update: Update) -> Said:
    """What an update says."""
    member = update.my_chat_member
    if member is not None:
        there = member.new_chat_member.status in _HERE
        group = member.chat.type != ChatType.PRIVATE
        return Group(member.chat.id) if group and there else Nothing()
    message = update.message or update.edited_message
    if message is None:
        return Nothing()
    if message.chat.type != ChatType.PRIVATE:
        return Group(message.chat.id)
    if message.from_user is not None and message.from_user.is_bot:
        return Nothing()
    return _of_a_person(update, message)


def _of_a_person(update: Update, message: Message) -> Said:
    if _QUESTION.fullmatch((message.text or "").strip()) and not message.edit_date:
        user = message.from_user
        return Begun(message.chat.id, (user.language_code if user else "") or "")
    text, media = text_of(message), tuple(media_of(message))
    if not (text.strip() or media):
        return Nothing()
    edited = update.edited_message is not None
    id_ = _id(message.chat.id, message.message_id, update.update_id if edited else None)
    album = "" if edited else message.media_group_id or ""
    return Heard(message.chat.id, id_, text, media, album, edited, update.update_id)


def _id(chat: object, message: object, edit: object = None) -> bytes:
    """What stays the same when the update comes again; each edit is another message."""
    return f"{chat}/{message}".encode() + (b"" if edit is None else f"/{edit}".encode())


def _by_hand(raw: Mapping[str, Any]) -> Said:
    """What a message says whose form is none that the library knows: its text, and that there may
    be more."""
    edited = "message" not in raw
    message = raw.get("edited_message" if edited else "message")
    if not isinstance(message, dict) or not isinstance(message.get("chat"), dict):
        return Nothing()
    chat, number, update = message["chat"], message.get("message_id"), raw.get("update_id")
    written = message.get("text", message.get("caption"))
    text = written if isinstance(written, str) else ""
    if chat.get("type") != ChatType.PRIVATE or not (text.strip() or CONTENT & message.keys()):
        return Nothing()
    if not all(type(one) is int for one in (chat.get("id"), number, update)):
        return Nothing()
    id_ = _id(chat["id"], number, update if edited else None)
    return Heard(chat["id"], id_, text, (NOT_TO_BE_HAD,), edited=edited, last=int(update or 0))


def joined(album: Sequence[Heard]) -> Heard:
    """The messages of an album as one: its captions in order, and all its media. Its id is of all
    of them: if one more came after the others were stored, it is not taken for a repeat."""
    first = album[0]
    ids = b"+".join(one.id for one in album)
    captions = "\n".join(one.text for one in album if one.text)
    media = tuple(medium for one in album for medium in one.media)
    return Heard(first.chat, ids, captions, media, first.album, last=album[-1].last)
