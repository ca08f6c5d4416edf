"""The record of a post, as it is put: the same draft with the same things ready, the same bytes.

Fields: app.bsky.feed.post and what it refers to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridges import kit
from bridges.atproto.drafts import Draft
from bridges.atproto.facets import Mark
from bridges.atproto.keys import COLLECTION, Place
from bridges.atproto.media import VIDEO
from bridges.atproto.ready import Ready
from bridges.kit.sizes import size_of
from relay.ports import Answer, Instant, Media, Posted


def put_of(place: Place, record: Mapping[str, Any], over: str = "") -> dict[str, Any]:
    """The JSON of com.atproto.repo.putRecord; ``over``: only in place of the record with this
    CID."""
    said = {
        "repo": place.did,
        "collection": COLLECTION,
        "rkey": place.key,
        "validate": True,
        "record": record,
    }
    return said | ({"swapRecord": over} if over else {})


def record_of(draft: Draft, ready: Ready) -> dict[str, Any]:
    """The record. What is not set is left out."""
    said: dict[str, Any] = {"$type": COLLECTION, "text": draft.text, "createdAt": draft.created}
    if draft.language:
        said["langs"] = [draft.language]
    facets = [made for mark in draft.marks if (made := _facet(mark, ready.names))]
    if facets:
        said["facets"] = facets
    if ready.reply:
        said["reply"] = ready.reply
    if draft.media:
        said["embed"] = _embed(draft.media, ready.blobs)
    if draft.sensitive:
        values = [{"val": "graphic-media"}]
        said["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    return said


def _facet(mark: Mark, names: Mapping[str, str]) -> dict[str, Any] | None:
    """None for a name that leads to nobody: it stays words."""
    feature: dict[str, Any] = {"$type": "app.bsky.richtext.facet#link", "uri": mark.to}
    if mark.kind == "tag":
        feature = {"$type": "app.bsky.richtext.facet#tag", "tag": mark.to}
    elif mark.kind == "name":
        if not names.get(mark.to):
            return None
        feature = {"$type": "app.bsky.richtext.facet#mention", "did": names[mark.to]}
    return {"index": {"byteStart": mark.start, "byteEnd": mark.end}, "features": [feature]}


def _embed(media: Sequence[Media], blobs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if media[0].type == VIDEO:
        film: dict[str, Any] = {"$type": "app.bsky.embed.video", "video": blobs[0]}
        alt = {"alt": media[0].alt} if media[0].alt else {}
        return film | alt | _shape(media[0])
    images = [_image(medium, blob) for medium, blob in zip(media, blobs, strict=True)]
    return {"$type": "app.bsky.embed.images", "images": images}


def _image(medium: Media, blob: Mapping[str, Any]) -> dict[str, Any]:
    return {"alt": medium.alt, "image": blob} | _shape(medium)


def _shape(medium: Media) -> dict[str, Any]:
    """For which a reader keeps room: its measures, or those that a picture tells of itself."""
    size = (medium.width, medium.height) if medium.width and medium.height else None
    size = size or size_of(medium.content)
    return {"aspectRatio": {"width": size[0], "height": size[1]}} if size else {}


def accepted(answer: Answer, place: Place, web: str, now: Instant) -> Posted | None:
    """The yes to a put: JSON, and the very address that the record was to have."""
    said = kit.json_object(answer) if answer.status == 200 else None
    if said is None or said.get("uri") != str(place) or not kit.is_ref(said.get("cid")):
        return None
    return Posted(str(place), shown_at(place, web), rest=kit.used_up(answer.headers, now))


def shown_at(place: Place, web: str) -> str:
    """Where people see it with a browser."""
    return f"{web}/profile/{place.did}/post/{place.key}"
