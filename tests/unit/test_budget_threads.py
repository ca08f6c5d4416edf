"""A thread waits as a whole where not all of it can go: half of one may stand there for a month."""

from __future__ import annotations

from budget_parts import NAME, Core, at, core

from relay.exit.rest import Rest
from relay.model import Later, Sent, Unsure
from relay.rules.alarm import Facts, Patience, Shown, troubles
from relay.rules.budgets import DAY, Budget

FIVE = (0,) * 5
PER_DAY = Budget("posts", "day", 8)
WHY = "its posts for today are not enough for the thread that is next"
NEXT = at(2026, 12, 1)


async def with_three_left(*budgets: Budget, prices: tuple[int, ...] = FIVE) -> Core:
    it = await core(*budgets, prices=prices)
    for _ in range(5):
        it.budgets.pays(NAME, 0)
    return it


async def test_a_thread_of_five_with_three_left_waits_as_a_whole() -> None:
    it = await with_three_left(PER_DAY)
    assert await it.turn() == Rest(NEXT, spent=True, why=WHY)
    assert it.platform.came == [] and it.spent == [5]
    row = await it.delivery()
    assert (row.state, row.why) == (Sent.WAITING, WHY)
    assert (it.board.places()[0].state, it.board.places()[0].why) == ("spent", WHY)
    it.clock.at = NEXT
    it.board.solvent(NAME)
    assert it.board.places()[0].state == "works"
    await it.turn()
    assert it.platform.days == [5]


async def test_of_money_all_parts_are_looked_at_and_each_is_counted() -> None:
    it = await core(Budget("money", "day", 25), prices=(7, 7, 7), messages=2)
    await it.turn()
    assert it.spent == [21]
    assert isinstance(await it.turn(), Rest) and it.spent == [21]
    it.clock.at = NEXT
    await it.turn()
    assert it.platform.days == [3, 3]


async def test_what_would_never_fit_goes_as_far_as_it_can() -> None:
    it = await core(Budget("posts", "day", 3), Budget("posts", "month", 90), prices=FIVE)
    it.clock.at = NEXT
    await it.turn()
    assert it.platform.days == [3]
    it.clock.at = NEXT + DAY
    await it.turn()
    assert it.platform.days == [3, 2]


async def test_one_that_never_fits_in_its_money_is_stopped_by_its_posts() -> None:
    it = await core(PER_DAY, Budget("money", "month", 20), prices=(5,) * 5)
    for _ in range(4):
        it.budgets.pays(NAME, 0)
    assert await it.turn() == Rest(NEXT, spent=True, why=WHY)


async def test_a_thread_that_was_put_off_is_looked_at_as_a_whole_again() -> None:
    it = await core(PER_DAY, prices=FIVE)
    it.platform.outcomes = [Later("busy")]
    await it.turn()
    for _ in range(5):
        it.budgets.pays(NAME, 0)
    it.clock.at += 3600
    assert isinstance(await it.turn(), Rest)
    assert it.platform.came == []


async def test_what_may_be_public_goes_on_as_far_as_it_can() -> None:
    it = await core(PER_DAY, prices=FIVE)
    it.platform.outcomes = [Unsure("cut")]
    await it.turn()
    for _ in range(4):
        it.budgets.pays(NAME, 0)
    await it.turn()
    assert it.spent == [8]


async def test_an_alarm_says_that_something_is_left() -> None:
    it = await with_three_left(PER_DAY)
    await it.turn()
    shown = Shown("spent", 0, 1, 0, 0, it.budgets.spendings(NAME), WHY)
    [trouble] = troubles(Facts(board={NAME: shown}), Patience())
    assert (trouble.key, trouble.said) == (
        "spent x",
        f"x: {WHY}: what is to go there waits until midnight UTC,"
        " or until you raise posts_per_day and reload",
    )
