"""What came out of an encrypted mail, to a message.

The entity of a mail has its real Subject inside (RFC 9788); of the one outside nothing is kept.
Text and files that were encrypted each by itself are put together. What stood beside them in the
clear is kept aside: what a person encrypts is what they mean to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from relay.entry.headers import filter_headers
from relay.model import Ciphertext, Command, Encrypted, Media, Message, Unreadable
from relay.reader.encrypted import PGP_MIME, is_ciphertext
from relay.reader.mail import drafted, finished
from relay.reader.said import NOT_OPENED
from relay.reader.text import MEDIA

ENCRYPTED: Final = "encrypted"
"""Flag: it came encrypted to the exit, at least in part."""

CLOSED: Final = "encrypted, and not to the keys of this exit, or damaged"
"""Why a mail is set aside of which nothing can be read."""

_HIDES: Final = re.compile(r"[\s.\[\]…]*|\[?(?:encrypted|pgp) (?:message|mail|e-?mail)\]?", re.I)
"""Titles that programs put outside in place of the real one."""

_BEGINS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"OggS", "audio/ogg"),
)
_FIELD: Final = re.compile(rb"([!-9;-~]{1,60}):")
_MOST_FIELDS: Final = 60
_MOST_TEXT: Final = 1024 * 1024


def read_opened(opened: Encrypted, closed: Sequence[Ciphertext]) -> Message | Command | Unreadable:
    """A message of what was opened (the parts are plaintexts now). ``closed``: what was not.

    Raises TooMuch."""
    clear = opened.clear or Message("")
    drafts = [_draft(part, clear.title) for part in opened.parts]
    if not drafts and not clear.text:
        return Unreadable(CLOSED)
    texts = [draft.text for draft in drafts if draft.text] or [clear.text]
    beside = [clear.text] * bool(clear.text and texts[0] is not clear.text)
    media = (
        *(one for draft in drafts for one in draft.media),
        *(Media("text/plain", text.encode()) for text in (*texts[1:], *beside)),
        *clear.media,
        *(Media("application/octet-stream", part.content) for part in closed),
    )
    flags = {flag for draft in (*drafts, clear) for flag in draft.flags}
    nested = any(one.type == PGP_MIME or is_ciphertext(one.content) for one in media)
    flags.update([ENCRYPTED] * bool(drafts), [MEDIA] * bool(media))
    flags.update([NOT_OPENED] * bool(closed or nested))
    said_in = next((draft.language for draft in drafts if draft.language), clear.language)
    return finished(
        Message(texts[0], _title(drafts, clear), said_in, media=media, flags=tuple(sorted(flags)))
    )


def _title(drafts: Sequence[Message], clear: Message) -> str:
    told = (draft.title for draft in drafts if not _HIDES.fullmatch(draft.title))
    inside = next(filter(None, told), "")
    return inside or ("" if _HIDES.fullmatch(clear.title) else clear.title)


def _draft(part: Ciphertext, title: str) -> Message:
    """A draft of one plaintext; of text and files without a title of its own."""
    content = part.content
    if part.form == "entity" or (part.form == "file" and _is_entity(content)):
        entity, flags = filter_headers(content)
        draft = drafted(entity, "mail", opened=True)[1]
        return replace(draft, flags=tuple(sorted({*draft.flags, *flags})))
    kind = "" if part.form == "text" else _kind(content)
    if kind:
        return Message("", media=(Media(kind, content),))
    head = f"Subject: {title[:60]}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n".encode()
    return replace(drafted(head + content, "mail", opened=True)[1], title="")


def _is_entity(content: bytes) -> bool:
    """Whether it begins with the header of a mail, or of a part of one."""
    for line in content[:16384].split(b"\n")[:_MOST_FIELDS]:
        if line[:1] in (b" ", b"\t"):
            continue
        field = _FIELD.match(line)
        if field is None or field[1].lower() == b"content-type":
            return field is not None
    return False


def _kind(content: bytes) -> str:
    """The type of a file by how it begins; empty for a text."""
    for begins, kind in _BEGINS:
        if content.startswith(begins):
            return kind
    if content[4:8] == b"ftyp":
        return "video/mp4"
    if len(content) <= _MOST_TEXT and b"\x00" not in content and _is_utf8(content):
        return ""
    return "application/octet-stream"


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
