"""Orders of an editor about words: of what is held, and of what is public."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio
from editing_parts import HIDDEN, NAMED, Desk, Diary, History
from test_correct import OPEN, Slate, Wall
from test_join import KEYS
from trio.testing import MockClock

from relay.errors import Asked
from relay.exit.amending import NEVER_PUBLIC, TAKEN_BACK
from relay.exit.approving import WAITS
from relay.exit.record import CORRECTION, store
from relay.exit.reply import hear
from relay.exit.withdraw import Withdrawal
from relay.model import Change, Media, Queue, Removed, Reply, Row, Sent, State
from relay.node.desk.correcting import FOLLOW_S, SAYS_SO
from relay.node.desk.words import CHANGED, NOT_HELD
from relay.reader.text import MAX_TEXT
from relay.rules.redact import CUT

CALLS = "Call 0912 345 6789 for Ali."
PHONE = {"where": "text", "offset": CALLS.index("0912"), "length": len("0912 345 6789")}


# ---------------------------------------------------------------- held


async def test_what_is_cut_out_of_a_held_message_is_not_published() -> None:
    desk = Desk()
    row = await desk.read(CALLS, Queue.REVIEW)
    [told] = await desk.told(row, "redact", cuts=[PHONE])
    assert (told["text"], told["changed"], told["marked"]) == (f"Call {CUT} for Ali.", 1, {})
    assert told["written"]["text"] == CALLS
    now = await desk.row(row.seq)
    assert (now.state, now.rev > row.rev) == (State.HELD, True)
    await desk.decides.release(await desk.spool.family(row.seq))
    await desk.goes_on()
    assert desk.places["box"].texts == [f"Call {CUT} for Ali."]


async def test_other_words_are_clean_and_danger_in_them_holds() -> None:
    desk = Desk()
    row = await desk.read("nothing here", Queue.REVIEW)
    [told] = await desk.told(
        row, "rewrite", title="a\nb", text="\u202e write to ali@example.org \0"
    )
    assert (told["title"], told["text"]) == ("a b", " write to ali@example.org")
    assert (await desk.row(row.seq)).why == "danger: mail; review"


async def test_a_danger_that_is_gone_is_no_reason_any_more_and_the_others_are() -> None:
    desk = Desk(policy=replace(OPEN, review="all"))
    row = await desk.read(CALLS, Queue.REVIEW)
    why = "danger: phone; held by the operator; review"
    await desk.spool.change(row, Change(Queue.REVIEW, State.HELD, due=None, why=why))
    await desk.told(row, "redact", cuts=[PHONE])
    assert (await desk.row(row.seq)).why == "review; held by the operator"


async def test_what_changed_since_somebody_looked_is_not_cut_at_the_wrong_place() -> None:
    desk = Desk()
    row = await desk.read(CALLS, Queue.REVIEW)
    await desk.told(row, "rewrite", text=f"Please {CALLS}", rev=row.rev)
    for do in ({"cuts": [PHONE]}, {"text": "other"}):
        with pytest.raises(Asked, match=CHANGED):
            await desk.told(row, "redact" if "cuts" in do else "rewrite", rev=row.rev, **do)
    assert (await desk.told(row, "redact", cuts=[PHONE]))[0]["changed"]


@pytest.mark.parametrize("queue", [Queue.DELIVER, Queue.READ])
async def test_only_what_is_held_is_put_in_other_words(queue: Queue) -> None:
    desk = Desk()
    row = await desk.read(CALLS, queue)
    with pytest.raises(Asked, match=NOT_HELD):
        await desk.told(row, "rewrite", text="other")


@pytest.mark.parametrize(
    "cuts",
    [
        None,
        "all",
        [],
        [7],
        [{}],
        [{"where": "text"}],
        [{"where": "body", "offset": 0, "length": 1}],
        [{"where": "text", "offset": "0", "length": 1}],
        [{"where": "text", "offset": 0, "length": 10**9}],
        [{"where": "alt", "n": 1}],
    ],
    ids=str,
)
async def test_cuts_that_are_none_are_refused(cuts: object) -> None:
    desk = Desk()
    row = await desk.read(CALLS, Queue.REVIEW)
    with pytest.raises(Asked):
        await desk.told(row, "redact", cuts=cuts)
    assert (await desk.row(row.seq)).rev == row.rev


@pytest.mark.parametrize("order", [{"text": 7}, {"title": []}, {"text": "x" * (MAX_TEXT + 1)}])
async def test_words_that_are_none_are_refused(order: dict[str, object]) -> None:
    desk = Desk()
    row = await desk.read(CALLS, Queue.REVIEW)
    with pytest.raises(Asked):
        await desk.told(row, "rewrite", **order)


# ---------------------------------------------------------------- public


async def test_a_correction_is_said_of_each_place() -> None:
    places = {"box": Slate(), "wall": Wall(), "diary": Diary()}
    desk = Desk(policy=replace(OPEN, destinations=("box", "wall", "diary")), places=places)
    row = await desk.public()
    await desk.corrects(row)
    assert await desk.said(row) == {
        "box": ["edited", "edited"],
        "wall": ["posted", "beside"],
        "diary": ["edited", "edited"],
    }
    assert [place.texts for place in places.values()] == [[HIDDEN], [NAMED, HIDDEN], [HIDDEN]]


async def test_it_is_told_live_how_it_goes(autojump_clock: MockClock) -> None:
    desk = Desk(places={"box": Slate()})
    row = await desk.public()
    async with trio.open_nursery() as nursery:

        async def goes() -> None:
            await trio.sleep(1)
            await desk.goes_on(60)

        nursery.start_soon(goes)
        began = trio.current_time()
        [told] = await desk.told(row, "correct", text=HIDDEN)
    assert (told["destination"], told["state"], told["revision"]) == ("box", "edited", 2)
    assert trio.current_time() - began < FOLLOW_S


async def test_what_waits_is_not_waited_for_without_end(autojump_clock: MockClock) -> None:
    desk = Desk(places={"box": Slate()})
    row = await desk.public()
    desk.held_back = True
    async with trio.open_nursery() as nursery:

        async def goes() -> None:
            await trio.sleep(1)
            await desk.goes_on()

        nursery.start_soon(goes)
        [told] = await desk.told(row, "correct", text=HIDDEN)
    assert told["state"] == "waiting"


async def test_the_same_deed_given_twice_is_one_correction() -> None:
    desk = Desk(places={"box": Wall()})
    row = await desk.public()
    for _ in range(2):
        await desk.corrects(row, token="t1")
    assert desk.places["box"].texts == [NAMED, HIDDEN]
    assert (await desk.spool.counts()).accepted == 2


async def test_who_corrects_a_correction_corrects_the_first() -> None:
    desk = Desk(places={"box": Slate()})
    row = await desk.public()
    await desk.corrects(row)
    [_, correction] = [one for one in await desk.spool.look() if one.seq == one.root]
    await desk.corrects(correction, "People call.")
    assert (desk.places["box"].texts, await desk.said(row)) == (
        ["People call."],
        {"box": ["edited"] * 3},
    )


async def test_a_correction_says_nothing_of_who_wrote_the_first() -> None:
    desk = Desk()
    row = await desk.public()
    kept = replace(await desk.record(row), author_tags=(b"a" * 16,), code="12345678", sender="Ali")
    body = store(kept, KEYS.storage, row.id)
    await desk.spool.change(row, Change(row.queue, row.state, due=row.due, body=body))
    await desk.corrects(row)
    [correction] = [one for one in await desk.spool.look() if one.note == CORRECTION]
    record = await desk.record(correction)
    assert (record.transport, record.author_tags, record.code, record.sender) == (
        "desk",
        (),
        "",
        "",
    )
    assert record.theirs is not None and record.theirs.text == NAMED


async def test_media_stay_where_a_text_is_corrected() -> None:
    picture = Media("image/jpeg", b"picture", alt="a street")
    slate = Slate()
    desk = Desk(places={"box": slate})
    row = await desk.public(NAMED, picture)
    edit, seen = slate.edit, []

    async def watched(ref: str, post: object) -> object:
        seen.append(post.media)  # type: ignore[attr-defined]
        return await edit(ref, post)  # type: ignore[arg-type]

    slate.edit = watched  # type: ignore[method-assign, assignment]
    await desk.corrects(row)
    assert seen == [(picture,)]


async def test_who_takes_danger_away_from_what_is_public_waits_for_nobody() -> None:
    desk = Desk(policy=replace(OPEN, danger="mark", two_persons="danger"))
    row = await desk.public("Call 0912 345 6789 now")
    await desk.corrects(row, "Call the number that you know")
    assert desk.places["box"].texts == ["Call the number that you know"]


async def test_where_two_persons_must_agree_the_correction_waits_for_the_second() -> None:
    desk = Desk()
    row = await desk.public()
    desk.policy = replace(OPEN, two_persons="all")
    [told] = await desk.told(row, "correct", text=HIDDEN)
    assert (told["state"], told["why"]) == ("held", WAITS)
    await desk.goes_on(60)
    assert desk.places["box"].texts == [NAMED]
    await desk.decides.release(await desk.spool.family((await held(desk)).seq))
    await desk.goes_on(60)
    assert desk.places["box"].texts == [HIDDEN]


async def held(desk: Desk) -> Row:
    [row] = [one for one in await desk.spool.look(queue=Queue.REVIEW) if one.state == State.HELD]
    return row


async def test_what_was_never_public_is_not_corrected() -> None:
    desk = Desk()
    row = await desk.read(NAMED, Queue.REVIEW)
    with pytest.raises(Asked, match=NEVER_PUBLIC):
        await desk.told(row, "correct", text=HIDDEN)


async def test_what_was_taken_back_is_not_corrected() -> None:
    desk = Desk()
    row = await desk.public()

    async def remove(name: str, ref: str) -> Removed:
        return await desk.places[name].remove(ref)  # type: ignore[no-any-return]

    withdrawal = Withdrawal(desk.spool, KEYS, remove, desk.places["box"].find)
    assert [one.gone async for one in withdrawal.of(row.seq)] == [True]
    with pytest.raises(Asked, match=f"{TAKEN_BACK}|nothing is kept"):
        await desk.told(row, "correct", text=HIDDEN)


async def test_the_same_words_are_no_correction_but_to_hide_what_was_before() -> None:
    desk = Desk(places={"box": History()})
    row = await desk.public()
    with pytest.raises(Asked, match=SAYS_SO):
        await desk.told(row, "correct", text=NAMED)
    await desk.corrects(row)
    await desk.corrects(row, HIDDEN, hides=True)
    assert (await desk.said(row))["box"][-1] == "anew"


async def test_a_late_part_of_what_an_editor_changed_is_seen_by_a_person() -> None:
    desk = Desk(places={"box": Slate()})
    await desk.is_public()
    [row] = [
        one for one in await desk.spool.look() if one.state == State.POSTED and one.name == "news"
    ]
    await desk.corrects(row)
    await desk.comes(2)
    await desk.goes_on(60)
    assert (await held(desk)).why.endswith("in other words")
    assert desk.places["box"].texts == [HIDDEN]


async def test_a_delivery_that_failed_everywhere_is_not_corrected() -> None:
    desk = Desk()
    row = await desk.public()
    [sent] = await desk.rows()
    refused = Change(Queue.ENDED, Sent.REFUSED, due=None, why="no", note=b"")
    await desk.spool.change(sent, refused)
    with pytest.raises(Asked, match=NEVER_PUBLIC):
        await desk.told(row, "correct", text=HIDDEN)


# ---------------------------------------------------------------- what is not given


async def test_a_title_or_a_text_that_is_not_given_stays() -> None:
    desk = Desk()
    row = await desk.read(CALLS, Queue.REVIEW)
    [told] = await desk.told(row, "rewrite", title="At noon")
    assert (told["title"], told["text"]) == ("At noon", CALLS)
    [told] = await desk.told(row, "rewrite", text="Call them.")
    assert (told["title"], told["text"]) == ("At noon", "Call them.")
    with pytest.raises(Asked):
        await desk.told(row, "rewrite")


# ---------------------------------------------------------------- a second click


async def test_a_second_click_cuts_once() -> None:
    desk = Desk()
    row = await desk.read(CALLS, Queue.REVIEW)
    first, again = [
        (await desk.told(row, "redact", cuts=[PHONE], rev=row.rev, token="t1"))[0] for _ in range(2)
    ]
    assert (first["changed"], again["changed"]) == (1, 0)
    assert first["text"] == again["text"] == f"Call {CUT} for Ali."


async def test_a_second_click_corrects_once_though_the_words_have_changed_meanwhile() -> None:
    desk = Desk(places={"box": Slate()})
    row = await desk.public()
    for _ in range(2):
        await desk.corrects(row, token="t1", rev=row.rev)
    assert desk.places["box"].texts == [HIDDEN]
    with pytest.raises(Asked, match=CHANGED):
        await desk.told(row, "correct", text="other", rev=row.rev, token="t2")


# ---------------------------------------------------------------- replies


async def test_a_reply_to_what_took_its_place_is_for_who_wrote_the_first() -> None:
    desk = Desk(places={"box": History()})
    row = await desk.public()
    await desk.corrects(row, hides=True)
    [ref] = desk.places["box"].stands
    for _ in range(2):
        await hear(desk.spool, KEYS, "box", Reply("r1", ref, "we are with you"))
    record = await desk.record(await desk.row(row.seq))
    assert [one.text for one in record.replies] == ["we are with you"]
