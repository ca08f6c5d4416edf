"""The board: which of several things is said first, and what a sudden death leaves of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from relay.config import parse
from relay.model import Later, Posted, Stopped, hour_of
from relay.node.board import FLUSH_S, SOON_S, Board
from relay.node.brake import ALL, Brake
from relay.node.budgets import Budgets
from relay.node.calendar import Held
from relay.node.opened import NOT_OPEN, OPENS_S
from relay.node.overview import Overview
from relay.node.planned import in_window
from relay.rules.budgets import Budget
from relay.rules.windows import Once, Period, Window
from relay.spool.memory import MemorySpool

NOW = 1_795_469_400
A_DAY = Budget("posts", "day", 1)
SETTINGS = {
    "http": {"listen": "127.0.0.1:0"},
    "channels": {"news": {"destinations": ["box"]}},
    "transports": {"phone": {"kind": "sms", "gateway": "generic", "secret_file": "s",
                             "channel": "news", "silent_after": "1h"}},
    "destinations": {"box": {"bridge": "folder", "folder": "b", "posts_per_day": 1}},
}  # fmt: skip


class Hands:
    """A clock that a test moves."""

    at = NOW

    def now(self) -> int:
        return self.at


class Looked:
    """A node with one destination and one way in, and what its operator sees."""

    def __init__(self) -> None:
        self.clock = Hands()
        self.spool = MemorySpool(self.clock)
        self.standing = "ok"

    async def open(self) -> Looked:
        """A process begins."""
        self.budgets = Budgets(self.spool, self.clock, {"box": [A_DAY]}, {"phone": []})
        self.board = Board(self.spool, self.clock, {"phone": 3600}, self.budgets)
        await self.board.load(["box", "phone"])
        self.brake = Brake(self.spool, self.clock, ["news"], ["box"], {})
        await self.brake.load()
        settings = parse(SETTINGS, Path("relay.toml"))
        self.overview = Overview(
            self.spool,
            self.board,
            self.brake,
            self.clock,
            settings,
            lambda: self.standing,
            lambda: 0,
        )
        return self

    async def state(self, name: str = "box") -> str:
        return str((await self.overview.board())[name]["state"])

    def window(self) -> None:
        """One is in force."""
        times = Once(NOW, NOW + 5400, "UTC")
        held = Held(Window("w", ("box",), times), Period(NOW, NOW + 5400))
        self.overview.windows = lambda place, due: (
            in_window(place, held, None, due, NOW) if place.name == "box" else place
        )


@pytest.fixture
async def node() -> Looked:
    return await Looked().open()


# ---------------------------------------------------------------- one order


async def test_of_several_things_the_one_that_a_person_must_see_to_is_said(node: Looked) -> None:
    node.board.told("box", Later("busy"))
    assert await node.state() == "slow"
    node.budgets.pays("box", 0)
    node.board.solvent("box")
    assert await node.state() == "spent"
    node.window()
    assert await node.state() == "planned"
    node.board.told("box", Stopped("its token is refused", "a new one"))
    assert await node.state() == "login"
    node.standing = "locked"
    assert await node.state() == "locked"
    said = (await node.overview.board())["box"]["why"]
    assert said == "exit.key is locked; its token is refused: a new one"
    await node.brake.pause(ALL)
    assert await node.state() == "paused"
    assert (await node.overview.board())["box"]["why"].startswith("everything is paused; ")
    await node.brake.resume(ALL)
    await node.brake.pause("box")
    assert await node.state() == "paused"


async def test_ways_in_go_on_while_everything_is_paused_or_locked(node: Looked) -> None:
    node.standing = "locked"
    await node.brake.pause(ALL)
    assert await node.state("phone") == "works"


# ---------------------------------------------------------------- what is left of it


async def died_after(node: Looked, lasts_s: float) -> Looked:
    """Its next process, after it was killed so long after what happened last."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.board.run)
        await trio.sleep(lasts_s)
        left = node.spool.reopened()
        nursery.cancel_scope.cancel()
    node.spool = left
    return await node.open()


async def test_a_state_is_durable_within_a_second(node: Looked, autojump_clock: MockClock) -> None:
    node.board.told("box", Posted("r"))
    node.board.state("box", "login", "its token is refused")
    node.board.account("box", "me")
    node.clock.at += 7200
    again = await died_after(node, SOON_S + 0.1)
    [box, _] = again.board.places()
    assert (box.state, box.why, box.since) == ("login", "its token is refused", hour_of(NOW))
    assert (box.last, box.posted, box.account) == (hour_of(NOW), 1, "me")


@pytest.mark.parametrize(
    ("why", "state"),
    [
        ("direct: tls; tiny: timed out", "works"),
        ("answered 503", "blocked"),
        ("tiny: tls, said somebody", "blocked"),
    ],
)
async def test_what_was_wrong_with_routes_is_forgotten_by_a_new_process(
    node: Looked, autojump_clock: MockClock, why: str, state: str
) -> None:
    node.board.state("box", "blocked", why)
    again = await died_after(node, SOON_S + 0.1)
    [box, _] = again.board.places()
    assert (box.state, box.why) == (state, why if state == "blocked" else "")


async def test_since_when_something_works_is_known_after_a_restart(
    node: Looked, autojump_clock: MockClock
) -> None:
    node.clock.at += 7200
    again = await died_after(node, FLUSH_S + 0.1)
    assert {place.since for place in again.board.places()} == {hour_of(NOW)}


async def test_who_was_silent_is_so_after_a_restart_until_it_is_heard(
    node: Looked, autojump_clock: MockClock
) -> None:
    node.board.state("phone", "silent")
    node.clock.at += 7200
    again = await died_after(node, FLUSH_S + 0.1)
    again.board.opened("phone")
    [_, phone] = again.board.places()
    assert (phone.state, phone.since) == ("silent", hour_of(NOW))
    again.board.heard("phone", 0, alive=True)
    assert await again.state("phone") == "works"


# ---------------------------------------------------------------- doors


async def test_what_no_door_has_open_does_not_work(node: Looked, autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.board.run)
        await trio.sleep(OPENS_S / 2)
        assert await node.state("phone") == "works"  # it has the time
        node.board.opened("phone")
        await trio.sleep(OPENS_S)
        assert await node.state("phone") == "works"
        node.board.shut()
        await trio.sleep(OPENS_S / 2)
        assert await node.state("phone") == "works"  # it is started again
        node.board.shut()
        await trio.sleep(OPENS_S / 2 + FLUSH_S)
        phone = (await node.overview.board())["phone"]
        assert (phone["state"], phone["why"]) == ("blocked", NOT_OPEN)
        node.board.opened("phone")
        assert await node.state("phone") == "works"
        nursery.cancel_scope.cancel()


async def test_what_a_transport_says_of_itself_is_more_than_that_it_is_not_open(
    node: Looked, autojump_clock: MockClock
) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.board.run)
        node.board.fares("phone", "login", "its password is refused")
        await trio.sleep(OPENS_S + FLUSH_S)
        assert await node.state("phone") == "login"
        nursery.cancel_scope.cancel()


# ---------------------------------------------------------------- what is documented


async def test_every_key_of_it_is_documented_and_no_other(node: Looked) -> None:
    commands = (Path(__file__).parents[2] / "docs" / "commands.md").read_text()
    section = commands.partition("\n## relay board\n")[2].partition("\n## ")[0]
    firsts = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    documented = {key for first in firsts for key in re.findall(r"`(\w+)`", first)}
    for place in (await node.overview.board()).values():
        assert place.keys() == documented
        json.dumps(place)
