"""Where two persons must want it, exactly what both have seen goes out, and nothing else."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from desk_parts import KEYS, START, Core, token

from relay.errors import Asked
from relay.exit.originals import set_aside
from relay.exit.record import store
from relay.model import Change, Media, Queue, Sent, State

HELD = (Queue.REVIEW, State.HELD)
ON_ITS_WAY = (Queue.DELIVER, State.WAITING)


async def changed(core: Core, id: str, **words: Any) -> None:
    """Somebody changes the words of a message that is held."""
    row, record = await core.row(id), await core.record(id)
    assert record.message is not None
    after = replace(record, message=replace(record.message, **words))
    body = store(after, KEYS.storage, row.id)
    assert await core.spool.change(row, Change(row.queue, row.state, row.due, row.why, body=body))


async def test_the_first_person_is_noted_and_the_second_lets_it_go() -> None:
    core = Core(two_persons="all")
    id = await core.message(1)
    answer = await core.asked("publish", ids=[id], token=token(1))
    assert (answer["done"], answer["waiting"]) == ([], [{"id": id}])
    assert answer["waits"] == "a second person"
    assert await core.stands(id) == HELD
    [shown] = await core.told("show", id=id)
    assert [one["handle"] for one in shown["sheet"]["confirmed"]] == ["ada"]
    answer = await core.asked("publish", "bob", ids=[id], token=token(2))
    assert answer["done"] == [{"id": id, "changed": 1}]
    assert await core.stands(id) == ON_ITS_WAY


async def test_the_same_person_twice_is_one_person() -> None:
    core = Core(two_persons="all")
    id = await core.message(1)
    for n in (1, 2, 3):
        answer = await core.asked("publish", ids=[id], token=token(n))
        assert answer["waits"]
    assert await core.stands(id) == HELD


async def test_the_terminal_is_one_person_whoever_sits_there() -> None:
    core = Core(two_persons="all")
    id = await core.message(1)
    for _ in range(2):
        answer = await core.asked("release", "terminal", id=id)
        assert (answer["changed"], answer["waits"]) == (0, "a second person")
    assert (await core.asked("release", "bob", id=id))["changed"] == 1
    assert await core.stands(id) == ON_ITS_WAY


async def test_words_that_were_changed_after_the_first_person_want_two_again() -> None:
    core = Core(two_persons="all")
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    await changed(core, id, text="Another story")
    assert (await core.asked("publish", "bob", ids=[id], token=token(2)))["waits"]
    assert await core.stands(id) == HELD
    assert (await core.asked("publish", ids=[id], token=token(3)))["done"]


@pytest.mark.parametrize(
    "second", [{"only": [1]}, {"without": ["telegram"]}, {"not_before": START + 3600}]
)
async def test_a_second_person_who_wants_it_otherwise_is_a_first_one(second: Any) -> None:
    core = Core(two_persons="all")
    id = await core.message(1, media=2)
    await core.asked("publish", ids=[id], only=[2], token=token(1))
    assert (await core.asked("publish", "bob", ids=[id], token=token(2), **second))["waits"]
    assert await core.stands(id) == HELD


async def test_who_only_confirms_wants_it_as_the_first_person_did() -> None:
    core = Core(two_persons="all")
    id, equal = await core.message(1, media=2), await core.message(2)
    await core.asked(
        "publish",
        ids=[id],
        only=[2],
        not_before=START + 7200,
        token=token(1),
        **{"with": {id: [equal]}},
    )
    await core.asked("publish", "bob", ids=[id], token=token(2))
    assert (await core.row(id)).due == START + 7200
    going = (await core.record(id)).going
    assert going is not None and (going.chosen, going.only) == (True, (2,))
    assert await core.stands(equal) == (Queue.ENDED, State.JOINED)


async def test_only_what_is_dangerous_wants_two_where_the_channel_says_so() -> None:
    core = Core(two_persons="danger")
    plain, marked = await core.message(1), await core.message(2, kinds=("phone",))
    answer = await core.asked("publish", ids=[plain, marked], token=token(1))
    assert [one["id"] for one in answer["done"]] == [plain]
    assert [one["id"] for one in answer["waiting"]] == [marked]


async def test_danger_in_an_equal_message_counts_for_the_one_that_is_published() -> None:
    core = Core(two_persons="danger")
    chosen, equal = await core.message(1), await core.message(2, kinds=("here",))
    joins = {"with": {chosen: [equal]}}
    assert (await core.asked("publish", ids=[chosen], token=token(1), **joins))["waits"]
    await core.asked("drop", ids=[equal], token=token(2))
    [shown] = await core.told("show", id=chosen)
    assert shown["sheet"]["kinds"] == ["here"]
    assert (await core.asked("publish", ids=[chosen], token=token(3)))["waits"]
    assert (await core.asked("publish", "bob", ids=[chosen], token=token(4)))["done"]


async def test_who_held_it_again_has_taken_back_what_both_had_said() -> None:
    core = Core(two_persons="all")
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    await core.asked("publish", "bob", ids=[id], token=token(2))
    await core.asked("undo", "bob", deed=token(2), token=token(3))
    assert await core.stands(id) == HELD
    assert (await core.asked("publish", ids=[id], token=token(4)))["waits"]


async def test_a_first_person_may_take_back_what_they_said() -> None:
    core = Core(two_persons="all")
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    assert (await core.asked("undo", deed=token(1), token=token(2)))["done"]
    assert (await core.asked("publish", "bob", ids=[id], token=token(3)))["waits"]


async def test_a_held_delivery_wants_two_as_well_and_no_retry_goes_around_them() -> None:
    core = Core(two_persons="all")
    id = await core.message(1)
    await core.assign(id, page=Sent.HELD)
    assert (await core.asked("release", "terminal", id=id))["waits"]
    with pytest.raises(Asked, match="two persons"):
        await core.asked("retry", "terminal", id=id)
    assert await core.deliveries(id) == {"page": "held"}
    assert (await core.asked("release", "bob", id=id))["changed"] == 1
    assert await core.deliveries(id) == {"page": "waiting"}


async def test_after_a_restart_the_second_person_is_still_the_second() -> None:
    core = Core(two_persons="all")
    id = await core.message(1)
    await core.asked("publish", ids=[id], token=token(1))
    again = core.started_anew()
    assert (await again.asked("publish", ids=[id], token=token(1)))["waits"]
    assert (await again.asked("publish", "bob", ids=[id], token=token(2)))["done"]


# ---------------------------------------------------------------- what came, as it came


async def with_original(core: Core) -> str:
    id = await core.message(1, media=1)
    row = await core.row(id)
    beside = set_aside(row, [Media("image/jpeg", b"as it came")], KEYS.storage)
    to = Change(row.queue, row.state, row.due, row.why)
    assert await core.spool.change(row, to, then=[beside])
    return id


async def test_two_persons_open_what_came_and_both_may_look_for_ten_minutes() -> None:
    core = Core()
    id = await with_original(core)
    assert (await core.asked("original", id=id, token=token(1)))["waits"]
    with pytest.raises(Asked, match="two persons"):
        await core.told("original-fetch", id=id, n=1)
    core.clock.at += 599
    assert (await core.asked("original-confirm", "bob", id=id, token=token(2)))["done"]
    core.clock.at += 599
    for by in ("ada", "bob"):
        head, piece = await core.told("original-fetch", by, id=id, n=1)
        assert (head["type"], head["bytes"]) == ("image/jpeg", 10)
        assert base64.b64decode(piece["piece"]) == b"as it came"
    with pytest.raises(Asked, match="two persons"):
        await core.told("original-fetch", "eve", id=id, n=1)
    core.clock.at += 1
    with pytest.raises(Asked, match="two persons"):
        await core.told("original-fetch", id=id, n=1)


async def test_nobody_opens_what_came_alone_or_too_late() -> None:
    core = Core()
    id = await with_original(core)
    await core.asked("original", id=id, token=token(1))
    alone = await core.asked("original-confirm", id=id, token=token(2))
    assert alone["not_done"][0]["why"] == "somebody else has to agree to it"
    core.clock.at += 600
    late = await core.asked("original-confirm", "bob", id=id, token=token(3))
    assert "within ten minutes" in late["not_done"][0]["why"]


@pytest.mark.parametrize("n", [0, 2, None, "1"])
async def test_an_original_that_is_none_is_not_given(n: object) -> None:
    core = Core()
    id = await with_original(core)
    await core.asked("original", id=id, token=token(1))
    await core.asked("original-confirm", "bob", id=id, token=token(2))
    with pytest.raises(Asked, match="no such original"):
        await core.told("original-fetch", id=id, n=n)


async def test_without_originals_there_is_nothing_to_ask_for() -> None:
    core = Core()
    id = await core.message(1)
    answer = await core.asked("original", id=id, token=token(1))
    assert "nothing is kept" in answer["not_done"][0]["why"]


async def test_who_corrects_what_is_public_is_the_first_of_two_persons() -> None:
    core = Core(two_persons="all")
    id = await core.message(1)
    await core.assign(id, page=Sent.POSTED)
    row = await core.row(id)
    assert await core.spool.change(row, Change(Queue.ENDED, State.POSTED, due=START))
    order = {"id": id, "title": "", "text": "The bridge is open", "token": token(1)}
    [said] = await core.told("correct", **order)
    assert (said["state"], said["why"]) == ("held", "a second person")
    assert (await core.asked("publish", ids=[said["id"]], token=token(2)))["waits"]
    answer = await core.asked("publish", "bob", ids=[said["id"]], token=token(3))
    assert answer["done"] == [{"id": said["id"], "changed": 1}]


async def test_an_approval_of_other_words_is_not_shown_as_one() -> None:
    core = Core(two_persons="all")
    id = await core.message(1, media=1)
    await core.asked("publish", ids=[id], only=[1], token=token(1))
    assert await confirmed(core, id) == (["ada"], ["ada"])
    await changed(core, id, text="Another story")
    assert await confirmed(core, id) == ([], [])
    await core.asked("publish", "bob", ids=[id], token=token(2))
    assert await confirmed(core, id) == (["bob"], ["bob"])
    await changed(core, id, media=())
    assert await confirmed(core, id) == ([], [])


async def confirmed(core: Core, id: str) -> tuple[list[str], list[str]]:
    """Who wants it published, as its sheet and its card say."""
    [shown] = await core.told("show", id=id)
    cards = [card for one in await core.told("cards") for card in one.get("cards", ())]
    return [one["handle"] for one in shown["sheet"]["confirmed"]], cards[0]["confirmed"]


async def test_who_puts_danger_in_other_words_does_not_publish_it_alone() -> None:
    core = Core(two_persons="danger")
    id = await core.message(1, "Call 0912 345 6789 now", kinds=("phone",))
    await core.asked("rewrite", id=id, text="Call zero nine one two now")
    assert (await core.asked("publish", ids=[id], token=token(1)))["waits"]
    assert (await core.asked("publish", "bob", ids=[id], token=token(2)))["done"]
