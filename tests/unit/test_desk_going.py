"""What a person left out does not go out by another road."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desk_parts import KEYS, OUTBOX_S, START, Core, id_of, token

from relay.exit.assign import assign
from relay.exit.going import MEDIA_GONE, NOWHERE, gone_as_chosen
from relay.exit.moving import Move, Moving
from relay.exit.record import Going
from relay.exit.sheet import Sheet, first_sheet
from relay.model import Change, Kept, Queue, Row, Sent, State


async def in_the_outbox(core: Core, going: Going) -> Row:
    """A message that waits to go out so, taken by the step that gives it deliveries."""
    id = await core.message(1, media=1, state=State.WAITING, going=going)
    [row] = await core.spool.take(Queue.DELIVER, now=START, limit=1)
    assert row.id.hex() == id
    return row


@pytest.mark.parametrize(
    ("going", "why"),
    [
        (Going(without=("page", "telegram")), NOWHERE),
        (Going(chosen=True, only=(2,)), MEDIA_GONE),
    ],
)
async def test_what_cannot_go_as_it_was_chosen_a_person_sees_again(going: Going, why: str) -> None:
    core = Core()
    row = await in_the_outbox(core, going)
    change, then = gone_as_chosen(row, *assign(row, core.policies, {}, START), KEYS, START)
    assert (change.queue, change.state, change.why) == (Queue.REVIEW, State.HELD, why)
    assert then == ()


@pytest.mark.parametrize("early_s", [1, 0])
async def test_an_embargo_holds_whatever_time_is_believed(early_s: int) -> None:
    core = Core()
    row = await in_the_outbox(core, Going(not_before=START))
    now = START - early_s
    change, then = gone_as_chosen(row, *assign(row, core.policies, {}, now), KEYS, now)
    waits = Change(Queue.DELIVER, State.WAITING, due=START)
    assert (change == waits, bool(then)) == ((True, False) if early_s else (False, True))


async def test_what_is_damaged_goes_nowhere() -> None:
    core = Core()
    row = await in_the_outbox(core, Going())
    broken = replace(row, body=b"broken")
    change, then = gone_as_chosen(broken, *assign(broken, core.policies, {}, START), KEYS, START)
    assert (change.state, then) == (State.QUARANTINED, ())


async def test_what_is_not_to_go_somewhere_does_not_go_there_instead_of_elsewhere() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("publish", ids=[id], without=["telegram"], token=token(1))
    core.clock.at += OUTBOX_S
    await core.assign(id, page=Sent.WAITING)
    [row] = await core.spool.look(queue=Queue.POST)
    moving = Moving(core.spool, core.clock, KEYS, {})
    assert await moving.elsewhere(Move(row, "telegram", "it waited 1 h")) is None
    assert await moving.elsewhere(Move(row, "mastodon", "it waited 1 h")) is not None


async def test_a_sheet_that_was_put_beside_another_message_says_nothing() -> None:
    core = Core()
    id, other = await core.message(1), await core.message(2)
    sheet = first_sheet(Sheet(assignee="ada"), await core.row(id), KEYS.storage)
    moved = replace(sheet, id=id_of(2))
    assert await core.spool.change_all([], sheets=[((await core.row(other)).seq, moved)])
    [shown] = await core.told("show", id=other)
    assert shown["sheet"]["assignee"] == ""


async def test_a_damaged_sheet_says_nothing_and_is_written_anew() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("assign", id=id, to="bob", token=token(1))
    stored = await core.spool.sheet((await core.row(id)).seq)
    assert stored is not None
    broken = Change(Queue.SHEET, stored.state, due=None, body=b"broken")
    assert await core.spool.change(stored, broken)
    [shown] = await core.told("show", id=id)
    assert shown["sheet"]["assignee"] == ""
    await core.asked("assign", id=id, to="ada", token=token(2))
    [shown] = await core.told("show", id=id)
    assert shown["sheet"]["assignee"] == "ada"


async def test_an_answer_with_a_token_is_released_once() -> None:
    core = Core()
    id = await core.message(1)
    for _ in range(2):
        await core.asked("answer", id=id, text="Thank you", token=token(1))
    assert (await core.record(id)).answers == ("Thank you",)


async def test_what_persons_wrote_is_destroyed_with_the_message() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("note", id=id, text="It names the street", token=token(1))
    await core.asked("drop", id=id, destroy=True)
    sheet = await core.spool.sheet((await core.row(id)).seq)
    assert sheet is not None and (sheet.state, sheet.body) == (Kept.DESTROYED, b"")
    assert await core.spool.self_check() == []
