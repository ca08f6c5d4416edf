"""JSON Feed 1.1 (jsonfeed.org) and Atom (RFC 4287): every text exactly, with what was signed.

The feed itself carries the signed list of what was withdrawn, where anything was, so that whoever
keeps copies of items learns which to take down.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from bridges.page.item import Item
from bridges.page.media import Medium
from bridges.page.site import Site
from bridges.page.templates import template
from bridges.page.withdrawn import Withdrawn


def json_feed(
    site: Site, items: Iterable[Item], name: str, following: str, gone: Withdrawn | None = None
) -> bytes:
    """The feed of that name; ``following`` is the name of the next one, empty for none."""
    made: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.title,
        "home_page_url": site.at(""),
        "feed_url": site.at(f"{name}.json"),
    }
    if not site.url:
        del made["home_page_url"], made["feed_url"]
    if site.language:
        made["language"] = site.language
    if following:
        made["next_url"] = site.at(f"{following}.json")
    if gone is not None and gone.names:
        made["_outword"] = {"withdrawn": {"signed": gone.signed, "sig": gone.sig}}
    made["items"] = [_item(site, item) for item in items]
    return json.dumps(made, ensure_ascii=False, indent=1).encode() + b"\n"


def _item(site: Site, item: Item) -> dict[str, Any]:
    made: dict[str, Any] = {"id": item.id, "url": site.at(item.path)}
    if item.titled:
        made["title"] = item.title
    made |= {"content_text": item.text, "date_published": item.date}
    if item.revision > 1:
        made["date_modified"] = item.updated
    if item.language:
        made["language"] = item.language
    if item.media:
        made["attachments"] = [_attachment(site, one) for one in item.media]
    return made | {"_outword": {"signed": item.signed, "sig": item.sig}}


def _attachment(site: Site, one: Medium) -> dict[str, Any]:
    made: dict[str, Any] = {"url": site.at(f"media/{one.file}"), "mime_type": one.type}
    if one.title:
        made["title"] = one.title
    made["size_in_bytes"] = one.size
    return made | ({"duration_in_seconds": one.seconds} if one.seconds else {})


def atom_feed(
    site: Site,
    items: Sequence[Item],
    name: str,
    older: int,
    feed: str,
    gone: Withdrawn | None = None,
) -> bytes:
    """The feed of that name, whose id is ``feed``; ``older`` is the number of the archive page
    that goes before it, 0 for none."""
    updated = max((item.updated for item in items), default="1970-01-01T00:00:00Z")
    made = template("feed.xml").render(
        look=site, items=items, name=name, older=older, feed=feed, updated=updated, gone=gone
    )
    return made.encode()
