"""A part as it is kept between ``prepare`` and the last try at it: its key, and all it will say.

A payload is a line of JSON that describes itself, and after it the media, one behind the other,
each with its poster behind it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from relay.ports import Media

KEY_CHARACTERS: Final = 32
VERSION: Final = 1


def part_key(secret: bytes, index: int) -> str:
    """The key of part ``index`` (from 0) of the post with this secret: 32 hex characters.

    HMAC-SHA256, so that nobody who holds the text, a number or a time can find the post by it.
    """
    return hmac.new(secret, b"part %d" % index, hashlib.sha256).hexdigest()[:KEY_CHARACTERS]


def frozen(said: Mapping[str, Any], media: Sequence[Media] = ()) -> bytes:
    """The payload of a part that says this (JSON values) and carries these. Equal values give
    equal bytes. The names "v" and "media" are taken."""
    head = {
        "v": VERSION,
        **said,
        "media": [_line(one) for one in media],
    }
    written = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return b"\n".join([written, b"".join(one.content + one.poster for one in media)])


def _line(one: Media) -> list[str | int]:
    sizes = [len(one.content), len(one.poster)]
    return [one.type, one.alt, *sizes, one.width, one.height, one.seconds]


def thawed(payload: bytes) -> tuple[dict[str, Any], tuple[Media, ...]]:
    """What it says and carries, again. Raises ValueError for what is none of this version."""
    written, _, content = payload.partition(b"\n")
    head: dict[str, Any] = json.loads(written)
    if not isinstance(head, dict) or head.pop("v", None) != VERSION:
        raise ValueError("a part of another version")
    media = []
    at = 0
    for type, alt, size, poster, *measures in head.pop("media"):
        middle, end = at + size, at + size + poster
        media.append(Media(type, content[at:middle], alt, content[middle:end], *measures))
        at = end
    if len(content) != at:
        raise ValueError("a part that is not whole")
    return head, tuple(media)
