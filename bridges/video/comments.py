"""Comments under films, read on from where they were read last; never who wrote them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from relay.ports import Instant, Replied, Reply

MOST: Final = 100
MOST_SEEN: Final = 50


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to which second it was read, and which comments of that very second."""

    since: Instant
    seen: frozenset[str] = frozenset()

    def written(self) -> bytes:
        """At most 4 KiB: of one second no more than 50 are remembered."""
        return json.dumps([self.since, sorted(self.seen)[:MOST_SEEN]]).encode()

    def is_new(self, reply: Reply) -> bool:
        """Whether it was written after what was read."""
        if reply.date is None or reply.date < self.since:
            return False
        return reply.ref not in self.seen


def cursor_of(written: bytes, now: Instant) -> Cursor:
    """The cursor; from ``now`` on, for none that is ours."""
    try:
        since, seen = json.loads(written)
        return Cursor(int(since), frozenset(map(str, seen)))
    except (ValueError, TypeError, RecursionError):
        return Cursor(now)


def replied(found: Sequence[Reply], cursor: Cursor) -> Replied:
    """The oldest of those that are new, and the cursor that asks for what follows them."""
    new = {one.ref: one for one in found if cursor.is_new(one)}
    taken = sorted(new.values(), key=lambda one: (one.date or 0, one.ref))[:MOST]
    if not taken:
        return Replied((), cursor.written())
    last = taken[-1].date or 0
    seen = frozenset(one.ref for one in taken if one.date == last)
    before = cursor.seen if last == cursor.since else frozenset()
    return Replied(tuple(taken), Cursor(last, seen | before).written())


def moment(said: Any) -> Instant | None:
    """A time as both platforms write it (ISO 8601, UTC), in seconds; None for anything else."""
    try:
        when = datetime.fromisoformat(said) if isinstance(said, str) else None
        return int(when.timestamp()) if when is not None and when.tzinfo else None
    except (ValueError, OverflowError):
        return None
