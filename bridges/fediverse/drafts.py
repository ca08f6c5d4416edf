"""One part as it is kept between ``prepare`` and the last try at it: all that will be said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bridges.kit import parts
from relay.ports import Media


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
    said = {field: getattr(draft, field) for field in _SAID}
    return parts.frozen(said, draft.media)


def thawed(payload: bytes) -> Draft:
    """The draft again. Raises ValueError for what is none of this version."""
    said, media = parts.thawed(payload)
    return Draft(**said, media=media)


_SAID: Final = ("text", "visibility", "language", "warning", "sensitive", "refuse")
