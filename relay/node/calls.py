"""Calls of the core to one outlet process: by number, and what came of them.

A call to a process that ends is answered only when the launcher says that it is dead: until then
an outlet could still be sending. Cancelling a send asks the outlet to give up, waits, and then has
it killed; it never returns while the outlet may still be at it. An outlet that says what it may
not, or too much, is damage: whoever hears it has it killed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import trio

from relay.errors import Damaged
from relay.node.pipes import PipeEnded
from relay.node.process import DiedMeanwhile, Process
from relay.ports import Keep
from relay.wire import frames

GIVE_UP_S = 5.0
"""Seconds an outlet has to end a cancelled send before it is killed."""

QUICK_KEEPS = 16
"""What one send may keep as fast as the disk takes it."""

KEEP_S = 0.05
"""Seconds between two of what it keeps after that: each is a commit, which others wait for."""

MOST_LATE = 100
"""Answers that an outlet may give to nobody. A cancelled call may have one; more is a flood."""


class _Call:
    """One call that an outlet has not answered."""

    def __init__(self, keep: Keep | None) -> None:
        self.keep = keep
        self.keeping = False
        self.keeps = 0
        self.answer: Any = None
        self.answered = trio.Event()


class Outlet:
    """One outlet process: calls by number, and what came of them."""

    def __init__(self, process: Process, kill: Callable[[int], Awaitable[None]]) -> None:
        self.process = process
        self._kill = kill
        self._calls: dict[int, _Call] = {}
        self._serves: set[str] = set()
        self._n = 0
        self._late = 0

    def begins(self, destination: str) -> None:
        """It says that it serves this destination: each once, one of its own that alone. Raises
        Damaged for anything else."""
        if destination in self._serves or self.process.alone not in ("", destination):
            raise Damaged
        self._serves.add(destination)

    def serves(self, destination: str) -> bool:
        """Whether it has said that it serves this one."""
        return destination in self._serves

    async def call(self, make: Callable[[int], object], keep: Keep | None = None) -> Any:
        """Ask, and wait for the answer. Raises PipeEnded or DiedMeanwhile."""
        self._n += 1
        n, call = self._n, _Call(keep)
        self._calls[n] = call
        try:
            await self.process.pipe.send(make(n))
            await call.answered.wait()
        except trio.Cancelled:
            with trio.CancelScope(shield=True):
                await self._give_up(n, call)
            raise
        finally:
            del self._calls[n]
        if call.answer is None:
            raise DiedMeanwhile
        return call.answer

    async def _give_up(self, n: int, call: _Call) -> None:
        with trio.move_on_after(GIVE_UP_S):
            try:
                await self.process.pipe.send(frames.Cancel(n))
            except PipeEnded:
                pass
            else:
                await call.answered.wait()
                return
        await self._kill(self.process.pid)
        await self.process.dead.wait()

    def answered(self, n: int, answer: object) -> bool:
        """An answer came. False: to no call of ours (it is too late). Raises Damaged for the one
        that is too many of those."""
        call = self._calls.get(n)
        if call is None or call.answered.is_set():
            self._late += 1
            if self._late > MOST_LATE:
                raise Damaged
            return False
        call.answer = answer
        call.answered.set()
        return True

    def keeps(self, n: int) -> bool:
        """The bridge of call ``n`` wants something durable. False: that call is over. Raises
        Damaged if it did not wait for the answer to what it wanted before."""
        call = self._calls.get(n)
        if call is None or call.keep is None:
            return False
        if call.keeping:
            raise Damaged
        call.keeping = True
        return True

    async def kept(self, frame: frames.Keeps) -> None:
        """Make it durable, and say so."""
        call = self._calls.get(frame.n)
        if call is None or call.keep is None:
            return
        call.keeps += 1
        if call.keeps > QUICK_KEEPS:
            await trio.sleep(KEEP_S)
        try:
            await call.keep(frame.kept)
            call.keeping = False
            await self.process.pipe.send(frames.Kept(frame.n))
        except (PipeEnded, Damaged, ValueError):
            return  # it has ended meanwhile, or asks for too much: it is never told that it is kept

    def died(self) -> None:
        """The launcher says it is dead: every call ends now."""
        for call in self._calls.values():
            call.answered.set()
