"""Which epochs are over: no envelope that is still on its way, and none in the inbox, needs one.

An envelope is on its way for ``node.road`` at the most, from the last second of the day of its key
on. It expires when that is over, rounded up to the hour: hence the hour more. What waits in the
inbox has arrived, and does not expire there; so for as long as it names a key, that key stays. Of a
node that was locked for weeks the inbox is opened first, and then its keys go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import trio

from relay.model import HOUR, Instant, Queue
from relay.ports import Spool
from relay.wire.envelope import CLEAR, keys_named
from relay.wire.epochs import EpochKey

PAGE: Final = 200
"""Envelopes whose headers are read at a time."""

PAUSE_S: Final = 0.02


def past_the_road(epochs: Sequence[EpochKey], now: Instant, road_s: int) -> frozenset[bytes]:
    """The ids of those to which nothing is sealed that may still arrive."""
    return frozenset(one.id for one in epochs if one.not_after + road_s + HOUR <= now)


async def over(
    spool: Spool, epochs: Sequence[EpochKey], now: Instant, road_s: int
) -> frozenset[bytes]:
    """The ids of those that nothing needs any more."""
    past = past_the_road(epochs, now, road_s)
    return past - await named(spool, past) if past else past


async def named(spool: Spool, among: frozenset[bytes]) -> frozenset[bytes]:
    """Those to which something in the inbox is sealed."""
    found: set[bytes] = set()
    after: int | None = 0
    while after is not None and found != among:
        page = await spool.heads(CLEAR, queue=Queue.INBOX, after=after, limit=PAGE)
        for row in page.rows:
            found.update(among.intersection(keys_named(row.body)))
        after = page.after
        await trio.sleep(PAUSE_S)
    return frozenset(found)
