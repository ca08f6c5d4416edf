"""What was withdrawn from the page, as the node remembers it and signs it: ids of items, no words.

An id is remembered before its item is taken away, so that no kill leaves one that is gone and not
listed. The other way round does no harm: the page takes down whatever is on the list. Of many the
last ``MOST`` stay, in the order in which they were withdrawn.
"""

from __future__ import annotations

import uuid
from typing import Final

import trio

from relay.errors import SpoolFull
from relay.model import Instant
from relay.ports import Spool
from relay.wire.keys import ExitKeys
from relay.wire.withdrawn import MOST, is_item_id, make_withdrawn, sign_withdrawn

KEPT: Final = "withdrawn"
"""What the ids are remembered under, 16 bytes each."""

_SIZE: Final = 16


class TakenDown:
    """The withdrawn items of one node."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._ids: dict[bytes, None] | None = None
        self._unkept = False
        self.changed = trio.Event()  #: set, and put in place anew, whenever an id is added

    async def add(self, id: str) -> None:
        """An item is about to be taken off the page. What is no id of an item is let be. Where the
        spool has no room it is listed all the same, and remembered as soon as there is some."""
        if not is_item_id(id):
            return
        ids, one = await self._known(), uuid.UUID(id).bytes
        if one not in ids:
            ids[one] = None
            while len(ids) > MOST:
                del ids[next(iter(ids))]
            self._unkept = True
            self.changed.set()
            self.changed = trio.Event()
        await self._keep()

    async def stated(self, keys: ExitKeys, now: Instant) -> tuple[bytes, bytes]:
        """The list of this day, and its signature."""
        ids = [uuid.UUID(bytes=one).urn for one in await self._known()]
        await self._keep()
        document = make_withdrawn(ids, now, keys.page)
        return document, sign_withdrawn(document, keys.page)

    async def _known(self) -> dict[bytes, None]:
        if self._ids is None:
            kept = (await self._spool.remembered()).get(KEPT, b"")
            whole = range(0, len(kept) // _SIZE * _SIZE, _SIZE)
            self._ids = {kept[at : at + _SIZE]: None for at in whole}
        return self._ids

    async def _keep(self) -> None:
        if not self._unkept or self._ids is None:
            return
        try:
            await self._spool.remember(KEPT, b"".join(self._ids))
        except SpoolFull:
            return
        self._unkept = False
