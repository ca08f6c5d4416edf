"""Videos and comments, what may be said of a video, and how both are written in answers.

Facts: the pages of the resource ``video`` and of ``videos.insert`` on developers.google.com (title
100 characters, description 5000 bytes, neither with ``<`` or ``>``; tags 500 characters together,
of which a tag with a space takes two more and each comma one; ``failureReason`` and
``rejectionReason``), and the discovery document for names and types.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from relay.model import Instant
from relay.testing.google import Refused
from relay.testing.shapes import utf8

Privacy = Literal["public", "unlisted", "private"]

MAX_TITLE: Final = 100
MAX_DESCRIPTION_BYTES: Final = 5000
MAX_TAGS: Final = 500
CATEGORIES: Final = frozenset(
    ["1", "2", "10", "15", "17", "19", "20", "22", "23", "24", "25", "26", "27", "28", "29"]
)
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z]{4})?(-([A-Z]{2}|\d{3}))?")


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """The file of a video; it has no text for those who cannot see it."""

    type: str
    content: bytes
    alt: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Video:
    """One video. ``text`` is its description. ``ready``: from when on it is worked on no more;
    ``ends`` is how that ended (``processed``, ``failed`` or ``rejected``), ``why`` the reason.
    ``file_name`` only its owner sees. ``publish_at``: when it becomes public by itself."""

    id: str
    title: str
    text: str = ""
    tags: tuple[str, ...] = ()
    category: str = "22"
    language: str = ""
    audio_language: str = ""
    privacy: Privacy = "public"
    license: str = "youtube"
    embeddable: bool = True
    stats: bool = True
    for_kids: bool | None = None
    synthetic: bool = False
    publish_at: Instant | None = None
    file_name: str = "unknown"
    media: tuple[Medium, ...] = ()
    created: Instant = 0
    ready: Instant = 0
    ends: Literal["processed", "failed", "rejected"] = "processed"
    why: str = ""
    parent: None = None

    def state(self, now: Instant) -> str:
        """``uploadStatus`` at a time."""
        return self.ends if self.ready <= now else "uploaded"

    def seen(self, now: Instant) -> bool:
        """Whether anybody can see it."""
        return self.privacy == "public" and self.state(now) == "processed"


@dataclass(frozen=True, slots=True, repr=False)
class Comment:
    """What somebody wrote under a video; ``parent`` for an answer to another comment."""

    id: str
    video: str
    text: str
    by: str
    created: Instant
    parent: str | None = None
    status: str = "published"


def judge(snippet: dict[str, Any], status: dict[str, Any]) -> None:
    """Raise Refused unless a video may say this of itself."""
    title, description = snippet.get("title", "unknown"), snippet.get("description", "")
    if not title.strip() or len(title) > MAX_TITLE or re.search("[<>]", title):
        raise wrong("invalidTitle", "specifies an invalid or empty video title")
    if utf8(description) > MAX_DESCRIPTION_BYTES or re.search("[<>]", description):
        raise wrong("invalidDescription", "specifies an invalid video description")
    if _tags(snippet.get("tags", ())) > MAX_TAGS or any(
        re.search("[<>]", tag) or not tag for tag in snippet.get("tags", ())
    ):
        raise wrong("invalidTags", "specifies invalid video keywords")
    if snippet.get("categoryId", "22") not in CATEGORIES:
        raise wrong("invalidCategoryId", "specifies an invalid category ID")
    for name in ("defaultLanguage", "defaultAudioLanguage"):
        if name in snippet and not LANGUAGE.fullmatch(snippet[name]):
            raise wrong(f"invalid{name[0].upper()}{name[1:]}", f"specifies an invalid {name}")
    if "publishAt" in status and status.get("privacyStatus") != "private":
        raise wrong("invalidPublishAt", "specifies an invalid scheduled publishing time")


def _tags(tags: Sequence[str]) -> int:
    return sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(len(tags) - 1, 0)


def wrong(reason: str, what: str) -> Refused:
    """400 of a video's metadata."""
    return Refused(400, reason, f"The request metadata {what}.", domain="youtube.video")


