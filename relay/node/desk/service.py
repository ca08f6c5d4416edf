"""The core's end of the desk: hears its orders, carries them out, and tells it what has changed.

An order is carried out to its end whatever becomes of the desk; answers to who has gone are lost.
The desk may have been taken over: one that asks for more than it may is not heard until there is
room, and one that never hears its answers keeps nothing waiting but itself.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, nullcontext
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

MOST_LARGE: Final = 8
"""Of these, orders that open messages, which may have pictures and films of many megabytes."""

MOST_HEARD: Final = 1000
MOST_BYTES: Final = 8 * 1024 * 1024
"""Orders, and bytes of them, that were heard and have not ended. Two hundred browsers want less."""

OPENING: Final = frozenset(
    {"cards", "show", "media", "preview", "original", "original-confirm", "original-fetch"}
    | {"publish", "drop", "hold", "undo", "release", "retry", "redact", "rewrite"}
    | {"assign", "note", "ask", "answer"}
)
"""Orders that open messages and soon end: those that follow what they began are not among them."""

SIGNED_OUT: Final = "signed out"
"""What is told where there is no such session."""


class Room:
    """What one desk has asked for, and is still carried out or waits for that. One task takes."""

    def __init__(self) -> None:
        self._orders = 0
        self._bytes = 0
        self._given = trio.Event()

    async def take(self, size: int) -> None:
        """Wait until there is room for one more order of so many bytes."""
        while self._orders and (self._orders >= MOST_HEARD or self._bytes + size > MOST_BYTES):
            self._given = trio.Event()
            await self._given.wait()
        self._orders += 1
        self._bytes += size

    def give(self, size: int) -> None:
        """It has ended."""
        self._orders -= 1
        self._bytes -= size
        self._given.set()


class AtDesk:
    """Serves whichever desk there is; there is at most one at a time."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._slots = trio.CapacityLimiter(MOST_AT_ONCE)
        self._large = trio.CapacityLimiter(MOST_LARGE)
        self._pipe: Pipe | None = None
        self._stands: dict[str, Any] = {}
        self._noted = trio.Event()

    @property
    def is_there(self) -> bool:
        """Whether there is a desk."""
        return self._pipe is not None

    async def news(self, news: Mapping[str, Any]) -> None:
        """Tell the desk what has changed, if there is one; waits until it has room for it."""
        if self._pipe is not None:
            await self._say(self._pipe, frames.DeskNews(written(news)))

    async def note(self, stands: Mapping[str, Any]) -> None:
        """Have the desk told, by and by, what stands now; of each word the last. Waits for
        nothing: what only a desk waits for may keep nobody else from going on."""
        if self._pipe is not None:
            self._stands |= stands
            self._noted.set()

    @asynccontextmanager
    async def connected(self, pipe: Pipe) -> AsyncIterator[Callable[[Any], Awaitable[None]]]:
        """A desk has come; gives what hears its frames until it has gone. Raises Damaged for an
        order that is none."""
        under_way: dict[int, trio.CancelScope] = {}
        room = Room()

        async def carried_out(asked: frames.DeskAsks) -> None:
            try:
                await self._one(pipe, asked, under_way)
            finally:
                room.give(len(asked.order))

        async with trio.open_nursery() as nursery:

            async def said(frame: Any) -> None:
                match frame:
                    case frames.DeskAsks():
                        if frame.n in under_way:
                            raise Damaged
                        await room.take(len(frame.order))
                        under_way[frame.n] = trio.CancelScope()
                        nursery.start_soon(carried_out, frame)
                    case frames.DeskStops() if frame.n in under_way:
                        under_way[frame.n].cancel()

            self._pipe = pipe
            nursery.start_soon(self._tell, pipe)
            try:
                yield said
            finally:
                self._pipe = None
                self._stands.clear()
                nursery.cancel_scope.cancel()

    async def _one(
        self, pipe: Pipe, asked: frames.DeskAsks, under_way: dict[int, trio.CancelScope]
    ) -> None:
        n = asked.n
        try:
            with under_way[n]:
                last = await self._in_turn(pipe, n, asked.order)
                await self._say(pipe, last)
        finally:
            del under_way[n]

    async def _in_turn(self, pipe: Pipe, n: int, said: bytes) -> frames.DeskTold:
        try:
            order = _order(said)
        except Asked as refused:
            return _refused(n, str(refused))
        large = self._large if str(order.get("do")) in OPENING else nullcontext()
        async with large, self._slots:
            return await self._told(pipe, n, order)

    async def _told(self, pipe: Pipe, n: int, order: Mapping[str, Any]) -> frames.DeskTold:
        try:
            async with aclosing(self._answers(order)) as all_of_them:
                async for answer in all_of_them:
                    await self._say(pipe, frames.DeskTold(n, written(answer)))
        except OutwordError as error:
            return _refused(n, str(error))
        except Exception:  # one order that fails must not end the node; what it met is not told
            return _refused(n, FAILED)
        return frames.DeskTold(n, b"{}", end=True)

    async def _tell(self, pipe: Pipe) -> None:
        """Tell what was noted, until cancelled."""
        while True:
            await self._noted.wait()
            self._noted, stands = trio.Event(), self._stands
            self._stands = {}
            await self._say(pipe, frames.DeskNews(written(stands)))

    async def _say(self, pipe: Pipe, frame: object) -> None:
        try:
            await pipe.send(frame)
        except PipeEnded:
            return


def _refused(n: int, why: str) -> frames.DeskTold:
    return frames.DeskTold(n, written({"why": why}), end=True, refused=True)


def _order(said: bytes) -> Mapping[str, Any]:
    """Raises Asked for what is no JSON object, or has what is no text and no number."""
    try:
        order = json.loads(said)
        json.dumps(order, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        order = None
    if not isinstance(order, dict):
        raise Asked("that is no order")
    return order
