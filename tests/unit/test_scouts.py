"""One goes ahead, and the others when the place has answered."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from relay.model import Later, Outcome, Posted, Refused, Unsure
from relay.node.scouts import AGAIN_S, PROVED_S, Scouts


class Place:
    """One place, as its poster and its board know it."""

    def __init__(self, *, takes: bool = True, well: bool = True) -> None:
        self.takes = takes
        self.well = well
        self.scouts = Scouts(lambda name: self.takes, lambda name: self.well)

    def goes(self) -> str:
        """Whether one may go, and what it is: one of many, or one ahead."""
        if not self.scouts.may_go("bluesky"):
            return "stays"
        if self.scouts.is_proved("bluesky"):
            return "goes"
        self.scouts.goes("bluesky")
        return "ahead"


async def test_one_goes_ahead_and_no_other_until_it_is_through(autojump_clock: MockClock) -> None:
    place = Place()
    assert [place.goes() for _ in range(3)] == ["ahead", "stays", "stays"]
    place.scouts.told("bluesky", Posted("a"))
    assert [place.goes() for _ in range(3)] == ["goes", "goes", "goes"]


@pytest.mark.parametrize(
    ("outcome", "next_one"),
    [
        (Posted("a"), "goes"),
        (Refused("too long"), "goes"),
        (Later("no connection", scope="host"), "stays"),
        (Unsure("no answer"), "stays"),
    ],
)
async def test_an_answer_to_the_post_is_what_proves_a_place(
    autojump_clock: MockClock, outcome: Outcome, next_one: str
) -> None:
    place = Place()
    assert place.goes() == "ahead"
    place.scouts.told("bluesky", outcome)
    assert place.goes() == next_one


async def test_a_proof_lasts_ten_minutes_and_not_when_something_is_known_against_it(
    autojump_clock: MockClock,
) -> None:
    place = Place()
    place.scouts.told("bluesky", Posted("a"))
    await trio.sleep(PROVED_S)
    assert place.goes() == "goes"
    await trio.sleep(1)
    assert [place.goes(), place.goes()] == ["ahead", "stays"]
    place.scouts.told("bluesky", Posted("b"))
    place.well = False
    place.scouts.sees({"bluesky": 1})
    assert place.goes() == "stays"


@pytest.mark.parametrize(
    ("well", "waiting", "next_one"),
    [(True, 0, "ahead"), (True, 9, "ahead"), (False, 0, "ahead"), (False, 1, "stays")],
)
async def test_another_goes_ahead_after_a_while_unless_one_is_tried_there(
    autojump_clock: MockClock, well: bool, waiting: int, next_one: str
) -> None:
    place = Place(well=well)
    assert place.goes() == "ahead"
    place.scouts.sees({"bluesky": waiting})
    assert place.goes() == "stays"
    await trio.sleep(AGAIN_S)
    assert place.goes() == next_one


async def test_a_page_of_our_own_needs_no_proof(autojump_clock: MockClock) -> None:
    scouts = Scouts(lambda name: True, lambda name: name != "ill", ("page", "ill"))
    assert scouts.may_go("page") and scouts.is_proved("page")
    assert scouts.may_go("ill") and not scouts.is_proved("ill")


async def test_nothing_goes_where_nothing_is_taken(autojump_clock: MockClock) -> None:
    place = Place(takes=False)
    place.scouts.told("bluesky", Posted("a"))
    assert place.goes() == "stays"
