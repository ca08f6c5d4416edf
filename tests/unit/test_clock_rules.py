"""When the clock of the machine is followed, when it is frozen, and what it takes to believe it."""

from __future__ import annotations

import pytest

from relay.rules.clock import (
    ALONE_S,
    FOLLOWED_S,
    OFF_S,
    STEADY_S,
    Belief,
    Kept,
    accepted,
    looked,
    started,
)

NOW = 1_800_000_000
HOUR = 3600
DAY = 86400
YEARS = 3652 * DAY
MACHINE = "0a" * 16


class Machine:
    """A machine whose system's clock can be set, and what a node on it knows of the time."""

    def __init__(self, up: float = 1000.0, wall: float = NOW, kept: Kept | None = None) -> None:
        self.up = up
        self.wall = wall
        self.knows = started(self.offer, up, MACHINE, kept)

    @property
    def offer(self) -> float:
        return self.wall - self.up

    @property
    def time(self) -> float:
        """The node's."""
        return self.knows.base + self.up

    @property
    def frozen(self) -> bool:
        return self.knows.frozen != 0.0

    def goes(self, seconds: float, faster: float = 0.0, platforms: float | None = None) -> None:
        """On, second by second; ``faster``: what its clock gains in each."""
        for _ in range(round(seconds)):
            self.up += 1
            self.wall += 1 + faster
            self.looks(platforms)

    def jumps(self, seconds: float) -> None:
        self.wall += seconds
        self.looks()

    def looks(self, platforms: float | None = None) -> None:
        self.knows = looked(self.knows, self.offer, self.up, platforms)

    def kept(self, hour: int = NOW - NOW % HOUR) -> Kept:
        return Kept(MACHINE, self.knows.base, hour)


def test_a_first_start_believes_the_clock() -> None:
    machine = Machine()
    assert (machine.time, machine.frozen, machine.knows.settled) == (NOW, False, True)


def test_what_a_time_server_corrects_is_followed_at_once() -> None:
    machine = Machine()
    machine.jumps(FOLLOWED_S - 1)
    assert (machine.time, machine.frozen) == (NOW + FOLLOWED_S - 1, False)


@pytest.mark.parametrize("jump", [HOUR, YEARS, -DAY, FOLLOWED_S + 1, -FOLLOWED_S - 1])
def test_a_jump_is_not_followed_and_freezes(jump: float) -> None:
    machine = Machine()
    machine.jumps(jump)
    assert machine.frozen and machine.knows.jump_s == jump
    machine.goes(60)
    assert machine.frozen and machine.time == NOW + 60


@pytest.mark.parametrize("jump", [HOUR, ALONE_S, -ALONE_S])
def test_a_jump_of_at_most_a_day_is_believed_when_it_has_been_steady(jump: float) -> None:
    machine = Machine()
    machine.jumps(jump)
    machine.goes(STEADY_S - 1)
    assert machine.frozen
    machine.goes(1)
    assert not machine.frozen and machine.time == machine.wall


@pytest.mark.parametrize("jump", [YEARS, -YEARS, ALONE_S + 1, -ALONE_S - 1])
def test_no_more_than_a_day_is_ever_believed_by_waiting(jump: float) -> None:
    machine = Machine()
    machine.jumps(jump)
    machine.goes(100 * STEADY_S)
    assert machine.frozen and machine.time == NOW + 100 * STEADY_S


def test_a_person_may_say_that_it_is_ten_years_later() -> None:
    machine = Machine()
    machine.jumps(YEARS)
    machine.knows = accepted(machine.offer, machine.up)
    assert not machine.frozen and machine.time == NOW + YEARS
    machine.goes(60)
    assert not machine.frozen


def test_a_platform_that_agrees_with_the_clock_is_believed_at_once() -> None:
    machine = Machine()
    machine.jumps(YEARS)
    machine.looks(platforms=-YEARS + 20)
    assert not machine.frozen and machine.time == machine.wall


@pytest.mark.parametrize("platforms", [0, 299, 2 * HOUR, YEARS])
def test_a_platform_that_does_not_agree_keeps_it_frozen(platforms: float) -> None:
    machine = Machine()
    machine.jumps(HOUR)
    machine.goes(2 * STEADY_S, platforms=platforms)
    assert machine.frozen and machine.time == NOW + 2 * STEADY_S


def test_a_clock_that_comes_back_was_right_before() -> None:
    machine = Machine()
    machine.jumps(YEARS)
    machine.goes(30)
    machine.jumps(-YEARS + 2)
    assert not machine.frozen and machine.time == machine.wall


def test_a_clock_that_goes_to_and_fro_is_never_steady() -> None:
    machine = Machine()
    for _ in range(20):
        machine.jumps(2 * HOUR)
        machine.goes(STEADY_S - 10)
        machine.jumps(-HOUR)
        machine.goes(STEADY_S - 10)
        machine.jumps(-HOUR)
        assert machine.time == machine.wall
    assert machine.time == NOW + 40 * (STEADY_S - 10)


