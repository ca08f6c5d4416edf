"""Reads an account's own list back to the time of a try, to tell whether the part is public."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bridges import kit
from bridges.fediverse.api import Api
from bridges.fediverse.matching import Wanted
from relay.ports import Absent, Answer, Found, Later, Lookup, Unknown, Unsure

PAGE: Final = 20
"""Statuses a request: with cards and accounts in them, 40 may be more than an answer may have."""

MOST_PAGES: Final = 25


async def looked_up(api: Api, account: str, wanted: Wanted, *, lately: bool) -> Lookup:
    """Found; Absent, strong where the list was read back past the try and it is not ``lately``
    (servers show a status late); Unknown where the server does not tell, or two are alike."""
    seen: list[Mapping[str, Any]] = []
    before = ""
    for _ in range(MOST_PAGES):
        page = _page(await api.ask("GET", _path(account, before)))
        if page is None:
            return Unknown("the server does not show the account's list now")
        seen += [status for status in page if wanted.matches(status)]
        if not page or any(wanted.is_older(status) for status in page):
            return _told(seen, whole=not lately)
        following = str(page[-1].get("id", ""))
        if not kit.is_ref(following) or following == before:
            break
        before = following
    return _told(seen, whole=False)


def _told(seen: list[Mapping[str, Any]], *, whole: bool) -> Lookup:
    ids = {str(status.get("id", "")) for status in seen}
    if len(ids) > 1:
        return Unknown("several posts there are like it")
    if not ids:
        return Absent(strong=whole)
    [id] = ids
    if not kit.is_ref(id):
        return Unknown("what is there has no id")
    return Found(id, kit.shown_at(seen[0].get("url")))


def _path(account: str, before: str) -> str:
    older = f"&max_id={before}" if before else ""
    return f"/api/v1/accounts/{account}/statuses?limit={PAGE}&exclude_reblogs=true{older}"


def _page(answer: Answer | Later | Unsure) -> list[Mapping[str, Any]] | None:
    if not isinstance(answer, Answer) or answer.status != 200:
        return None
    said = kit.json_value(answer.body)
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        return None
    return said
