"""Whichever process of a role is alive now, asked one thing at a time.

What it is given may be hostile and end it: that is told as a reason, and the next process takes its
place. One that is killed by somebody else is no judgement about what it was given, unless that
happens over and over.
"""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import trio

from relay.errors import Damaged
from relay.node.pipes import PipeEnded
from relay.node.process import Process

TRIES = 3
"""A process that was killed from outside so often while at one thing did not die by chance."""

LEAVE_S = 1.0
"""Wall seconds for a process to end that has nothing more to do; then it is killed."""

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Unanswered:
    """There is no answer, for this reason (our own words)."""

    why: str


class Solo(Generic[A]):
    """The process of a role; who asks sees to it that nobody else does meanwhile.

    ``believed`` is given what was asked and the answer, gives that as it may go on, and raises
    Damaged for what is none. ``does`` says for the reasons what such a process does ("read").
    """

    def __init__(
        self,
        role: str,
        does: str,
        believed: Callable[[Any, object], A],
        kill: Callable[[int], Awaitable[None]],
    ) -> None:
        self._role = role
        self._does = does
        self._believed = believed
        self._kill = kill
        self._now: Process | None = None
        self._used: Process | None = None
        self._came = trio.Event()

    def connected(self, process: Process) -> None:
        """A new one is there."""
        self._now = process
        self._came.set()
        self._came = trio.Event()

    async def ask(self, asked: object, limit_s: float) -> A | Unanswered:
        """Its answer within so many wall seconds; takes as long as it takes to have one."""
        killed = ended = 0
        while killed < TRIES and ended < 2 * TRIES:
            process = await self._alive()
            said = await self._ask(process, asked, limit_s)
            if said is not None:
                return said
            await self._gone(process)
            if process.status == signal.SIGXCPU:
                return self._too_much("work")
            if process.status == signal.SIGABRT:  # how their libraries end without memory
                return self._too_much("memory")
            killed += process.status != 0
            ended += 1  # also in order, as it may once after the thing before
        return Unanswered(f"its {self._role} was killed three times")

    async def replaced(self) -> None:
        """The one that was asked last is gone; the next one was asked nothing."""
        if self._used is not None:
            await self._gone(self._used)

    async def _gone(self, process: Process) -> None:
        """It is dead, also where it has only closed its end and would live on."""
        with trio.move_on_after(LEAVE_S):
            await process.dead.wait()
            return
        await self._kill(process.pid)
        await process.dead.wait()

    async def _alive(self) -> Process:
        """One that has begun: one that ends before is no judgement about what it is given."""
        while True:
            if self._now is None or self._now.dead.is_set():
                await self._came.wait()
                continue
            process = self._now
            await process.began.wait()
            if not process.dead.is_set():
                return process

    async def _ask(self, process: Process, asked: object, limit_s: float) -> A | Unanswered | None:
        self._used = process
        try:
            with trio.move_on_after(limit_s) as limit:
                await process.pipe.send(asked)
                answer = await process.pipe.receive()
                if answer is not None:
                    return self._believed(asked, answer)
        except PipeEnded:
            return None
        except Damaged:
            await self._kill(process.pid)
            return Unanswered(f"its {self._role} answered in no way we know")
        except trio.Cancelled:  # its answer would be taken for that to the next thing
            with trio.CancelScope(shield=True):
                await self._kill(process.pid)
            raise
        if limit.cancelled_caught:
            await self._kill(process.pid)
            await process.dead.wait()
            return self._too_much("work")
        return None

    def _too_much(self, what: str) -> Unanswered:
        return Unanswered(f"too much {what} to {self._does}")
