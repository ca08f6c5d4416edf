"""Text and media as one MIME entity (RFC 2046), the content of kind "multipart".

The text comes first, as text/plain in UTF-8, also where it is empty; then each medium with its
type, as an attachment and without a name: names of files tell whose they are. Everything is base64,
so that no content can hold the boundary, and the same text and media always make the same bytes: a
repeat is known by them.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Sequence
from typing import Final

MOST_BYTES: Final = 14 * 1024 * 1024
"""Bytes of one entity: with its envelope it stays within the largest size there is."""

MOST_MEDIA: Final = 50
"""Media of one entity. A reader opens 64 parts and no more."""

LEFT_OUT: Final = "media-left-out"
"""The flag of a message of which a medium was too large, one too many, or not to be had."""

_BOUNDARY: Final = "=_"
"""Has a letter that base64 has not (RFC 2045 section 6.7)."""

_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,64}/[a-z0-9!#$&^_.+-]{1,64}", re.ASCII)
_CONTAINERS: Final = ("multipart/", "message/")
_HEAD_BYTES: Final = 400
"""More than the headers of any part, its boundary and the end included."""

Medium = tuple[str, bytes]
"""A type (RFC 6838), as the provider wrote it, and the bytes."""


def entity(text: str, media: Sequence[Medium]) -> bytes:
    """The entity. Half a surrogate pair in the text becomes U+FFFD. Raises ValueError for more than
    MOST_BYTES or MOST_MEDIA: ``within`` says beforehand what fits."""
    if len(within(text, media)) < len(media):
        raise ValueError("more than one entity holds")
    parts = [_part("text/plain; charset=utf-8", "inline", utf8(text))]
    parts += [_part(plain_type(type_), "attachment", content) for type_, content in media]
    head = f'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="{_BOUNDARY}"\n\n'
    between = f"--{_BOUNDARY}\n".encode()
    whole = b"".join(between + part for part in parts)
    return head.encode() + whole + f"--{_BOUNDARY}--\n".encode()


def within(text: str, media: Sequence[Medium]) -> tuple[Medium, ...]:
    """Those of the media that fit into one entity with this text, in their order. One that is too
    large leaves room for the smaller ones after it."""
    room = MOST_BYTES - _HEAD_BYTES - _encoded_bytes(len(utf8(text)))
    fitting: list[Medium] = []
    for medium in media[:MOST_MEDIA]:
        size = _HEAD_BYTES + _encoded_bytes(len(medium[1]))
        if size <= room:
            room -= size
            fitting.append(medium)
    return tuple(fitting)


def plain_type(written: str) -> str:
    """A type without parameters, lower case; ``application/octet-stream`` for what is none, and for
    what a reader would open again."""
    type_ = written.partition(";")[0].strip().lower()
    if not _TYPE.fullmatch(type_) or type_.startswith(_CONTAINERS):
        return "application/octet-stream"
    return type_


def _part(type_: str, disposition: str, content: bytes) -> bytes:
    head = (
        f"Content-Type: {type_}\n"
        f"Content-Disposition: {disposition}\n"
        "Content-Transfer-Encoding: base64\n\n"
    )
    return head.encode() + encodebytes(content)


def _encoded_bytes(length: int) -> int:
    """Bytes of base64 in lines of 76 (RFC 2045 section 6.8), each with its end."""
    encoded = (length + 2) // 3 * 4
    return encoded + (encoded + 75) // 76


def utf8(text: str) -> bytes:
    """UTF-8. The halves of a surrogate pair are joined; one without its other half is U+FFFD."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.encode()
