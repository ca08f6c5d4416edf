"""What a roll of the storage key costs an exit that keeps many messages, and who waits for it.

    python -m bench.rolling [--rows 100000] [FOLDER]

All messages are wrapped anew, looked at once more, and the old key is destroyed. Meanwhile a task
of the same loop wakes every 2 ms, and another one writes to the spool: how long do they wait?
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import trio

from relay.exit.record import Record, store
from relay.journal import Journal
from relay.model import NewRow, Queue, State
from relay.node.arrivals import Arrivals
from relay.node.rolling import anew
from relay.node.rolling.rolling import Rolling, rolling_of
from relay.spool.sqlite import SqliteSpool
from relay.wire.epochs import DAY_S
from relay.wire.exitfile import Turning, lock_exit, unlocked
from relay.wire.keys import ExitKeys, Passphrase, make_exit_keys
from relay.wire.rolling import rolled

NOON = 20_255 * DAY_S + DAY_S // 2
ROAD_S = 14 * DAY_S
PASSPHRASE = Passphrase(bytes(32), stretched=False)
BATCH = 500


@dataclass
class Clock:
    at: int = NOON

    def now(self) -> int:
        return self.at


@dataclass
class File:
    """exit.key, written as a node does, without the folder's other affairs."""

    path: Path
    turning: Turning

    def write(self, keys: ExitKeys) -> None:
        with self.path.open("wb") as file:
            file.write(self.turning.sealed(keys))
            os.fsync(file.fileno())
        self.turning = self.turning.next


@dataclass
class Waits:
    """How long (seconds) somebody waited longer than he wanted to."""

    of: list[float] = field(default_factory=list)

    def said(self) -> str:
        """The longest, and what 99 of 100 were below."""
        ordered = sorted(self.of) or [math.nan]
        near = ordered[int(len(ordered) * 0.99)]
        self.of.clear()
        return f"longest {ordered[-1] * 1000:.0f} ms, 99 of 100 below {near * 1000:.0f} ms"


async def filled(spool: SqliteSpool, keys: ExitKeys, rows: int) -> None:
    record = Record(bytes(32), "text", "mail", "news", content=b"x" * 300)
    for first in range(0, rows, BATCH):
        ids = [n.to_bytes(16, "big") for n in range(first, min(first + BATCH, rows))]
        bodies = {id: store(record, keys.storage, id) for id in ids}
        await spool.put(
            [
                NewRow(Queue.REVIEW, State.HELD, id, NOON, due=None, body=body)
                for id, body in bodies.items()
            ]
        )


async def beats(waits: Waits) -> None:
    while True:
        began = time.perf_counter()
        await trio.sleep(0.002)
        waits.of.append(time.perf_counter() - began - 0.002)


async def writes(spool: SqliteSpool, waits: Waits) -> None:
    while True:
        began = time.perf_counter()
        await spool.remember("bench", b"x")
        waits.of.append(time.perf_counter() - began)
        await trio.sleep(0.05)


@contextmanager
def told(what: str, loop: Waits, spool: Waits) -> Iterator[None]:
    began, worked = time.perf_counter(), time.process_time()
    yield
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - worked
    print(f"{what}: {wall_s:.2f} s, {cpu_s:.2f} s of the processor")
    print(f"    the loop: {loop.said()}\n    the spool: {spool.said()}")


async def roll(rolling: Rolling, clock: Clock, spool: SqliteSpool) -> None:
    loop, written = Waits(), Waits()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(beats, loop)
        nursery.start_soon(writes, spool, written)
        with told("nothing to do", loop, written):
            await trio.sleep(3)
        clock.at += DAY_S
        with told("a new day, new keys", loop, written):
            await rolling.begin()
        with told("wrapped anew", loop, written):
            await rolling.look()
        anew.QUIET_S = 0.0  # type: ignore[misc]
        with told("looked at once more", loop, written):
            await rolling.look()
        assert len(rolling.ring.keys.storage) == 1
        nursery.cancel_scope.cancel()


async def nobody() -> None:
    """There are no doors here."""


async def main(folder: Path, rows: int) -> None:
    clock = Clock()
    file = lock_exit(rolled(make_exit_keys(NOON), NOON, ROAD_S), PASSPHRASE)
    keys, turning = unlocked(file, PASSPHRASE.secret)
    spool = SqliteSpool.open(
        folder / "data",
        folder / "keys" / "seen",
        clock=clock,
        min_free_bytes=0,
        ballast_bytes=0,
        on_broken=lambda: print("the disk failed"),
    )
    await filled(spool, keys, rows)
    at = File(folder / "keys" / "exit.key", turning)
    journal = Journal("bench", StringIO())
    rolling = rolling_of(keys, at, nobody, spool, clock, ROAD_S, journal, Arrivals(), lambda: None)
    await roll(rolling, clock, spool)
    spool.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as made:
        trio.run(main, Path(made), given.rows)
