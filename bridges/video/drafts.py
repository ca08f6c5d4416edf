"""One film as it is kept between ``prepare`` and the last try, with all that is said of it."""

from __future__ import annotations

from dataclasses import dataclass

from bridges.kit import parts
from relay.ports import Instant, Media


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """``language`` is of the words, "" if it is not known; ``date`` the time that may be seen.
    ``film`` is there unless ``refuse`` says why there is nothing to send."""

    title: str
    text: str
    language: str = ""
    date: Instant = 0
    film: Media | None = None
    refuse: str = ""


def frozen(draft: Draft) -> bytes:
    """Equal drafts give equal bytes."""
    said = {field: getattr(draft, field) for field in _SAID}
    return parts.frozen(said, [draft.film] if draft.film else [])


def thawed(payload: bytes) -> Draft:
    """The draft again. Raises ValueError for what is none of this version."""
    said, media = parts.thawed(payload)
    return Draft(**said, film=media[0] if media else None)


_SAID = ("title", "text", "language", "date", "refuse")
