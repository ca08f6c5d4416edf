"""What an update of a bot says, of a person to us: the text and the media, and nothing else of it.

Dropped unseen: who somebody is, from whom a message was forwarded and whom it answers, contacts,
places and live locations, stickers, polls. Types and names are those of the Bot API
(https://core.telegram.org/bots/api), by python-telegram-bot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from telegram import Message, MessageEntity, Update
from telegram.constants import ChatMemberStatus, ChatType

WANTED: Final = ("message", "edited_message", "my_chat_member")
"""Kinds of updates that are asked for."""

EDITED: Final = "edited"
"""The flag of a message that its sender changed after it was sent: perhaps a second one."""

_HERE: Final = (
    ChatMemberStatus.MEMBER,
    ChatMemberStatus.ADMINISTRATOR,
    ChatMemberStatus.RESTRICTED,
)


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """A file at Telegram: its id there, its type, and its size in bytes if Telegram says it."""

    file_id: str
    type: str
    size: int | None


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
    if _is_command(message, "start", "help") and not message.edit_date:
        user = message.from_user
        return Begun(message.chat.id, (user.language_code if user else "") or "")
    text, media = _text(message), tuple(_media(message))
    if not (text.strip() or media):
        return Nothing()
    edited = update.edited_message is not None
    id_ = f"{message.chat.id}/{message.message_id}"
    if edited and message.edit_date is not None:
        id_ += f"/{int(message.edit_date.timestamp())}"
    album = "" if edited else message.media_group_id or ""
    return Heard(message.chat.id, id_.encode(), text, media, album, edited, update.update_id)


def _is_command(message: Message, *names: str) -> bool:
    """Whether the text is one of these commands, with whatever a link put behind it."""
    word = (message.text or "").split(maxsplit=1)[:1]
    return bool(word) and word[0].partition("@")[0].lower() in {f"/{name}" for name in names}


def _text(message: Message) -> str:
    """The text or the caption, with the address behind each word that hides one."""
    text = message.text or message.caption or ""
    entities: Sequence[MessageEntity] = message.entities or message.caption_entities or ()
    hidden = [one for one in entities if one.type == MessageEntity.TEXT_LINK and one.url]
    if not hidden:
        return text
    units = text.encode("utf-16-le")  # an entity counts in units of UTF-16
    for one in sorted(hidden, key=lambda one: one.offset, reverse=True):
        end = 2 * (one.offset + one.length)
        units = units[:end] + f" <{one.url}>".encode("utf-16-le") + units[end:]
    return units.decode("utf-16-le", "replace")


def _media(message: Message) -> Iterable[Medium]:
    if message.photo:
        largest = max(message.photo, key=lambda one: one.width * one.height)
        yield Medium(largest.file_id, "image/jpeg", largest.file_size)
    for file, otherwise in (
        (message.animation or message.document, "application/octet-stream"),
        (message.video, "video/mp4"),
        (message.video_note, "video/mp4"),
        (message.voice, "audio/ogg"),
        (message.audio, "audio/mpeg"),
    ):
        if file is not None:
            kind = getattr(file, "mime_type", None) or otherwise
            yield Medium(file.file_id, kind, file.file_size)


def joined(album: Sequence[Heard]) -> Heard:
    """The messages of an album as one: its captions in order, and all its media. Its id is of all
    of them: if one more came after the others were stored, it is not taken for a repeat."""
    first = album[0]
    ids = b"+".join(one.id for one in album)
    captions = "\n".join(one.text for one in album if one.text)
    media = tuple(medium for one in album for medium in one.media)
    return Heard(first.chat, ids, captions, media, first.album, last=album[-1].last)
