"""One part as it is kept between ``prepare`` and the last try at it: all that will be said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bridges.kit import parts
from relay.ports import Media


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """A text, or (``media``) one file with what it shows. ``kind`` is the text's msgtype;
    ``thread``: it stands in a thread under the first part; else, if it is not the first, it
    answers the one before. ``refuse`` says why there is nothing to send."""

    text: str = ""
    kind: str = "m.text"
    calls: tuple[str, ...] = ()
    thread: bool = False
    media: tuple[Media, ...] = ()
    refuse: str = ""


def frozen(draft: Draft) -> bytes:
    """Equal drafts give equal bytes."""
    said = {field: getattr(draft, field) for field in _SAID}
    return parts.frozen(said, draft.media)


def thawed(payload: bytes) -> Draft:
    """The draft again. Raises ValueError for what is none of this version."""
    said, media = parts.thawed(payload)
    calls = tuple(said.pop("calls"))
    return Draft(**said, calls=calls, media=media)


_SAID: Final = ("text", "kind", "calls", "thread", "refuse")
