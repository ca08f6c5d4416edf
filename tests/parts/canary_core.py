"""A core as far as the canary asks it: doors and outlets that write down what they are asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from relay.config import Settings, parse
from relay.model import Absent, Attempt, Health, Lookup, Place, Removal, Removed
from relay.node.canary import Canary
from relay.rules.canary import Tried
from relay.spool.memory import MemorySpool
from relay.wire import frames

START = 1_800_000_000 - 1_800_000_000 % 3600
HOUR = 3600.0


def settings(**canary: Any) -> Settings:
    """Two mails in, two destinations out."""
    way = {"kind": "smtp", "channel": "news", "addresses": ["post@example.org"]}
    file = Path("/nowhere/relay.toml")
    table = {
        "channels": {"news": {"destinations": ["page", "box"]}},
        "transports": {
            name: {**way, "listen": f"127.0.0.1:{port}"}
            for name, port in (("mail", 1), ("post", 2))
        },
        "destinations": {"box": {"bridge": "folder", "folder": "box"}},
    }
    return parse({**table, **({"canary": canary} if canary else {})}, file)


def posting(made: Settings) -> Settings:
    """The same, but the canary posts to "box"."""
    box = made.destinations["box"].model_copy(update={"canary": "post"})
    return made.model_copy(update={"destinations": {"box": box}})


@dataclass
class Stops:
    """The windows, or the brake."""

    core: Core
    word: str

    def stops(self, name: str) -> bool:
        return self.core.held == self.word


@dataclass
class Core:
    """The core, its doors and its outlets: what they are asked is written down, with the time."""

    settings: Settings
    spool: Any = None
    tried: list[tuple[str, float]] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    health: Health = field(default_factory=lambda: Health("me"))
    standing: str = "ok"
    state: str = "works"
    rests: str = ""
    bills: str = ""
    held: str = ""
    canary: Callable[[str], Tried | None] = lambda name: None
    lines: list[str] = field(default_factory=list)
    deaf: bool = False
    reads_s: float = 0.0
    lookup: Lookup = field(default_factory=lambda: Absent(strong=True))
    removal: Removal = field(default_factory=Removed)
    removed: list[tuple[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spool = self.spool or MemorySpool(self)
        self.clock = self.outward = self.overview = self.board = self
        self.holding, self.brake = Stops(self, "planned"), Stops(self, "paused")
        self.opened = trio.Event()
        self.opened.set()
        self.told: Callable[[frames.TriedWay], None] = lambda frame: None

    def now(self) -> int:
        return START + int(trio.current_time())

    def places(self) -> list[Place]:
        return [Place("box", self.state, why=self.rests)]

    def bridge(self, name: str) -> Core:
        self.asked = name
        return self

    async def healthy(self, deadline_s: float) -> Health:
        self.tried.append((self.asked, trio.current_time()))
        await trio.sleep(2)
        return self.health

    async def find(self, attempt: Attempt) -> Lookup:
        return self.lookup

    async def remove(self, ref: str, deadline_s: float) -> Removal:
        self.removed.append((ref, trio.current_time()))
        return self.removal

    async def tell_one(self, frame: object) -> bool:
        assert isinstance(frame, frames.TryWay)
        self.tried.append((frame.transport, trio.current_time()))
        self.lines.append(frame.line)
        trio.lowlevel.spawn_system_task(self._answers, frame)
        return True

    async def _answers(self, frame: frames.TryWay) -> None:
        await trio.sleep(1)
        why = self.why.get(frame.transport, "")
        self.run.doors_tried(frames.TriedWay(frame.n, why))
        if not (why or self.deaf or self.standing == "locked"):
            await trio.sleep(self.reads_s)
            self.run.heard(frame.transport, frame.line)


class Doors:
    """``relay.node.doors`` as far as it is asked; its words go to the canary."""

    def __init__(self, core: Core) -> None:
        self.opened = core.opened
        self.tell_one = core.tell_one
        self.tried: Callable[[frames.TriedWay], None] = lambda frame: None


@dataclass
class Run:
    """One run of a core."""

    canary: Canary
    doors: Doors

    def heard(self, transport: str, line: str) -> bool:
        return self.canary.heard(transport, line)

    def doors_tried(self, frame: frames.TriedWay) -> None:
        self.doors.tried(frame)


@asynccontextmanager
async def running(core: Core) -> AsyncIterator[Canary]:
    doors = Doors(core)
    canary = await Canary.beside(core, doors)  # type: ignore[arg-type]
    core.run = Run(canary, doors)  # type: ignore[attr-defined]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(canary.run)
        yield canary
        nursery.cancel_scope.cancel()
