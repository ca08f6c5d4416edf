"""By what a sender is heard: the code of a message, and for a day or two who wrote it.

A code that a sender chose may be chosen by another as well, or guessed: a birthday has eight
digits. So while it can be told who wrote a message (author tags are of two days, and of one run of
the core), a chosen code is good only for its author. Afterwards nobody can tell, and whoever knows
the code may ask: a sender must be able to take a message back after a restart of ours. A code that
we have given is random, and enough by itself.

Each look at the spool is made whether it can find something or not, so that a code that is unknown
takes as long as one that is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from relay.exit.record import Record
from relay.model import Row
from relay.ports import Clock, Spool
from relay.rules.words import normal
from relay.wire.keys import ExitKeys
from relay.wire.names import (
    DAY_S,
    author_name,
    code_name,
    day_of,
    given_name,
    own_code_name,
)

TAGS: Final = 2
"""Author tags of a submission: of today and of yesterday."""

_NOBODY: Final = b"nobody"


class Handles:
    """Finds messages for one who asks."""

    def __init__(self, spool: Spool, clock: Clock, keys: ExitKeys) -> None:
        self._spool = spool
        self._clock = clock
        self._secret = keys.desk_secret
        self._earlier = 0

    async def begin(self) -> None:
        """A new run of the core has begun, whose author tags are others than those of what is there
        already."""
        self._earlier = await last_of(self._spool)

    async def of_author(self, asker: Record) -> list[Row]:
        """What the author of a submission wrote in the last two days, in order of arrival."""
        since = (day_of(self._clock.now()) - 1) * DAY_S
        names = [author_name(self._secret, tag) for tag in _tags(asker)]
        return _in_order([await self._spool.named(name, since=since) for name in names])

    async def of_code(self, asker: Record, code: str) -> list[Row]:
        """The messages of a code that this one may speak of, in order of arrival."""
        plain = normal(code)
        names = [own_code_name(self._secret, tag, plain) for tag in _tags(asker)]
        names.append(given_name(self._secret, plain))
        found = [await self._spool.named(name) for name in names]
        chosen = await self._spool.named(code_name(self._secret, plain))
        found.append([row for row in chosen if not self._is_told_apart(row)])
        return _in_order(found)

    def _is_told_apart(self, row: Row) -> bool:
        """Whether the tags of a message meet those of the same author now."""
        today = day_of(self._clock.now())
        return row.seq > self._earlier and day_of(row.hour) >= today - 1


def _tags(asker: Record) -> tuple[bytes, ...]:
    """The author tags of a submission, as many as all have."""
    return (*asker.author_tags, *[_NOBODY] * (TAGS - len(asker.author_tags)))


def _in_order(found: Iterable[Sequence[Row]]) -> list[Row]:
    """Each row once, in order of arrival."""
    rows = {row.seq: row for some in found for row in some}
    return [rows[seq] for seq in sorted(rows)]


async def last_of(spool: Spool) -> int:
    """The greatest seq that is in use; 0 for an empty spool."""
    below, beyond = 0, 1
    while await spool.look(after=beyond, limit=1):
        below, beyond = beyond, beyond * 2
    while below < beyond:  # something has a greater seq than `below`, or that is 0
        middle = (below + beyond) // 2
        if await spool.look(after=middle, limit=1):
            below = middle + 1
        else:
            beyond = middle
    return below


def newest(rows: Sequence[Row]) -> Row | None:
    """The last of them."""
    return rows[-1] if rows else None
