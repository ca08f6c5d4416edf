"""What the core makes of a clock that jumps, and what its processes and the next start know."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from relay.clock import SteadyClock, boot_id, doubted_of, reading
from relay.errors import Asked, SpoolFull
from relay.journal import Journal
from relay.model import Change, NewRow, Queue, State
from relay.node.timekeeping import FILE, LOOK_S, Timekeeping, steady_clock
from relay.rules.clock import STEADY_S, Belief, caught_up
from relay.rules.clock_said import Jump
from relay.spool.memory import MemorySpool

NOW = 1_800_000_000
HOUR = 3600
DAY = 86400
YEARS = 3652 * DAY


class Dead(Exception):
    """The process has ended."""


class Machine:
    """Its uptime goes on by hand, and its system's clock can be set."""

    def __init__(self, folder: Path, boot: str = "0a") -> None:
        self.folder = folder
        self.boot = boot
        self.on = 1000.0
        self.off = 0.0
        self.moved: list[int] = []
        self.asked = 0
        self.frozen_when_moved: list[bool] = []
        self.full = self.dies = False
        self.platforms: int | None = None
        self.said_at = math.inf
        self.journal = StringIO()
        self.starts()

    def up(self) -> float:
        return self.on

    def reading(self) -> tuple[float, float]:
        return self.up(), NOW - 1000.0 + self.off

    def starts(self) -> None:
        """A node of this machine."""
        known = steady_clock(self.folder, self.reading, self.boot).belief
        self.clock = SteadyClock(caught_up(known, sum(self.moved)), self.up, lambda: None)
        self.clock.written_here()
        self.keeping = Timekeeping(
            self.clock,
            self.folder,
            Journal("core", self.journal),
            self.moves,
            lambda since: self.platforms if self.said_at > since else None,
            self.asks,
            self.reading,
            self.boot,
        )

    async def asks(self) -> None:
        self.asked += 1

    async def moves(self, by_s: int) -> int:
        if self.full:
            raise SpoolFull
        self.frozen_when_moved.append(self.clock.frozen)
        self.moved.append(by_s)
        if self.dies:
            raise Dead
        return sum(self.moved)

    async def goes(self, seconds: float) -> None:
        for _ in range(int(seconds / LOOK_S)):
            self.on += LOOK_S
            await self.keeping.look()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


async def test_a_small_correction_is_the_time_of_all(machine: Machine) -> None:
    machine.off = 100
    await machine.goes(1)
    assert (machine.clock.now(), machine.clock.frozen) == (NOW + 101, False)
    assert machine.moved == [] and machine.journal.getvalue() == ""


async def test_a_jump_is_told_and_moves_nothing(machine: Machine) -> None:
    machine.off = YEARS
    await machine.goes(60)
    assert machine.clock.frozen and machine.clock.now() == NOW + 60
    assert machine.moved == []
    assert machine.keeping.jump == Jump(YEARS, NOW - NOW % HOUR)
    assert "is 10 years away" in machine.journal.getvalue()


async def test_a_person_has_it_believed_and_what_is_to_come_is_moved(machine: Machine) -> None:
    machine.off = YEARS
    await machine.goes(60)
    assert await machine.keeping.accept()
    assert not machine.clock.frozen and machine.clock.now() == NOW + YEARS + 60
    assert machine.moved == [YEARS]
    assert machine.keeping.jump is None
    assert not await machine.keeping.accept()
    assert machine.moved == [YEARS]


async def test_it_stays_as_it_was_while_there_is_no_room_to_move_it(machine: Machine) -> None:
    machine.off = HOUR
    machine.full = True
    await machine.goes(2 * STEADY_S)
    assert machine.clock.frozen
    with pytest.raises(SpoolFull):
        await machine.keeping.accept()
    machine.full = False
    await machine.goes(LOOK_S)
    assert not machine.clock.frozen and machine.moved == [HOUR]


