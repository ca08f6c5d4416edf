"""The core's side of the doors: keys of a day, the room there is, and answers on their way."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock

from relay.errors import Damaged
from relay.node import pipes
from relay.node.arrivals import Arrivals
from relay.node.board import Board
from relay.node.budgets import Budgets
from relay.node.doors import LOOK_S, Doors
from relay.node.pipes import Pipe, PlainPipe
from relay.node.process import FROM_DOOR, Process
from relay.rules.budgets import Budget
from relay.spool.memory import MemorySpool
from relay.wire import frames
from relay.wire.keys import ExitPublic, make_exit_keys
from relay.wire.token import ReturnKey, make_token

NOW = 1_800_000_000 - 1_800_000_000 % 86400
PUBLIC = ExitPublic(b"i" * 32, tuple(one.public for one in make_exit_keys(NOW).epochs), b"p" * 32)
PER_DAY = [Budget("answers", "day", 100)]
HEARD = (frames.SealTo, frames.Room, frames.Standing, frames.Answer)


@dataclass
class Clock:
    """Days of it pass as the test says; minutes are those of trio."""

    at: int = NOW
    frozen: bool = False

    def now(self) -> int:
        return self.at


@dataclass
class Node:
    """The core's doors, and the other ends of those that are there."""

    clock: Clock = field(default_factory=Clock)
    room: int = 1 << 30
    doors: Doors = field(init=False)
    board: Board = field(init=False)
    pids: int = 0
    open: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        spool = MemorySpool(self.clock)
        self.board = Board(spool, self.clock)
        self.doors = Doors(
            spool,
            self.board,
            self.clock,
            lambda: PUBLIC.epochs,
            lambda: "ok",
            Arrivals(),
            lambda: self.room,
            lambda: self.clock.frozen,
        )

    async def door(self) -> tuple[Process, PlainPipe]:
        ours, theirs = pipes.pair()
        self.open += [ours, theirs]
        theirs.settimeout(1)
        self.pids += 1
        process = Process("door", self.pids, Pipe(ours, FROM_DOOR))
        await self.doors.connected(process)
        return process, PlainPipe(theirs, HEARD)


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    made = Node()
    yield made
    for sock in made.open:
        sock.close()


def greeted(door: PlainPipe) -> frames.SealTo:
    """The keys of a greeting, read to its end."""
    seal_to, room, standing = (door.receive() for _ in range(3))
    assert isinstance(room, frames.Room) and standing == frames.Standing("ok")
    assert isinstance(seal_to, frames.SealTo)
    return seal_to


def token(seal_to: frames.SealTo, day: int = 0) -> bytes:
    key = seal_to.return_keys[day]
    return make_token(ReturnKey(key.id, key.key), b"k" * 32, b"phone\x00someone")


async def test_a_door_is_greeted_with_keys_and_room(node: Node) -> None:
    _, door = await node.door()
    seal_to, room, _ = (door.receive() for _ in range(3))
    assert len(seal_to.return_keys) == 1 and len(seal_to.recipients) == len(PUBLIC.epochs)
    assert room == frames.Room(1 << 30)


async def test_an_answer_goes_to_a_door_that_is_there(node: Node) -> None:
    _, first = await node.door()
    made = token(greeted(first))
    node.open[1].close()  # the first has ended, and nobody has said so yet
    _, second = await node.door()
    greeted(second)
    await node.doors.answer(made, b"sealed")
    assert second.receive() == frames.Answer(made, b"sealed")
    assert not any(node.doors.answers.values())


async def test_while_a_door_is_relieved_who_waits_there_is_answered_there(node: Node) -> None:
    _, old = await node.door()
    made = token(greeted(old))
    _, new = await node.door()
    greeted(new)
    await node.doors.answer(made, b"sealed")
    assert new.receive() == frames.Answer(made, b"sealed")
    assert old.receive() == frames.Answer(made, b"sealed", waits=True)


async def test_what_doors_say_of_answers_adds_up(node: Node) -> None:
    ours, theirs = pipes.pair()
    node.open += [ours, theirs]
    doorway = await node.doors.connected(Process("door", 7, Pipe(ours, FROM_DOOR)))
    for _ in range(2):
        await doorway.said(frames.Answered(3, 2, 1))
    assert node.doors.answers == {"answered": 6, "capped": 4, "failed": 2, "forgotten": 0}


