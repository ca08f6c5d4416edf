"""A real core for the bench of the desk, in its own process: spool on the disk, orders, frames.

Nobody has to sign in, and nothing is posted: what people and outlets would add is left out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import trio

from bench.desk_cards import NOW, cards
from relay.exit.record import Record, store
from relay.model import Mark, Media, Message, NewRow, Queue, State
from relay.node.arrivals import Arrivals
from relay.node.desk.service import AtDesk
from relay.node.hiding import Hiding
from relay.node.orders import Orders
from relay.node.pipes import Pipe, pair
from relay.rules.policy import Policy
from relay.spool.sqlite import SqliteSpool
from relay.wire import frames
from relay.wire.epochs import StorageKey
from relay.wire.keys import make_exit_keys

AT_ONCE = 500
"""Rows of one commit while the spool is filled."""

EDITOR = {"handle": "bench", "roles": ["editor"], "language": "en"}


class _Clock:
    def now(self) -> int:
        return NOW


class _Core:
    """What orders need of a core, as far as the desk looks."""

    def __init__(self, spool: SqliteSpool) -> None:
        self.clock = _Clock()
        self.spool = spool
        self.keys = make_exit_keys()
        self.senders = None
        self.policies: Mapping[str, Policy] = {name: Policy() for name in ("news", "family")}
        self.settings: Any = SimpleNamespace(
            desk=SimpleNamespace(outbox=60), spool=SimpleNamespace(keep_originals=3600)
        )
        hiding = Hiding(spool, self.clock, {})
        self.overview: Any = SimpleNamespace(hiding=hiding, why=lambda row: row.why)
        self.arrivals = Arrivals()
        self.orders = Orders(self)  # type: ignore[arg-type]

    def nudge(self, name: str) -> None:
        """Nothing is sent here."""

    async def answers(self, order: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        """All answers to an order of the one who is here."""
        match order:
            case {"do": "who"}:
                yield EDITOR
            case {"do": "asides"}:
                yield {"asides": []}
            case _:
                given = {key: value for key, value in order.items() if key != "session"}
                async for answer in self.orders.answers({**given, "by": "bench"}):
                    yield answer


def started(n: int, folder: Path) -> tuple[int, Any]:
    """Fork a core with so many messages; gives its pid and our end of its pipe once it is there."""
    return forked(partial(_serve, n, folder))


def forked(serve: Callable[[Pipe, int], Awaitable[None]]) -> tuple[int, Any]:
    """Fork what serves a desk at one end of a pair, and writes a byte to a descriptor once it is
    there; gives its pid and our end."""
    ours, theirs = pair()
    ready, tell = os.pipe()
    pid = os.fork()
    if pid:
        theirs.close()
        os.close(tell)
        if not os.read(ready, 1):
            raise RuntimeError("the core of the bench did not start")
        return pid, ours
    ours.close()
    try:
        trio.run(serve, Pipe(theirs, (frames.DeskAsks, frames.DeskStops)), tell)
    finally:
        sys.stdout.flush()
        os._exit(0)


async def _serve(n: int, folder: Path, pipe: Pipe, tell: int) -> None:
    async with trio.open_nursery():
        spool = SqliteSpool.open(
            folder / "data",
            folder / "seen",
            clock=_Clock(),
            min_free_bytes=0,
            ballast_bytes=0,
            on_broken=lambda: print("the disk failed"),
        )
        core = _Core(spool)
        told = cards(n)
        while batch := list(islice(told, AT_ONCE)):
            await spool.put(_rows(batch, core.keys.storage))
        os.write(tell, b".")
        async with AtDesk(core.answers).connected(pipe) as said:
            while (frame := await pipe.receive()) is not None:
                await said(frame)


def _rows(told: Iterable[Mapping[str, Any]], storage: tuple[StorageKey, ...]) -> list[NewRow]:
    return [_row(card, storage) for card in told]


def _row(card: Mapping[str, Any], storage: tuple[StorageKey, ...]) -> NewRow:
    marks = tuple(Mark(kind, 0, 2) for kind in card["kinds"])
    media = tuple(Media(one, b"x") for one in card["media"])
    message = Message(card["text"], card["title"], card["language"], marks, media)
    flags = (*card["flags"], *(["known"] if card["known"] else []))
    tags = (bytes.fromhex(card["author"]),)
    id, way, channel = bytes.fromhex(card["id"]), card["transport"], card["channel"]
    record = Record(bytes(32), "text", way, channel, flags, tags, message=message)
    body = store(record, storage, id)
    queue, state = (Queue.REVIEW, State.HELD) if card["held"] else (Queue.ENDED, State.POSTED)
    why = card["why"]
    return NewRow(queue, state, id, card["hour"], None, card["channel"], why, body=body)
