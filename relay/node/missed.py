"""Windows that a node slept through: it was off from before their beginning until after their end.

Nothing of them is durable, since nothing has begun. But what waits and was to go out before they
were over shows that nobody has followed them: whoever follows one ends with nothing that is due.
"""

from __future__ import annotations

from collections.abc import Iterable

from relay.model import URGENT, Instant, Queue
from relay.node.calendar import Listed
from relay.ports import Spool
from relay.rules.releasing import Release, release_after
from relay.rules.windows import Period, Window, last_period

LOOKED_AT = 64
"""Rows of a queue that are looked at: what is urgent comes first, and does not say since when."""


async def missed(spool: Spool, listed: Iterable[Listed], name: str, now: Instant) -> Release | None:
    """What is to follow the windows that a destination had while there was no process; None if
    there was none. Asked before anything else takes rows."""
    over = sorted(_over(listed, name, now), key=lambda one: one[0].ends)
    since = await _waits_since(spool, name, now) if over else None
    release = None
    for period, window in over:
        if since is not None and since <= period.ends:
            release = release_after(window, release)
    return release


def _over(listed: Iterable[Listed], name: str, now: Instant) -> list[tuple[Period, Window]]:
    """The windows of a destination, each with its period that ended last."""
    windows = [one.window for one in listed if not one.shadowed]
    found = [(last_period(one, now), one) for one in windows if name in one.destinations]
    return [(period, window) for period, window in found if period is not None]


async def _waits_since(spool: Spool, name: str, now: Instant) -> Instant | None:
    """When the first of what waits there, or is about to, was to go out."""
    dues: list[Instant] = []
    for queue, only in ((Queue.POST, name), (Queue.DELIVER, None)):
        rows = await spool.take(queue, now=now, limit=LOOKED_AT, name=only)
        dues += [row.due for row in rows if row.due is not None and row.due > URGENT]
        for row in rows:
            spool.release(row)
    return min(dues, default=None)
