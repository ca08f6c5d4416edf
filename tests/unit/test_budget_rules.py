"""Days, months and what of them is spent: pure rules, as tables."""

from __future__ import annotations

import pytest
from budget_parts import HOUR, NOON, at

from relay.rules.budgets import (
    DAY,
    Book,
    Budget,
    Short,
    Tally,
    Use,
    begins_in,
    ends_in,
    month_began,
    month_of,
    short,
)
from relay.rules.spending import Spending, plain

TODAY = at(2026, 11, 30)
NEXT = at(2026, 12, 1)
PER_DAY = Budget("posts", "day", 3)
PER_MONTH = Budget("posts", "month", 5)
MONEY_A_DAY = Budget("money", "day", 1000)
MONEY = Budget("money", "month", 5000)


@pytest.mark.parametrize(
    ("now", "day", "month"),
    [
        (NOON, (TODAY, NEXT), (at(2026, 11, 1), NEXT)),
        (NEXT - 1, (TODAY, NEXT), (at(2026, 11, 1), NEXT)),
        (NEXT, (NEXT, at(2026, 12, 2)), (NEXT, at(2027, 1, 1))),
        (at(2028, 2, 29, 23), (at(2028, 2, 29), at(2028, 3, 1)), (at(2028, 2, 1), at(2028, 3, 1))),
    ],
)
def test_a_day_and_a_month_are_those_of_the_calendar_in_utc(
    now: int, day: tuple[int, int], month: tuple[int, int]
) -> None:
    assert (begins_in("day", now), ends_in("day", now)) == day
    assert (begins_in("month", now), ends_in("month", now)) == month


def test_a_month_is_written_as_people_read_it() -> None:
    assert (month_of(NOON), month_began(202611)) == (202611, at(2026, 11, 1))
    assert [month_began(one) for one in (0, 202600, 202613, -5, 10**9)] == [-1] * 5


# ---------------------------------------------------------------- what was used


def test_what_is_used_counts_for_its_day_and_its_month() -> None:
    use = Use().plus(2, at(2026, 11, 29)).plus(1, NOON)
    assert (use.day, use.month) == (Tally(TODAY, 1), Tally(at(2026, 11, 1), 3))
    assert use.at(NEXT) == Use(Tally(NEXT), Tally(NEXT))


@pytest.mark.parametrize("back_s", [1, HOUR, DAY])
def test_a_clock_that_goes_back_begins_nothing_anew(back_s: int) -> None:
    use = Use().plus(3, NEXT + 10)
    back = NEXT - back_s + 10
    assert use.at(back) == use
    assert use.plus(1, back).at(NEXT + 10).day.used == 4


def test_what_a_clock_counted_that_was_far_ahead_counts_as_of_now_and_ends_with_it() -> None:
    use = Use().plus(3, at(2036, 5, 5)).at(NOON)
    assert use == Use(Tally(TODAY, 3), Tally(at(2026, 11, 1), 3))
    assert use.at(NEXT).day.used == 0


def test_what_is_given_back_is_missing_where_it_was_counted_and_nowhere_else() -> None:
    use = Use().plus(2, NOON)
    assert use.minus(1, NOON) == Use().plus(1, NOON)
    assert use.minus(9, NOON).day.used == 0
    next_day = use.plus(1, NEXT)
    assert next_day.minus(2, NOON) == next_day
    in_one_month = Use().plus(2, at(2026, 11, 29)).plus(1, NOON).minus(2, at(2026, 11, 29))
    assert (in_one_month.day.used, in_one_month.month.used) == (1, 1)


@pytest.mark.parametrize(
    "tally", [Tally(-1, 0), Tally(NOON, -1), Tally(1 << 40, 0), Tally(1 << 64, 1)]
)
def test_what_can_be_no_count_is_seen(tally: Tally) -> None:
    assert Use(tally).is_sound is Use(month=tally).is_sound is False
    assert Use().plus(1, NOON).is_sound


