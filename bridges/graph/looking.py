"""Finds an earlier try at a part: by the id that was kept, else among the Page's public posts.

What was made in two steps is asked for by its id, which is exact. What was posted at once is looked
for in ``published_posts`` since the try: by its pictures' ids where it has any, else by its words,
as ``kit.matching`` compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bridges.graph import answers
from bridges.graph.api import Api, good, is_id, listed
from bridges.graph.drafts import Draft
from bridges.graph.publishing import shown
from bridges.kit.matching import same
from relay.ports import Absent, Answer, Found, Instant, Lookup, Unknown

BEFORE_S: Final = 120
"""How much earlier than our first try a post may be dated: clocks differ."""

PAGE: Final = 50
MOST_PAGES: Final = 20
NOT_NOW: Final = "Facebook does not show the Page's posts now"
FIELDS: Final = (
    "id,message,created_time,permalink_url,attachments{target{id},subattachments{target{id}}}"
)


@dataclass(frozen=True, slots=True, repr=False)
class Wanted:
    """One part that is looked for. ``since`` is by Facebook's clock; ``media`` are the ids that
    were uploaded for it. ``tried``: it was surely these that were posted, if anything was.
    ``others`` are ids that are known to be other parts, whatever they say."""

    draft: Draft
    since: Instant
    media: frozenset[str]
    tried: bool = False
    others: frozenset[str] = frozenset()

    def is_shown_by(self, post: Mapping[str, Any]) -> bool:
        """Whether it has pictures of the part, which no other post has."""
        return not self.media.isdisjoint(_targets(post))

    def matches(self, post: Mapping[str, Any]) -> bool:
        """Whether this post is the part, or looks like it."""
        if self.is_older(post) or str(post.get("id")) in self.others:
            return False
        if self.is_shown_by(post):
            return True
        if self.media and self.tried:
            return False
        message = post.get("message", "")
        return isinstance(message, str) and same(message, self.draft.text)

    def is_older(self, post: Mapping[str, Any]) -> bool:
        """Whether it was there before our first try. What has no date is not."""
        made = date(post.get("created_time"))
        return made is not None and made < self.since


async def made_before(api: Api, made: str, field: str, *, lately: bool) -> Lookup | None:
    """What became of the draft with this id; None if it is gone. ``field`` says whether it is
    public."""
    answer = await api.read(f"/{made}", fields=f"id,{field}")
    if answers.is_gone(answer):
        return None
    said = good(answer).get(field)
    if not isinstance(said, bool):
        return Unknown("Facebook does not show the draft now")
    return Found(made, shown(made)) if said else Absent(strong=not lately)


async def looked_up(api: Api, page: str, wanted: Wanted, *, lately: bool) -> Lookup:
    """Found; Absent, strong where the list was read back past the try and it is not ``lately``
    (lists lag); Unknown where Facebook does not tell, or two are alike."""
    seen: dict[str, bool] = {}  # whether it is surely the part
    more: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        answer = await api.read(
            f"/{page}/published_posts",
            fields=FIELDS,
            since=str(wanted.since),
            limit=str(PAGE),
            **more,
        )
        made = good(answer)
        if not isinstance(answer, Answer) or not isinstance(made.get("data"), list):
            return Unknown(NOT_NOW)
        posts = listed(made)
        seen |= {
            str(post.get("id")): wanted.is_shown_by(post) for post in posts if wanted.matches(post)
        }
        after = _following(made)
        if not after or any(wanted.is_older(post) for post in posts):
            return _told(seen, wanted.draft, whole=not lately)
        more = {"after": after}
    return _told(seen, wanted.draft, whole=False)


def _told(seen: Mapping[str, bool], draft: Draft, *, whole: bool) -> Lookup:
    alike = [id for id, sure in seen.items() if sure] or [*seen]
    if not alike:
        return Absent(strong=whole)
    if len(alike) > 1:
        return Unknown("several posts there are like it")
    [id] = alike
    if not draft.text and not seen[id]:
        return Unknown("a post there may be it, and has no words to tell it by")
    return Found(id, shown(id)) if is_id(id) else Unknown("what is there has no id")


def _following(made: Mapping[str, Any]) -> str:
    """The cursor of the next page; "" on the last."""
    paging = made.get("paging")
    if not isinstance(paging, Mapping) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, Mapping) else None
    return after if isinstance(after, str) else ""


def _targets(post: Mapping[str, Any]) -> Iterator[str]:
    for one in listed(post.get("attachments")):
        for each in [one, *listed(one.get("subattachments"))]:
            target = each.get("target")
            if isinstance(target, Mapping):
                yield str(target.get("id"))


def date(said: Any) -> Instant | None:
    """A time as Facebook writes it ("2026-11-18T11:06:41+0000"), in whole seconds."""
    try:
        when = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    if when is None:
        return None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
