"""Whatever dies, and whenever: no day and no month ever gets more than it may.

First the core is killed at every single write, before and after it is durable. Then anything at all
happens, in any order: posts that succeed, fail and stay in doubt, deaths, nights and weeks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
from budget_parts import HOUR, NAME, NOON, Core, Killed, core
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.exit.money import Paid
from relay.model import Later, Outcome, Posted, Refused, Unsure
from relay.node.budgets import Budgets
from relay.node.purse import Purse
from relay.rules.budgets import DAY, Budget, begins_in

MOST_TURNS = 60


def over(it: Core) -> list[str]:
    """What the platform got more of than it may, in some day or month."""
    found = []
    for budget in it.limits:
        got: Counter[int] = Counter()
        for when, price in it.platform.came:
            got[begins_in(budget.per, when)] += price if budget.what == "money" else 1
        found += [budget.key for used in got.values() if used > budget.limit]
    return found


def uncounted(it: Core) -> list[str]:
    """Of which budget more came than is counted, today or this month."""
    now = it.clock.at
    found = []
    for spending in it.budgets.spendings(NAME):
        of, came = spending.budget, it.platform.came
        here = [price for when, price in came if begins_in(of.per, when) == begins_in(of.per, now)]
        if spending.used < (sum(here) if of.what == "money" else len(here)):
            found.append(of.key)
    return found


async def survived(it: Core, act: Callable[[], Awaitable[object]]) -> bool:
    """Whether it did that and lived; else the next process is there."""
    died = False
    try:
        await act()
    except* Killed:
        died = True
    if died:
        await it.again()
        assert not uncounted(it)
    return not died


def kill_at(it: Core, nth: int, *, durable: bool) -> Callable[[], int]:
    """Kill the core at its nth write from now on, before or after that is durable. Gives how many
    there were."""
    writes = 0

    def deadly(write: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wrote(*args: Any, **more: Any) -> Any:
            nonlocal writes
            writes += 1
            dies = writes == nth
            if dies and not durable:
                raise Killed
            done = await write(*args, **more)
            if dies:
                raise Killed
            return done

        return wrote

    for name in ("remember", "settle"):
        setattr(it.spool, name, deadly(getattr(it.spool, name)))
    return lambda: writes


LIMITS = (
    Budget("posts", "day", 3),
    Budget("posts", "month", 4),
    Budget("money", "day", 25),
    Budget("money", "month", 70),
)


@pytest.mark.parametrize("durable", [False, True])
@pytest.mark.parametrize("nth", range(1, 10))
async def test_a_core_that_is_killed_at_any_write_counts_never_too_little(
    nth: int, durable: bool
) -> None:
    it = await core(*LIMITS, prices=(5, 10), messages=2)
    count = kill_at(it, nth, durable=durable)
    lived = True
    while lived and count() < 9:
        lived = await survived(it, it.turn)
    for day in range(9):
        it.clock.at = NOON + day * DAY
        for _ in range(6):
            await it.turn()
    assert over(it) == []
    # Both threads are whole, and the price of a death is one attempt that counts twice at most.
    assert 4 <= len(it.platform.came) <= 5
    assert (await it.spool.counts()).deliveries == {"posted": 2}


@pytest.mark.parametrize("dies", ["before", "after"])
async def test_a_core_that_dies_in_every_send_comes_to_the_limit_and_not_past_it(
    dies: str,
) -> None:
    it = await core(Budget("posts", "day", 3), messages=1)
    for _ in range(10):
        it.platform.dies = dies
        it.clock.at += 2 * 600
        await survived(it, it.turn)
    assert it.spent == [3]
    assert len(it.platform.came) == (3 if dies == "after" else 0)


# ---------------------------------------------------------------- anything at all

ENDS = st.sampled_from(
    [Posted("r"), Later("busy"), Refused("rude"), Unsure("cut"), "dies before", "dies after"]
)
STEPS = st.one_of(
    ENDS,
    st.sampled_from(["killed", "flushed"]),
    st.integers(1, 40).map(lambda hours: hours * HOUR),
)
MOST = st.integers(1, 5)


def budgets(per_day: int | None, per_month: int | None, money: int | None) -> tuple[Budget, ...]:
    """Those that are there; of money a day and a month together."""
    all_of_them = (
        Budget("posts", "day", per_day or 0),
        Budget("posts", "month", per_month or 0),
        Budget("money", "day", (money or 0) * 10),
        Budget("money", "month", (money or 0) * 25),
    )
    return tuple(one for one in all_of_them if one.limit)


@given(
    limits=st.builds(budgets, MOST | st.none(), MOST | st.none(), MOST),
    steps=st.lists(STEPS, min_size=5, max_size=MOST_TURNS),
)
@settings(max_examples=40, deadline=None)
def test_no_day_and_no_month_gets_more_than_it_may_whatever_happens(
    limits: tuple[Budget, ...], steps: list[Outcome | str | int]
) -> None:
    async def story() -> None:
        it = await core(*limits, prices=(7, 3), messages=1)
        for step in steps:
            if isinstance(step, int):
                it.clock.at += step
            elif step == "killed":
                await it.again()
            elif step == "flushed":
                await it.budgets.flush()
            else:
                await it.message()
                it.platform.outcomes = [] if isinstance(step, str) else [step]
                it.platform.dies = step.removeprefix("dies ") if isinstance(step, str) else ""
                await survived(it, it.turn)
            assert over(it) == [] and uncounted(it) == []

    trio.run(story)


@given(hours=st.lists(st.integers(-20, 30), max_size=MOST_TURNS), most=MOST)
@settings(max_examples=50, deadline=None)
def test_a_clock_that_goes_to_and_fro_gives_each_new_day_its_posts_once(
    hours: list[int], most: int
) -> None:
    it = Core([Budget("posts", "day", most)])
    purse = Purse(Budgets(it.spool, it.clock, {NAME: it.limits}), NAME)
    latest, days, given_out = NOON // DAY, 1, 0
    for step in (0, *hours):
        it.clock.at = max((latest - 1) * DAY, it.clock.at + step * HOUR)
        if it.clock.at // DAY > latest:
            latest, days = it.clock.at // DAY, days + 1
        given_out += sum(isinstance(purse.pays(0), Paid) for _ in range(3))
        assert given_out <= days * most
