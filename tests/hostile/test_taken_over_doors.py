"""A door or an outlet that somebody has taken over: whatever frames it sends, the core goes on.

The frames have the right types, since all others are damage (``test_taken_over_readers``); their
values are anything that msgpack can carry.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.errors import Damaged
from relay.node import pipes, said
from relay.node.arrivals import Arrivals
from relay.node.board import Board
from relay.node.calls import Outlet
from relay.node.door_said import believed
from relay.node.doors import Doors
from relay.node.process import FROM_DOOR, FROM_OUTLET, TO_CORE, Process
from relay.node.proxy import BridgeProxy
from relay.spool.sqlite import SqliteSpool
from relay.wire import frames
from relay.wire.keys import ExitPublic, make_exit_keys
from relay.wire.pack import pack, unpack_any

NOW = 1_800_000_000
KEYS = make_exit_keys(NOW)
PUBLIC = ExitPublic(b"i" * 32, tuple(one.public for one in KEYS.epochs), b"p" * 32)

NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.integers(-3, 3)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30) | st.sampled_from(
    ["mail", "page", "works", "login", "blocked", "", "x" * 70_000, "\x1b[2J\n", "../../etc"]
)
BYTES = st.binary(max_size=40)

st.register_type_strategy(int, NUMBERS)
st.register_type_strategy(str, TEXTS)
st.register_type_strategy(bytes, BYTES)

CHANCE = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class Clock:
    def now(self) -> int:
        return NOW


def any_of(kinds: tuple[type, ...]) -> st.SearchStrategy[Any]:
    """Any frame of these kinds, as it comes through a pipe."""
    return st.one_of([st.builds(kind) for kind in kinds])


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteSpool]:
    folder: Path = tmp_path_factory.mktemp("spool")
    broken: list[str] = []
    opened = SqliteSpool.open(
        folder / "data",
        folder / "seen",
        clock=Clock(),
        min_free_bytes=0,
        ballast_bytes=0,
        on_broken=lambda: broken.append("broken"),
    )
    yield opened
    opened.close()
    assert broken == []


@asynccontextmanager
async def doors(spool: SqliteSpool) -> AsyncIterator[tuple[Board, Any]]:
    board = Board(spool, Clock())
    made = Doors(
        spool, board, Clock(), lambda: PUBLIC.epochs, lambda: "ok", Arrivals(), lambda: 1 << 40
    )
    ours, theirs = pipes.pair()
    process = Process("door", 1, pipes.Pipe(ours, FROM_DOOR))
    try:
        yield board, await made.connected(process)
    finally:
        process.pipe.close()
        theirs.close()


@CHANCE
@given(st.lists(any_of(FROM_DOOR), max_size=6))
def test_whatever_a_door_says_the_core_has_a_board_and_a_spool(
    spool: SqliteSpool, said_: list[Any]
) -> None:
    async def hear() -> None:
        async with doors(spool) as (board, doorway):
            for frame in said_:
                try:
                    await doorway.said(unpack_any(FROM_DOOR, pack(frame)))
                except Damaged:
                    continue
            assert all(place.name is not None for place in board.places())
            counts = await spool.counts()
            assert counts.accepted == sum(counts.states.values())

    trio.run(hear)


@pytest.mark.parametrize(
    "frame",
    [
        frames.Heard("mail", 2**64 - 1, 0),
        frames.Heard("mail", 0, -1),
        frames.Heard("mail\n", 0, 0),
        frames.Open("mail", -1),
        frames.Answered(2**63, 0, 0),
        frames.AnswersUsed("mail", 2**64 - 1, 1, 1, 1),
        frames.Fares("mail", "paused", ""),
        frames.Fares("x" * 70_000, "works", ""),
    ],
    ids=lambda frame: type(frame).__name__,
)
async def test_what_no_door_says_is_damage(spool: SqliteSpool, frame: Any) -> None:
    async with doors(spool) as (_, doorway):
        with pytest.raises(Damaged):
            await doorway.said(frame)
        assert (await spool.counts()).turned_away >= 0


def test_a_reason_is_one_short_line_that_can_be_printed() -> None:
    frame = believed(frames.Fares("mail", "blocked", "\x1b[2J\n" * 10_000))
    assert len(frame.why) <= said.MOST_WHY and frame.why.isprintable()


@contextmanager
def an_outlet() -> Iterator[tuple[Outlet, list[int]]]:
    killed: list[int] = []

    async def kill(pid: int) -> None:
        killed.append(pid)

    ours, theirs = pipes.pair()
    process = Process("outlet", 7, pipes.Pipe(ours, TO_CORE["outlet"]))
    try:
        yield Outlet(process, kill), killed
    finally:
        process.pipe.close()
        theirs.close()


@CHANCE
@given(st.lists(any_of(FROM_OUTLET), max_size=8))
def test_whatever_an_outlet_answers_a_call_ends_with_something_short(said_: list[Any]) -> None:
    """Each answer is given to a check, a look-up and a send alike."""

    async def hear() -> None:
        for frame in said_:
            answer = unpack_any(FROM_OUTLET, pack(frame))
            for ask in ("healthy", "remove", "replies"):
                await _asked(ask, answer)

    trio.run(hear)


async def _asked(ask: str, answer: Any) -> None:
    with an_outlet() as (outlet, _):
        proxy = BridgeProxy("there")
        if isinstance(answer, frames.Serves):
            proxy.served(outlet, answer)
            assert 1 <= proxy.at_once <= said.MOST_AT_ONCE and len(proxy.trouble) <= said.MOST_WHY
            return
        proxy._outlet = outlet
        async with trio.open_nursery() as nursery:

            async def answers() -> None:
                await trio.testing.wait_all_tasks_blocked()
                for n in list(outlet._calls):
                    outlet.answered(n, answer)

            nursery.start_soon(answers)
            with trio.fail_after(5):
                given_ = await _ask(proxy, ask)
        why = getattr(given_, "why", getattr(given_, "trouble", ""))
        assert len(why) <= said.MOST_WHY and (why.isprintable() or why == "")


async def _ask(proxy: BridgeProxy, ask: str) -> Any:
    if ask == "healthy":
        return await proxy.healthy(2.0)
    if ask == "remove":
        return await proxy.remove("ref", 2.0)
    return await proxy.replies(b"", 2.0)
