"""One part as it is kept between ``prepare`` and the last try at it: all that is known before."""

from __future__ import annotations

from dataclasses import dataclass

from bridges.atproto.facets import Mark
from bridges.kit import parts
from relay.ports import Media


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """``key`` is the record's key; ``created`` its time (RFC 3339); ``marks`` are in bytes of the
    text; ``refuse`` says why there is nothing to send."""

    key: str
    created: str
    text: str = ""
    marks: tuple[Mark, ...] = ()
    language: str = ""
    sensitive: bool = False
    media: tuple[Media, ...] = ()
    refuse: str = ""


def frozen(draft: Draft) -> bytes:
    """Equal drafts give equal bytes."""
    said = {
        "key": draft.key,
        "created": draft.created,
        "text": draft.text,
        "marks": [[mark.start, mark.end, mark.kind, mark.to] for mark in draft.marks],
        "language": draft.language,
        "sensitive": draft.sensitive,
        "refuse": draft.refuse,
    }
    return parts.frozen(said, draft.media)


def thawed(payload: bytes) -> Draft:
    """The draft again. Raises ValueError for what is none of this version."""
    said, media = parts.thawed(payload)
    marks = tuple(Mark(*mark) for mark in said.pop("marks"))
    return Draft(**said, marks=marks, media=media)
