"""Blogger's API on loopback: enough of version 3 for a bridge that posts, and its faults.

``async with blogger() as platform`` serves one blog of one account; tokens and errors are Google's
(``relay.testing.google``). Checked against the discovery document that ``tables`` names. What it
leaves open can be set: whether drafts are listed by label, and what a second publish is answered::

    platform.script(faults.cut(), on="POST /v3/blogs/*/posts")   # made, and nobody heard of it
    ...
    assert [one.labels for one in platform.drafts] == [("r-0123456789abcdef",)]
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from secrets import randbelow
from typing import Any, ClassVar, Final

from relay.clock import SystemClock
from relay.ports import Clock
from relay.testing.blogger import tables
from relay.testing.blogger.posts import Blog, Comment, Post, read
from relay.testing.blogger.shelf import Shelf, between, page
from relay.testing.google import Google, Refused, says
from relay.testing.google.server import body, query, route
from relay.testing.loopback import Fault, Request, on_loopback

MAX_POSTS: Final = 10_000
READ: Final = ("blogger", "blogger.readonly")
BLOGS: Final = "/v3/blogs/([^/]+)"
ONE: Final = f"{BLOGS}/posts/([^/]+)"


class Blogger(Google):
    """One blog.

    ``blog`` is its number. Settable, besides what ``Google`` has: ``writes`` (False: the account is
    not an author of the blog any more), ``lists_drafts_by_label``, ``publishes_again`` (False: a
    post that is live is refused), ``lists_late_s``.
    """

    routes: ClassVar = (
        route("GET", "/v3/users/([^/]+)", "_user", *READ),
        route("GET", "/v3/users/([^/]+)/blogs", "_blogs", *READ),
        route("GET", "/v3/blogs/byurl", "_by_url", *READ),
        route("GET", BLOGS, "_blog", *READ),
        route("GET", f"{BLOGS}/posts", "_list", *READ),
        route("POST", f"{BLOGS}/posts", "_insert", "blogger"),
        route("GET", ONE, "_get", *READ),
        route("PATCH", ONE, "_patch", "blogger"),
        route("PUT", ONE, "_update", "blogger"),
        route("DELETE", ONE, "_delete", "blogger"),
        route("POST", f"{ONE}/publish", "_publish", "blogger"),
        route("POST", f"{ONE}/revert", "_revert", "blogger"),
        route("GET", f"{ONE}/comments", "_comments", *READ),
        route("GET", f"{BLOGS}/comments", "_all_comments", *READ),
    )

    def __init__(self, *, clock: Clock, requests_allowed: int = 100_000) -> None:
        super().__init__(clock=clock, scopes=("blogger",), requests_allowed=requests_allowed)
        self.blog = str(10**18 + randbelow(10**18))
        self.author = str(10**19 + randbelow(10**19))
        self.writes = True
        self.lists_drafts_by_label = True
        self.publishes_again = True
        self._shelf = Shelf(clock)

    @property
    def public(self) -> list[Post]:
        """What anybody can read, in the order in which it was made."""
        self._shelf.due(self._here)
        return [one for one in self._shelf.posts.values() if one.status == "LIVE"]

    @property
    def drafts(self) -> list[Post]:
        """What only its author can read: drafts, and what is scheduled."""
        self._shelf.due(self._here)
        return [one for one in self._shelf.posts.values() if one.status in ("DRAFT", "SCHEDULED")]

    @property
    def texts(self) -> list[str]:
        """The plain texts of ``public``, without their titles."""
        return [one.text for one in self.public]

    def put(self, text: str, **more: Any) -> Post:
        """A post of the same account that no bridge made: ``text`` is HTML, ``more`` are further
        fields of ``Post``."""
        return self._keep(self._shelf.blank(content=text, **more))

    def reply(self, to: str, text: str, by: str, *, status: str = "LIVE") -> Comment:
        """A comment under a post, or under another comment."""
        above = next((one for one in self._shelf.comments if one.id == to), None)
        post, parent = (above.post, above.id) if above else (self._shelf.posts[to].id, None)
        made = Comment(self._shelf.next(), post, text, by, self.clock.now(), parent, status)
        self._shelf.comments.append(made)
        return made

    # ------------------------------------------------------------ whose it is

    def _user(self, request: Request, user: str) -> Fault:
        query(request, tables.USER)
        self._self(user)
        here = f"{self.base}/v3/users/{self.author}"
        shown = {"kind": "blogger#user", "id": self.author, "displayName": "relay"}
        links = {"selfLink": here, "blogs": {"selfLink": f"{here}/blogs"}}
        return says.answer(shown | links)

    def _blogs(self, request: Request, user: str) -> Fault:
        query(request, tables.BLOGS)
        self._self(user)
        return says.answer({"kind": "blogger#blogList", "items": [self._here.entity()]})

    def _by_url(self, request: Request) -> Fault:
        said = query(request, tables.BY_URL)
        if said["url"].rstrip("/") != self._here.url.rstrip("/"):
            raise says.not_found()
        return says.answer(self._here.entity())

    def _blog(self, request: Request, blog: str) -> Fault:
        query(request, tables.BLOG)
        self._ours(blog)
        return says.answer(self._here.entity())

    # ------------------------------------------------------------ posts

    def _list(self, request: Request, blog: str) -> Fault:
        said = query(request, tables.LIST)
        self._ours(blog)
        self._shelf.due(self._here)
        inside = said.get("view", "READER").upper() in ("ADMIN", "AUTHOR")
        states = {one.upper() for one in said.get("status", ["LIVE"])}
        labels = {one.strip() for one in said.get("labels", "").split(",")} - {""}
        fit = [
            one
            for one in self._shelf.posts.values()
            if one.created <= self.listed_until
            and one.status in (states if inside else states & {"LIVE"})
            and labels <= set(one.labels)
            and (not labels or self.lists_drafts_by_label or one.status == "LIVE")
            and between(one.published, said)
        ]
        by_change = said.get("orderBy", "PUBLISHED").upper() == "UPDATED"
        falling = said.get("sortOption", "DESCENDING").upper() == "DESCENDING"
        fit.sort(key=lambda one: one.updated if by_change else one.published, reverse=falling)
        found, more = page(fit, said)
        bodies = said.get("fetchBodies", True)
        items = [self._post(one, body=bodies, state=inside) for one in found]
        shown = {"kind": "blogger#postList", "etag": f'"{len(fit)}"'}
        return says.answer(shown | ({"items": items} if items else {}) | more)

    def _insert(self, request: Request, blog: str) -> Fault:
        said = query(request, tables.INSERT)
        self._ours(blog, write=True)
        made = self._shelf.written(body(request, tables.POST), self._shelf.blank())
        if len(self._shelf.posts) >= MAX_POSTS:
            raise Refused(403, "quotaExceeded", "This blog has too many posts.")
        if said.get("isDraft"):
            made = replace(made, status="DRAFT")
        elif made.published > self.clock.now():
            made = replace(made, status="SCHEDULED")
        return self._shown(self._keep(made), said)

    def _get(self, request: Request, blog: str, id: str) -> Fault:
        said = query(request, tables.GET)
        one = self._entry(blog, id)
        inside = said.get("view", "READER").upper() in ("ADMIN", "AUTHOR")
        if one.status != "LIVE" and not inside:
            raise says.not_found()
        return self._shown(one, said, state=inside)

    def _patch(self, request: Request, blog: str, id: str) -> Fault:
        said = query(request, tables.CHANGE)
        before = self._entry(blog, id, write=True)
        made = self._shelf.written(body(request, tables.POST), before)
        return self._shown(self._shelf.moved(made, said, self._here), said)

    def _update(self, request: Request, blog: str, id: str) -> Fault:
        said = query(request, tables.CHANGE)
        before = self._entry(blog, id, write=True)
        bare = replace(before, title="", content="", labels=())
        made = self._shelf.written(body(request, tables.POST), bare)
        return self._shown(self._shelf.moved(made, said, self._here), said)

    def _delete(self, request: Request, blog: str, id: str) -> Fault:
        said = query(request, tables.DELETE)
        one = self._entry(blog, id, write=True)
        if said.get("useTrash"):
            self._shelf.posts[id] = replace(one, status="SOFT_TRASHED")
        else:
            del self._shelf.posts[id]
        return says.empty()

    def _publish(self, request: Request, blog: str, id: str) -> Fault:
        said = query(request, tables.PUBLISH)
        one, now = self._entry(blog, id, write=True), self.clock.now()
        if one.status == "LIVE":
            if not self.publishes_again:
                raise Refused(400, "badRequest", "The post is live already.")
            return self._shown(one, said)
        at = read(said["publishDate"]) if "publishDate" in said else now
        status: Any = "SCHEDULED" if at > now else "LIVE"
        made = replace(one, status=status, published=at, updated=now)
        return self._shown(self._keep(made), said)

    def _revert(self, request: Request, blog: str, id: str) -> Fault:
        said = query(request, tables.REVERT)
        one = self._entry(blog, id, write=True)
        made = replace(one, status="DRAFT", updated=self.clock.now())
        return self._shown(self._keep(made), said)

    # ------------------------------------------------------------ comments

    def _comments(self, request: Request, blog: str, id: str) -> Fault:
        said = query(request, tables.COMMENTS)
        self._entry(blog, id)
        return self._listed(said, {said.get("status", "LIVE").upper()}, id)

    def _all_comments(self, request: Request, blog: str) -> Fault:
        said = query(request, tables.ALL_COMMENTS)
        self._ours(blog)
        return self._listed(said, {one.upper() for one in said.get("status", ["LIVE"])})

    def _listed(self, said: dict[str, Any], states: set[str], post: str = "") -> Fault:
        fit = [
            one
            for one in reversed(self._shelf.comments)
            if one.created <= self.listed_until
            and one.status in states
            and (not post or one.post == post)
            and between(one.created, said)
        ]
        found, more = page(fit, said)
        bodies = said.get("fetchBodies", True)
        items = [self._here.comment(one, body=bodies) for one in found]
        shown = {"kind": "blogger#commentList", "etag": f'"{len(fit)}"'}
        return says.answer(shown | ({"items": items} if items else {}) | more)

    # ------------------------------------------------------------ its parts

    @property
    def _here(self) -> Blog:
        return Blog(self.base, self.blog, self.author)

    def _self(self, user: str) -> None:
        if user not in ("self", self.author):
            raise _forbidden()

    def _ours(self, blog: str, *, write: bool = False) -> None:
        if blog != self.blog:
            raise says.not_found()
        if write and not self.writes:
            raise _forbidden()

    def _entry(self, blog: str, id: str, *, write: bool = False) -> Post:
        self._ours(blog, write=write)
        self._shelf.due(self._here)
        if id not in self._shelf.posts:
            raise says.not_found()
        return self._shelf.posts[id]

    def _keep(self, made: Post) -> Post:
        return self._shelf.keep(made, self._here)

    def _post(self, one: Post, *, body: bool, state: bool) -> dict[str, Any]:
        replies = sum(each.post == one.id for each in self._shelf.comments)
        return self._here.post(one, replies, body=body, state=state)

    def _shown(self, one: Post, said: dict[str, Any], *, state: bool = True) -> Fault:
        return says.answer(self._post(one, body=said.get("fetchBody", True), state=state))


def _forbidden() -> Refused:
    message = "We're sorry, but you don't have permission to access this resource."
    return Refused(403, "forbidden", message)


@asynccontextmanager
async def blogger(
    *, clock: Clock | None = None, requests_allowed: int = 100_000
) -> AsyncIterator[Blogger]:
    """A blog that serves while the block lasts, on this machine's clock if none is given."""
    made = Blogger(clock=clock or SystemClock(), requests_allowed=requests_allowed)
    async with on_loopback(made):
        yield made
