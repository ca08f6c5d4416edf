"""What an item shows besides its text: pictures, films and sounds, each a file named by its digest.

The item's signed bytes say of each its type, SHA-256, size, words and measures (docs/wire.md). The
files come along with a post; only what is named by its own digest is taken of them.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from relay.ports import Media

MOST_MEDIA: Final = 50
ENDINGS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "video/mp4": "mp4",
    "audio/mp4": "m4a",
}
"""Types that are shown, and how the names of their files end. No other is: a browser would run some
of them."""

NAME: Final = re.compile(r"[0-9a-f]{64}\.(?:jpg|png|mp4|m4a)")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NUMBERS: Final = ("width", "height", "seconds")
_KEYS: Final = frozenset({"type", "sha256", "bytes", "alt", "poster", *_NUMBERS})


class NotMedia(ValueError):
    """Not what an item says of its media."""


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """One of them. ``file`` and ``poster`` are names in ``media/``, the latter empty for none;
    ``size`` is bytes, ``width`` and ``height`` are pixels, all 0 where they are not said. ``title``
    is what feeds call it: its words, empty where another one has the same."""

    type: str
    file: str
    size: int
    alt: str = ""
    title: str = ""
    poster: str = ""
    width: int = 0
    height: int = 0
    seconds: int = 0

    @property
    def kind(self) -> str:
        """``image``, ``video`` or ``audio``."""
        return self.type.partition("/")[0]

    @property
    def length(self) -> str:
        """How long it lasts, as players write it: 0:31, 1:02:03. Empty where that is not said."""
        minutes, seconds = divmod(self.seconds, 60)
        hours, minutes = divmod(minutes, 60)
        if not self.seconds:
            return ""
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    @property
    def megabytes(self) -> str:
        """What it costs to load."""
        return f"{max(self.size / 1_000_000, 0.1):.1f} MB"


def read_media(said: Any) -> tuple[Medium, ...]:
    """The media of an item that names any. Raises NotMedia."""
    if not isinstance(said, list) or not 1 <= len(said) <= MOST_MEDIA:
        raise NotMedia("not an item")
    for one in said:
        _check(one)
    often = Counter(one.get("alt") for one in said)
    return tuple(_medium(one, only=often[one.get("alt")] == 1) for one in said)


def _check(said: Any) -> None:
    """The digests become names of files, so all is read strictly."""
    good = (
        isinstance(said, dict)
        and said.keys() <= _KEYS
        and said.get("type") in ENDINGS
        and all(type(said.get(key, 1)) is int and said.get(key, 1) > 0 for key in _NUMBERS)
        and type(said.get("bytes")) is int
        and said["bytes"] > 0
        and _is_digest(said.get("sha256"))
        and ("poster" not in said or _is_digest(said["poster"]))
        and isinstance(said.get("alt", ""), str)
    )
    if not good:
        raise NotMedia("not an item")


def _is_digest(said: Any) -> bool:
    return isinstance(said, str) and _DIGEST.fullmatch(said) is not None


def _medium(said: Mapping[str, Any], *, only: bool) -> Medium:
    alt = said.get("alt", "")
    return Medium(
        said["type"],
        f"{said['sha256']}.{ENDINGS[said['type']]}",
        said["bytes"],
        alt,
        title=alt if only else "",
        poster=f"{said['poster']}.jpg" if "poster" in said else "",
        **{key: said[key] for key in _NUMBERS if key in said},
    )


def files_of(media: Sequence[Media]) -> dict[str, bytes]:
    """The files of what a post carries, posters too, by the names that their digests give them."""
    files: dict[str, bytes] = {}
    for one in media:
        if one.type in ENDINGS and one.content:
            files[f"{_digest(one.content)}.{ENDINGS[one.type]}"] = one.content
        if one.poster:
            files[f"{_digest(one.poster)}.jpg"] = one.poster
    return files


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
