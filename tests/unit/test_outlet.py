"""The outlet and the core's side of it: nothing is sent that was cancelled, nothing is guessed."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from relay.model import Attempt, Later, Message, Once, Part, Posted, Unreadable
from relay.node import pipes
from relay.node.calls import Outlet
from relay.node.child import Pulse
from relay.node.pipes import Pipe
from relay.node.process import FROM_OUTLET, TO_CORE, Process
from relay.node.proxy import BridgeProxy
from relay.node.readers import Readers
from relay.node.serving import FROM_CORE, Serving
from relay.node.solo import TRIES
from relay.ports import MAX_KEPT, Keep
from relay.wire import frames

ATTEMPT = Attempt(Part("key", 0, 1, b"text"), 1, 0)


class Box:
    """A bridge that counts, and answers what it is told to."""

    once = Once("none")
    at_once = 1

    def __init__(self, answer: object = Posted("1")) -> None:
        self.answer = answer
        self.asked = 0
        self.keeps = b""

    async def send(self, attempt: Attempt, keep: Keep) -> Any:
        self.asked += 1
        if self.keeps:
            await keep(self.keeps)
        await trio.sleep(0.01)
        return self.answer


@asynccontextmanager
async def serving(**bridges: Box) -> AsyncIterator[Pipe]:
    """An outlet with these bridges; the core's end of its pipe."""
    ours, theirs = pipes.pair()
    read, write = os.pipe()
    outlet = Serving(Pipe(theirs, FROM_CORE), Pulse(write))
    outlet.bridges.update(bridges)  # type: ignore[arg-type]
    core = Pipe(ours, FROM_OUTLET)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(outlet.serve, nursery)
        yield core
        nursery.cancel_scope.cancel()
    for end in (ours, theirs):
        end.close()
    for fd in (read, write):
        os.close(fd)


@pytest.mark.parametrize("time", range(20))
async def test_a_send_that_was_cancelled_before_it_began_is_not_begun(time: int) -> None:
    box = Box()
    async with serving(box=box) as core:
        await core.send(frames.Send(1, "box", ATTEMPT))
        await core.send(frames.Cancel(1))
        answers = [await core.receive()]
        await wait_all_tasks_blocked(0.02)
        assert answers == [frames.Failed(1, "cancelled")]
        assert not core.passed
        with trio.move_on_after(0.02):
            raise AssertionError(await core.receive())


@pytest.mark.parametrize("answer", [Posted({1, 2}), Posted(1 << 80)], ids=["set", "number"])  # type: ignore[arg-type]
async def test_an_answer_that_is_none_fails_alone(answer: object) -> None:
    async with serving(odd=Box(answer), box=Box()) as core:
        await core.send(frames.Send(1, "odd", ATTEMPT))
        assert isinstance(await core.receive(), frames.Failed)
        await core.send(frames.Send(2, "box", ATTEMPT))
        assert await core.receive() == frames.Ended(2, Posted("1"))


async def test_what_is_too_long_to_keep_fails_in_the_bridge() -> None:
    box = Box()
    box.keeps = b"x" * (MAX_KEPT + 1)
    async with serving(box=box) as core:
        await core.send(frames.Send(1, "box", ATTEMPT))
        assert await core.receive() == frames.Failed(1, "its bridge failed: valueerror")


class Page(Box):
    """A bridge that shows the ways in, and says what it is told to."""

    def __init__(self, trouble: object = "") -> None:
        super().__init__()
        self.trouble = trouble
        self.shown: list[tuple[bytes, bytes]] = []

    async def ways(self, document: bytes, signature: bytes) -> Any:
        self.shown.append((document, signature))
        return self.trouble


@pytest.mark.parametrize("trouble", ["", "no room on the disk"])
async def test_a_page_is_told_the_ways_in_and_says_how_it_went(trouble: str) -> None:
    page = Page(trouble)
    async with serving(page=page) as core:
        await core.send(frames.Ways(1, "page", b"document", b"signature"))
        assert await core.receive() == frames.Shown(1, trouble)
    assert page.shown == [(b"document", b"signature")]


