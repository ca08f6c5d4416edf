"""Finds, makes, publishes and removes a post, so that each step may be repeated for ever.

The key of a part is in the slug of its post. A post is looked for under that slug first; where
there is none, a draft is made with it, which nobody sees. WordPress gives no slug twice: it adds
"-2" (``wp_unique_post_slug``; for drafts too, in the REST API), so that a draft that did not get
ours is one too many, and is taken away. That look and the making are two steps to WordPress: of two
that were made in the same moment the first one counts. To make a draft public by its id may be
repeated; the id is kept, since a person or a plugin may change a slug.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import regex

from bridges import kit
from bridges.press import answers
from bridges.press.api import Api, good, listed, number
from bridges.press.drafts import Draft
from relay.ports import Later, Outcome, Posted, Refused, Removal, Removed, Stopped

POSTS: Final = "wp/v2/posts"
SLUG: Final = "r-"
SLUG_DIGITS: Final = 16
_STATES: Final = "publish,draft,pending,private,future"
_FIELDS: Final = "id,slug,status,link"


@dataclass(frozen=True, slots=True)
class Standing:
    """A post as it stands there. ``status`` is WordPress's: "draft", "publish" ..."""

    id: int
    status: str
    link: str = ""


def slug_of(key: str) -> str:
    """The slug of the part with this key: part of its address, and says nothing of the message."""
    return SLUG + key[:SLUG_DIGITS]


async def lookup(api: Api, slug: str) -> Standing | Later | Stopped | None:
    """The post with this slug, public or not; None if there is none. Of several a public one comes
    first, then the oldest."""
    answer = await api.read(POSTS, slug=slug, status=_STATES, context="edit", _fields=_FIELDS)
    rows = listed(answer)
    if rows is None:
        return answers.not_shown(answer, api.now())
    found = [_standing(row) for row in rows if row.get("slug") == slug and number(row.get("id"))]
    return min(found, key=lambda one: (one.status != "publish", one.id), default=None)


async def made(api: Api, slug: str, title: str) -> Standing | Later | Refused | Stopped:
    """A draft with this slug, and nothing but a title in it; the only one that counts."""
    said = {"status": "draft", "slug": slug, "title": title}
    answer = await api.post(POSTS, said, _FIELDS)
    draft = _standing(good(answer))
    got = str(good(answer).get("slug", ""))
    if not draft.id:
        return answers.judged(answer, api.now())
    if got == slug:
        first = await lookup(api, slug)
        if first is None or (isinstance(first, Standing) and first.id == draft.id):
            return draft
        if not isinstance(first, Standing):
            return first
    await api.delete(f"{POSTS}/{draft.id}")
    if got == slug or regex.fullmatch(rf"{slug}-[0-9]+", got):
        return Later("another try has made it already")
    return Stopped(
        "the blog changes the addresses of posts", "turn off the plugin that does, for drafts"
    )


async def published(api: Api, id: int, draft: Draft, content: str) -> Outcome:
    """Make the post say what the draft says, and public."""
    said: dict[str, Any] = {
        **words(draft, content),
        "status": "publish",
        "date_gmt": datetime.fromtimestamp(draft.date, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
    }
    if draft.categories:
        said["categories"] = draft.categories
    if draft.tags:
        said["tags"] = draft.tags
    if draft.comments:
        said["comment_status"] = draft.comments
    answer = await api.post(f"{POSTS}/{id}", said, _FIELDS)
    standing = _standing(good(answer))
    if standing.id != id:
        return kit.doubted(answer, answers.judged(answer, api.now()), api.now())
    if standing.status == "publish":
        return posted(standing)
    if standing.status == "future":  # the blog's clock is behind; it will not be long
        return Later("the blog has not come to its date yet", max(draft.date, api.now() + 60))
    return Stopped("the user may not publish", answers.ROLE)


async def standing_at(api: Api, ref: str) -> Standing | Later | Refused | Stopped:
    """The post with this id; ``Refused`` if it is gone."""
    answer = await api.read(f"{POSTS}/{ref}", context="edit", _fields=_FIELDS)
    standing = _standing(good(answer))
    if standing.id == int(ref):
        return standing
    if answers.is_gone(answer):
        return Refused("it is gone from the blog")
    return answers.judged(answer, api.now())


async def removed(api: Api, id: int) -> Removal:
    """Delete the post past the trash, and its revisions with it."""
    answer = await api.delete(f"{POSTS}/{id}")
    if good(answer).get("deleted") is True or answers.is_gone(answer):
        return Removed()
    return answers.judged(answer, api.now())


def words(draft: Draft, content: str) -> dict[str, Any]:
    """What a reader reads of it, as WordPress takes it."""
    return {"title": draft.title, "content": content, "excerpt": draft.excerpt}


def posted(standing: Standing) -> Posted:
    """The outcome of what is public."""
    return Posted(str(standing.id), standing.link)


def _standing(row: Mapping[str, Any]) -> Standing:
    status = row.get("status")
    return Standing(
        number(row.get("id")),
        status if isinstance(status, str) else "",
        kit.shown_at(row.get("link")),
    )
