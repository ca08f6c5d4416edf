"""Which message may be one that a centre sends again.

SMPP gives a message no id. A centre sends it again if the connection broke before our answer, and
what is the same then is sender and text alone. But a person may also say the same twice. So each
message is known by sender, text and a mark, and the mark changes as soon as the centre is certain
to have all our answers: when it answered an enquire_link that was sent after the last of them, and
nothing came meanwhile. After a break, a start, or an answer that was slow, a centre may try again
for a while, and the mark stays for that long.

The mark is on the disk before it is used: otherwise a message that was stored just before a crash
would come again under another.
"""

from __future__ import annotations

import asyncio
import re
from secrets import token_hex
from typing import Final, Protocol

from relay.errors import OutwordError
from relay.model import Instant
from relay.ports import Clock

AGAIN_S: Final = 2 * 3600
"""Seconds for which a centre may try again, from the bind after a break on: most do so at once, and
the others within the first hour."""

_WRITTEN = re.compile(rb"1 [0-9a-f]{32}")


class Store(Protocol):
    """Where the mark is kept: durable when ``save`` returns. Both may raise OutwordError or
    OSError; ``load`` gives None where nothing was ever saved."""

    def load(self) -> bytes | None:
        """What was saved last."""
        ...

    def save(self, content: bytes) -> None:
        """Replace it in one step."""
        ...


class Doubt:
    """The mark in force. ``load`` it before each session."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._mark = b""
        self._used = False
        self._until: Instant = 0
        self._saving = asyncio.Lock()

    async def load(self) -> None:
        """Before each session: take up the mark of the process before, which may have run until
        now; or put back the own one. Raises OutwordError or OSError."""
        written = await asyncio.to_thread(self._store.load)
        if self._used:
            if written != self._mark:
                await asyncio.to_thread(self._store.save, self._mark)
        elif written is not None and _WRITTEN.fullmatch(written):
            if written != self._mark:
                self._mark, self._used = written, True
                self.broke()
        else:  # of a damaged one no mark is left: a repeat would be posted twice at the worst
            self._mark = await self._saved()

    async def mark(self) -> bytes:
        """For a message that has just come."""
        async with self._saving:
            self._used = True
            return self._mark

    def broke(self) -> None:
        """Some answers may not have reached the centre, if there were any."""
        if self._used:
            self._until = self._clock.now() + AGAIN_S

    async def settled(self) -> None:
        """The centre has all our answers."""
        if not self._used or self._clock.now() < self._until:
            return
        async with self._saving:
            try:
                self._mark = await self._saved()
            except (OutwordError, OSError):
                return  # the old one is as good, and only less kind to who repeats himself
            self._used = False

    async def _saved(self) -> bytes:
        made = b"1 " + token_hex(16).encode()
        await asyncio.to_thread(self._store.save, made)
        return made