async def test_a_platform_that_says_the_same_is_enough(machine: Machine) -> None:
    machine.off = -2 * DAY
    await machine.goes(10)
    assert machine.clock.frozen
    machine.platforms = 2 * DAY
    await machine.goes(2)
    assert not machine.clock.frozen and machine.moved == [-2 * DAY]


async def test_what_a_platform_says_in_the_moment_after_a_jump_counts(
    machine: Machine, autojump_clock: MockClock
) -> None:
    machine.said_at = math.inf
    machine.off = -2 * DAY
    await machine.goes(1)
    await trio.sleep(LOOK_S / 2)
    machine.platforms, machine.said_at = 2 * DAY, trio.current_time()
    await trio.sleep(LOOK_S / 2)
    await machine.goes(1)
    assert not machine.clock.frozen


async def test_where_no_platform_says_anything_they_are_asked_before_it_is_believed(
    machine: Machine, autojump_clock: MockClock
) -> None:
    machine.off = HOUR
    await machine.goes(2)
    with trio.move_on_after(STEADY_S - 10):
        await machine.keeping.ask_around()
    assert machine.asked == 3
    machine.platforms = 0
    with trio.move_on_after(STEADY_S):
        await machine.keeping.ask_around()
    assert machine.asked == 3


@pytest.mark.parametrize("of_the_node", [True, False])
@pytest.mark.parametrize("by", [YEARS, -2 * DAY])
async def test_who_ends_in_the_middle_of_it_has_nothing_moved_twice(
    machine: Machine, by: int, of_the_node: bool
) -> None:
    """Of two: what lies in the spool was moved, and nobody was told of it."""
    machine.off = by
    await machine.goes(10)
    machine.dies = True
    with pytest.raises(Dead):
        await machine.keeping.accept()
    machine.dies = False
    if of_the_node:
        machine.starts()
    else:  # the launcher lives, and so does the memory
        machine.clock.believe(caught_up(machine.clock.belief, by))
    await machine.goes(1)
    assert (machine.clock.now(), machine.clock.frozen) == (NOW + 11 + by, False)
    assert not await machine.keeping.accept()
    assert machine.moved == [by]


async def test_nor_where_the_file_could_not_be_written_and_the_machine_was_started_anew(
    machine: Machine,
) -> None:
    await machine.goes(10)
    before = (machine.folder / FILE).read_bytes()
    machine.off = YEARS
    await machine.goes(10)
    await machine.keeping.accept()
    (machine.folder / FILE).write_bytes(before)  # as it was: the disk was full, or a backup
    machine.boot = "0b"
    machine.starts()
    await machine.goes(1)
    assert (machine.clock.now(), machine.clock.frozen) == (NOW + 21 + YEARS, False)
    assert machine.moved == [YEARS]


async def test_nothing_is_destroyed_while_it_is_moved(machine: Machine) -> None:
    await machine.goes(10)
    machine.boot, machine.off = "0b", 5 * DAY  # soon after a boot it is followed at once
    machine.starts()
    machine.off = 8 * DAY
    await machine.goes(1)
    assert machine.frozen_when_moved == [True] and not machine.clock.frozen


async def test_a_clock_that_was_never_set_is_not_accepted(machine: Machine) -> None:
    machine.off = -NOW
    await machine.goes(10)
    with pytest.raises(Asked):
        await machine.keeping.accept()
    assert machine.clock.frozen and machine.moved == []


async def test_a_core_that_is_started_again_finds_it_frozen(machine: Machine) -> None:
    machine.off = HOUR
    await machine.goes(STEADY_S / 2)
    before = machine.clock.belief
    again = Timekeeping(
        machine.clock,
        machine.folder,
        Journal("core", machine.journal),
        machine.moves,
        lambda since: None,
        machine.asks,
        machine.reading,
        machine.boot,
    )
    await again.look()
    assert machine.clock.belief == before


async def test_the_next_start_of_the_same_boot_notices_the_jump(machine: Machine) -> None:
    await machine.goes(10)
    machine.off = -DAY
    machine.starts()
    assert machine.clock.frozen and machine.clock.now() == NOW + 10
    await machine.goes(5)
    assert machine.keeping.jump == Jump(-DAY, NOW - NOW % HOUR)


