"""What waits for room on a full disk goes out on another day than it was counted for."""

from __future__ import annotations

import pytest
from budget_parts import NAME, Core, at, core
from trio.testing import MockClock

from relay.errors import SpoolFull
from relay.exit.money import Paid
from relay.exit.rest import Rest
from relay.model import Attempt, Outcome, Sent, Unsure
from relay.ports import Keep
from relay.rules.budgets import DAY, Budget

PER_DAY = Budget("posts", "day", 2)
NEXT = at(2026, 12, 1)


def full_until(it: Core, then: int) -> None:
    """The disk has no room until then; the clock goes there at once."""
    write = it.spool.remember

    async def remember(name: str, value: bytes) -> None:
        if it.clock.at < then:
            it.clock.at = then
            raise SpoolFull
        await write(name, value)

    it.spool.remember = remember  # type: ignore[method-assign]


def others_are_faster(it: Core) -> None:
    """What is left on the new day is used before there is room."""
    today = it.budgets.today

    def faster(name: str, paid: Paid) -> Paid | Rest:
        for _ in range(2 * (it.clock.at == NEXT)):
            it.budgets.pays(NAME, 0)
        return today(name, paid)

    it.budgets.today = faster  # type: ignore[method-assign]


async def test_it_counts_for_the_day_in_which_it_goes(autojump_clock: MockClock) -> None:
    it = await core(PER_DAY, Budget("posts", "month", 9))
    full_until(it, NEXT)
    await it.turn()
    assert it.platform.days == [1] and it.spent == [1, 1]
    await it.again()
    assert it.spent == [1, 1]


@pytest.mark.parametrize("before", [0, 1])
async def test_it_waits_where_the_new_day_has_nothing_left_by_then(
    autojump_clock: MockClock, before: int
) -> None:
    """Of a thread as well of which something is public."""
    it = await core(PER_DAY, prices=(0,) * (before + 1))
    send = it.platform.send

    async def sends(attempt: Attempt, keep: Keep) -> Outcome:
        full_until(it, NEXT)  # from its second part on
        return await send(attempt, keep)

    if before:
        it.platform.send = sends  # type: ignore[method-assign]
    else:
        full_until(it, NEXT)
    others_are_faster(it)
    await it.turn()
    assert len(it.platform.came) == before
    row = await it.delivery()
    assert (row.state, row.why) == (Sent.WAITING, "its posts for today are spent")
    it.clock.at += DAY
    await it.turn()
    assert len(it.platform.came) == before + 1
    assert (await it.spool.counts()).deliveries == {"posted": 1}


async def test_what_is_in_doubt_stays_so_where_it_has_to_wait(autojump_clock: MockClock) -> None:
    it = await core(PER_DAY)
    it.platform.outcomes = [Unsure("cut")]
    await it.turn()
    full_until(it, NEXT)
    others_are_faster(it)
    await it.turn()
    row = await it.delivery()
    assert (row.state, row.why) == (Sent.UNSURE, "cut")
    assert len(it.platform.came) == 1
