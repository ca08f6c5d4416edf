"""Brings the media of one part to X before the post, and remembers them across tries.

A picture goes in one request, a GIF or a film in segments that may each be repeated, after which X
works on it; then it is described. What is uploaded and not posted nobody sees, and X forgets it
after a day or more. Calls: OpenAPI 2.167, ``/2/media``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Final

from bridges.kit.forms import multipart
from bridges.twitter import answers
from bridges.twitter.api import UPLOAD_S, Api
from bridges.twitter.media import KINDS
from bridges.twitter.publishing import data, made_id
from relay.ports import Answer, Keep, Later, Media, Refused, Stopped, Unsure

SEGMENT: Final = 4 * 1024 * 1024
NOT_READY_S: Final = 5
"""Seconds that a medium in the making is given where X does not say."""

UNUSABLE: Final = "X cannot use a medium"
GONE: Final = "its media were gone, and are uploaded again"

NotNow = Later | Refused | Stopped


@dataclass(frozen=True, slots=True)
class Uploaded:
    """``ids`` and ``keys`` in the order of the media, as far as they are begun; the first ``done``
    are there, worked on and described. Of the next one ``sent`` segments are there, and all of it
    if it is ``whole``. ``tried``: a post that names them may have reached X."""

    ids: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    done: int = 0
    sent: int = 0
    whole: bool = False
    tried: bool = False

    def written(self) -> bytes:
        """For ``keep``: some hundred bytes."""
        return json.dumps(asdict(self)).encode()


def kept(written: bytes) -> Uploaded:
    """What an earlier try kept; nothing, if it is empty. Raises ValueError for anything else."""
    if not written:
        return Uploaded()
    made = Uploaded(**json.loads(written))
    return replace(made, ids=tuple(made.ids), keys=tuple(made.keys))


class Uploading:
    """The media of one part on their way. ``boundary`` is a word for the forms' borders."""

    def __init__(self, api: Api, media: tuple[Media, ...], keep: Keep, boundary: str) -> None:
        self._api = api
        self._media = media
        self._keep = keep
        self._boundary = boundary

    async def bring(self, so_far: Uploaded) -> Uploaded | NotNow:
        """All of them there, described and kept; or why not now, or never."""
        state = so_far
        while state.done < len(self._media):
            stepped = await self._step(state)
            if not isinstance(stepped, Uploaded):
                return stepped
            state = stepped
            await self._keep(state.written())
        return state

    async def _step(self, state: Uploaded) -> Uploaded | NotNow:
        """The next request for the next medium, and what is there after it."""
        medium = self._media[state.done]
        if len(state.ids) == state.done:
            whole = KINDS[medium.type].whole
            return await (self._at_once(state, medium) if whole else self._begin(state, medium))
        if state.sent * SEGMENT < len(medium.content) and not state.whole:
            return await self._segment(state, medium)
        if not state.whole:
            return await self._finish(state)
        return await self._described(state, medium)

    async def _at_once(self, state: Uploaded, medium: Media) -> Uploaded | NotNow:
        fields = [("media_category", KINDS[medium.type].category)]
        form = multipart(fields, [("media", medium)], self._boundary)
        answer = await self._api.ask("POST", "/2/media/upload", form=form, timeout_s=UPLOAD_S)
        made = self._begun(state, answer)
        return replace(made, whole=True) if isinstance(made, Uploaded) else made

    async def _begin(self, state: Uploaded, medium: Media) -> Uploaded | NotNow:
        said = {
            "media_type": medium.type,
            "total_bytes": len(medium.content),
            "media_category": KINDS[medium.type].category,
        }
        return self._begun(state, await self._api.ask("POST", f"{_UPLOAD}/initialize", said=said))

    def _begun(self, state: Uploaded, answer: Answer | Later | Unsure) -> Uploaded | NotNow:
        id = made_id(answer) if isinstance(answer, Answer) and _good(answer) else ""
        if not id or not isinstance(answer, Answer):
            return self._not_now(answer)
        key = data(answer).get("media_key")
        key = key if isinstance(key, str) and len(key) <= 64 else ""
        return replace(state, ids=(*state.ids, id), keys=(*state.keys, key), sent=0, whole=False)

    async def _segment(self, state: Uploaded, medium: Media) -> Uploaded | NotNow:
        at = state.sent * SEGMENT
        piece = Media("application/octet-stream", medium.content[at : at + SEGMENT])
        fields = [("segment_index", str(state.sent))]
        form = multipart(fields, [("media", piece)], self._boundary)
        path = f"{_UPLOAD}/{state.ids[-1]}/append"
        answer = await self._api.ask("POST", path, form=form, timeout_s=UPLOAD_S)
        if _good(answer):
            return replace(state, sent=state.sent + 1)
        return await self._perhaps_gone(answer)

    async def _finish(self, state: Uploaded) -> Uploaded | NotNow:
        answer = await self._api.ask("POST", f"{_UPLOAD}/{state.ids[-1]}/finalize")
        if isinstance(answer, Answer) and _good(answer) and made_id(answer):
            return replace(state, whole=True)  # whether it is ready is asked for next
        outcome = await self._perhaps_gone(answer)
        if isinstance(outcome, Refused) and await self._is_finished(state):
            return replace(state, whole=True)  # by a try before, which never heard of it
        return outcome

    async def _is_finished(self, state: Uploaded) -> bool:
        """Whether X is at work on it already: it takes the end of an upload once."""
        answer = await self._status(state)
        if not (isinstance(answer, Answer) and _good(answer) and made_id(answer)):
            return False
        return isinstance(data(answer).get("processing_info"), dict)

    async def _status(self, state: Uploaded) -> Answer | Later | Unsure:
        query = [("command", "STATUS"), ("media_id", state.ids[-1])]
        return await self._api.ask("GET", _UPLOAD, query=query)

    async def _described(self, state: Uploaded, medium: Media) -> Uploaded | NotNow:
        if not KINDS[medium.type].whole:
            waits = await self._worked_on(state)
            if waits is not None:
                return waits
        if medium.alt:
            said = {"id": state.ids[-1], "metadata": {"alt_text": {"text": medium.alt}}}
            answer = await self._api.ask("POST", "/2/media/metadata", said=said)
            if not _good(answer):
                return await self._perhaps_gone(answer)
        return replace(state, done=state.done + 1, sent=0, whole=False)

    async def _worked_on(self, state: Uploaded) -> NotNow | None:
        """None if X has done its work on the medium."""
        answer = await self._status(state)
        if not (isinstance(answer, Answer) and _good(answer) and made_id(answer)):
            return await self._perhaps_gone(answer)
        info = data(answer).get("processing_info")
        said = info if isinstance(info, dict) else {"state": "succeeded"}
        if said.get("state") == "succeeded":
            return None
        if said.get("state") == "failed":
            return Refused(UNUSABLE)
        wait = said.get("check_after_secs")
        wait = wait if isinstance(wait, int) and 1 <= wait <= 600 else NOT_READY_S
        return Later("a medium is not ready yet", self._api.now() + wait)

    async def _perhaps_gone(self, answer: Answer | Later | Unsure) -> NotNow:
        """As ``_not_now``; what X does not know any more is uploaded again next time."""
        if isinstance(answer, Answer) and answer.status in (404, 410):
            await self._keep(b"")
            return Later(GONE)
        return self._not_now(answer)

    def _not_now(self, answer: Answer | Later | Unsure) -> NotNow:
        if isinstance(answer, Answer) and answer.status in (400, 413, 415, 422):
            return Refused(UNUSABLE)
        return answers.harmless(answer, self._api.now())


_UPLOAD: Final = "/2/media/upload"


def _good(answer: Answer | Later | Unsure) -> bool:
    return isinstance(answer, Answer) and answer.status in (200, 201, 202, 204)
