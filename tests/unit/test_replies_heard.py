"""Replies from a bridge to the core, a process away: bounded, and whatever fails is no fault."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio

from relay.model import Later, Once, Replied, Reply, Stopped
from relay.node import pipes, said
from relay.node.calls import Outlet
from relay.node.child import Pulse
from relay.node.pipes import Pipe
from relay.node.process import FROM_OUTLET, Process
from relay.node.proxy import BridgeProxy
from relay.node.serving import FROM_CORE, Serving
from relay.wire import frames

REPLY = Reply("r1", "p1", "we hear you")


class Deaf:
    """A bridge that reads no replies."""

    once = Once("none")
    at_once = 1


class Hears(Deaf):
    """A bridge that tells what it is told to."""

    def __init__(self, told: object) -> None:
        self.told = told
        self.cursors: list[bytes] = []

    async def replies(self, cursor: bytes) -> Any:
        self.cursors.append(cursor)
        if isinstance(self.told, Exception):
            raise self.told
        return self.told


@asynccontextmanager
async def asked(bridge: Deaf) -> AsyncIterator[BridgeProxy]:
    """The core's side of an outlet with this bridge."""
    ours, theirs = pipes.pair()
    read, write = os.pipe()
    serving = Serving(Pipe(theirs, FROM_CORE), Pulse(write))
    serving.bridges["masto"] = bridge  # type: ignore[assignment]
    process = Process("outlet", 1, Pipe(ours, FROM_OUTLET))

    async def killed(pid: int) -> None:
        raise AssertionError("nobody is killed")

    outlet = Outlet(process, killed)
    proxy = BridgeProxy("masto")
    proxy.served(outlet, frames.Serves("masto", Once("none"), 1))

    async def hear() -> None:
        while (frame := await process.pipe.receive()) is not None:
            outlet.answered(frame.n, frame)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serving.serve, nursery)
        nursery.start_soon(hear)
        yield proxy
        nursery.cancel_scope.cancel()
    for end in (ours, theirs):
        end.close()
    for fd in (read, write):
        os.close(fd)


async def test_replies_come_with_the_cursor_to_go_on_with() -> None:
    bridge = Hears(Replied((REPLY,), b"2"))
    async with asked(bridge) as proxy:
        assert await proxy.replies(b"1", 60) == Replied((REPLY,), b"2")
    assert bridge.cursors == [b"1"]


async def test_a_bridge_that_reads_none_says_so() -> None:
    async with asked(Deaf()) as proxy:
        assert await proxy.replies(b"", 60) is None


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        (Stopped("answered\n401", "a new token"), Stopped("answered?401", "a new token")),
        (Later("answered 503"), Later("answered 503")),
        ("nonsense", Later("its bridge gave no replies that we know")),
        (RuntimeError("names somebody"), Later("its bridge failed: runtimeerror")),
    ],
)
async def test_what_fails_is_asked_again(told: object, heard: Later | Stopped) -> None:
    async with asked(Hears(told)) as proxy:
        assert await proxy.replies(b"", 60) == heard


def test_replies_are_kept_within_bounds() -> None:
    long = Reply("r2", "p1", "x" * 5000)
    kept = said.replied(Replied((REPLY, long, Reply("", "p1", "x"), Reply("a\nb", "p1", "x")), b""))
    assert isinstance(kept, Replied)
    assert [one.ref for one in kept.replies] == ["r1", "r2"]
    assert len(kept.replies[1].text) == said.MOST_REPLY


@pytest.mark.parametrize(
    "told", [Replied((REPLY,) * 101, b""), Replied((), b"x" * 5000)], ids=["many", "cursor"]
)
def test_replies_without_end_are_not_kept(told: Replied) -> None:
    assert isinstance(said.replied(told), Later)
