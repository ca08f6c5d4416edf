"""One part as it is kept between ``prepare`` and the last try at it: everything that will be said.

A payload is a line of JSON that describes itself, and after it the media, one behind the other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from relay.ports import Media

VERSION: Final = 1


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """``warning`` is shown instead of the text until a reader asks. ``refuse`` says why there is
    nothing to send: the platform will not have it."""

    text: str
    visibility: str
    language: str = ""
    warning: str = ""
    sensitive: bool = False
    media: tuple[Media, ...] = ()
    refuse: str = ""


def frozen(draft: Draft) -> bytes:
    """Equal drafts give equal bytes."""
    head = {
        "v": VERSION,
        "text": draft.text,
        "visibility": draft.visibility,
        "language": draft.language,
        "warning": draft.warning,
        "sensitive": draft.sensitive,
        "refuse": draft.refuse,
        "media": [[one.type, one.alt, len(one.content)] for one in draft.media],
    }
    written = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return b"\n".join([written, b"".join(one.content for one in draft.media)])


def thawed(payload: bytes) -> Draft:
    """The draft again. Raises ValueError for what is none of this version."""
    written, _, content = payload.partition(b"\n")
    head: dict[str, Any] = json.loads(written)
    if head.get("v") != VERSION:
        raise ValueError("a part of another version")
    if len(content) != sum(size for _, _, size in head["media"]):
        raise ValueError("a part that is not whole")
    media = []
    for type, alt, size in head["media"]:
        media.append(Media(type, content[:size], alt))
        content = content[size:]
    return Draft(
        head["text"],
        head["visibility"],
        head["language"],
        head["warning"],
        head["sensitive"],
        tuple(media),
        head["refuse"],
    )
