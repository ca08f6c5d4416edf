"""Pictures and films: which X takes, which go together.

Limits: docs.x.com, "Media best practices": JPEG, PNG, WEBP up to 5 MB and four of them, or one
animated GIF up to 15 MB, or one film of at most 140 s and 512 MB. No sounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bridges.kit import grouping
from bridges.kit.fitting import ALL, least
from relay.ports import Media

MOST_IMAGES: Final = 4
MOST_ALT: Final = 1000
"""Code points of a description."""

MB: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Kind:
    """How X calls a sort of medium, and the most bytes of one. ``whole``: one request uploads it;
    else it goes in segments, and X works on it for a while."""

    category: str
    most: int
    whole: bool = False


_IMAGE: Final = Kind("tweet_image", 5 * MB, whole=True)
_VIDEO: Final = Kind("tweet_video", 512 * MB)
KINDS: Final = {
    "image/jpeg": _IMAGE,
    "image/png": _IMAGE,
    "image/webp": _IMAGE,
    "image/gif": Kind("tweet_gif", 15 * MB),
    "video/mp4": _VIDEO,
    "video/quicktime": _VIDEO,
}


FITS: Final = least(ALL, image_bytes=5 * MB, film_seconds=140, sound_bytes=0)


def not_taken(media: Sequence[Media]) -> str:
    """Why X would not take one of these, in our words; "" if it takes them all."""
    for medium in media:
        kind = KINDS.get(medium.type.lower())
        if kind is None:
            return "X does not take a medium of this type"
        if not medium.content:
            return "a medium is empty"
        if len(medium.content) > kind.most:
            return "a medium is larger than X takes"
    return ""


def grouped(media: Sequence[Media]) -> list[tuple[Media, ...]]:
    """What goes into one post each, in order: up to four images, a GIF or a film alone."""
    return grouping.grouped(media, MOST_IMAGES, MOST_ALT, _is_image)


def _is_image(medium: Media) -> bool:
    return KINDS[medium.type].whole
