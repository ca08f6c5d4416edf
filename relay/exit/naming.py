"""read -> review, clean or command: by what a message is found again, and who knows its sender.

A code that is the word of a known sender is a secret: it is taken off the message, written down
nowhere and shown to nobody. What only the exit or a door may say of a message is believed of no
reader.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from relay.exit.record import Record, store
from relay.model import Change, Command, Message, Queue, Row, State
from relay.rules.policy import BY_SMS, KNOWN, MAY_READ
from relay.rules.words import is_a_word, is_weak, normal, perhaps
from relay.wire.keys import ExitKeys
from relay.wire.names import code_name, given_name

Knows = Callable[[str, Sequence[bytes]], Awaitable[str | None]]
"""Whose word a code is, asked for an author with these tags: a known sender's name, empty for
nobody's, None where it was not looked at, so that it must count as a secret."""

Means = Callable[[Record, Command], Awaitable[bool]]
"""Whether what may as well be a message is this command: there is such a channel, or such a code of
this sender."""

Wrote = Callable[[Row, Sequence[bytes], str], None]
"""Remembers that a message is of the author with these tags, who called it so, or (empty) not at
all."""

Tries = Callable[[str, str], bool]
"""Whether a text that came by this transport is a line by which the node tries its own ways in."""

_PERHAPS: Final = "perhaps_command"
PERHAPS_CODE: Final = "perhaps_code"
"""The flag of a message that a person must see, since it has, or had, what may be a code."""

PICTURES: Final = 0
FILMS: Final = 1
"""When the media are due that take a moment to clean, and those that may take minutes: after all
the pictures that wait."""

_STARTS: Final = (b"\x1aE\xdf\xa3", b"RIFF", b"OggS", b"ID3", b"fLaC", b"GIF8")
_BOXES: Final = (b"moov", b"mdat", b"wide", b"skip", b"free")
_STILL: Final = (b"heic", b"heix", b"mif1", b"avif")
"""How films and sounds begin, and the brands of pictures in boxes."""

_NO_READERS: Final = frozenset({KNOWN, BY_SMS, MAY_READ})
_NO_DOORS: Final = frozenset({KNOWN})


async def knows_nobody(code: str, tags: Sequence[bytes]) -> str | None:
    """There are no known senders."""
    return ""


async def means_nothing(asker: Record, command: Command) -> bool:
    """It is a message."""
    return False


def remembers_nothing(row: Row, tags: Sequence[bytes], code: str) -> None:
    """Nobody will ask."""


def tries_nothing(transport: str, text: str) -> bool:
    """Whatever comes is of people."""
    return False


@dataclass(frozen=True, slots=True)
class Familiar:
    """What the exit is told of those who write, and remembers of them; and of what it wrote to
    itself."""

    knows: Knows = knows_nobody
    means: Means = means_nothing
    wrote: Wrote = remembers_nothing
    tries: Tries = tries_nothing


STRANGERS: Final = Familiar()
"""Nobody is known, and a message is a message."""


def to_command(id: bytes, record: Record, command: Command, keys: ExitKeys) -> Change:
    """What becomes of a submission that is nothing but a command."""
    asked = replace(record, content=b"", command=command)
    body = store(asked, keys.storage, id)
    return Change(Queue.COMMAND, State.WAITING, due=0, body=body)


async def to_review(
    row: Row, record: Record, message: Message, keys: ExitKeys, familiar: Familiar
) -> Change:
    """What becomes of a message that was read: it has its names, and is kept without its content
    as it came, and without its way back: only a command is ever answered. One with media goes to
    the cleaner first."""
    meant = perhaps(message.text) if _PERHAPS in message.flags else None
    if meant is not None and await familiar.means(record, meant):
        return to_command(row.id, record, meant, keys)
    sender = await familiar.knows(message.code, record.author_tags) if message.code else ""
    code = message.code if sender == "" else ""
    familiar.wrote(row, record.author_tags, binding(message.code))
    flags = {*message.flags} - _NO_READERS | {*record.flags} - _NO_DOORS
    if is_a_word(code) or (sender is None and is_a_word(message.code)):
        flags.add(PERHAPS_CODE)
    if sender:
        flags.add(KNOWN)
    whole = replace(
        record,
        content=b"",
        return_token=b"",
        answer_key=b"",
        message=replace(message, flags=tuple(sorted(flags)), code=code),
        sender=sender or "",
    )
    return Change(
        Queue.CLEAN if message.media else Queue.REVIEW,
        State.WAITING,
        due=FILMS if _has_film(message) else PICTURES,
        body=store(whole, keys.storage, row.id),
        names=tuple(names_of(whole, code, keys.desk_secret)),
    )


def _has_film(message: Message) -> bool:
    """Whether a film or a sound came with it, by what it says of itself or by how it begins; of
    what is neither nothing takes long."""
    return any(
        medium.type.startswith(("video/", "audio/")) or _begins_like_a_film(medium.content)
        for medium in message.media
    )


def _begins_like_a_film(content: bytes) -> bool:
    box, brand = content[4:8], content[8:12]
    if box == b"ftyp":
        return brand not in _STILL
    if content.startswith(b"RIFF") and brand == b"WEBP":
        return False
    loud = content[:1] == b"\xff" and content[1:2] >= b"\xe0"  # MP3, AAC
    return loud or box in _BOXES or content.startswith(_STARTS)


def names_of(record: Record, code: str, desk_secret: bytes) -> Iterator[bytes]:
    """Of the code that the sender chose, and of the one that a transport gave. None of its author:
    ``relay.exit.authors`` says why."""
    if binding(code):
        yield code_name(desk_secret, binding(code))
    if record.code:
        yield given_name(desk_secret, normal(record.code))


def binding(code: str) -> str:
    """What a message may be called by: the code, normalised; nothing, where anybody would try
    it."""
    return "" if is_weak(code) else normal(code)
