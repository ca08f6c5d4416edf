"""What platforms say of the time, and what the core makes of it while the clock is frozen."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from relay.node.skew import AGAIN_S, Platforms, Skew

NOW = 1_800_000_000
HOUR = 3600
YEARS = 3652 * 86400


class Machine:
    """Its uptime goes on by hand; the node's time can be moved."""

    def __init__(self) -> None:
        self.up = 1000.0
        self.moved = 0
        self.frozen = False
        self.said: list[int] = []
        self.skew = Skew(self, self.said.append, lambda: self.frozen, lambda: self.up)

    def now(self) -> int:
        return NOW + self.moved + int(self.up - 1000)

    def hears(self, name: str, ahead_s: int) -> None:
        """An answer by a clock that ours is ahead of."""
        self.skew.heard(name, formatdate(self.now() - ahead_s, usegmt=True))


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_a_platform_that_agrees_is_not_told_while_all_is_well(machine: Machine) -> None:
    for _ in range(9):
        machine.hears("a", 2)
        machine.up += AGAIN_S
    assert machine.said == []


def test_while_the_clock_is_frozen_it_is_told_as_well_and_not_too_often(machine: Machine) -> None:
    machine.frozen = True
    for _ in range(4):
        machine.hears("a", 2)
        machine.up += AGAIN_S / 2
    assert machine.said == [2, 2]


def test_the_first_answer_after_a_jump_is_told_at_once(machine: Machine) -> None:
    machine.hears("a", HOUR)
    machine.frozen = True
    machine.up += 1
    machine.hears("a", HOUR)
    assert machine.said == [HOUR, HOUR]


def test_what_was_said_of_another_time_is_forgotten(machine: Machine) -> None:
    machine.hears("a", 0)
    machine.hears("b", 3)
    machine.moved = YEARS  # believed, though the platforms say something else
    machine.hears("b", YEARS)
    assert machine.said == [YEARS]


def test_sleep_is_no_other_time(machine: Machine) -> None:
    machine.hears("a", 2 * HOUR)
    machine.up += 9 * HOUR
    machine.hears("b", 8 * HOUR)
    assert machine.said == [2 * HOUR]


async def test_the_core_believes_what_is_said_after_it_has_frozen() -> None:
    platforms = Platforms()
    assert platforms.since(-1e9) is None
    platforms.said(7)
    assert (platforms.ahead_s, platforms.since(-1.0), platforms.since(1e9)) == (7, 7, None)
    platforms.moved()
    assert (platforms.ahead_s, platforms.since(-1.0)) == (0, None)
