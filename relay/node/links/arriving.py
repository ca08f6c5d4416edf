"""What peers sent, on its way to the core, and the word of the core that it is kept."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from relay.links.port import Peer
from relay.node.child import Pulse
from relay.node.crossing.bounds import MOST_ARRIVALS, MOST_BYTES, MOST_OF_PEER, size_of
from relay.node.pipes import PipeEnded
from relay.wire import frames
from relay.wire.batch import Batch


class Arriving:
    """Batches that the core has not answered. There are few at a time, of each peer and of all:
    who sends more hears "later", and has it still."""

    def __init__(self, send: Callable[[object], Awaitable[None]], pulse: Pulse) -> None:
        """``send`` sends a frame to the core. Raises PipeEnded."""
        self._send = send
        self._pulse = pulse
        self._n = 0
        self._waiting: dict[int, asyncio.Future[frames.Took | None]] = {}
        self._of: Counter[str] = Counter()
        self._bytes = 0
        self._ended = False

    @property
    def busy(self) -> bool:
        """Whether the core has not answered something."""
        return bool(self._waiting)

    async def came(self, link: str, peer: Peer, batch: Batch) -> Batch | None:
        """``links.port.Came``: what goes back once all of it is durable; None where it is not, or
        where nobody can say."""
        size = size_of(batch)
        if self._ended or not self._has_room(peer.name, size):
            return None
        self._n += 1
        n = self._n
        answer = self._waiting[n] = asyncio.get_running_loop().create_future()
        self._of[peer.name] += 1
        self._bytes += size
        try:
            with self._pulse:
                await self._send(frames.Arrived(n, link, peer.name, batch))
                took = await answer
        except PipeEnded:
            return None
        finally:
            del self._waiting[n]
            self._of[peer.name] -= 1
            self._bytes -= size
        return took.back if took is not None and took.durable else None

    def _has_room(self, peer: str, size: int) -> bool:
        return (
            self._of[peer] < MOST_OF_PEER
            and len(self._waiting) < MOST_ARRIVALS
            and self._bytes + size <= MOST_BYTES
        )

    def took(self, frame: frames.Took) -> None:
        """The word of the core."""
        answer = self._waiting.get(frame.n)
        if answer is not None and not answer.done():  # else whoever waited for it was cancelled
            answer.set_result(frame)

    def core_ended(self) -> None:
        """Nobody will answer any more: what is there may be kept, and is not said to be."""
        self._ended = True
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_result(None)
