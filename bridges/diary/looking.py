"""Finds a post of which no id was kept: by its label as long as it is a draft, then by its mark.

To search by label is cheap, and tells drafts. A public post has no label of ours any more, but our
mark in its HTML: of the posts since the try those with its title are opened and looked into.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import unescape
from typing import Any, Final
from urllib.parse import urlencode

from bridges.diary.drafts import Draft
from bridges.diary.posts import FIELDS, Standing, mark_of, not_shown, standing_of
from bridges.google.api import Api, Told, following, good, listed
from bridges.kit.matching import same
from relay.ports import Instant, Later, Stopped

PAGE: Final = 100
MOST_PAGES: Final = 10
BEFORE_S: Final = 24 * 3600
"""How much earlier than our first try a post may be dated: it shows the hour of its release."""

_OPEN: Final = Later("a post that may be it cannot be opened now")
_TOO_MANY: Final = Later("there are too many posts to look through")


class Looking:
    """Searches one blog."""

    def __init__(self, api: Api, blog: str) -> None:
        self._api = api
        self._path = f"/v3/blogs/{blog}/posts"

    async def labelled(self, key: str) -> Standing | Later | Stopped | None:
        """The post with the key's label, public or not; None if there is none. A public one comes
        first, and of several drafts any: nobody sees the others."""
        query = [("labels", mark_of(key)), *_ALL, ("maxResults", str(PAGE))]
        answer = await self._list(query, f"items({FIELDS})")
        rows = listed(answer)
        if rows is None:
            return not_shown(answer, self._api.now())
        found = [one for row in rows if (one := standing_of(row))]
        return min(found, key=lambda one: one.status != "LIVE", default=None)

    async def marked(
        self, draft: Draft, key: str, first: Instant
    ) -> Standing | Later | Stopped | None:
        """The public post with the key's mark in it; None if there is none since the first try."""
        since = datetime.fromtimestamp(min(first, draft.date) - BEFORE_S, UTC)
        query = [("status", "live"), ("startDate", since.strftime("%Y-%m-%dT%H:%M:%SZ"))]
        query += [("view", "AUTHOR"), ("maxResults", str(PAGE))]
        more: list[tuple[str, str]] = []
        for _ in range(MOST_PAGES):
            answer = await self._list([*query, *more], f"nextPageToken,items({FIELDS},title)")
            rows = listed(answer)
            if rows is None:
                return not_shown(answer, self._api.now())
            for row in rows:
                standing = standing_of(row)
                if standing is None or not _titled(row, draft.title):
                    continue
                ours = await self._has_mark(standing.id, mark_of(key))
                if ours is not False:
                    return standing if ours else _OPEN
            token = following(answer)
            if not token:
                return None
            more = [("pageToken", token)]
        return _TOO_MANY

    async def _has_mark(self, id: str, mark: str) -> bool | None:
        """None: it cannot be told now."""
        asked = urlencode({"view": "AUTHOR", "fetchBody": "true", "fields": "id,content"})
        content = good(await self._api.ask("GET", f"{self._path}/{id}?{asked}")).get("content")
        return f'id="{mark}"' in content if isinstance(content, str) else None

    async def _list(self, query: Sequence[tuple[str, str]], fields: str) -> Told:
        asked = urlencode([*query, ("fetchBodies", "false"), ("fields", fields)])
        return await self._api.ask("GET", f"{self._path}?{asked}")


_ALL: Final = [
    ("status", "live"),
    ("status", "draft"),
    ("status", "scheduled"),
    ("view", "AUTHOR"),  # without it no draft is listed
]


def _titled(row: Mapping[str, Any], title: str) -> bool:
    said = row.get("title")
    return isinstance(said, str) and same(unescape(said), unescape(title))
