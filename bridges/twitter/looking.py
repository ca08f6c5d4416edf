"""Finds an earlier try at a part among the account's own posts.

Media keys decide where there are any, else the text does, as ``kit.matching`` compares it. X is
asked for the time since the try only: each post that it shows is billed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bridges.kit.drafts import Draft
from bridges.kit.matching import same
from bridges.twitter import links
from bridges.twitter.listing import Listing, Page, Shown
from bridges.twitter.publishing import shown
from relay.ports import Absent, Found, Instant, Lookup, Unknown

BEFORE_S: Final = 120
"""How much earlier than our first try a post may be dated: clocks differ."""

FIRST_PAGE: Final = 10
PAGE: Final = 100
MOST_PAGES: Final = 20


@dataclass(frozen=True, slots=True, repr=False)
class Wanted:
    """One part that is looked for. ``since`` is by X's clock; ``media`` are the keys that were
    uploaded for it, ``after`` the post it answers or follows. ``tried``: it was surely these media
    that were posted, if anything was. ``others`` are ids that are known to be other parts, whatever
    they say: two messages may have the same words."""

    draft: Draft
    since: Instant
    after: str | None
    media: frozenset[str]
    tried: bool = False
    others: frozenset[str] = frozenset()

    def is_shown_by(self, post: Shown) -> bool:
        """Whether it has media of the part, which no other post has."""
        return bool(post.media & self.media)

    def matches(self, post: Shown) -> bool:
        """Whether this post is the part, or looks like it."""
        older = post.date is not None and post.date < self.since
        if older or post.repost or post.id in self.others or not self._follows(post):
            return False
        if self.is_shown_by(post):
            return True
        if (self.media and self.tried) or (self.draft.media and not post.media):
            return False
        return same(links.canonical(post.text), links.canonical(self.draft.text))

    def _follows(self, post: Shown) -> bool:
        """The first part answers nothing; a later one the part before, or stands alone where X
        does not let the account answer itself."""
        if not post.answers:
            return True
        return self.after is not None and post.to in ("", self.after)


async def looked_up(listing: Listing, account: str, wanted: Wanted, *, lately: bool) -> Lookup:
    """Found; Absent, strong where X showed all since the try and it is not ``lately`` (its lists
    lag); Unknown where X does not tell, or two are alike."""
    since = datetime.fromtimestamp(wanted.since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    seen: dict[str, bool] = {}  # whether it is surely the part
    more = ""
    for number in range(MOST_PAGES):
        query = [
            ("max_results", str(PAGE if number else FIRST_PAGE)),
            ("start_time", since),
            *([("pagination_token", more)] if more else []),
        ]
        page = await listing.page(f"/2/users/{account}/tweets", query)
        if not isinstance(page, Page):
            return Unknown("X does not show the account's posts now")
        seen |= {post.id: wanted.is_shown_by(post) for post in page.posts if wanted.matches(post)}
        more = page.more
        if not more:
            break
    alike = [id for id, sure in seen.items() if sure] or [*seen]
    if len(alike) > 1:
        return Unknown("several posts there are like it")
    for id in alike:
        if not wanted.draft.text and not seen[id]:
            return Unknown("a post there may be it, and has no words to tell it by")
        return Found(id, shown(id))
    return Absent(strong=not more and not lately)
