"""What people wrote under our posts; never who: names are not even asked for.

The blog's comments are read back, newest first, to those that were read before. One that waited for
its approval shows up late, with an older date: so the latest are remembered one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from bridges.diary.posts import is_id
from bridges.google import answers
from bridges.google.api import Api, following, listed
from bridges.kit import markup
from relay.ports import Instant, Later, Refused, Replied, Reply, Stopped

PAGE: Final = 50
MOST_PAGES: Final = 10
MOST: Final = 100
REMEMBERED: Final = 80
"""Of 50 characters at most each: with the floor they stay below 4 KiB."""

_FIELDS: Final = "nextPageToken,items(id,published,content,post/id,author/id)"

Seen = tuple[Instant, str]
"""When a comment was written, and its id."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """All up to ``floor`` was read, and of what is above it these."""

    floor: Seen
    seen: frozenset[Seen] = frozenset()

    def and_(self, more: Iterable[Seen]) -> Cursor:
        """The cursor when these are read too."""
        seen = sorted(self.seen | set(more))
        gone, held = seen[:-REMEMBERED], seen[-REMEMBERED:]
        return Cursor(max([self.floor, *gone]), frozenset(held))

    def written(self) -> bytes:
        """At most 4 KiB."""
        return json.dumps([self.floor, sorted(self.seen)], separators=(",", ":")).encode()


def cursor_of(written: bytes, now: Instant) -> Cursor:
    """The cursor; from ``now`` on, for none that is ours."""
    try:
        (at, id), seen = json.loads(written)
        return Cursor((int(at), str(id)), frozenset((int(a), str(b)) for a, b in seen))
    except (ValueError, TypeError, RecursionError):
        return Cursor((now, ""))


async def since(api: Api, blog: str, user: str, cursor: Cursor) -> Replied | Later | Stopped:
    """The comments after the cursor, oldest first. ``user`` is the account itself, which is no
    stranger to be heard."""
    new: dict[Seen, Reply | None] = {}
    more: dict[str, str] = {}
    start = datetime.fromtimestamp(cursor.floor[0], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for _ in range(MOST_PAGES):
        query = {"status": "live", "startDate": start, "maxResults": str(PAGE), **more}
        asked = urlencode({**query, "fetchBodies": "true", "fields": _FIELDS})
        answer = await api.ask("GET", f"/v3/blogs/{blog}/comments?{asked}")
        rows = listed(answer)
        if rows is None:
            return _not_now(answers.harmless(answer, api.now()))
        new |= {
            key: _reply(row, user)
            for row in rows
            if (key := _key(row)) and key > cursor.floor and key not in cursor.seen
        }
        token = following(answer)
        if not token:
            break
        more = {"pageToken": token}
    taken = sorted(new)[:MOST]
    replies = (new[key] for key in taken)
    return Replied(tuple(one for one in replies if one), cursor.and_(taken).written())


def _key(row: Mapping[str, Any]) -> Seen | None:
    id, at = row.get("id"), _date(row.get("published"))
    return (at, str(id)) if is_id(id) and at is not None else None


def _reply(row: Mapping[str, Any], user: str) -> Reply | None:
    """What was said, if a stranger said it."""
    to, author, html = _id(row.get("post")), _id(row.get("author")), row.get("content")
    if not to or (user and author == user) or not isinstance(html, str):
        return None
    text = markup.read(html)
    return Reply(str(row["id"]), to, text, _date(row.get("published"))) if text else None


def _id(said: Any) -> str:
    id = said.get("id") if isinstance(said, Mapping) else None
    return str(id) if is_id(id) else ""


def _date(said: Any) -> Instant | None:
    """A time as Google writes it (RFC 3339), in whole seconds."""
    try:
        when = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    if when is None:
        return None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())


def _not_now(told: Later | Refused | Stopped) -> Later | Stopped:
    return told if isinstance(told, Later | Stopped) else Later("Blogger shows no comments now")
