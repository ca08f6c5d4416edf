"""What is asked over the link, and what is answered: all of the protocol. docs/wire.md has it.

::

    POST /batch                         a batch of SMALL bytes at most, whole
    PUT  /pieces/DIGEST?at=N&of=LENGTH  of a larger one, what stands at byte N of LENGTH
    HEAD /pieces/DIGEST                 how much of it is there
    GET  /answers/DIGEST?at=N           of an answer that broke off, what stands from byte N on

DIGEST is the SHA-256 of the batch (64 hexadecimal digits, lower case). There are four answers, and
each of them is the same for whatever it may mean besides::

    200   all of the batch is durable; the body is the batch that goes back
    204   not the whole of it is there; ``upload-offset`` says how much (the name is that of
          draft-ietf-httpbis-resumable-upload); or no such answer is there any more (0)
    400   it is wrong, and the connection ends; without a body
    503   it cannot be kept now; the body is LATER

The last piece of a batch is answered as the batch. A piece that begins elsewhere than where the
last one ended changes nothing, and is answered with where that is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from relay.errors import Damaged
from relay.wire.batch import MAX_BATCH

SMALL: Final = 256 * 1024
"""Bytes of a batch that is sent whole: a line that is cut more often carries no pieces either."""

PIECE: Final = 1024 * 1024
"""Bytes of a piece, at most. So much is read and forgotten where there is no room for it."""

LATER: Final = b"later"
OFFSET: Final = "upload-offset"

_PIECES: Final = re.compile(rb"/pieces/([0-9a-f]{64})(?:\?at=(\d{1,8})&of=(\d{1,8}))?")
_ANSWERS: Final = re.compile(rb"/answers/([0-9a-f]{64})\?at=(\d{1,8})")


@dataclass(frozen=True, slots=True)
class Whole:
    """A batch, as the body."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Of the batch with this SHA-256, which is ``of`` bytes long, what stands at byte ``at``."""

    digest: bytes
    at: int
    of: int


@dataclass(frozen=True, slots=True)
class HowMuch:
    """How many bytes of that batch are there?"""

    digest: bytes


@dataclass(frozen=True, slots=True)
class Rest:
    """Of the answer to that batch, what stands from byte ``at`` on."""

    digest: bytes
    at: int


Wish = Whole | Piece | HowMuch | Rest


def written(wish: Wish) -> tuple[str, str]:
    """The method and the target of a request for it."""
    match wish:
        case Whole():
            return "POST", "/batch"
        case Piece():
            return "PUT", f"/pieces/{wish.digest.hex()}?at={wish.at}&of={wish.of}"
        case HowMuch():
            return "HEAD", f"/pieces/{wish.digest.hex()}"
        case Rest():
            return "GET", f"/answers/{wish.digest.hex()}?at={wish.at}"


def wish_of(method: bytes, target: bytes) -> Wish:
    """The wish that a request is. Raises Damaged for what is none."""
    if (method, target) == (b"POST", b"/batch"):
        return Whole()
    if method in (b"PUT", b"HEAD") and (found := _PIECES.fullmatch(target)):
        digest, at, of = bytes.fromhex(found[1].decode()), found[2], found[3]
        if method == b"HEAD" and at is None:
            return HowMuch(digest)
        if method == b"PUT" and at is not None and int(at) <= int(of) and 0 < int(of) <= MAX_BATCH:
            return Piece(digest, int(at), int(of))
    if method == b"GET" and (found := _ANSWERS.fullmatch(target)):
        return Rest(bytes.fromhex(found[1].decode()), int(found[2]))
    raise Damaged


def most_body(wish: Wish) -> int:
    """Bytes that a request for it may bring along."""
    match wish:
        case Whole():
            return SMALL
        case Piece():
            return min(PIECE, wish.of - wish.at)
        case _:
            return 0


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """One of the four answers. ``offset``: of a 204."""

    status: int
    body: bytes = b""
    offset: int = 0


NOT_NOW: Final = Said(503, LATER)
WRONG: Final = Said(400)
