"""What is done at the desk is done once, can be undone for a while, and loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import trio
from desk_parts import KEYS, OUTBOX_S, START, Core, id_of, token

from relay.errors import Asked
from relay.exit.assign import assign
from relay.exit.going import gone_as_chosen
from relay.model import HOUR, Change, Queue, Sent, State
from relay.node.desk.outbox import Outbox

HELD = (Queue.REVIEW, State.HELD)
ON_ITS_WAY = (Queue.DELIVER, State.WAITING)


async def test_what_an_editor_publishes_waits_in_the_outbox_first() -> None:
    core = Core()
    id = await core.message(1)
    answer = await core.asked("publish", ids=[id], token=token(1))
    assert answer["done"] == [{"id": id, "changed": 1}]
    assert (answer["not_done"], answer["waits"], answer["deed"]) == ([], "", token(1))
    assert answer["until"] == START + OUTBOX_S
    row = await core.row(id)
    assert (row.queue, row.state, row.due) == (*ON_ITS_WAY, START + OUTBOX_S)
    assert await core.spool.take(Queue.DELIVER, now=START + OUTBOX_S - 1, limit=1) == []


async def test_a_deed_that_is_asked_for_twice_is_done_once_and_answered_the_same() -> None:
    core = Core()
    id = await core.message(1)
    first = await core.asked("publish", ids=[id], token=token(1))
    rev = (await core.row(id)).rev
    assert await core.asked("publish", ids=[id], token=token(1)) == first
    assert (await core.row(id)).rev == rev


async def test_a_token_of_another_deed_or_another_person_is_refused() -> None:
    core = Core()
    id, other = await core.message(1), await core.message(2)
    await core.asked("publish", ids=[id], token=token(1))
    with pytest.raises(Asked, match="otherwise"):
        await core.asked("publish", ids=[other], token=token(1))
    with pytest.raises(Asked, match="otherwise"):
        await core.asked("publish", "bob", ids=[id], token=token(1))


async def test_a_deed_that_is_asked_for_again_after_a_restart_is_not_done_twice() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    await core.asked("note", id=id, text="seen", token=token(2))
    rev = (await core.row(id)).rev
    again = core.started_anew()
    answer = await again.asked("publish", ids=[id], token=token(1))
    assert answer["done"] == [{"id": id, "changed": 1}]
    await again.asked("note", id=id, text="seen", token=token(2))
    assert (await again.row(id)).rev == rev
    [shown] = await again.told("show", id=id)
    assert len(shown["sheet"]["notes"]) == 1


@pytest.mark.parametrize("deed", ["publish", "drop"])
async def test_undone_in_time_a_message_waits_again_as_it_did(deed: str) -> None:
    core = Core()
    id = await core.message(1)
    await core.asked(deed, ids=[id], token=token(1))
    assert await core.stands(id) != HELD
    core.clock.at += OUTBOX_S - 1
    answer = await core.asked("undo", deed=token(1), token=token(2))
    assert answer["done"] == [{"id": id, "changed": 1}]
    row = await core.row(id)
    assert (row.queue, row.state, row.due, row.why) == (*HELD, None, "review")
    assert (await core.record(id)).message is not None


async def test_what_was_undone_cannot_be_undone_again() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    await core.asked("undo", deed=token(1), token=token(2))
    answer = await core.asked("undo", deed=token(1), token=token(3))
    assert answer["done"] == []
    assert [one["why"] for one in answer["not_done"]] == ["there is nothing left to undo"]


async def test_a_deed_is_undone_after_a_restart_too() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    await core.started_anew().asked("undo", deed=token(1), token=token(2))
    assert await core.stands(id) == HELD


async def test_when_the_time_is_over_nothing_is_undone() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    core.clock.at += OUTBOX_S
    answer = await core.asked("undo", deed=token(1), token=token(2))
    assert [one["why"] for one in answer["not_done"]] == ["it is too late to undo it"]
    assert await core.stands(id) == ON_ITS_WAY


async def test_what_has_gone_on_is_not_undone() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    await core.assign(id, page=Sent.WAITING)
    answer = await core.asked("undo", deed=token(1), token=token(2))
    assert [one["why"] for one in answer["not_done"]] == [
        "it has gone on since: it cannot be undone any more"
    ]


async def test_what_somebody_else_held_goes_on_by_nobody_elses_undo() -> None:
    core = Core()
    id = await core.message(1, state=State.WAITING)
    await core.asked("hold", ids=[id], token=token(1))
    assert await core.stands(id) == HELD
    answer = await core.asked("undo", "bob", deed=token(1), token=token(2))
    assert answer["done"] == []
    await core.asked("undo", "ada", deed=token(1), token=token(3))
    assert await core.stands(id) == ON_ITS_WAY


async def test_deliveries_that_were_held_or_dropped_go_on_when_that_is_undone() -> None:
    core = Core()
    for n, deed in enumerate(("hold", "drop"), 1):
        id = await core.message(n)
        await core.asked("publish", ids=[id], token=token(10 + n))
        await core.assign(id, page=Sent.WAITING, telegram=Sent.POSTED)
        before = await core.deliveries(id)
        answer = await core.asked(deed, ids=[id], token=token(n))
        assert answer["done"] == [{"id": id, "changed": 1}]
        assert await core.deliveries(id) == before | {"page": "held" if n == 1 else "dropped"}
        await core.asked("undo", deed=token(n), token=token(20 + n))
        assert await core.deliveries(id) == before


async def test_a_held_delivery_is_published_after_the_outbox() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    await core.assign(id, page=Sent.HELD, telegram=Sent.HELD)
    await core.asked("publish", ids=[id], without=["telegram"], token=token(2))
    assert await core.deliveries(id) == {"page": "waiting", "telegram": "held"}
    [row] = [row for row in await core.spool.look(queue=Queue.POST) if row.name == "page"]
    assert row.due == START + OUTBOX_S


async def test_what_a_step_holds_is_done_once_it_has_ended_with_it() -> None:
    core = Core()
    id = await core.message(1, state=State.WAITING)
    [row] = await core.spool.take(Queue.DELIVER, now=START, limit=1)
    core.spool.release(row)
    assert (await core.asked("hold", ids=[id], token=token(1)))["done"]


async def test_of_many_messages_those_that_cannot_be_done_are_named() -> None:
    core = Core()
    ids = [await core.message(n) for n in (1, 2)]
    await core.asked("drop", ids=ids[:1], token=token(1))
    answer = await core.asked("hold", ids=[*ids, id_of(9).hex()], token=token(2))
    whys = {one["id"]: one["why"] for one in answer["not_done"]}
    assert whys[ids[1]] == "it is held already"
    assert whys[id_of(9).hex()] == "no message has that id"
    assert answer["done"] == []


async def test_five_hundred_are_one_deed_and_more_are_refused() -> None:
    core = Core()
    ids = [await core.message(n) for n in range(1, 502)]
    with pytest.raises(Asked, match="too many"):
        await core.asked("drop", ids=ids, token=token(1))
    answer = await core.asked("drop", ids=ids[:500], token=token(2))
    assert len(answer["done"]) == 500
    assert (await core.spool.counts()).states == {State.DROPPED: 500, State.HELD: 1}
    answer = await core.asked("undo", deed=token(2), token=token(3))
    assert len(answer["done"]) == 500
    assert (await core.spool.counts()).states == {State.HELD: 501}


# ---------------------------------------------------------------- groups


async def test_one_of_equal_messages_is_published_and_the_others_end_with_it() -> None:
    core = Core()
    chosen, one, other = [await core.message(n) for n in (1, 2, 3)]
    answer = await core.asked(
        "publish", ids=[chosen], token=token(1), **{"with": {chosen: [one, other]}}
    )
    assert answer["done"] == [{"id": chosen, "changed": 3}]
    assert await core.stands(chosen) == ON_ITS_WAY
    assert (await core.spool.counts()).states == {State.WAITING: 1, State.JOINED: 2}
    await core.asked("undo", deed=token(1), token=token(2))
    assert (await core.spool.counts()).states == {State.HELD: 3}


async def test_an_equal_message_that_somebody_has_decided_about_is_left_alone() -> None:
    core = Core()
    chosen, one, other = [await core.message(n) for n in (1, 2, 3)]
    await core.asked("drop", ids=[one], token=token(1))
    await core.asked("publish", ids=[chosen], token=token(2), **{"with": {chosen: [one, other]}})
    assert (await core.spool.counts()).states == {
        State.WAITING: 1,
        State.DROPPED: 1,
        State.JOINED: 1,
    }


async def test_an_equal_message_that_changed_since_stays_so_when_the_others_come_back() -> None:
    core = Core()
    chosen, one, other = [await core.message(n) for n in (1, 2, 3)]
    await core.asked("publish", ids=[chosen], token=token(1), **{"with": {chosen: [one, other]}})
    row = await core.row(one)
    withdrawn = Change(Queue.ENDED, State.WITHDRAWN, due=None, body=b"")
    assert await core.spool.change(row, withdrawn)
    await core.asked("undo", deed=token(1), token=token(2))
    assert await core.stands(one) == (Queue.ENDED, State.WITHDRAWN)
    assert await core.stands(other) == HELD


@pytest.mark.parametrize(
    "joins",
    [{1: [2], 3: [2]}, {1: [3]}, {9: [2]}, {1: "no list"}],
    ids=["ends twice", "ends and is published", "with one that is not published", "no list"],
)
async def test_equal_messages_end_with_one_that_is_published(joins: dict[int, object]) -> None:
    core = Core()
    ids = [await core.message(n) for n in (1, 2, 3)]
    said = {
        id_of(n).hex(): [id_of(m).hex() for m in some] if isinstance(some, list) else some
        for n, some in joins.items()
    }
    with pytest.raises(Asked):
        await core.asked("publish", ids=[ids[0], ids[2]], token=token(1), **{"with": said})
    assert (await core.spool.counts()).states == {State.HELD: 3}


# ---------------------------------------------------------------- how it is published


async def test_an_embargo_ends_before_anything_goes_out() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("publish", ids=[id], not_before=START + 5 * HOUR, token=token(1))
    assert (await core.row(id)).due == START + 5 * HOUR
    with pytest.raises(Asked, match="seven days"):
        await core.asked("publish", ids=[id], not_before=START + 8 * 86400, token=token(2))


async def test_an_embargo_that_is_over_lets_nothing_out_at_once() -> None:
    core = Core()
    id = await core.message(1)
    with pytest.raises(Asked, match="that time is over"):
        await core.asked("publish", ids=[id], not_before=START - 3 * HOUR, token=token(1))
    assert await core.stands(id) == HELD
    await core.asked("publish", ids=[id], not_before=START - 59, token=token(2))
    assert await core.stands(id) == ON_ITS_WAY


async def test_media_and_places_that_are_left_out_come_back_with_an_undo() -> None:
    core = Core()
    id = await core.message(1, media=3)
    await core.asked("publish", ids=[id], only=[2], without=["telegram"], token=token(1))
    kept = (await core.record(id)).message
    assert kept is not None and len(kept.media) == 3
    await core.asked("undo", deed=token(1), token=token(2))
    assert (await core.record(id)).going is None


async def test_when_it_leaves_the_outbox_only_what_was_chosen_goes() -> None:
    core = Core()
    id = await core.message(1, media=3)
    await core.asked("publish", ids=[id], only=[2], without=["telegram"], token=token(1))
    now = START + OUTBOX_S
    [row] = await core.spool.take(Queue.DELIVER, now=now, limit=1)
    change, then = gone_as_chosen(row, *assign(row, core.policies, {}, now), KEYS, now)
    await core.spool.settle(row, change, then=then)
    assert await core.deliveries(id) == {"page": "waiting"}
    message = (await core.record(id)).message
    assert message is not None and [one.content for one in message.media] == [b"clean 1"]


async def test_what_would_go_nowhere_is_not_published() -> None:
    core = Core()
    id = await core.message(1)
    answer = await core.asked("publish", ids=[id], without=["page", "telegram"], token=token(1))
    assert "drop it instead" in answer["not_done"][0]["why"]
    assert await core.stands(id) == HELD


# ---------------------------------------------------------------- writing


async def test_what_persons_write_about_a_message_is_on_its_sheet() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("assign", id=id, to="bob", token=token(1))
    await core.asked("note", "bob", id=id, text="The square is the wrong one", token=token(2))
    await core.asked("ask", "bob", id=id, text="Which street was it", token=token(3))
    [shown] = await core.told("show", id=id)
    sheet = shown["sheet"]
    assert sheet["assignee"] == "bob"
    assert [(one["handle"], one["text"]) for one in sheet["notes"]] == [
        ("bob", "The square is the wrong one")
    ]
    assert [one["text"] for one in sheet["questions"]] == ["Which street was it"]
    assert shown["answers"] == ["Which street was it"]
    assert await core.stands(id) == HELD


async def test_a_question_that_may_lead_its_sender_astray_is_not_asked() -> None:
    core = Core()
    id = await core.message(1)
    answer = await core.asked("ask", id=id, text="write to https://evil.example", token=token(1))
    assert "a link" in answer["not_done"][0]["why"]
    assert (await core.record(id)).answers == ()


async def test_nobody_does_anything_while_the_keys_are_locked() -> None:
    core = Core()
    id = await core.message(1)
    core.keys = None
    for do in ("publish", "drop", "note"):
        with pytest.raises(Asked, match="locked"):
            await core.asked(do, ids=[id], text="x", token=token(1))


@pytest.mark.parametrize("bad", ["", "short", "x" * 101, None, 7])
async def test_a_deed_without_a_token_is_none(bad: object) -> None:
    core = Core()
    id = await core.message(1)
    with pytest.raises(Asked, match="token"):
        await core.asked("publish", ids=[id], token=bad)


async def test_the_outbox_shows_what_can_still_be_undone() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    await core.asked("note", id=id, text="x", token=token(2))
    [deed] = (await core.asked("outbox"))["deeds"]
    assert deed == {
        "deed": token(1),
        "do": "publish",
        "handle": "ada",
        "until": START + OUTBOX_S,
        "ids": [id],
    }
    core.clock.at += OUTBOX_S
    assert (await core.asked("outbox"))["deeds"] == []


async def test_what_was_undone_is_not_in_the_outbox_again_whatever_is_done_next() -> None:
    core = Core()
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    await core.asked("undo", deed=token(1), token=token(2))
    assert (await core.asked("outbox"))["deeds"] == []
    await core.asked("drop", ids=[id], token=token(3))
    assert [one["deed"] for one in (await core.asked("outbox"))["deeds"]] == [token(3)]


async def test_of_too_many_deeds_the_oldest_answers_are_forgotten() -> None:
    outbox, done = Outbox(most=3, most_bytes=100), []

    async def give(n: int, size: int = 1) -> None:
        async def act() -> Mapping[str, Any]:
            done.append(n)
            return {"said": "x" * size}

        await outbox.once("ada", {"do": "note", "token": token(n)}, act)

    for n in (1, 2, 3, 4, 2, 1):
        await give(n)
    assert done == [1, 2, 3, 4, 1]
    await give(5, size=200)
    await give(5, size=200)
    await give(4)
    assert done == [1, 2, 3, 4, 1, 5, 4]


async def test_a_deed_is_done_to_its_end_when_whoever_asked_goes_away() -> None:
    core = Core()
    ids = [await core.message(n) for n in range(1, 31)]
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:

            async def ask() -> None:
                await core.asked("drop", ids=ids, token=token(1))

            nursery.start_soon(ask)
            while not (await core.spool.counts()).states.get(State.DROPPED):
                await trio.lowlevel.checkpoint()
            scope.cancel()
    assert (await core.spool.counts()).states == {State.DROPPED: 30}
    assert len((await core.asked("drop", ids=ids, token=token(1)))["done"]) == 30


@pytest.mark.parametrize("to", ["Ada", "a b", "x" * 33, "<b>"])
async def test_what_is_no_handle_sees_to_nothing(to: str) -> None:
    core = Core()
    id = await core.message(1)
    answer = await core.asked("assign", id=id, to=to, token=token(1))
    assert answer["not_done"][0]["why"] == "that is no handle"
