"""How fast the spool is here: run it twice, and beside a reference; disks differ by ten.

    python -m bench.spool [--rows 1000000] [--quick] [FOLDER]

Puts of 4,000 bytes by tasks that each wait for their answer; then batches of 50 claimed, settled
and put in another queue while few or many rows wait. Every figure is of durable operations.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import trio

from relay.model import Change, NewRow, Queue, State
from relay.spool.sqlite import SqliteSpool

NOW = 1_750_000_000 - 1_750_000_000 % 3600
BODY = os.urandom(4000)
ROUNDS = 3


class Clock:
    def now(self) -> int:
        return NOW


def new(body: bytes = BODY) -> NewRow:
    keys = (os.urandom(16),)
    return NewRow(Queue.INBOX, State.WAITING, os.urandom(16), NOW, body=body, keys=keys)


def opened(folder: Path) -> SqliteSpool:
    return SqliteSpool.open(
        folder / "data",
        folder / "keys" / "seen",
        clock=Clock(),
        min_free_bytes=0,
        ballast_bytes=0,
        on_broken=lambda: print("the disk failed"),
    )


async def puts(spool: SqliteSpool, putters: int, each: int) -> float:
    """Durable puts a second."""

    async def put() -> None:
        for _ in range(each):
            await spool.put([new()])

    return await timed(lambda: side_by_side(put, putters), putters * each)


async def claims(spool: SqliteSpool, batches: int) -> float:
    """Rows claimed and settled a second, 50 at a time, all 50 settled in one commit."""

    async def claim() -> None:
        for _ in range(batches):
            rows = await spool.take(Queue.INBOX, now=NOW, limit=50)
            async with trio.open_nursery() as nursery:
                for row in rows:
                    nursery.start_soon(spool.settle, row, Change(Queue.READ, State.WAITING, due=0))

    return await timed(claim, batches * 50)


async def side_by_side(act: Callable[[], Awaitable[None]], n: int) -> None:
    async with trio.open_nursery() as nursery:
        for _ in range(n):
            nursery.start_soon(act)


async def timed(act: Callable[[], Awaitable[None]], n: int) -> float:
    began = time.perf_counter()
    await act()
    return n / (time.perf_counter() - began)


async def fill(spool: SqliteSpool, rows: int) -> None:
    """Small bodies: what counts is how many wait. One put is one transaction."""
    while rows > 0:
        await spool.put([new(b"sealed") for _ in range(min(rows, 5000))])
        rows -= 5000


def measure_puts() -> None:
    for putters in (1, 10, 50):
        rates = []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory(dir=PLACE) as folder:
                spool = opened(Path(folder))
                rates.append(trio.run(puts, spool, putters, 40 + 1000 // putters))
                spool.close()
        print(f"puts, {putters:2} at once: {median(rates):8,.0f}/s  {spread(rates)}")


def measure_claims(many: int) -> None:
    few_rates, many_rates = [], []
    with tempfile.TemporaryDirectory(dir=PLACE) as a, tempfile.TemporaryDirectory(dir=PLACE) as b:
        few, full = opened(Path(a)), opened(Path(b))
        trio.run(fill, full, many)
        for _ in range(5):  # in turn, so that both see the same noise
            trio.run(fill, few, 1000)
            few_rates.append(trio.run(claims, few, 20))
            many_rates.append(trio.run(claims, full, 20))
        few.close()
        full.close()
        began = time.perf_counter()
        opened(Path(b)).close()
        start_s = time.perf_counter() - began
    ratio = median(f / m for f, m in zip(few_rates, many_rates, strict=True))
    print(f"claim and settle, 1,000 wait:    {median(few_rates):8,.0f}/s  {spread(few_rates)}")
    print(f"claim and settle, {many:,} wait: {median(many_rates):8,.0f}/s  {spread(many_rates)}")
    print(f"  it costs {ratio:.2f} times as much (median of pairs)")
    print(f"start and stop with {many:,} rows: {start_s:.2f} s")


def spread(rates: list[float]) -> str:
    return f"[{min(rates):,.0f}..{max(rates):,.0f}]"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="100,000 rows at most")
    parser.add_argument("folder", nargs="?", help="a folder on the disk to measure")
    given, _ = parser.parse_known_args()  # `make bench` gives all three the same options
    if given.quick:
        given.rows = min(given.rows, 100_000)
    PLACE = given.folder
    print(f"SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores")
    measure_puts()
    measure_claims(given.rows)
