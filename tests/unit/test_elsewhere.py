"""A delivery goes elsewhere: once, in one transaction, and only if nothing of it is public."""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import Literal

import pytest
import trio
from fallback_parts import DOWN, KEYS, START, Exit, Platform, becomes, platforms
from trio.testing import MockClock

from relay.exit.elsewhere import Elsewhere, Move
from relay.exit.progress import Progress, progressed, thaw
from relay.model import (
    FIRST,
    SET_BACK,
    URGENT,
    Attempt,
    Change,
    Once,
    Outcome,
    Queue,
    Row,
    Sent,
)
from relay.ports import Keep
from relay.spool.memory import MemorySpool

TO_BLUESKY = {"mastodon": "rerouted", "bluesky": "waiting"}


def made(ticks: dict[str, int] | None = None, to: tuple[str, ...] = ("mastodon",)) -> Exit:
    exit = Exit(platforms(), to=to, ticks=ticks)
    exit.elsewhere = Elsewhere(exit.spool, exit.clock, KEYS, exit.ticks)
    return exit


async def goes(exit: Exit, row: Row, to: str = "bluesky", *, leased: bool = False) -> bool:
    return await exit.elsewhere.instead(row, to, "maintenance", leased=leased)


async def test_it_is_at_the_other_place_and_the_message_is_one(autojump_clock: MockClock) -> None:
    exit = made()
    id = await exit.released()
    await trio.sleep(5000)
    assert await goes(exit, await exit.delivery(id, "mastodon"))
    assert await exit.sent(id) == TO_BLUESKY
    there = await exit.delivery(id, "bluesky")
    assert (there.hour, there.due, there.why) == (START, START + 5000, "instead of mastodon")
    gone = await exit.delivery(id, "mastodon")
    assert (gone.queue, gone.why) == (Queue.ENDED, "to bluesky: maintenance")
    assert await exit.states() == {"waiting": 1}
    assert await exit.spool.self_check() == []


@pytest.mark.parametrize("goes_on", [True, False])
async def test_a_leased_one_goes_and_its_lease_ends_or_it_stays_the_callers(goes_on: bool) -> None:
    exit = made()
    id = await exit.released()
    [row] = await exit.spool.take(Queue.POST, now=exit.clock.now(), limit=1, name="mastodon")
    assert await goes(exit, row, "bluesky" if goes_on else "mastodon", leased=True) is goes_on
    if goes_on:
        assert await exit.sent(id) == TO_BLUESKY
        return
    posted = Change(Queue.ENDED, Sent.POSTED, due=None)
    assert await exit.spool.settle(row, posted) is not None


async def test_what_somebody_else_holds_or_has_changed_stays() -> None:
    exit = made()
    id = await exit.released()
    before = await exit.delivery(id, "mastodon")
    [row] = await exit.spool.take(Queue.POST, now=exit.clock.now(), limit=1, name="mastodon")
    assert not await goes(exit, before)
    await exit.spool.settle(row, Change(Queue.POST, Sent.WAITING, due=5))
    assert not await goes(exit, before)
    assert await exit.sent(id) == {"mastodon": "waiting"}


@pytest.mark.parametrize(
    ("state", "progress", "may"),
    [
        (Sent.WAITING, None, True),
        (Sent.WAITING, Progress(n=4, tries=4, first=START, kept=b"a draft"), True),
        (Sent.STOPPED, Progress(n=1, first=START), True),
        (Sent.WAITING, Progress(index=1, refs=("a",)), False),
        (Sent.STOPPED, Progress(index=1, n=1, refs=("a",)), False),
        (Sent.WAITING, Progress(n=2, open=True), False),
        (Sent.UNSURE, Progress(n=1), False),
        (Sent.SENDING, Progress(n=1), False),
        (Sent.HELD, Progress(n=1), False),
        (Sent.POSTED, Progress(n=1, refs=("a",)), False),
        (Sent.REFUSED, Progress(n=1), False),
    ],
)
async def test_only_that_goes_of_which_nothing_is_public_or_in_doubt(
    state: Sent, progress: Progress | None, may: bool
) -> None:
    exit = made()
    id = await exit.released()
    note = b"" if progress is None else progressed(progress, KEYS.storage, id)
    row = await becomes(exit, id, "mastodon", state, note=note)
    assert await goes(exit, row) is may
    assert await exit.sent(id) == (TO_BLUESKY if may else {"mastodon": str(state)})


