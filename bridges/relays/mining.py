"""Work that is added to an event where a relay wants it (NIP-13), and what keeps two apart.

A text that two people send in the same hour would be one event, named by its hash: so each has a
``nonce`` tag, counted up from a number that belongs to this part alone. Where a relay wants work it
is counted up until the id begins with so many zero bits; which is the same number each time.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

import trio

from bridges.relays.events import Event, Tag

MOST_BITS: Final = 24
"""About half a minute here for a short text; each bit more takes twice as long."""

_ROUND: Final = 20_000
"""Hashes between two looks at whether the work is still wanted."""

_MARK: Final = "\ufdd0"
"""A code point that no text has (Unicode, noncharacters): where the number will stand."""


async def worked(event: Event, start: int, bits: int) -> Event:
    """The event (not signed yet) with a nonce at the end of its tags, its id having ``bits`` zero
    bits at least. Work is done in a thread, and stops when it is cancelled."""
    if bits <= 0:
        return _with(event, str(start), 0)
    before, _, after = _with(event, _MARK, bits).serial().partition(_MARK.encode())
    number = start
    while True:
        found = await trio.to_thread.run_sync(_search, before, after, number, bits)
        if found is not None:
            return _with(event, str(found), bits)
        number += _ROUND


def _with(event: Event, number: str, bits: int) -> Event:
    nonce: Tag = ("nonce", number, str(bits))
    return replace(event, tags=(*event.tags, nonce))


def _search(before: bytes, after: bytes, start: int, bits: int) -> int | None:
    begun = hashlib.sha256(before)
    most = 1 << 256 - bits
    for number in range(start, start + _ROUND):
        tried = begun.copy()
        tried.update(b"%d" % number + after)
        if int.from_bytes(tried.digest()) < most:
            return number
    return None
