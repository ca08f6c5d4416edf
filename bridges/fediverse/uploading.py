"""Brings the media of one part to the server before the post, and remembers them across tries.

What is uploaded and not attached is invisible and swept by the server after a day or so; so media
go up late, and their ids are kept with the attempt: a repeat of the post names the same ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from bridges import kit
from bridges.fediverse.answers import NOT_READY_S, Asked, harmless
from bridges.fediverse.api import UPLOAD_S, Api
from bridges.fediverse.media import TOO_LARGE
from bridges.kit.forms import multipart
from relay.ports import Answer, Keep, Later, Media, Outcome, Refused, Unsure


@dataclass(frozen=True, slots=True)
class Uploaded:
    """``ids`` in the order of the media, as far as they are there; the first ``ready`` of them are
    processed. ``tried``: a post that names them may have reached the server."""

    ids: tuple[str, ...] = ()
    ready: int = 0
    tried: bool = False

    def about_to_post(self) -> Uploaded:
        """The same, from the moment on at which a post that names them may leave."""
        return replace(self, tried=True)

    def written(self) -> bytes:
        """For ``keep``: under 1.5 KiB for 16 media."""
        return json.dumps([self.ids, self.ready, self.tried]).encode()


def kept(written: bytes) -> Uploaded:
    """What an earlier try kept; nothing, if it is empty. Raises ValueError for anything else."""
    if not written:
        return Uploaded()
    ids, ready, tried = json.loads(written)
    return Uploaded(tuple(ids), int(ready), bool(tried))


async def uploaded(
    api: Api, media: tuple[Media, ...], so_far: Uploaded, asked: Asked, keep: Keep, boundary: str
) -> Uploaded | Outcome:
    """All of them there and ready, and kept; or why not now, or never."""
    state = so_far
    while len(state.ids) < len(media):
        medium = media[len(state.ids)]
        made = await _upload(api, medium, asked, f"{boundary}x{len(state.ids)}")
        if not isinstance(made, tuple):
            return made
        id, ready = made
        whole = ready and state.ready == len(state.ids)
        state = replace(state, ids=(*state.ids, id), ready=state.ready + whole)
        await keep(state.written())
    while state.ready < len(media):
        waits = await _processed(api, state, asked)
        if waits is not None:
            return await _given_up(waits, state, keep)
        state = replace(state, ready=state.ready + 1)
    return state


async def _upload(
    api: Api, medium: Media, asked: Asked, boundary: str
) -> tuple[str, bool] | Outcome:
    fields = [("description", medium.alt)] if medium.alt else []
    form = multipart(fields, [("file", medium)], boundary)
    answer = await api.ask("POST", "/api/v2/media", form=form, timeout_s=UPLOAD_S)
    if isinstance(answer, Answer) and answer.status in (200, 202):
        id = (kit.json_object(answer) or {}).get("id")
        if isinstance(id, str) and kit.is_ref(id):
            return id, answer.status == 200
    if isinstance(answer, Answer) and answer.status == 413:
        return Refused(TOO_LARGE)
    if isinstance(answer, Answer) and answer.status in (400, 415, 422):
        return Refused("the server cannot use a medium")
    return harmless(answer, asked)


async def _processed(api: Api, state: Uploaded, asked: Asked) -> Outcome | None:
    """None if the next medium is ready."""
    answer = await api.ask("GET", f"/api/v1/media/{state.ids[state.ready]}")
    if not isinstance(answer, Answer):
        return harmless(answer, asked)
    if answer.status == 200 and kit.json_object(answer) is not None:
        return None
    if answer.status in (202, 206):
        return Later("a medium is not ready yet", asked.now + NOT_READY_S)
    if answer.status == 422:
        return Refused("the server cannot use a medium")
    if answer.status in (404, 410):
        # It belongs to a post by now, or was swept because it waited too long for one.
        return Unsure("its media are attached already, or gone")
    return harmless(answer, asked)


async def _given_up(waits: Outcome, state: Uploaded, keep: Keep) -> Outcome:
    """Media that are gone before any post named them are simply uploaded again next time."""
    if isinstance(waits, Unsure) and not state.tried:
        await keep(b"")
        return Later("its media were gone, and are uploaded again")
    return waits