async def test_what_a_person_let_go_without_media_has_none_elsewhere_either() -> None:
    exit = made()
    id = await exit.released()
    note = progressed(Progress(bare=True), KEYS.storage, id)
    row = await becomes(exit, id, "mastodon", Sent.WAITING, note=note)
    assert await goes(exit, row)
    there = await exit.delivery(id, "bluesky")
    assert thaw(there, KEYS.storage).bare


async def test_a_damaged_note_is_left_to_the_one_who_says_so() -> None:
    exit = made()
    id = await exit.released()
    row = await becomes(exit, id, "mastodon", Sent.WAITING, note=b"no note")
    assert not await goes(exit, row)


@pytest.mark.parametrize(
    ("there", "goes_there"),
    [
        (Sent.WAITING, True),
        (Sent.SENDING, True),
        (Sent.UNSURE, True),
        (Sent.STOPPED, True),
        (Sent.POSTED, True),
        (Sent.HELD, False),
        (Sent.REFUSED, False),
        (Sent.DROPPED, False),
    ],
)
async def test_a_place_that_has_it_gets_no_second_one_and_one_that_cannot_post_it_none(
    there: Sent, goes_there: bool
) -> None:
    exit = made(to=("mastodon", "bluesky"))
    id = await exit.released()
    await becomes(exit, id, "bluesky", there)
    assert await goes(exit, await exit.delivery(id, "mastodon")) is goes_there
    state = "rerouted" if goes_there else "waiting"
    assert await exit.sent(id) == {"mastodon": state, "bluesky": str(there)}


async def test_nothing_comes_back_to_a_place_it_left() -> None:
    exit = made()
    id = await exit.released()
    assert await goes(exit, await exit.delivery(id, "mastodon"))
    assert not await goes(exit, await exit.delivery(id, "bluesky"), "mastodon")
    assert await goes(exit, await exit.delivery(id, "bluesky"), "telegram")
    assert not await goes(exit, await exit.delivery(id, "telegram"), "bluesky")
    assert await exit.sent(id) == {
        "mastodon": "rerouted",
        "bluesky": "rerouted",
        "telegram": "waiting",
    }


@pytest.mark.parametrize("leased", [False, True])
async def test_two_roads_to_one_place_make_one_post(leased: bool) -> None:
    exit = made(to=("mastodon", "telegram"))
    id = await exit.released()
    rows = [await exit.delivery(id, name) for name in ("mastodon", "telegram")]
    if leased:
        await exit.spool.take(Queue.POST, now=exit.clock.now(), limit=2)
    async with trio.open_nursery() as nursery:
        for row in rows:
            nursery.start_soon(partial(goes, exit, row, leased=leased))
    rows = [row for row in (await exit.family(id))[1:] if row.name == "bluesky"]
    assert [row.state for row in rows] == [Sent.WAITING]
    assert (await exit.sent(id))["mastodon"] == (await exit.sent(id))["telegram"] == "rerouted"


async def test_two_of_one_message_in_one_batch_make_one_post_too() -> None:
    exit = made(to=("mastodon", "telegram"))
    id = await exit.released()
    rows = [await exit.delivery(id, name) for name in ("mastodon", "telegram")]
    moves = [Move(row, "bluesky", "late") for row in rows]
    assert await exit.elsewhere.all_instead(moves) == moves[:1]
    assert await exit.elsewhere.all_instead(moves[1:]) == moves[1:]
    assert list((await exit.sent(id)).values()) == ["rerouted", "rerouted", "waiting"]


