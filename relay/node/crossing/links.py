"""The process of the links as the core sees it: handed over, one call after another; and heard."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import trio

from relay.errors import Damaged
from relay.node.crossing.bounds import MOST_ARRIVALS, MOST_BYTES, size_of
from relay.node.crossing.said import believed
from relay.node.pipes import PipeEnded
from relay.node.process import Process
from relay.wire import frames
from relay.wire.batch import NOTHING, Batch

Arrived = Callable[[str, str, Batch], Awaitable[Batch | None]]
"""Told of a batch that came: the link, the peer, and what is in it. Gives what goes back to that
peer once all of it is durable; None where it could not be kept."""


async def _keeps_nothing(link: str, peer: str, batch: Batch) -> Batch | None:
    return None


async def _counts_nothing(link: str, count: int) -> None:
    return None


class Links:
    """All links of a node, a process away. ``links`` and ``peers`` are those of the settings, by
    their names."""

    def __init__(
        self,
        nursery_of: Callable[[], trio.Nursery],
        links: Mapping[str, object],
        peers: Mapping[str, object],
    ) -> None:
        self._nursery_of = nursery_of
        self._names = frozenset(links)
        self._peers = frozenset(peers)
        self._process: Process | None = None
        self._calls: dict[int, trio.MemorySendChannel[frames.Crossed]] = {}
        self._n = 0
        self._open: set[str] = set()
        self._arrivals = 0
        self._bytes = 0
        self.arrived: Arrived = _keeps_nothing
        self.crossed: Callable[[str, Batch], None] = lambda link, batch: None
        """Told of a batch that was handed over by a link, or has come by it."""
        self.fares: Callable[[frames.Fares | frames.Routed], None] = lambda frame: None
        self.turned_away: Callable[[str, int], Awaitable[None]] = _counts_nothing
        self.begins: Callable[[], None] = lambda: None
        """Called when there is a new process: it knows of no failure yet."""

    @property
    def opened(self) -> bool:
        """Whether every link serves, or cannot and said so, or once did."""
        return self._open >= self._names

    def connected(self, process: Process) -> None:
        """The process is there."""
        self._process = process
        self.begins()

    def gone(self, process: Process) -> None:
        """It is dead, and so are its calls: what they carried may have come there."""
        if process is not self._process:
            return
        self._process = None
        calls, self._calls = self._calls, {}
        for answer in calls.values():
            answer.close()

    async def hand_over(self, link: str, peer: str, batch: Batch) -> frames.Crossed:
        """Hand a batch to a peer over a link; it never raises. What nobody answered is "later".
        Where it is cancelled, the link is told to give up; it may have come there all the same."""
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
            crossed = await receive.receive()
        except (PipeEnded, trio.EndOfChannel):
            return later
        except trio.Cancelled:
            with contextlib.suppress(PipeEnded):
                process.pipe.send_now(frames.Cancel(n))
            raise
        finally:
            self._calls.pop(n, None)
        if crossed.how != "later":  # what is given counts when the peer says that it has it
            self.crossed(link, batch if crossed.how == "durable" else NOTHING)
        return crossed

    async def said(self, frame: Any) -> None:
        """One frame of the process. Raises Damaged for what no links of ours say."""
        match frame := believed(frame, self._names, self._peers):
            case frames.Crossed():
                answer = self._calls.pop(frame.n, None)
                if answer is not None:  # else whoever asked was cancelled
                    answer.send_nowait(frame)
            case frames.Arrived():
                self._begin(frame)
            case frames.LinkOpen():
                self._open.add(frame.name)
            case frames.TurnedAway():
                await self.turned_away(frame.link, frame.count)
            case frames.Fares() | frames.Routed():
                self.fares(frame)
            case _:
                raise Damaged

    def _begin(self, frame: frames.Arrived) -> None:
        """Take it, beside what is being taken. Ours keep to the bounds; who does not is damaged."""
        process, size = self._process, size_of(frame.batch)
        if process is None or self._arrivals >= MOST_ARRIVALS or self._bytes + size > MOST_BYTES:
            raise Damaged
        self._arrivals += 1
        self._bytes += size
        self._nursery_of().start_soon(self._take, process, frame, size)

    async def _take(self, process: Process, frame: frames.Arrived, size: int) -> None:
        try:
            back = await self.arrived(frame.link, frame.peer, frame.batch)
        finally:
            self._arrivals -= 1
            self._bytes -= size
        if back is not None:
            self.crossed(frame.link, frame.batch)
        took = frames.Took(frame.n, back is not None, NOTHING if back is None else back)
        with contextlib.suppress(PipeEnded):  # then the peer will send it again
            await process.pipe.send(took)
