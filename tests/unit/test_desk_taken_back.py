"""What its sender takes back stays taken back, whatever is undone; and only that is taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desk_parts import KEYS, START, Core, token
from test_correct_kills import Killed, dying

from relay.errors import Asked
from relay.exit.assign import assign
from relay.exit.equals import GIVEN_BACK
from relay.exit.going import NOWHERE
from relay.exit.putting_right import assigned
from relay.exit.record import CORRECTION, First
from relay.exit.withdraw import ASKED, AskedBack, Withdrawal
from relay.model import Attempt, Change, Lookup, Queue, Removal, Removed, Sent, State


async def gone(core: Core, id: str) -> AskedBack:
    """The sender of a message takes it back."""
    return await withdrawal(core).asked((await core.row(id)).seq)


def withdrawal(core: Core) -> Withdrawal:
    async def remove(name: str, ref: str) -> Removal:
        return Removed()

    async def find(name: str, attempt: Attempt) -> Lookup:
        raise OSError

    return Withdrawal(core.spool, KEYS, remove, find)


async def undone(core: Core) -> bool:
    """Somebody undoes the first deed; whether anything came of it."""
    try:
        return bool((await core.asked("undo", deed=token(1), token=token(2)))["done"])
    except Asked:
        return False


async def ended(core: Core, id: str, state: Sent = Sent.POSTED) -> None:
    """A message went to the page, and this came of it."""
    await core.assign(id, page=Sent.WAITING)
    _, page = await core.spool.family((await core.row(id)).seq)
    assert await core.spool.change(page, Change(Queue.ENDED, state, due=None))


async def test_what_was_dropped_and_is_taken_back_is_not_had_back() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("drop", ids=[id], why="a note", token=token(1))
    assert (await gone(core, id)).whole
    assert not await undone(core)
    assert await core.stands(id) == (Queue.ENDED, State.WITHDRAWN)
    seq = (await core.row(id)).seq
    assert await core.spool.body(seq) == b""
    sheet = await core.spool.sheet(seq)
    assert sheet is not None and sheet.body == b""


async def test_what_was_dropped_on_its_way_and_is_taken_back_is_not_had_back() -> None:
    core = Core()
    id = await core.message(1)
    await core.assign(id, page=Sent.WAITING, telegram=Sent.PREPARED)
    await core.asked("drop", ids=[id], token=token(1))
    assert (await gone(core, id)).whole
    assert not await undone(core)
    assert await core.deliveries(id) == {"page": "withdrawn", "telegram": "withdrawn"}
    assert await core.spool.body((await core.row(id)).seq) == b""


async def test_an_equal_that_is_taken_back_does_not_come_back_with_the_others() -> None:
    core = Core()
    chosen, one, other = [await core.message(n) for n in (1, 2, 3)]
    order = {"ids": [chosen], "with": {chosen: [one, other]}}
    await core.asked("publish", **order, token=token(1))
    await gone(core, one)
    assert await undone(core)
    assert [(await core.stands(id))[1] for id in (chosen, one, other)] == [
        State.HELD,
        State.WITHDRAWN,
        State.HELD,
    ]


@pytest.mark.parametrize("assigned", [False, True])
async def test_who_is_published_for_others_and_takes_it_back_does_not_take_theirs(
    assigned: bool,
) -> None:
    core = Core()
    chosen, other = [await core.message(n) for n in (1, 2)]
    order = {"ids": [chosen], "with": {chosen: [other]}}
    await core.asked("publish", **order, token=token(1))
    await core.asked("note", id=other, text="the same", token=token(3))
    if assigned:
        await core.assign(chosen, page=Sent.WAITING)
    assert (await gone(core, chosen)).whole
    assert await core.stands(chosen) == (Queue.ENDED, State.WITHDRAWN)
    assert await core.stands(other) == (Queue.REVIEW, State.HELD)
    assert (await core.row(other)).why == GIVEN_BACK
    assert (await core.record(other)).message is not None
    sheet = await core.spool.sheet((await core.row(other)).seq)
    assert sheet is not None and sheet.body
    assert (await core.asked("publish", ids=[other], token=token(4)))["done"]


async def test_what_was_public_for_others_and_is_taken_away_a_person_sees_again() -> None:
    core = Core()
    chosen, other = [await core.message(n) for n in (1, 2)]
    order = {"ids": [chosen], "with": {chosen: [other]}}
    await core.asked("publish", **order, token=token(1))
    await core.assign(chosen, page=Sent.WAITING)
    assert [one.gone async for one in withdrawal(core).of((await core.row(chosen)).seq)] == [True]
    assert await core.stands(other) == (Queue.REVIEW, State.HELD)


async def test_what_was_undone_and_ended_with_another_is_that_one_s() -> None:
    core = Core()
    one, two, three = [await core.message(n) for n in (1, 2, 3)]
    await core.asked("publish", ids=[one], **{"with": {one: [three]}}, token=token(1))
    assert await undone(core)
    await core.asked("publish", ids=[two], **{"with": {two: [three]}}, token=token(3))
    await gone(core, one)
    assert await core.stands(three) == (Queue.ENDED, State.JOINED)
    await gone(core, two)
    assert await core.stands(three) == (Queue.REVIEW, State.HELD)


async def test_that_something_is_let_stand_can_be_undone() -> None:
    core = Core()
    id = await core.message(1)
    await ended(core, id)
    assert (await gone(core, id)).waits
    assert (await core.asked("publish", ids=[id], token=token(1)))["done"]
    assert await core.stands(id) == (Queue.ENDED, State.POSTED)
    assert await undone(core)
    assert await core.stands(id) == (Queue.ASSIGNED, State.HELD)
    assert (await core.row(id)).why == ASKED
    assert await core.deliveries(id) == {"page": "held"}


async def test_what_is_released_at_the_terminal_goes_as_it_is_released_there() -> None:
    core = Core()
    id = await core.message(1, media=3)
    await core.asked("publish", ids=[id], only=[2], without=["telegram"], token=token(1))
    await core.asked("hold", ids=[id], token=token(2))
    await core.asked("release", id=id, only=[2, 3])
    record = await core.record(id)
    assert record.going is None and record.message is not None
    assert [one.content for one in record.message.media] == [b"clean 1", b"clean 2"]


async def test_what_is_released_whole_at_the_terminal_goes_whole() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("publish", ids=[id], without=["telegram"], token=token(1))
    await core.asked("hold", ids=[id], token=token(2))
    await core.asked("release", id=id)
    assert (await core.record(id)).going is None


async def test_what_is_held_under_way_and_let_go_later_is_not_old_by_then() -> None:
    core = Core()
    id = await core.message(1)
    await core.assign(id, page=Sent.HELD)
    ends = START + 3 * 86400
    await core.asked("publish", ids=[id], not_before=ends, token=token(1))
    _, page = await core.spool.family((await core.row(id)).seq)
    assert (page.due, page.hour) == (ends, ends)


async def test_what_is_read_anew_keeps_its_embargo() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("publish", ids=[id], not_before=START + 7200, token=token(1))
    going = (await core.record(id)).going
    assert going is not None and going.not_before == START + 7200
    assert await undone(core)
    assert (await core.record(id)).going is None


async def test_what_puts_another_right_does_not_end_with_an_equal_one() -> None:
    core = Core()
    id, right = await core.message(1), await core.message(2, corrects=First(b"f" * 16, 99, b"s"))
    await core.asked("publish", ids=[id], **{"with": {id: [right]}}, token=token(1))
    assert await core.stands(right) == (Queue.REVIEW, State.HELD)


async def test_an_equal_that_was_destroyed_is_not_had_back_empty() -> None:
    core = Core()
    chosen, other = [await core.message(n) for n in (1, 2)]
    await core.asked("publish", ids=[chosen], **{"with": {chosen: [other]}}, token=token(1))
    await core.asked("drop", id=other, destroy=True)
    assert await undone(core)
    assert await core.stands(other) == (Queue.ENDED, State.JOINED)


@pytest.mark.parametrize("two_persons", ["none", "all"])
async def test_what_was_undone_is_not_done_by_the_same_click_after_a_restart(
    two_persons: str,
) -> None:
    core = Core(two_persons=two_persons)
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    assert await undone(core)
    core = core.started_anew()
    again = await core.asked("publish", ids=[id], token=token(1))
    assert (again["done"], again["waiting"]) == ([], [])
    assert await core.stands(id) == (Queue.REVIEW, State.HELD)


async def test_what_puts_right_goes_nowhere_where_the_first_was_not_to_go() -> None:
    core = Core()
    first = await core.message(1)
    await core.asked("publish", ids=[first], without=["telegram"], token=token(1))
    await ended(core, first, Sent.REFUSED)
    row = await core.row(first)
    names = First(row.id, row.seq, b"s")
    right = await core.message(2, state=State.WAITING, corrects=names)
    [row] = await core.spool.take(Queue.DELIVER, now=START, limit=1)
    row = replace(row, note=CORRECTION)
    change, then = assign(row, core.policies, {}, START)
    _, then = await assigned(row, change, then, core.spool, KEYS, START)
    assert (row.id.hex(), [one.name for one in then]) == (right, ["page"])
    core.policies = {"news": replace(core.policies["news"], destinations=("telegram",))}
    change, then = assign(row, core.policies, {}, START)
    change, then = await assigned(row, change, then, core.spool, KEYS, START)
    assert (change.queue, change.state, change.why) == (Queue.REVIEW, State.HELD, NOWHERE)


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("by", ["sender", "editor"])
async def test_a_core_that_dies_while_something_is_taken_back_keeps_what_ended_with_it(
    by: str, at: int, committed: bool
) -> None:
    core = Core()
    chosen, other = [await core.message(n) for n in (1, 2)]
    await core.asked("publish", ids=[chosen], **{"with": {chosen: [other]}}, token=token(1))
    await core.assign(chosen, page=Sent.WAITING, telegram=Sent.PREPARED)
    dying(core.spool, at, done=committed)
    for again in (False, True):
        taken = gone(core, chosen) if by == "sender" else taken_away(core, chosen)
        try:
            await taken
        except Killed:
            assert not again
        back = (await core.stands(other))[1] == State.HELD
        withdrawn = (await core.stands(chosen))[1] == State.WITHDRAWN
        assert back == withdrawn
        core = Core(core.spool.reopened())
    assert back


async def taken_away(core: Core, id: str) -> None:
    async for _ in withdrawal(core).of((await core.row(id)).seq):
        pass


async def test_an_equal_of_another_channel_waits_on() -> None:
    core = Core()
    id, other = [await core.message(n) for n in (1, 2)]
    row = await core.row(other)
    assert await core.spool.change(row, Change(row.queue, row.state, None, name="family"))
    await core.asked("publish", ids=[id], **{"with": {id: [other]}}, token=token(1))
    assert await core.stands(other) == (Queue.REVIEW, State.HELD)


async def test_what_ended_beside_an_equal_one_may_be_published_after_all() -> None:
    core = Core(two_persons="all")
    chosen, other = [await core.message(n) for n in (1, 2)]
    order = {"ids": [chosen], "with": {chosen: [other]}}
    await core.asked("publish", **order, token=token(1))
    await core.asked("publish", "bob", **order, token=token(2))
    await core.asked("drop", ids=[chosen], token=token(3))
    assert (await core.asked("publish", ids=[other], token=token(4)))["waits"]
    assert (await core.asked("publish", "bob", ids=[other], token=token(5)))["done"]
    assert await core.stands(other) == (Queue.DELIVER, State.WAITING)
    assert (await core.asked("undo", "bob", deed=token(5), token=token(6)))["done"]
    assert await core.stands(other) == (Queue.REVIEW, State.HELD)
    await gone(core, other)
    assert (await core.asked("publish", ids=[other], token=token(7)))["not_done"]
