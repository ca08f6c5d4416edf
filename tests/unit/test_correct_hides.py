"""A correction that hides: nobody sees the earlier words any more, and never two posts at once."""

from __future__ import annotations

from typing import Any

import pytest
from editing_parts import HIDDEN, NAMED, Desk, Diary, History, Letter, Stone
from test_correct import Slate, Wall
from test_join import KEYS

from relay.exit.correct import IN_DOUBT
from relay.exit.progress import thaw
from relay.exit.withdraw import Withdrawal
from relay.model import (
    Absent,
    Change,
    Later,
    Lookup,
    Posted,
    Queue,
    Refused,
    Removed,
    Sent,
    State,
    Stopped,
    Unsure,
)


def at(place: Any) -> Desk:
    return Desk(places={"box": place})


@pytest.mark.parametrize("place", [History, Slate, Wall])
async def test_where_edits_are_seen_a_post_is_taken_back_before_the_new_one_is_there(
    place: type[Wall],
) -> None:
    wall = place()
    desk = at(wall)
    row = await desk.public()
    seen: list[list[str]] = []
    watched = wall.send

    async def send(attempt: Any, keep: Any) -> Any:
        seen.append(wall.texts)
        return await watched(attempt, keep)

    wall.send = send  # type: ignore[method-assign]
    await desk.corrects(row, hides=True)
    assert (seen, wall.texts) == ([[]], [HIDDEN])
    assert "edit" not in wall.asked
    assert await desk.said(row) == {"box": ["replaced", "anew"]}


async def test_where_nobody_sees_an_edit_it_is_edited() -> None:
    desk = at(Diary())
    row = await desk.public()
    await desk.corrects(row, hides=True)
    box = desk.places["box"]
    assert (box.texts, box.asked) == ([HIDDEN], ["send", "edit"])
    assert await desk.said(row) == {"box": ["edited", "edited"]}


async def test_what_does_not_fit_in_its_place_is_taken_back_as_well() -> None:
    desk = at(Diary(most=30))
    row = await desk.public()
    await desk.corrects(row, HIDDEN * 2, hides=True)
    assert "".join(desk.places["box"].texts) == HIDDEN * 2
    assert await desk.said(row) == {"box": ["replaced", "anew"]}


async def test_all_of_a_thread_is_taken_back() -> None:
    desk = at(Diary(most=10))
    row = await desk.public()
    assert len(desk.places["box"].texts) == 3
    await desk.corrects(row, "short", hides=True)
    assert desk.places["box"].texts == ["short"]


@pytest.mark.parametrize("place", [History, Diary, Wall])
async def test_half_a_thread_goes_no_further_and_is_taken_back(place: type[Wall]) -> None:
    wall = place(most=10)
    wall.answers = [Posted("1"), Later("full", 1_900_000_000)]
    desk = at(wall)
    row = await desk.public()
    wall.stands = {"1": NAMED[:10]}
    await desk.corrects(row, "short", hides=True)
    assert (wall.texts, wall.asked) == (["short"], ["send"] * 3)
    await desk.goes_on(3600)
    assert wall.texts == ["short"]
    assert await desk.said(row) == {"box": ["replaced", "anew"]}
    await desk.corrects(row, "shorter", hides=True)
    assert wall.texts == ["shorter"]


async def test_what_was_posted_beside_is_taken_back_with_the_first() -> None:
    desk = at(Wall())
    row = await desk.public()
    await desk.corrects(row, "Ali calls from the street.")
    assert len(desk.places["box"].texts) == 2
    await desk.corrects(row, hides=True)
    assert desk.places["box"].texts == [HIDDEN]
    assert await desk.said(row) == {"box": ["replaced", "replaced", "anew"]}


async def test_what_took_its_place_is_what_later_ones_change() -> None:
    desk = at(History())
    row = await desk.public()
    await desk.corrects(row, hides=True)
    await desk.corrects(row, "People call from roofs.")
    box = desk.places["box"]
    assert (box.texts, box.asked) == (["People call from roofs."], ["send", "send", "edit"])
    await desk.corrects(row, "People call.", hides=True)
    assert (box.texts, len(box.stands)) == (["People call."], 1)


@pytest.mark.parametrize("place", [Stone, Letter])
async def test_what_cannot_be_taken_back_is_said(place: type[Wall]) -> None:
    desk = at(place())
    row = await desk.public()
    await desk.corrects(row, hides=True)
    assert desk.places["box"].texts == [NAMED, HIDDEN]
    said = await desk.told(row, "stands")
    assert (said[-1]["state"], "by hand" in said[-1]["why"]) == ("beside", True)


async def test_what_can_only_be_edited_is_edited_though_it_is_seen() -> None:
    class Ink(Stone, History):
        pass

    desk = at(Ink())
    row = await desk.public()
    await desk.corrects(row, hides=True)
    assert desk.places["box"].texts == [HIDDEN]
    said = await desk.told(row, "stands")
    assert (said[-1]["state"], "by hand" in said[-1]["why"]) == ("edited", True)


@pytest.mark.parametrize("place", [History, Diary, Wall])
async def test_what_waits_still_goes_out_with_the_new_words_alone(place: type[Wall]) -> None:
    desk = at(place())
    desk.held_back = True
    row = await desk.public()
    assert desk.places["box"].texts == []
    await desk.corrects(row, hides=True)
    desk.held_back = False
    await desk.goes_on(120)
    assert desk.places["box"].texts == [HIDDEN]
    assert desk.places["box"].asked == ["send"]


