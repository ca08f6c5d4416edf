"""A post as it is kept between ``prepare`` and the last try at it; and what a try keeps."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from bridges.kit import parts
from relay.ports import Instant, Media


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """``title`` is plain, ``content`` the HTML of the text, without pictures; ``direction`` and
    ``language`` are those of the text. ``date`` is the time it shows. ``refuse`` says why there is
    nothing to send."""

    title: str = ""
    content: str = ""
    direction: str = "ltr"
    language: str = ""
    date: Instant = 0
    labels: tuple[str, ...] = ()
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
    return Draft(**{**said, "labels": tuple(said["labels"])}, media=media)


@dataclass(frozen=True, slots=True)
class Progress:
    """``post`` is the id of the draft that was made, or "". ``tried``: a request that publishes it
    may have left."""

    post: str = ""
    tried: bool = False

    def written(self) -> bytes:
        """For ``keep``: some bytes."""
        return json.dumps([self.post, self.tried]).encode()


def kept(written: bytes) -> Progress:
    """What an earlier try kept; nothing, if it is empty. Raises ValueError for anything else."""
    if not written:
        return Progress()
    post, tried = json.loads(written)
    return Progress(str(post), bool(tried))