async def test_what_was_accepted_is_known_at_the_next_start(machine: Machine) -> None:
    machine.off = YEARS
    await machine.goes(10)
    await machine.keeping.accept()
    machine.starts()
    assert not machine.clock.frozen and machine.clock.now() == NOW + 10 + YEARS


async def test_after_a_boot_a_clock_far_back_is_frozen_at_the_hour_that_was_kept(
    machine: Machine,
) -> None:
    await machine.goes(10)
    machine.boot, machine.off = "0b", -YEARS
    machine.starts()
    assert machine.clock.frozen and machine.clock.now() == NOW - NOW % HOUR
    assert machine.keeping.jump == Jump(-YEARS + 10, NOW - NOW % HOUR, at_start=True)


async def test_the_file_tells_the_boot_and_an_hour_and_is_written_once_in_it(
    machine: Machine,
) -> None:
    file = machine.folder / FILE
    await machine.goes(HOUR / 2)
    written = file.read_bytes()
    hour = NOW - NOW % HOUR
    assert written == b"boot 0a\nbase %d.000\nhour %d\nmoved 0\n" % (NOW - 1000, hour)
    first = file.stat().st_ino
    machine.off = 2.5
    await machine.goes(60)
    assert file.stat().st_ino == first and file.stat().st_mode & 0o777 == 0o600
    await machine.goes(HOUR)
    assert b"hour %d\n" % (NOW - NOW % HOUR + HOUR) in file.read_bytes()


@pytest.mark.parametrize(
    "written", [b"", b"boot\n", b"boot 0a\nbase 1\nhour 1\n", b"\xff" * 100, b"boot 0a\n" * 9000]
)
async def test_a_damaged_file_is_as_none(machine: Machine, written: bytes) -> None:
    (machine.folder / FILE).write_bytes(written)
    (machine.folder / FILE).chmod(0o600)
    machine.off = YEARS
    machine.starts()
    assert not machine.clock.frozen and machine.clock.now() == NOW + YEARS


async def test_a_folder_that_cannot_be_written_stops_no_clock(machine: Machine) -> None:
    machine.folder.rmdir()
    machine.folder.write_bytes(b"")
    await machine.goes(10)
    assert machine.clock.now() == NOW + 10


# ---------------------------------------------------------------- what it moves


class Hands:
    def now(self) -> int:
        return NOW


async def test_what_was_due_in_an_hour_is_due_in_an_hour() -> None:
    spool = MemorySpool(Hands())
    for n, due in enumerate((0, 1, NOW - 60, NOW + HOUR, None)):
        await spool.put([NewRow(Queue.DELIVER, State.WAITING, bytes([n]) * 16, NOW, due)])
    [leased, *_] = await spool.take(Queue.DELIVER, now=NOW, limit=1)
    assert await spool.move(YEARS) == await spool.moved() == YEARS
    dues = [row.due for row in await spool.look()]
    assert dues == [0, 1, NOW - 60 + YEARS, NOW + HOUR + YEARS, None]
    assert await spool.settle(leased, Change(Queue.ENDED, State.DROPPED, due=None))


@pytest.mark.parametrize("by_s", [YEARS, -YEARS, -DAY, DAY, HOUR])
async def test_a_repeat_is_known_as_long_as_ever(by_s: int) -> None:
    hands = Hands()
    now = NOW - 2 * DAY
    hands.now = lambda: now  # type: ignore[method-assign]
    spool = MemorySpool(hands)
    for n in range(3):
        await spool.put(
            [NewRow(Queue.INBOX, State.WAITING, bytes([n]) * 16, now, 0, keys=(bytes([n]) * 16,))]
        )
        now += DAY
    now -= DAY
    await spool.move(by_s)
    now += by_s
    for n in range(3):
        again = NewRow(Queue.INBOX, State.WAITING, b"x" * 16, now, 0, keys=(bytes([n]) * 16,))
        await spool.put([again])
    assert (await spool.counts()).repeats == 3