async def test_many_go_in_their_order(autojump_clock: MockClock) -> None:
    exit = made()
    ids = [await exit.released() for _ in range(40)]
    moves = [Move(await exit.delivery(id, "mastodon"), "bluesky", "late") for id in ids]
    assert await exit.elsewhere.all_instead(moves) == moves
    await trio.sleep(1)
    taken = await exit.spool.take(Queue.POST, now=exit.clock.now(), limit=99, name="bluesky")
    assert [row.id for row in taken] == ids


@pytest.mark.parametrize(
    ("was_due", "tick_s", "due"),
    [
        (START + 40, 0, START + 5000),
        (START + 9000, 0, START + 5000),
        (None, 0, START + 5000),
        (URGENT, 0, URGENT),
        (FIRST, 0, FIRST),
        (START + 40, 600, START + 5400),
        (URGENT, 600, START + 5400),
    ],
    ids=[
        "after what waits there",
        "no longer put off",
        "no longer stopped",
        "urgent",
        "tried again",
        "at the tick",
        "urgent, at the tick",
    ],
)
async def test_when_it_is_due_there(
    autojump_clock: MockClock, was_due: int | None, tick_s: int, due: int
) -> None:
    exit = made({"bluesky": tick_s} if tick_s else None)
    id = await exit.released()
    row = await exit.delivery(id, "mastodon")
    await exit.spool.change(row, Change(Queue.POST, Sent.WAITING, due=was_due))
    await trio.sleep(5000)
    assert await goes(exit, await exit.delivery(id, "mastodon"))
    assert (await exit.delivery(id, "bluesky")).due == due


async def test_of_a_spool_that_was_set_back_it_is_in_doubt_at_the_other_place() -> None:
    exit = made()
    id = await exit.released()
    exit.spool._commit(lambda store: store.recover(None, doubt=True))
    assert (await exit.family(id))[0].note == SET_BACK
    row = await becomes(exit, id, "mastodon", Sent.WAITING)  # it was looked up, and is not there
    assert await goes(exit, row)
    assert await exit.sent(id) == {"mastodon": "rerouted", "bluesky": "unsure"}


async def test_what_went_before_the_spool_was_set_back_has_ended_here() -> None:
    exit = made()
    id = await exit.released()
    assert await goes(exit, await exit.delivery(id, "mastodon"))
    exit.spool._commit(lambda store: store.recover(None, doubt=True))
    assert await exit.sent(id) == {"mastodon": "rerouted", "bluesky": "unsure"}


@pytest.mark.parametrize("once", ["exact", "lookup", "none"])
async def test_a_post_of_before_the_set_back_is_not_posted_at_the_other_place_again(
    autojump_clock: MockClock, once: Literal["exact", "lookup", "none"]
) -> None:
    """In the time that was lost it went to bluesky, and stands there."""
    exit = Exit(platforms(mastodon=DOWN))
    exit.places["bluesky"].once = Once(once)
    id = await exit.released()
    exit.spool._commit(lambda store: store.recover(None, doubt=True))
    lost = Exit(exit.places, spool=made().spool, clock=exit.clock)
    async with lost.running():
        twin = await lost.released()
        await trio.sleep(3600)
    assert twin == id
    assert exit.places["bluesky"].texts == ["text 1"]
    await becomes(exit, id, "mastodon", Sent.WAITING)
    async with exit.running():
        await exit.brake.resume("relay")
        await trio.sleep(3 * 3600)
    assert exit.places["bluesky"].texts == ["text 1"]
    ended = "posted" if once == "exact" else "held"
    assert await exit.sent(id) == {"mastodon": "rerouted", "bluesky": ended}


def serving(exit: Exit, *names: str) -> Elsewhere:
    return Elsewhere(exit.spool, exit.clock, KEYS, {}, names)


async def test_what_was_to_go_to_a_place_that_is_gone_does_not_come_back_to_it() -> None:
    exit = made()
    id = await exit.released()
    assert await goes(exit, await exit.delivery(id, "mastodon"))
    await exit.spool.take(Queue.POST, now=exit.clock.now() + 1, limit=1, name="bluesky")
    there = await exit.delivery(id, "bluesky")
    assert not await serving(exit, "bluesky").refused(there, "too long")
    assert await exit.sent(id) == TO_BLUESKY


