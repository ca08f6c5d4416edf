"""A batch that has come is given to the core: once, however often and over however many connections
it is asked for meanwhile, and one of a peer at a time.

The last answer for each peer is kept for a while, so that one that broke off need not be sent again
from its beginning.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Final

from relay.links.https.wishes import SMALL
from relay.links.port import Came, Opening, Peer
from relay.wire.batch import make_batch, read_batch

KEPT_S: Final = 900.0
"""Seconds that an answer is kept."""

Made = Callable[[], bytes | None]
"""Gives the bytes of a batch, when its turn has come; None: they are not there any more. Raises
Damaged where they are not what they should be."""


@dataclass(slots=True, repr=False)
class _Last:
    """Of one peer: the batch that is under way, and the last one that was answered."""

    digest: bytes = b""
    task: asyncio.Task[bytes | None] | None = None
    answered: bytes = b""
    answer: bytes = b""
    at: float = 0.0


class Taking:
    """For all peers of a link. ``now``: seconds that only grow."""

    def __init__(self, opening: Opening, came: Came, now: Callable[[], float]) -> None:
        self._opening = opening
        self._came = came
        self._now = now
        self._lasts = {key: _Last() for key in opening.peers}
        self._one_large = asyncio.Lock()

    async def take(self, peer: Peer, digest: bytes, length: int, made: Made) -> bytes | None:
        """Give the core a batch of so many bytes; the answer, once all of it is durable. None: it
        cannot be kept now. Raises Damaged for what is no batch of this peer for us.

        Who is cut off meanwhile changes nothing: the core has it, and its answer is kept.
        """
        last = self._lasts[peer.key.public]
        while last.task is not None and last.digest != digest:
            await asyncio.wait([last.task])
        if last.task is None:
            taken = self._taken(peer, last, length, made)
            last.digest = digest
            last.task = asyncio.get_running_loop().create_task(taken)
            last.task.add_done_callback(_heard_of)
        return await asyncio.shield(last.task)

    async def answer(self, peer: Peer, digest: bytes) -> bytes | None:
        """The answer to this batch, if it was this peer's last one; where it is under way, when it
        is there."""
        last = self._lasts[peer.key.public]
        if last.task is not None and last.digest == digest:
            await asyncio.wait([last.task])
        return last.answer if last.answered == digest and last.answer else None

    def forget_old(self) -> None:
        """Answers that nobody has asked for."""
        for last in self._lasts.values():
            if self._now() - last.at > KEPT_S:
                last.answer = b""

    def end(self) -> None:
        """The link ends: who waits is told nothing."""
        for last in self._lasts.values():
            if last.task is not None:
                last.task.cancel()

    async def _taken(self, peer: Peer, last: _Last, length: int, made: Made) -> bytes | None:
        try:
            # A batch is several times as large once it is read: the largest go one by one.
            async with self._one_large if length > SMALL else nullcontext():
                return await self._given(peer, last, made)
        finally:
            last.task = None

    async def _given(self, peer: Peer, last: _Last, made: Made) -> bytes | None:
        if (whole := made()) is None:
            return None
        batch = read_batch(whole, peer.key, self._opening.own)
        del whole
        back = await self._came(peer, batch)
        if back is None:
            return None
        answer = make_batch(replace(back, whole=last.digest), self._opening.seed, peer.key)
        last.answered, last.answer, last.at = last.digest, answer, self._now()
        return answer


def _heard_of(task: asyncio.Task[bytes | None]) -> None:
    """Where nobody waits any more, what it raised is nobody's either."""
    if not task.cancelled():
        task.exception()
