"""When a destination takes no more for a while: its platform's own limit, or a budget of ours.

What was begun goes on first when the rest is over: half a thread is worse than none, and behind a
backlog its end could be days away.
"""

from __future__ import annotations

from dataclasses import dataclass

from relay.exit.progress import Progress
from relay.model import Found, Instant, Posted, Row
from relay.rules.backoff import LONGEST_REST_S, obeyed

USED_UP = "its platform's own limit is used up"


@dataclass(frozen=True, slots=True)
class Rest:
    """The next part waits until then, and all else of its destination with it. ``spent``: for a
    budget of ours, and ``why`` says for which; else for its platform's limit."""

    until: Instant
    spent: bool = False
    why: str = USED_UP


def rest_after(posted: Posted | Found, now: Instant) -> Rest | None:
    """The rest that a platform asks for with a post; obeyed and capped as ``Later`` is."""
    if not isinstance(posted, Posted) or posted.rest is None or posted.rest <= now:
        return None
    return Rest(obeyed(posted.rest, now, now))


def rest_left(row: Row, progress: Progress, now: Instant) -> Rest | None:
    """The rest in which this thread stopped, where it is not over: a new process has no other
    way to know of it. A person who says ``retry`` ends it, and so does a clock that was set."""
    resting = row.why == USED_UP and now < progress.rest <= now + LONGEST_REST_S
    return Rest(progress.rest) if resting else None
