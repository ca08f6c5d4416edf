"""Finds the post that another node made of a part: its key has all but the hour of ours.

com.atproto.repo.listRecords shows an account's own posts, newest key first, as the repository has
them: it does not lag.
"""

from __future__ import annotations

from typing import Final

from bridges import kit
from bridges.atproto.api import Api
from bridges.atproto.keys import COLLECTION, Place, is_alike, is_key, since
from relay.ports import Absent, Answer, Instant, Lookup, Unknown

PAGE: Final = 100
MOST_PAGES: Final = 30
HOUR_S: Final = 3600
"""How much earlier than the first try a post may be dated: clocks differ."""

NOT_NOW: Final = Unknown("the server does not show the account's posts now")


async def elsewhere(api: Api, ours: Place, first: Instant) -> Place | Lookup:
    """Where it lies, if another node has posted it since ``first``; else Absent, strong where the
    list was read back past that; Unknown where the server does not tell."""
    before = ""
    for _ in range(MOST_PAGES):
        keys = _keys(await api.records(ours.did, COLLECTION, PAGE, before), ours.did)
        if keys is None:
            return NOT_NOW
        for key in keys:
            if is_alike(key, ours.key):
                return Place(ours.did, key)
        if len(keys) < PAGE or not all(since(key, first - HOUR_S) for key in keys):
            return Absent(strong=True)
        before = min(keys)
    return Absent(strong=False)


def _keys(answer: object, did: str) -> list[str] | None:
    """The keys of a page, those of other programs too as far as they are such keys."""
    said = kit.json_object(answer) if isinstance(answer, Answer) and answer.status == 200 else None
    rows = said.get("records") if said else None
    if not isinstance(rows, list):
        return None
    begin = f"at://{did}/{COLLECTION}/"
    uris = [str(row.get("uri")) for row in rows if isinstance(row, dict)]
    keys = [uri.removeprefix(begin) for uri in uris if uri.startswith(begin)]
    return keys if all(map(is_key, keys)) and len(keys) == len(rows) else None
