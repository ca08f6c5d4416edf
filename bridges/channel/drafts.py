"""One message as it is kept between ``prepare`` and the last try at it: all that will be said."""

from __future__ import annotations

from dataclasses import dataclass

from bridges.kit import parts
from relay.ports import Media


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """``text`` is the caption where there are media. ``refuse`` says why there is nothing to send:
    Telegram will not have it."""

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
