"""Taking a message back: what is not public never is, what is public goes, what stays is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from relay.errors import Asked
from relay.exit.progress import Frozen, Progress, frozen, progressed
from relay.exit.withdraw import BUSY, NO_WAY, NOT_KNOWN, RESTORED, TakenBack, Withdrawal
from relay.model import (
    SET_BACK,
    Absent,
    Attempt,
    Change,
    Found,
    Later,
    Lookup,
    NewRow,
    Part,
    Queue,
    Refused,
    Removal,
    Removed,
    Row,
    Sent,
    State,
    Stopped,
)
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
ID = bytes(range(16))
START = 1_800_000_000


class Hands:
    def now(self) -> int:
        return START


class Platforms:
    """What the destinations answer to a removal and to a look; what they were asked."""

    def __init__(self, removals: Mapping[str, Removal | None], found: Lookup | None = None) -> None:
        self.removals = removals
        self.found = found
        self.asked: list[tuple[str, str]] = []
        self.looked: list[Attempt] = []

    async def remove(self, name: str, ref: str) -> Removal | None:
        self.asked.append((name, ref))
        return self.removals.get(name, Removed())

    async def find(self, name: str, attempt: Attempt) -> Lookup:
        self.looked.append(attempt)
        if self.found is None:
            raise RuntimeError("a plug-in's fault")
        return self.found


async def spool_with(*deliveries: tuple[str, Sent, Sequence[str]]) -> MemorySpool:
    """One message, and its deliveries: destination, state, refs of what is public."""
    spool = MemorySpool(Hands())
    new = NewRow(Queue.DELIVER, State.WAITING, ID, START, name="news", body=b"sealed text")
    await spool.put([new])
    if not deliveries:
        return spool
    [row] = await spool.take(Queue.DELIVER, now=START, limit=1)
    rows = [
        NewRow(
            Queue.ENDED if state in (Sent.POSTED, Sent.REFUSED) else Queue.POST,
            state,
            ID,
            START,
            None if state == Sent.HELD else 0,
            name,
            "unsure: nobody can tell" if state == Sent.HELD else "",
            note=progressed(Progress(len(refs), 1, START, refs=tuple(refs)), KEYS.storage, ID),
            body=frozen(Frozen((Part("k0", 0, 2, b"a"), Part("k1", 1, 2, b"b"))), KEYS.storage, ID),
        )
        for name, state, refs in deliveries
    ]
    await spool.settle(row, Change(Queue.ASSIGNED, State.WAITING, due=None), then=rows)
    return spool


async def taken_back(spool: MemorySpool, platforms: Platforms, keys: Any = KEYS) -> list[TakenBack]:
    withdrawal = Withdrawal(spool, keys, platforms.remove, platforms.find)
    return [one async for one in withdrawal.of((await spool.look(id=ID))[0].seq)]


async def states(spool: MemorySpool) -> dict[str, str]:
    return {row.name: str(row.state) for row in await spool.look() if row.root != row.seq}


async def whole(spool: MemorySpool) -> tuple[Row, bytes]:
    [message] = [row for row in await spool.look() if row.root == row.seq]
    return message, await spool.body(message.seq)


@pytest.mark.parametrize("queue", [Queue.INBOX, Queue.READ, Queue.REVIEW, Queue.DELIVER])
async def test_what_was_never_public_ends_withdrawn_and_its_text_is_destroyed(queue: Queue) -> None:
    spool = MemorySpool(Hands())
    await spool.put([NewRow(queue, State.WAITING, ID, START, name="news", body=b"sealed text")])
    assert await taken_back(spool, Platforms({})) == [TakenBack("", gone=True)]
    message, body = await whole(spool)
    assert (message.queue, message.state, body) == (Queue.ENDED, State.WITHDRAWN, b"")
    assert (await spool.counts()).states == {"withdrawn": 1}


async def test_what_is_public_is_taken_away_everywhere_a_thread_from_its_last_part() -> None:
    spool = await spool_with(("page", Sent.POSTED, ["p"]), ("masto", Sent.POSTED, ["1", "2"]))
    platforms = Platforms({})
    assert [one.gone for one in await taken_back(spool, platforms)] == [True, True]
    assert platforms.asked == [("page", "p"), ("masto", "2"), ("masto", "1")]
    assert await states(spool) == {"page": "withdrawn", "masto": "withdrawn"}
    message, body = await whole(spool)
    assert (message.state, body) == (State.WITHDRAWN, b"")


@pytest.mark.parametrize(
    ("removal", "why"),
    [
        (None, NO_WAY),
        (Later("answered 503"), "answered 503: try again"),
        (Refused("not ours"), "not ours"),
        (Stopped("answered 401", "a new token"), "answered 401: a new token"),
    ],
)
async def test_what_cannot_be_taken_away_stays_posted_and_is_said(
    removal: Removal | None, why: str
) -> None:
    spool = await spool_with(("page", Sent.POSTED, ["p"]), ("hook", Sent.POSTED, ["h"]))
    taken = await taken_back(spool, Platforms({"hook": removal}))
    assert [(one.destination, one.gone, one.why) for one in taken] == [
        ("page", True, ""),
        ("hook", False, why),
    ]
    assert await states(spool) == {"page": "withdrawn", "hook": "posted"}
    message, body = await whole(spool)
    assert (message.state, body) == (State.POSTED, b"sealed text")


async def test_a_second_try_takes_away_what_stayed() -> None:
    spool = await spool_with(("hook", Sent.POSTED, ["h"]))
    await taken_back(spool, Platforms({"hook": Later("answered 503")}))
    assert [one.gone for one in await taken_back(spool, Platforms({}))] == [True]
    assert await states(spool) == {"hook": "withdrawn"}


@pytest.mark.parametrize("state", [Sent.WAITING, Sent.PREPARED, Sent.STOPPED])
async def test_what_is_not_public_yet_is_not_posted_any_more(state: Sent) -> None:
    spool = await spool_with(("masto", state, []))
    platforms = Platforms({})
    assert await taken_back(spool, platforms) == [TakenBack("masto", gone=True)]
    assert (platforms.asked, await states(spool)) == ([], {"masto": "withdrawn"})


async def test_half_a_thread_goes_no_further_and_its_first_part_is_taken_away() -> None:
    spool = await spool_with(("masto", Sent.WAITING, ["1"]))
    platforms = Platforms({})
    assert [one.gone for one in await taken_back(spool, platforms)] == [True]
    assert (platforms.asked, await states(spool)) == ([("masto", "1")], {"masto": "withdrawn"})


@pytest.mark.parametrize("state", [Sent.UNSURE, Sent.HELD])
async def test_a_doubtful_delivery_that_is_found_is_taken_away(state: Sent) -> None:
    spool = await spool_with(("masto", state, ["1"]))
    platforms = Platforms({}, Found("2"))
    assert [one.gone for one in await taken_back(spool, platforms)] == [True]
    assert platforms.asked == [("masto", "2"), ("masto", "1")]
    assert platforms.looked[0].after == "1"


@pytest.mark.parametrize("found", [Absent(strong=True), None])
async def test_a_doubtful_delivery_that_is_not_found_is_held_and_never_sent_again(
    found: Lookup | None,
) -> None:
    spool = await spool_with(("masto", Sent.UNSURE, []))
    taken = await taken_back(spool, Platforms({}, found))
    assert [(one.gone, one.why) for one in taken] == [(False, NOT_KNOWN)]
    assert await states(spool) == {"masto": "held"}
    assert await spool.next_due(Queue.POST) is None


async def test_what_is_being_sent_is_waited_for_and_then_taken_away(
    autojump_clock: MockClock,
) -> None:
    spool = await spool_with(("masto", Sent.WAITING, []))
    [row] = await spool.take(Queue.POST, now=START, limit=1, name="masto")
    sending = await spool.settle(row, Change(Queue.POST, Sent.SENDING, due=None), keep=True)
    assert sending is not None

    async def ends() -> None:
        await trio.sleep(5)
        note = progressed(Progress(refs=("9",)), KEYS.storage, ID)
        await spool.settle(sending, Change(Queue.ENDED, Sent.POSTED, due=None, note=note, body=b""))

    platforms = Platforms({})
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ends)
        taken = await taken_back(spool, platforms)
    assert [one.gone for one in taken] == [True]
    assert platforms.asked == [("masto", "9")]


async def test_what_never_ends_being_sent_is_said_and_nothing_is_guessed(
    autojump_clock: MockClock,
) -> None:
    spool = await spool_with(("masto", Sent.WAITING, []))
    [row] = await spool.take(Queue.POST, now=START, limit=1, name="masto")
    await spool.settle(row, Change(Queue.POST, Sent.SENDING, due=None), keep=True)
    [taken] = await taken_back(spool, Platforms({}))
    assert not taken.gone and "try again" in taken.why


async def test_while_exit_key_is_locked_what_is_public_stays_and_the_rest_is_stopped() -> None:
    spool = await spool_with(("page", Sent.POSTED, ["p"]), ("masto", Sent.WAITING, []))
    platforms = Platforms({})
    taken = await taken_back(spool, platforms, keys=None)
    assert [one.gone for one in taken] == [False, False]
    assert (platforms.asked, await spool.next_due(Queue.POST)) == ([], None)


async def test_what_was_dropped_before_anybody_saw_it_cannot_be_withdrawn() -> None:
    spool = MemorySpool(Hands())
    await spool.put([NewRow(Queue.ENDED, State.DROPPED, ID, START, name="news")])
    with pytest.raises(Asked):
        await taken_back(spool, Platforms({}))


async def test_what_only_a_person_saw_there_stays_since_nobody_knows_how_it_is_called() -> None:
    spool = await spool_with(("masto", Sent.POSTED, []))
    [taken] = await taken_back(spool, Platforms({}))
    assert not taken.gone


# ---------------------------------------------------------------- what may be public all the same


async def delivery(spool: MemorySpool) -> Row:
    [row] = [row for row in await spool.look() if row.root != row.seq]
    return row


async def open_delivery(state: Sent, queue: Queue = Queue.POST) -> MemorySpool:
    """A delivery whose first sending may be public, although its repeat had another end."""
    spool = await spool_with(("masto", Sent.WAITING, []))
    row = await delivery(spool)
    note = progressed(Progress(n=2, first=START, open=True), KEYS.storage, ID)
    assert await spool.change(row, Change(queue, state, due=None, why="busy", note=note))
    return spool


@pytest.mark.parametrize("state", [Sent.WAITING, Sent.STOPPED, Sent.HELD, Sent.REFUSED])
async def test_a_doubt_that_outlived_a_repeat_is_looked_up_and_never_called_gone(
    state: Sent,
) -> None:
    queue = Queue.ENDED if state == Sent.REFUSED else Queue.POST
    spool = await open_delivery(state, queue)
    platforms = Platforms({}, Absent(strong=True))
    [taken] = await taken_back(spool, platforms)
    assert (taken.gone, taken.why, len(platforms.looked)) == (False, NOT_KNOWN, 1)
    spool = await open_delivery(state, queue)
    platforms = Platforms({}, Found("7"))
    assert [one.gone for one in await taken_back(spool, platforms)] == [True]
    assert platforms.asked == [("masto", "7")]


async def test_a_posted_delivery_is_in_no_doubt_whatever_was_before() -> None:
    spool = await spool_with(("masto", Sent.POSTED, ["1", "2"]))
    note = progressed(Progress(n=2, open=True, refs=("1", "2")), KEYS.storage, ID)
    row = await delivery(spool)
    await spool.change(row, Change(Queue.ENDED, Sent.POSTED, due=None, note=note))
    platforms = Platforms({})
    assert [one.gone for one in await taken_back(spool, platforms)] == [True]
    assert platforms.looked == []


async def test_one_damaged_delivery_keeps_no_other_from_being_stopped() -> None:
    spool = await spool_with(("a", Sent.HELD, []), ("b", Sent.WAITING, []))
    first = next(row for row in await spool.look() if row.name == "a")
    await spool.change(first, Change(Queue.POST, Sent.HELD, due=None, why="odd", note=b"damaged"))
    taken = await taken_back(spool, Platforms({}))
    assert [(one.destination, one.gone) for one in taken] == [("a", False), ("b", True)]
    assert "damaged" in taken[0].why
    assert await states(spool) == {"a": "held", "b": "withdrawn"}


async def test_nothing_is_sent_while_it_is_looked_for() -> None:
    spool = await spool_with(("masto", Sent.UNSURE, []))
    due: list[object] = []

    class Looking(Platforms):
        async def find(self, name: str, attempt: Attempt) -> Lookup:
            due.append(await spool.next_due(Queue.POST))
            return Absent(strong=True)

    await taken_back(spool, Looking({}))
    assert due == [None]


async def test_what_is_looked_for_just_then_is_waited_for(autojump_clock: MockClock) -> None:
    spool = await spool_with(("masto", Sent.UNSURE, []))
    [row] = await spool.take(Queue.POST, now=START, limit=1, name="masto")

    async def posts_it() -> None:
        await trio.sleep(5)
        note = progressed(Progress(refs=("9",)), KEYS.storage, ID)
        await spool.settle(row, Change(Queue.ENDED, Sent.POSTED, due=None, note=note, body=b""))

    platforms = Platforms({}, Absent(strong=True))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(posts_it)
        taken = await taken_back(spool, platforms)
    assert [one.gone for one in taken] == [True]
    assert (platforms.asked, platforms.looked) == ([("masto", "9")], [])


async def test_what_cannot_be_held_is_not_said_to_stay(autojump_clock: MockClock) -> None:
    spool = await spool_with(("masto", Sent.UNSURE, []))
    await spool.take(Queue.POST, now=START, limit=1, name="masto")  # and never lets go
    [taken] = await taken_back(spool, Platforms({}, Absent(strong=True)))
    assert (taken.gone, taken.why) == (False, BUSY)
    assert await states(spool) == {"masto": "unsure"}


@pytest.mark.parametrize("queue", [Queue.INBOX, Queue.READ, Queue.REVIEW, Queue.DELIVER])
async def test_of_a_spool_that_was_set_back_nobody_says_that_it_was_never_public(
    queue: Queue,
) -> None:
    spool = MemorySpool(Hands())
    await spool.put([NewRow(queue, State.WAITING, ID, START, name="news", note=SET_BACK)])
    assert await taken_back(spool, Platforms({})) == [TakenBack("", gone=False, why=RESTORED)]
    message, _ = await whole(spool)
    assert (message.queue, message.state) == (Queue.ENDED, State.WITHDRAWN)
