"""Corrections one after another, whatever a platform answers and wherever a process dies: the last
text stands in the end, once; and where it hides, nothing else does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from editing_parts import Desk, Diary, History
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_correct import Slate, Wall
from test_correct_kills import Killed, dying
from test_join import KEYS

from relay.exit.withdraw import Withdrawal
from relay.model import Later, Sent, Unsure

HOUR = 3600
ANSWERS = {
    "": None,
    "soon": Later("full", 1_800_000_005),
    "later": Later("full", 1_800_000_500),
    "cut": Unsure("cut"),
    "raises": RuntimeError("x"),
}


@dataclass(frozen=True)
class Step:
    """One correction, and what happens to it."""

    text: str
    hides: bool
    paused: bool
    answers: tuple[str, ...]
    dies: int
    done: bool
    within_s: int


_steps = st.builds(
    Step,
    text=st.sampled_from(["short", "also short", "one that does not fit in one part"]),
    hides=st.booleans(),
    paused=st.booleans(),
    answers=st.lists(st.sampled_from(sorted(ANSWERS)), max_size=2).map(tuple),
    dies=st.integers(0, 5),
    done=st.booleans(),
    within_s=st.sampled_from([0, 60, 600]),
)


async def corrected(desk: Desk, row: Any, n: int, step: Step) -> None:
    """The correction, as a person gives it: again, where nobody said that it was done."""
    order = {"text": f"{n} {step.text}", "hides": step.hides, "token": f"t{n}"}
    desk.held_back = step.paused
    desk.places["box"].answers += [ANSWERS[one] for one in step.answers]
    if step.dies:
        dying(desk.spool, step.dies, done=step.done)
    try:
        await desk.corrects(row, within_s=step.within_s, **order)
    except BaseExceptionGroup as group:
        assert group.split(Killed)[1] is None
        desk.starts_anew()
        desk.held_back = False
        await desk.corrects(row, within_s=0, **order)
    if step.dies:
        desk.starts_anew()


@pytest.mark.slow
@pytest.mark.parametrize("place", [History, Diary, Slate, Wall])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(_steps, min_size=1, max_size=5), most=st.sampled_from([12, 1000]))
async def test_the_last_text_stands_once_and_hides_the_others(
    place: type[Wall], steps: list[Step], most: int
) -> None:
    wall = place(most=most)
    desk = Desk(places={"box": wall})
    row = await desk.public("the first")
    for n, step in enumerate(steps, 1):
        await corrected(desk, row, n, step)
    desk.held_back = False
    wall.answers.clear()
    for _ in range(3):
        await desk.goes_on(3 * HOUR)
    rows = await desk.rows()
    if any(one.state == Sent.HELD for one in rows):  # a person has to look
        return
    assert {one.state for one in rows} <= {Sent.POSTED, Sent.DROPPED}
    last, all_of_it = f"{len(steps)} {steps[-1].text}", "".join(wall.texts)
    assert all_of_it.count(last) == 1
    assert all_of_it == last or not steps[-1].hides
    assert all_of_it.endswith(last) or place is not Wall

    async def remove(name: str, ref: str) -> Any:
        return await wall.remove(ref)

    async def find(name: str, attempt: Any) -> Any:
        return await wall.find(attempt)

    taken = [one async for one in Withdrawal(desk.spool, KEYS, remove, find).of(row.seq)]
    assert (wall.texts, all(one.gone for one in taken)) == ([], True)
