"""The arguments of wp/v2 as tables, and what a request says in their types.

Checked against the reference pages posts, media, comments and users of the REST API handbook
(github.com/WP-API/docs, June 2025) and ``WP_REST_Posts_Controller`` of WordPress 7. WordPress
ignores arguments that it does not know; here they are refused, in the words it has for a property
that an object may not have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.message import Message
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from relay.testing.loopback import Request
from relay.testing.shapes import (
    Either,
    Flag,
    Listed,
    Record,
    Shape,
    Text,
    Whole,
    maybe,
    typed,
)
from relay.testing.wordpress.forms import read_form
from relay.testing.wordpress.says import No

STATUSES: Final = ("publish", "future", "draft", "pending", "private")
LISTABLE: Final = (*STATUSES, "trash", "auto-draft", "inherit", "any")
FORMATS: Final = (
    ("standard", "aside", "chat", "gallery", "link", "image", "quote", "status", "video", "audio")
)  # fmt: skip
ORDERS: Final = (
    ("author", "date", "id", "include", "modified", "parent", "relevance", "slug", "title")
)  # fmt: skip
ID: Final = Whole(least=1)
IDS: Final = Listed(Whole())
DATE: Final = Text(form=r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
OPEN: Final = Text(among=("open", "closed"))
RICH: Final = Either(Text(), Record(may={"raw": Text(), "rendered": Text()}))
"""A text is written as it is, or as the object in which it is read."""

EVERYWHERE: Final[dict[str, Shape]] = {
    "_fields": Listed(Text()),
    "_embed": Text(),
    "context": Text(among=("view", "embed", "edit")),
}
PAGES: Final[dict[str, Shape]] = EVERYWHERE | {
    "page": ID,
    "per_page": Whole(least=1, most=100),
    "offset": Whole(),
    "search": Text(),
    "after": DATE,
    "before": DATE,
    "order": Text(among=("asc", "desc")),
    "include": IDS,
    "exclude": IDS,
    "author": IDS,
    "author_exclude": IDS,
}
_ENTRIES: Final[dict[str, Shape]] = PAGES | {
    "modified_after": DATE,
    "modified_before": DATE,
    "orderby": Text(among=ORDERS),
    "slug": Listed(Text()),
    "search_columns": Listed(Text(among=("post_title", "post_content", "post_excerpt"))),
    "status": Listed(Text(among=LISTABLE)),
}
LIST_POSTS: Final = Record(
    may=_ENTRIES
    | {
        "tax_relation": Text(among=("AND", "OR")),
        "categories": IDS,
        "categories_exclude": IDS,
        "tags": IDS,
        "tags_exclude": IDS,
        "sticky": Flag(),
    }
)
LIST_MEDIA: Final = Record(
    may=_ENTRIES
    | {
        "parent": IDS,
        "parent_exclude": IDS,
        "media_type": Text(among=("image", "video", "text", "application", "audio")),
        "mime_type": Text(),
    }
)
LIST_COMMENTS: Final = Record(
    may=PAGES
    | {
        "author_email": Text(),
        "orderby": Text(among=("date", "date_gmt", "id", "include", "post", "parent", "type")),
        "parent": IDS,
        "parent_exclude": IDS,
        "post": IDS,
        "status": Text(),
        "type": Text(),
        "password": Text(),
    }
)
_WRITTEN: Final[dict[str, Shape]] = EVERYWHERE | {
    "id": ID,
    "date": maybe(DATE),
    "date_gmt": maybe(DATE),
    "slug": Text(),
    "status": Text(among=STATUSES),
    "title": RICH,
    "author": ID,
    "comment_status": OPEN,
    "ping_status": OPEN,
    "meta": Record(more=Either(Text(), Whole(), Flag(), Listed(Text()), Record())),
    "template": Text(),
}
WRITE_POST: Final = Record(
    may=_WRITTEN
    | {
        "password": Text(),
        "content": RICH,
        "excerpt": RICH,
        "featured_media": Whole(least=0),
        "format": Text(among=FORMATS),
        "sticky": Flag(),
        "categories": IDS,
        "tags": IDS,
    }
)
WRITE_MEDIUM: Final = Record(
    may=_WRITTEN | {"alt_text": Text(), "caption": RICH, "description": RICH, "post": Whole()}
)
READ: Final = Record(may=EVERYWHERE | {"password": Text()})
DELETE: Final = Record(may=EVERYWHERE | {"force": Flag()})


def query(request: Request) -> list[tuple[str, str]]:
    """What stands behind the question mark, without the route that may be there."""
    pairs = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
    return [(name, value) for name, value in pairs if name != "rest_route"]


def read(request: Request, table: Record, *, body: bool = False) -> dict[str, Any]:
    """The arguments of a request: of its query and, with ``body``, of its JSON or form. Raises
    No."""
    said = _typed(query(request), table)
    kind = content_type(request)
    if body and kind == "application/json":
        said |= _json(request.body)
    elif body and kind == "application/x-www-form-urlencoded":
        said |= _typed(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True), table)
    elif body and kind == "multipart/form-data":
        said |= _typed(read_form(request)[0], table)
    elif body and request.body:
        raise No(400, "rest_invalid_json", "Invalid JSON body passed.")
    flaws = list(table.flaws(said))
    if flaws:
        raise No.of(flaws)
    return said


def content_type(request: Request) -> str:
    """The media type of a body, in lower case, without its parameters."""
    header = Message()
    header["Content-Type"] = request.headers.get("content-type", "")
    return header.get_content_type() if request.headers.get("content-type") else ""


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise No(400, "rest_invalid_json", "Invalid JSON body passed.")
    return said


def _typed(pairs: list[tuple[str, str]], table: Record) -> dict[str, Any]:
    return typed(_split(pairs, table), table)


def _split(pairs: list[tuple[str, str]], table: Record) -> Iterator[tuple[str, str]]:
    """A list is written ``name[]=a&name[]=b`` or ``name=a,b``; yes and no also as 1 and 0."""
    for written, value in pairs:
        name = re.sub(r"\[\d*\]$", "", written)
        shape = table.may.get(name)
        if isinstance(shape, Listed):
            yield from ((name, one.strip()) for one in value.split(",") if one.strip())
        elif isinstance(shape, Flag):
            yield name, {"1": "true", "0": "false"}.get(value, value)
        else:
            yield written, value
