"""Reads what the account has sent to the room, back to a try, to tell whether the part is there.

Only our own events are asked for: their times are our homeserver's, and nobody else can put one
among them. The key in our field decides, or the transaction that the server says an event of this
device had.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from bridges import kit
from bridges.rooms.api import Api, in_room
from bridges.rooms.events import MESSAGE, OURS, is_event
from relay.ports import Absent, Answer, Attempt, Found, Lookup, Unknown

PAGE: Final = 50
MOST_PAGES: Final = 40
MOST_TOKEN: Final = 4000
"""Characters: it stands in an address, and of those servers take 8,000 or so."""

BEFORE_S: Final = 120
"""How much earlier than our first try an event may be dated: clocks differ."""

LAG_S: Final = 30
"""A list is not believed to be whole sooner after a try."""


async def looked_up(api: Api, room: str, user: str, attempt: Attempt) -> Lookup:
    """``Found`` without an address; ``Absent``, strong where the list was read back past the try;
    ``Unknown`` where the server does not tell."""
    key = attempt.part.key
    filter = {"types": [MESSAGE], "senders": [user]}
    from_, taken_back = "", False
    for _ in range(MOST_PAGES):
        params = {"dir": "b", "limit": str(PAGE), "filter": json.dumps(filter)}
        answer = await api.read(
            in_room(room, "messages"), params | ({"from": from_} if from_ else {})
        )
        page = _page(answer)
        if page is None:
            return Unknown("the server does not show the room now")
        events, following = page
        since = 1000 * (attempt.first + api.ahead - BEFORE_S)
        mine = [one for one in events if one.get("sender") == user]
        ids = {str(one.get("event_id")) for one in mine if _is_it(one, key) and not _gone(one)}
        if ids:
            id = min(ids)
            return Found(id) if len(ids) == 1 and is_event(id) else Unknown("there are two of it")
        times = [_time(one) for one in mine]
        taken_back |= any(_may_be_it(one, key, since) for one in mine if _gone(one))
        if not following or any(0 < time < since for time in times):
            return _told(attempt, api.now(), taken_back)
        if following == from_:
            break
        from_ = following
    return Absent(strong=False)


def _told(attempt: Attempt, now: int, taken_back: bool) -> Lookup:
    if taken_back:  # it may be this one, and is not to come back
        return Unknown("a message of the account was taken back there since")
    return Absent(strong=now >= attempt.first + LAG_S)


def _is_it(event: Mapping[str, Any], key: str) -> bool:
    """An edit stands there as an event of its own, and carries no key."""
    content = event.get("content")
    if isinstance(content, Mapping) and content.get(OURS) == key:
        return True
    return bool(_transaction(event) == key)


def _may_be_it(gone: Mapping[str, Any], key: str, since: int) -> bool:
    """Of what was taken back only the transaction is left, and that is shown to one device."""
    transaction = _transaction(gone)
    return bool(transaction == key or (transaction is None and _time(gone) >= since))


def _transaction(event: Mapping[str, Any]) -> Any:
    unsigned = event.get("unsigned")
    return unsigned.get("transaction_id") if isinstance(unsigned, Mapping) else None


def _gone(event: Mapping[str, Any]) -> bool:
    return not event.get("content")


def _time(event: Mapping[str, Any]) -> int:
    said = event.get("origin_server_ts")
    return said if isinstance(said, int) else 0


def _page(answer: object) -> tuple[list[Mapping[str, Any]], str] | None:
    """The events, and the token of the page after; "" at the room's beginning."""
    said = kit.json_object(answer) if isinstance(answer, Answer) and answer.status == 200 else None
    chunk = said.get("chunk") if said else None
    if said is None or not isinstance(chunk, list):
        return None
    following = said.get("end", "")
    if not isinstance(following, str) or len(following) > MOST_TOKEN:
        return None  # there is more, and no way to ask for it
    return [one for one in chunk if isinstance(one, Mapping)], following
