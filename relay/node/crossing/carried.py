"""What a person carries between nodes on a stick: what the command line takes along, and brings.

``relay bundle`` has the stick, and the link key to sign what goes on it and to know whose it is
that came; the core has what is to be carried. Neither has the other's: of the core the command
gets unsigned batches, in pieces of bounded size, and gives it such. All of it may be asked for, or
brought, as often as one likes; what is on a stick stays here until its peer says that it has it.

::

    {"do": "carry-ids", "peer": P}      the ids of all envelopes that wait for that exit: those
                                        that may go to it now, and those that may later
    {"do": "carry-out", "peer": P}      all that is for that peer: batch after batch
    {"do": "carry-in", "peer": P, "token": T, "of": N, "at": A, "piece": B64}
                                        a piece of a batch of that peer; with the last one, what
                                        goes back, once all of it is durable
    {"do": "carry-back", "peer": P, "ids": [...]}
                                        these are durable here, and the stick took no receipt
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, Protocol

import trio

from relay.config import Settings
from relay.errors import Asked, Damaged
from relay.model import Instant, Queue, Row
from relay.node.crossing.links import Links
from relay.node.crossing.returning import Returning
from relay.ports import Clock, Spool
from relay.wire.batch import MAX_BATCH, MOST_IDS, Batch
from relay.wire.envelope import ID
from relay.wire.pack import pack, unpack

Answer = Mapping[str, Any]

WORDS: Final = frozenset({"carry-ids", "carry-out", "carry-in", "carry-back"})

STICK: Final = "a stick"
"""What comes so came over no link of the settings: no name there has a blank."""

PIECE_OUT: Final = 3 * 64 * 1024
PAGE: Final = 1000
"""Ids in one line of an answer, and rows looked at together."""

MOST_AT_ONCE: Final = 2
"""Batches that are brought in pieces at the same time; of a third one the oldest is forgotten."""

FORGOTTEN_S: Final = 120.0
"""Seconds without another piece after which a batch is given up."""

_TOKEN: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


class Node(Protocol):
    """What is needed of the core. ``carries`` gives all envelopes for an exit, in batches."""

    settings: Settings
    links: Links
    returning: Returning
    clock: Clock

    @property
    def spool(self) -> Spool: ...
    def carries(self, peer: str) -> AsyncGenerator[Batch, None]: ...


@dataclass(slots=True)
class _Half:
    """A batch of which some has come."""

    of: int
    content: bytearray = field(default_factory=bytearray)
    at: float = 0.0


class Carried:
    """Answers the orders of ``relay bundle``."""

    def __init__(self, core: Node) -> None:
        self._core = core
        self._halves: dict[str, _Half] = {}

    async def answers(self, request: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
        """All answers to one of them. Raises Asked."""
        peer = request.get("peer")
        if not isinstance(peer, str) or peer not in self._core.settings.peers:
            raise Asked("this node has no peer of that name: look at [peers] in its relay.toml")
        match request:
            case {"do": "carry-ids"}:
                async with aclosing(self._waiting(peer)) as waiting:
                    async for rows in waiting:
                        now = self._core.clock.now()
                        due = [row.id.hex() for row in rows if _is_due(row, now)]
                        later = [row.id.hex() for row in rows if not _is_due(row, now)]
                        yield {"ids": due, "later": later}
            case {"do": "carry-out"}:
                async with aclosing(self._out(peer)) as batches:
                    async for batch in batches:
                        for answer in _pieces(batch):
                            yield answer
            case {
                "do": "carry-in",
                "token": str() as token,
                "of": int() as of,
                "at": int() as at,
                "piece": str() as piece,
            } if _TOKEN.fullmatch(token):
                for answer in await self._in(peer, f"{peer} {token}", of, at, _bytes(piece)):
                    yield answer
            case {"do": "carry-back", "ids": [*ids]} if len(ids) <= MOST_IDS:
                self._core.returning.durable(STICK, peer, [_id(one) for one in ids])
                yield {"remembered": len(ids)}
            case _:
                raise Asked("this version knows no such order")

    async def _waiting(self, peer: str) -> AsyncGenerator[list[Row], None]:
        after = 0
        while rows := await self._core.spool.look(queue=Queue.OUTBOUND, after=after, limit=PAGE):
            after = rows[-1].seq
            yield [row for row in rows if row.name == peer]

    async def _out(self, peer: str) -> AsyncGenerator[Batch, None]:
        async with aclosing(self._core.carries(peer)) as batches:
            async for batch in batches:
                if batch:
                    yield batch
        if self._core.settings.node.role != "entry":
            for batch in self._core.returning.by_hand(STICK, peer):
                yield batch

    async def _in(self, peer: str, token: str, of: int, at: int, piece: bytes) -> Iterable[Answer]:
        """A piece. The first one begins anew, whatever came before under this token."""
        if not 0 < of <= MAX_BATCH:
            raise Asked("no batch is as large as that")
        half = _Half(of) if at == 0 else self._halves.get(token)
        if half is None or (half.of, len(half.content)) != (of, at) or len(piece) > of - at:
            raise Asked("that piece does not follow on what came: begin again with the first")
        half.content += piece
        half.at = trio.current_time()
        if len(half.content) < of:
            self._halves[token] = half
            self._forget()
            return [{"have": len(half.content)}]
        self._halves.pop(token, None)
        return await self._whole(peer, bytes(half.content))

    async def _whole(self, peer: str, content: bytes) -> Iterable[Answer]:
        try:
            batch = unpack(Batch, content)
        except Damaged:
            raise Asked("that is no batch") from None
        back = await self._core.links.arrived(STICK, peer, batch)
        if back is None:
            return [{"kept": False}]
        return chain([{"kept": True}], _pieces(back))

    def _forget(self) -> None:
        since = trio.current_time() - FORGOTTEN_S
        old = sorted(self._halves, key=lambda token: self._halves[token].at)
        for token in old[:-MOST_AT_ONCE]:
            del self._halves[token]
        for token in old[-MOST_AT_ONCE:]:
            if self._halves[token].at < since:
                del self._halves[token]


def _is_due(row: Row, now: Instant) -> bool:
    return row.due is not None and row.due <= now


def _pieces(batch: Batch) -> Iterator[Answer]:
    """A batch as it travels: how many bytes it has, and these in base64."""
    content = pack(batch)
    yield {"batch": len(content)}
    for at in range(0, len(content), PIECE_OUT):
        yield {"piece": b64encode(content[at : at + PIECE_OUT]).decode()}


def _bytes(written: str) -> bytes:
    try:
        return b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        raise Asked("a piece is written in base64") from None


def _id(written: object) -> bytes:
    try:
        id = bytes.fromhex(written) if isinstance(written, str) else b""
    except ValueError:
        id = b""
    if len(id) != ID:
        raise Asked("an id has 32 hexadecimal digits")
    return id
