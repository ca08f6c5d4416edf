"""One part as it is kept between ``prepare`` and the last try at it: a text and media.

Most platforms' parts are just that; one that says more (a language, a warning) has a draft of its
own.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridges.kit import parts
from relay.ports import Media


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """All that will be said. ``refuse`` says why there is nothing to send: the platform will not
    have it."""

    text: str
    media: tuple[Media, ...] = ()
    refuse: str = ""


def frozen(draft: Draft) -> bytes:
    """Equal drafts give equal bytes."""
    return parts.frozen({"text": draft.text, "refuse": draft.refuse}, draft.media)


def thawed(payload: bytes) -> Draft:
    """The draft again. Raises ValueError for what is none of this version."""
    said, media = parts.thawed(payload)
    return Draft(**said, media=media)
