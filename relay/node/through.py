"""What has come already is let through before a release begins, so that it is in its line.

A burst may be on its way when a window is over, or a process have ended with one. Who began at once
would take the newest of what is there by chance, or find nothing and think that all is over.
"""

from __future__ import annotations

import trio

from relay.model import Queue
from relay.ports import Clock, Spool

LONGEST_S = 60.0
"""Seconds after which a release begins in any case: more may come all the time."""

LOOK_S = 0.2
"""Seconds between two looks."""

_ON_ITS_WAY = (Queue.INBOX, Queue.READ, Queue.REVIEW, Queue.DELIVER)
"""In the order in which a message passes through them."""


async def let_through(spool: Spool, clock: Clock) -> None:
    """Return when nothing is on its way by itself."""
    with trio.move_on_after(LONGEST_S):
        for queue in _ON_ITS_WAY:
            await _emptied(spool, clock, queue)


async def _emptied(spool: Spool, clock: Clock, queue: Queue) -> None:
    while True:
        if await spool.oldest_due(queue, now=clock.now()) is None:
            return
        await trio.sleep(LOOK_S)