async def test_what_ended_an_hour_ago_is_not_purged_since_it_is_ten_years_later() -> None:
    spool = MemorySpool(Hands())
    await spool.put([NewRow(Queue.DELIVER, State.WAITING, b"a" * 16, NOW, 0)])
    [row] = await spool.take(Queue.DELIVER, now=NOW, limit=1)
    await spool.settle(row, Change(Queue.ENDED, State.DROPPED, due=None))
    await spool.move(YEARS)
    assert await spool.purge(NOW + YEARS - HOUR) == 0
    assert await spool.purge(NOW + YEARS + HOUR) == 1


async def test_soon_after_a_boot_nothing_is_destroyed_by_what_the_clock_says(
    machine: Machine,
) -> None:
    await machine.goes(1)
    assert not doubted_of(machine.clock)()
    machine.boot, machine.on, machine.off = "0b", 20.0, 20 * DAY + 980
    machine.starts()
    doubted = doubted_of(machine.clock)
    await machine.goes(60)
    assert (machine.clock.frozen, doubted()) == (False, True)
    machine.off = 980 + 60  # a time server is reached, and sets it right
    await machine.goes(STEADY_S + 2)
    assert not doubted() and machine.clock.now() == NOW + 60 + 62 + STEADY_S


# ---------------------------------------------------------------- one memory for all


@pytest.fixture
def clock() -> Iterator[SteadyClock]:
    made = SteadyClock(Belief(NOW - 1000.0, 0.0, 0.0, 0.0, 0.0), lambda: 1000.0, lambda: None)
    yield made
    made.only_read()


def written(file: Path) -> bool:
    """Whether the clock's memory could be written by a descriptor."""
    try:
        if "memfd:clock" in os.readlink(file):
            os.pwrite(os.open(file, os.O_RDWR), b"\0" * 8, 0)
            return True
    except OSError:
        pass
    return False


def in_a_child(clock: SteadyClock) -> bool:
    """Whether a child sees what was told after it was forked, and can write none of it: neither by
    what it has, nor by what it opens anew."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        clock.only_read()
        os.read(read, 1)
        try:
            clock._cells[0] = 0.0  # type: ignore[call-overload]
        except TypeError:
            if any(map(written, Path("/proc/self/fd").iterdir())):
                os._exit(3)
            os._exit(0 if (clock.now(), clock.frozen) == (NOW + HOUR, True) else 1)
        os._exit(2)
    clock.written_here()
    clock.believe(Belief(NOW - 1000.0 + HOUR, 0.0, 0.0, 0.0, 0.0, frozen=7.0))
    os.write(write, b"x")
    os.close(read)
    os.close(write)
    return os.waitpid(pid, 0)[1] == 0


def test_children_hear_what_the_core_believes_and_cannot_change_it(clock: SteadyClock) -> None:
    assert (clock.now(), clock.frozen) == (NOW, False)
    assert in_a_child(clock)


@pytest.mark.parametrize("by", [YEARS, HOUR, -DAY])
def test_an_uptime_that_jumps_is_asked_of_the_kernel(by: int) -> None:
    """As under libfaketime, which changes what every clock says unless it is told not to."""
    uptimes = [1000.0]
    made = SteadyClock(
        Belief(NOW - 1000.0, 0.0, 0.0, 0.0, 0.0), lambda: uptimes[-1], lambda: 1000.02
    )
    uptimes.append(1000.0 + by)
    assert made.now() == NOW


def test_a_machine_that_slept_has_an_uptime_that_jumps_in_both() -> None:
    uptimes = [1000.0]
    made = SteadyClock(
        Belief(NOW - 1000.0, 0.0, 0.0, 0.0, 0.0), lambda: uptimes[-1], lambda: uptimes[-1]
    )
    uptimes.append(1000.0 + 2 * HOUR)
    assert made.now() == NOW + 2 * HOUR


def test_the_system_tells_its_uptime_and_time_together() -> None:
    up, offer = reading()
    assert SteadyClock().now() == pytest.approx(up + offer, abs=1.5)
    assert boot_id() == boot_id() != ""
