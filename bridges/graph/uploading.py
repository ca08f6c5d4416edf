"""Brings pictures to a Page, described and unseen, before the post that shows them.

``published=false`` and ``alt_text_custom`` on POST /{page}/photos (Business SDK 26.0). To repeat an
upload makes a second picture that nobody sees.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bridges.graph import answers
from bridges.graph.api import Api, made_id
from bridges.graph.progress import Progress
from relay.ports import Answer, Keep, Later, Media, Refused, Stopped, Unsure

UNUSABLE: Final = "Facebook cannot use a medium"


async def brought(
    api: Api, page: str, media: tuple[Media, ...], so_far: Progress, keep: Keep, boundary: str
) -> Progress | Later | Refused | Stopped:
    """All of them there, and kept; or why not now, or never."""
    state = so_far
    while len(state.media) < len(media):
        medium = media[len(state.media)]
        alt = {"alt_text_custom": medium.alt} if medium.alt else {}
        answer = await api.upload(f"/{page}/photos", medium, boundary, published="false", **alt)
        id = made_id(answer)
        if not id:
            return not_now(answer, api)
        state = replace(state, media=(*state.media, id))
        await keep(state.written())
    return state


def not_now(answer: Answer | Later | Unsure, api: Api) -> Later | Refused | Stopped:
    """Why an upload did not succeed."""
    told = answers.harmless(answer, api.now())
    return Refused(UNUSABLE) if isinstance(told, Refused) else told
