"""The operator's pages with a spool of 100,000 rows: how long each takes.

    python -m bench.desk_operator [--rows 100000] [--rounds 40]

A core in its own process has the rows on a disk, half of them messages that wait for a person, half
deliveries that wait to be posted, and five weeks of flow; a desk in this process is asked for every
page of the node. Nobody has to sign in.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import trio

from bench.desk import GOAL_MS, Browser
from bench.desk_cards import NOW
from bench.desk_node import forked
from bench.figures import percentile, table
from relay.config import parse
from relay.desk.app import app_of
from relay.desk.reached import At
from relay.desk.state import Desk
from relay.model import HOUR, NewRow, Queue, Row, Sent, State
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.desk.asking import HEARS, Asking
from relay.node.desk.drills import Drills
from relay.node.desk.flow import Flow
from relay.node.desk.handovers import Handovers
from relay.node.desk.kept_flow import KeptFlow
from relay.node.desk.operating import WORDS, Operating
from relay.node.desk.service import AtDesk
from relay.node.overview import Overview
from relay.node.pipes import AsyncPipe, Pipe
from relay.ports import Clock, Spool
from relay.rules.flow import SIZE, Hour
from relay.spool.sqlite import SqliteSpool
from relay.wire.keys import make_exit_keys

OPERATOR = {"handle": "bench", "roles": ["operator"], "language": "en"}
AT_ONCE = 5_000
DESTINATIONS = ("page", "box", "hook")

PAGES = (
    ("board", "/node"),
    ("board, a week", "/node?hours=168"),
    ("queue", "/node/queue"),
    ("queue, the newest", "/node/queue?newest=1"),
    ("queue, page 300", "/node/queue?after=30000"),
    ("queue, a state", "/node/queue?state=waiting&destination=hook"),
    ("queue, a reason that many have", "/node/queue?text=danger"),
    ("queue, a reason that one has", "/node/queue?text=needle"),
    ("queue, a reason that nobody has", "/node/queue?text=nowhere&newest=1"),
    ("flow, a day", "/node/flow"),
    ("flow, five weeks", "/node/flow?hours=840"),
    ("windows", "/node/windows"),
    ("drills", "/node/drills"),
    ("brake", "/node/brake"),
    ("notes of a shift", "/shift"),
)


class _Clock:
    def now(self) -> int:
        return NOW


class _NoCanary:
    """Nothing is tried here."""

    all_names: tuple[Sequence[str], Sequence[str]] = (["mail"], DESTINATIONS)

    async def drill(self, name: str) -> Any:
        """Nothing."""


class _Core:
    """What the operator's orders need of a core."""

    def __init__(self, spool: SqliteSpool, folder: Path) -> None:
        self.spool: Spool = spool
        self.clock: Clock = _Clock()
        self.keys = make_exit_keys()
        way = {"bridge": "folder", "folder": "f"}
        table = {
            "channels": {"news": {"destinations": list(DESTINATIONS)}},
            "destinations": {"box": way, "hook": way},
        }
        self.settings = parse(table, folder / "relay.toml")
        self.board = Board(spool, self.clock)
        self.brake = Brake(spool, self.clock, ["news"], DESTINATIONS, {})
        self.standing = "ok"
        self.overview = Overview(
            spool, self.board, self.brake, self.clock, self.settings, lambda: "ok", lambda: 0
        )
        self.flow = Flow(spool, self.clock, lambda: self.keys)
        self.drills = Drills(_NoCanary(), self.clock)
        self.handovers = Handovers(spool, self.clock, lambda: self.keys)
        self.panicking: Any = None
        self._operating = Operating(self, self._line)

    async def begin(self, rows: int) -> None:
        """Fill it."""
        for at in range(0, rows, AT_ONCE):
            await self.spool.put([_row(n) for n in range(at, min(at + AT_ONCE, rows))])
        kept = KeptFlow(self.spool, lambda: self.keys)
        for n in range(35 * 24):
            counts = {name: n % 50 for name in DESTINATIONS}
            steps = tuple((n + step) % 7 for step in range(SIZE))
            hour = NOW - NOW % HOUR - n * HOUR
            await kept.add(Hour(hour, {"mail": n % 90}, n % 20, counts, 3, steps, steps, steps))
        await self.board.load(DESTINATIONS)
        for n in range(50):
            await self.handovers.add(f"note {n} " * 100, "bench")

    async def answers(self, order: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        """All answers to an order of the one who is here."""
        if order["do"] == "who":
            yield OPERATOR
        elif order["do"] in WORDS:
            async for answer in self._operating.answers(order):
                yield answer

    def _line(self, row: Row) -> Mapping[str, Any]:
        delivery = row.seq != row.root
        return {
            "id": row.id.hex(),
            "queue": row.queue.value,
            "state": str(row.state),
            "channel": "" if delivery else row.name,
            "destination": row.name if delivery else "",
            "since_s": NOW - row.hour,
            "among": self.overview.hiding.among(row),
            "why": self.overview.why(row),
        }


def _row(n: int) -> NewRow:
    why = "needle" if n == 70_001 else "danger: phone" if n % 3 else "review"
    id, hour = n.to_bytes(16, "big"), NOW - NOW % HOUR - n % 40 * HOUR
    if n % 2:
        return NewRow(Queue.REVIEW, State.HELD, id, hour, None, "news", why, b"x" * 60)
    name = DESTINATIONS[n % len(DESTINATIONS)]
    return NewRow(Queue.POST, Sent.WAITING, id, hour, NOW + n % 900, name, why, b"x" * 120)


async def _serve(rows: int, folder: Path, pipe: Pipe, tell: int) -> None:
    async with trio.open_nursery():
        spool = SqliteSpool.open(
            folder / "data",
            folder / "seen",
            clock=_Clock(),
            min_free_bytes=0,
            ballast_bytes=0,
            on_broken=lambda: print("the disk failed"),
        )
        core = _Core(spool, folder)
        await core.begin(rows)
        os.write(tell, b".")
        async with AtDesk(core.answers).connected(pipe) as said:
            while (frame := await pipe.receive()) is not None:
                await said(frame)


async def _run(rounds: int, pipe: Any) -> None:
    asking = Asking(AsyncPipe(pipe, HEARS))
    hears = asyncio.create_task(asking.run())
    browser = Browser(app_of(Desk(asking, At(), lambda: NOW)))
    shown = [("page", "p50 ms", "p95 ms", f"goal {GOAL_MS} ms")]
    for name, path in PAGES:
        times = [(await browser.ask(path))[0] for _ in range(rounds)]
        p95 = percentile(times, 0.95)
        held = "yes" if p95 < GOAL_MS else "NO"
        shown.append((name, f"{percentile(times, 0.5):.0f}", f"{p95:.0f}", held))
    print(table(shown))
    hears.cancel()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    asked_for = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pid, pipe = forked(partial(_serve, asked_for.rows, Path(folder)))
        try:
            asyncio.run(_run(asked_for.rounds, pipe))
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
