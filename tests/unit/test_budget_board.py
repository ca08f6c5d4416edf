"""The board never says that a destination works where nothing will go out for a day or a month."""

from __future__ import annotations

import pytest
from budget_parts import NAME, Core, Hands, core

from relay.exit.rest import Rest
from relay.model import Later, Outcome, Posted, Refused, Unsure
from relay.node.board import Board
from relay.node.budgets import Budgets
from relay.node.purse import Purse
from relay.rules.alarm import Facts, Patience, Shown, troubles
from relay.rules.budgets import DAY, Budget
from relay.rules.spending import Spending
from relay.spool.memory import MemorySpool

A_DAY, A_MONTH = Budget("posts", "day", 2), Budget("posts", "month", 2)
TODAY, MONTH = (f"its posts for {when} are spent" for when in ("today", "this month"))


def stands(it: Core) -> tuple[str, str]:
    [place] = it.board.places()
    return place.state, place.why


@pytest.mark.parametrize(
    ("budgets", "why"), [((A_DAY,), TODAY), ((A_DAY, A_MONTH), MONTH), ((A_MONTH,), MONTH)]
)
async def test_who_has_sent_the_last_is_spent_although_nothing_waits(
    budgets: tuple[Budget, ...], why: str
) -> None:
    it = await core(*budgets, messages=2)
    await it.turn()
    assert stands(it) == ("works", "")
    await it.turn()
    assert stands(it) == ("spent", why)


async def test_who_has_less_than_before_is_spent_at_the_next_start() -> None:
    it = await core(A_DAY)
    await it.turn()
    it.limits = [Budget("posts", "day", 1)]
    await it.again()
    assert stands(it) == ("spent", TODAY)
    it.limits = [A_DAY]
    await it.again()
    assert stands(it) == ("works", "")


@pytest.mark.parametrize("outcome", [Posted("r"), Later("busy"), Refused("rude"), Unsure("cut")])
async def test_what_was_under_way_when_the_last_was_spent_hides_it_from_nobody(
    outcome: Outcome,
) -> None:
    it = await core(A_DAY, messages=3)
    for _ in range(3):
        await it.turn()
    it.board.told(NAME, outcome)
    assert stands(it) == ("spent", TODAY)


async def test_what_a_person_must_do_is_said_before_that_it_is_spent() -> None:
    it = await core(A_DAY, messages=2)
    for _ in range(2):
        await it.turn()
    it.board.state(NAME, "login", "its token is refused")
    it.board.solvent(NAME)
    assert stands(it) == ("login", "its token is refused")
    it.board.reachable(NAME)
    assert stands(it) == ("spent", TODAY)


async def test_where_alarms_go_all_the_same_it_is_spent_once_something_waits() -> None:
    clock = Hands()
    spool = MemorySpool(clock)
    budgets = Budgets(spool, clock, {NAME: [Budget("posts", "day", 1)]}, alarms=[NAME])
    board = Board(spool, clock, budgets=budgets)
    await board.load([NAME])
    purse = Purse(budgets, NAME)
    purse.pays_over(0)
    board.solvent(NAME)
    assert board.places()[0].state == "works"
    rest = purse.pays(0)
    assert isinstance(rest, Rest)
    board.told(NAME, rest)
    board.solvent(NAME)
    assert board.places()[0].state == "spent"


async def test_a_post_that_costs_more_than_there_ever_is_names_what_helps() -> None:
    it = await core(Budget("money", "day", 5), Budget("money", "month", 500), prices=(7,))
    await it.turn()
    why = "one post costs more than its money for today"
    assert stands(it) == ("spent", why)
    it.clock.at += DAY
    await it.turn()
    assert stands(it) == ("spent", why)
    budgets = [Spending(one.budget, one.used, "USD") for one in it.budgets.spendings(NAME)]
    [said] = [
        one.said
        for one in troubles(
            Facts(board={NAME: Shown("spent", 0, 1, 0, 0, budgets, why)}), Patience()
        )
    ]
    assert said == (
        "x: one post costs more than its money for today, 0.005 USD: what is to go there waits"
        " until you raise money_per_day and reload"
    )
