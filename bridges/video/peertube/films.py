"""The requests about one film, and how it is called.

Operations of the REST reference: uploadResumableInit, putVideo, getVideo, delVideo, getVideoSource.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from bridges import kit
from bridges.kit.forms import file_name
from bridges.video.drafts import Draft
from relay.ports import Answer

VIDEOS: Final = "/api/v1/videos"
UPLOAD: Final = f"{VIDEOS}/upload-resumable"

PRIVATE: Final = 3
PRIVACY: Final = {"public": 1, "unlisted": 2, "internal": 4}
COMMENTS: Final = {"on": 1, "off": 2, "approved": 3}

_SIGNS: Final = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_SHORT: Final = 22

_NOT_LIVING: Final = frozenset({"ae", "cu", "eo", "ia", "ie", "io", "la", "pi", "sa", "vo"})
"""Languages of two letters that the server's list, which is one of living languages, may lack."""


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator wants films to stand there; fields as in the settings."""

    privacy: str
    comments: str
    category: int
    licence: int
    language: str
    sensitive: bool
    mentions: bool


def request(draft: Draft, key: str, channel: int, style: Style) -> dict[str, Any]:
    """The JSON that begins an upload: of a film that nobody sees yet. Of equal drafts it is equal,
    so that the server takes a repeat for the same upload; our key is the name of the file, which
    only the account itself is shown."""
    film = draft.film
    said: dict[str, Any] = {
        "channelId": channel,
        "filename": file_name(film.type.lower() if film else "", key),
        "lastModified": draft.date * 1000,
        "name": draft.title,
        "privacy": PRIVATE,
        "nsfw": style.sensitive,
        "commentsPolicy": COMMENTS[style.comments],
        "waitTranscoding": True,
        "downloadEnabled": True,
    }
    if draft.text:
        said["description"] = draft.text
    if language := known_language(style.language or draft.language):
        said["language"] = language
    if style.category:
        said["category"] = style.category
    if style.licence:
        said["licence"] = style.licence
    return said


def headers(draft: Draft) -> dict[str, str]:
    """What the request that begins an upload says of the film besides."""
    film = draft.film
    return {
        "x-upload-content-length": str(len(film.content) if film else 0),
        "x-upload-content-type": film.type.lower() if film else "",
    }


def known_language(tag: str) -> str:
    """The tag, if every server knows it: one that it does not know refuses the film."""
    return tag if len(tag) == 2 and tag not in _NOT_LIVING else ""


def id_of(said: Any) -> str:
    """A film's id (a UUID, as it is written), or ""."""
    try:
        return said if isinstance(said, str) and str(UUID(said)) == said else ""
    except ValueError:
        return ""


def made(answer: Answer) -> str:
    """The id of the film that an upload became; "" if the answer is of another shape."""
    video = (kit.json_object(answer) or {}).get("video")
    return id_of(video.get("uuid")) if isinstance(video, Mapping) else ""


def shown(answer: Answer) -> Mapping[str, Any]:
    """The film in an answer to getVideo; nothing, if it is none."""
    said = kit.json_object(answer) if answer.status == 200 else None
    return said if said is not None and id_of(said.get("uuid")) else {}


def privacy_of(film: Mapping[str, Any]) -> int:
    """Who may see it; as if nobody, where that is not said."""
    said = film.get("privacy")
    id = said.get("id") if isinstance(said, Mapping) else None
    return id if isinstance(id, int) else PRIVATE


def at(id: str) -> str:
    """The path of a film."""
    return f"{VIDEOS}/{id}"


def watched_at(server: str, id: str) -> str:
    """Where people see it. The short form of an id is its number in base 58, 22 signs long
    (uuidToShort in packages/node-utils, short-uuid with its default alphabet)."""
    number, short = UUID(id).int, ""
    while number:
        number, rest = divmod(number, 58)
        short = _SIGNS[rest] + short
    return f"{server}/w/{short.rjust(_SHORT, _SIGNS[0])}"
