"""What people wrote under the Page's latest posts; never who.

GET /{post}/comments?filter=stream (answers to answers included) for each of the latest posts, since
the second of the comment that was read last. The Page's own comments are left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bridges.graph import answers
from bridges.graph.api import Api, good, is_id, listed
from bridges.graph.looking import date
from relay.ports import Answer, Instant, Later, Replied, Reply, Stopped, Unsure

MOST_POSTS: Final = 25
MOST: Final = 100
FIELDS: Final = "id,message,created_time,from,parent"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to which second it was read, and which comments of that very second."""

    since: Instant
    seen: frozenset[str] = frozenset()

    def written(self) -> bytes:
        """At most 4 KiB: of one second no more than 50 are remembered."""
        return json.dumps([self.since, sorted(self.seen)[:50]]).encode()


def cursor_of(written: bytes, now: Instant) -> Cursor:
    """The cursor; from ``now`` on, for none that is ours."""
    try:
        since, seen = json.loads(written)
        return Cursor(int(since), frozenset(map(str, seen)))
    except (ValueError, TypeError, RecursionError):
        return Cursor(now)


async def since(api: Api, page: str, cursor: Cursor) -> Replied | Later | Stopped:
    """The comments after the cursor, oldest first."""
    answer = await api.read(f"/{page}/published_posts", fields="id", limit=str(MOST_POSTS))
    if not isinstance(good(answer).get("data"), list):
        return _not_now(answer, api)
    found: list[tuple[Instant, Reply]] = []
    for post in (str(row.get("id")) for row in listed(good(answer))):
        if not is_id(post):
            continue
        answer = await api.read(
            f"/{post}/comments",
            filter="stream",
            fields=FIELDS,
            since=str(cursor.since),
            order="chronological",
            limit=str(MOST),
        )
        if not isinstance(good(answer).get("data"), list):
            return _not_now(answer, api)
        found += [one for row in listed(good(answer)) if (one := _new(row, page, post, cursor))]
    found.sort(key=lambda one: (one[0], one[1].ref))
    taken = found[:MOST]
    return Replied(tuple(reply for _, reply in taken), _after(taken, cursor).written())


def _after(taken: list[tuple[Instant, Reply]], cursor: Cursor) -> Cursor:
    if not taken:
        return cursor
    last = taken[-1][0]
    seen = frozenset(reply.ref for made, reply in taken if made == last)
    return Cursor(last, seen | (cursor.seen if last == cursor.since else frozenset()))


def _new(
    row: Mapping[str, Any], page: str, post: str, cursor: Cursor
) -> tuple[Instant, Reply] | None:
    ref, text, made = row.get("id"), row.get("message"), date(row.get("created_time"))
    if not isinstance(ref, str) or not is_id(ref) or not isinstance(text, str) or made is None:
        return None
    writer = row.get("from")  # only to leave out the Page itself
    ours = isinstance(writer, Mapping) and writer.get("id") == page
    if ours or made < cursor.since or ref in cursor.seen or not text:
        return None
    return made, Reply(ref, post, text, made)


def _not_now(answer: Answer | Later | Unsure, api: Api) -> Later | Stopped:
    told = answers.harmless(answer, api.now())
    return told if isinstance(told, Later | Stopped) else Later("Facebook shows no comments now")
