"""The state of a submission, from the states of its deliveries: a table."""

from __future__ import annotations

import itertools

import pytest

from relay.model import Sent, State
from relay.rules.state import GOING, state_of

TABLE = [
    ("posted", "posted"),
    ("posted posted", "posted"),
    ("posted waiting", "waiting"),
    ("held sending", "waiting"),
    ("held stopped", "waiting"),
    ("held posted refused", "held"),
    ("posted expired refused dropped withdrawn", "posted"),
    ("withdrawn refused", "withdrawn"),
    ("expired refused", "expired"),
    ("expired dropped", "expired"),
    ("refused dropped", "refused"),
    ("refused", "refused"),
    ("dropped dropped", "dropped"),
]


@pytest.mark.parametrize(("deliveries", "state"), TABLE)
def test_the_table(deliveries: str, state: str) -> None:
    assert state_of(deliveries.split()) == State(state)


def test_the_order_of_deliveries_means_nothing() -> None:
    for three in itertools.product(Sent, repeat=3):
        assert len({state_of(order) for order in itertools.permutations(three)}) == 1


@pytest.mark.parametrize("going", sorted(GOING))
def test_what_may_still_go_by_itself_makes_it_wait(going: Sent) -> None:
    assert state_of([going, *Sent]) == State.WAITING


def test_every_state_of_a_delivery_has_an_answer() -> None:
    for sent in Sent:
        assert isinstance(state_of([sent]), State)


def test_none_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="state of its own"):
        state_of([])


def test_a_state_no_delivery_has_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="joined"):
        state_of(["joined"])
