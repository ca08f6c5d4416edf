"""The process of the links as the core sees it: handed over, one call after another; and heard."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import trio

from relay.errors import Damaged
from relay.node.pipes import PipeEnded
from relay.node.process import Process
from relay.wire import frames
from relay.wire.batch import NOTHING, Batch

Arrived = Callable[[str, str, Batch], Awaitable[Batch | None]]
"""Told of a batch that came: the link, the peer, and what is in it. Gives what goes back to that
peer once all of it is durable; None where it could not be kept."""


async def _keeps_nothing(link: str, peer: str, batch: Batch) -> Batch | None:
    return None


class Links:
    """All links of a node, a process away."""

    def __init__(self, nursery_of: Callable[[], trio.Nursery]) -> None:
        self._nursery_of = nursery_of
        self._process: Process | None = None
        self._calls: dict[int, trio.MemorySendChannel[frames.Crossed]] = {}
        self._n = 0
        self._open: set[str] = set()
        self._to_open: int | None = None
        self.opened = trio.Event()
        """Every link serves, or cannot and said so."""
        self.arrived: Arrived = _keeps_nothing
        self.fares: Callable[[frames.Fares | frames.Routed], None] = lambda frame: None
        self.turned_away: Callable[[str, int], Awaitable[None]] = _counts_nothing

    def connected(self, process: Process) -> None:
        """The process is there."""
        self._process = process

    def gone(self, process: Process) -> None:
        """It is dead, and so are its calls: what they carried may have come there."""
        if process is not self._process:
            return
        self._process = None
        self._open.clear()
        calls, self._calls = self._calls, {}
        for answer in calls.values():
            answer.close()

    async def hand_over(self, link: str, peer: str, batch: Batch) -> frames.Crossed:
        """Hand a batch to a peer over a link; it never raises. What nobody answered is "later"."""
        process = self._process
        later = frames.Crossed(0, "later", "the process of the links is not there")
        if process is None:
            return later
        self._n += 1
        n = self._n
        send, receive = trio.open_memory_channel[frames.Crossed](1)
        self._calls[n] = send
        try:
            await process.pipe.send(frames.Cross(n, link, peer, batch))
            return await receive.receive()
        except (PipeEnded, trio.EndOfChannel):
            return later
        finally:
            self._calls.pop(n, None)

    async def said(self, frame: Any) -> None:
        """One frame of the process. Raises Damaged for what no links of ours say."""
        match frame:
            case frames.Crossed():
                answer = self._calls.pop(frame.n, None)
                if answer is None:
                    return  # whoever asked was cancelled
                answer.send_nowait(frame)
            case frames.Arrived():
                process = self._process
                if process is None:
                    raise Damaged
                self._nursery_of().start_soon(self._take, process, frame)
            case frames.LinkOpen():
                self._open.add(frame.name)
                self._to_open = frame.of
                if len(self._open) >= frame.of:
                    self.opened.set()
            case frames.TurnedAway():
                await self.turned_away(frame.link, frame.count)
            case frames.Fares() | frames.Routed():
                self.fares(frame)
            case _:
                raise Damaged

    async def _take(self, process: Process, frame: frames.Arrived) -> None:
        back = await self.arrived(frame.link, frame.peer, frame.batch)
        took = frames.Took(frame.n, back is not None, NOTHING if back is None else back)
        with contextlib.suppress(PipeEnded):  # then the peer will send it again
            await process.pipe.send(took)


async def _counts_nothing(link: str, count: int) -> None:
    return None
