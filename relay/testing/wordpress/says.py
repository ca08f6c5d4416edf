"""What a site answers: entities, errors, the pages that are not of the API at all.

Facts: the REST API handbook (entities), ``WP_Error`` and ``rest_authorization_required_code`` of
WordPress (errors), ``wp_maintenance`` of wp-includes/load.php (503, ``Retry-After: 600``, HTML).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from relay.model import Instant
from relay.testing.loopback import Fault
from relay.testing.shapes import Flaw
from relay.testing.wordpress.markup import rendered, shown_title
from relay.testing.wordpress.things import Comment, Medium, Post

JSON: Final = {"Content-Type": "application/json; charset=UTF-8", "X-Robots-Tag": "noindex"}
HTML: Final = {"Content-Type": "text/html; charset=utf-8"}


class No(Exception):
    """An answer that is an error: its status, its code and its sentence; ``more`` beside the
    status in ``data``."""

    def __init__(
        self, status: int, code: str, message: str, more: Mapping[str, Any] | None = None
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.more = more or {}
        super().__init__(code)

    @classmethod
    def of(cls, flaws: Sequence[Flaw]) -> No:
        """What is wrong with arguments."""
        missing = [flaw.name for flaw in flaws if flaw.rule == "missing"]
        if missing:
            said = f"Missing parameter(s): {', '.join(missing)}"
            return cls(400, "rest_missing_callback_param", said, {"params": missing})
        params = {str(flaw.at[0]): _sentence(flaw) for flaw in flaws}
        said = f"Invalid parameter(s): {', '.join(params)}"
        return cls(400, "rest_invalid_param", said, {"params": params, "details": {}})

    def answer(self) -> Fault:
        """As the API says it."""
        data = {"status": self.status} | dict(self.more)
        return answer(
            {"code": self.code, "message": self.message, "data": data}, status=self.status
        )


def _sentence(flaw: Flaw) -> str:
    name = f"{flaw.at[0]}" + "".join(f"[{one}]" for one in flaw.at[1:])
    if flaw.rule == "unknown":
        return f"{name} is not a valid property of Object."
    if flaw.rule == "type":
        return f"{name} is not of type {flaw.limit}."
    if flaw.rule == "choice" and isinstance(flaw.limit, tuple):
        return f"{name} is not one of {', '.join(map(str, flaw.limit))}."
    if flaw.rule == "form":
        return "Invalid date."
    return f"{name} must be {'greater' if flaw.rule == 'least' else 'less'} than {flaw.limit}"


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Fault:
    """An answer in JSON."""
    return Fault(status, JSON | dict(headers or {}), json.dumps(value).encode(), made=True)


def maintenance() -> Fault:
    """What every address answers while WordPress or a plugin is updated; ten minutes at most."""
    body = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>Briefly"
    body += " unavailable for scheduled maintenance. Check back in a minute.</h1></body></html>"
    return Fault(503, HTML | {"Retry-After": "600"}, body.encode())


def blocked(status: int = 403) -> Fault:
    """The page of a security plugin: 403, 406 or 503, where JSON is due."""
    return Fault(
        status, HTML, b"<html><body>Your access to this site has been limited</body></html>"
    )


def limited(retry_after_s: int = 60) -> Fault:
    """429 of the host in front of the site. WordPress itself counts nothing."""
    body = b"<html><head><title>429 Too Many Requests</title></head><body></body></html>"
    return Fault(429, HTML | {"Retry-After": str(retry_after_s)}, body)


def too_large() -> Fault:
    """413 of the host in front of the site."""
    return Fault(
        413, HTML, b"<html><head><title>413 Request Entity Too Large</title></head></html>"
    )


def database_error(*, made: bool = False) -> Fault:
    """500 of an insert that the database gave up; with ``made`` the post is there all the same."""
    said = No(500, "db_insert_error", "Could not insert post into the database.").answer()
    return Fault(said.status, said.headers, said.body, made=made)


def iso(at: Instant) -> str:
    """A time as the API writes it: without a zone."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def read_time(text: str, offset_s: int) -> Instant:
    """A time that was written with a zone, or in the site's own. Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        return int(at.replace(tzinfo=UTC).timestamp()) - offset_s
    return int(at.timestamp())


def link(post: Post, base: str) -> str:
    """Where a post stands: by its name once it has one that is public."""
    if post.status in ("publish", "private") and post.slug:
        return f"{base}/{post.slug}/"
    return f"{base}/?p={post.id}"


@dataclass(frozen=True, slots=True)
class Where:
    """A site: its address, the number of its author, and how far its time is from UTC."""

    base: str
    account: int
    offset_s: int


def post(one: Post, where: Where, *, edit: bool) -> dict[str, Any]:
    """A post. What was written (``raw``) is only in the context ``edit``."""

    def rich(raw: str, html: str) -> dict[str, Any]:
        return ({"raw": raw} if edit else {}) | {"rendered": html, "protected": False}

    shown: dict[str, Any] = {
        "id": int(one.id),
        "date": iso(one.date + where.offset_s),
        "date_gmt": iso(one.date),
        "guid": {"rendered": f"{where.base}/?p={one.id}"},
        "modified": iso(one.changed + where.offset_s),
        "modified_gmt": iso(one.changed),
        "slug": one.slug,
        "status": one.status,
        "type": "post",
        "link": link(one, where.base),
        "title": {k: v for k, v in rich(one.title, shown_title(one.title)).items() if k[0] != "p"},
        "content": rich(one.content, rendered(one.content)),
        "excerpt": rich(one.excerpt, rendered(one.excerpt)),
        "author": where.account,
        "featured_media": one.featured,
        "comment_status": one.comments,
        "ping_status": one.pings,
        "sticky": one.sticky,
        "template": one.template,
        "format": one.format,
        "meta": {"footnotes": ""},
        "categories": list(one.categories),
        "tags": list(one.tags),
        "_links": {"self": [{"href": f"{where.base}/wp-json/wp/v2/posts/{one.id}"}]},
    }
    if edit:
        shown |= {
            "password": one.password,
            "permalink_template": f"{where.base}/%postname%/",
            "generated_slug": one.slug,
        }
    return shown


def medium(one: Medium, where: Where, *, edit: bool) -> dict[str, Any]:
    """A medium of the library."""

    def rich(raw: str) -> dict[str, str]:
        return ({"raw": raw} if edit else {}) | {"rendered": raw}

    return {
        "id": int(one.id),
        "date": iso(one.created + where.offset_s),
        "date_gmt": iso(one.created),
        "guid": rich(source(one, where.base)),
        "modified": iso(one.created + where.offset_s),
        "modified_gmt": iso(one.created),
        "slug": one.slug,
        "status": "inherit",
        "type": "attachment",
        "link": f"{where.base}/{one.slug}/",
        "title": rich(one.title),
        "author": where.account,
        "featured_media": 0,
        "comment_status": "open",
        "ping_status": "closed",
        "template": "",
        "meta": [],
        "description": rich(one.description),
        "caption": rich(one.caption),
        "alt_text": one.alt,
        "media_type": "image" if one.type.startswith("image/") else "file",
        "mime_type": one.type,
        "media_details": {"filesize": len(one.content), "sizes": {}},
        "post": one.post or None,
        "source_url": source(one, where.base),
    }


def source(one: Medium, base: str) -> str:
    """Where the file of a medium is."""
    month = datetime.fromtimestamp(one.created, UTC).strftime("%Y/%m")
    return f"{base}/wp-content/uploads/{month}/{one.name}"


def comment(one: Comment, where: Where) -> dict[str, Any]:
    """A comment as everybody sees it."""
    return {
        "id": int(one.id),
        "post": int(one.post),
        "parent": int(one.parent or 0),
        "author": 0,
        "author_name": one.by,
        "author_url": "",
        "date": iso(one.created + where.offset_s),
        "date_gmt": iso(one.created),
        "content": {"rendered": rendered(one.text)},
        "link": f"{where.base}/?p={one.post}#comment-{one.id}",
        "status": "hold" if one.held else "approved",
        "type": "comment",
        "author_avatar_urls": {},
        "meta": [],
    }
