"""Posts and comments of a page as the Graph API shows them, and pages of listings.

Facts: the fields of ``PagePost`` and ``Comment`` in the package facebook-business 26.0.3; answers
quoted in public bug reports for ``attachments`` (facebook4s 164): several photos are one album, the
photos themselves are its ``subattachments``.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from relay.model import Instant
from relay.testing.facebook import says
from relay.testing.facebook.media import Medium, attachment
from relay.testing.facebook.says import No

MOST: Final = 25
One = TypeVar("One")


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """A post, or (``parent`` is set) a comment on a post or on a comment.

    ``root``: the post that a comment is under. ``by``: who wrote it. ``ours``: an application made
    it, and may change it. ``due``: when one that is not ``published`` becomes so."""

    id: str
    text: str
    by: str
    created: Instant
    media: tuple[Medium, ...] = ()
    parent: str | None = None
    root: str = ""
    link: str = ""
    published: bool = True
    due: Instant | None = None
    ours: bool = True


def time(at: Instant) -> str:
    """A time as the API writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def instant(written: str, name: str) -> float:
    """A time of a parameter: seconds since 1970, or ISO 8601. Raises No."""
    try:
        if re.fullmatch("[0-9]{1,11}", written):
            return int(written)
        at = datetime.fromisoformat(written)
    except ValueError:
        raise No(says.wrong(f"Invalid time format for {name}")) from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def entity(one: Post, name: str, base: str, comments: Sequence[Post] = ()) -> dict[str, Any]:
    """A post with all its fields; what is empty is left out."""
    page, _, number = one.id.partition("_")
    said: dict[str, Any] = {
        "id": one.id,
        "created_time": time(one.created),
        "updated_time": time(one.created),
        "from": {"id": one.by, "name": name},
        "is_published": one.published,
        "is_hidden": False,
        "permalink_url": f"https://www.facebook.com/{page}/posts/{number}",
        "status_type": "added_photos" if one.media else "mobile_status_update",
    }
    if one.text:
        said["message"] = one.text
    if one.due is not None:
        said["scheduled_publish_time"] = one.due
    if one.media or one.link:
        said["attachments"] = {"data": [_attached(one, base)]}
    if comments:
        said["comments"] = {"data": [comment(each, name) for each in comments]}
    return said


def _attached(one: Post, base: str) -> dict[str, Any]:
    if not one.media:
        target = {"target": {"url": one.link}, "title": one.link}
        return target | {"type": "share", "media_type": "link", "url": one.link}
    parts = [attachment(medium, base) for medium in one.media]
    if len(parts) == 1:
        return parts[0]
    number = one.id.rpartition("_")[2]
    return parts[0] | {
        "media_type": "album",
        "target": {"id": number, "url": f"{base}/{one.id}"},
        "title": "Photos from a post",
        "type": "album",
        "subattachments": {"data": parts},
    }


def comment(one: Post, name: str) -> dict[str, Any]:
    """A comment with all its fields."""
    said: dict[str, Any] = {
        "id": one.id,
        "created_time": time(one.created),
        "from": {"id": one.by, "name": name},
        "message": one.text,
        "is_hidden": False,
        "permalink_url": f"https://www.facebook.com/{one.root}?comment_id={one.id}",
        "can_remove": True,
    }
    return said | ({"parent": {"id": one.parent}} if one.parent != one.root else {})


def page(
    items: Sequence[One], id: Callable[[One], str], said: dict[str, Any], url: str
) -> tuple[Sequence[One], dict[str, Any]]:
    """One page of a listing, and its ``paging``. Raises No for a cursor of another one."""
    ids = [id(one) for one in items]
    first, last = 0, len(items)
    if "after" in said:
        first = _place(ids, said["after"]) + 1
    elif "before" in said:
        last = _place(ids, said["before"])
        first = max(0, last - said.get("limit", MOST))
    shown = items[first:last][: said.get("limit", MOST)]
    if not shown:
        return shown, {}
    after = _cursor(id(shown[-1]))
    paging: dict[str, Any] = {"cursors": {"before": _cursor(id(shown[0])), "after": after}}
    if ids[-1] != id(shown[-1]):
        paging["next"] = f"{url}?limit={said.get('limit', MOST)}&after={after}"
    return shown, {"paging": paging}


def _cursor(id: str) -> str:
    return urlsafe_b64encode(id.encode()).decode()


def _place(ids: list[str], cursor: str) -> int:
    try:
        return ids.index(urlsafe_b64decode(cursor).decode())
    except ValueError:
        raise No(says.wrong("Invalid cursors values")) from None
