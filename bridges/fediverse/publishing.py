"""What is sent to make or change a status, and the yes that is expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from bridges import kit
from bridges.fediverse.drafts import Draft
from relay.ports import Answer, Posted

_READERS: Final = {"direct": 0, "private": 1, "unlisted": 2, "public": 3}


def body(draft: Draft, ids: Sequence[str], after: str | None) -> dict[str, Any]:
    """The JSON of POST /api/v1/statuses; what is not set is left to the server."""
    said: dict[str, Any] = {"status": draft.text, "visibility": draft.visibility}
    if draft.language:
        said["language"] = draft.language
    if draft.warning:
        said["spoiler_text"] = draft.warning
    if draft.sensitive:
        said["sensitive"] = True
    if ids:
        said["media_ids"] = list(ids)
    if after is not None:
        said["in_reply_to_id"] = after
    return said


def change(draft: Draft, ids: Sequence[str]) -> dict[str, Any]:
    """The JSON of PUT /api/v1/statuses/:id: the same, and what is gone is said to be."""
    said = body(draft, ids, None)
    del said["visibility"]  # it cannot be changed
    return {"spoiler_text": "", "sensitive": False, "media_ids": [], **said}


def accepted(answer: Answer) -> Posted | None:
    """The status, if this is one: 200, JSON, an id. A log-in page with 200 is none."""
    said = kit.json_object(answer) if answer.status == 200 else None
    id = said.get("id") if said else None
    if said is None or not isinstance(id, str) or not kit.is_ref(id):
        return None
    return Posted(id, kit.shown_at(said.get("url")))


def shows_more(answer: Answer, draft: Draft) -> bool:
    """Whether the status can be seen by more people than was asked for.

    Fewer is what a limited account gets (unlisted for public), and is no reason to stop."""
    shown = (kit.json_object(answer) or {}).get("visibility")
    return _READERS.get(str(shown), 0) > _READERS[draft.visibility]
