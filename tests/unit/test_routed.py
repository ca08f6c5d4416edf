"""By which route a destination is reached: told by its outlet, believed within bounds, shown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import trio
from click.testing import CliRunner
from trio.testing import MockClock, wait_all_tasks_blocked

from relay.cli.look import board as shown_board
from relay.config import Destination
from relay.errors import Damaged
from relay.journal import Journal
from relay.model import Health, Later, Once, Posted
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.calls import Outlet
from relay.node.outward import Outward
from relay.node.pipes import Pipe, pair
from relay.node.process import TO_CORE, Process
from relay.node.routed import Reached, Tells
from relay.spool.memory import MemorySpool
from relay.wire import frames
from relay.wire.frames import Routed

START = 1_800_000_000
BY_TOR = Routed("x", "tor", {"direct": "tls"})
CUT_OFF = Routed("x", "", {"tor": "timed out", "direct": "dns"})
WELL = Routed("x", "direct", {})


def reached() -> Reached:
    return Reached({"x": ("direct", "tor"), "page": ("direct",)})


# ---------------------------------------------------------------- what is believed


def test_before_anything_is_told_the_best_route_is_the_one() -> None:
    known = reached()
    assert known.route("x") == "direct" and known.cut_off("x") == ""
    assert known.states("x") == {"direct": "works", "tor": "works"}
    assert known.route("phone") is None and known.states("phone") == {}


def test_what_an_outlet_says_is_kept_in_the_order_of_the_settings() -> None:
    known = reached()
    known.told(BY_TOR)
    assert known.route("x") == "tor" and known.states("x") == {"direct": "tls", "tor": "works"}
    known.told(CUT_OFF)
    assert known.route("x") is None
    assert known.cut_off("x") == "direct: dns; tor: timed out"
    known.forget("x")
    assert known.route("x") == "direct" and known.cut_off("x") == ""


def test_where_somebody_else_answers_is_known() -> None:
    known = reached()
    assert known.strangers() == {}
    known.told(CUT_OFF)
    assert known.strangers() == {}
    known.told(Routed("x", "", {"direct": "tls", "tor": "tls"}))
    known.told(Routed("page", "", {"direct": "tls"}))
    assert known.strangers() == {"x": "direct, tor", "page": "direct"}
    known.told(WELL)
    assert known.strangers() == {"page": "direct"}


@pytest.mark.parametrize(
    "routed",
    [
        Routed("x", "tunnel", {}),
        Routed("x", "tor", {"tunnel": "dns"}),
        Routed("x", "tor", {"": "dns"}),
        Routed("x", "tor", {"direct": "an address of somebody"}),
        Routed("elsewhere", "direct", {}),
    ],
)
def test_what_cannot_be_true_is_damage(routed: Routed) -> None:
    known = reached()
    with pytest.raises(Damaged):
        known.told(routed)
    assert known.route("x") == "direct"


# ---------------------------------------------------------------- how it is told


async def test_only_the_latest_is_told_and_nothing_before_it_is_served() -> None:
    told: list[Routed] = []
    room = trio.Semaphore(0)

    async def send(routed: Routed) -> None:
        told.append(routed)
        await room.acquire()

    tells = Tells(send)
    of_x, of_y = tells.of("x"), tells.of("y")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(tells.run)
        of_x("tor", {"direct": "tls"})
        await wait_all_tasks_blocked()
        assert told == []
        tells.serves("x")
        await wait_all_tasks_blocked()
        assert told == [BY_TOR]
        of_x("", {"direct": "tls", "tor": "proxy"})
        of_x("direct", {})
        of_y("direct", {})
        room.release()
        await wait_all_tasks_blocked()
        assert told == [BY_TOR, WELL]
        nursery.cancel_scope.cancel()


# ---------------------------------------------------------------- the board


@pytest.fixture
async def board() -> Board:
    clock = Loop()
    made = Board(MemorySpool(clock), clock)
    made.reached = reached()
    await made.load(["x", "page"])
    return made


class Loop:
    """A clock that goes with the loop's own."""

    def now(self) -> int:
        return START + int(trio.current_time())


def state(board: Board, name: str = "x") -> tuple[str, str]:
    [place] = [one for one in board.places() if one.name == name]
    return place.state, place.why


async def test_with_no_route_left_it_is_blocked_and_says_what_each_does(board: Board) -> None:
    board.routed(CUT_OFF)
    assert state(board) == ("blocked", "direct: dns; tor: timed out")
    board.told("x", Later("the host cannot be reached", scope="host"))
    assert state(board) == ("blocked", "direct: dns; tor: timed out")
    board.routed(BY_TOR)
    assert state(board) == ("works", "")


async def test_a_route_that_is_back_takes_back_nothing_else_that_is_known(board: Board) -> None:
    board.routed(CUT_OFF)
    board.told("x", Later("it is down for maintenance", scope="delivery"))
    before = state(board)
    board.routed(WELL)
    assert state(board) == before
    board.told("x", Later("it answers 503", scope="host"))
    assert state(board) == ("blocked", "it answers 503")
    board.told("x", Posted("1"))
    assert state(board) == ("works", "")


