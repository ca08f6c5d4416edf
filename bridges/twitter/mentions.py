"""What people answered to the account's posts; never who."""

from __future__ import annotations

from typing import Final

import regex

from bridges.twitter import answers
from bridges.twitter.listing import Listing, Page, Shown
from relay.ports import Answer, Instant, Later, Replied, Reply, Stopped

MOST: Final = 100
MOST_PAGES: Final = 8
"""X shows the last 800."""

_NAMES: Final = regex.compile(r"(?:@\w{1,20}\s+)+")
"""X puts the names of all that talk before an answer."""


async def since(
    listing: Listing, account: str, cursor: str, now: Instant
) -> Replied | Later | Stopped:
    """The answers after the post ``cursor`` (""; then the latest few, to begin with), oldest
    first. Each mention that X shows is billed."""
    posts: list[Shown] = []
    more = ""
    for _ in range(MOST_PAGES if cursor else 1):
        query = [
            ("max_results", str(MOST if cursor else 5)),
            *([("since_id", cursor)] if cursor else []),
            *([("pagination_token", more)] if more else []),
        ]
        page = await listing.page(f"/2/users/{account}/mentions", query)
        if not isinstance(page, Page):
            return _not_now(page, now)
        posts += page.posts
        more = page.more
        if not more:
            break
    posts.sort(key=lambda post: int(post.id))
    taken = [post for post in posts if post.to and post.to_user in ("", account)][:MOST]
    whole = len(taken) < MOST
    last = (posts if whole else taken)[-1].id if posts else cursor
    return Replied(tuple(map(_reply, taken)), last.encode())


def _not_now(answer: Answer | object, now: Instant) -> Later | Stopped:
    if isinstance(answer, Answer):
        told = answers.harmless(answer, now)
        return told if isinstance(told, Later | Stopped) else Later("X does not show the answers")
    return answer if isinstance(answer, Later) else Later("no whole answer came", scope="host")


def _reply(post: Shown) -> Reply:
    names = _NAMES.match(post.text)
    return Reply(post.id, post.to, post.text[names.end() :] if names else post.text, post.date)
