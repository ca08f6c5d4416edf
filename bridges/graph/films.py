"""A film with its words: uploaded unseen, worked on, then made public.

POST /{page}/videos, GET /{video}?fields=status, POST /{video} ``published`` (Business SDK 26.0,
AdVideo). It has no field for a description of what it shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from bridges.graph import answers
from bridges.graph.api import Api, good, is_id, made_id
from bridges.graph.drafts import Draft
from bridges.graph.progress import Progress
from bridges.graph.publishing import GONE, made_public, shown
from bridges.graph.uploading import UNUSABLE, not_now
from bridges.graph.usage import used_up
from relay.ports import Answer, Keep, Later, Outcome, Posted, Refused, Stopped, Unsure

NOT_READY_S: Final = 15
"""Seconds that Facebook is given to work on a film before it is asked again."""


async def film(
    api: Api, page: str, draft: Draft, state: Progress, keep: Keep, boundary: str, *, drafts: bool
) -> Outcome:
    """Publish it, once. With ``drafts`` it takes several tries, while Facebook works on it."""
    words = {"description": draft.text} if draft.text else {}
    [medium] = draft.media
    path = f"/{page}/videos"
    if not drafts:
        await keep(replace(state, tried=True).written())
        answer = await api.upload(path, medium, boundary, **words)
        return _posted(api, answer)
    if not state.made:
        answer = await api.upload(path, medium, boundary, **words, published="false")
        id = made_id(answer)
        if not id:
            return not_now(answer, api)
        state = replace(state, made=id)
        await keep(state.written())
    waits = None if state.tried else await _worked_on(api, state, keep)
    if waits is not None:
        return waits
    await keep(replace(state, tried=True).written())
    answer = await api.post(f"/{state.made}", published="true")
    outcome = await made_public(api, state, keep, answer)
    if not isinstance(outcome, Posted):
        return outcome
    ref = await post_of(api, page, state.made)
    return replace(outcome, ref=ref, url=shown(ref))


def _posted(api: Api, answer: Answer | Later | Unsure) -> Outcome:
    if not isinstance(answer, Answer):
        return answer
    id = made_id(answer)
    if id:
        return Posted(id, shown(id), used_up(answer.headers, api.now()))
    return answers.to_publish(answer, api.now())


async def post_of(api: Api, page: str, film: str) -> str:
    """The post with which a public film stands on the Page; the film itself, if it is not told."""
    post = good(await api.read(f"/{film}", fields="post_id")).get("post_id")
    if not isinstance(post, str) or not is_id(post):
        return film
    return post if "_" in post else f"{page}_{post}"


async def _worked_on(api: Api, state: Progress, keep: Keep) -> Later | Refused | Stopped | None:
    """None if Facebook has done its work on it."""
    answer = await api.read(f"/{state.made}", fields="status")
    if answers.is_gone(answer):
        await keep(b"")
        return Later(GONE)
    status = good(answer).get("status")
    if not isinstance(status, Mapping):
        return answers.harmless(answer, api.now())
    said: Any = status.get("video_status")
    if said == "ready":
        return None
    if said in ("error", "expired", "upload_failed"):
        return Refused(UNUSABLE)
    return Later("a film is not ready yet", api.now() + NOT_READY_S)
