"""A post as it is kept between ``prepare`` and the last try at it: all that will be said."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from bridges.kit import parts
from relay.ports import Instant, Media


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """``title`` and ``excerpt`` are escaped, ``content`` is the HTML of the text, without media;
    ``direction`` and ``language`` are those of the text. ``date`` is the time it shows.
    ``categories`` and ``tags`` are ids; ``comments`` is "open", "closed", or "" for the site's own
    way. ``refuse`` says why there is nothing to send."""

    title: str = ""
    content: str = ""
    excerpt: str = ""
    direction: str = "ltr"
    language: str = ""
    date: Instant = 0
    categories: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    comments: str = ""
    media: tuple[Media, ...] = ()
    refuse: str = ""


def frozen(draft: Draft) -> bytes:
    """Equal drafts give equal bytes."""
    said = asdict(draft)
    del said["media"]
    return parts.frozen(said, draft.media)


def thawed(payload: bytes) -> Draft:
    """The draft again. Raises ValueError for what is none of this version."""
    said, media = parts.thawed(payload)
    lists: Final = {name: tuple(said[name]) for name in ("categories", "tags")}
    return Draft(**{**said, **lists}, media=media)
