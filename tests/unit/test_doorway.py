"""The core's answers to a door: in order, also when the door is slow to read them."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

import trio
from trio.testing import wait_all_tasks_blocked

from relay.errors import SpoolBroken, SpoolFull
from relay.model import NewRow, Stored
from relay.node import pipes
from relay.node.arrivals import Arrivals
from relay.node.doorway import Doorway
from relay.node.pipes import Pipe, PipeEnded, PlainPipe
from relay.ports import PutDone
from relay.wire.frames import Durable, Full, Put, Standing


class Asked:
    """In place of a spool: it keeps what it was asked, and is told by the test how it ended."""

    def __init__(self) -> None:
        self.dones: list[PutDone] = []

    def put_soon(self, rows: Sequence[NewRow], done: PutDone) -> None:
        self.dones.append(done)


async def other(_: Any) -> None:
    raise AssertionError("nothing but puts")


def ends() -> tuple[Pipe, PlainPipe, socket.socket]:
    ours, theirs = pipes.pair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # the least that the system allows
    return Pipe(ours, ()), PlainPipe(theirs, (Durable, Full, Standing)), theirs


async def test_no_answer_overtakes_another_when_the_door_is_slow_to_read() -> None:
    ours, door, theirs = ends()
    spool = Asked()
    doorway = Doorway(ours, spool, other, Arrivals())  # type: ignore[arg-type]
    filled = 0
    while ours.send_now(Standing("ok")):
        filled += 1
    for n in (1, 2, 3):
        await doorway.said(Put(n, ()))
    spool.dones[0](SpoolFull())  # there is no room to say so
    for _ in range(filled):
        assert door.receive() == Standing("ok")
    spool.dones[1]([Stored(1)])  # there is now
    spool.dones[2](SpoolFull())
    await wait_all_tasks_blocked()
    assert [door.receive() for _ in range(3)] == [Full(1), Durable(2), Full(3)]
    ours.close()
    theirs.close()


async def test_answers_for_a_door_that_is_gone_are_dropped() -> None:
    ours, _, theirs = ends()
    spool = Asked()
    doorway = Doorway(ours, spool, other, Arrivals())  # type: ignore[arg-type]
    while ours.send_now(Standing("ok")):
        pass
    await doorway.said(Put(1, ()))
    await doorway.said(Put(2, ()))
    spool.dones[0]([Stored(1)])
    await wait_all_tasks_blocked()
    theirs.close()
    spool.dones[1](SpoolFull())
    with trio.fail_after(1):
        await wait_all_tasks_blocked()
    ours.close()
    try:
        ours.send_now(Standing("ok"))
    except PipeEnded:
        return
    raise AssertionError("it is closed")


async def test_a_put_that_met_a_broken_disk_is_not_answered_at_all() -> None:
    ours, door, theirs = ends()
    spool = Asked()
    doorway = Doorway(ours, spool, other, Arrivals())  # type: ignore[arg-type]
    await doorway.said(Put(1, ()))
    spool.dones[0](SpoolBroken())
    await wait_all_tasks_blocked()
    ours.close()
    assert door.receive() is None
    theirs.close()
