"""The index is filled by the first who looks, and kept by news, while pages are answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from bench.desk_cards import one
from relay.desk.core import Heard, Order, Refused, SignedOut, Told
from relay.desk.index.building import BATCH, KEPT_S, MOST_TOLD, SLICE, SLICE_S, Building


class Core:
    """Tells the cards it has, as the node's does; ``between`` is called before each batch."""

    def __init__(self, cards: list[Any]) -> None:
        self.cards = cards
        self.sessions = {"s"}
        self.between: Callable[[], None] = lambda: None
        self.asked: list[int] = []

    def hear(self, heard: Heard) -> None:
        self.news = heard

    async def ask(self, order: Order) -> AsyncIterator[Told]:
        assert order["do"] == "cards"
        if order["session"] not in self.sessions:
            raise SignedOut("signed out")
        self.asked.append(order["after"])
        left = [card for card in self.cards if card["seq"] > order["after"]][: order["limit"]]
        self.between()
        if left:
            yield {"cards": left}
        yield {"upto": left[-1]["seq"] if left else order["after"]}

    async def one(self, order: Order) -> Told:
        raise Refused("only cards")


class Clock:
    def __init__(self, each: float = 0.0) -> None:
        self.now, self.each = 0.0, each

    def __call__(self) -> float:
        self.now += self.each
        return self.now


def on_asyncio(run: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await run()

    asyncio.run(main())


def told(n: int, first: int = 1) -> list[Any]:
    return [one(seq, f"story {seq}") for seq in range(first, first + n)]


def test_whoever_looks_first_has_it_filled() -> None:
    async def run() -> None:
        building = Building(Core(told(1200)))
        assert building.state == "empty"
        assert len(building.look("s")) == 0
        await building.settled()
        assert (building.state, len(building.index)) == ("whole", 1200)

    on_asyncio(run)


def test_pages_are_answered_between_the_slices() -> None:
    async def run() -> None:
        building, seen = Building(Core(told(SLICE * 6)), Clock(each=SLICE_S)), []
        building.look("s")
        while building.state == "filling":
            seen.append(len(building.index))
            await asyncio.sleep(0)
        assert {SLICE, SLICE * 2, SLICE * 5} <= set(seen)

    on_asyncio(run)


def test_who_is_signed_out_fills_nothing_and_the_next_goes_on() -> None:
    async def run() -> None:
        core = Core(told(BATCH + 200))
        building = Building(core)
        core.between = lambda: core.sessions.discard("s") if core.asked == [0] else None
        building.look("s")
        await building.settled()
        assert (building.state, len(building.index)) == ("filling", BATCH)
        core.sessions.add("t")
        building.look("t")
        await building.settled()
        assert (building.state, len(building.index), core.asked[1]) == ("whole", BATCH + 200, BATCH)

    on_asyncio(run)


def test_news_are_taken_while_and_after_it_is_filled() -> None:
    async def run() -> None:
        core = Core(told(30))
        building = Building(core)
        changed = one(3, "other words", assignee="mina")
        core.between = lambda: (
            core.news({"cards": [changed], "gone": [4]}) if not core.asked[1:] else None
        )
        building.look("s")
        await building.settled()
        found = building.index.card(3)
        assert found is not None and found.assignee == "mina"
        assert building.index.card(4) is None
        core.news({"cards": told(1, first=31), "gone": [5]})
        await building.settled()
        assert building.index.card(31) and building.index.card(5) is None

    on_asyncio(run)


def test_news_of_what_nobody_has_looked_at_are_not_kept() -> None:
    async def run() -> None:
        core = Core([])
        building = Building(core)
        core.news({"cards": told(1)})
        await building.settled()
        assert len(building.index) == 0

    on_asyncio(run)


def test_where_too_much_changed_it_is_filled_anew() -> None:
    async def run() -> None:
        core = Core(told(10))
        building = Building(core)
        building.look("s")
        await building.settled()
        core.cards = told(5, first=20)
        core.news({"all": True})
        await building.settled()
        assert (building.state, len(building.index)) == ("whole", 5)

    on_asyncio(run)


def test_what_nobody_has_looked_at_for_hours_is_forgotten() -> None:
    async def run() -> None:
        core, clock = Core(told(10)), Clock()
        building = Building(core, clock)
        building.look("s")
        await building.settled()
        clock.now += KEPT_S + 1
        core.news({"cards": told(1)})
        assert (building.state, len(building.index)) == ("empty", 0)

    on_asyncio(run)


def test_once_nobody_is_there_all_is_forgotten_and_filled_for_who_comes() -> None:
    async def run() -> None:
        core = Core(told(10))
        core.sessions.add("other")
        building = Building(core)
        building.look("s")
        await building.settled()
        core.news({"standing": "ok"})
        core.news({"nobody": True})
        assert (building.state, len(building.index), building.news) == ("empty", 0, {})
        building.look("other")
        await building.settled()
        assert (building.state, len(building.index)) == ("whole", 10)

    on_asyncio(run)


def test_once_nobody_is_there_what_was_being_filled_is_forgotten_as_well() -> None:
    async def run() -> None:
        core = Core(told(10 * SLICE))
        building = Building(core)
        core.between = lambda: core.news({"nobody": True})
        building.look("s")
        await building.settled()
        assert (building.state, len(building.index)) == ("empty", 0)

    on_asyncio(run)


def test_other_news_are_remembered_by_their_word() -> None:
    core = Core([])
    building = Building(core)
    core.news({"standing": "locked"})
    core.news({"word": "river", "cards": []})
    assert building.news == {"standing": "locked", "word": "river"}


def test_news_that_nobody_can_follow_are_not_heaped_up() -> None:
    async def run() -> None:
        core = Core(told(2))
        building = Building(core)
        building.look("s")
        await building.settled()
        core.cards = told(5)
        for seq in range(3 * MOST_TOLD):  # nothing has its turn meanwhile
            core.news({"cards": told(1, seq + 10)})
        assert len(building._told) <= MOST_TOLD
        core.news({"cards": told(1, 3)})
        await building.settled()
        assert building.state == "whole"
        assert len(building.index) >= 5

    on_asyncio(run)
