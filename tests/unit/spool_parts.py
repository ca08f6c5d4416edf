"""What the tests of the spool share: a clock to set, and a folder that is opened again."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from relay.model import HOUR, Change, NewRow, Queue, Row, Sent, State
from relay.spool.sqlite import SqliteSpool

NOW = 1_750_000_000 - 1_750_000_000 % 86400 + 10 * HOUR
_ids = itertools.count(1)


@dataclass
class HandClock:
    """A clock that somebody sets."""

    at: int = NOW

    def now(self) -> int:
        return self.at


@dataclass
class Disk:
    """A data folder and a keys folder, as a node has them."""

    root: Path
    clock: HandClock = field(default_factory=HandClock)
    broken: list[str] = field(default_factory=list)
    free: int = 1 << 40

    @property
    def folder(self) -> Path:
        return self.root / "data"

    @property
    def seen(self) -> Path:
        return self.root / "keys" / "seen"

    @property
    def database(self) -> Path:
        return self.folder / "spool.sqlite"

    @contextmanager
    def spool(self, **more: Any) -> Iterator[SqliteSpool]:
        spool = SqliteSpool.open(
            self.folder,
            self.seen,
            clock=self.clock,
            on_broken=lambda: self.broken.append("broken"),
            free=lambda folder: self.free,
            **{"min_free_bytes": 0, "ballast_bytes": 0, **more},
        )
        try:
            yield spool
        finally:
            spool.close()

    def run(self, act: Callable[[SqliteSpool], Awaitable[Any]], **more: Any) -> Any:
        """Open it, do something, close it."""

        async def main() -> Any:
            return await act(spool)

        with self.spool(**more) as spool:
            return trio.run(main)


def new(body: bytes = b"sealed", *, keys: tuple[bytes, ...] = (), **more: Any) -> NewRow:
    id = next(_ids).to_bytes(16, "big")
    fields = {"queue": Queue.INBOX, "state": State.WAITING, "hour": NOW, **more}
    return NewRow(id=id, body=body, keys=keys, **fields)


async def deliveries(spool: SqliteSpool, *names: str) -> list[Row]:
    """A submission with a delivery to each of these, all leased."""
    await spool.put([new()])
    (root,) = await spool.take(Queue.INBOX, now=NOW, limit=1)
    then = [new(b"", queue=Queue.POST, state=Sent.WAITING, name=name) for name in names]
    await spool.settle(root, Change(Queue.ASSIGNED, State.WAITING, due=None), then=then)
    return list(await spool.take(Queue.POST, now=NOW, limit=len(names)))
