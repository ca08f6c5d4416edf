"""The core's end of the desk: hears its orders, carries them out, and tells it what has changed.

An order is carried out to its end whatever becomes of the desk; answers to who has gone are lost.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

import trio

from relay.control import written
from relay.errors import Asked, Damaged, OutwordError
from relay.node.listener import FAILED
from relay.node.pipes import Pipe, PipeEnded
from relay.wire import frames

Answers = Callable[[Mapping[str, Any]], AsyncGenerator[Mapping[str, Any], None]]

MOST_AT_ONCE: Final = 64
"""Orders of a desk that are carried out at a time; the next one waits."""

SIGNED_OUT: Final = "signed out"
"""What is told where there is no such session."""


class AtDesk:
    """Serves whichever desk there is; there is at most one at a time."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._slots = trio.CapacityLimiter(MOST_AT_ONCE)
        self._pipe: Pipe | None = None

    @property
    def is_there(self) -> bool:
        """Whether there is a desk."""
        return self._pipe is not None

    async def news(self, news: Mapping[str, Any]) -> None:
        """Tell the desk what has changed, if there is one."""
        if self._pipe is not None:
            await self._say(self._pipe, frames.DeskNews(written(news)))

    @asynccontextmanager
    async def connected(self, pipe: Pipe) -> AsyncIterator[Callable[[Any], Awaitable[None]]]:
        """A desk has come; gives what hears its frames until it has gone. Raises Damaged for an
        order that is none."""
        under_way: dict[int, trio.CancelScope] = {}
        async with trio.open_nursery() as nursery:

            async def said(frame: Any) -> None:
                match frame:
                    case frames.DeskAsks():
                        if frame.n in under_way:
                            raise Damaged
                        under_way[frame.n] = trio.CancelScope()
                        nursery.start_soon(self._one, pipe, frame, under_way)
                    case frames.DeskStops() if frame.n in under_way:
                        under_way[frame.n].cancel()

            self._pipe = pipe
            try:
                yield said
            finally:
                self._pipe = None
                nursery.cancel_scope.cancel()

    async def _one(
        self, pipe: Pipe, asked: frames.DeskAsks, under_way: dict[int, trio.CancelScope]
    ) -> None:
        n = asked.n
        try:
            with under_way[n]:
                async with self._slots:
                    last = await self._told(pipe, n, _order(asked.order))
                await self._say(pipe, last)
        finally:
            del under_way[n]

    async def _told(self, pipe: Pipe, n: int, order: Mapping[str, Any]) -> frames.DeskTold:
        try:
            async with aclosing(self._answers(order)) as all_of_them:
                async for answer in all_of_them:
                    await self._say(pipe, frames.DeskTold(n, written(answer)))
        except OutwordError as error:
            return frames.DeskTold(n, written({"why": str(error)}), end=True, refused=True)
        except Exception:  # one order that fails must not end the node; what it met is not told
            return frames.DeskTold(n, written({"why": FAILED}), end=True, refused=True)
        return frames.DeskTold(n, b"{}", end=True)

    async def _say(self, pipe: Pipe, frame: object) -> None:
        try:
            await pipe.send(frame)
        except PipeEnded:
            return


def _order(said: bytes) -> Mapping[str, Any]:
    try:
        order = json.loads(said)
    except (ValueError, RecursionError):
        order = None
    if not isinstance(order, dict):
        raise Asked("that is no order")
    return order
