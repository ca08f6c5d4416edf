"""What people wrote under our notes; never who.

Relays have no order of arrival: an answer may come to one of them hours after the time it shows. So
each look goes back a day before the newest that was seen, and what was given out is remembered by
the beginning of its id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from bridges.kit.words import clean
from bridges.relays.events import NOTE, Event, is_id
from relay.ports import Instant, Replied, Reply

OVERLAP_S: Final = 86400
MOST: Final = 100
MOST_SEEN: Final = 180
"""Of 16 characters each: within the 4 KiB of a cursor."""

MOST_ASKED: Final = 500
"""Of one relay in one look: what most show at once."""

LONGEST: Final = 10_000
"""Characters of an answer."""

_BEGINNING: Final = 16


@dataclass(frozen=True, slots=True)
class Cursor:
    """``since``: from when on is asked; ``seen``: the beginnings of the ids that were given out or
    passed over."""

    since: Instant
    seen: tuple[str, ...] = ()

    def written(self) -> bytes:
        """Less than 4 KiB."""
        return json.dumps([self.since, self.seen], separators=(",", ":")).encode()


def cursor_of(written: bytes) -> Cursor | None:
    """The cursor that was written; None for "from now on", or for what is none."""
    try:
        since, seen = json.loads(written)
        return Cursor(int(since), tuple(map(str, seen)))
    except (ValueError, TypeError, RecursionError):
        return None


def to_us(account: str, cursor: Cursor, now: Instant) -> dict[str, Any]:
    """The filter for what names us, and is no older and no newer than it may be."""
    return {
        "kinds": [NOTE],
        "#p": [account],
        "since": cursor.since,
        "until": now,
        "limit": MOST_ASKED,
    }


def fresh(events: Iterable[Event], account: str, cursor: Cursor, now: Instant) -> list[Event]:
    """Of what relays show those that are new, by others and answers to something; oldest first.
    What is of another time than was asked for would lead the cursor astray."""
    seen = set(cursor.seen)
    new = {
        event.id: event
        for event in events
        if event.id[:_BEGINNING] not in seen
        and cursor.since <= event.created_at <= now
        and event.account != account
        and parent(event)
    }
    return sorted(new.values(), key=lambda event: (event.created_at, event.id))[:MOST]


def parent(event: Event) -> str:
    """The id of what it answers (NIP-10: marked, else by place); "" if it answers nothing."""
    tags = [tag for tag in event.tags if len(tag) > 1 and tag[0] == "e" and is_id(tag[1])]
    marked = {tag[3]: tag[1] for tag in tags if len(tag) > 3}
    plain = [tag[1] for tag in tags if len(tag) < 4 or not tag[3]]
    return marked.get("reply") or marked.get("root") or (plain[-1] if plain else "")


def replied(new: list[Event], ours: set[str], cursor: Cursor) -> Replied:
    """The answers to what is ours, and where to go on."""
    told = tuple(
        Reply(event.id, parent(event), clean(event.content[:LONGEST]), event.created_at)
        for event in new
        if parent(event) in ours
    )
    return Replied(told, _after(cursor, new).written())


def _after(cursor: Cursor, new: list[Event]) -> Cursor:
    if not new:
        return cursor
    seen = (*cursor.seen, *(event.id[:_BEGINNING] for event in new))
    since = max(cursor.since, new[-1].created_at - OVERLAP_S)
    if len(seen) > MOST_SEEN:  # so many in a day: what came before these is not asked for again
        seen = seen[-MOST_SEEN:]
        since = max(since, new[0].created_at)
    return Cursor(since, seen)