async def test_a_bridge_that_shows_no_ways_says_so() -> None:
    async with serving(box=Box()) as core:
        await core.send(frames.Ways(1, "box", b"", b""))
        assert await core.receive() == frames.Failed(1, "its bridge shows no statements")


async def test_a_page_that_says_nothing_we_know_has_not_shown_them() -> None:
    async with serving(page=Page(None)) as core:
        await core.send(frames.Ways(1, "page", b"", b""))
        answer = await core.receive()
        assert isinstance(answer, frames.Shown) and "did not say" in answer.trouble


# ---------------------------------------------------------------- the core's side


def process(role: str) -> tuple[Process, socket.socket]:
    ours, theirs = pipes.pair()
    return Process(role, 1, Pipe(ours, TO_CORE[role])), theirs


async def killed(pid: int) -> None:
    raise AssertionError("nobody is killed")


async def nothing_kept(kept: bytes) -> None:
    raise AssertionError("nothing is kept")


async def test_a_send_for_which_no_outlet_comes_was_not_begun(autojump_clock: MockClock) -> None:
    outcome = await BridgeProxy("box").send(ATTEMPT, nothing_kept)
    assert isinstance(outcome, Later)
    assert trio.current_time() < 10


async def test_an_outlet_that_dies_while_something_is_kept_ends_its_call_alone() -> None:
    dying, theirs = process("outlet")
    outlet = Outlet(dying, killed)
    kept = trio.Event()

    async def keep(_: bytes) -> None:
        theirs.close()
        outlet.died()
        kept.set()

    async with trio.open_nursery() as nursery:
        proxy = BridgeProxy("box")
        proxy.served(outlet, frames.Serves("box", Once("none"), 1))
        outcomes: list[object] = []

        async def send() -> None:
            outcomes.append(await proxy.send(ATTEMPT, keep))

        nursery.start_soon(send)
        await wait_all_tasks_blocked()
        await outlet.kept(frames.Keeps(1, b"session"))
    assert kept.is_set() and len(outcomes) == 1
    dying.pipe.close()


async def end(reader: Process, theirs: socket.socket, status: int) -> None:
    theirs.close()
    reader.status = status
    reader.dead.set()
    reader.began.set()


async def test_readers_that_cannot_start_are_no_judgement_about_an_item() -> None:
    readers = Readers(killed)
    read: list[Message | Unreadable] = []

    async def ask() -> None:
        read.append(await readers.read(b"text", "text"))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        for _ in range(TRIES + 2):
            dying, theirs = process("reader")
            readers.connected(dying)
            await wait_all_tasks_blocked()
            await end(dying, theirs, 70)
            await wait_all_tasks_blocked()
            dying.pipe.close()
        good, theirs = process("reader")
        readers.connected(good)
        good.began.set()
        await wait_all_tasks_blocked()
        told = pipes.PlainPipe(theirs, (frames.Read,))
        assert told.receive() == frames.Read(b"text", "text")
        told.send(frames.WasRead(Message("text")))
    assert read == [Message("text")]
    good.pipe.close()
    theirs.close()


@pytest.mark.parametrize("status", [0, 70])
async def test_an_item_that_no_reader_answers_for_is_set_aside(status: int) -> None:
    readers = Readers(killed)
    read: list[Message | Unreadable] = []

    async def ask() -> None:
        read.append(await readers.read(b"text", "text"))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        for _ in range(2 * TRIES):
            dying, theirs = process("reader")
            dying.began.set()
            readers.connected(dying)
            await wait_all_tasks_blocked()
            await end(dying, theirs, status)
            await wait_all_tasks_blocked()
            dying.pipe.close()
    assert isinstance(read[0], Unreadable)
