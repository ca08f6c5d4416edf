"""The published lexicons of records as tables: what a post may hold.

Checked field by field against the lexicons of the reference code of 20 August 2026:
app.bsky.feed.post and threadgate, app.bsky.richtext.facet, app.bsky.embed, com.atproto.label. A
lexicon is open: a server keeps names that it does not know. Here they are refused, for nobody who
reads a post would see what they say. So are two things that the lexicon has and a bridge has no
business with: ``entities`` (deprecated) and ``app.bsky.embed.gallery`` (few readers show it yet).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from relay.testing.bluesky import formats
from relay.testing.bluesky.formats import form
from relay.testing.shapes import (
    Every,
    Listed,
    Record,
    Shape,
    Tagged,
    Text,
    Whole,
    graphemes,
    utf8,
)

POST: Final = "app.bsky.feed.post"
GATE: Final = "app.bsky.feed.threadgate"
IMAGES: Final = "app.bsky.embed.images"
VIDEO: Final = "app.bsky.embed.video"
EXTERNAL: Final = "app.bsky.embed.external"
QUOTE: Final = "app.bsky.embed.record"
BOTH: Final = "app.bsky.embed.recordWithMedia"
FACET: Final = "app.bsky.richtext.facet"
SELF_LABEL: Final = "com.atproto.label.defs#selfLabel"

Table = Mapping[str, Shape]


def thing(id: str, need: Table, may: Table | None = None) -> Record:
    """An object of a lexicon; it may say what it is."""
    return Record(need, {"$type": Text(among=[id]), **(may or {})})


def union(base: str, things: Mapping[str, Table]) -> Tagged:
    """One of several small objects of a lexicon, which has to say what it is."""
    ids = {f"{base}#{name}": need for name, need in things.items()}
    return Tagged("$type", {id: thing(id, need) for id, need in ids.items()})


def blob(most_bytes: int, mime: str) -> Record:
    """A reference to an uploaded file of at most so many bytes and such a type."""
    return Record(
        {
            "$type": Text(among=["blob"]),
            "ref": Record({"$link": form(formats.CID)}),
            "mimeType": form(mime),
            "size": Whole(0, most_bytes),
        }
    )


DATE: Final = form(formats.DATETIME, 64)
AT_URI: Final = form(formats.AT_URI)
URI: Final = form(formats.URI)
LANGUAGE: Final = form(formats.LANGUAGE)
TAG: Final = Every(Text(most=64, length=graphemes), Text(most=640, length=utf8))
REF: Final = thing("com.atproto.repo.strongRef", {"uri": AT_URI, "cid": form(formats.CID)})

SLICE: Final = thing(f"{FACET}#byteSlice", {"byteStart": Whole(0), "byteEnd": Whole(0)})
FEATURE: Final = union(
    FACET, {"link": {"uri": URI}, "mention": {"did": form(formats.DID, 2048)}, "tag": {"tag": TAG}}
)

RATIO: Final = thing("app.bsky.embed.defs#aspectRatio", {"width": Whole(1), "height": Whole(1)})
IMAGE: Final = thing(
    f"{IMAGES}#image",
    {"image": blob(2_000_000, "image/.+"), "alt": Text()},
    {"aspectRatio": RATIO},
)
CAPTION: Final = thing(f"{VIDEO}#caption", {"lang": LANGUAGE, "file": blob(20_000, "text/vtt")})
CARD: Final = thing(
    f"{EXTERNAL}#external",
    {"uri": URI, "title": Text(), "description": Text()},
    {"thumb": blob(1_000_000, "image/.+"), "associatedRefs": Listed(REF)},
)
MEDIA: Final[Table] = {
    IMAGES: thing(IMAGES, {"images": Listed(IMAGE, most=4)}),
    VIDEO: thing(
        VIDEO,
        {"video": blob(300_000_000, "video/mp4")},
        {
            "captions": Listed(CAPTION, most=20),
            "alt": Text(),
            "aspectRatio": RATIO,
            "presentation": Text(among=["default", "gif"]),
        },
    ),
    EXTERNAL: thing(EXTERNAL, {"external": CARD}),
}
QUOTED: Final = thing(QUOTE, {"record": REF})
EMBEDS: Final[Table] = {
    **MEDIA,
    QUOTE: QUOTED,
    BOTH: thing(BOTH, {"record": QUOTED, "media": Tagged("$type", MEDIA)}),
}
LABEL: Final = thing(SELF_LABEL, {"val": Text(most=128, length=utf8)})

RECORDS: Final[Mapping[str, Record]] = {
    POST: Record(
        {
            "$type": Text(among=[POST]),
            "text": Every(Text(most=300, length=graphemes), Text(most=3000, length=utf8)),
            "createdAt": DATE,
        },
        {
            "facets": Listed(thing(FACET, {"index": SLICE, "features": Listed(FEATURE)})),
            "reply": thing(f"{POST}#replyRef", {"root": REF, "parent": REF}),
            "embed": Tagged("$type", EMBEDS),
            "langs": Listed(LANGUAGE, most=3),
            "labels": union(
                "com.atproto.label.defs", {"selfLabels": {"values": Listed(LABEL, most=10)}}
            ),
            "tags": Listed(TAG, most=8),
        },
    ),
    GATE: Record(
        {"$type": Text(among=[GATE]), "post": AT_URI, "createdAt": DATE},
        {
            "allow": Listed(
                union(
                    GATE,
                    {
                        "mentionRule": {},
                        "followerRule": {},
                        "followingRule": {},
                        "listRule": {"list": AT_URI},
                    },
                ),
                most=5,
            ),
            "hiddenReplies": Listed(AT_URI, most=300),
        },
    ),
}
"""The records whose lexicon is known. The key of each is a TID."""
