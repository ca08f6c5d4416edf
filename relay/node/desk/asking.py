"""The desk's end of its pipe to the core: ``relay.desk.core.Core`` over frames."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final

from relay.control import written
from relay.desk.core import Heard, Order, Refused, SignedOut, Told
from relay.errors import Damaged
from relay.node.desk.service import SIGNED_OUT
from relay.node.pipes import AsyncPipe, PipeEnded
from relay.wire import frames

HEARS: Final = (frames.DeskTold, frames.DeskNews)
"""Every frame that the core may send to a desk."""

GONE: Final = "the relay has just ended; what you did may be done: look, and try again"


class Asking:
    """Orders under way, by their numbers."""

    def __init__(self, pipe: AsyncPipe) -> None:
        self._pipe = pipe
        self._n = 0
        self._waiting: dict[int, asyncio.Queue[frames.DeskTold | None]] = {}
        self._heard: list[Heard] = []

    def hear(self, heard: Heard) -> None:
        """As desk.core.Core."""
        self._heard.append(heard)

    async def run(self) -> None:
        """Hear the core until it is gone; whoever waits for it then is refused. Raises Damaged."""
        try:
            while (frame := await self._pipe.receive()) is not None:
                if isinstance(frame, frames.DeskNews):
                    news = json.loads(frame.news)
                    for heard in self._heard:
                        heard(news)
                elif frame.n in self._waiting:
                    self._waiting[frame.n].put_nowait(frame)
        finally:
            for waiting in self._waiting.values():
                waiting.put_nowait(None)

    async def ask(self, order: Order) -> AsyncIterator[Told]:
        """As desk.core.Core."""
        self._n += 1
        n, told = self._n, asyncio.Queue[frames.DeskTold | None]()
        self._waiting[n] = told
        ended = False
        try:
            await self._pipe.send(frames.DeskAsks(n, written(order)))
            while (frame := await told.get()) is not None:
                ended = frame.end
                if frame.refused:
                    raise _refused(json.loads(frame.answer))
                if frame.end:
                    return
                yield json.loads(frame.answer)
            raise Refused(GONE, again=True)
        except PipeEnded:
            raise Refused(GONE, again=True) from None
        finally:
            del self._waiting[n]
            if not ended:
                await self._stop(n)

    async def one(self, order: Order) -> Told:
        """As desk.core.Core."""
        last: Told = {}
        async for told in self.ask(order):
            last = told
        return last

    async def _stop(self, n: int) -> None:
        try:
            await self._pipe.send(frames.DeskStops(n))
        except (PipeEnded, Damaged):
            return


def _refused(answer: Told) -> Refused:
    why = str(answer.get("why", ""))
    return SignedOut(why) if why == SIGNED_OUT else Refused(why)
