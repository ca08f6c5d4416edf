"""What a record needs and only servers know: the posts it answers, accounts, uploaded media.

All of it is kept with the attempt before the record is put, so that a repeat puts the same bytes
even if somebody has changed the post before, or a handle, in between.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bridges import kit
from bridges.atproto import answers
from bridges.atproto.api import Api
from bridges.atproto.drafts import Draft
from bridges.atproto.keys import is_did, place_of
from relay.ports import Answer, Instant, Keep, Later, Media, Outcome, Refused, Stopped

PARENT_GONE = "the part before it is gone from the server"


@dataclass(frozen=True, slots=True, repr=False)
class Ready:
    """``blobs`` as the server gave them, in the order of the media, as far as they are there;
    ``names``: accounts by handle, "" for one that leads to nobody; ``reply``: the field of that
    name, None for a post that answers nothing."""

    blobs: tuple[Mapping[str, Any], ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    reply: Mapping[str, Any] | None = None

    def written(self) -> bytes:
        """For ``keep``: under 3.5 KiB, with four pictures, ten names and a reply."""
        return json.dumps([self.blobs, self.names, self.reply], separators=(",", ":")).encode()


def kept(written: bytes) -> Ready:
    """What an earlier try kept; nothing, if it is empty. Raises ValueError for anything else."""
    if not written:
        return Ready()
    blobs, names, reply = json.loads(written)
    return Ready(tuple(blobs), dict(names), reply)


class Readying:
    """Makes one part ready; ``keep`` is given what is there so far."""

    def __init__(self, api: Api, keep: Keep, now: Instant) -> None:
        self._api = api
        self._keep = keep
        self._now = now

    async def made(self, draft: Draft, after: str | None, so_far: Ready) -> Ready | Outcome:
        """All that the draft needs; or why not now, or never. Media go last: what no record names
        is swept after some minutes."""
        ready = so_far
        if after is not None and ready.reply is None:
            reply = await self._reply(after)
            if not isinstance(reply, dict):
                return reply
            ready = replace(ready, reply=reply)
        for handle in {mark.to: None for mark in draft.marks if mark.kind == "name"}:
            if handle not in ready.names:
                did = await self._name(handle)
                if not isinstance(did, str):
                    return did
                ready = replace(ready, names={**ready.names, handle: did})
        if ready != so_far:
            await self._keep(ready.written())
        return await self._uploaded(draft, ready)

    async def _uploaded(self, draft: Draft, ready: Ready) -> Ready | Outcome:
        while len(ready.blobs) < len(draft.media):
            blob = await self._blob(draft.media[len(ready.blobs)])
            if not isinstance(blob, dict):
                return blob
            ready = replace(ready, blobs=(*ready.blobs, blob))
            await self._keep(ready.written())
        return ready

    async def _reply(self, after: str) -> dict[str, Any] | Later | Refused | Stopped:
        """The part before, and the post that began the thread: what that one names as its root."""
        place = place_of(after)
        if place is None:
            return Refused("the part before it has no address there")
        answer = await self._api.record(place)
        if isinstance(answer, Answer) and answers.is_absent(answer):
            return Refused(PARENT_GONE)
        said = kit.json_object(answer) if isinstance(answer, Answer) else None
        if said is None or not kit.is_ref(said.get("cid")):
            return answers.harmless(answer, self._now)
        parent = {"uri": after, "cid": said["cid"]}
        return {"root": _root(said.get("value")) or parent, "parent": parent}

    async def _name(self, handle: str) -> str | Later | Stopped:
        answer = await self._api.resolved(handle)
        if isinstance(answer, Answer) and answer.status < 500 and answer.status != 429:
            did = (kit.json_object(answer) or {}).get("did")
            return str(did) if answer.status == 200 and is_did(did) else ""
        outcome = answers.harmless(answer, self._now)
        return "" if isinstance(outcome, Refused) else outcome

    async def _blob(self, medium: Media) -> dict[str, Any] | Later | Refused | Stopped:
        answer = await self._api.upload(medium.type, medium.content)
        said = kit.json_object(answer) if isinstance(answer, Answer) else None
        if isinstance(answer, Answer) and answer.status == 200 and said is not None:
            blob = _as_blob(said.get("blob"))
            if blob is not None:
                return blob
        return answers.harmless(answer, self._now)


def _root(value: Any) -> dict[str, str] | None:
    reply = value.get("reply") if isinstance(value, Mapping) else None
    root = reply.get("root") if isinstance(reply, Mapping) else None
    if not isinstance(root, Mapping) or not kit.is_ref(root.get("cid")):
        return None
    return {"uri": root["uri"], "cid": root["cid"]} if place_of(root.get("uri")) else None


def _as_blob(said: Any) -> dict[str, Any] | None:
    """A blob as a record names it (atproto.com/specs/data-model), with nothing beside."""
    if not isinstance(said, Mapping) or not isinstance(said.get("ref"), Mapping):
        return None
    link, kind, size = said["ref"].get("$link"), said.get("mimeType"), said.get("size")
    plain = isinstance(kind, str) and len(kind) <= 100 and type(size) is int
    if not plain or not kit.is_ref(link):
        return None
    return {"$type": "blob", "ref": {"$link": link}, "mimeType": kind, "size": size}
