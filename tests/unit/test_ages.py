"""How old a row is, from one number a look: never too old, and never much too young."""

from __future__ import annotations

import trio
from trio.testing import MockClock

from relay.node import ages
from relay.node.ages import Ages

HOUR = 3600


async def test_a_row_is_as_old_as_the_first_look_that_saw_it(autojump_clock: MockClock) -> None:
    seen = Ages(HOUR)
    assert seen.of(1) is None
    for highest in (3, 3, 7):
        seen.saw(highest, 0)
        await trio.sleep(60)
    ats = [one.at if (one := seen.of(seq)) else None for seq in (1, 3, 4, 7, 8)]
    assert ats == [0, 0, 120, 120, None]


async def test_what_was_there_at_first_may_be_older(autojump_clock: MockClock) -> None:
    seen = Ages(HOUR)
    seen.saw(0, 0)
    await trio.sleep(60)
    seen.saw(5, HOUR)
    first, later = seen.of(0), seen.of(5)
    assert first is not None and first.at_first
    assert later is not None and not later.at_first and later.now == HOUR


async def test_what_is_old_enough_for_everything_needs_no_number_of_its_own(
    autojump_clock: MockClock,
) -> None:
    seen = Ages(HOUR)
    for highest in range(1, 1000):
        seen.saw(highest, 0)
        await trio.sleep(60)
    assert len(seen._seen) < 65
    oldest = seen.of(1)
    assert oldest is not None and trio.current_time() - oldest.at >= HOUR


async def test_many_looks_cost_little_memory_and_make_nothing_older(
    autojump_clock: MockClock,
) -> None:
    seen = Ages(10**9)
    for highest in range(1, 2 * ages.MOST):
        seen.saw(highest, 0)
        await trio.sleep(1)
    assert len(seen._seen) <= ages.MOST
    for seq in (1, 2, 777, ages.MOST, 2 * ages.MOST - 1):
        one = seen.of(seq)
        assert one is not None and seq - 1 <= one.at <= seq + 4
