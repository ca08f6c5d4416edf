"""What is sent to make a post, and the yes that is expected (OpenAPI 2.167, createPosts)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridges import kit
from bridges.kit.drafts import Draft
from bridges.twitter.answers import used_up
from relay.ports import Answer, Instant, Later, Posted, Unsure


def body(draft: Draft, ids: Sequence[str], after: str | None) -> dict[str, Any]:
    """The JSON of POST /2/tweets; what is not set is left out."""
    said: dict[str, Any] = {}
    if draft.text:
        said["text"] = draft.text
    if ids:
        said["media"] = {"media_ids": list(ids)}
    if after is not None:
        said["reply"] = {"in_reply_to_tweet_id": after}
    return said


def accepted(answer: Answer, now: Instant) -> Posted | None:
    """The post, if this is one: 201, JSON, an id. A log-in page with 200 is none."""
    id = made_id(answer) if answer.status == 201 else ""
    return Posted(id, shown(id), used_up(answer.headers, now)) if id else None


def made_id(answer: Answer) -> str:
    """The id of what was made, in ``data``; "" if there is none."""
    id = data(answer).get("id")
    return id if is_id(id) and isinstance(id, str) else ""


def account_of(answer: Answer | Later | Unsure) -> str:
    """The account's id in an answer of GET /2/users/me; "" if it is none."""
    return made_id(answer) if isinstance(answer, Answer) and answer.status == 200 else ""


def data(answer: Answer) -> Mapping[str, Any]:
    """``data`` of an answer, if that is one object."""
    made = (kit.json_object(answer) or {}).get("data")
    return made if isinstance(made, Mapping) else {}


def is_id(said: Any) -> bool:
    """Whether it is an id of X: 1 to 19 digits."""
    return isinstance(said, str) and said.isascii() and said.isdigit() and len(said) <= 19


def shown(id: str) -> str:
    """Where people see a post; X leads on to the account's own address."""
    return f"https://x.com/i/status/{id}"
