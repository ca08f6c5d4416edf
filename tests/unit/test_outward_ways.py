"""The core tells the page the ways in: after its check, each day anew, and until it worked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from typing import Any

import trio
from trio.testing import MockClock

from relay.config import Destination
from relay.errors import SpoolFull
from relay.journal import Journal
from relay.model import Health, Once, Removed
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.calls import Outlet
from relay.node.outward import Outward
from relay.node.pipes import Pipe, pair
from relay.node.process import FROM_OUTLET, Process
from relay.node.taken_down import TakenDown
from relay.spool.memory import MemorySpool
from relay.wire import frames
from relay.wire.keys import make_exit_keys
from relay.wire.withdrawn import MOST, read_withdrawn

KEYS = make_exit_keys()
START = 1_800_000_000
DAY = 86400


class Loop:
    """A clock that goes with the loop's own."""

    def now(self) -> int:
        return START + int(trio.current_time())


class Pages(Outlet):
    """An outlet whose bridges are all well; it keeps what it is told to show."""

    def __init__(self, troubles: tuple[str, ...] = ()) -> None:
        ours, self.theirs = pair()
        super().__init__(Process("outlet", 1, Pipe(ours, FROM_OUTLET)), self._nobody)
        self.troubles = list(troubles)
        self.shown: list[tuple[str, bytes, float]] = []
        self.listed: list[tuple[str, ...]] = []

    @staticmethod
    async def _nobody(pid: int) -> None:
        raise AssertionError("nobody is killed")

    async def call(self, make: Any, keep: Any = None) -> Any:
        frame = make(1)
        if isinstance(frame, frames.Check):
            return frames.Checked(1, Health(frame.destination))
        if isinstance(frame, frames.Remove):
            return frames.TookBack(1, Removed())
        if isinstance(frame, frames.Withdrawn):
            self.listed.append(read_withdrawn(frame.document).items)
            return frames.Shown(1)
        assert isinstance(frame, frames.Ways)
        self.shown.append((frame.destination, frame.document, trio.current_time()))
        return frames.Shown(1, self.troubles.pop(0) if self.troubles else "")

    def close(self) -> None:
        self.process.pipe.close()
        self.theirs.close()


class NoSteps:
    async def run(self) -> None:
        await trio.sleep_forever()


@asynccontextmanager
async def told(
    outlet: Pages, spool: MemorySpool | None = None, **bridges: str
) -> AsyncIterator[tuple[Board, Outward]]:
    clock = Loop()
    spool = spool or MemorySpool(clock)
    board = Board(spool, clock)
    await board.load(bridges)
    destinations = {name: Destination(bridge=bridge) for name, bridge in bridges.items()}

    def state(keys: Any) -> tuple[bytes, bytes]:
        return b"day %d" % (clock.now() // DAY), b"signature"

    journal = Journal("core", StringIO())
    brake = Brake(spool, clock, {}, destinations, {})
    outward = Outward(spool, board, clock, journal, destinations, brake, lambda: None, state)
    for name in bridges:
        outward.serves(outlet, frames.Serves(name, Once("exact"), 1))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(outward.run, NoSteps(), KEYS)
        yield board, outward
        nursery.cancel_scope.cancel()
    outlet.close()


async def test_a_page_is_told_after_its_check_and_no_other_destination_is(
    autojump_clock: MockClock,
) -> None:
    outlet = Pages()
    async with told(outlet, page="feed", mirror="feed", box="folder"):
        await trio.sleep(1)
        assert sorted(name for name, _, _ in outlet.shown) == ["mirror", "page"]


async def test_the_day_of_the_statement_is_never_long_past(autojump_clock: MockClock) -> None:
    outlet = Pages()
    async with told(outlet, page="feed"):
        await trio.sleep(3 * DAY)
        for _, document, at in outlet.shown:
            assert document == b"day %d" % ((START + int(at)) // DAY)
        assert len({document for _, document, _ in outlet.shown}) == 4
        assert trio.current_time() - outlet.shown[-1][2] <= 3600


async def test_what_did_not_work_is_said_and_tried_again(autojump_clock: MockClock) -> None:
    outlet = Pages(("no room on the disk", "no room on the disk"))
    async with told(outlet, page="feed") as (board, _):
        await trio.sleep(30)
        [page] = board.places()
        assert (page.state, page.why) == ("slow", "no room on the disk")
        await trio.sleep(100)
        [page] = board.places()
        assert (page.state, page.why) == ("works", "")
        assert [at for _, _, at in outlet.shown] == [0, 60, 120]


async def test_what_is_withdrawn_is_listed_at_once_and_after_a_restart(
    autojump_clock: MockClock,
) -> None:
    spool, id = MemorySpool(Loop()), "urn:uuid:00000000-0000-8000-8000-000000000001"
    outlet = Pages()
    async with told(outlet, spool, page="feed", box="folder") as (_, outward):
        await trio.sleep(1)
        await outward.remove("box", "urn:uuid:00000000-0000-8000-8000-000000000002")
        await outward.remove("page", "items/order")
        await outward.remove("page", id)
        await outward.remove("page", id)
        await trio.sleep(1)
        assert outlet.listed == [(), (id,)]
    again = Pages()
    async with told(again, spool, page="feed"):
        await trio.sleep(1)
        assert again.listed == [(id,)]


async def test_of_more_than_a_list_can_hold_the_last_stay(autojump_clock: MockClock) -> None:
    ids = [f"urn:uuid:{n:08x}-0000-8000-8000-000000000000" for n in range(MOST + 2)]
    spool = MemorySpool(Loop())
    taken = TakenDown(spool)
    for id in ids:
        await taken.add(id)
    document, _ = await TakenDown(spool).stated(KEYS, START)
    assert read_withdrawn(document).items == tuple(ids[2:])


async def test_without_room_in_the_spool_it_is_listed_and_remembered_later() -> None:
    class Full(MemorySpool):
        full = True

        async def remember(self, name: str, value: bytes) -> None:
            if self.full:
                raise SpoolFull
            await super().remember(name, value)

    spool, id = Full(Loop()), "urn:uuid:00000000-0000-8000-8000-000000000001"
    taken = TakenDown(spool)
    await taken.add(id)
    assert read_withdrawn((await taken.stated(KEYS, START))[0]).items == (id,)
    assert await spool.remembered() == {}
    spool.full = False
    await taken.stated(KEYS, START)
    assert read_withdrawn((await TakenDown(spool).stated(KEYS, START))[0]).items == (id,)
