"""Pictures and films: which are taken, and how many (app.bsky.embed.images and .video)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bridges.kit.fitting import ALL, least
from relay.ports import Fits, Media

IMAGES: Final = 4
ALT: Final = 2000
"""Code points of a description; the schema has no limit, the platform's own apps have this one."""

TYPES: Final = frozenset({"image/png", "image/jpeg", "image/webp"})
"""A GIF is taken too, and would be shown without moving: that is another picture."""

VIDEO: Final = "video/mp4"
FILM_SECONDS: Final = 180
"""The schema has no limit (app.bsky.embed.video); the platform's own apps take three minutes."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The most bytes of one picture and of one film."""

    image: int
    video: int

    @property
    def fits(self) -> Fits:
        """What is taken of what a cleaner makes: no sounds, which the schema has no place for."""
        return least(
            ALL,
            image_bytes=self.image,
            film_bytes=self.video,
            film_seconds=FILM_SECONDS,
            sound_bytes=0,
        )


def not_taken(media: Sequence[Media], sizes: Sizes) -> str:
    """Why one of these would not be taken, in our words; "" if all are."""
    for medium in media:
        kind = medium.type.lower()
        if kind not in TYPES and kind != VIDEO:
            return "Bluesky does not take a medium of this type"
        if not medium.content:
            return "a medium is empty"
        if len(medium.content) > (sizes.video if kind == VIDEO else sizes.image):
            return "a medium is larger than Bluesky takes"
    return ""
