"""What a form sent: multipart/form-data (RFC 7578) or urlencoded. Pure, bounded, hostile input.

Names of files are never looked at: they are of the sender's making, and may name them. What a
picture is, its own first bytes say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from relay.serving.urlencoded import pairs_in

MOST_TEXT: Final = 100_000
"""Characters of a text: five times what becomes a message, whose rest is kept for a person."""

MOST_PICTURES: Final = 10
"""Pictures of one message: as many as an album of a chat has."""

MOST_FIELDS: Final = 32
MOST_LINE: Final = 1024

MOST_URLENCODED: Final = 12 * MOST_TEXT + 64 * 1024
"""Bytes of a form without pictures: a letter has at most four bytes, each of which may be written
in three."""

_FIELDS: Final = frozenset({"text", "once", "code", "ask"})
_PICTURES: Final = "pictures"


@dataclass(frozen=True, slots=True, repr=False)
class Written:
    """What a person wrote: the text, pictures as (type, content), and the small fields: ``once`` as
    our page gave it, ``code`` and ``ask`` of a question."""

    text: str = ""
    pictures: tuple[tuple[str, bytes], ...] = ()
    once: str = ""
    code: str = ""
    ask: str = ""
    odd: int = 0
    """Files that are no picture we take."""

    @property
    def is_too_much(self) -> bool:
        """More text or more pictures than one message may have."""
        return len(self.text) > MOST_TEXT or len(self.pictures) > MOST_PICTURES


class Torn(Exception):
    """Not what a form sends, or not whole."""


class TooMuch(Exception):
    """More than any page of ours sends: it is not read to its end."""


def read_form(content_type: str, body: bytes) -> Written:
    """What was written. Raises Torn or TooMuch."""
    kind, options = parse_options_header(content_type)
    if kind == "application/x-www-form-urlencoded":
        return _urlencoded(body)
    if kind != "multipart/form-data" or not 0 < len(options.get("boundary", "")) <= 200:
        raise Torn
    try:
        return _multipart(options["boundary"], body)
    except ParserLimitReached:
        raise TooMuch from None
    except MultipartError:
        raise Torn from None


def _urlencoded(body: bytes) -> Written:
    if len(body) > MOST_URLENCODED:
        raise TooMuch
    try:
        return _written(dict(pairs_in(body, MOST_FIELDS, "replace")), (), 0)
    except ValueError:
        raise Torn from None


def _multipart(boundary: str, body: bytes) -> Written:
    fields: dict[str, str] = {}
    pictures: list[tuple[str, bytes]] = []
    odd = 0
    for segment, content in _segments(boundary, body):
        if segment.name == _PICTURES and segment.filename is not None:
            if not content:
                continue  # a field for files that was left empty comes as an empty file
            kind = picture_type(content)
            odd += kind is None
            pictures += [(kind, content)] if kind else []
        elif segment.name in _FIELDS and segment.filename is None:
            fields[segment.name or ""] = content.decode("utf-8", "replace")
    return _written(fields, tuple(pictures), odd)


def _segments(boundary: str, body: bytes) -> list[tuple[MultipartSegment, bytes]]:
    found: list[tuple[MultipartSegment, bytearray]] = []
    with PushMultipartParser(boundary, len(body), max_segment_count=MOST_FIELDS) as parser:
        for chunk in (*parser.parse(body), *parser.parse(b"")):
            if isinstance(chunk, MultipartSegment):
                found.append((chunk, bytearray()))
            elif chunk:
                found[-1][1].extend(chunk)
    return [(segment, bytes(content)) for segment, content in found]


def _written(fields: dict[str, str], pictures: tuple[tuple[str, bytes], ...], odd: int) -> Written:
    text = fields.get("text", "").replace("\r\n", "\n").strip()
    once, code, ask = (fields.get(name, "").strip() for name in ("once", "code", "ask"))
    if max(map(len, (once, code, ask))) > MOST_LINE:
        raise Torn
    return Written(text, pictures, once, code, ask, odd)


def picture_type(content: bytes) -> str | None:
    """The type that a picture's first bytes tell; None for what is no picture we take."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None
