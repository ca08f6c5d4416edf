"""Pictures, films, sounds and files: which Telegram takes, and which go into one album.

Sizes: core.telegram.org/bots/api, "Sending files": a photo 10 MB, anything else 50 MB. An album
(``sendMediaGroup``) has 2 to 10 photos and films, or only sounds, or only files. A photo whose
sides are more than 20 to 1 is none (sendPhoto), and goes as a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from bridges.kit.fitting import ALL, least
from relay.ports import Media

Kind = Literal["photo", "animation", "video", "audio", "document"]

MOST_IN_ALBUM: Final = 10
MOST_RATIO: Final = 20
MB: Final = 1_000_000
FITS: Final = least(ALL, image_bytes=10 * MB, film_bytes=50 * MB, sound_bytes=50 * MB)
_MOST_BYTES: Final[dict[Kind, int]] = {"photo": 10 * MB}
_ELSE_BYTES: Final = 50 * MB

_KINDS: Final[dict[str, Kind]] = {
    "image/jpeg": "photo",
    "image/png": "photo",
    "image/webp": "photo",
    "image/gif": "animation",
    "video/mp4": "video",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    # These it shows as files: its players take only MP4, MP3 and M4A.
    "video/quicktime": "document",
    "video/webm": "document",
    "audio/ogg": "document",
    "audio/wav": "document",
    "audio/flac": "document",
    "application/pdf": "document",
}
_TOGETHER: Final[dict[Kind, str]] = {
    "photo": "seen",
    "video": "seen",
    "audio": "heard",
    "document": "kept",
}


def kind_of(medium: Media) -> Kind:
    """How Telegram calls it. Raises KeyError for what ``not_taken`` names."""
    kind = _KINDS[medium.type.lower()]
    sides = sorted((medium.width, medium.height))
    return "document" if kind == "photo" and sides[1] > MOST_RATIO * sides[0] > 0 else kind


def not_taken(media: Sequence[Media]) -> str:
    """Why Telegram would not take one of these, in our words; "" if it takes them all."""
    for medium in media:
        kind = _KINDS.get(medium.type.lower())
        if kind is None:
            return "Telegram does not take a medium of this type"
        if not medium.content:
            return "a medium is empty"
        if len(medium.content) > _MOST_BYTES.get(kind, _ELSE_BYTES):
            return "a medium is larger than Telegram takes"
    return ""


def grouped(media: Sequence[Media]) -> list[tuple[Media, ...]]:
    """What goes into one message or album each, in order."""
    groups: list[tuple[Media, ...]] = []
    for medium in media:
        if groups and len(groups[-1]) < MOST_IN_ALBUM and _go_together(groups[-1][-1], medium):
            groups[-1] += (medium,)
        else:
            groups.append((medium,))
    return groups


def _go_together(one: Media, other: Media) -> bool:
    family = _TOGETHER.get(kind_of(one))
    return family is not None and family == _TOGETHER.get(kind_of(other))
