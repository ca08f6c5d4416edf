"""An outlet that says too much, or what it may not: it is ended, and nobody believes it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from relay.errors import Damaged
from relay.model import Attempt, Health, Later, Once, Outcome, Part, Post, Posted, Unsure
from relay.node import pipes
from relay.node.calls import KEEP_S, MOST_LATE, QUICK_KEEPS, Outlet, _Call
from relay.node.child import Pulse, kind_of
from relay.node.pipes import Pipe
from relay.node.process import FROM_OUTLET, Process
from relay.node.proxy import STARTS_S, BridgeProxy
from relay.node.serving import FROM_CORE, Serving, serves
from relay.wire import frames

ATTEMPT = Attempt(Part("key", 0, 1, b"text"), 1, 0)


@pytest.fixture
async def outlet() -> AsyncIterator[Outlet]:
    """The core's side of an outlet that serves "loft" alone; its process only listens."""
    ours, theirs = pipes.pair()
    pipe = Pipe(ours, FROM_OUTLET)
    yield Outlet(Process("outlet", 1, pipe, "loft"), nobody)
    pipe.close()
    theirs.close()


async def nobody(pid: int) -> None:
    raise AssertionError("nobody is killed")


# ---------------------------------------------------------------- the core's side


async def test_an_outlet_of_its_own_serves_its_own_destination_once(outlet: Outlet) -> None:
    with pytest.raises(Damaged):
        outlet.begins("mastodon")
    outlet.begins("loft")
    with pytest.raises(Damaged):
        outlet.begins("loft")


async def test_the_outlet_of_all_others_serves_each_of_them_once(outlet: Outlet) -> None:
    outlet.process.alone = ""
    outlet.begins("mastodon")
    outlet.begins("page")
    with pytest.raises(Damaged):
        outlet.begins("page")


async def test_answers_to_nobody_are_refused_and_many_end_the_process(outlet: Outlet) -> None:
    for n in range(MOST_LATE):
        assert not outlet.answered(n, frames.Failed(n, "late"))
    with pytest.raises(Damaged):
        outlet.answered(0, frames.Failed(0, "late"))


async def test_who_does_not_wait_until_something_is_kept_is_ended(outlet: Outlet) -> None:
    async def keep(kept: bytes) -> None:
        await trio.sleep_forever()

    outlet._calls[1] = _Call(keep)
    assert outlet.keeps(1)
    with pytest.raises(Damaged):
        outlet.keeps(1)
    assert not outlet.keeps(2)  # a call that is over


async def test_what_is_kept_often_takes_its_time(outlet: Outlet, autojump_clock: MockClock) -> None:
    kept: list[float] = []

    async def keep(what: bytes) -> None:
        kept.append(trio.current_time())

    outlet._calls[1] = _Call(keep)
    began = trio.current_time()
    for _ in range(QUICK_KEEPS + 10):
        assert outlet.keeps(1)
        await outlet.kept(frames.Keeps(1, b"x"))
    assert kept[QUICK_KEEPS - 1] == began
    assert kept[-1] - began == pytest.approx(10 * KEEP_S)


async def test_an_outlet_that_does_not_come_is_said_to_be_away(autojump_clock: MockClock) -> None:
    bridge = BridgeProxy("loft")
    began = trio.current_time()
    assert await bridge.healthy(120.0) == Health("", "its outlet does not start")
    assert trio.current_time() - began == pytest.approx(STARTS_S)
    bridge.fell()
    assert (await bridge.healthy(120.0)).trouble == "its outlet ended once at its start"
    bridge.fell()
    assert (await bridge.healthy(120.0)).trouble == "its outlet ended 2 times at its start"
    assert bridge.failed == 2


class Answers:
    """An outlet that gives one answer to whatever it is asked."""

    def __init__(self, answer: object) -> None:
        self.process = self
        self.dead = trio.Event()
        self._answer = answer

    async def call(self, make: Any, keep: Any = None) -> Any:
        return self._answer


def proxy(answer: object, trouble: str = "") -> BridgeProxy:
    bridge = BridgeProxy("loft")
    bridge.served(Answers(answer), frames.Serves("loft", Once("none"), 1 << 40, trouble))  # type: ignore[arg-type]
    return bridge


async def no_keep(kept: bytes) -> None:
    raise AssertionError("nothing is kept")


async def test_a_bridge_that_bears_more_than_we_do_gets_no_more() -> None:
    assert proxy(None).at_once == 50
    assert proxy(None, "\x1b").trouble == "?"


@pytest.mark.parametrize(
    ("answer", "outcome", "failed"),
    [
        (frames.Ended(1, Posted("1")), Posted("1"), 0),
        (frames.Ended(1, Later("\x07")), Later("?"), 0),
        (frames.Failed(1, "it failed"), Unsure("it failed"), 1),
        (frames.Looked(1, Later("x")), Unsure("its bridge gave no answer"), 1),  # type: ignore[arg-type]
    ],
)
async def test_an_answer_that_is_none_is_counted_and_the_send_in_doubt(
    answer: object, outcome: Outcome, failed: int
) -> None:
    bridge = proxy(answer)
    assert await bridge.send(ATTEMPT, no_keep) == outcome
    assert bridge.failed == failed


