"""What the service for readers answers: profiles, threads, notifications.

Facts: the lexicons app.bsky.actor.defs, app.bsky.feed.defs and app.bsky.notification of 20 August
2026. Own posts are in a thread at once, for the server that holds them adds them (``packages/pds``,
read-after-write); those of others, and notifications, come ``late_s`` after they were written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from relay.model import Instant
from relay.testing.bluesky.lexicon import FACET
from relay.testing.bluesky.repo import Kept
from relay.testing.bluesky.says import iso

DEFS: Final = "app.bsky.feed.defs"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody."""

    did: str
    handle: str

    @property
    def view(self) -> dict[str, Any]:
        """As it is shown beside what it wrote."""
        return {
            "did": self.did,
            "handle": self.handle,
            "displayName": "",
            "viewer": {"muted": False, "blockedBy": False},
            "labels": [],
        }


@dataclass(frozen=True, slots=True, repr=False)
class Sight:
    """All posts that can be seen now, and by whom they are."""

    posts: Mapping[str, Kept]
    author: Callable[[str], Account]

    def replies(self, uri: str) -> list[Kept]:
        """What answers a post, oldest first."""
        return [one for one in self.posts.values() if parent_of(one) == uri]

    def post(self, one: Kept) -> dict[str, Any]:
        """A post, as it is shown."""
        return {
            "uri": one.uri,
            "cid": one.cid,
            "author": self.author(one.uri).view,
            "record": one.value,
            "replyCount": len(self.replies(one.uri)),
            "repostCount": 0,
            "likeCount": 0,
            "quoteCount": 0,
            "indexedAt": iso(one.made),
            "viewer": {"threadMuted": False, "embeddingDisabled": False},
            "labels": [],
        }

    def thread(self, uri: str, depth: int, height: int) -> dict[str, Any]:
        """A post, what it answers (``height`` levels), and what answers it (``depth`` levels)."""
        one = self.posts.get(uri)
        if one is None:
            return {"$type": f"{DEFS}#notFoundPost", "uri": uri, "notFound": True}
        made: dict[str, Any] = {"$type": f"{DEFS}#threadViewPost", "post": self.post(one)}
        above = parent_of(one)
        if above and height:
            made["parent"] = self.thread(above, 0, height - 1)
        if depth:
            made["replies"] = [self.thread(one.uri, depth - 1, 0) for one in self.replies(uri)]
        return made


def parent_of(one: Kept) -> str | None:
    """What a post answers."""
    uri: str | None = one.value.get("reply", {}).get("parent", {}).get("uri")
    return uri


def reason(one: Kept, did: str) -> str | None:
    """Why an account is told of somebody else's post; None if it is not."""
    reply = one.value.get("reply", {})
    about = [reply[name]["uri"] for name in ("parent", "root") if name in reply]
    if any(uri.startswith(f"at://{did}/") for uri in about):
        return "reply"
    features = [one for facet in one.value.get("facets", []) for one in facet["features"]]
    if {"$type": f"{FACET}#mention", "did": did} in features:
        return "mention"
    return None


def notification(one: Kept, by: Account, why: str, seen: Instant) -> dict[str, Any]:
    """What an account is told of a post."""
    made = {
        "uri": one.uri,
        "cid": one.cid,
        "author": by.view,
        "reason": why,
        "record": one.value,
        "isRead": one.made <= seen,
        "indexedAt": iso(one.made),
        "labels": [],
    }
    if why == "reply":
        made["reasonSubject"] = parent_of(one)
    return made
