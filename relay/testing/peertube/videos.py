"""Videos and comments of a server, and how they are written in answers.

Facts: the schemas Video, VideoDetails and VideoComment of the published description; the short form
of a UUID is that of the package short-uuid (base 58 in Flickr's order, 22 characters).
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from relay.model import Instant
from relay.testing.peertube.says import iso

PUBLIC: Final = 1
PRIVATE: Final = 3
PRIVACIES: Final = {
    1: "Public",
    2: "Unlisted",
    3: "Private",
    4: "Internal",
    5: "Password protected",
}
STATES: Final = {1: "Published", 2: "To transcode", 7: "Transcoding failed"}
COMMENTS: Final = {1: "Enabled", 2: "Disabled", 3: "Requires approval"}
BASE_58: Final = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """The file of a video; it has no text for those who cannot see it."""

    type: str
    content: bytes
    alt: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Video:
    """One video. ``id`` is its UUID, ``number`` counts the server's. ``text`` is its description.
    ``ready``: from when on it is worked on no more, which ``failed`` says how it ended."""

    id: str
    number: int
    title: str
    text: str = ""
    support: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    category: int = 0
    licence: int = 0
    nsfw: bool = False
    privacy: int = PUBLIC
    comments: int = 1
    download: bool = True
    waits: bool = False
    originally: str = ""
    channel: int = 0
    file_name: str = ""
    media: tuple[Medium, ...] = ()
    created: Instant = 0
    published: Instant = 0
    ready: Instant = 0
    failed: bool = False
    parent: None = None

    @property
    def short(self) -> str:
        """The short form of its UUID."""
        return short(self.id)

    def state(self, now: Instant) -> int:
        """Its state at a time: one that does not wait is published at once."""
        if self.waits and self.ready > now:
            return 2
        return 7 if self.failed and self.ready <= now else 1

    def seen(self, now: Instant) -> bool:
        """Whether anybody can see it."""
        return self.privacy == PUBLIC and self.state(now) == 1


@dataclass(frozen=True, slots=True, repr=False)
class Comment:
    """What somebody wrote under a video; ``parent`` for an answer to another comment."""

    id: str
    video: str
    text: str
    by: str
    created: Instant
    parent: str | None = None
    thread: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """A server: its address, and its one account with its one channel."""

    base: str
    user: str
    account: int
    channel: int

    @property
    def host(self) -> str:
        """The address without its scheme."""
        return self.base.partition("://")[2]

    def actor(self, id: int, name: str, kind: str) -> dict[str, Any]:
        """The account or the channel as others see it."""
        return {
            "id": id,
            "name": name,
            "displayName": name,
            "host": self.host,
            "url": f"{self.base}/{kind}/{name}",
            "avatars": [],
        }

    def owner(self) -> dict[str, Any]:
        """The account."""
        return self.actor(self.account, self.user, "accounts")

    def home(self) -> dict[str, Any]:
        """The channel."""
        return self.actor(self.channel, f"{self.user}_channel", "video-channels")


def short(uuid: str) -> str:
    """A UUID as addresses have it."""
    number, made = UUID(uuid).int, ""
    while number:
        number, rest = divmod(number, 58)
        made = BASE_58[rest] + made
    return made.rjust(22, BASE_58[0])


def listed(one: Video, where: Where, now: Instant) -> dict[str, Any]:
    """A video in its owner's list."""

    def named(id: int, label: str) -> dict[str, Any]:
        return {"id": id or None, "label": label if id else "Unknown"}

    return {
        "id": one.number,
        "uuid": one.id,
        "shortUUID": one.short,
        "url": f"{where.base}/videos/watch/{one.id}",
        "name": one.title,
        "description": one.text or None,
        "truncatedDescription": one.text[:250] or None,
        "category": named(one.category, f"Category {one.category}"),
        "licence": named(one.licence, f"Licence {one.licence}"),
        "language": {"id": one.language or None, "label": one.language or "Unknown"},
        "privacy": {"id": one.privacy, "label": PRIVACIES[one.privacy]},
        "state": {"id": one.state(now), "label": STATES[one.state(now)]},
        "nsfw": one.nsfw,
        "tags": list(one.tags),
        "isLive": False,
        "isLocal": True,
        "duration": 10,
        "views": 0,
        "likes": 0,
        "dislikes": 0,
        "comments": 0,
        "thumbnailPath": f"/lazy-static/thumbnails/{one.id}.jpg",
        "previewPath": f"/lazy-static/previews/{one.id}.jpg",
        "embedPath": f"/videos/embed/{one.short}",
        "createdAt": iso(one.created),
        "updatedAt": iso(one.published),
        "publishedAt": iso(one.published),
        "originallyPublishedAt": one.originally or None,
        "waitTranscoding": one.waits,
        "scheduledUpdate": None,
        "blacklisted": False,
        "blacklistedReason": None,
        "account": where.owner(),
        "channel": where.home(),
    }


def detailed(one: Video, where: Where, now: Instant) -> dict[str, Any]:
    """A video alone, with what a list does not have."""
    size = sum(len(medium.content) for medium in one.media)
    return listed(one, where, now) | {
        "support": one.support or None,
        "commentsEnabled": one.comments != 2,
        "commentsPolicy": {"id": one.comments, "label": COMMENTS[one.comments]},
        "downloadEnabled": one.download,
        "inputFileUpdatedAt": iso(one.created),
        "trackerUrls": [],
        "files": [{"id": one.number, "resolution": {"id": 720, "label": "720p"}, "size": size}],
        "streamingPlaylists": [],
    }


def comment(one: Comment, where: Where, video: Video, replies: Sequence[Comment]) -> dict[str, Any]:
    """A comment, as the head of its thread."""
    other = {"id": 9, "name": one.by, "displayName": one.by, "host": "example.org", "avatars": []}
    by = where.owner() if one.by == where.user else other
    return {
        "id": int(one.id),
        "url": f"{where.base}/videos/watch/{one.video}/comments/{one.id}",
        "text": f"<p>{html.escape(one.text, quote=False)}</p>",
        "threadId": int(one.thread),
        "inReplyToCommentId": int(one.parent) if one.parent else None,
        "videoId": video.number,
        "createdAt": iso(one.created),
        "updatedAt": iso(one.created),
        "deletedAt": None,
        "isDeleted": False,
        "heldForReview": one.held,
        "totalReplies": len(replies),
        "totalRepliesFromVideoAuthor": 0,
        "account": by,
    }


def with_video(
    one: Comment, where: Where, video: Video, replies: Sequence[Comment]
) -> dict[str, Any]:
    """A comment in the list of all those under an account's videos."""
    named = {"id": video.number, "uuid": video.id, "name": video.title}
    return comment(one, where, video, replies) | {"video": named, "automaticTags": []}


def source(one: Video) -> dict[str, Any]:
    """The file a video was made of. ``filename`` is its older name (version 5.1 has no other)."""
    return {
        "filename": one.file_name,
        "inputFilename": one.file_name,
        "fileDownloadUrl": None,
        "size": sum(len(medium.content) for medium in one.media),
        "createdAt": iso(one.created),
    }