@pytest.mark.parametrize("before", ["login", "spent"])
async def test_what_needs_a_person_is_not_hidden_by_a_route(board: Board, before: str) -> None:
    board.state("x", before, "a person is needed")
    for routed in (CUT_OFF, WELL):
        board.routed(routed)
        assert state(board) == (before, "a person is needed")


# ---------------------------------------------------------------- checks of the account


class Away(Outlet):
    """An outlet whose bridge cannot be asked until it is let."""

    def __init__(self) -> None:
        ours, self.theirs = pair()
        super().__init__(Process("outlet", 1, Pipe(ours, TO_CORE)), self._nobody)
        self.trouble = "the server cannot be reached"
        self.asked = 0

    @staticmethod
    async def _nobody(pid: int) -> None:
        raise AssertionError("nobody is killed")

    async def call(self, make: Any, keep: Any = None) -> Any:
        assert isinstance(make(1), frames.Check)
        self.asked += 1
        return frames.Checked(1, Health("" if self.trouble else "account", self.trouble))

    def close(self) -> None:
        self.process.pipe.close()
        self.theirs.close()


class NoSteps:
    async def run(self) -> None:
        await trio.sleep_forever()


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Outward, Away, Board]]:
    clock = Loop()
    spool = MemorySpool(clock)
    board = Board(spool, clock)
    await board.load(["x"])
    both = {"bridge": "folder", "routes": ["direct", "tor"]}
    to = {"x": Destination.model_validate(both)}
    brake = Brake(spool, clock, {}, to, {})
    journal = Journal("core", StringIO())
    outward = Outward(
        spool, board, clock, journal, to, brake, lambda: None, lambda keys: (b"", b"")
    )
    outlet = Away()
    outward.serves(outlet, frames.Serves("x", Once("exact"), 1))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(outward.run, NoSteps(), None)
        yield outward, outlet, board
        nursery.cancel_scope.cancel()
    outlet.close()


async def test_a_platform_that_no_route_leads_to_needs_no_login(autojump_clock: MockClock) -> None:
    async with serving() as (outward, outlet, board):
        outward.routed(CUT_OFF)
        await trio.sleep(1)
        assert state(board) == ("blocked", "direct: dns; tor: timed out")
        outlet.trouble = ""
        asked, before = outlet.asked, trio.current_time()
        outward.routed(BY_TOR)
        await trio.sleep(0.1)
        assert outlet.asked == asked + 1 and trio.current_time() - before < 1
        assert state(board) == ("works", "")


async def test_a_check_that_was_told_before_its_route_is_made_once_more(
    autojump_clock: MockClock,
) -> None:
    async with serving() as (outward, outlet, board):
        await trio.sleep(1)
        assert state(board) == ("login", "the server cannot be reached")
        outward.routed(CUT_OFF)
        await trio.sleep(0.1)
        assert state(board) == ("blocked", "direct: dns; tor: timed out")
        assert outlet.asked == 2


async def test_another_outlet_has_seen_no_route_fail(autojump_clock: MockClock) -> None:
    async with serving() as (outward, outlet, board):
        outward.routed(BY_TOR)
        outward.serves(outlet, frames.Serves("x", Once("exact"), 1))
        assert board.reached.route("x") == "direct"


# ---------------------------------------------------------------- what is shown

PLACE = {"state": "works", "since": START, "waiting": 0, "oldest_s": 0, "posted": 0,
         "last": None, "why": "", "route": "direct", "routes": {"direct": "works"}}  # fmt: skip


@pytest.mark.parametrize("several", [True, False])
def test_the_board_has_a_column_of_routes_where_there_is_a_choice(
    monkeypatch: pytest.MonkeyPatch, several: bool
) -> None:
    routes = {"direct": "tls", "mid": "proxy", "tor": "works", "last": "works"}
    by_tor = {**PLACE, "route": "tor", "routes": routes}
    phone = {**PLACE, "route": None, "routes": {}}
    places = {"page": PLACE, "phone": phone, **({"x": by_tor} if several else {})}

    def asked(_: Path, order: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"standing": "ok", "board": places, "paused": {}}]

    monkeypatch.setattr("relay.cli.look.asked", asked)
    said = CliRunner().invoke(shown_board, []).output
    assert ("via" in said) is several
    assert ("direct: tls; mid: proxy" in said) is several
    assert "works;" not in said and "None" not in said


def test_whoever_holds_the_keys_imports_nothing_that_connects_outward() -> None:
    code = "import sys, relay.node.core; print([m for m in sys.argv[1:] if m in sys.modules])"
    modules = ("relay.reach", "httpcore", "httpx", "anyio")
    run = subprocess.run([sys.executable, "-c", code, *modules], capture_output=True, text=True)
    assert run.stdout == "[]\n", run.stderr
