"""What stands on a site: posts, media, comments, and the names that posts are given.

``unique`` is ``wp_unique_post_slug`` (wp-includes/post.php): a name that is taken gets ``-2``, then
``-3``. The REST API asks for it as if the post were published, so a draft keeps its name to itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from relay.model import Instant

Status = Literal["publish", "future", "draft", "pending", "private", "trash"]

FEEDS: Final = frozenset({"feed", "rdf", "rss", "rss2", "atom", "embed"})
"""Names that a post cannot have, since addresses end in them."""

MAX_SLUG: Final = 200
"""Bytes of a name, as the database column holds them."""


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """One file of the media library. ``name``: of the file. ``alt``: for those who cannot see."""

    id: str
    type: str
    content: bytes
    name: str
    slug: str
    title: str
    alt: str = ""
    caption: str = ""
    description: str = ""
    post: int = 0
    created: Instant = 0


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """One post. ``content``, ``excerpt`` and ``title`` as they were written, which is HTML;
    ``text`` is the plain text of the content.

    ``published`` is None for a draft that was given no date. ``featured``: the id of a medium.
    ``media``: those that a reader sees, with the ``alt`` that the page has for them.
    """

    id: str
    title: str
    content: str
    text: str = ""
    excerpt: str = ""
    slug: str = ""
    status: Status = "draft"
    created: Instant = 0
    changed: Instant = 0
    published: Instant | None = None
    featured: int = 0
    categories: tuple[int, ...] = (1,)
    tags: tuple[int, ...] = ()
    comments: str = "open"
    pings: str = "closed"
    sticky: bool = False
    format: str = "standard"
    password: str = ""
    template: str = ""
    media: tuple[Medium, ...] = ()
    parent: None = None

    @property
    def date(self) -> Instant:
        """The date by which it is listed."""
        return self.created if self.published is None else self.published


@dataclass(frozen=True, slots=True, repr=False)
class Comment:
    """What somebody wrote under a post. ``held``: until a moderator lets it through."""

    id: str
    post: str
    text: str
    by: str
    created: Instant
    parent: str | None = None
    held: bool = False


def slug(text: str) -> str:
    """``sanitize_title``: lower case, words joined by ``-``, other scripts percent-encoded."""
    bare = re.sub(r"<[^>]*>|&[^;\s]+;", "", text).lower()
    bare = unicodedata.normalize("NFC", bare)
    made = re.sub(r"[^\w\s-]", "", bare)
    made = re.sub(r"[\s-]+", "-", made).strip("-")
    encoded = quote(made, safe="").lower()
    return re.sub(r"%[0-9a-f]?$", "", encoded[:MAX_SLUG]).strip("-")


def unique(wanted: str, taken: Collection[str]) -> str:
    """The name a post gets when it wants this one."""
    if wanted not in taken and wanted not in FEEDS:
        return wanted
    n = 2
    while f"{wanted[: MAX_SLUG - len(str(n)) - 1]}-{n}" in taken:
        n += 1
    return f"{wanted[: MAX_SLUG - len(str(n)) - 1]}-{n}"
