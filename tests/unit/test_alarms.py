"""Alarms: said when something goes wrong, said again while a brake lasts, and said to be over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock

from relay.config import AlarmsTo
from relay.errors import Damaged
from relay.model import Attempt, Health, Later, Lookup, Once, Outcome, Part, Post, Posted, Unknown
from relay.node.alarms import COMES_AND_GOES_S, MOST_UNSENT, NOTICE_S, Alarms
from relay.node.board import Board
from relay.node.pipes import PipeEnded
from relay.node.process import Gone
from relay.node.skew import Skew
from relay.ports import Keep
from relay.rules.alarm import Trouble
from relay.spool.memory import MemorySpool

START = 1_800_000_000
AT = AlarmsTo(to=("ops",))
PAUSED = Trouble("paused relay", "everything is paused", hourly=True)
LOGIN = Trouble("login x", "x: its account needs you")


class Hands:
    def now(self) -> int:
        return START


class Ops:
    """A destination that operators read."""

    once = Once("exact")
    at_once = 1

    def __init__(self) -> None:
        self.read: list[str] = []
        self.keys: list[str] = []
        self.outcome: Outcome = Posted("1")

    async def prepare(self, post: Post) -> Sequence[Part]:
        return [Part(post.secret.hex(), 0, 1, post.text.encode())]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        self.keys.append(attempt.part.key)
        if isinstance(self.outcome, Posted):
            self.read.append(attempt.part.payload.decode())
        return self.outcome

    async def find(self, attempt: Attempt) -> Lookup:
        return Unknown()

    async def check(self) -> Health:
        return Health("ops")


class Node:
    """In place of an overview."""

    def __init__(self) -> None:
        self.now: list[Trouble] = []
        self.unheard: Sequence[str] = ()

    async def troubles(self) -> list[Trouble]:
        return list(self.now)


@asynccontextmanager
async def watching(*troubles: Trouble) -> AsyncIterator[tuple[Node, Ops]]:
    node, ops = Node(), Ops()
    node.now = list(troubles)
    alarms = Alarms(node, {"ops": ops}, Hands(), AT)  # type: ignore[arg-type]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(alarms.run)
        await trio.sleep(1)
        yield node, ops
        nursery.cancel_scope.cancel()


async def test_what_was_only_a_notice_is_not_said_to_be_over(autojump_clock: MockClock) -> None:
    soon = Trouble("window x", "x goes down in 20 minutes", notice=True)
    async with watching(soon, LOGIN) as (node, ops):
        node.now = []
        await trio.sleep(AT.check)
        assert ops.read == [f"{soon.said}\n{LOGIN.said}", f"over: {LOGIN.key}"]


async def test_a_notice_that_comes_and_goes_is_said_once(autojump_clock: MockClock) -> None:
    soon = Trouble("window x", "x goes down in 20 minutes", notice=True)
    async with watching(soon) as (node, ops):
        for there in ([], [soon]) * 20:
            node.now = there
            await trio.sleep(AT.check)
        assert ops.read == [soon.said]
        node.now = []
        await trio.sleep(NOTICE_S + AT.check)
        node.now = [soon]
        await trio.sleep(AT.check)
        assert ops.read == [soon.said] * 2


async def test_nothing_is_said_while_nothing_is_wrong(autojump_clock: MockClock) -> None:
    async with watching() as (_, ops):
        await trio.sleep(86400 * 3)
        assert ops.read == []


async def test_a_trouble_is_said_once_a_day_and_when_it_is_over(autojump_clock: MockClock) -> None:
    async with watching(LOGIN) as (node, ops):
        await trio.sleep(86400 - 100)
        assert ops.read == ["x: its account needs you"]
        await trio.sleep(200)
        assert ops.read[1:] == ["still: x: its account needs you"]
        node.now = []
        await trio.sleep(60)
        assert ops.read[2:] == ["over: login x"]


async def test_a_trouble_that_comes_and_goes_is_no_storm(autojump_clock: MockClock) -> None:
    many = [Trouble(f"blocked {n}", f"{n} cannot be reached") for n in range(30)]
    async with watching(*many) as (node, ops):
        for there in ([], many) * 100:
            node.now = list(there)
            await trio.sleep(AT.check)
        assert [len(one.splitlines()) for one in ops.read] == [30, 30, 30]
        assert ops.read[2].startswith("again: 0 cannot be reached\n")
        node.now = []
        await trio.sleep(COMES_AND_GOES_S - 2 * AT.check)
        assert len(ops.read) == 3
        await trio.sleep(3 * AT.check)
        assert len(ops.read) == 4 and ops.read[3].startswith("over: blocked 0\n")


async def test_who_pauses_again_hears_of_each_end(autojump_clock: MockClock) -> None:
    async with watching() as (node, ops):
        for there in ([PAUSED], []) * 2:
            node.now = list(there)
            await trio.sleep(AT.check)
        assert ops.read == [PAUSED.said, "over: paused relay"] * 2


async def test_a_pause_is_said_every_hour(autojump_clock: MockClock) -> None:
    async with watching(PAUSED) as (_, ops):
        await trio.sleep(3 * 3600 + 100)
        assert ops.read == ["everything is paused", *["still: everything is paused"] * 3]


async def test_what_goes_wrong_together_is_one_alarm(autojump_clock: MockClock) -> None:
    async with watching(PAUSED, LOGIN) as (_, ops):
        assert ops.read == ["everything is paused\nx: its account needs you"]


async def test_an_alarm_that_cannot_be_sent_is_sent_later_under_its_own_key(
    autojump_clock: MockClock,
) -> None:
    async with watching() as (node, ops):
        ops.outcome = Later("busy")
        node.now = [LOGIN]
        await trio.sleep(600)
        assert (ops.read, node.unheard) == ([], ["ops"])
        ops.outcome = Posted("1")
        await trio.sleep(60)
        assert (ops.read, node.unheard) == (["x: its account needs you"], [])
        assert len(set(ops.keys)) == 1


async def test_alarms_for_a_destination_that_is_gone_do_not_pile_up(
    autojump_clock: MockClock,
) -> None:
    async with watching() as (node, ops):
        ops.outcome = Later("busy")
        for n in range(2 * MOST_UNSENT):
            node.now = [Trouble(f"login {n}", f"{n}")]
            await trio.sleep(60)
        ops.outcome = Posted("1")
        await trio.sleep(60)
        assert len(ops.read) == MOST_UNSENT
        assert f"{2 * MOST_UNSENT - 1}" in ops.read[-1]


# ---------------------------------------------------------------- a transport that is silent


async def test_a_transport_without_a_sign_of_life_is_silent_until_it_gives_one(
    autojump_clock: MockClock,
) -> None:
    board = Board(MemorySpool(Hands()), Hands(), {"phone": 3600, "mail": 0})
    await board.load(["phone", "mail"])
    for name in ("phone", "mail"):
        board.opened(name)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(board.run)
        await trio.sleep(3600)
        assert [place.state for place in board.places()] == ["works", "works"]
        await trio.sleep(10)
        assert [place.state for place in board.places()] == ["works", "silent"]
        assert board.lasts_s("phone") < 10
        board.fares("phone", "blocked", "what to do")
        await trio.sleep(10)
        assert [place.state for place in board.places()] == ["works", "blocked"]  # it was heard
        board.heard("phone", 0, alive=True)
        await trio.sleep(3590)
        assert [place.state for place in board.places()] == ["works", "works"]
        nursery.cancel_scope.cancel()


# ---------------------------------------------------------------- a clock that is wrong


def test_our_clock_is_as_wrong_as_the_platform_that_is_nearest_to_it() -> None:
    said: list[int] = []
    skew = Skew(Hands(), said.append)
    skew.heard("a", "Fri, 15 Jan 2027 06:00:00 GMT")  # two hours before our now
    assert said == [7200]
    skew.heard("b", "Fri, 15 Jan 2027 07:59:30 GMT")
    assert said == [7200, 30]
    for noise in ("", "yesterday", "Fri, 15 Jan 99999 08:00:00 GMT"):
        skew.heard("c", noise)
    skew.heard("b", "Fri, 15 Jan 2027 07:59:50 GMT")
    assert said == [7200, 30]


# ---------------------------------------------------------------- a bridge that does anything


class Odd(Ops):
    """Does what it is told at each of its next calls: an exception is raised, "hang" hangs."""

    def __init__(self) -> None:
        super().__init__()
        self.preparing: list[object] = []
        self.sending: list[object] = []

    async def prepare(self, post: Post) -> Sequence[Part]:
        await _does(self.preparing)
        return await super().prepare(post)

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        await _does(self.sending)
        return await super().send(attempt, keep)


async def _does(script: list[object]) -> None:
    now = script.pop(0) if script else None
    if isinstance(now, Exception):
        raise now
    if now == "hang":
        await trio.sleep_forever()


@pytest.mark.parametrize("fault", [Gone(), PipeEnded(), Damaged(), RuntimeError("x"), "hang"])
@pytest.mark.parametrize("where", ["preparing", "sending"])
async def test_whatever_a_bridge_does_the_alarm_waits_and_is_sent_and_the_others_hear_it(
    autojump_clock: MockClock, where: str, fault: object
) -> None:
    node, odd, well = Node(), Odd(), Ops()
    getattr(odd, where).append(fault)
    alarms = Alarms(node, {"odd": odd, "well": well}, Hands(), AT)  # type: ignore[arg-type]
    node.now = [LOGIN]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(alarms.run)
        await trio.sleep(59)
        assert (odd.read, well.read) == ([], [LOGIN.said])
        await trio.sleep(10)
        assert (node.unheard == ["odd"]) or odd.read
        await trio.sleep(200)
        assert (odd.read, well.read, node.unheard) == ([LOGIN.said], [LOGIN.said], [])
        nursery.cancel_scope.cancel()