def test_small_steps_do_not_add_up_to_a_jump() -> None:
    machine = Machine()
    for _ in range(100):
        machine.jumps(200)
        machine.goes(10)
    assert machine.frozen and machine.time - NOW - 1000 <= FOLLOWED_S


@pytest.mark.parametrize("faster", [0.0005, -0.0005, 0.02])
def test_a_clock_that_drifts_is_followed_for_ever(faster: float) -> None:
    machine = Machine()
    machine.goes(12 * HOUR, faster)
    assert not machine.frozen
    assert machine.time == pytest.approx(machine.wall, abs=0.06)


def test_the_time_does_not_tick_back_for_a_few_milliseconds() -> None:
    machine = Machine()
    before = machine.knows.base
    for by in (0.01, -0.02, 0.03, -0.04):
        machine.jumps(by)
    assert machine.knows.base == before


def test_a_machine_that_slept_knows_how_long() -> None:
    machine = Machine()
    machine.up += 3 * DAY  # the uptime counts sleep
    machine.wall += 3 * DAY
    machine.looks()
    assert not machine.frozen and machine.time == NOW + 3 * DAY


def test_a_machine_that_was_paused_from_outside_is_believed_in_ten_minutes() -> None:
    machine = Machine()
    machine.wall += 5 * HOUR  # its uptime stood still; then a time server set the clock right
    machine.looks()
    assert machine.frozen
    machine.goes(STEADY_S)
    assert not machine.frozen and machine.time == machine.wall


# ---------------------------------------------------------------- starts


@pytest.mark.parametrize("jump", [HOUR, YEARS, -DAY])
def test_a_clock_that_jumped_while_the_node_was_off_is_noticed_at_its_start(jump: float) -> None:
    before = Machine()
    again = Machine(before.up + 600, NOW + 600 + jump, before.kept())
    assert again.frozen and again.time == NOW + 600 and again.knows.jump_s == jump


def test_a_clock_that_is_right_starts_as_it_was() -> None:
    before = Machine()
    again = Machine(before.up + 600, NOW + 602, before.kept())
    assert not again.frozen and again.time == NOW + 602


def after_a_boot(wall: float, up: float = 20.0) -> Machine:
    return Machine(up, wall, Kept("another", 0.0, NOW))


@pytest.mark.parametrize("off", [-FOLLOWED_S, 0, DAY, OFF_S])
def test_after_a_boot_a_clock_that_is_not_too_far_on_is_believed(off: float) -> None:
    machine = after_a_boot(NOW + off)
    assert not machine.frozen and machine.time == NOW + off
    assert not machine.knows.settled
    machine.goes(STEADY_S)
    assert machine.knows.settled


@pytest.mark.parametrize("off", [-HOUR, -YEARS, OFF_S + 1, YEARS])
def test_after_a_boot_a_clock_that_cannot_be_right_is_frozen_at_the_last_hour(off: float) -> None:
    machine = after_a_boot(NOW + off)
    assert machine.frozen and machine.time == NOW
    machine.goes(60)
    assert machine.frozen and machine.time == NOW + 60


def test_a_machine_without_a_clock_of_its_own_waits_for_its_time_server() -> None:
    machine = after_a_boot(1_000_000)
    machine.goes(3600)
    assert machine.frozen
    machine.jumps(NOW + 5 * DAY - machine.wall)
    assert not machine.frozen and machine.time == NOW + 5 * DAY


def test_soon_after_a_boot_a_time_server_may_say_that_days_have_passed() -> None:
    machine = after_a_boot(NOW + 60)  # the hour of its last stop is all that it kept
    machine.jumps(5 * DAY)
    assert not machine.frozen and machine.time == machine.wall


def test_a_boot_that_settled_follows_no_days_any_more() -> None:
    machine = after_a_boot(NOW + 60)
    machine.goes(STEADY_S)
    machine.jumps(5 * DAY)
    assert machine.frozen


def test_a_machine_that_was_off_for_long_asks_a_platform_or_a_person() -> None:
    machine = after_a_boot(NOW + 90 * DAY)
    machine.goes(2 * STEADY_S)
    assert machine.frozen
    machine.looks(platforms=-90 * DAY)
    assert not machine.frozen and machine.time == machine.wall


def test_a_system_that_tells_no_boots_is_as_after_a_boot() -> None:
    kept = Kept("", NOW - 1000.0, NOW)
    assert not started(NOW + DAY - 20.0, 20.0, "", kept).settled


def test_a_first_start_with_a_clock_that_was_never_set_believes_the_time_server() -> None:
    machine = Machine(wall=60.0)
    machine.jumps(NOW - 60)
    assert not machine.frozen and machine.time == NOW


@pytest.mark.parametrize("platforms", [None, NOW - 100])
def test_a_clock_that_was_never_set_is_not_believed_whoever_says_so(
    platforms: float | None,
) -> None:
    machine = Machine()
    machine.jumps(100 - NOW)
    machine.goes(2 * STEADY_S, platforms=platforms)
    assert machine.frozen and machine.time == NOW + 2 * STEADY_S


def test_what_is_shown_of_a_clock_that_goes_is_no_jump() -> None:
    assert Belief(5.0, 0.0, 10.0, 7.0, 1.0).jump_s == 0.0
