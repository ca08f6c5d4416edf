"""A line through a door: in time, too late, refused, while locked, and after a restart."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from relay.node.canary import ways_in
from relay.node.canary.result import Came, Failed, Waits
from relay.node.canary.ways_in import LOCKED, WaysIn
from relay.wire import frames

KEY = b"k" * 32
LATE_S = 300.0


@dataclass
class Door:
    """A door that takes ``takes_s`` to hand a line over, and an exit that reads it after
    ``reads_s``; None: never."""

    takes_s: float | None = 1.0
    reads_s: float | None = 1.0
    why: str = ""
    there: bool = True
    locked: bool = False
    lines: list[str] = field(default_factory=list)
    late: list[tuple[str, float | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ways = self.made()

    def made(self, key: bytes = KEY) -> WaysIn:
        return WaysIn(key, self.tell, lambda: self.locked, self.came_late)

    async def tell(self, frame: object) -> bool:
        assert isinstance(frame, frames.TryWay)
        self.lines.append(frame.line)
        trio.lowlevel.spawn_system_task(self._goes, frame)
        return self.there

    async def _goes(self, frame: frames.TryWay) -> None:
        if self.takes_s is None:
            return
        await trio.sleep(self.takes_s)
        self.ways.told(frames.TriedWay(frame.n, self.why))
        if self.reads_s is not None and not self.why:
            await trio.sleep(self.reads_s)
            self.ways.heard(frame.transport, frame.line)

    def came_late(self, name: str, took_s: float | None) -> None:
        self.late.append((name, took_s))


async def test_a_line_that_is_read_came_through(autojump_clock: MockClock) -> None:
    door = Door()
    assert await door.ways.tried("mail", LATE_S) == Came(2.0)


async def test_the_exit_may_be_quicker_than_the_door(autojump_clock: MockClock) -> None:
    door = Door(takes_s=None)
    async with trio.open_nursery() as nursery:

        async def read_first() -> None:
            await wait_all_tasks_blocked()
            assert door.ways.heard("mail", door.lines[0])
            await trio.sleep(3)
            door.ways.told(frames.TriedWay(1))

        nursery.start_soon(read_first)
        assert await door.ways.tried("mail", LATE_S) == Came(0.0)


async def test_what_is_refused_says_why(autojump_clock: MockClock) -> None:
    door = Door(why="it answers 451")
    assert await door.ways.tried("mail", LATE_S) == Failed("it answers 451")


async def test_without_a_door_nothing_is_waited_for(autojump_clock: MockClock) -> None:
    assert await Door(there=False, takes_s=None).ways.tried("mail", LATE_S) == Failed(
        "no door is there"
    )
    assert trio.current_time() == 0


@pytest.mark.parametrize(
    ("door", "why"),
    [
        (Door(takes_s=None), "it was not taken in time"),
        (Door(reads_s=None), "it was taken, and not read in time"),
    ],
)
async def test_what_does_not_come_says_how_far_it_got(
    door: Door, why: str, autojump_clock: MockClock
) -> None:
    assert await door.ways.tried("mail", LATE_S) == Failed(why)
    assert trio.current_time() == LATE_S


async def test_a_door_that_stands_still_is_not_waited_for_for_ever(
    autojump_clock: MockClock,
) -> None:
    async def full(frame: object) -> bool:
        await trio.sleep_forever()

    door = Door()
    ways = WaysIn(KEY, full, lambda: False, door.came_late)
    assert await ways.tried("mail", LATE_S) == Failed("it was not taken in time")


async def test_what_comes_afterwards_is_known_and_told(autojump_clock: MockClock) -> None:
    door = Door(reads_s=719.0)
    assert isinstance(await door.ways.tried("mail", LATE_S), Failed)
    await trio.sleep(1000)
    assert door.late == [("mail", 720.0)]


async def test_while_the_exit_is_locked_only_the_durable_part_is_seen(
    autojump_clock: MockClock,
) -> None:
    door = Door(locked=True, reads_s=7200)
    assert await door.ways.tried("mail", LATE_S) == Waits(LOCKED)
    door.locked = False
    await trio.sleep(7300)
    assert door.late == [("mail", None)]


async def test_a_line_that_comes_twice_ends_twice_and_counts_once(
    autojump_clock: MockClock,
) -> None:
    door = Door()
    assert isinstance(await door.ways.tried("mail", LATE_S), Came)
    assert door.ways.heard("mail", door.lines[0]) and door.ways.heard("mail", door.lines[0])
    assert door.late == []


async def test_after_a_restart_a_line_is_known_and_says_nothing(
    autojump_clock: MockClock,
) -> None:
    door = Door(reads_s=None)
    await door.ways.tried("mail", LATE_S)
    again = door.made()
    assert again.heard("mail", door.lines[0]) and door.late == []
    assert not door.made(b"o" * 32).heard("mail", door.lines[0])


async def test_a_line_that_comes_by_another_way_proves_nothing(autojump_clock: MockClock) -> None:
    door = Door(reads_s=None)
    async with trio.open_nursery() as nursery:

        async def elsewhere() -> None:
            await trio.sleep(5)
            assert door.ways.heard("phone", door.lines[0])

        nursery.start_soon(elsewhere)
        assert isinstance(await door.ways.tried("mail", LATE_S), Failed)


async def test_what_people_write_is_not_ours(autojump_clock: MockClock) -> None:
    assert not Door().ways.heard("mail", "they have come to our street")


async def test_who_sees_a_line_and_sends_it_by_another_way_does_not_take_its_place(
    autojump_clock: MockClock,
) -> None:
    door = Door(reads_s=60.0)
    async with trio.open_nursery() as nursery:

        async def quicker() -> None:
            await trio.sleep(5)
            assert door.ways.heard("phone", door.lines[0])

        nursery.start_soon(quicker)
        assert await door.ways.tried("mail", LATE_S) == Came(61.0)


async def test_a_door_that_dies_before_it_says_so_has_taken_what_was_read(
    autojump_clock: MockClock,
) -> None:
    door = Door(takes_s=None)
    async with trio.open_nursery() as nursery:

        async def read() -> None:
            await trio.sleep(4)
            door.ways.heard("mail", door.lines[0])

        nursery.start_soon(read)
        assert await door.ways.tried("mail", LATE_S) == Came(4.0)
    assert door.late == []


async def test_lines_that_never_come_are_bounded(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, most = Door(reads_s=None), 5
    monkeypatch.setattr(ways_in, "MOST_UNDER_WAY", most)
    for _ in range(most + 3):
        await door.ways.tried("mail", LATE_S)
    assert len(door.ways._lines) == most
    assert not any(line in repr(door.ways._lines) for line in door.lines)
