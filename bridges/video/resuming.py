"""Brings a film to an upload that was begun, in pieces, from wherever it stands.

The server is believed, never our own count: what it says is there is where the next piece begins.
Every piece may be sent again and every question asked again, so that whatever ends this in between
(a deadline, a crash, a network that is cut) costs at most one piece. Until the film is published,
which is another request, no doubt here is about a post: all of it is ``Later``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bridges import kit
from bridges.video import ranges
from relay.ports import Answer, Clock, Later, Refused, Stopped, Unsure

PIECE: Final = 1024 * 1024
"""Bytes: four times the 256 KiB that Google wants multiples of, and the most that nginx takes
unless it is told otherwise (client_max_body_size)."""

PIECE_S: Final = 40.0
ENOUGH_S: Final = 45
"""A send that has gone on for so many seconds ends after the piece: the rest goes up in the next
one, before the node's deadline for a send is over."""

SOON_S: Final = 30
"""Seconds until a server that is still busy with a film is asked again."""

GOES_ON: Final = "its film is on its way up"
BUSY: Final = "its film is there and is being taken in"
STUCK: Final = "the upload does not go on"

Told = Answer | Later | Stopped | Unsure
Put = Callable[[str, bytes, float], Awaitable[Told]]
"""Sends a ``Content-Range`` and a piece to the upload, with a time limit in seconds."""

Judged = Callable[[Answer], Later | Refused | Stopped]
"""What an answer means that is neither progress nor an end, on the platform in question."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The server does not know the upload: it ran out, or has made its film already."""


@dataclass(frozen=True, slots=True)
class Whole:
    """All of it is there; ``answer`` tells of the film that it became."""

    answer: Answer


Brought = Whole | Gone | Later | Refused | Stopped


class Upload:
    """One film on its way to one upload."""

    def __init__(self, put: Put, content: bytes, clock: Clock, judged: Judged) -> None:
        self._put = put
        self._content = content
        self._clock = clock
        self._judged = judged
        self._piece = PIECE

    async def brought(self, *, begun: bool) -> Brought:
        """Go on until it is whole, or as far as it goes now. ``begun``: an earlier try may have
        sent some of it, so the server is asked first."""
        until = self._clock.now() + ENOUGH_S
        there = 0
        if begun:
            step = await self._step(await self._asked(), least=0)
            if not isinstance(step, int):
                return step
            there = step
        while self._clock.now() < until:
            step = await self._step(await self._sent(there), least=there + 1)
            if step == there:
                continue  # the piece was too small for this server: a larger one
            if not isinstance(step, int):
                return step
            there = step
        return Later(GOES_ON, self._clock.now() + 1)

    async def _asked(self) -> Told:
        return await self._put(ranges.asking(len(self._content)), b"", PIECE_S)

    async def _sent(self, first: int) -> Told:
        piece = self._content[first : first + self._piece]
        where = ranges.of_piece(first, len(piece), len(self._content))
        return await self._put(where, piece, PIECE_S)

    async def _step(self, answer: Told, *, least: int) -> int | Brought:
        """Where it goes on; or how it ends. ``least`` is what must be there by now."""
        if not isinstance(answer, Answer):
            return kit.harmless(answer)
        if answer.status in (200, 201):
            return Whole(answer)
        if answer.status in (404, 410):
            return Gone()
        if answer.status == 400 and least > 0 and self._piece < len(self._content):
            # PeerTube before an object store has a least size of its own, in megabytes.
            self._piece = len(self._content)
            return least - 1
        if answer.status != 308:
            return self._judged(answer)
        there = ranges.reached(answer.headers)
        if there is None or there < least or there > len(self._content):
            return Later(STUCK)
        if there == len(self._content):
            return Later(BUSY, self._clock.now() + SOON_S)
        return there
