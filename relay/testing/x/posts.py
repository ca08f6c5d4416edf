"""What is on a stand-in's timeline: posts of its account and of others, and pages of them.

Ids grow with time, as X's do: milliseconds since November 2010, shifted by 22 bits. A page is
newest first; ``since_id`` and ``until_id`` are not on it themselves (docs.x.com, user timelines).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from relay.model import Instant
from relay.testing.x.media import Medium
from relay.testing.x.weighing import Link

EPOCH_MS: Final = 1_288_834_974_657
NAME: Final = "relay_stand_in"


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """One post. ``text`` is as it was written; ``shown`` and ``links`` as the API gives it.
    ``parent``: the post that it answers. ``repost``: it only repeats somebody else's."""

    id: str
    text: str
    shown: str
    links: tuple[Link, ...]
    author: str
    media: tuple[Medium, ...] = ()
    parent: str | None = None
    thread: str = ""
    to: str = ""
    created: Instant = 0
    repost: bool = False


class Ids:
    """Gives ids that grow."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, now: Instant) -> str:
        """An id."""
        self._last = max((now * 1000 - EPOCH_MS) << 22, self._last + 1, 1)
        return str(self._last)


def instant(written: str) -> float:
    """A time of a query, in seconds since 1970."""
    return datetime.fromisoformat(written).timestamp()


def page(posts: list[Post], asked: dict[str, Any]) -> tuple[list[Post], dict[str, Any]]:
    """One page and what is said about it. ``posts`` are in order of their ids."""
    fit = [one for one in posts if _fits(one, asked)][::-1]
    most, token = asked.get("max_results", 10), asked.get("pagination_token")
    if token is not None:
        fit = [one for one in fit if int(one.id) < int(token.removeprefix("before"))]
    shown = fit[:most]
    meta: dict[str, Any] = {"result_count": len(shown)}
    if shown:
        meta |= {"newest_id": shown[0].id, "oldest_id": shown[-1].id}
    if len(fit) > most:
        meta["next_token"] = f"before{shown[-1].id}"
    return shown, meta


def _fits(one: Post, asked: dict[str, Any]) -> bool:
    excluded = asked.get("exclude", "").split(",")
    return (
        int(asked.get("since_id", 0)) < int(one.id)
        and int(one.id) < int(asked.get("until_id", 1 << 63))
        and ("start_time" not in asked or one.created >= instant(asked["start_time"]))
        and ("end_time" not in asked or one.created < instant(asked["end_time"]))
        and not ("replies" in excluded and one.parent and not one.repost)
        and not ("retweets" in excluded and one.repost)
    )


def entity(one: Post, asked: dict[str, Any]) -> dict[str, Any]:
    """A post with the fields that were asked for."""
    words = f"{asked.get('post.fields', '')},{asked.get('tweet.fields', '')}".split(",")
    expanded = asked.get("expansions", "").split(",")
    said = _all(one)
    wanted = {"id", "text", "edit_history_tweet_ids", *words, *_carried(expanded)}
    return {name: value for name, value in said.items() if name in wanted and value is not None}


def _carried(expansions: list[str]) -> set[str]:
    """The fields in which the ids of what is expanded stand."""
    fields = {one.partition(".")[0] for one in expansions}
    return fields & {"attachments", "author_id", "in_reply_to_user_id"} | {
        name for name in ("referenced_posts", "referenced_tweets") if name in fields
    }


def _all(one: Post) -> dict[str, Any]:
    kind = "retweeted" if one.repost else "replied_to"
    referenced = [{"type": kind, "id": one.parent}] if one.parent else None
    keys = [medium.key for medium in one.media]
    created = datetime.fromtimestamp(one.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "id": one.id,
        "text": one.shown,
        "edit_history_tweet_ids": [one.id],
        "author_id": one.author,
        "conversation_id": one.thread or one.id,
        "created_at": created,
        "in_reply_to_user_id": one.to or None,
        "referenced_tweets": referenced,
        "referenced_posts": referenced,
        "attachments": {"media_keys": keys} if keys else None,
        "entities": {"urls": [_url(link) for link in one.links]} if one.links else None,
        "lang": "und",
        "possibly_sensitive": False,
        "reply_settings": "everyone",
    }


def _url(link: Link) -> dict[str, Any]:
    said: dict[str, Any] = {
        "start": link.start,
        "end": link.end,
        "url": link.short,
        "expanded_url": link.full,
        "display_url": link.display,
    }
    return said | ({"media_key": link.media_key} if link.media_key else {})


def included(posts: list[Post], asked: dict[str, Any]) -> dict[str, Any]:
    """What the ``expansions`` bring: the media, and who wrote."""
    expanded = asked.get("expansions", "").split(",")
    made: dict[str, Any] = {}
    if "attachments.media_keys" in expanded:
        fields = {"media_key", "type", *asked.get("media.fields", "").split(",")}
        found = {medium.key: medium for one in posts for medium in one.media}
        made["media"] = [_medium(one, fields) for one in found.values()]
    if "author_id" in expanded:
        made["users"] = [{"id": id, "name": id, "username": id} for id in {p.author for p in posts}]
    return {"includes": kept} if (kept := {k: v for k, v in made.items() if v}) else {}


def _medium(one: Medium, fields: set[str]) -> dict[str, Any]:
    said = {"media_key": one.key, "type": one.kind, "width": 1, "height": 1}
    if one.alt:
        said["alt_text"] = one.alt
    return {name: value for name, value in said.items() if name in fields}
