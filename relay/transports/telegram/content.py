"""The text and the media of a chat message, whatever kind of message it is.

Besides texts and captions: polls and checklists, which people type; rich messages (``rich``); live
photos and paid media. Of a story that was forwarded, and of paid media that were not bought, a bot
is given nothing: the message is taken all the same, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from telegram import (
    Message,
    MessageEntity,
    PaidMediaLivePhoto,
    PaidMediaPhoto,
    PaidMediaVideo,
    PhotoSize,
)

from relay.transports.telegram import rich

_RICH: Final = "rich_message"
"""A field that python-telegram-bot does not know yet (Bot API 10.1)."""


CONTENT: Final = frozenset(
    {"animation", "audio", "checklist", "document", "live_photo", "paid_media", "photo", "poll"}
) | {_RICH, "story", "video", "video_note", "voice"}
"""Fields of a message that hold what is taken, besides texts and captions."""


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """A file at Telegram: its id there, its type, and its size in bytes if Telegram says it. One
    without an id is not to be had."""

    file_id: str
    type: str
    size: int | None


NOT_TO_BE_HAD: Final = Medium("", "application/octet-stream", None)
"""Something of which a bot is given nothing."""


def text_of(message: Message) -> str:
    """What is written in a message, line by line."""
    return "\n".join(one for one in _texts(message) if one)


def media_of(message: Message) -> Iterator[Medium]:
    """Its files."""
    if message.photo:
        yield _photo(message.photo)
    for file, otherwise in (
        (message.animation or message.document, "application/octet-stream"),
        (message.live_photo, "video/mp4"),
        (message.video, "video/mp4"),
        (message.video_note, "video/mp4"),
        (message.voice, "audio/ogg"),
        (message.audio, "audio/mpeg"),
    ):
        if file is not None:
            yield _file(file, otherwise)
    yield from _paid(message)
    for file_id, type_, size in rich.files(message.api_kwargs.get(_RICH)):
        yield Medium(file_id, type_, size)
    if message.story is not None:
        yield NOT_TO_BE_HAD


def _texts(message: Message) -> Iterator[str]:
    text = message.text or message.caption or ""
    yield _with_addresses(text, message.entities or message.caption_entities or ())
    yield rich.text(message.api_kwargs.get(_RICH))
    if message.poll is not None:
        yield message.poll.question
        yield from (f"- {option.text}" for option in message.poll.options)
    if message.checklist is not None:
        yield message.checklist.title
        yield from (f"- {task.text}" for task in message.checklist.tasks)


def _with_addresses(text: str, entities: Sequence[MessageEntity]) -> str:
    """The text with the address behind each word that hides one."""
    hidden = [one for one in entities if one.type == MessageEntity.TEXT_LINK and one.url]
    if not hidden:
        return text
    units = text.encode("utf-16-le", "surrogatepass")  # an entity counts in units of UTF-16
    for one in sorted(hidden, key=lambda one: one.offset, reverse=True):
        end = 2 * (one.offset + one.length)
        address = f" <{one.url}>".encode("utf-16-le", "surrogatepass")
        units = units[:end] + address + units[end:]
    return units.decode("utf-16-le", "replace")


def _paid(message: Message) -> Iterator[Medium]:
    for one in message.paid_media.paid_media if message.paid_media is not None else ():
        match one:
            case PaidMediaPhoto():
                yield _photo(one.photo)
            case PaidMediaVideo():
                yield _file(one.video, "video/mp4")
            case PaidMediaLivePhoto():
                yield _file(one.live_photo, "video/mp4")
            case _:
                yield NOT_TO_BE_HAD


def _photo(sizes: Sequence[PhotoSize]) -> Medium:
    largest = max(sizes, key=lambda one: one.width * one.height)
    return Medium(largest.file_id, "image/jpeg", largest.file_size)


def _file(file: object, otherwise: str) -> Medium:
    kind = getattr(file, "mime_type", None) or otherwise
    return Medium(getattr(file, "file_id", ""), kind, getattr(file, "file_size", None))
