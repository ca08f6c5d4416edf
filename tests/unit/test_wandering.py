"""Whatever happens, in whatever order: nothing is lost, nothing comes twice, the sum is right.

A seed that fails says what happened; the same seed goes the same way but for the order in which
trio runs what may run at one moment.
"""

from __future__ import annotations

import pytest
from trio.testing import MockClock
from wandering_parts import World

MANY = range(1000, 1250)


@pytest.fixture(autouse=True)
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows are looked at more seldom: most of the time of a test would go into that."""
    monkeypatch.setattr("relay.node.rerouting.LOOK_S", 30.0)


@pytest.mark.parametrize("seed", range(14))
async def test_nothing_is_lost_and_nothing_comes_twice(
    autojump_clock: MockClock, seed: int
) -> None:
    await goes_well(World(seed))


@pytest.mark.parametrize("seed", range(14, 20))
async def test_nor_where_the_disk_of_an_hour_ago_is_put_back(
    autojump_clock: MockClock, seed: int
) -> None:
    await goes_well(World(seed, sets_back=True))


@pytest.mark.slow
@pytest.mark.parametrize("sets_back", [False, True])
@pytest.mark.parametrize("seed", MANY)
async def test_nor_in_five_hundred_lives(
    autojump_clock: MockClock, seed: int, sets_back: bool
) -> None:
    await goes_well(World(seed, sets_back=sets_back))


async def goes_well(world: World) -> None:
    """Live it through, and say what happened where anything is wrong."""
    await world.lives()
    assert await world.judge() == [], "\n".join(world.log)
