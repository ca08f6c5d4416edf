"""ports.Reader, a process away: one item at a time, and what is hostile ends only its reader."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable

import trio

from relay.errors import Damaged
from relay.model import Kind, Reading, Unreadable
from relay.node.pipes import PipeEnded
from relay.node.process import Process
from relay.wire import frames

READ_S = 10.0
"""Wall seconds a reader gets for one item; its own limit is 2 s of CPU."""

READ_TRIES = 3
"""A reader that was killed from outside so often while at one item did not die by chance."""


class Readers:
    """ports.Reader over whichever reader process is alive now; one item at a time."""

    def __init__(self, kill: Callable[[int], Awaitable[None]]) -> None:
        self._kill = kill
        self._turn = trio.Lock()
        self._now: Process | None = None
        self._came = trio.Event()

    def connected(self, process: Process) -> None:
        """A new reader is there."""
        self._now = process
        self._came.set()
        self._came = trio.Event()

    async def read(self, content: bytes, kind: Kind) -> Reading:
        """As ports.Reader; takes as long as it takes to have a reader."""
        async with self._turn:
            killed = ended = 0
            while killed < READ_TRIES and ended < 2 * READ_TRIES:
                process = await self._alive()
                said = await self._ask(process, frames.Read(content, kind))
                if said is not None:
                    return said
                await process.dead.wait()
                if process.status == signal.SIGXCPU:
                    return Unreadable("too much work to read")
                killed += process.status != 0
                ended += 1  # also in order, as it may once after the item before
            return Unreadable("its reader was killed three times")

    async def _alive(self) -> Process:
        """A reader that has begun: one that ends before is no judgement about an item."""
        while True:
            if self._now is None or self._now.dead.is_set():
                await self._came.wait()
                continue
            process = self._now
            await process.began.wait()
            if not process.dead.is_set():
                return process

    async def _ask(self, process: Process, asked: frames.Read) -> Reading | None:
        try:
            with trio.move_on_after(READ_S) as limit:
                await process.pipe.send(asked)
                answer = await process.pipe.receive()
                if answer is not None:
                    return self._said(answer)
        except PipeEnded:
            return None
        except Damaged:
            await self._kill(process.pid)
            return Unreadable("its reader answered in no way we know")
        if limit.cancelled_caught:
            await self._kill(process.pid)
            await process.dead.wait()
            return Unreadable("too much work to read")
        return None

    @staticmethod
    def _said(answer: object) -> Reading:
        if not isinstance(answer, frames.WasRead):
            raise Damaged
        return answer.message
