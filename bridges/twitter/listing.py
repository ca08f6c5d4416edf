"""A list of posts as X gives it: our account's, or of those that name it.

The guides ask for ``tweet.fields`` and are answered ``referenced_tweets``; the OpenAPI document
(2.167) has ``post.fields`` and ``referenced_posts``. The first is asked for, and where X answers
that it is no question (400, which costs nothing) the other from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any, Final

from bridges import kit
from bridges.twitter.api import Api, Query
from bridges.twitter.publishing import is_id
from relay.ports import Answer, Instant, Later, Unsure

_COMMON: Final = "attachments,conversation_id,created_at,entities,"
_WAYS: Final[tuple[Query, ...]] = (
    (("tweet.fields", _COMMON + "in_reply_to_user_id,note_tweet,referenced_tweets,text"),),
    (
        ("expansions", "in_reply_to_user_id,referenced_posts"),
        ("post.fields", _COMMON + "note_post,text"),
    ),
)


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """A post in a list. ``to`` is the post it answers, ``to_user`` whose that is ("": not told);
    ``answers`` whether it answers any. ``date`` is in seconds by X's clock."""

    id: str
    text: str
    date: Instant | None
    answers: bool
    to: str
    to_user: str
    media: frozenset[str]
    repost: bool


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """Posts, newest first; ``more`` asks for those before ("": there are none)."""

    posts: tuple[Shown, ...]
    more: str


class Listing:
    """Asks for lists, in the words that X understands."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._way = 0

    async def page(self, path: str, query: Query) -> Page | Answer | Later | Unsure:
        """One page, or the answer that is none. Each post in it is billed."""
        answer = await self._asked(path, query)
        if isinstance(answer, Answer) and answer.status == 400:
            self._way = 1 - self._way
            again = await self._asked(path, query)
            if isinstance(again, Answer) and again.status == 400:
                self._way = 1 - self._way
            answer = again
        made = _page(answer) if isinstance(answer, Answer) else None
        return answer if made is None else made

    async def _asked(self, path: str, query: Query) -> Answer | Later | Unsure:
        return await self._api.ask("GET", path, query=[*query, *_WAYS[self._way]])


def _page(answer: Answer) -> Page | None:
    made = kit.json_object(answer) if answer.status == 200 else None
    meta = made.get("meta") if made else None
    if made is None or not isinstance(meta, Mapping):
        return None
    rows = made.get("data", [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        return None
    if meta.get("result_count", len(rows)) != len(rows) or (made.get("errors") and not rows):
        return None  # it is not all there
    if not all(is_id(row.get("id")) for row in rows):
        return None
    more = meta.get("next_token")
    return Page(tuple(map(_shown, rows)), more if isinstance(more, str) else "")


def _shown(row: Mapping[str, Any]) -> Shown:
    id = str(row["id"])
    refs = row.get("referenced_tweets") or row.get("referenced_posts")
    rows = refs if isinstance(refs, list) else ()
    named = {str(ref.get("type")): str(ref.get("id")) for ref in rows if isinstance(ref, Mapping)}
    to = named.get("replied_to", "")
    attached = row.get("attachments")
    keys = attached.get("media_keys") if isinstance(attached, Mapping) else None
    return Shown(
        id,
        _text(row),
        _date(row.get("created_at")),
        bool(to) or str(row.get("conversation_id") or id) != id,
        to,
        str(row.get("in_reply_to_user_id") or ""),
        frozenset(map(str, keys)) if isinstance(keys, list) else frozenset(),
        "retweeted" in named,
    )


def _text(row: Mapping[str, Any]) -> str:
    """The words, whole, without the address that X puts after them for media."""
    note = row.get("note_tweet") or row.get("note_post")
    source = note if isinstance(note, Mapping) else row
    text, entities = source.get("text"), row.get("entities")
    said = text if isinstance(text, str) else ""
    urls = entities.get("urls") if isinstance(entities, Mapping) else None
    for url in urls if isinstance(urls, list) else ():
        if isinstance(url, Mapping) and _is_picture(url) and isinstance(url.get("url"), str):
            said = said.removesuffix(url["url"]).rstrip()
    return unescape(said)


def _is_picture(url: Mapping[str, Any]) -> bool:
    shown = url.get("display_url")
    return bool(url.get("media_key")) or (isinstance(shown, str) and shown.startswith("pic."))


def _date(said: Any) -> Instant | None:
    try:
        when = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    if when is None:
        return None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
