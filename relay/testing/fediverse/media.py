"""Media of a stand-in: uploaded first, worked on for a while, attached to one status, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from relay.model import Instant
from relay.testing.fediverse.forms import File
from relay.testing.fediverse.manners import Manners

Kind = Literal["image", "gifv", "video", "audio"]

TYPES: Final[dict[str, Kind]] = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/webp": "image",
    "image/gif": "gifv",
    "video/mp4": "video",
    "video/webm": "video",
    "audio/mpeg": "audio",
    "audio/ogg": "audio",
}


class NotTaken(ValueError):
    """What a server says to media that it will not have, in its own words."""


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """One upload. ``ready``: from when on it can be posted. ``status``: where it is attached."""

    id: str
    kind: Kind
    content: bytes
    alt: str
    ready: Instant
    status: str | None = None


class Shelf:
    """All media of a stand-in."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._media: dict[str, Medium] = {}

    def put(self, file: File | None, alt: str, now: Instant, takes_s: int) -> Medium:
        """Take an upload; anything but an image is worked on for ``takes_s``. Raises NotTaken."""
        kind = TYPES.get(file.type) if file else None
        if file is None or kind is None or not file.content:
            raise NotTaken("Validation failed: File content type is invalid, File is invalid")
        image = kind == "image"
        most = self._manners.image_bytes if image else self._manners.video_bytes
        if len(file.content) > most:
            raise NotTaken(f"Validation failed: File file size must be less than {most} bytes")
        id = str(1000 + len(self._media))
        self._media[id] = Medium(
            id, kind, file.content, self._fits(alt), now if image else now + takes_s
        )
        return self._media[id]

    def get(self, id: str) -> Medium | None:
        """A medium that waits to be posted; None if there is none, or it was posted."""
        one = self._media.get(id)
        return one if one and one.status is None else None

    def describe(self, id: str, alt: str) -> Medium:
        """Change the text for those who cannot see it, of one that waits. Raises NotTaken."""
        self._media[id] = replace(self._media[id], alt=self._fits(alt))
        return self._media[id]

    def of(self, ids: tuple[str, ...]) -> list[Medium]:
        """The media of a status, in order."""
        return [self._media[id] for id in ids]

    def choose(self, ids: list[str], now: Instant, status: str | None = None) -> tuple[str, ...]:
        """Media for a status, those that are on it (``status``) already included. Raises NotTaken.
        They are attached by ``attach``."""
        if len(ids) > self._manners.media:
            raise NotTaken(
                f"Validation failed: Cannot attach more than {self._manners.media} files"
            )
        chosen = [self._media.get(id) for id in dict.fromkeys(ids)]
        found = [one for one in chosen if one and one.status in (None, status)]
        if len(found) < len(ids):
            raise NotTaken("Validation failed: Media attachments not found")
        if len(found) > 1 and any(one.kind in ("video", "audio") for one in found):
            raise NotTaken("Validation failed: Cannot attach a video beside other files")
        if any(one.ready > now for one in found):
            raise NotTaken(
                "Validation failed: Cannot attach files that have not finished processing."
                " Try again in a moment!"
            )
        return tuple(one.id for one in found)

    def attach(self, ids: tuple[str, ...], status: str) -> None:
        """From now on these are this status's."""
        for id in ids:
            self._media[id] = replace(self._media[id], status=status)

    def _fits(self, alt: str) -> str:
        if len(alt) > self._manners.alt_characters:
            most = self._manners.alt_characters
            raise NotTaken(f"Validation failed: Description is too long (maximum is {most})")
        return alt