async def test_what_a_door_says_of_the_answers_of_a_day_is_known_to_the_budgets(node: Node) -> None:
    ours, theirs = pipes.pair()
    node.open += [ours, theirs]
    node.board.budgets = Budgets(node.board._spool, node.clock, {}, {"phone": PER_DAY})
    doorway = await node.doors.connected(Process("door", 7, Pipe(ours, FROM_DOOR)))
    await doorway.said(frames.AnswersUsed("phone", NOW, 9, NOW, 9))
    assert [one.used for one in node.board.budgets.spendings("phone")] == [9]


async def test_an_answer_while_no_door_is_there_is_counted_and_forgotten(node: Node) -> None:
    process, door = await node.door()
    made = token(greeted(door))
    node.doors.gone(process)
    await node.doors.answer(made, b"sealed")
    assert node.doors.answers == {"answered": 0, "capped": 0, "failed": 0, "forgotten": 1}


async def test_after_a_restart_of_the_core_no_token_of_before_is_good(node: Node) -> None:
    made = token(greeted((await node.door())[1]))
    again = Node()
    _, door = await again.door()
    greeted(door)
    for one in (made, b"", b"x" * 4, bytes(1000)):
        await again.doors.answer(one, b"sealed")
    assert again.doors.answers["forgotten"] == 4
    for sock in again.open:
        sock.close()


async def test_while_the_clock_is_frozen_no_day_begins_and_what_is_believed_ends_no_key(
    node: Node, autojump_clock: MockClock
) -> None:
    _, door = await node.door()
    first = greeted(door)
    made = token(first)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.doors.renew)
        node.clock.frozen = True
        node.clock.at += 86400
        await trio.sleep(LOOK_S + 1)
        assert isinstance(door.receive(), frames.Room)
        node.doors.moved(3652 * 86400)
        node.clock.at += 3652 * 86400
        node.clock.frozen = False
        await trio.sleep(LOOK_S)
        assert door.receive().return_keys[1:] == first.return_keys
        assert isinstance(door.receive(), frames.Room)
        await node.doors.answer(made, b"sealed")
        assert isinstance(door.receive(), frames.Answer)
        nursery.cancel_scope.cancel()


async def test_each_minute_doors_hear_of_the_room_and_each_day_of_new_keys(
    node: Node, autojump_clock: MockClock
) -> None:
    _, door = await node.door()
    first = greeted(door)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.doors.renew)
        node.room = 5000
        await trio.sleep(LOOK_S + 1)
        assert door.receive() == frames.Room(5000)
        node.clock.at += 86400
        await trio.sleep(LOOK_S)
        following = door.receive()
        assert following.return_keys[1:] == first.return_keys
        assert following.tag_yesterday == first.tag_today
        assert door.receive() == frames.Room(5000)
        await node.doors.answer(token(following, day=1), b"sealed")
        assert isinstance(door.receive(), frames.Answer)
        nursery.cancel_scope.cancel()


async def test_a_door_says_by_which_route_a_way_in_goes_out(node: Node) -> None:
    node.board.reached.knows({"box": ("direct", "tor")})
    await node.doors._said(frames.Routed("box", "tor", {"direct": "tls"}))
    assert node.board.reached.route("box") == "tor"
    with pytest.raises(Damaged):
        await node.doors._said(frames.Routed("box", "tunnel", {}))
    await node.door()  # which has seen no way fail yet
    assert node.board.reached.states("box") == {"direct": "works", "tor": "works"}


async def test_a_door_that_was_there_before_hears_of_new_keys_as_well(node: Node) -> None:
    _, old = await node.door()
    greeted(old)
    other = tuple(one.public for one in make_exit_keys(NOW).epochs)
    node.doors._seals_to = lambda: other
    _, new = await node.door()
    assert len(greeted(new).recipients) == len(other)
    await node.doors.tell_keys()
    told = old.receive()
    assert isinstance(told, frames.SealTo)
    assert {one.id for one in told.recipients} == {one.id for one in other}
    await node.doors.tell_keys()  # nobody is told twice: nothing lies in the pipe but this
    await node.doors.tell_standing()
    assert old.receive() == new.receive() == frames.Standing("ok")
