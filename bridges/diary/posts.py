"""Makes, publishes, changes and removes a post, and asks for one by its id.

A post is a draft first, which nobody else sees, with the part's key as a label by which it can be
found again. Once its id is kept the label goes, so that no reader ever sees it; then it is made
public, by its id. Blogger API v3, ``posts`` (its discovery document, revision 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from bridges import kit
from bridges.diary.composing import html
from bridges.diary.drafts import Draft, Progress
from bridges.google import answers
from bridges.google.api import POST_S, Api, Told, good
from relay.ports import (
    Answer,
    Instant,
    Keep,
    Later,
    Once,
    Outcome,
    Posted,
    Refused,
    Removal,
    Removed,
    Stopped,
    Unsure,
)

ONCE: Final = Once("lookup")
MARK: Final = "r-"
MARK_DIGITS: Final = 16
GONE: Final = "its draft was gone, and is made again"
NOT_NOW: Final = "Blogger does not show the blog's posts now"
FIELDS: Final = "id,status,url"


@dataclass(frozen=True, slots=True)
class Standing:
    """A post as it stands there. ``status`` is Blogger's: "DRAFT", "LIVE", "SCHEDULED" ..."""

    id: str
    status: str
    url: str = ""


def mark_of(key: str) -> str:
    """The mark of the part with this key: the label of its draft, and an id in its HTML."""
    return MARK + key[:MARK_DIGITS]


def is_id(said: Any) -> bool:
    """Whether it is an id of Blogger: digits."""
    return isinstance(said, str) and said.isascii() and said.isdigit() and len(said) <= 32


def standing_of(row: Mapping[str, Any]) -> Standing | None:
    """The post in an answer, if there is one."""
    id, status = row.get("id"), row.get("status")
    if not isinstance(id, str) or not is_id(id) or not isinstance(status, str):
        return None
    return Standing(id, status.upper(), kit.shown_at(row.get("url")))


class Posts:
    """The posts of one blog."""

    def __init__(self, api: Api, blog: str) -> None:
        self._api = api
        self._path = f"/v3/blogs/{blog}/posts"

    async def made(self, draft: Draft, key: str) -> Standing | Later | Refused | Stopped:
        """A draft that says it all. At worst one is left over that nobody sees."""
        said = {**_said(draft, key), "labels": [*draft.labels, mark_of(key)]}
        answer = await self._ask("POST", "", said, isDraft="true")
        standing = standing_of(good(answer))
        return standing or answers.harmless(answer, self._api.now())

    async def at(self, id: str) -> Standing | Later | Stopped | None:
        """The post with this id; None if it is gone."""
        answer = await self._ask("GET", f"/{id}", view="AUTHOR")
        if is_gone(answer):
            return None
        return standing_of(good(answer)) or not_shown(answer, self._api.now())

    async def published(self, draft: Draft, key: str, state: Progress, keep: Keep) -> Outcome:
        """Take the label off and make it public."""
        # A PUT of all of it: whether a PATCH may empty a list is not documented.
        said = {**_said(draft, key), "labels": [*draft.labels]}
        answer = await self._ask("PUT", f"/{state.post}", said)
        if is_gone(answer):
            return await self._lost(state, keep)
        if standing_of(good(answer)) is None:
            return answers.harmless(answer, self._api.now())
        await keep(replace(state, tried=True).written())
        answer = await self._ask("POST", f"/{state.post}/publish", publishDate=_date(draft.date))
        if is_gone(answer):
            return await self._lost(state, keep)
        standing = standing_of(good(answer))
        if standing is not None and standing.id == state.post:
            return self.outcome(standing, draft)
        if not isinstance(answer, Answer):
            return answer
        return answers.outcome(answer, now=self._api.now())

    def outcome(self, standing: Standing, draft: Draft) -> Outcome:
        """What it means that it stands there so, after it was made public."""
        if standing.status == "LIVE":
            return Posted(standing.id, standing.url)
        if standing.status == "SCHEDULED":  # Google's clock is behind; it will not be long
            return Later("Blogger has not come to its date yet", max(draft.date, self._soon()))
        return Unsure("Blogger does not say that it is public")

    def _soon(self) -> Instant:
        return self._api.now() + 60

    async def _lost(self, state: Progress, keep: Keep) -> Outcome:
        """The draft is gone: a person has deleted it, or it, public. The next try makes another."""
        await keep(b"")
        return Unsure("its draft is gone") if state.tried else Later(GONE)

    async def changed(self, id: str, draft: Draft, key: str) -> Posted | Later | Refused | Stopped:
        """Replace title and content."""
        answer = await self._ask("PATCH", f"/{id}", _said(draft, key))
        standing = standing_of(good(answer))
        if standing is not None and standing.id == id:
            return Posted(id, standing.url)
        if is_gone(answer):
            return Refused("it is gone from the blog")
        return answers.harmless(answer, self._api.now())

    async def removed(self, id: str) -> Removal:
        """Delete it, past the trash."""
        answer = await self._api.ask(
            "DELETE", f"{self._path}/{id}?useTrash=false", timeout_s=POST_S
        )
        if isinstance(answer, Answer) and answer.status in (200, 204):
            return Removed()
        return Removed() if is_gone(answer) else answers.harmless(answer, self._api.now())

    async def _ask(
        self, method: str, path: str, said: Mapping[str, Any] | None = None, **query: str
    ) -> Told:
        asked = urlencode({**query, "fields": FIELDS})
        return await self._api.ask(
            method, f"{self._path}{path}?{asked}", said=said, timeout_s=POST_S
        )


def is_gone(answer: Told) -> bool:
    """Whether Blogger says that there is no such post."""
    if not isinstance(answer, Answer) or answer.status not in (404, 410):
        return False
    return bool(answers.reasons(answer))


def not_shown(answer: Told, now: Instant) -> Later | Stopped:
    """What it means that posts are not shown: nothing is wrong with the one that is looked for."""
    told = answers.harmless(answer, now)
    return told if isinstance(told, Later | Stopped) else Later(NOT_NOW)


def _said(draft: Draft, key: str) -> dict[str, Any]:
    """What a reader reads of it, and our mark."""
    return {"title": draft.title, "content": html(draft, mark_of(key))}


def _date(at: Instant) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
