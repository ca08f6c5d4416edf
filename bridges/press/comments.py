"""What people wrote under our posts; never who: names are not even asked for.

The blog's newest comments are read back, by their ids, to those that were read before. One that
waited for its approval shows up late, among older ids: so the latest ids are remembered one by one.
Times are not used to ask: WordPress compares them in the blog's own time zone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bridges.kit import markup
from bridges.press import answers
from bridges.press.api import Api, listed, number
from bridges.press.posts import POSTS
from relay.ports import Instant, Later, Refused, Replied, Reply, Stopped

PAGE: Final = 100
MOST_PAGES: Final = 10
MOST: Final = 100
REMEMBERED: Final = 200
_FIELDS: Final = "id,post,author,date_gmt,content"


@dataclass(frozen=True, slots=True)
class Cursor:
    """All up to ``floor`` was read, and of what is above it these."""

    floor: int
    seen: frozenset[int] = frozenset()

    def and_(self, ids: Iterable[int]) -> Cursor:
        """The cursor when these are read too."""
        seen = sorted(self.seen | set(ids))
        gone, kept = seen[:-REMEMBERED], seen[-REMEMBERED:]
        return Cursor(max([self.floor, *gone]), frozenset(kept))

    def written(self) -> bytes:
        """At most 4 KiB."""
        return json.dumps([self.floor, sorted(self.seen)], separators=(",", ":")).encode()


def cursor_of(written: bytes) -> Cursor | None:
    """The cursor; None for none that is ours."""
    try:
        floor, seen = json.loads(written)
        return Cursor(int(floor), frozenset(map(int, seen)))
    except (ValueError, TypeError, RecursionError):
        return None


async def since(api: Api, user: int, cursor: Cursor | None) -> Replied | Later | Stopped:
    """The comments after the cursor, oldest first; without one, none, and the cursor of now."""
    if cursor is None:
        rows = await _page(api, 1)
        if not isinstance(rows, Sequence):
            return rows
        ids = [number(row.get("id")) for row in rows]
        return Replied((), Cursor(min(ids, default=0), frozenset(ids)).and_(()).written())
    new = await _new(api, cursor)
    if not isinstance(new, list):
        return new
    taken = sorted(new, key=lambda row: number(row.get("id")))[:MOST]
    ours = await _ours(api, user, {number(row.get("post")) for row in taken} - {0})
    if not isinstance(ours, set):
        return ours
    replies = (
        _reply(row) for row in taken if number(row.get("post")) in ours and _others(row, user)
    )
    following = cursor.and_(number(row.get("id")) for row in taken)
    return Replied(tuple(one for one in replies if one.text), following.written())


async def _new(api: Api, cursor: Cursor) -> list[Mapping[str, Any]] | Later | Stopped:
    new: dict[int, Mapping[str, Any]] = {}
    for page in range(1, MOST_PAGES + 1):
        rows = await _page(api, page)
        if not isinstance(rows, Sequence):
            return rows
        ids = [number(row.get("id")) for row in rows]
        new |= {
            id: row
            for id, row in zip(ids, rows, strict=True)
            if id > cursor.floor and id not in cursor.seen
        }
        if len(rows) < PAGE or min(ids) <= cursor.floor:
            break
    return list(new.values())


async def _page(api: Api, page: int) -> Sequence[Mapping[str, Any]] | Later | Stopped:
    answer = await api.read(
        "wp/v2/comments",
        orderby="id",
        order="desc",
        per_page=str(PAGE),
        page=str(page),
        _fields=_FIELDS,
    )
    rows = listed(answer)
    return _not_now(answers.judged(answer, api.now())) if rows is None else rows


async def _ours(api: Api, user: int, posts: set[int]) -> set[int] | Later | Stopped:
    """Which of these posts are the user's own."""
    if not posts:
        return set()
    answer = await api.read(
        POSTS,
        include=",".join(map(str, sorted(posts))),
        author=str(user),
        per_page=str(PAGE),
        _fields="id",
    )
    rows = listed(answer)
    if rows is None:
        return _not_now(answers.judged(answer, api.now()))
    return {number(row.get("id")) for row in rows} - {0}


def _others(row: Mapping[str, Any], user: int) -> bool:
    return row.get("author") != user


def _reply(row: Mapping[str, Any]) -> Reply:
    content = row.get("content")
    html = content.get("rendered") if isinstance(content, Mapping) else ""
    text = markup.read(html) if isinstance(html, str) else ""
    return Reply(str(row["id"]), str(row["post"]), text, _date(row.get("date_gmt")))


def _date(said: Any) -> Instant | None:
    """A time in UTC that does not say so ("2026-11-18T11:06:40")."""
    try:
        when = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return None if when is None else int(when.replace(tzinfo=UTC).timestamp())


def _not_now(told: Later | Refused | Stopped) -> Later | Stopped:
    return told if isinstance(told, Later | Stopped) else Later("the blog shows no comments now")
