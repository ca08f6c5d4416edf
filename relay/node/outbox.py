"""The answers of one transport on their way out: late and together, capped, each tried once.

All of it is in a door's memory: an answer that is not out when the door ends is lost, and whoever
asked asks again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from secrets import SystemRandom
from typing import Final, Protocol

from relay.entry.answer import Reply
from relay.entry.caps import Caps
from relay.model import Posted
from relay.node.inward import AnswerTo
from relay.ports import Clock

MOST_WAITING: Final = 1000
"""Answers that wait in one transport: what is more counts as over a cap."""

AT_ONCE: Final = 8
"""Answers that one transport sends at the same time."""

SEND_S: Final = 60.0
"""Seconds that a transport has to send one."""


class Keeps(Protocol):
    """Where the count of the day lies (``keyfiles.Kept``)."""

    def save(self, content: bytes) -> None: ...


class Outbox:
    """One transport's. ``every_s``: answers leave together, so far apart; 0: at once. ``counts`` is
    told of each that was "answered", "capped" or "failed"."""

    def __init__(
        self,
        answer: AnswerTo,
        caps: Caps | None,
        keeps: Keeps,
        clock: Clock,
        counts: Counter[str],
        every_s: float = 0.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._answer = answer
        self._caps = caps
        self._keeps = keeps
        self._clock = clock
        self._counts = counts
        self._every_s = every_s
        self._sleep = sleep
        self._waiting: list[Reply] = []
        self._some = asyncio.Event()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._under_way = 0
        self.still = asyncio.Event()
        """None is being sent."""
        self.still.set()

    def put(self, reply: Reply) -> None:
        """Have it sent in its time."""
        if len(self._waiting) + self._under_way >= MOST_WAITING:
            self._counts["capped"] += 1
            return
        self._waiting.append(reply)
        self._some.set()

    def taken_out(self) -> list[Reply]:
        """All that wait, which are not this one's any more."""
        waiting, self._waiting = self._waiting, []
        return waiting

    async def run(self) -> None:
        """Send what comes, until cancelled; one that is slow holds up no other. The first time is
        drawn: nobody can tell the others from when the node was started."""
        pause_s = SystemRandom().uniform(0, self._every_s)
        async with asyncio.TaskGroup() as sending:
            while True:
                if self._every_s:
                    await self._sleep(pause_s)
                    pause_s = self._every_s
                else:
                    await self._some.wait()
                for reply in await self._released():
                    sending.create_task(self._send(reply))

    async def _released(self) -> list[Reply]:
        """What may go now; it counts as under way until it has ended."""
        waiting, self._waiting = self._waiting, []
        self._some.clear()
        going = await self._admitted(waiting)
        self._under_way += len(going)
        if going:
            self.still.clear()
        return going

    async def _admitted(self, waiting: list[Reply]) -> list[Reply]:
        """Those that the caps let out, once it is durable that they did."""
        if self._caps is None:
            return waiting
        now = self._clock.now()
        going = [one for one in waiting if self._caps.admits(one.who, now)]
        self._counts["capped"] += len(waiting) - len(going)
        try:
            if going:
                await asyncio.to_thread(self._keeps.save, self._caps.to_keep())
        except OSError:  # an answer that is not counted might be sent every day without end
            self._counts["failed"] += len(going)
            return []
        return going

    async def _send(self, reply: Reply) -> None:
        ended = "failed"
        try:
            async with self._turns, asyncio.timeout(SEND_S):
                outcome = await self._answer(reply.way_back, reply.text)
            ended = "answered" if isinstance(outcome, Posted) else "failed"
        except Exception:  # whatever it says could name the sender
            pass
        finally:
            self._under_way -= 1
            if not self._under_way:
                self.still.set()
            self._counts[ended] += 1
