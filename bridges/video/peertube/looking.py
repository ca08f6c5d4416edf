"""Finds a film of ours among the account's own, by the name of its file, which is our key.

GET /users/me/videos shows the account's films, also those that nobody else sees; which file one was
made of is told by GET /videos/{id}/source, to its owner only. That is asked of films with the same
title, and of those made since the try: others are none of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bridges.kit.matching import same
from bridges.video.comments import moment
from bridges.video.drafts import Draft
from bridges.video.found import Seen
from bridges.video.peertube import answers, films
from bridges.video.peertube.api import Api
from relay.ports import Answer, Instant, Later, Stopped

PAGE: Final = 50
MOST_PAGES: Final = 10
MOST_ASKED: Final = 30
"""Films of which the file is asked for: as a rule a server takes 50 requests in 10 seconds."""

BEFORE_S: Final = 120
"""How much earlier than our first try a film may be dated: clocks differ."""


async def seen(
    api: Api, key: str, draft: Draft, since: Instant, *, back_to: Instant | None = None
) -> Seen | Later | Stopped:
    """What there is of ours, or why the server does not tell. ``since`` is when the first try at it
    began, as far as is known; ``back_to`` is how far back films with the same title are looked at,
    where it is further than that."""
    public: list[str] = []
    hidden: list[str] = []
    asked = 0
    oldest = since + api.ahead - BEFORE_S
    last = oldest if back_to is None else min(back_to, oldest)
    for page in range(MOST_PAGES):
        rows = await _page(api, page * PAGE)
        if not isinstance(rows, list):
            return rows
        dates = [moment(row.get("createdAt")) or 0 for row in rows]
        for row, date in zip(rows, dates, strict=True):
            if date < oldest and not same(str(row.get("name")), draft.title):
                continue
            if asked == MOST_ASKED:
                return Seen(tuple(public), tuple(hidden), False)
            asked += 1
            ours = await _is_ours(api, row, key)
            if not isinstance(ours, bool):
                return ours
            if ours:
                hid = films.privacy_of(row) == films.PRIVATE
                (hidden if hid else public).append(str(row["uuid"]))
        if len(rows) < PAGE or min(dates) < last:
            return Seen(tuple(public), tuple(hidden), True)
    return Seen(tuple(public), tuple(hidden), False)


async def _page(api: Api, start: int) -> list[Mapping[str, Any]] | Later | Stopped:
    path = f"/api/v1/users/me/videos?start={start}&count={PAGE}&sort=-createdAt"
    answer = await api.read(path)
    rows = answers.listed(answer)
    return answers.untold(answer, api.now()) if rows is None else rows


async def _is_ours(api: Api, row: Mapping[str, Any], key: str) -> bool | Later | Stopped:
    id = films.id_of(row.get("uuid"))
    if not id:
        return False
    answer = await api.read(f"{films.at(id)}/source")
    if isinstance(answer, Answer) and answer.status == 404:
        return False  # a live broadcast has none, nor has a film of before 2022
    said = answers.good(answer)
    if not said:
        return answers.untold(answer, api.now())
    names = (said.get("inputFilename"), said.get("filename"))  # the second is its older name
    return any(isinstance(name, str) and name.partition(".")[0] == key for name in names)
