"""The posts of a site: made, changed, thrown away, listed.

The order of the checks and their errors are those of ``WP_REST_Posts_Controller``; what becomes of
status, date and name is ``wp_insert_post`` (wp-includes/post.php).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

from relay.model import Instant
from relay.testing.wordpress.caller import Caller
from relay.testing.wordpress.listing import Order, Page, page
from relay.testing.wordpress.markup import allowed, plain
from relay.testing.wordpress.says import No, read_time
from relay.testing.wordpress.things import Post, slug, unique

MAX_POSTS: Final = 10_000
NAMELESS: Final = ("draft", "pending")
"""A post of these states has a name only if it was given one."""

ORDER: Final[Order[Post]] = Order(
    id=lambda one: int(one.id),
    date=lambda one: one.date,
    by={
        "id": lambda one: int(one.id),
        "modified": lambda one: one.changed,
        "title": lambda one: one.title,
        "slug": lambda one: one.slug,
    },
)
_COPIED: Final = {
    "comment_status": "comments",
    "ping_status": "pings",
    "sticky": "sticky",
    "format": "format",
    "password": "password",
    "template": "template",
    "featured_media": "featured",
}


class Posts:
    """All posts. ``account``: whose they are."""

    def __init__(self, account: int, offset_s: int) -> None:
        self.all: dict[str, Post] = {}
        self.offset_s = offset_s
        self._account = account

    def get(self, id: str) -> Post:
        """One that is there. Raises No."""
        if id not in self.all:
            raise No(404, "rest_post_invalid_id", "Invalid post ID.")
        return self.all[id]

    def slugs(self, *, but: str = "") -> set[str]:
        """The names of all; of all but one."""
        return {one.slug for one in self.all.values() if one.id != but}

    def due(self, now: Instant) -> None:
        """Publish what was scheduled until now, as the site's clock does."""
        for one in self.all.values():
            if one.status == "future" and one.date <= now:
                self.all[one.id] = replace(one, status="publish")

    def create(self, said: dict[str, Any], caller: Caller, id: str, now: Instant) -> Post:
        """A new one, not kept yet. Raises No."""
        if "id" in said:
            raise No(400, "rest_post_exists", "Cannot create existing post.")
        self._allow(said, caller)
        caller.need("edit_posts", "rest_cannot_create", "create posts as this user")
        if len(self.all) >= MAX_POSTS:
            raise No(500, "db_insert_error", "Could not insert post into the database.")
        made = self._written(said, caller, Post(id, "", "", created=now, changed=now), now)
        if not (made.title or made.content or made.excerpt):
            raise No(400, "empty_content", "Content, title, and excerpt are empty.")
        return made

    def update(self, id: str, said: dict[str, Any], caller: Caller, now: Instant) -> Post:
        """One with changes, not kept yet. Raises No."""
        before = self.get(id)
        if before.status == "publish":
            caller.need("edit_published_posts", "rest_cannot_edit", "edit this post")
        caller.need("edit_posts", "rest_cannot_edit", "edit this post")
        self._allow(said, caller)
        return self._written(said, caller, replace(before, changed=now), now)

    def delete(self, id: str, caller: Caller, *, force: bool) -> Post:
        """Throw one away; for good with ``force``. Raises No."""
        one = self.get(id)
        right = "delete_published_posts" if one.status == "publish" else "delete_posts"
        caller.need(right, "rest_cannot_delete", "delete this post")
        if force:
            return self.all.pop(id)
        if one.status == "trash":
            raise No(410, "rest_already_trashed", "The post has already been deleted.")
        self.all[id] = replace(one, status="trash", slug=f"{one.slug}__trashed")
        return self.all[id]

    def listed(self, said: dict[str, Any], caller: Caller, until: Instant) -> Page[Post]:
        """A page of those that were made ``until`` then. Raises No."""
        statuses = said.get("status") or ["publish"]
        if set(statuses) - {"publish"} and not caller.may("edit_posts"):
            why = "Status is forbidden."
            detail = {"code": "rest_forbidden_status", "message": why, "data": {"status": 403}}
            more = {"params": {"status": why}, "details": {"status": detail}}
            raise No(400, "rest_invalid_param", "Invalid parameter(s): status", more)
        entries = [one for one in self.all.values() if _fits(one, said, statuses, until)]
        if not _any(said.get("author"), [self._account]):
            entries = []
        return page(entries, said, ORDER, self.offset_s)

    def _allow(self, said: dict[str, Any], caller: Caller) -> None:
        if said.get("author", self._account) != self._account:
            message = "create posts as this user"
            caller.need("edit_others_posts", "rest_cannot_edit_others", message)
        if said.get("sticky"):
            caller.need("edit_others_posts", "rest_cannot_assign_sticky", "make posts sticky")
        if said.get("status") in ("publish", "future", "private"):
            message = "publish posts in this post type"
            caller.need("publish_posts", "rest_cannot_publish", message)

    def _written(self, said: dict[str, Any], caller: Caller, before: Post, now: Instant) -> Post:
        changes: dict[str, Any] = {
            ours: said[name] for name, ours in _COPIED.items() if name in said
        }
        for name in ("title", "content", "excerpt"):
            if name in said:
                text = said[name] if isinstance(said[name], str) else said[name].get("raw", "")
                changes[name] = text if caller.may("unfiltered_html") else allowed(text)
        for name in ("categories", "tags"):
            if name in said:
                changes[name] = tuple(said[name]) or ((1,) if name == "categories" else ())
        changes["status"] = said.get("status", before.status)
        changes["published"] = self._date(said, before, changes["status"], now)
        made = replace(before, **changes)
        made = replace(made, status=_timed(made, now), text=plain(made.content))
        return replace(made, slug=self._slug(said, made))

    def _date(
        self, said: dict[str, Any], before: Post, status: str, now: Instant
    ) -> Instant | None:
        for name, offset_s in (("date", self.offset_s), ("date_gmt", 0)):
            if said.get(name):
                try:
                    return read_time(said[name], offset_s)
                except ValueError:
                    more = {"params": {name: "Invalid date."}, "details": {}}
                    message = f"Invalid parameter(s): {name}"
                    raise No(400, "rest_invalid_param", message, more) from None
        return now if before.published is None and status not in NAMELESS else before.published

    def _slug(self, said: dict[str, Any], made: Post) -> str:
        wanted = slug(said["slug"]) if "slug" in said else made.slug
        if not wanted and made.status in NAMELESS:
            return ""
        return unique(wanted or slug(made.title) or made.id, self.slugs(but=made.id))


def _timed(post: Post, now: Instant) -> Any:
    """A date that lies ahead makes ``future`` of ``publish``, one that does not the reverse."""
    if post.status in ("publish", "future"):
        return "future" if post.date > now else "publish"
    return post.status


def _fits(one: Post, said: dict[str, Any], statuses: Collection[str], until: Instant) -> bool:
    status = one.status in statuses or ("any" in statuses and one.status != "trash")
    words = said.get("search", "").lower()
    return (
        status
        and one.created <= until
        and _any(said.get("slug"), [one.slug])
        and _any(said.get("categories"), one.categories)
        and _any(said.get("tags"), one.tags)
        and said.get("sticky", one.sticky) == one.sticky
        and (not words or words in f"{one.title} {one.text} {one.excerpt}".lower())
    )


def _any(wanted: Collection[Any] | None, has: Collection[Any]) -> bool:
    """Whether one of those that are wanted is there; nothing wanted is there always."""
    return not wanted or any(one in wanted for one in has)
