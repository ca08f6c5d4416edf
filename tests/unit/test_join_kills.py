"""The exit dies before or after any commit of a join: nothing is lost and nothing comes twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from test_correct import PART, Node, Slate, Wall
from test_join import WHOLE

from relay.model import HOUR, Post, Refused
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.spool.store import Store
from relay.testing.dying import Died, Fate

T = TypeVar("T")
MOMENTS = range(1, 27)


class DyingSpool(MemorySpool):
    """Its process has a fate: each commit is two moments, just before it and just after."""

    fate = Fate()

    def _commit(self, run: Callable[[Store], T]) -> T:
        self.fate.moment()
        result = super()._commit(run)
        self.fate.moment()
        return result


def doomed(node: Node, at: int) -> Fate:
    """From now on this node dies at a moment."""
    spool = DyingSpool(node.clock, node.spool._store.connection)
    spool.fate = Fate(at)
    node.opens(spool)
    return spool.fate


@contextmanager
def until_death(node: Node) -> Iterator[None]:
    """What is done in it ends with the process, and the next one is there."""
    try:
        yield
    except Died:
        pass
    except BaseExceptionGroup as ended:
        died, others = ended.split(Died)
        assert died is not None and others is None
    node.starts_anew()


async def is_sound(node: Node) -> None:
    """The counts are those of the rows, and every segment is in them."""
    assert await node.spool.self_check() == []
    counts = await node.spool.counts()
    assert counts.accepted == 3
    assert set(counts.states) <= {"posted", "joined"}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("waiting", [0, 2], ids=["all are new", "two have waited"])
async def test_three_that_all_came_are_one_post(moment: int, waiting: int) -> None:
    node = Node(places={"box": Slate()})
    for came, number in enumerate((3, 1, 2)):
        if came == waiting:
            await node.runs()
        await node.comes(number)
    doomed(node, moment)
    with until_death(node):
        await node.goes_on()
    await node.goes_on()
    assert node.places["box"].texts == [WHOLE]
    await is_sound(node)


async def test_there_are_no_more_moments_than_were_tried() -> None:
    node = Node(places={"box": Slate()})
    for number in (3, 1, 2):
        await node.comes(number)
    fate = doomed(node, 0)
    await node.goes_on()
    assert 12 < fate.passed < MOMENTS[-1]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_what_goes_on_with_a_gap_goes_on_once(moment: int) -> None:
    node = Node(places={"box": Slate()})
    for number in (1, 3):
        await node.comes(number)
    await node.runs()
    doomed(node, moment)
    with until_death(node):
        await node.time_is_over_here()
        await node.goes_on()
    await node.time_is_over_here()
    await node.goes_on()
    assert node.places["box"].texts == [PART]
    assert await node.states() == {"posted": 1, "joined": 1}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("place", [Slate, Wall], ids=["edited", "beside"])
async def test_a_late_one_corrects_what_is_public_once(moment: int, place: type[Wall]) -> None:
    node = Node(places={"box": place()})
    await node.is_public()
    await node.comes(2)
    doomed(node, moment)
    with until_death(node):
        await node.goes_on()
    await node.goes_on()
    texts = [WHOLE] if place is Slate else [PART, WHOLE]
    assert node.places["box"].texts == texts
    await is_sound(node)


class Reluctant(Slate):
    """A platform that lets a post be changed once."""

    async def edit(self, ref: str, post: Post) -> Any:
        if "edit" in self.asked:
            return Refused("it cannot be changed any more")
        return await super().edit(ref, post)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_where_an_edit_cannot_be_repeated_the_text_still_does_not_stand_there_twice(
    moment: int,
) -> None:
    node = Node(places={"box": Reluctant()})
    await node.is_public()
    await node.comes(2)
    doomed(node, moment)
    with until_death(node):
        await node.goes_on()
    await node.goes_on(HOUR)
    assert node.places["box"].texts == [WHOLE]
    states = await node.states()
    assert states in ({"posted": 2, "joined": 1}, {"posted": 1, "held": 1, "joined": 1})


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_late_one_that_makes_a_message_anew_does_it_once(moment: int) -> None:
    node = Node(policy=Policy(("box",), delay=(0, 0)), places={"box": Slate()})
    await node.is_public()
    await node.comes(2)
    doomed(node, moment)
    with until_death(node):
        await node.goes_on()
    await node.goes_on()
    assert await node.texts() == [WHOLE]
    assert await node.states() == {"held": 1, "joined": 2}