async def test_what_went_to_a_place_that_is_not_there_any_more_comes_back() -> None:
    exit = made(to=("mastodon", "telegram"))
    ids = [await exit.released() for _ in range(3)]
    for id in ids[:2]:
        assert await goes(exit, await exit.delivery(id, "mastodon"))
    doubtful = await becomes(exit, ids[1], "bluesky", Sent.UNSURE)
    await serving(exit, "mastodon", "telegram").leave()
    assert await exit.sent(ids[0]) == {
        "mastodon": "waiting",
        "telegram": "waiting",
        "bluesky": "rerouted",
    }
    assert (await exit.whys(ids[0]))["mastodon"] == "back from bluesky"
    assert (await exit.delivery(ids[1], "bluesky")).rev == doubtful.rev
    assert await exit.sent(ids[2]) == {"mastodon": "waiting", "telegram": "waiting"}
    assert await exit.spool.self_check() == []


async def test_what_was_to_go_to_a_place_that_is_gone_stays_and_what_joined_it_comes_back() -> None:
    exit = made(to=("mastodon", "bluesky"))
    id = await exit.released()
    assert await goes(exit, await exit.delivery(id, "mastodon"))
    await serving(exit, "mastodon").leave()
    assert await exit.sent(id) == {"mastodon": "waiting", "bluesky": "waiting"}


async def test_what_comes_back_begins_as_if_nobody_had_tried_it() -> None:
    exit = made()
    id = await exit.released()
    tried = progressed(Progress(n=4, tries=9, first=START, kept=b"a draft"), KEYS.storage, id)
    row = await becomes(exit, id, "mastodon", Sent.WAITING, note=tried)
    assert await goes(exit, row)
    await exit.spool.take(Queue.POST, now=exit.clock.now(), limit=1, name="bluesky")
    assert await exit.elsewhere.refused(await exit.delivery(id, "bluesky"), "too long")
    back = await exit.delivery(id, "mastodon")
    assert thaw(back, KEYS.storage) == Progress()
    assert (back.hour, back.state) == (row.hour, Sent.WAITING)


async def test_what_a_set_back_spool_sends_again_stays_in_doubt_when_it_is_told_to_wait(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    exit.places["mastodon"].once = Once("exact")
    id = await exit.released()
    exit.spool._commit(lambda store: store.recover(None, doubt=True))
    async with exit.running():
        await exit.brake.resume("relay")
        await trio.sleep(3 * 3600)
        row = await exit.delivery(id, "mastodon")
        assert (row.state, exit.places["mastodon"].sends != []) == (Sent.WAITING, True)
        assert not await goes(exit, row)
        exit.places["mastodon"].answer = None
        await trio.sleep(3 * 3600)
    assert await exit.sent(id) == {"mastodon": "posted"}


class Copying(Platform):
    """Its spool is copied while the first part of a thread is being sent."""

    copy: sqlite3.Connection | None = None
    spool: MemorySpool | None = None

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        if self.copy is None and self.spool is not None:
            self.copy = sqlite3.connect(":memory:", isolation_level=None)
            self.spool._store.connection.backup(self.copy)
        return await super().send(attempt, keep)


async def test_of_a_thread_that_went_out_since_the_set_back_no_part_comes_twice(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms())
    exit.places["mastodon"] = place = Copying(parts=3)  # type: ignore[index]
    place.spool = exit.spool
    id = await exit.released()
    async with exit.running():
        await trio.sleep(60)
    assert len(place.sends) == 3
    spool = MemorySpool(exit.clock, place.copy)
    spool._commit(lambda store: store.recover(None, doubt=True))
    exit = Exit(exit.places, spool=spool, clock=exit.clock)
    async with exit.running():
        await exit.brake.resume("relay")
        await trio.sleep(3600)
        assert await exit.sent(id) == {"mastodon": "posted"}
    assert len(place.sends) == 3
