"""What a server of this API answers: its documents and entities, its errors, its limits.

Facts: docs.joinmastodon.org, entities Status, MediaAttachment, CredentialAccount, Instance and
Error; nodeinfo.diaspora.software for the document that names the software; the 429 of Mastodon's
``config/initializers/rack_attack.rb``: an ISO time with six decimals and no ``Retry-After``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from relay.model import Instant
from relay.testing.fediverse.manners import Manners
from relay.testing.fediverse.markup import marked_up
from relay.testing.fediverse.media import TYPES, Medium
from relay.testing.fediverse.statuses import Status
from relay.testing.loopback import Fault

JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
NAME: Final = "relay"


class No(Exception):
    """An answer that is an error: its status, and what it says."""

    def __init__(self, status: int, error: str) -> None:
        self.status = status
        self.error = error
        super().__init__(error)


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Fault:
    """An answer in JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Fault(status, JSON | dict(headers or {}), body, made=True)


def limited(reset: Instant, limit: int = 300) -> Fault:
    """429 as Mastodon says it: until ``reset``, and nothing was done."""
    error = json.dumps({"error": "Too many requests"}).encode()
    return Fault(429, JSON | rate(limit, 0, reset), error)


def overloaded(retry_after_s: int = 30) -> Fault:
    """503 as GoToSocial says that it has too much to do; nothing was done."""
    error = json.dumps({"error": "server capacity exceeded"}).encode()
    return Fault(503, JSON | {"Retry-After": str(retry_after_s)}, error)


def rate(limit: int, left: int, reset: Instant) -> dict[str, str]:
    """The headers that every answer has."""
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": iso(reset, decimals=6),
    }


def iso(at: Instant, *, decimals: int = 3) -> str:
    """A time as the API writes it."""
    return datetime.fromtimestamp(at, UTC).strftime(f"%Y-%m-%dT%H:%M:%S.{'0' * decimals}Z")


def account(id: str, base: str) -> dict[str, Any]:
    """The one account of a stand-in."""
    return {
        "id": id,
        "username": NAME,
        "acct": NAME,
        "display_name": "",
        "bot": True,
        "locked": False,
        "url": f"{base}/@{NAME}",
        "source": {"privacy": "public", "sensitive": False, "language": None, "note": ""},
    }


def status(one: Status, media: list[Medium], by: dict[str, Any], base: str) -> dict[str, Any]:
    """A status as everybody sees it."""
    shown: dict[str, Any] = {
        "id": one.id,
        "created_at": iso(one.created),
        "edited_at": None if one.edited is None else iso(one.edited),
        "in_reply_to_id": one.parent,
        "in_reply_to_account_id": by["id"] if one.parent else None,
        "sensitive": one.sensitive,
        "spoiler_text": one.spoiler,
        "visibility": one.visibility,
        "language": one.language,
        "uri": f"{base}/users/{NAME}/statuses/{one.id}",
        "url": f"{base}/@{NAME}/{one.id}",
        "content": marked_up(one.text, base),
        "account": by,
        "media_attachments": [medium(each, base) for each in media],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "reblog": None,
        "card": None,
        "poll": None,
    }
    return shown | {"reblog": shown | {"id": f"{one.id}0"}} if one.boost else shown


def medium(one: Medium, base: str, *, ready: bool = True) -> dict[str, Any]:
    """A medium; while it is worked on it has no ``url``."""
    return {
        "id": one.id,
        "type": one.kind,
        "url": f"{base}/media/{one.id}" if ready else None,
        "preview_url": f"{base}/media/{one.id}/small" if ready else None,
        "remote_url": None,
        "meta": {},
        "description": one.alt or None,
        "blurhash": None,
    }


def instance(manners: Manners, base: str, *, version: int) -> dict[str, Any]:
    """``/api/v2/instance``, or what of it the older document of ``/api/v1/instance`` has."""
    host = base.partition("://")[2]
    configuration = {
        "urls": {"streaming": f"ws://{host}", "status": ""},
        "statuses": {
            "max_characters": manners.characters,
            "max_media_attachments": manners.media,
            "characters_reserved_per_url": manners.url_characters,
        },
        "media_attachments": {
            "supported_mime_types": sorted(TYPES),
            "description_limit": manners.alt_characters,
            "image_size_limit": manners.image_bytes,
            "image_matrix_limit": 33177600,
            "video_size_limit": manners.video_bytes,
            "video_frame_rate_limit": 120,
            "video_matrix_limit": 8294400,
        },
    }
    said = {"title": "A stand-in", "version": manners.version, "configuration": configuration}
    if version == 1:
        return said | {"uri": host}
    return said | {"domain": host, "languages": ["en"], "api_versions": {"mastodon": 6}}


def nodeinfo(manners: Manners, statuses: int) -> dict[str, Any]:
    """The document that says which software this is."""
    return {
        "version": "2.0",
        "software": {"name": manners.software, "version": manners.version},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "usage": {"users": {"total": 1}, "localPosts": statuses},
        "openRegistrations": False,
        "metadata": {},
    }
