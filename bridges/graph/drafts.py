"""One part as it is kept between ``prepare`` and the last try at it: all that will be said."""

from __future__ import annotations

from dataclasses import dataclass

from bridges.kit import parts
from relay.ports import Media


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """``media`` are pictures, or one film. ``refuse`` says why there is nothing to send."""

    text: str
    media: tuple[Media, ...] = ()
    refuse: str = ""

    @property
    def is_film(self) -> bool:
        """Whether it is a film with its words, which Facebook keeps apart from posts."""
        return bool(self.media) and self.media[0].type.startswith("video/")


def frozen(draft: Draft) -> bytes:
    """Equal drafts give equal bytes."""
    return parts.frozen({"text": draft.text, "refuse": draft.refuse}, draft.media)


def thawed(payload: bytes) -> Draft:
    """The draft again. Raises ValueError for what is none of this version."""
    said, media = parts.thawed(payload)
    return Draft(**said, media=media)
