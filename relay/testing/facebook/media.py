"""Photos and videos of a page: uploaded, described, attached to a post; videos are worked on.

Facts: the parameters of the package facebook-business 26.0.3; developers.facebook.com, "Page
photos" (an unpublished photo is attached by its id) and "Video API" (phases start, transfer,
finish). A photo stands in one post only (subcode 1366051), is a picture of at most 4 MB (1366046).
A video is at most 64 MiB here, so that a test cannot eat the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from relay.model import Instant
from relay.testing.facebook import says
from relay.testing.facebook.says import No

Kind = Literal["photo", "video"]

MAX_MEDIA: Final = 10_000
MAX_ATTACHED: Final = 10
MOST_PHOTO: Final = 4 * 1024 * 1024
MOST_VIDEO: Final = 64 * 1024 * 1024
NO_PHOTO: Final = (
    "Your photos couldn't be uploaded. Photos should be smaller than 4 MB and saved as JPG, PNG,"
    " GIF, TIFF, HEIF or WebP files."
)


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """One photo or video. ``post``: where it stands, if it does. ``ready``: from when on it can be
    seen."""

    id: str
    kind: Kind
    type: str
    content: bytes
    alt: str = ""
    text: str = ""
    title: str = ""
    created: Instant = 0
    ready: Instant = 0
    fails: bool = False
    post: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Session:
    """An upload in pieces that is under way."""

    video: str
    size: int
    content: bytes = b""


def seen(content: bytes) -> str:
    """The type of a file, by its first bytes."""
    if content[4:8] == b"ftyp":
        heic = content[8:12] in (b"heic", b"mif1")
        return "image/heif" if heic else "video/mp4"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    starts = {
        b"\xff\xd8\xff": "image/jpeg",
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"GIF8": "image/gif",
        b"II*\0": "image/tiff",
        b"MM\0*": "image/tiff",
    }
    return next((type for start, type in starts.items() if content.startswith(start)), "")


def picture(content: bytes) -> str:
    """The type of a photo. Raises No."""
    type = seen(content)
    if not type.startswith("image/") or len(content) > MOST_PHOTO:
        raise No(says.error(100, "Invalid parameter", subcode=1366046, user=NO_PHOTO))
    return type


def film(content: bytes) -> str:
    """The type of a video. Raises No."""
    if seen(content) != "video/mp4" or len(content) > MOST_VIDEO:
        user = "The video file you selected is in a format that we don't support."
        raise No(says.error(352, "(#352) Unsupported video", subcode=1363024, user=user))
    return "video/mp4"


def status(one: Medium, now: Instant) -> dict[str, Any]:
    """How far the work on a video is."""
    if one.fails and one.ready <= now:
        failed = {"status": "error", "errors": [{"code": 1363026, "message": "Video failed"}]}
        return {"video_status": "error", "processing_phase": failed}
    done = one.ready <= now
    return {
        "video_status": "ready" if done else "processing",
        "uploading_phase": {"status": "complete"},
        "processing_phase": {"status": "complete" if done else "in_progress"},
        "publishing_phase": {"status": "complete" if done and one.post else "not_started"},
    }


def attachment(one: Medium, base: str) -> dict[str, Any]:
    """A medium as it stands under ``attachments`` of a post."""
    url = f"{base}/{one.kind}.php?fbid={one.id}"
    said: dict[str, Any] = {
        "media": {"image": {"height": 1, "width": 1, "src": f"{base}/media/{one.id}"}},
        "media_type": one.kind,
        "target": {"id": one.id, "url": url},
        "type": "photo" if one.kind == "photo" else "video_inline",
        "url": url,
    }
    return said | ({"description": one.text} if one.text else {})