async def test_a_part_that_gives_money_back_is_not_prepared() -> None:
    bridge = proxy(frames.Prepared(1, (Part("key", 0, 1, b"", price=-1),)))
    with pytest.raises(Exception, match="a price below nothing"):
        await bridge.prepare(Post(b"", "text", "", "en", 0))


# ---------------------------------------------------------------- the outlet's side


class Bird:
    once: Any = Once("none")
    at_once: Any = 1

    def __init__(self, does: Any = None, **says: Any) -> None:
        self._does = does
        self.__dict__.update(says)

    async def prepare(self, post: Post) -> Any:
        return self._does()

    async def send(self, attempt: Attempt, keep: Any) -> Any:
        return await self._does(keep)


@asynccontextmanager
async def serving(bird: Bird) -> AsyncIterator[Pipe]:
    ours, theirs = pipes.pair()
    read, write = os.pipe()
    serving = Serving(Pipe(theirs, FROM_CORE), Pulse(write))
    serving.bridges["loft"] = bird  # type: ignore[assignment]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serving.serve, nursery)
        yield Pipe(ours, FROM_OUTLET)
        nursery.cancel_scope.cancel()
    for end in (ours, theirs):
        end.close()
    for fd in (read, write):
        os.close(fd)


class Rage(BaseException):
    pass


@pytest.mark.parametrize("raised", [ValueError("text"), SystemExit(3), KeyboardInterrupt(), Rage()])
async def test_whatever_a_bridge_raises_ends_its_own_call(raised: BaseException) -> None:
    async def fails(keep: Any) -> Any:
        raise raised

    async with serving(Bird(fails)) as core:
        for n in (1, 2):
            await core.send(frames.Send(n, "loft", ATTEMPT))
            why = f"its bridge failed: {type(raised).__name__.lower()}"
            assert await core.receive() == frames.Failed(n, why)


@pytest.mark.parametrize(
    "gives",
    ["posted", None, Posted(7), Posted("\ud800"), Later("why", not_before="soon")],  # type: ignore[arg-type]
)
async def test_what_the_core_would_not_know_is_not_sent_to_it(gives: object) -> None:
    async def send(keep: Any) -> Any:
        return gives

    async with serving(Bird(send)) as core:
        await core.send(frames.Send(1, "loft", ATTEMPT))
        assert isinstance(await core.receive(), frames.Failed)


async def test_two_that_keep_at_once_keep_one_after_the_other() -> None:
    async def send(keep: Any) -> Any:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(keep, b"one")
            nursery.start_soon(keep, b"two")
        return Posted("1")

    async with serving(Bird(send)) as core:
        await core.send(frames.Send(1, "loft", ATTEMPT))
        kept = set()
        for _ in range(2):
            frame = await core.receive()
            kept.add(frame.kept)
            await wait_all_tasks_blocked(0.01)
            await core.send(frames.Kept(1))
        assert kept == {b"one", b"two"}
        assert await core.receive() == frames.Ended(1, Posted("1"))


@pytest.mark.parametrize("kept", ["text", bytearray(8), None, 7])
async def test_only_bytes_are_kept(kept: Any) -> None:
    async def send(keep: Any) -> Any:
        await keep(kept)

    async with serving(Bird(send)) as core:
        await core.send(frames.Send(1, "loft", ATTEMPT))
        assert isinstance(await core.receive(), frames.Failed)


async def test_what_is_kept_after_a_send_has_ended_goes_nowhere() -> None:
    late: list[Any] = []

    async def send(keep: Any) -> Any:
        late.append(keep)
        return Posted("1")

    async with serving(Bird(send)) as core:
        await core.send(frames.Send(1, "loft", ATTEMPT))
        assert await core.receive() == frames.Ended(1, Posted("1"))
        with pytest.raises(RuntimeError):
            await late[0](b"late")


@pytest.mark.parametrize(
    "says",
    [
        {"once": "exact"},
        {"once": None},
        {"once": Once("ever")},  # type: ignore[arg-type]
        {"at_once": 0},
        {"at_once": 51},
        {"at_once": True},
        {"at_once": "many"},
    ],
)
def test_a_bridge_that_does_not_say_how_it_posts_is_a_trouble(says: dict[str, Any]) -> None:
    told = serves("loft", Bird(**says))  # type: ignore[arg-type]
    assert told.trouble and (told.once, told.at_once) == (Once("none"), 1)


def test_a_bridge_that_says_itserves() -> None:
    assert serves("loft", Bird(at_once=50)) == frames.Serves("loft", Once("none"), 50)  # type: ignore[arg-type]


def test_of_an_exception_the_class_is_told_if_it_has_the_name_of_one() -> None:
    assert kind_of(ValueError("text")) == "valueerror"
    assert kind_of(ExceptionGroup("text", [KeyError("text")])) == "keyerror"
    assert kind_of(type("a text of a person", (Exception,), {})()) == "exception"
