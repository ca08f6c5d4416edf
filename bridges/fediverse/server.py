"""What one server is and what it allows, read from what it says about itself.

Anything it leaves out, or says in a way that cannot be right, keeps a value that every server of
this API takes. Fields: docs.joinmastodon.org, entities Instance and V1_Instance; NodeInfo 2.x.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isqrt
from typing import Any, Final

from bridges.kit.counting import Counting

MOST_CHARACTERS: Final = 1_000_000
MOST_MEDIA: Final = 16
"""So many ids and no more fit into what is kept with an attempt."""

LEAST_CHARACTERS: Final = 200
"""No known server allows less; a smaller figure is a mistake, not a limit."""

TYPES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4"})
"""What every server takes."""


@dataclass(frozen=True, slots=True)
class Server:
    """``software`` is its NodeInfo name, empty if it is not known. Lengths are in characters as
    ``counting`` counts them, except ``alt`` (code points); sizes are bytes. A picture whose longer
    side has ``image_side`` pixels is not too large, whatever its shape."""

    software: str = ""
    characters: int = 500
    per_link: int = 23
    media: int = 4
    types: frozenset[str] = TYPES
    image_bytes: int = 8 * 1024 * 1024
    video_bytes: int = 40 * 1000 * 1000
    alt: int = 1500
    image_side: int = 4096

    @property
    def keeps_keys(self) -> bool:
        """Whether it honours ``Idempotency-Key`` for an hour, restarts included.

        Mastodon keeps it in Redis. GoToSocial ignores it, Pleroma and Akkoma keep it in memory.
        """
        return self.software == "mastodon"

    @property
    def counting(self) -> Counting:
        """How it measures a text. Of a server we do not know the dearest reading is taken."""
        if self.software == "mastodon":
            return Counting("graphemes", self.per_link, discount=True)
        if self.software == "gotosocial":
            return Counting("code points", 0, discount=False)
        return Counting("code points", self.per_link, discount=False)

    @property
    def limits_by_host(self) -> bool:
        """Whether its rate limit counts our network address and not our account."""
        return self.software == "gotosocial"

    def size_limit(self, type: str) -> int:
        """The most bytes of a medium of this type (RFC 6838)."""
        return self.image_bytes if type.startswith("image/") else self.video_bytes

    def takes_less(self, type: str, size: int) -> Server:
        """The same server after it turned away a medium of ``size`` bytes as too large."""
        less = max(1, size - 1)
        if type.startswith("image/"):
            return replace(self, image_bytes=min(self.image_bytes, less))
        return replace(self, video_bytes=min(self.video_bytes, less))


def described(instance: Mapping[str, Any], nodeinfo: Mapping[str, Any] | None) -> Server:
    """The server that says this in ``/api/v2/instance`` (or v1) and in its NodeInfo (or has none).

    The figures of one field do not excuse another: each is judged alone.
    """
    plain = Server()
    statuses = ("configuration", "statuses")
    media = ("configuration", "media_attachments")
    characters = _number(instance, (*statuses, "max_characters"), LEAST_CHARACTERS, MOST_CHARACTERS)
    if characters is None:  # Pleroma's name for it, of before Mastodon had one
        characters = _number(instance, ("max_toot_chars",), LEAST_CHARACTERS, MOST_CHARACTERS)
    per_link = _number(instance, (*statuses, "characters_reserved_per_url"), 1, 100)
    images = _number(instance, (*media, "image_size_limit"), 1, 1 << 40)
    pixels = _number(instance, (*media, "image_matrix_limit"), 1, 1 << 40)
    videos = _number(instance, (*media, "video_size_limit"), 1, 1 << 40)
    alt = _number(instance, (*media, "description_limit"), 1, MOST_CHARACTERS)
    most = _number(instance, (*statuses, "max_media_attachments"), 0, 1 << 20)
    return Server(
        software=_software(instance, nodeinfo),
        characters=characters or plain.characters,
        per_link=per_link or plain.per_link,
        media=plain.media if most is None else min(most, MOST_MEDIA),
        types=_types(_at(instance, (*media, "supported_mime_types"))) or plain.types,
        image_bytes=images or plain.image_bytes,
        video_bytes=videos or plain.video_bytes,
        alt=alt or plain.alt,
        image_side=isqrt(pixels) if pixels else plain.image_side,
    )


def _software(instance: Mapping[str, Any], nodeinfo: Mapping[str, Any] | None) -> str:
    named = _at(nodeinfo or {}, ("software", "name"))
    if isinstance(named, str):
        return named.strip().lower()[:64]
    # Without NodeInfo: others of this API say "2.7.2 (compatible; Pleroma 2.5.0)" or nothing of
    # the kind, and only Mastodon points at its own sources.
    version, source = instance.get("version"), instance.get("source_url")
    if isinstance(version, str) and "compatible" in version:
        return version.partition("compatible;")[2].strip().partition(" ")[0].lower()[:64]
    if isinstance(source, str) and source.rstrip("/").endswith("github.com/mastodon/mastodon"):
        return "mastodon"
    return ""


def _at(said: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if not isinstance(said, Mapping):
            return None
        said = said.get(step)
    return said


def _number(said: Mapping[str, Any], path: tuple[str, ...], least: int, most: int) -> int | None:
    found = _at(said, path)
    if isinstance(found, bool) or not isinstance(found, int):
        return None
    return found if least <= found <= most else None


def _types(said: Any) -> frozenset[str]:
    if not isinstance(said, list):
        return frozenset()
    return frozenset(one.lower() for one in said if isinstance(one, str))
