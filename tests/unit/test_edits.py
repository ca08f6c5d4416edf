"""A change of what stands on a platform, through the outlet and its proxy: repeated at will."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
import trio
from test_outlet import Box, serving
from trio.testing import MockClock

from relay.exit.asking import shows_edits
from relay.model import Later, Once, Post, Posted, Refused, Removed, Stopped, Unsure
from relay.node import said
from relay.node.calls import Outlet
from relay.node.pipes import PipeEnded
from relay.node.process import DiedMeanwhile
from relay.node.proxy import BridgeProxy
from relay.node.serving import serves
from relay.wire import frames

POST = Post(bytes(32), "the whole text", "", "en", 0)


class Slate(Box):
    """A bridge that can change what it posted."""

    def __init__(self, answer: object = Posted("1")) -> None:
        super().__init__(answer)
        self.changed: list[tuple[str, Post]] = []

    async def edit(self, ref: str, post: Post) -> Any:
        self.changed.append((ref, post))
        return self.answer


@pytest.mark.parametrize(
    "answer", [Posted("1", "u"), Later("full"), Refused("too long"), Stopped("old", "log in")]
)
async def test_a_bridge_is_told_what_is_to_stand_there(answer: object) -> None:
    slate = Slate(answer)
    async with serving(slate=slate) as core:
        await core.send(frames.Edit(1, "slate", "ref", POST))
        assert await core.receive() == frames.Edited(1, answer)  # type: ignore[arg-type]
    assert slate.changed == [("ref", POST)]


async def test_a_bridge_that_cannot_change_anything_says_so() -> None:
    async with serving(box=Box()) as core:
        await core.send(frames.Edit(1, "box", "ref", POST))
        assert await core.receive() == frames.Edited(1, None)


@pytest.mark.parametrize("answer", [None, "done", Unsure("?"), Removed()], ids=str)
async def test_an_answer_that_is_none_may_be_asked_for_again(answer: object) -> None:
    async with serving(slate=Slate(answer)) as core:
        await core.send(frames.Edit(1, "slate", "ref", POST))
        assert await core.receive() == frames.Edited(1, Later("its bridge gave no outcome"))


class FakeOutlet:
    def __init__(self, answer: object) -> None:
        self.process = self
        self.dead = trio.Event()
        self._answer = answer
        self.asked: list[Any] = []

    async def call(self, ask: Callable[[int], Any]) -> object:
        self.asked.append(ask(7))
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (frames.Edited(7, Posted("1", "u")), Posted("1", "u")),
        (frames.Edited(7, Refused("no\x1b")), Refused("no?")),
        (frames.Edited(7, None), None),
        (
            frames.Edited(7, Posted("x" * (said.MOST_REF + 1))),
            Later("its bridge gave a ref without end"),
        ),
        (frames.Failed(7, "its bridge failed: oserror"), Later("its bridge failed: oserror")),
        (frames.Looked(7, Removed()), Later("its bridge gave no answer")),  # type: ignore[arg-type]
    ],
    ids=str,
)
async def test_whatever_goes_wrong_is_later(answer: object, wanted: object) -> None:
    bridge, outlet = BridgeProxy("box"), FakeOutlet(answer)
    bridge.served(cast(Outlet, outlet), frames.Serves("box", Once("none"), 1))
    assert await bridge.edit("ref", POST) == wanted
    assert outlet.asked == [frames.Edit(7, "box", "ref", POST)]


@pytest.mark.parametrize(
    "ends", [PipeEnded(), DiedMeanwhile()], ids=lambda ends: type(ends).__name__
)
async def test_an_outlet_that_ends_meanwhile_is_no_end_of_it(ends: Exception) -> None:
    bridge = BridgeProxy("box")
    bridge.served(cast(Outlet, FakeOutlet(ends)), frames.Serves("box", Once("none"), 1))
    assert isinstance(await bridge.edit("ref", POST), Later)


async def test_without_an_outlet_it_waits_for_one(autojump_clock: MockClock) -> None:
    bridge = BridgeProxy("box")
    with trio.move_on_after(60) as waited:
        await bridge.edit("ref", POST)
    assert waited.cancelled_caught


@pytest.mark.parametrize(
    ("said_so", "shown"),
    [({}, True), ({"shows_edits": True}, True), ({"shows_edits": False}, False)],
)
def test_where_a_bridge_does_not_say_people_are_thought_to_see_what_was_there(
    said_so: dict[str, bool], shown: bool
) -> None:
    slate = Slate()
    vars(slate).update(said_so)
    told = serves("slate", cast(Any, slate))
    proxy = BridgeProxy("slate")
    assert shows_edits(cast(Any, proxy))
    proxy.served(cast(Any, FakeOutlet(None)), told)
    assert shows_edits(cast(Any, proxy)) is shown
