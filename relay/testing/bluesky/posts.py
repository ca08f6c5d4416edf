"""What a reader sees of a record: its text, its media, what is marked in it, where it hangs.

A reader's program shows a facet only where its bytes are characters of the text and none before it
covers them, and shows a reply in its thread only where the thread is what the reply says
(atproto.com guides, and ``packages/bsky`` of the reference code).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from relay.model import Instant
from relay.testing.bluesky.blobs import Blob
from relay.testing.bluesky.lexicon import BOTH, IMAGES, VIDEO
from relay.testing.bluesky.repo import Kept


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """A picture or a film, as it was uploaded."""

    type: str
    content: bytes
    alt: str


@dataclass(frozen=True, slots=True, repr=False)
class Mark:
    """A part of a text that leads somewhere: ``to`` is an address, an account or a tag."""

    kind: Literal["link", "mention", "tag"]
    shown: str
    to: str


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """One post. ``id``, ``parent`` and ``root`` are AT URIs. ``threaded``: it is no reply, or what
    it says about its thread is true. ``record`` is all that it says; ``changed``: when it was last
    written over, which many readers' programs do not show."""

    id: str
    cid: str
    text: str
    media: tuple[Medium, ...]
    marks: tuple[Mark, ...]
    parent: str | None
    root: str | None
    threaded: bool
    record: Mapping[str, Any]
    made: Instant
    changed: Instant | None

    @property
    def rkey(self) -> str:
        """Its record key."""
        return self.id.rsplit("/", 1)[1]


def seen(one: Kept, all: Mapping[str, Kept], blob: Callable[[str], Blob | None]) -> Post:
    """A record of a post as a reader sees it among ``all`` others."""
    reply = one.value.get("reply", {})
    return Post(
        id=one.uri,
        cid=one.cid,
        text=one.value["text"],
        media=_media(one.value.get("embed", {}), blob),
        marks=_marks(one.value["text"].encode(), one.value.get("facets", [])),
        parent=reply.get("parent", {}).get("uri"),
        root=reply.get("root", {}).get("uri"),
        threaded=_threaded(reply, all),
        record=one.value,
        made=one.made,
        changed=one.changed,
    )


def _media(embed: Mapping[str, Any], blob: Callable[[str], Blob | None]) -> tuple[Medium, ...]:
    if embed.get("$type") == BOTH:
        embed = embed["media"]
    shown = []
    if embed.get("$type") == IMAGES:
        shown = [(one["image"], one["alt"]) for one in embed["images"]]
    elif embed.get("$type") == VIDEO:
        shown = [(embed["video"], embed.get("alt", ""))]
    found = [(blob(ref["ref"]["$link"]), alt) for ref, alt in shown]
    return tuple(Medium(one.mime, one.content, alt) for one, alt in found if one)


def _marks(text: bytes, facets: list[dict[str, Any]]) -> tuple[Mark, ...]:
    made, upto = [], 0
    for facet in sorted(facets, key=lambda one: one["index"]["byteStart"]):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        if not upto <= start < end <= len(text):
            continue
        try:
            shown = text[start:end].decode()
        except UnicodeDecodeError:
            continue
        upto = end
        for feature in facet["features"]:
            kind = feature["$type"].partition("#")[2]
            to = {"link": "uri", "mention": "did", "tag": "tag"}[kind]
            made.append(Mark(kind, shown, feature[to]))
    return tuple(made)


def _threaded(reply: Mapping[str, Any], all: Mapping[str, Kept]) -> bool:
    if not reply:
        return True
    parent, root = all.get(reply["parent"]["uri"]), all.get(reply["root"]["uri"])
    if parent is None or root is None:
        return False
    begins = parent.value.get("reply", {}).get("root", {}).get("uri", parent.uri)
    cids = (reply["parent"]["cid"], reply["root"]["cid"])
    return (parent.cid, root.cid) == cids and root.uri == begins
