"""Makers of pictures, films and sounds, with everything in them that tells on who made them.

What is planted begins with MARK, wherever it stands; a test looks for it in what came out. Media
are tiny: 64 x 48 pixels, half a second. ``jpeg()``, ``png()``, ``webp()``, ``avif()``, ``heic()``,
``gif()``, ``film()`` and ``sound()`` give bytes as telephones write them.
"""

from __future__ import annotations

from media_films import TAGS, film, sound, tone, trimmed
from media_pictures import (
    HEIGHT,
    MARK,
    PICTURES,
    UPRIGHT,
    WIDTH,
    avif,
    bomb_png,
    corners_of,
    exif,
    gif,
    heic,
    jpeg,
    lying,
    mpo,
    picture,
    png,
    profile,
    webp,
    xmp,
)

__all__ = [
    "HEIGHT",
    "MARK",
    "PICTURES",
    "TAGS",
    "UPRIGHT",
    "WIDTH",
    "avif",
    "bomb_png",
    "corners_of",
    "exif",
    "film",
    "gif",
    "heic",
    "jpeg",
    "lying",
    "mpo",
    "picture",
    "png",
    "profile",
    "sound",
    "tone",
    "trimmed",
    "webp",
    "xmp",
]
