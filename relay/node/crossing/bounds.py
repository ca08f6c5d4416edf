"""How much may be under way between the core and the process of the links, the same on both sides:
what comes over a link is the work of somebody who may want memory to end."""

from __future__ import annotations

from typing import Final

from relay.wire.batch import MAX_BATCH, Batch

MOST_OF_PEER: Final = 2
"""Batches of one peer that the core has not answered: one in work, and the next."""

MOST_BYTES: Final = 4 * MAX_BATCH
"""Bytes of all of them together, whoever they are of."""

MOST_ARRIVALS: Final = 64
"""All of them, however small."""

MOST_OF_FRAME: Final = MAX_BATCH + 64 * 1024
"""Bytes of a frame of the links: a whole batch, and what it says around it."""


def size_of(batch: Batch) -> int:
    """Bytes that a batch holds in memory, near enough."""
    sealed = sum(len(one.envelope) for one in batch.envelopes)
    returned = sum(len(one.token) + len(one.sealed) for one in batch.answers)
    return sealed + returned + len(batch.bundle)