async def test_what_a_platform_put_off_is_prepared_anew() -> None:
    wall = History(answers=[Later("full", 1_900_000_000)])
    desk = at(wall)
    row = await desk.public()
    await desk.corrects(row, hides=True)
    [first, _] = await desk.rows()
    await desk.spool.change(first, Change(Queue.POST, Sent.WAITING, due=0))
    await desk.goes_on(120)
    assert wall.texts == [HIDDEN]


async def test_while_it_is_in_doubt_whether_the_first_stands_nothing_takes_its_place() -> None:
    class Mute(Wall):
        async def find(self, attempt: Any) -> Lookup:
            return Absent(strong=False)

    wall = Mute(answers=[Unsure("cut")])
    wall.once = type(wall.once)("lookup")
    desk = at(wall)
    row = await desk.public()
    await desk.corrects(row, hides=True)
    assert wall.texts == []
    [first, correction] = await desk.rows()
    assert first.state == Sent.UNSURE and correction.queue == Queue.POST


async def test_an_earlier_correction_in_doubt_is_waited_for() -> None:
    desk = at(Wall())
    row = await desk.public()
    desk.places["box"].answers = [Unsure("cut")]
    desk.places["box"].once = type(desk.places["box"].once)("none")
    await desk.corrects(row, "Ali calls from the street.")
    await desk.corrects(row, hides=True)
    rows = await desk.rows()
    assert (rows[1].state, rows[2].why) == (Sent.HELD, IN_DOUBT)
    assert desk.places["box"].texts == [NAMED]


@pytest.mark.parametrize("dies", range(8))
async def test_a_process_that_dies_in_it_ends_with_one_post_and_the_new_words(dies: int) -> None:
    class Killed(BaseException):
        pass

    wall = History()
    desk = at(wall)
    row = await desk.public()
    step = 0

    def may_die() -> None:
        nonlocal step
        step += 1
        if step == dies:
            raise Killed

    remove, send = wall.remove, wall.send

    async def dying_remove(ref: str) -> Any:
        may_die()
        removed = await remove(ref)
        may_die()
        return removed

    async def dying_send(attempt: Any, keep: Any) -> Any:
        may_die()
        sent = await send(attempt, keep)
        may_die()
        return sent

    wall.remove, wall.send = dying_remove, dying_send  # type: ignore[method-assign]
    try:
        await desk.corrects(row, hides=True)
    except BaseExceptionGroup as group:
        assert group.split(Killed)[1] is None
        desk.starts_anew()
    await desk.goes_on(3600)
    assert wall.texts == [HIDDEN]


async def test_an_account_that_is_refused_stops_it_with_the_first_in_place() -> None:
    wall = History()

    async def remove(ref: str) -> Any:
        return Stopped("old", "log in")

    wall.remove, honest = remove, wall.remove  # type: ignore[method-assign]
    desk = at(wall)
    row = await desk.public()
    await desk.corrects(row, hides=True)
    assert (wall.texts, (await desk.rows())[1].state) == ([NAMED], Sent.STOPPED)
    wall.remove = honest  # type: ignore[method-assign]
    [_, stopped] = await desk.rows()
    await desk.spool.change(stopped, Change(Queue.POST, Sent.WAITING, due=0))
    await desk.goes_on(120)
    assert wall.texts == [HIDDEN]


async def test_what_took_the_place_of_another_is_withdrawn_with_it() -> None:
    wall = History()
    desk = at(wall)
    row = await desk.public()
    await desk.corrects(row, hides=True)

    async def remove(name: str, ref: str) -> Removed:
        return await wall.remove(ref)

    async def find(name: str, attempt: Any) -> Lookup:
        return await wall.find(attempt)

    withdrawal = Withdrawal(desk.spool, KEYS, remove, find)
    taken = [one async for one in withdrawal.of(row.seq)]
    assert (wall.texts, [one.gone for one in taken]) == ([], [True])
    assert (await desk.row(row.seq)).state == State.WITHDRAWN


async def test_an_older_text_does_not_come_after_a_newer_one() -> None:
    desk = at(Wall())
    row = await desk.public()
    desk.held_back = True
    await desk.corrects(row, "Ali calls from the street.")
    await desk.corrects(row, hides=True)
    desk.held_back = False
    await desk.goes_on(300)
    assert desk.places["box"].texts == [HIDDEN]
    notes = [thaw(one, KEYS.storage) for one in await desk.rows()]
    assert [one.revision for one in notes][-1] == 3


async def test_corrections_are_counted_as_accepted_and_the_sum_holds() -> None:
    desk = at(History())
    row = await desk.public()
    await desk.corrects(row, hides=True)
    counts = await desk.spool.counts()
    assert counts.accepted == 2 and counts.states == {"posted": 2}


@pytest.mark.parametrize("hides", [True, False])
@pytest.mark.parametrize("place", [Diary, Wall])
async def test_an_older_text_that_a_platform_put_off_does_not_come_after_a_newer_one(
    place: type[Wall], hides: bool
) -> None:
    wall = place(most=40)
    desk = at(wall)
    row = await desk.public()
    first = await desk.rows()
    wall.answers = [Later("full", 1_800_003_000)]
    await desk.corrects(row, "Ali calls from the street, and we do not know why."[:40] + "!!!")
    assert len(await desk.rows()) == len(first) + 1
    await desk.corrects(row, "People call.", hides=hides)
    await desk.goes_on(2 * 3600)
    assert "".join(wall.texts).endswith("People call.")
    assert not any("we do not" in text for text in wall.texts)


async def test_what_may_say_it_already_needs_nobody_where_it_is_taken_back() -> None:
    wall = Diary(answers=[])
    desk = at(wall)
    row = await desk.public()
    wall.answers = [RuntimeError("x"), Refused("too long")]
    await desk.corrects(row, hides=True)
    assert wall.texts == [HIDDEN]
    assert await desk.said(row) == {"box": ["replaced", "anew"]}
