"""A batch that has come is given to the core: once, however often and over however many connections
it is asked for meanwhile, and one of a peer at a time.

The last answers for each peer are kept for a while, so that one that broke off need not be sent
again from its beginning.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Final

from relay.links.https.wishes import SMALL
from relay.links.port import Came, Opening, Peer
from relay.wire.batch import make_batch, read_batch

KEPT_S: Final = 900.0
"""Seconds that an answer is kept."""

MOST_KEPT: Final = 4
"""Answers that are kept for a peer: it may ask for other things in between."""

Made = Callable[[], bytes | None]
"""Gives the bytes of a batch, when its turn has come; None: they are not there any more. Raises
Damaged where they are not what they should be."""


@dataclass(frozen=True, slots=True, repr=False)
class _Kept:
    answer: bytes
    at: float


@dataclass(slots=True, repr=False)
class _Of:
    """Of one peer: the batch that is under way, and the answers to those before it."""

    digest: bytes = b""
    task: asyncio.Task[bytes | None] | None = None
    kept: dict[bytes, _Kept] = field(default_factory=dict)


class Taking:
    """For all peers of a link. ``now``: seconds that only grow."""

    def __init__(self, opening: Opening, came: Came, now: Callable[[], float]) -> None:
        self._opening = opening
        self._came = came
        self._now = now
        self._of = {key: _Of() for key in opening.peers}
        self._one_large = asyncio.Lock()

    async def take(self, peer: Peer, digest: bytes, length: int, made: Made) -> bytes | None:
        """Give the core a batch of so many bytes; the answer, once all of it is durable. None: it
        cannot be kept now. Raises Damaged for what is no batch of this peer for us.

        Who is cut off meanwhile changes nothing: the core has it, and its answer is kept.
        """
        of = self._of[peer.key.public]
        while of.task is not None and of.digest != digest:
            await asyncio.wait([of.task])
        if of.task is None:
            taken = self._taken(peer, of, length, made)
            of.digest = digest
            of.task = asyncio.get_running_loop().create_task(taken)
            of.task.add_done_callback(_heard_of)
        return await asyncio.shield(of.task)

    async def answer(self, peer: Peer, digest: bytes) -> bytes | None:
        """The answer to this batch, if it was one of this peer's last ones; where it is under way,
        when it is there."""
        of = self._of[peer.key.public]
        if of.task is not None and of.digest == digest:
            await asyncio.wait([of.task])
        kept = of.kept.get(digest)
        return kept.answer if kept is not None else None

    def forget_old(self) -> None:
        """Answers that nobody has asked for."""
        for of in self._of.values():
            for digest, kept in tuple(of.kept.items()):
                if self._now() - kept.at > KEPT_S:
                    del of.kept[digest]

    def end(self) -> None:
        """The link ends: who waits is told nothing."""
        for of in self._of.values():
            if of.task is not None:
                of.task.cancel()

    async def _taken(self, peer: Peer, of: _Of, length: int, made: Made) -> bytes | None:
        try:
            # A batch is several times as large once it is read: the largest go one by one.
            async with self._one_large if length > SMALL else nullcontext():
                return await self._given(peer, of, made)
        finally:
            of.task = None

    async def _given(self, peer: Peer, of: _Of, made: Made) -> bytes | None:
        if (whole := made()) is None:
            return None
        batch = read_batch(whole, peer.key, self._opening.own)
        del whole
        back = await self._came(peer, batch)
        if back is None:
            return None
        answer = make_batch(replace(back, whole=of.digest), self._opening.seed, peer.key)
        of.kept.pop(of.digest, None)
        of.kept[of.digest] = _Kept(answer, self._now())
        if len(of.kept) > MOST_KEPT:
            del of.kept[next(iter(of.kept))]
        return answer


def _heard_of(task: asyncio.Task[bytes | None]) -> None:
    """Where nobody waits any more, what it raised is nobody's either."""
    if not task.cancelled():
        task.exception()
