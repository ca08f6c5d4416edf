"""What a door asked the core to keep, until the core has said of it that it is durable.

Bounded both ways: at the limit a door waits with a mail in its hands, and so stops reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from relay.entry.seal import SealedRow
from relay.model import Verdict
from relay.node.pipes import AsyncPipe, PipeEnded
from relay.wire import frames

MAX_PUTS = 256
"""Puts that may be unanswered; at the limit the door stops reading its clients."""

MAX_UNANSWERED_BYTES = 32 * 1024 * 1024
"""Bytes of envelopes that may be unanswered: what waits in the memory of a door."""

ANSWER_S = 30.0
"""Seconds a client is kept waiting for the disk before it hears "try again later"."""


class Puts:
    """The puts of one door, numbered from 1; one number of the core answers all up to it."""

    def __init__(self, pipe: AsyncPipe) -> None:
        self._pipe = pipe
        self._n = 0
        self._waiting: dict[int, tuple[asyncio.Future[Verdict], int]] = {}
        self._bytes = 0
        self._room = asyncio.Event()
        self._room.set()
        self._ended = False
        self.full = False
        """Whether the last answer was that the disk is full."""

    async def put(self, rows: Sequence[SealedRow]) -> Verdict:
        """TAKEN when these are durable, FULL on a full disk, BUSY when nobody can say."""
        while not self._room.is_set():
            await self._room.wait()
        if self._ended:
            return Verdict.BUSY
        self._n += 1
        n = self._n
        size = sum(len(row.envelope) for row in rows)
        answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting[n] = (answer, size)
        self._count(size)
        sealed = tuple(frames.Sealed(one.id, one.hour, one.keys, one.envelope) for one in rows)
        try:
            await self._pipe.send(frames.Put(n, sealed))
            return await asyncio.wait_for(asyncio.shield(answer), ANSWER_S)
        except (PipeEnded, TimeoutError):
            return Verdict.BUSY

    def answered(self, frame: frames.Durable | frames.Full) -> None:
        """The core's number: every put up to it is durable; or this one met a full disk."""
        self.full = isinstance(frame, frames.Full)
        if isinstance(frame, frames.Full):
            self._end(frame.n, Verdict.FULL)
            return
        for n in [n for n in self._waiting if n <= frame.n]:
            self._end(n, Verdict.TAKEN)

    def core_ended(self) -> None:
        """Nobody will answer any more: what is unanswered may be stored, and is not said to be."""
        self._ended = True
        for n in list(self._waiting):
            self._end(n, Verdict.BUSY)
        self._room.set()

    def _end(self, n: int, verdict: Verdict) -> None:
        answer, size = self._waiting.pop(n)
        self._count(-size)
        if not answer.done():
            answer.set_result(verdict)

    def _count(self, size: int) -> None:
        self._bytes += size
        room = len(self._waiting) < MAX_PUTS and self._bytes < MAX_UNANSWERED_BYTES
        self._room.set() if room else self._room.clear()
