"""What the process before this one released while something that came earlier was on its way.

Steps work on batches, and the end of a process may cut one in two. Who goes on has to know it, or
the rest of the batch would go out after all that its first half let by (``rules.in_order``).
"""

from __future__ import annotations

from relay.model import URGENT, Instant, Queue
from relay.ports import Spool

_ON_ITS_WAY = (Queue.INBOX, Queue.READ, Queue.REVIEW)


async def released_before(spool: Spool, now: Instant) -> list[tuple[int, Instant]]:
    """Messages that the last process released before others that had come earlier, and when: it
    ended with these on their way."""
    oldest = [await spool.oldest_due(queue, now=now) for queue in _ON_ITS_WAY]
    first = min((seq for seq in oldest if seq is not None), default=None)
    if first is None:
        return []
    released: list[tuple[int, Instant]] = []
    for queue in (Queue.DELIVER, Queue.POST):
        after = first
        while rows := await spool.look(queue=queue, after=after):
            after = rows[-1].seq
            dues = [(row.root, row.due) for row in rows if row.due is not None]
            released += [(root, due) for root, due in dues if URGENT < due <= now]
    return released
