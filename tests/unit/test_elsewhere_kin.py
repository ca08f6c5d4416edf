"""A correction goes where its text went; and nothing of this is lost or doubled by a kill."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import trio
from fallback_parts import HALF_AN_HOUR, Exit, platforms
from test_correct import PART, Node, Slate
from test_join import KEYS, WHOLE
from test_join_kills import DyingSpool, doomed, until_death
from trio.testing import MockClock

from relay.exit.correct import LOOK_S
from relay.exit.elsewhere import Elsewhere
from relay.model import HOUR, Later, Refused, Row, State, Stopped
from relay.node.fallback import LOOK_S as FALLBACK_LOOK_S
from relay.testing.dying import Died, Fate

DOWN = Later("no connection", scope="host")


@dataclass
class Two(Node):
    """``box`` is down, and what waits for it goes to ``loft``."""

    places: dict[str, Any] = field(
        default_factory=lambda: {"box": Slate(answers=[DOWN] * 99), "loft": Slate()}
    )

    async def goes_elsewhere(self, row: Row) -> bool:
        elsewhere = Elsewhere(self.spool, self.clock, KEYS, {})
        return await elsewhere.instead(row, "loft", "late", leased=False)

    @property
    def texts(self) -> dict[str, list[str]]:
        return {name: place.texts for name, place in self.places.items()}


ONLY_THERE = {"box": [], "loft": [WHOLE]}


async def test_a_correction_reaches_its_text_where_that_went() -> None:
    node = Two()
    await node.is_public()
    [row] = await node.rows()
    assert await node.goes_elsewhere(row)
    await node.goes_on()
    assert node.texts == {"box": [], "loft": [PART]}
    await node.comes(2)
    await node.goes_on()
    assert node.texts == ONLY_THERE
    assert node.places["loft"].asked == ["send", "edit"]
    assert await node.sent("box") == ["rerouted"]
    assert await node.states() == {"posted": 2, "joined": 1}


async def test_a_correction_that_waits_with_its_text_goes_after_it() -> None:
    node = Two()
    await node.is_public()
    await node.comes(2)
    await node.goes_on()
    first, correction = await node.rows()
    assert not await node.goes_elsewhere(correction)
    assert await node.goes_elsewhere(first)
    await node.goes_on(2 * LOOK_S)
    assert node.texts == ONLY_THERE
    assert node.places["loft"].asked == ["send"]
    assert await node.sent("box") == ["rerouted", "rerouted"]
    assert await node.states() == {"posted": 2, "joined": 1}


async def test_a_correction_is_sent_after_its_text_and_nowhere_else() -> None:
    node = Two()
    node.places["attic"] = Slate()
    await node.is_public()
    await node.comes(2)
    await node.goes_on()
    first, correction = await node.rows()
    assert await node.goes_elsewhere(first)
    elsewhere = Elsewhere(node.spool, node.clock, KEYS, {})
    assert await elsewhere.instead(correction, "attic", "late", leased=False)
    assert [await node.sent(name) for name in ("loft", "attic")] == [["waiting", "waiting"], []]


async def test_a_correction_of_what_stands_here_goes_nowhere() -> None:
    node = Two()
    node.places["box"].answers = []
    await node.is_public()
    node.places["box"].answers = [DOWN] * 99
    await node.comes(2)
    await node.goes_on()
    _, correction = await node.rows()
    assert not await node.goes_elsewhere(correction)
    node.places["box"].answers = []
    await node.goes_on(HOUR)
    assert node.texts == {"box": [WHOLE], "loft": []}


async def test_a_correction_comes_back_after_its_text_where_that_was_refused() -> None:
    node = Two()
    node.places["loft"].answers = [Later("come again"), Refused("too long")]
    await node.is_public()
    [first] = await node.rows()
    assert await node.goes_elsewhere(first)
    await node.goes_on()
    await node.comes(2)
    await node.goes_on(HOUR)
    node.places["box"].answers = []
    await node.goes_on(HOUR)
    assert node.texts == {"box": [WHOLE], "loft": []}
    assert await node.states() == {"posted": 2, "joined": 1}


async def test_all_of_a_text_is_taken_back_from_where_it_went() -> None:
    from relay.exit.withdraw import Withdrawal

    node = Two()
    await node.is_public()
    await node.comes(2)
    await node.goes_on()
    first, _ = await node.rows()
    assert await node.goes_elsewhere(first)
    await node.goes_on(2 * LOOK_S)

    async def remove(name: str, ref: str) -> Any:
        return await node.places[name].remove(ref)

    async def find(name: str, attempt: Any) -> Any:
        return await node.places[name].find(attempt)

    taken = [one async for one in Withdrawal(node.spool, KEYS, remove, find).of(first.root)]
    assert [(one.destination, one.gone) for one in taken] == [("loft", True)]
    assert node.texts == {"box": [], "loft": []}
    assert await node.states() == {"withdrawn": 2, "joined": 1}


@pytest.mark.parametrize("moment", range(1, 27))
async def test_a_kill_at_any_commit_of_its_way_makes_one_whole_text(moment: int) -> None:
    node = Two()
    await node.is_public()
    await node.comes(2)
    await node.goes_on()
    first, _ = await node.rows()
    fate = doomed(node, moment)
    with until_death(node):
        await node.goes_elsewhere(first)
        await node.goes_on(2 * LOOK_S)
    assert fate.passed <= 26
    [first, *_] = await node.rows()
    await node.goes_elsewhere(first)
    await node.goes_on(2 * LOOK_S)
    assert node.texts == ONLY_THERE
    assert await node.states() == {"posted": 2, "joined": 1}
    assert await node.spool.self_check() == []


@pytest.mark.parametrize("moment", range(1, 13))
async def test_a_kill_at_any_commit_of_a_fallback_makes_one_post(
    autojump_clock: MockClock, moment: int
) -> None:
    exit = Exit(platforms(mastodon=Stopped("the token is old", "log in")))
    id = await exit.released()
    spool = DyingSpool(exit.clock, exit.spool._store.connection)
    spool.fate = Fate(moment)
    exit.spool = spool
    try:
        async with exit.running():
            await trio.sleep(HALF_AN_HOUR + 3 * FALLBACK_LOOK_S)
        assert spool.fate.passed < moment <= 12
    except BaseExceptionGroup as ended:
        died, others = ended.split(Died)
        assert died is not None and others is None
    exit = exit.anew()
    async with exit.running():
        await trio.sleep(HOUR)
    assert await exit.sent(id) == {"mastodon": "rerouted", "bluesky": "posted"}
    assert exit.places["bluesky"].texts == ["text 1"]
    assert await exit.states() == {State.POSTED: 1}
    assert await exit.spool.self_check() == []
