"""Media of an X account: uploaded whole or in pieces, worked on, described, then attached.

Facts: X's OpenAPI document 2.167 (four calls of an upload, segments 0 to 999, states of the work)
and docs.x.com, "Best practices": images 5 MB, animations 15 MB, video 512 MB (here 64 MiB, so that
a test cannot eat the machine). What a file is, is seen by its first bytes. A segment may be sent
again. A description counts from the posts on that are made after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from relay.model import Instant

State = Literal["open", "working", "failed"]

LIVES_S: Final = 86400
MAX_MEDIA: Final = 10_000
MOST_BYTES: Final = {
    "tweet_image": 5 * 1024 * 1024,
    "tweet_gif": 15 * 1024 * 1024,
    "tweet_video": 64 * 1024 * 1024,
}
MOST_SEGMENT: Final = 5 * 1024 * 1024
TAKEN: Final = {
    "tweet_image": ("image/jpeg", "image/png", "image/webp", "image/gif"),
    "tweet_gif": ("image/gif",),
    "tweet_video": ("video/mp4",),
}
KEY: Final = {"tweet_image": "3", "tweet_gif": "16", "tweet_video": "13"}
KIND: Final = {"tweet_image": "photo", "tweet_gif": "animated_gif", "tweet_video": "video"}


class NotTaken(ValueError):
    """What X says to a medium that it will not have: the parameter, and why."""

    def __init__(self, parameter: str, why: str) -> None:
        self.flaws = {parameter: why}
        super().__init__(why)


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """One upload. ``category``: ``tweet_image``, ``tweet_gif``, ``tweet_video``. ``ready``: from
    when on it can be posted. ``segments``: what came of one that is ``open`` still."""

    id: str
    category: str
    type: str
    total: int
    until: Instant
    content: bytes = b""
    alt: str = ""
    state: State = "working"
    began: Instant = 0
    ready: Instant = 0
    segments: tuple[tuple[int, bytes], ...] = field(default=())

    @property
    def key(self) -> str:
        """Its ``media_key``, by which a post of it is known."""
        return f"{KEY[self.category]}_{self.id}"

    @property
    def kind(self) -> str:
        """``photo``, ``animated_gif`` or ``video``."""
        return KIND[self.category]


def seen(content: bytes) -> str:
    """The type of a file, by its first bytes."""
    if content[4:8] == b"ftyp":
        return "video/mp4"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    starts = {
        b"\xff\xd8\xff": "image/jpeg",
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"GIF8": "image/gif",
    }
    return next((type for start, type in starts.items() if content.startswith(start)), "")


@dataclass(frozen=True, slots=True)
class Work:
    """What becomes of a video or an animation: how long it takes, and whether it ends badly."""

    takes_s: int = 0
    fails: bool = False


class Shelf:
    """All media of a stand-in. What it will not have raises NotTaken."""

    def __init__(self) -> None:
        self._media: dict[str, Medium] = {}

    def whole(self, id: str, category: str, content: bytes, now: Instant, work: Work) -> Medium:
        """An upload in one request: images and animations."""
        if category not in ("tweet_image", "tweet_gif"):
            raise NotTaken("media_category", f"media_category {category} is uploaded in chunks")
        made = Medium(id, category, seen(content), len(content), now + LIVES_S)
        return self._take(made, content, now, work)

    def begin(self, id: str, said: dict[str, Any], now: Instant) -> Medium:
        """The start of an upload in pieces."""
        for name in ("media_type", "total_bytes"):
            if name not in said:
                raise NotTaken(name, f"{name} is required")
        category = said.get("media_category") or _category(said["media_type"])
        if category not in TAKEN or said["media_type"] not in TAKEN[category]:
            raise NotTaken("media_type", "media_type does not go with media_category")
        if not 0 < said["total_bytes"] <= MOST_BYTES[category]:
            raise NotTaken("total_bytes", "File size exceeds the maximum of the category")
        made = Medium(
            id, category, said["media_type"], said["total_bytes"], now + LIVES_S, state="open"
        )
        self._keep(made)
        return made

    def append(self, id: str, index: int, piece: bytes, now: Instant) -> Medium:
        """One piece; the same number again replaces it."""
        one = self._open(id, now)
        if not 0 < len(piece) <= MOST_SEGMENT:
            raise NotTaken("media", "A segment has 1 byte to 5 MB")
        held = dict(one.segments) | {index: piece}
        if sum(map(len, held.values())) > one.total:
            raise NotTaken("media", "Segments do not add up to provided total file size.")
        return self._keep(replace(one, segments=tuple(sorted(held.items()))))

    def finish(self, id: str, now: Instant, work: Work) -> Medium:
        """The end of an upload in pieces: from here on it is worked on."""
        one = self._open(id, now)
        content = b"".join(piece for _, piece in one.segments)
        if [index for index, _ in one.segments] != list(range(len(one.segments))):
            raise NotTaken("segment_index", "Segments are missing")
        if len(content) != one.total:
            raise NotTaken("media", "Segments do not add up to provided total file size.")
        return self._take(replace(one, segments=()), content, now, work)

    def get(self, id: str, now: Instant) -> Medium | None:
        """An upload that has not lapsed."""
        one = self._media.get(id)
        return one if one and one.until > now else None

    def describe(self, id: str, alt: str | None, now: Instant) -> Medium | None:
        """Say what there is to see on one (None: as before); None if it is not there."""
        one = self.get(id, now)
        return one and self._keep(replace(one, alt=one.alt if alt is None else alt))

    def choose(self, ids: list[str], now: Instant) -> tuple[Medium, ...]:
        """Media for a post, in order."""
        found = [one for id in dict.fromkeys(ids) if (one := self.get(id, now))]
        if len(found) < len(ids) or any(not usable(one, now) for one in found):
            raise NotTaken("media.media_ids", "Your media IDs are invalid.")
        if len(found) > 1 and any(one.kind != "photo" for one in found):
            raise NotTaken("media.media_ids", "A video or an animation is attached alone.")
        return tuple(found)

    def _open(self, id: str, now: Instant) -> Medium:
        one = self.get(id, now)
        if one is None or one.state != "open":
            raise NotTaken("id", "Invalid media id or the upload is finished")
        return one

    def _take(self, one: Medium, content: bytes, now: Instant, work: Work) -> Medium:
        """Keep a whole file, and begin the work on it."""
        if seen(content) not in TAKEN[one.category] or seen(content) != one.type:
            raise NotTaken("media", "media type unrecognized.")
        if len(content) > MOST_BYTES[one.category]:
            raise NotTaken("media", "File size exceeds the maximum of the category")
        long = one.kind != "photo"
        return self._keep(
            replace(
                one,
                content=content,
                state="failed" if long and work.fails else "working",
                began=now,
                ready=now + (work.takes_s if long else 0),
            )
        )

    def _keep(self, one: Medium) -> Medium:
        if len(self._media) >= MAX_MEDIA and one.id not in self._media:
            raise NotTaken("media", "too many media")
        self._media[one.id] = one
        return one


def usable(one: Medium, now: Instant) -> bool:
    """Whether it can be posted."""
    return one.state == "working" and one.ready <= now


def _category(type: str) -> str:
    if type == "image/gif":
        return "tweet_gif"
    return "tweet_video" if type.startswith("video/") else "tweet_image"


def entity(one: Medium, now: Instant) -> dict[str, Any]:
    """An upload as the calls of an upload answer it."""
    said: dict[str, Any] = {
        "id": one.id,
        "media_key": one.key,
        "expires_after_secs": max(one.until - now, 0),
    }
    if one.state == "open":
        return said
    said["size"] = one.total
    if one.kind == "photo":
        return said | {"image": {"image_type": one.type, "w": 1, "h": 1}}
    return said | {"video": {"video_type": one.type}, "processing_info": _work(one, now)}


def _work(one: Medium, now: Instant) -> dict[str, Any]:
    if one.ready > now:
        done = 100 * (now - one.began) // (one.ready - one.began)
        begun = {"state": "in_progress", "progress_percent": done}
        state = begun if now > one.began else {"state": "pending"}
        return state | {"check_after_secs": max(1, min(10, one.ready - now))}
    if one.state == "failed":
        return {"state": "failed"}
    return {"state": "succeeded", "progress_percent": 100}
