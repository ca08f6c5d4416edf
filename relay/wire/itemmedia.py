"""What an item says of its pictures, films and sounds: their digests, and what stands around them.

A medium is a file named by its SHA-256, so that whoever has the signed item can tell of any copy of
the file whether it is the one that was signed. Beside the digest stand the type, the size, the
words for who cannot see it, and the measures for which a page keeps room.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from relay.model import Media
from relay.wire import primitives

MOST_MEDIA: Final = 50
"""Media of an item: no more come in with a message (relay/transports/entity.py)."""

MOST: Final = 2**31 - 1
"""No number here is larger: 2 GiB, or 68 years."""

ENDINGS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "video/mp4": "mp4",
    "audio/mp4": "m4a",
}
"""The types that a cleaner makes, and how the names of their files end."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NUMBERS: Final = ("width", "height", "seconds")
_KEYS: Final = frozenset({"type", "sha256", "bytes", "alt", "poster", *_NUMBERS})


@dataclass(frozen=True, slots=True, repr=False)
class ItemMedium:
    """One medium as it was signed. ``sha256`` and ``poster`` (a JPEG: one picture of a film) are
    digests in hex; ``size`` is bytes; ``width`` and ``height`` are pixels as they are shown, and
    ``seconds`` how long it lasts; 0 and empty where there is none."""

    type: str
    sha256: str
    size: int
    alt: str = ""
    width: int = 0
    height: int = 0
    seconds: int = 0
    poster: str = ""

    @property
    def name(self) -> str:
        """Where its file stands below the page's folder."""
        return f"media/{self.sha256}.{ENDINGS[self.type]}"

    @property
    def poster_name(self) -> str:
        """Where its poster stands; empty where it has none."""
        return f"media/{self.poster}.jpg" if self.poster else ""


def said_of(media: Sequence[Media]) -> list[dict[str, Any]]:
    """What an item says of these. What is empty or 0 is left out, so that it has one spelling.

    Raises ValueError for a type that no cleaner makes, for nothing at all in one, and for more than
    MOST_MEDIA."""
    if len(media) > MOST_MEDIA:
        raise ValueError("an item has no more than 50 media")
    return [_said_of(one) for one in media]


def _said_of(one: Media) -> dict[str, Any]:
    if one.type not in ENDINGS or not one.content:
        raise ValueError("an item has clean media only")
    said = {
        "type": one.type,
        "sha256": primitives.digest(one.content).hex(),
        "bytes": len(one.content),
        "alt": one.alt,
        "poster": primitives.digest(one.poster).hex() if one.poster else "",
        "width": one.width,
        "height": one.height,
        "seconds": one.seconds,
    }
    return {key: value for key, value in said.items() if value}


def read_media(said: Any) -> tuple[ItemMedium, ...]:
    """The media of an item that has any. Raises ValueError for any other shape."""
    if not isinstance(said, list) or not 1 <= len(said) <= MOST_MEDIA:
        raise ValueError("no list of media")
    return tuple(_read(one) for one in said)


def _read(said: Any) -> ItemMedium:
    if not isinstance(said, dict) or not said.keys() <= _KEYS or not all(said.values()):
        raise ValueError("no medium")
    numbers = [said[key] for key in ("bytes", *_NUMBERS) if key in said or key == "bytes"]
    digests = [said[key] for key in ("sha256", "poster") if key in said or key == "sha256"]
    good = (
        said["type"] in ENDINGS
        and all(type(number) is int and 0 < number <= MOST for number in numbers)
        and all(isinstance(one, str) and _DIGEST.fullmatch(one) for one in digests)
        and isinstance(said.get("alt", ""), str)
    )
    if not good:
        raise ValueError("no medium")
    return ItemMedium(size=said["bytes"], **{k: v for k, v in said.items() if k != "bytes"})


def titles(media: Sequence[ItemMedium]) -> tuple[str | None, ...]:
    """What a feed calls each of them: its words. None where it has none or another has the same,
    since media with one title are taken for one in several forms (JSON Feed 1.1)."""
    often = Counter(one.alt for one in media)
    return tuple(one.alt if one.alt and often[one.alt] == 1 else None for one in media)
