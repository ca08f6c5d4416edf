"""The canary over hours and days of virtual time, and over restarts."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from relay.config import Settings, parse
from relay.model import Health, Place
from relay.node.canary import Canary
from relay.node.canary.running import LOCKED_S
from relay.node.canary.ways_in import LOCKED
from relay.rules.canary import TWICE, Tried, alarm
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
    held: str = ""
    canary: Callable[[str], Tried | None] = lambda name: None
    lines: list[str] = field(default_factory=list)
    deaf: bool = False

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
        return [Place("box", self.state)]

    def bridge(self, name: str) -> Core:
        self.tried.append((name, trio.current_time()))
        return self

    async def healthy(self, deadline_s: float) -> Health:
        await trio.sleep(2)
        return self.health

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


async def test_all_are_tried_at_the_start_and_then_each_in_its_turn(
    autojump_clock: MockClock,
) -> None:
    core = Core(settings(transports=["mail", "post"], destinations=["page", "box"]))
    async with running(core) as canary:
        await trio.sleep(10)
        assert [name for name, _ in core.tried] == ["mail", "post", "page", "box"]
        assert all(one.state == "works" for one in canary.tried.values())
        await trio.sleep(24 * HOUR)
    counted = Counter(name for name, _ in core.tried)
    assert all(48 <= n <= 50 for n in counted.values()), counted
    times = [at for _, at in core.tried[4:]]
    assert min(b - a for a, b in pairwise(times)) > 60
    assert len({round(at) % 1800 for name, at in core.tried if name == "mail"}) > 10


async def test_without_a_section_nothing_is_tried_and_nothing_kept(
    autojump_clock: MockClock,
) -> None:
    core = Core(settings())
    async with running(core):
        await trio.sleep(48 * HOUR)
    assert core.tried == [] and await core.spool.remembered() == {}


async def test_what_failed_once_is_tried_again_sooner_and_then_it_is_an_alarm(
    autojump_clock: MockClock,
) -> None:
    core = Core(settings(transports=["mail"]), why={"mail": "it answers 451"})
    async with running(core) as canary:
        await trio.sleep(60)
        assert alarm("mail", canary.tried["mail"], core.now(), way_in=True) == ""
        await trio.sleep(450)
        assert canary.tried["mail"].failures == TWICE
        assert "it answers 451" in alarm("mail", canary.tried["mail"], core.now(), way_in=True)
        core.why.clear()
        await trio.sleep(2 * HOUR)
        assert canary.tried["mail"].state == "works"
        assert alarm("mail", canary.tried["mail"], core.now(), way_in=True) == ""


async def test_a_deaf_exit_is_found_out(autojump_clock: MockClock) -> None:
    core = Core(settings(transports=["mail"]), deaf=True)
    async with running(core) as canary:
        await trio.sleep(301)
        assert canary.tried["mail"].why == "it was taken, and not read in time"
        assert canary.heard("mail", core.lines[0])
        assert (canary.tried["mail"].state, canary.tried["mail"].why) == ("slow", "it took 5 min")


async def test_a_locked_exit_is_no_alarm_and_its_queue_is_not_filled(
    autojump_clock: MockClock,
) -> None:
    core = Core(settings(transports=["mail"], every="1m", late="30s"), standing="locked")
    async with running(core) as canary:
        await trio.sleep(3 * LOCKED_S)
        assert (canary.tried["mail"].state, canary.tried["mail"].why) == ("waits", LOCKED)
        assert 3 <= len(core.tried) <= 4
        core.standing = "ok"
        await trio.sleep(300)
        assert canary.tried["mail"].state == "works"


async def test_when_it_last_worked_survives_a_restart(autojump_clock: MockClock) -> None:
    core = Core(settings(transports=["mail"], destinations=["box"]))
    async with running(core):
        await trio.sleep(10)
    again = Core(core.settings, core.spool, why={"mail": "nobody listens there"})
    again.health = Health("", "its folder is gone")
    async with running(again) as canary:
        await trio.sleep(10)
        for name in ("mail", "box"):
            assert (canary.tried[name].state, canary.tried[name].last_good) == ("blocked", START)
        assert canary.heard("mail", core.lines[0])  # one of before, that came late: it ends unseen


async def test_what_is_damaged_is_forgotten_and_counted(autojump_clock: MockClock) -> None:
    core = Core(settings(transports=["mail"]))
    await core.spool.remember("canary mail", b"\xff\xff")
    await core.spool.remember("canary", b"short")
    await core.spool.remember("canary gone", b"\xff")
    async with running(core) as canary:
        await trio.sleep(10)
        assert canary.tried["mail"].state == "works" and len(canary.notices) == 3
    assert {name for name in await core.spool.remembered()} == {"canary", "canary mail"}


async def test_no_line_is_kept(autojump_clock: MockClock) -> None:
    core = Core(settings(transports=["mail", "post"]))
    async with running(core):
        await trio.sleep(6 * HOUR)
    kept = b"".join((await core.spool.remembered()).values())
    assert core.lines and not any(line[7:].encode() in kept for line in core.lines)


@pytest.mark.parametrize("held", ["paused", "locked", "planned", "spent"])
async def test_no_start_is_a_reason_to_post_and_nothing_is_posted_where_it_may_not_be(
    held: str, autojump_clock: MockClock
) -> None:
    made = settings(destinations=["box"])
    box = made.destinations["box"].model_copy(update={"canary": "post"})
    core = Core(made.model_copy(update={"destinations": {"box": box}}), held=held)
    core.standing = "locked" if held == "locked" else "ok"
    core.state = "spent" if held == "spent" else "works"
    async with running(core) as canary:
        await trio.sleep(10)
        assert canary.tried["box"].state == ""
        await trio.sleep(HOUR)
        assert canary.tried["box"].state == "waits"
    assert core.tried == []


async def test_in_a_window_an_account_is_not_even_asked_for(autojump_clock: MockClock) -> None:
    core = Core(settings(destinations=["box"]), held="planned")
    async with running(core) as canary:
        await trio.sleep(10)
        assert canary.tried["box"].why == "it is in a window"
        assert core.tried == []
        core.held = "paused"  # a brake is on posts: what is paused is still looked at
        await trio.sleep(HOUR)
        assert canary.tried["box"].state == "works"
