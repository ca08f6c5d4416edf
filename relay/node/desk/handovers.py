"""Notes from one shift to the next: sealed, the last of them, in the spool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import trio

from relay.errors import Asked, Damaged
from relay.model import Instant, hour_of
from relay.ports import Clock, Spool
from relay.wire import primitives
from relay.wire.keys import ExitKeys
from relay.wire.pack import pack, unpack

NAME: Final = "handovers"
MOST: Final = 50
MOST_TEXT: Final = 2000
"""Characters of a note."""

LOCKED: Final = "exit.key is locked: unlock it first"

_INFO: Final = b"outword/1/handovers"


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
        key = self._key()
        async with self._turn:
            before = (await self._read(key)).notes
            note = Note(hour_of(self._clock.now()), handle, text)
            if before and before[-1] == note:
                return  # the same click once more
            after = Notes((*before, note)[-MOST:])
            await self._spool.remember(NAME, primitives.seal(key, pack(after), _INFO))

    async def last(self) -> Sequence[dict[str, Any]]:
        """The notes, the newest first. Raises Asked."""
        notes = (await self._read(self._key())).notes
        return [{"hour": one.hour, "handle": one.handle, "text": one.text} for one in notes[::-1]]

    def _key(self) -> bytes:
        keys = self._keys()
        if keys is None:
            raise Asked(LOCKED)
        return primitives.derive(keys.desk_secret, _INFO)

    async def _read(self, key: bytes) -> Notes:
        value = (await self._spool.remembered()).get(NAME, b"")
        if not value:
            return Notes()
        try:
            return unpack(Notes, primitives.open_(key, value, _INFO))
        except Damaged:
            return Notes()  # of other keys, or damaged: nobody can read it any more
