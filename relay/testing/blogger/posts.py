"""What stands on a blog, and how it is written in answers."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final, Literal
from urllib.parse import unquote_to_bytes

from relay.model import Instant
from relay.testing.google import Refused
from relay.testing.wordpress.markup import files

Status = Literal["LIVE", "DRAFT", "SCHEDULED", "SOFT_TRASHED"]

ZONE: Final = timezone(timedelta(hours=-7))
"""The zone that the blog is set to: its times are not in UTC."""


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """A picture in a post. ``content`` is empty for one that is somewhere else (``url``)."""

    alt: str
    type: str
    content: bytes
    url: str


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """One post. ``content`` is HTML, ``text`` what a reader reads of it. ``url`` is empty while it
    was never live."""

    id: str
    title: str = ""
    content: str = ""
    text: str = ""
    labels: tuple[str, ...] = ()
    status: Status = "LIVE"
    created: Instant = 0
    published: Instant = 0
    updated: Instant = 0
    url: str = ""
    comments: str = "ALLOW"
    media: tuple[Medium, ...] = ()
    parent: None = None


@dataclass(frozen=True, slots=True, repr=False)
class Comment:
    """What somebody wrote under a post."""

    id: str
    post: str
    text: str
    by: str
    created: Instant
    parent: str | None = None
    status: str = "LIVE"


@dataclass(frozen=True, slots=True)
class Blog:
    """The one blog of a stand-in: its address, its number and that of its author."""

    base: str
    id: str
    author: str

    @property
    def url(self) -> str:
        """Where readers find it."""
        return f"{self.base}/"

    def api(self, path: str = "") -> str:
        """Where a part of it is in the API."""
        return f"{self.base}/v3/blogs/{self.id}{path}"

    def entity(self) -> dict[str, Any]:
        """The blog as the API shows it."""
        return {
            "kind": "blogger#blog",
            "id": self.id,
            "name": "A blog",
            "description": "",
            "status": "LIVE",
            "published": written(0),
            "updated": written(0),
            "url": self.url,
            "selfLink": self.api(),
            "posts": {"totalItems": 0, "selfLink": self.api("/posts")},
            "pages": {"totalItems": 0, "selfLink": self.api("/pages")},
            "locale": {"language": "en", "country": "", "variant": ""},
        }

    def post(self, one: Post, replies: int, *, body: bool, state: bool) -> dict[str, Any]:
        """A post. ``state``: for those who may know in which it is."""
        here = self.api(f"/posts/{one.id}")
        shown: dict[str, Any] = {
            "kind": "blogger#post",
            "id": one.id,
            "blog": {"id": self.id},
            "published": written(one.published),
            "updated": written(one.updated),
            "selfLink": here,
            "title": one.title,
            "author": {
                "id": self.author,
                "displayName": "relay",
                "url": f"https://www.blogger.com/profile/{self.author}",
                "image": {"url": "//www.blogger.com/img/b36-rounded.png"},
            },
            "replies": {"totalItems": str(replies), "selfLink": f"{here}/comments"},
            "readerComments": one.comments,
            "etag": f'"{one.id}-{one.updated}"',
        }
        shown |= {"url": one.url} if one.url else {}
        shown |= {"labels": sorted(one.labels)} if one.labels else {}
        shown |= {"content": one.content} if body else {}
        return shown | ({"status": one.status} if state else {})

    def comment(self, one: Comment, *, body: bool) -> dict[str, Any]:
        """A comment."""
        shown: dict[str, Any] = {
            "kind": "blogger#comment",
            "id": one.id,
            "post": {"id": one.post},
            "blog": {"id": self.id},
            "published": written(one.created),
            "updated": written(one.created),
            "selfLink": self.api(f"/posts/{one.post}/comments/{one.id}"),
            "author": {"id": "g1", "displayName": one.by, "url": "", "image": {"url": ""}},
            "status": one.status,
        }
        shown |= {"inReplyTo": {"id": one.parent}} if one.parent else {}
        return shown | ({"content": one.text} if body else {})


def written(at: Instant) -> str:
    """A time as the API writes it: in the blog's zone."""
    return datetime.fromtimestamp(at, ZONE).isoformat()


def read(text: str) -> Instant:
    """A time that was written. Raises Refused."""
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        raise Refused(400, "badRequest", "Invalid date.") from None


def media(content: str) -> tuple[Medium, ...]:
    """The pictures of a post: inside its HTML, or somewhere else."""
    return tuple(_medium(address, alt) for address, alt in files(content, links=False))


def _medium(address: str, alt: str) -> Medium:
    found = re.fullmatch(r"data:([\w.+/-]+)(;base64)?,(.*)", address, re.DOTALL)
    if found is None:
        return Medium(alt, "", b"", address)
    content = unquote_to_bytes(found[3])
    if found[2]:
        try:
            content = base64.b64decode(content, validate=True)
        except ValueError:
            content = b""
    return Medium(alt, found[1], content, "")


def address(title: str, taken: set[str], blog: Blog, at: Instant) -> str:
    """Where a post stands for good, from its title and the month in which it went live."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    name, n = "-".join(words)[:39].strip("-") or "blog-post", 0
    month = datetime.fromtimestamp(at, ZONE).strftime("%Y/%m")
    while (url := f"{blog.url}{month}/{name}{f'_{n}' if n else ''}.html") in taken:
        n += 1
    return url
