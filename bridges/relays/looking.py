"""Finds the event that another node has made of a part: the same words, made in another hour.

Its id cannot be known: the hour of its release is in it, and the work that was done for it. But all
notes of the account since then can be had, and one of them says the same at the same second of an
hour.
"""

from __future__ import annotations

from typing import Any, Final

from bridges.relays.asking import shown
from bridges.relays.events import NOTE, Event
from bridges.relays.keys import Key
from relay.ports import Clock, Http, Instant

HOUR_S: Final = 3600
PAGE: Final = 100
MOST_PAGES: Final = 10


def is_alike(event: Event, ours: Event, after: str | None) -> bool:
    """Whether this is the part that we made ``ours`` of, as it answers the event ``after``."""
    if (event.account, event.kind, event.content) != (ours.account, ours.kind, ours.content):
        return False
    if (event.created_at - ours.created_at) % HOUR_S:
        return False
    answered = [tag[1] for tag in event.tags if tag[0] == "e" and len(tag) > 1]
    return answered[-1:] == ([after] if after else [])


async def since(
    http: Http, address: str, account: str, first: Instant, key: Key, clock: Clock
) -> list[Event] | None:
    """The account's notes on one relay since the hour before ``first``; None where it does not show
    them all."""
    asked: dict[str, Any] = {"authors": [account], "kinds": [NOTE], "limit": PAGE}
    asked["since"] = first - first % HOUR_S - HOUR_S
    found: dict[str, Event] = {}
    for _ in range(MOST_PAGES):
        page = await shown(http, address, asked, key, clock)
        if page is None:
            return None
        before = len(found)
        found |= {event.id: event for event in page}
        if len(found) == before:  # a relay may give less at a time than it is asked for
            return [*found.values()]
        asked["until"] = min(event.created_at for event in page)
    return None
