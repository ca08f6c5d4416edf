"""Between a door and its child that judges mails: msgpack after its length, both ways.

Door to child: ``[mail, envelope, client]``, then ``[word, records]`` for each name asked, where the
word is "told" or "none". Child to door: ``READY`` once; then ``[name, kind]`` asks and ``[said]``
ends.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import msgpack

from relay.errors import Damaged

READY: Final = ["ready"]
"""What a child says before its first mail."""

HEAD: Final = struct.Struct(">I")

MOST_BYTES: Final = 16 * 1024 * 1024
"""Of a frame to the child, which holds a mail."""

MOST_SAID: Final = 1024
"""Of a frame from the child: it may be anybody's by then."""


def framed(value: list[Any]) -> bytes:
    """A frame."""
    packed: bytes = msgpack.packb(value)
    return HEAD.pack(len(packed)) + packed


def length_of(head: bytes, most: int) -> int:
    """How many bytes follow a head. Raises Damaged beyond ``most``."""
    length: int = HEAD.unpack(head)[0]
    if length > most:
        raise Damaged
    return length


def unframed(packed: bytes) -> list[Any]:
    """The list in a frame. Raises Damaged."""
    try:
        value = msgpack.unpackb(packed)
    except Exception:
        raise Damaged from None
    if not isinstance(value, list):
        raise Damaged
    return value