# ---------------------------------------------------------------- what is short


def used(posts: int, money: int, when: int = NOON) -> Book:
    return Book().plus(posts, money, when)


@pytest.mark.parametrize(
    ("book", "lacking"),
    [
        (used(2, 0), None),
        (used(3, 0), Short(PER_DAY, NEXT)),
        (used(4, 0, at(2026, 11, 29)), None),
        (used(5, 0, at(2026, 11, 29)), Short(PER_MONTH, NEXT)),
        (used(5, 0, at(2026, 11, 10)), Short(PER_MONTH, NEXT)),
        (used(5, 0, at(2026, 10, 31)), None),
    ],
)
def test_an_attempt_waits_for_the_budget_that_has_nothing_left(
    book: Book, lacking: Short | None
) -> None:
    assert short([PER_DAY, PER_MONTH], book, 1, 0, NOON) == lacking


def test_of_several_that_are_short_it_is_the_one_that_lasts_longest() -> None:
    book = used(5, 0, at(2026, 11, 10))
    found = short([PER_MONTH, PER_DAY], book, 1, 0, at(2026, 11, 10))
    assert found == Short(PER_MONTH, NEXT)
    money_first = short([PER_DAY, MONEY], used(3, 4999, at(2026, 11, 10)), 1, 2, at(2026, 11, 10))
    assert money_first == Short(MONEY, NEXT)


@pytest.mark.parametrize(("price", "is_short"), [(1000, False), (1001, True)])
def test_a_sum_of_money_may_be_spent_to_its_last_thousandth(price: int, is_short: bool) -> None:
    assert (short([MONEY_A_DAY], Book(), 1, price, NOON) is not None) is is_short


def test_what_costs_nothing_waits_for_no_money() -> None:
    assert short([MONEY], used(1, 9999), 1, 0, NOON) is None


def test_what_costs_something_where_nobody_said_how_much_may_be_spent_waits() -> None:
    found = short([PER_DAY], Book(), 1, 1, NOON)
    assert found is not None and found.budget.key == "money_per_month"


def test_after_the_clock_went_back_it_lasts_until_what_was_counted_is_over() -> None:
    book = used(3, 0, NEXT + 10)
    assert short([PER_DAY], book, 1, 0, NEXT - 10) == Short(PER_DAY, NEXT + DAY)


# ---------------------------------------------------------------- words and figures


@pytest.mark.parametrize(
    ("budget", "key", "spent"),
    [
        (PER_DAY, "posts_per_day", "its posts for today are spent"),
        (PER_MONTH, "posts_per_month", "its posts for this month are spent"),
        (MONEY, "money_per_month", "its money for this month is spent"),
        (Budget("answers", "day", 1), "answers_per_day", "its answers for today are spent"),
    ],
)
def test_each_budget_has_the_key_that_raises_it_and_a_sentence(
    budget: Budget, key: str, spent: str
) -> None:
    assert (budget.key, budget.spent) == (key, spent)


def test_money_is_shown_in_whole_units_and_all_else_as_it_is() -> None:
    money, posts = Spending(MONEY, 4015, "USD"), Spending(PER_DAY, 2)
    assert (money.spent, money.limit, posts.spent, posts.limit) == (4.015, 5.0, 2, 3)


@pytest.mark.parametrize(
    ("of", "near", "gone"), [(79, False, False), (80, True, False), (100, True, True)]
)
def test_it_is_near_at_eighty_percent(of: int, near: bool, gone: bool) -> None:
    spending = Spending(Budget("posts", "day", 100), of)
    assert (spending.is_near, spending.is_gone) == (near, gone)


@pytest.mark.parametrize(
    ("amount", "written"),
    [(8.0, "8"), (8.25, "8.25"), (0.015, "0.015"), (0, "0"), (100, "100"), (1_000_000, "1000000")],
)
def test_an_amount_is_written_without_what_says_nothing(amount: float, written: str) -> None:
    assert plain(amount) == written
