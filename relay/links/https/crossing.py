"""One batch on its way to its answer, over as many connections as it takes.

Whatever breaks, what the other side has of the batch, and what we have of its answer, is not sent
again. A batch that was sent whole may be durable there though no answer came: that is asked for
first, and only where there is none the batch is sent once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.errors import Damaged
from relay.links.https.line import Asking
from relay.links.https.wishes import (
    NOT_NOW,
    PIECE,
    SMALL,
    HowMuch,
    Piece,
    Rest,
    Said,
    Whole,
    Wish,
)

MOST_STILL: Final = 3
"""Pieces in a row that do not bring it on, before we take it that nothing will."""


class NotNow(Exception):
    """The other side cannot keep it now."""


@dataclass(frozen=True, slots=True)
class Begun:
    """How far a batch came in an earlier call. ``sent``: all of it may be there."""

    digest: bytes
    sent: bool


class Crossing:
    """A batch on its way: its bytes and their SHA-256; ``before``: how far it came in an earlier
    call."""

    def __init__(self, made: bytes, digest: bytes, before: Begun | None = None) -> None:
        self.digest: Final = digest
        self._made = made
        self._there = 0
        self._answer = bytearray()
        self._begun = before is not None
        self._sent = before is not None and before.sent

    @property
    def begun(self) -> Begun:
        """How far it came."""
        return Begun(self.digest, self._sent)

    @property
    def came(self) -> int:
        """Bytes that have come over, there and back, as far as we know: what only grows while it is
        worth going on."""
        return self._there + len(self._answer)

    async def over(self, line: Asking) -> bytes:
        """Go on over this connection; the whole answer. Raises Broken, after which it can go on
        over another one; NotNow; Damaged, where it is refused, or answered with what we do not
        know."""
        again, self._begun = self._begun, True
        if again and self._sent and await self._has_the_rest(line):
            return bytes(self._answer)
        self._answer.clear()
        if len(self._made) > SMALL:
            await self._in_pieces(line, ask_first=again)
        else:
            self._sent = True
            said = await self._asked(line, Whole(), self._made)
            if said.status != 200:
                raise Damaged
        return bytes(self._answer)

    async def _has_the_rest(self, line: Asking) -> bool:
        """Ask for what is missing of an answer that broke off, or never came."""
        said = await self._asked(line, Rest(self.digest, len(self._answer)))
        if said.status not in (200, 204):
            raise Damaged
        return said.status == 200

    async def _in_pieces(self, line: Asking, *, ask_first: bool) -> None:
        length, at, still = len(self._made), 0, 0
        if ask_first:
            at = self._so_far(await self._asked(line, HowMuch(self.digest)))
        while still < MOST_STILL:
            body = self._made[at : at + PIECE]
            self._sent = at + len(body) == length
            said = await self._asked(line, Piece(self.digest, at, length), body)
            if said.status == 200:
                return
            before, at = at, self._so_far(said)
            still = 0 if at > before else still + 1
        raise Damaged

    def _so_far(self, said: Said) -> int:
        """How much is there, as they say. Raises Damaged where that cannot be."""
        if said.status != 204 or said.offset > len(self._made):
            raise Damaged
        self._there = said.offset
        return said.offset

    async def _asked(self, line: Asking, wish: Wish, body: bytes = b"") -> Said:
        said = await line.ask(wish, body, self._answer)
        if said.status == NOT_NOW.status:
            raise NotNow
        return said
