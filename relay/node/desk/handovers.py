"""Notes from one shift to the next: sealed, the last of them, in the spool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import trio

from relay.errors import Asked, Damaged
from relay.exit.remembering import remembered, to_remember
from relay.model import Instant, hour_of
from relay.ports import Clock, Spool
from relay.wire.keys import ExitKeys

NAME: Final = "handovers"
MOST: Final = 50
MOST_TEXT: Final = 2000
"""Characters of a note."""

LOCKED: Final = "exit.key is locked: unlock it first"


@dataclass(frozen=True, slots=True, repr=False)
class Note:
    """``hour``: when it was written, and no finer."""

    hour: Instant
    handle: str
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Notes:
    """The last of them, the oldest first."""

    notes: tuple[Note, ...] = ()


class Handovers:
    """Those of one node; ``keys`` gives None while exit.key is locked."""

    def __init__(self, spool: Spool, clock: Clock, keys: Callable[[], ExitKeys | None]) -> None:
        self._spool = spool
        self._clock = clock
        self._keys = keys
        self._turn = trio.Lock()

    async def add(self, text: str, handle: str) -> None:
        """Leave a note; durable when this returns. Raises Asked, SpoolFull."""
        text = text.replace("\r\n", "\n").strip()
        if not 0 < len(text) <= MOST_TEXT:
            raise Asked(f"a note has 1 to {MOST_TEXT} characters")
        keys = self._open_keys()
        async with self._turn:
            before = (await self._read(keys)).notes
            note = Note(hour_of(self._clock.now()), handle, text)
            if before and before[-1] == note:
                return  # the same click once more
            after = Notes((*before, note)[-MOST:])
            await self._spool.remember(NAME, to_remember(NAME, after, keys))

    async def last(self) -> Sequence[dict[str, Any]]:
        """The notes, the newest first. Raises Asked."""
        notes = (await self._read(self._open_keys())).notes
        return [{"hour": one.hour, "handle": one.handle, "text": one.text} for one in notes[::-1]]

    def _open_keys(self) -> ExitKeys:
        keys = self._keys()
        if keys is None:
            raise Asked(LOCKED)
        return keys

    async def _read(self, keys: ExitKeys) -> Notes:
        value = (await self._spool.remembered()).get(NAME, b"")
        if not value:
            return Notes()
        try:
            return remembered(Notes, NAME, value, keys)
        except Damaged:
            return Notes()  # of other keys, or damaged: nobody can read it any more
