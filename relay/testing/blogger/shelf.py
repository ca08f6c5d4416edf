"""The posts and comments of a blog: kept, changed, listed."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from secrets import randbelow
from typing import Any, Final

from relay.model import Instant
from relay.ports import Clock
from relay.testing.blogger import tables
from relay.testing.blogger.posts import Blog, Comment, Post, address, media, read
from relay.testing.google import Refused
from relay.testing.google.server import page_at, page_token
from relay.testing.wordpress.markup import plain

PAGE: Final = 10
"""Entries on a page, if no number is asked for."""


class Shelf:
    """All that stands on one blog."""

    def __init__(self, clock: Clock) -> None:
        self.posts: dict[str, Post] = {}
        self.comments: list[Comment] = []
        self._clock = clock
        self._ids = count(10**18 + randbelow(10**17))

    def next(self) -> str:
        """The next number of anything."""
        return str(next(self._ids))

    def blank(self, **more: Any) -> Post:
        """A post of now, not kept yet."""
        now = self._clock.now()
        return replace(Post(self.next(), created=now, published=now, updated=now), **more)

    def written(self, said: dict[str, Any], before: Post) -> Post:
        """A post with the fields of a request; those that are the service's own are ignored.
        Raises Refused."""
        labels = tuple(dict.fromkeys(said.get("labels", before.labels) or ()))
        if sum(map(len, labels)) > tables.MAX_LABEL_CHARACTERS:
            most = tables.MAX_LABEL_CHARACTERS
            raise Refused(400, "badRequest", f"Labels have at most {most} characters in total.")
        published = read(said["published"]) if "published" in said else before.published
        return replace(
            before,
            title=said.get("title", before.title),
            content=said.get("content", before.content),
            labels=labels,
            published=published,
            updated=self._clock.now(),
            comments=said.get("readerComments", before.comments),
        )

    def moved(self, made: Post, said: dict[str, Any], blog: Blog) -> Post:
        """A changed post that is published or taken back in the same step, if that was asked."""
        if said.get("publish") and made.status != "LIVE":
            made = replace(made, status="LIVE", published=self._clock.now())
        elif said.get("revert"):
            made = replace(made, status="DRAFT")
        return self.keep(made, blog)

    def keep(self, made: Post, blog: Blog) -> Post:
        """Put one where readers and its author find it; one that goes live gets its address."""
        url = made.url
        if made.status == "LIVE" and not url:
            taken = {one.url for one in self.posts.values()}
            url = address(made.title, taken, blog, made.published)
        kept = replace(made, url=url, text=plain(made.content), media=media(made.content))
        self.posts[made.id] = kept
        return kept

    def due(self, blog: Blog) -> None:
        """Publish what was scheduled until now."""
        for one in list(self.posts.values()):
            if one.status == "SCHEDULED" and one.published <= self._clock.now():
                self.keep(replace(one, status="LIVE"), blog)


def between(at: Instant, said: dict[str, Any]) -> bool:
    """Whether a time is in the span that was asked for. Raises Refused."""
    start = read(said["startDate"]) if "startDate" in said else at
    end = read(said["endDate"]) if "endDate" in said else at
    return start <= at <= end


def page(entries: list[Any], said: dict[str, Any]) -> tuple[list[Any], dict[str, str]]:
    """One page of a listing, and the name of the next."""
    start = page_at(said.get("pageToken", ""))
    end = start + (said.get("maxResults") or PAGE)
    more = {"nextPageToken": page_token(end)} if end < len(entries) else {}
    return entries[start:end], more
