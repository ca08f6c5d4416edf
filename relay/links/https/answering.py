"""What each wish of a peer is answered with. Only here a batch becomes one that was kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from relay.links.https.line import Asked
from relay.links.https.pieces import Pieces
from relay.links.https.taking import Taking
from relay.links.https.wishes import NOT_NOW, HowMuch, Piece, Rest, Said, Whole, Wish
from relay.links.port import Came, Opening, Peer
from relay.wire import primitives


class Answering:
    """For all peers of a link."""

    def __init__(self, opening: Opening, came: Came, now: Callable[[], float]) -> None:
        self._taking = Taking(opening, came, now)
        self._pieces = Pieces(now)

    async def to(self, peer: Peer, wish: Wish, line: Asked) -> Said:
        """The answer to a wish, whose body is read first, whatever it is. Raises Broken, and
        Damaged where it is wrong."""
        match wish:
            case Whole():
                return await self._whole(peer, line)
            case Piece():
                return await self._piece(peer, wish, line)
            case HowMuch():
                await _all_of(line)
                return Said(204, offset=self._pieces.there(peer.key.public, wish.digest))
            case Rest():
                await _all_of(line)
                answer = await self._taking.answer(peer, wish.digest)
                if answer is None or wish.at > len(answer):
                    return Said(204)
                return Said(200, answer[wish.at :])

    async def tidy(self, every_s: float) -> None:
        """Forget what has become old, until cancelled; then what is under way is ended."""
        try:
            while True:
                await asyncio.sleep(every_s)
                self._pieces.forget_old()
                self._taking.forget_old()
        finally:
            self._taking.end()

    async def _whole(self, peer: Peer, line: Asked) -> Said:
        made = await _all_of(line)
        digest = primitives.digest(made)
        answer = await self._taking.take(peer, digest, len(made), lambda: made)
        return NOT_NOW if answer is None else Said(200, answer)

    async def _piece(self, peer: Peer, wish: Piece, line: Asked) -> Said:
        mine, digest = peer.key.public, wish.digest
        at = wish.at
        fits = begins_there = self._pieces.there(mine, digest) == at
        async for more in line.body():  # what does not fit is read and forgotten
            fits = fits and self._pieces.add(mine, digest, wish.of, at, more)
            at += len(more)
        there = self._pieces.there(mine, digest)
        if there < wish.of:
            return NOT_NOW if begins_there and not fits else Said(204, offset=there)
        made = partial(self._pieces.whole, mine, digest)
        answer = await self._taking.take(peer, digest, wish.of, made)
        if answer is None:
            return NOT_NOW
        self._pieces.forget(mine, digest)
        return Said(200, answer)


async def _all_of(line: Asked) -> bytes:
    """A body that is no longer than its wish allows."""
    return b"".join([more async for more in line.body()])
