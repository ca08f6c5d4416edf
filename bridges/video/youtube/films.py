"""The requests about one film, and how it is called.

Methods and fields: the discovery document of youtube v3, videos.insert, .update, .list, .delete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from bridges import kit
from bridges.google.api import Api, Told, good
from bridges.video.drafts import Draft
from bridges.video.youtube.answers import listed, part

VIDEOS: Final = "/youtube/v3/videos"
UPLOAD: Final = f"/upload{VIDEOS}?uploadType=resumable&part=snippet,status"
PRIVATE: Final = "private"

KEY_CHARACTERS: Final = 16
"""Of the part's key, in the tag that finds a film again: tags are not shown, and found in the page
of a film by who looks for them, where this says nothing."""


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator wants films to stand there; fields as in the settings."""

    privacy: str
    category: str
    licence: str
    embeddable: bool
    made_for_kids: bool
    notify: bool
    mentions: bool


def tag(key: str) -> str:
    """The tag of the film with this key."""
    return key[:KEY_CHARACTERS]


def status(style: Style, privacy: str) -> dict[str, Any]:
    """The whole of a film's status: what an update leaves out of it goes back to a default."""
    return {
        "privacyStatus": privacy,
        "license": style.licence,
        "embeddable": style.embeddable,
        "publicStatsViewable": True,
        "selfDeclaredMadeForKids": style.made_for_kids,
    }


def request(draft: Draft, key: str, style: Style) -> dict[str, Any]:
    """The JSON that begins an upload: of a film that nobody sees yet."""
    snippet: dict[str, Any] = {
        "title": draft.title,
        "description": draft.text,
        "tags": [tag(key)],
        "categoryId": style.category,
    }
    if len(draft.language) == 2:
        snippet["defaultLanguage"] = draft.language
    return {"snippet": snippet, "status": status(style, PRIVATE)}


def begins(style: Style) -> str:
    """The path of that request."""
    return f"{UPLOAD}&notifySubscribers={'true' if style.notify else 'false'}"


def headers(draft: Draft) -> dict[str, str]:
    """What that request says of the film besides."""
    film = draft.film
    return {
        "x-upload-content-length": str(len(film.content) if film else 0),
        "x-upload-content-type": film.type.lower() if film else "",
    }


def publishes(id: str, style: Style) -> dict[str, Any]:
    """The JSON that lets a film be seen; to send it again changes nothing."""
    return {"id": id, "status": status(style, style.privacy)}


def renames(id: str, draft: Draft, before: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON that gives a film another title and description; of ``before``, its snippet, what an
    update would take away stays."""
    stays: dict[str, Any] = {name: before[name] for name in _STAYS if kit.is_ref(before.get(name))}
    tags = before.get("tags")
    if isinstance(tags, list):
        stays["tags"] = [one for one in tags if isinstance(one, str)]
    return {"id": id, "snippet": {**stays, "title": draft.title, "description": draft.text}}


_STAYS: Final = ("categoryId", "defaultLanguage", "defaultAudioLanguage")


def own(api: str, location: str) -> str:
    """The path of an upload's address, if it is at the service itself; else "". The token goes
    nowhere else."""
    try:
        parts = urlsplit(urljoin(api, location)) if location else None
    except ValueError:
        return ""
    if parts is None or f"{parts.scheme}://{parts.netloc}".lower() != api.lower():
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else ""


def id_of(said: Any) -> str:
    """A film's id, or ""."""
    return said if isinstance(said, str) and kit.is_ref(said) else ""


def made(answer: Told) -> str:
    """The id of the film in an answer; "" if the answer is of another shape."""
    return id_of(good(answer).get("id"))


def privacy_of(film: Mapping[str, Any]) -> str:
    """Who may see it; as if nobody, where that is not said."""
    return str(part(film, "status").get("privacyStatus", PRIVATE))


def watched_at(web: str, id: str) -> str:
    """Where people see it."""
    return f"{web}/watch?v={id}"


async def asked(api: Api, id: str, part: str) -> tuple[Told, Mapping[str, Any] | None]:
    """The answer to a question for this part of one film, and the film in it, if it is shown."""
    answer = await api.ask("GET", f"{VIDEOS}?part={part}&id={id}")
    rows = listed(answer) or []
    return answer, next((row for row in rows if row.get("id") == id), None)
