"""What lies under an older storage key is wrapped by the newest, gently, until nothing does.

Only the heads are put anew, a page of rows at a time, and arrivals go first. A row that somebody
holds is left for the next time: its holder may write back what it has read. Whoever has read a row
without holding it has some minutes to use what it has: after them it is looked once more, and only
then the old keys are destroyed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import trio

from relay.errors import Damaged, SpoolFull
from relay.exit.anew import anew, is_old
from relay.exit.handles import last_of
from relay.exit.remembering import remembered_anew
from relay.model import Head
from relay.node.arrivals import Arrivals
from relay.node.replies import wrap_cursors
from relay.ports import Spool
from relay.wire.custody import HEAD, wrapped_by
from relay.wire.keys import ExitKeys

PAGE: Final = 200
"""Rows at a time: they are written in some 15 ms, which others wait."""

PAUSE_S: Final = 0.02
"""Seconds between two pages, besides what arrivals take."""

QUIET_S: Final = 600.0
"""Seconds that whoever has read something under an old key may still use it."""


@dataclass(slots=True)
class Pass:
    """What one look at all rows found."""

    changed: int = 0
    left: int = 0  #: held by somebody just now, or changed meanwhile
    damaged: int = 0  #: what no key opens

    @property
    def is_clean(self) -> bool:
        """Whether nothing lay under an older key."""
        return self.changed == self.left == self.damaged == 0


class WrapAnew:
    """Does it for one exit. ``did`` is told of each page."""

    def __init__(
        self, spool: Spool, keys: ExitKeys, arrivals: Arrivals, did: Callable[[], None]
    ) -> None:
        self._spool = spool
        self._keys = keys
        self._arrivals = arrivals
        self._did = did
        self._wrapped: tuple[tuple[bytes, ...], float] | None = None
        self.damaged = 0
        """Rows that keep an old key from being destroyed: nothing opens them."""

    async def strange(self) -> int:
        """How many of the newest rows lie under a storage key that is not here: ``exit.key`` and
        the spool are then of two different days."""
        known = {key.id for key in self._keys.storage}
        first = max(0, await last_of(self._spool) - PAGE)
        rows = (await self._spool.heads(HEAD, after=first, limit=PAGE)).rows
        return sum(
            not {wrapped_by(row.body), wrapped_by(row.note)} <= known | {b""} for row in rows
        )

    async def older(self) -> frozenset[bytes]:
        """The ids of storage keys that nothing needs any more. None before all was wrapped anew and
        looked at once more, some minutes later."""
        older = tuple(key.id for key in self._keys.storage[:-1])
        if not older:
            self.damaged, self._wrapped = 0, None
            return frozenset()
        if self._wrapped is not None and self._wrapped[0] == older:
            if trio.current_time() < self._wrapped[1] + QUIET_S:
                return frozenset()
        else:
            self._wrapped = None
        was_wrapped, found = self._wrapped is not None, await self._pass()
        self.damaged = found.damaged
        if was_wrapped and found.is_clean:
            return frozenset(older)
        self._wrapped = (older, trio.current_time()) if not found.left else None
        return frozenset()

    async def _pass(self) -> Pass:
        """Look at all rows, and wrap anew what is to be."""
        found, after = Pass(), 0
        try:
            found.changed = await wrap_cursors(self._spool, self._keys)
            await self._remembered(found)
        except SpoolFull:
            found.left += 1
        while True:
            began = trio.current_time()
            page = await self._spool.heads(HEAD, after=after, limit=PAGE)
            changes: list[Head] = []
            for row in page.rows:
                try:
                    changes += anew(row, self._keys.storage)
                except Damaged:
                    found.damaged += is_old(row, self._keys.storage)
            if changes:
                await self._put(changes, found)
            self._did()
            if page.after is None:
                return found
            after = page.after
            await self._arrivals.first(trio.current_time() - began)
            await trio.sleep(PAUSE_S)

    async def _remembered(self, found: Pass) -> None:
        for name, value in (await self._spool.remembered()).items():
            try:
                after = remembered_anew(name, value, self._keys)
            except Damaged:
                continue  # nobody reads it any more: it is written anew, or forgotten
            if after != value:
                done = await self._spool.exchange(name, value, after)
                found.changed += done
                found.left += not done

    async def _put(self, changes: list[Head], found: Pass) -> None:
        try:
            made = await self._spool.put_heads(changes)
        except SpoolFull:
            made = 0  # there may be room the next time
        found.changed += made
        found.left += len(changes) - made
