"""Makes a post of words and pictures: unseen first, then public, so that doubt can be resolved.

A post that is made and unseen is kept by its id; to make it public may be repeated as often as one
likes (``published`` on POST /{page}/feed, ``is_published`` on POST /{post}; Business SDK 26.0).
Without drafts it is public with the first request, and doubt is looked up among the Page's posts.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from bridges.graph import answers
from bridges.graph.api import Api, good, made_id
from bridges.graph.drafts import Draft
from bridges.graph.progress import Progress
from bridges.graph.usage import used_up
from relay.ports import Answer, Keep, Later, Outcome, Posted, Unsure

USED: Final = "its pictures stand in a draft that was lost, and are uploaded again"
GONE: Final = "its draft was gone, and is made again"


async def post(
    api: Api, page: str, draft: Draft, state: Progress, keep: Keep, *, drafts: bool
) -> Outcome:
    """Publish it, once; ``state`` has its pictures, and perhaps its draft."""
    if not drafts:
        return await _at_once(api, page, draft, state, keep)
    if not state.made:
        answer = await api.post(f"/{page}/feed", **_said(draft, state), published="false")
        id = made_id(answer)
        if answers.is_used(answer):  # by a draft of whose making we did not hear
            await keep(Progress(tried=state.tried).written())
            return Later(USED)
        if not id:  # at worst a draft is left over that nobody sees
            return answers.harmless(answer, api.now())
        state = replace(state, made=id)
    before = state
    await keep(replace(state, tried=True).written())
    answer = await api.post(f"/{state.made}", is_published="true")
    return await made_public(api, before, keep, answer)


async def made_public(
    api: Api, before: Progress, keep: Keep, answer: Answer | Later | Unsure
) -> Outcome:
    """How the second request ended, which makes ``before.made`` public."""
    if not isinstance(answer, Answer):
        return answer
    said = good(answer)
    if said.get("success") is True or said.get("id") == before.made:
        return Posted(before.made, shown(before.made), used_up(answer.headers, api.now()))
    if answers.is_gone(answer):
        await keep(Progress(tried=before.tried).written())  # the next try makes another
        return Unsure("its draft is gone") if before.tried else Later(GONE)
    return answers.to_publish(answer, api.now())


async def _at_once(api: Api, page: str, draft: Draft, state: Progress, keep: Keep) -> Outcome:
    await keep(replace(state, tried=True).written())
    answer = await api.post(f"/{page}/feed", **_said(draft, state))
    if not isinstance(answer, Answer):
        return answer
    id = made_id(answer)
    if id:
        return Posted(id, shown(id), used_up(answer.headers, api.now()))
    return answers.to_publish(answer, api.now())


def _said(draft: Draft, state: Progress) -> dict[str, str]:
    """The form of a post; what is empty is left out, since Facebook refuses empty words."""
    said = {"message": draft.text} if draft.text else {}
    if state.media:
        said["attached_media"] = attached(state.media)
    return said


def attached(media: tuple[str, ...]) -> str:
    """Pictures by their ids, as a post names them."""
    return json.dumps([{"media_fbid": id} for id in media])


def shown(id: str) -> str:
    """Where people see a post ("page_post") or a film."""
    page, _, post = id.partition("_")
    where = f"{page}/posts/{post}" if post else f"watch/?v={page}"
    return f"https://www.facebook.com/{where}"