def iso(at: Instant) -> str:
    """A time as the API writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def resource(one: Video, parts: frozenset[str], channel: str, now: Instant) -> dict[str, Any]:
    """A video as its owner sees it, in the parts that were asked for."""
    made: dict[str, Any] = {"kind": "youtube#video", "etag": _etag(one.id, now), "id": one.id}
    whole = {
        "snippet": _snippet(one, channel),
        "status": _status(one, now),
        "fileDetails": _file(one),
        "processingDetails": _processing(one, now),
        "contentDetails": {"duration": "PT10S", "definition": "hd", "caption": "false"},
        "statistics": {"viewCount": "0", "likeCount": "0", "commentCount": "0"},
    }
    return made | {part: whole[part] for part in sorted(parts & whole.keys())}


def _snippet(one: Video, channel: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "publishedAt": iso(one.created),
        "channelId": channel,
        "title": one.title,
        "description": one.text,
        "thumbnails": {},
        "channelTitle": "relay",
        "categoryId": one.category,
        "liveBroadcastContent": "none",
        "localized": {"title": one.title, "description": one.text},
    }
    made |= {"tags": list(one.tags)} if one.tags else {}
    made |= {"defaultLanguage": one.language} if one.language else {}
    return made | ({"defaultAudioLanguage": one.audio_language} if one.audio_language else {})


def _status(one: Video, now: Instant) -> dict[str, Any]:
    made: dict[str, Any] = {
        "uploadStatus": one.state(now),
        "privacyStatus": one.privacy,
        "license": one.license,
        "embeddable": one.embeddable,
        "publicStatsViewable": one.stats,
        "madeForKids": bool(one.for_kids),
        "containsSyntheticMedia": one.synthetic,
    }
    made |= {} if one.for_kids is None else {"selfDeclaredMadeForKids": one.for_kids}
    made |= {} if one.publish_at is None else {"publishAt": iso(one.publish_at)}
    reason = {"failed": "failureReason", "rejected": "rejectionReason"}.get(one.state(now))
    return made | ({reason: one.why} if reason else {})


def _file(one: Video) -> dict[str, Any]:
    size = sum(len(medium.content) for medium in one.media)
    return {"fileName": one.file_name, "fileSize": str(size), "fileType": "video"}


def _processing(one: Video, now: Instant) -> dict[str, Any]:
    states = {"uploaded": "processing", "processed": "succeeded", "failed": "failed"}
    made = {
        "processingStatus": states.get(one.state(now), "terminated"),
        "fileDetailsAvailability": "available",
    }
    failed = one.state(now) == "failed"
    return made | ({"processingFailureReason": "transcodeFailed"} if failed else {})


def item(one: Video, playlist: str, channel: str, position: int) -> dict[str, Any]:
    """A video as an entry of the list of uploads, with every part."""
    published = {"videoPublishedAt": iso(one.created)} if one.privacy == "public" else {}
    return {
        "kind": "youtube#playlistItem",
        "etag": _etag(one.id, position),
        "id": f"UU{one.id}",
        "snippet": {
            "publishedAt": iso(one.created),
            "channelId": channel,
            "title": one.title,
            "description": one.text,
            "thumbnails": {},
            "channelTitle": "relay",
            "playlistId": playlist,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": one.id},
            "videoOwnerChannelTitle": "relay",
            "videoOwnerChannelId": channel,
        },
        "contentDetails": {"videoId": one.id} | published,
        "status": {"privacyStatus": one.privacy},
    }


def comment(one: Comment, channel: str, *, plain: bool) -> dict[str, Any]:
    """A comment."""
    text = one.text if plain else html.escape(one.text, quote=True).replace("\n", "<br>")
    made: dict[str, Any] = {
        "channelId": channel,
        "videoId": one.video,
        "textDisplay": text,
        "textOriginal": one.text,
        "authorDisplayName": one.by,
        "authorChannelUrl": "",
        "authorChannelId": {"value": "UCsomebody"},
        "canRate": True,
        "viewerRating": "none",
        "likeCount": 0,
        "publishedAt": iso(one.created),
        "updatedAt": iso(one.created),
    }
    made |= {"parentId": one.parent} if one.parent else {}
    return {"kind": "youtube#comment", "etag": _etag(one.id, 0), "id": one.id, "snippet": made}


def thread(
    one: Comment, replies: Sequence[Comment], channel: str, *, plain: bool
) -> dict[str, Any]:
    """A comment and its answers, with every part."""
    return {
        "kind": "youtube#commentThread",
        "etag": _etag(one.id, len(replies)),
        "id": one.id,
        "snippet": {
            "channelId": channel,
            "videoId": one.video,
            "topLevelComment": comment(one, channel, plain=plain),
            "canReply": True,
            "totalReplyCount": len(replies),
            "isPublic": one.status == "published",
        },
        "replies": {"comments": [comment(each, channel, plain=plain) for each in replies]},
    }


def _etag(*of: object) -> str:
    return "-".join(map(str, of))
