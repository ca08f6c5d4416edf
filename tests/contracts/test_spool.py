"""What every spool promises, asked of each of them."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trio
import trio.testing

from relay.model import (
    HOUR,
    Change,
    Known,
    NewRow,
    Place,
    Queue,
    Row,
    Sent,
    State,
    Stored,
)
from relay.ports import Spool
from relay.spool.memory import MemorySpool
from relay.spool.sqlite import SqliteSpool

NOW = 1_750_000_000 - 1_750_000_000 % 86400 + 10 * HOUR
DAY = 86400
_ids = itertools.count(1)


@dataclass
class HandClock:
    """A clock that somebody sets."""

    at: int = NOW

    def now(self) -> int:
        return self.at


@dataclass
class Disk:
    """Where a spool under test stands."""

    folder: Path
    clock: HandClock = field(default_factory=HandClock)

    def open(self) -> SqliteSpool:
        return SqliteSpool.open(
            self.folder / "data",
            self.folder / "keys" / "seen",
            clock=self.clock,
            min_free_bytes=0,
            ballast_bytes=0,
            on_broken=lambda: None,
        )


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["memory", "sqlite"])
async def spool(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock
) -> AsyncIterator[Spool]:
    made = MemorySpool(clock) if request.param == "memory" else Disk(tmp_path, clock).open()
    yield made
    assert await made.self_check() == []
    made.close()


def new(
    body: bytes = b"sealed",
    *,
    queue: Queue = Queue.INBOX,
    state: str = State.WAITING,
    due: int | None = 0,
    name: str = "",
    keys: tuple[bytes, ...] = (),
    names: tuple[bytes, ...] = (),
    hour: int = NOW,
) -> NewRow:
    id = next(_ids).to_bytes(16, "big")
    return NewRow(queue, state, id, hour, due, name, body=body, keys=keys, names=names)


def key(n: int) -> bytes:
    return n.to_bytes(16, "big")


ENDED = Change(Queue.ENDED, State.DROPPED, due=None, body=b"")
ASSIGNED = Change(Queue.ASSIGNED, State.WAITING, due=None)


def delivery(name: str, due: int | None = 0) -> NewRow:
    return new(b"", queue=Queue.POST, state=Sent.WAITING, due=due, name=name)


async def one(spool: Spool, queue: Queue = Queue.INBOX, name: str | None = None) -> Row:
    (row,) = await spool.take(queue, now=NOW, limit=1, name=name)
    return row


async def assigned(spool: Spool, *names: str) -> tuple[Row, list[Row]]:
    """A submission with a delivery to each of these, all leased."""
    await spool.put([new()])
    root = await spool.settle(await one(spool), ASSIGNED, then=[delivery(name) for name in names])
    assert root is not None
    return root, [await one(spool, Queue.POST, name) for name in names]


# ---------------------------------------------------------------- order and leases


async def test_rows_come_back_in_order_of_arrival(spool: Spool) -> None:
    await spool.put([new(b"first"), new(b"second")])
    await spool.put([new(b"third")])
    rows = await spool.take(Queue.INBOX, now=NOW, limit=10)
    assert [row.body for row in rows] == [b"first", b"second", b"third"]
    assert [row.seq for row in rows] == sorted(row.seq for row in rows)


async def test_a_row_keeps_what_was_put(spool: Spool) -> None:
    put = NewRow(Queue.REVIEW, State.HELD, b"i" * 16, NOW, None, "news", "review", b"note", b"body")
    await spool.put([put])
    (row,) = await spool.look()
    assert (row.queue, row.state, row.id, row.hour, row.due, row.name, row.why, row.note) == (
        Queue.REVIEW,
        State.HELD,
        b"i" * 16,
        NOW,
        None,
        "news",
        "review",
        b"note",
    )
    assert (row.root, row.body) == (row.seq, b"")
    assert await spool.body(row.seq) == b"body"


async def test_a_leased_row_is_not_taken_again_until_it_is_given_back(spool: Spool) -> None:
    await spool.put([new()])
    row = await one(spool)
    assert await spool.take(Queue.INBOX, now=NOW, limit=1) == []
    spool.release(row)
    assert await one(spool) == row


async def test_no_more_rows_are_taken_than_asked_for(spool: Spool) -> None:
    await spool.put([new() for _ in range(5)])
    assert len(await spool.take(Queue.INBOX, now=NOW, limit=4)) == 4
    assert len(await spool.take(Queue.INBOX, now=NOW, limit=4)) == 1


async def test_large_bodies_are_taken_a_few_at_a_time_and_none_is_left(spool: Spool) -> None:
    large = bytes(5 * 1024 * 1024)
    await spool.put([new(large) for _ in range(5)])
    assert len(await spool.take(Queue.INBOX, now=NOW, limit=9)) == 3
    assert len(await spool.take(Queue.INBOX, now=NOW, limit=9)) == 2
    assert await spool.take(Queue.INBOX, now=NOW, limit=9) == []


async def test_only_rows_of_that_queue_that_are_due_are_taken(spool: Spool) -> None:
    await spool.put([new(due=NOW + 1), new(due=None), new(queue=Queue.READ)])
    assert await spool.take(Queue.INBOX, now=NOW, limit=9) == []
    assert len(await spool.take(Queue.INBOX, now=NOW + 1, limit=9)) == 1


async def test_a_name_keeps_to_one_destination(spool: Spool) -> None:
    await assigned(spool)
    await spool.put([new(queue=Queue.POST, name=name) for name in ("a", "b", "a", "c")])
    rows = await spool.take(Queue.POST, now=NOW, limit=9, name="a")
    assert [row.name for row in rows] == ["a", "a"]
    rest = await spool.take(Queue.POST, now=NOW, limit=9)
    assert [row.name for row in rest] == ["b", "c"]


async def test_over_all_names_what_was_due_first_comes_first(spool: Spool) -> None:
    dues = [("b", 30), ("a", 20), ("c", 10), ("a", 10), ("b", 5)]
    await spool.put([new(queue=Queue.POST, name=name, due=due) for name, due in dues])
    rows = await spool.take(Queue.POST, now=NOW, limit=4)
    assert [(row.name, row.due) for row in rows] == [("b", 5), ("c", 10), ("a", 10), ("a", 20)]


# ---------------------------------------------------------------- settle


async def test_a_settled_row_is_free_and_changed(spool: Spool) -> None:
    await spool.put([new(b"envelope", name="old")])
    row = await one(spool)
    to = Change(Queue.READ, State.WAITING, due=NOW, why="w", name="news", note=b"n", body=b"kept")
    after = await spool.settle(row, to)
    assert after is not None and after.rev == row.rev + 1
    taken = await one(spool, Queue.READ)
    assert taken == after
    assert (taken.id, taken.name, taken.why, taken.note, taken.body) == (
        row.id,
        "news",
        "w",
        b"n",
        b"kept",
    )


async def test_what_a_change_does_not_name_stays(spool: Spool) -> None:
    await spool.put([new(b"body", name="n")])
    row = await one(spool)
    await spool.settle(row, Change(Queue.READ, State.WAITING, due=0, note=b"note"))
    row = await one(spool, Queue.READ)
    await spool.settle(row, Change(Queue.REVIEW, State.WAITING, due=0))
    row = await one(spool, Queue.REVIEW)
    assert (row.name, row.note, row.body) == ("n", b"note", b"body")


async def test_an_empty_body_destroys_it(spool: Spool) -> None:
    await spool.put([new(b"body")])
    row = await one(spool)
    await spool.settle(row, Change(Queue.READ, State.WAITING, due=0, body=b""))
    assert await spool.body(row.seq) == b""
    assert (await one(spool, Queue.READ)).body == b""


async def test_the_oldest_that_is_due_is_told_also_while_somebody_holds_it(spool: Spool) -> None:
    assert await spool.oldest_due(Queue.INBOX, now=NOW) is None
    for due, name in ((NOW + 1, "a"), (NOW, "b"), (NOW - 1, "a"), (None, "a"), (NOW, "a")):
        await spool.put([new(due=due, name=name)])
    rows = await spool.look(queue=Queue.INBOX)
    assert await spool.oldest_due(Queue.INBOX, now=NOW - 2) is None
    assert await spool.oldest_due(Queue.INBOX, now=NOW - 1) == rows[2].seq
    assert await spool.take(Queue.INBOX, now=NOW, limit=9)
    assert await spool.oldest_due(Queue.INBOX, now=NOW) == rows[1].seq
    assert await spool.oldest_due(Queue.READ, now=NOW) is None


async def test_a_settle_of_an_old_revision_does_nothing(spool: Spool) -> None:
    await spool.put([new()])
    row = await one(spool)
    kept = await spool.settle(row, Change(Queue.INBOX, State.WAITING, due=0), keep=True)
    assert kept is not None
    assert await spool.settle(row, ENDED, then=[delivery("a")]) is None
    assert (await spool.counts()).states == {State.WAITING: 1}
    assert (await spool.counts()).deliveries == {}
    assert await spool.settle(kept, ENDED) is not None


async def test_a_row_that_was_given_back_cannot_be_settled(spool: Spool) -> None:
    await spool.put([new()])
    row = await one(spool)
    spool.release(row)
    assert await spool.settle(row, ENDED) is None


async def test_a_kept_lease_goes_on_until_the_next_settle(spool: Spool) -> None:
    await spool.put([new()])
    row = await one(spool)
    row2 = await spool.settle(row, Change(Queue.INBOX, State.WAITING, due=0), keep=True)
    assert row2 is not None
    assert await spool.take(Queue.INBOX, now=NOW, limit=1) == []
    assert await spool.settle(row2, Change(Queue.INBOX, State.WAITING, due=0)) is not None
    assert (await one(spool)).rev == 3


async def test_a_kept_lease_can_be_given_back(spool: Spool) -> None:
    await spool.put([new()])
    row = await one(spool)
    kept = await spool.settle(row, Change(Queue.INBOX, State.WAITING, due=0), keep=True)
    assert kept is not None
    spool.release(row)
    assert await spool.take(Queue.INBOX, now=NOW, limit=1) == []
    spool.release(kept)
    assert (await one(spool)).rev == kept.rev


async def test_two_settles_of_one_row_at_once_change_it_once(spool: Spool) -> None:
    await spool.put([new()])
    row = await one(spool)
    results = []

    async def settle() -> None:
        results.append(await spool.settle(row, ENDED))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(settle)
        nursery.start_soon(settle)
    assert sorted(result is None for result in results) == [False, True]


# ---------------------------------------------------------------- deliveries


async def test_followers_are_rows_of_the_same_root_and_no_submissions(spool: Spool) -> None:
    root, deliveries = await assigned(spool, "page", "folder")
    assert [row.root for row in deliveries] == [root.seq, root.seq]
    counts = await spool.counts()
    assert counts.accepted == 1
    assert counts.deliveries == {Sent.WAITING: 2}
    assert counts.queues == {Queue.ASSIGNED: 1, Queue.POST: 2}


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        ((Sent.POSTED, Sent.POSTED), State.POSTED),
        ((Sent.POSTED, Sent.REFUSED), State.POSTED),
        ((Sent.POSTED, Sent.HELD), State.HELD),
        ((Sent.POSTED, Sent.STOPPED), State.WAITING),
        ((Sent.EXPIRED, Sent.REFUSED), State.EXPIRED),
        ((Sent.REFUSED, Sent.REFUSED), State.REFUSED),
        ((Sent.DROPPED, Sent.DROPPED), State.DROPPED),
    ],
)
async def test_a_submission_has_the_state_its_deliveries_give_it(
    spool: Spool, ends: tuple[Sent, Sent], state: State
) -> None:
    root, deliveries = await assigned(spool, "a", "b")
    for row, end in zip(deliveries, ends, strict=True):
        over = end not in (Sent.HELD, Sent.STOPPED)
        queue = Queue.ENDED if over else Queue.POST
        assert await spool.settle(row, Change(queue, end, due=None)) is not None
    counts = await spool.counts()
    assert counts.states == {state: 1}
    (after,) = await spool.look(id=root.id)
    over = not {Sent.HELD, Sent.STOPPED} & set(ends)
    assert after.queue == (Queue.ENDED if over else Queue.ASSIGNED)


async def test_a_refused_delivery_that_is_tried_again_makes_its_submission_wait(
    spool: Spool,
) -> None:
    root, (row,) = await assigned(spool, "a")
    refused = await spool.settle(row, Change(Queue.ENDED, Sent.REFUSED, due=None))
    assert refused is not None
    assert await spool.change(refused, Change(Queue.POST, Sent.WAITING, due=0))
    (after,) = await spool.look(id=root.id)
    assert (after.state, after.queue) == (State.WAITING, Queue.ASSIGNED)


# ---------------------------------------------------------------- repeats


async def test_a_repeat_is_answered_yes_and_not_counted(spool: Spool) -> None:
    (first,) = await spool.put([new(keys=(key(1),))])
    assert isinstance(first, Stored)
    assert await spool.put([new(keys=(key(1),))]) == [Known()]
    counts = await spool.counts()
    assert (counts.accepted, counts.repeats) == (1, 1)


async def test_a_repeat_in_the_same_put_is_known(spool: Spool) -> None:
    results = await spool.put([new(keys=(key(1),)), new(keys=(key(1),)), new(keys=(key(2),))])
    assert [type(result) for result in results] == [Stored, Known, Stored]


async def test_one_known_key_of_several_makes_a_repeat(spool: Spool) -> None:
    await spool.put([new(keys=(key(1), key(2)))])
    assert await spool.put([new(keys=(key(3), key(2)))]) == [Known()]


async def test_a_repeat_under_a_new_id_is_known_under_that_id_too(spool: Spool) -> None:
    await spool.put([new(keys=(key(1), key(2)))])
    await spool.put([new(keys=(key(3), key(2)))])
    assert await spool.put([new(keys=(key(3),))]) == [Known()]


async def test_rows_without_keys_are_never_repeats(spool: Spool) -> None:
    assert len(await spool.put([new(), new()])) == 2
    assert (await spool.counts()).accepted == 2


async def test_a_repeat_is_known_for_seven_days(spool: Spool, clock: HandClock) -> None:
    await spool.put([new(keys=(key(1),))])
    clock.at += 7 * DAY
    assert await spool.put([new(keys=(key(1),))]) == [Known()]


async def test_a_repeat_after_eight_days_is_new(spool: Spool, clock: HandClock) -> None:
    await spool.put([new(keys=(key(1),))])
    clock.at += 8 * DAY
    (result,) = await spool.put([new(keys=(key(1),))])
    assert isinstance(result, Stored)


async def test_a_repeat_in_the_next_put_at_the_same_moment_is_known(spool: Spool) -> None:
    results = []

    async def put() -> None:
        results.extend(await spool.put([new(keys=(key(1),))]))

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(put)
    assert sum(isinstance(result, Stored) for result in results) == 1
    assert len(results) == 5


# ---------------------------------------------------------------- bodies


@pytest.mark.parametrize("size", [0, 1, 4000, 256 * 1024, 256 * 1024 + 1, 4 * 1024 * 1024])
async def test_a_body_comes_back_byte_for_byte(spool: Spool, size: int) -> None:
    body = bytes(range(256)) * (size // 256) + bytes(size % 256)
    (stored,) = await spool.put([new(body)])
    assert isinstance(stored, Stored)
    assert await spool.body(stored.seq) == body
    assert (await one(spool)).body == body


async def test_a_large_body_can_take_the_place_of_a_small_one(spool: Spool) -> None:
    await spool.put([new(b"small")])
    large = b"L" * (300 * 1024)
    after = await spool.settle(await one(spool), Change(Queue.READ, State.WAITING, 0, body=large))
    assert after is not None and after.body == large
    row = await one(spool, Queue.READ)
    assert row.body == large
    await spool.settle(row, Change(Queue.REVIEW, State.WAITING, 0, body=b"small"))
    assert (await one(spool, Queue.REVIEW)).body == b"small"


async def test_a_row_that_is_not_there_has_no_body(spool: Spool) -> None:
    assert await spool.body(99) == b""


# ---------------------------------------------------------------- putting without a loop


async def test_put_soon_tells_the_results_when_they_are_durable(spool: Spool) -> None:
    told: list[object] = []
    here = trio.lowlevel.current_trio_token()
    ended = trio.Event()

    def done(result: object) -> None:
        told.append(result)
        here.run_sync_soon(ended.set)

    spool.put_soon([new(keys=(key(1),)), new(keys=(key(1),)), new(b"x" * 300_000)], done)
    with trio.fail_after(5):
        await ended.wait()
    ((first, second, third),) = told
    assert [type(one) for one in (first, second, third)] == [Stored, Known, Stored]
    assert await spool.body(third.seq) == b"x" * 300_000


# ---------------------------------------------------------------- waiting


async def test_next_due_is_the_first_that_nobody_holds(spool: Spool) -> None:
    assert await spool.next_due(Queue.POST) is None
    rows = [("a", 30), ("b", 10), ("a", 20), ("c", None)]
    await spool.put([new(queue=Queue.POST, name=name, due=due) for name, due in rows])
    assert await spool.next_due(Queue.POST) == 10
    assert await spool.next_due(Queue.POST, name="a") == 20
    await one(spool, Queue.POST, "b")
    assert await spool.next_due(Queue.POST) == 20
    assert await spool.next_due(Queue.POST, name="c") is None


async def test_waiting_ends_at_once_where_a_row_is_due(spool: Spool) -> None:
    await spool.put([new()])
    with trio.fail_after(1):
        await spool.wait(Queue.INBOX)


@pytest.mark.parametrize("name", [None, "a"])
async def test_waiting_ends_when_a_row_comes(spool: Spool, name: str | None) -> None:
    with trio.fail_after(5):
        await _wait_for_a_row(spool, name)


async def _wait_for_a_row(spool: Spool, name: str | None) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: spool.wait(Queue.POST, name=name))
        await trio.testing.wait_all_tasks_blocked(0.01)
        await spool.put([new(queue=Queue.READ), new(queue=Queue.POST, name="b")])
        await trio.testing.wait_all_tasks_blocked(0.01)
        if name:
            assert len(nursery.child_tasks) == 1
        await spool.put([new(queue=Queue.POST, name="a")])


async def test_waiting_ends_when_a_row_is_given_back(spool: Spool) -> None:
    await spool.put([new()])
    row = await one(spool)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(spool.wait, Queue.INBOX)
        await trio.testing.wait_all_tasks_blocked(0.01)
        assert len(nursery.child_tasks) == 1
        spool.release(row)


@pytest.mark.parametrize("how", ["settle", "change"])
async def test_waiting_ends_when_a_row_moves_to_that_queue(spool: Spool, how: str) -> None:
    await spool.put([new(state=State.HELD, due=None), new()])
    read = Change(Queue.READ, State.WAITING, due=0)
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(spool.wait, Queue.READ)
            await trio.testing.wait_all_tasks_blocked(0.01)
            if how == "settle":
                await spool.settle(await one(spool), read)
            else:
                await spool.change((await spool.look())[0], read)


async def test_waiting_ends_when_a_row_comes_due(spool: Spool, clock: HandClock) -> None:
    await spool.put([new(due=NOW + 1)])

    async def time_passes() -> None:
        await trio.sleep(0.5)
        clock.at += 1

    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(time_passes)
            await spool.wait(Queue.INBOX)
    assert len(await spool.take(Queue.INBOX, now=clock.now(), limit=1)) == 1


# ---------------------------------------------------------------- looking and changing


async def test_looking_goes_by_queue_page_by_page(spool: Spool) -> None:
    await spool.put([new(queue=q) for q in (Queue.REVIEW, Queue.INBOX) for _ in range(5)])
    await spool.take(Queue.REVIEW, now=NOW, limit=2)  # leased ones are seen, too
    first = await spool.look(queue=Queue.REVIEW, limit=3)
    rest = await spool.look(queue=Queue.REVIEW, after=first[-1].seq, limit=3)
    assert len(first) == 3 and len(rest) == 2
    assert {row.queue for row in (*first, *rest)} == {Queue.REVIEW}
    assert len(await spool.look(queue=Queue.INBOX)) == 5
    assert len(await spool.look()) == 10


async def test_looking_goes_by_the_first_bytes_of_the_id(spool: Spool) -> None:
    rows = [NewRow(Queue.REVIEW, State.HELD, id, NOW, None) for id in (b"abc", b"abd", b"x%_")]
    await spool.put(rows)
    assert [row.id for row in await spool.look(id=b"ab")] == [b"abc", b"abd"]
    assert [row.id for row in await spool.look(id=b"abd")] == [b"abd"]
    assert await spool.look(id=b"abd\0") == []
    assert await spool.look(id=b"ab", queue=Queue.INBOX) == []


async def test_an_operator_changes_what_nobody_holds(spool: Spool) -> None:
    await spool.put([new(queue=Queue.REVIEW, state=State.HELD, due=None)])
    (row,) = await spool.look()
    release = Change(Queue.DELIVER, State.WAITING, due=0)
    assert await spool.change(row, release) is True
    assert await spool.change(row, release) is False  # not that revision any more
    leased = await one(spool, Queue.DELIVER)
    assert await spool.change(leased, ENDED) is False
    assert (await spool.counts()).states == {State.WAITING: 1}


async def test_an_operator_changes_several_rows_or_none(spool: Spool) -> None:
    root, leased = await assigned(spool, "a", "b")
    (root,) = [row for row in await spool.look(id=root.id) if row.seq == row.root]
    spool.release(leased[0])
    destroyed = Change(Queue.ASSIGNED, State.WAITING, due=None, body=b"")
    changes = [(root, destroyed), *((row, ENDED) for row in leased)]
    assert await spool.change_all(changes) is False  # one of them is leased
    assert await spool.body(root.seq) == b"sealed"
    assert (await spool.counts()).deliveries == {Sent.WAITING: 2}
    spool.release(leased[1])
    assert await spool.change_all(changes) is True
    await spool.scrub()
    assert await spool.body(root.seq) == b""
    assert (await spool.counts()).states == {State.DROPPED: 1}
    assert await spool.change_all(changes) is False  # not those revisions any more


# ---------------------------------------------------------------- names


async def called(spool: Spool, n: int, since: int = 0) -> list[int]:
    return [row.seq for row in await spool.named(key(n), since=since)]


async def test_a_submission_is_found_by_each_name_it_was_put_with(spool: Spool) -> None:
    await spool.put([new(names=(key(1), key(2))), new(names=(key(2),)), new()])
    first, second, _ = [row.seq for row in await spool.look()]
    assert await called(spool, 1) == [first]
    assert await called(spool, 2) == [first, second]
    assert await called(spool, 3) == []


@pytest.mark.parametrize("how", ["settle", "change", "change_all", "settle_with"])
async def test_a_change_adds_names_and_takes_none(spool: Spool, how: str) -> None:
    await spool.put([new(names=(key(1),)), new(queue=Queue.READ)])
    held = await one(spool, Queue.READ)
    (row,) = await spool.look(queue=Queue.INBOX)
    to = Change(Queue.REVIEW, State.WAITING, due=0, names=(key(2), key(1)))
    match how:
        case "settle":
            assert await spool.settle(await one(spool), to)
        case "change":
            assert await spool.change(row, to)
        case "change_all":
            assert await spool.change_all([(row, to)])
        case _:
            assert await spool.settle_with(held, ENDED, [(row, to)])
    assert await called(spool, 1) == await called(spool, 2) == [row.seq]


async def test_a_name_given_with_a_delivery_is_its_submissions(spool: Spool) -> None:
    root, (row,) = await assigned(spool, "a")
    posted = Change(Queue.ENDED, Sent.POSTED, due=None, names=(key(1),))
    assert await spool.settle(row, posted)
    assert await called(spool, 1) == [root.seq]


async def test_what_is_found_by_a_name_is_as_it_is_now_without_its_body(spool: Spool) -> None:
    await spool.put([new(b"sealed", names=(key(1),))])
    await spool.settle(await one(spool), Change(Queue.READ, State.WAITING, due=7, why="w"))
    (row,) = await spool.named(key(1))
    assert (row.queue, row.due, row.why, row.rev, row.body) == (Queue.READ, 7, "w", 2, b"")


async def test_what_is_older_than_asked_for_is_not_found(spool: Spool) -> None:
    await spool.put([new(names=(key(1),), hour=NOW - HOUR), new(names=(key(1),))])
    old, young = await called(spool, 1)
    assert await called(spool, 1, since=NOW) == [young]
    assert await called(spool, 1, since=NOW - HOUR) == [old, young]


async def test_of_too_many_of_one_name_the_newest_are_given(spool: Spool) -> None:
    await spool.put([new(names=(key(1),)) for _ in range(1003)])
    found = await called(spool, 1)
    assert (len(found), found[-1] - found[0]) == (1000, 999)
    assert found[-1] == (await spool.look(after=1002))[-1].seq


async def test_a_submission_and_its_deliveries_are_found_by_its_seq(spool: Spool) -> None:
    await assigned(spool, "c")
    root, deliveries = await assigned(spool, "b", "a")
    family = await spool.family(root.seq)
    assert [row.name for row in family] == [root.name, "b", "a"]
    assert [row.seq for row in family] == [root.seq, *(row.seq for row in deliveries)]
    assert [row.body for row in family] == [b""] * 3
    assert await spool.family(deliveries[0].seq) == []
    assert await spool.family(0) == []


async def test_a_repeat_gives_nobody_its_names(spool: Spool) -> None:
    await spool.put([new(keys=(key(1),), names=(key(2),))])
    await spool.put([new(keys=(key(1),), names=(key(3),))])
    assert await called(spool, 3) == []


async def test_a_purge_takes_the_names_along(spool: Spool) -> None:
    await spool.put([new(names=(key(1),)), new(names=(key(1),))])
    ended, stays = await called(spool, 1)
    await spool.settle(await one(spool), ENDED)
    assert await called(spool, 1) == [ended, stays]
    assert await spool.purge(NOW + HOUR) == 1
    assert await called(spool, 1) == [stays]


# ---------------------------------------------------------------- several rows, one message


async def segments(spool: Spool, n: int) -> tuple[Row, list[Row]]:
    """A leased row, and others of the same name that nobody holds."""
    await spool.put([new(queue=Queue.READ, names=(key(1),)) for _ in range(n)])
    row = await one(spool, Queue.READ)
    return row, [other for other in await spool.named(key(1)) if other.seq != row.seq]


READ = Change(Queue.REVIEW, State.WAITING, due=0, body=b"the whole")
JOINED = Change(Queue.ENDED, State.JOINED, due=None, body=b"")


async def test_a_leased_row_and_free_ones_are_settled_together(spool: Spool) -> None:
    row, others = await segments(spool, 3)
    assert await spool.settle_with(row, READ, [(other, JOINED) for other in others])
    assert (await spool.counts()).states == {State.WAITING: 1, State.JOINED: 2}
    assert (await one(spool, Queue.REVIEW)).body == b"the whole"
    assert [await spool.body(other.seq) for other in others] == [b"", b""]


@pytest.mark.parametrize("size", [1, 300_000])
@pytest.mark.parametrize("why", ["held", "changed", "gone", "twice"])
async def test_where_one_of_them_is_not_free_nothing_happens_and_the_lease_goes_on(
    spool: Spool, why: str, size: int
) -> None:
    row, others = await segments(spool, 3)
    changes = [(other, JOINED) for other in others]
    match why:
        case "held":
            assert (await one(spool, Queue.READ)).seq == others[0].seq
        case "changed":
            await spool.change(others[1], Change(Queue.READ, State.WAITING, due=0))
        case "gone":
            await spool.change(others[1], ENDED)
            assert await spool.purge(NOW + HOUR) == 1
        case _:  # a row is no other of itself
            changes.append((row, JOINED))
    before = await spool.look()
    whole = Change(Queue.REVIEW, State.WAITING, due=0, body=b"w" * size, names=(key(9),))
    assert not await spool.settle_with(row, whole, changes)
    assert await spool.look() == before
    assert await called(spool, 9) == []
    assert row.seq not in [again.seq for again in await spool.take(Queue.READ, now=NOW, limit=9)]
    assert await spool.settle(row, READ) is not None


async def test_a_row_that_was_given_back_is_not_settled_with_others(spool: Spool) -> None:
    row, others = await segments(spool, 2)
    spool.release(row)
    assert not await spool.settle_with(row, READ, [(other, JOINED) for other in others])
    assert (await spool.counts()).states == {State.WAITING: 2}


async def test_a_mistake_in_one_of_them_leaves_all_as_they_were(spool: Spool) -> None:
    row, others = await segments(spool, 3)
    wrong = Change(Queue.ENDED, State.JOINED, due=None, hour="noon")  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r".") as raised:
        await spool.settle_with(row, READ, [(others[0], JOINED), (others[1], wrong)])
    assert "Spool" not in type(raised.value).__name__
    assert (await spool.counts()).states == {State.WAITING: 3}
    assert await spool.settle_with(row, READ, [(other, JOINED) for other in others])


# ---------------------------------------------------------------- the sum


async def test_what_came_with_rows_and_was_none_is_counted_with_them(spool: Spool) -> None:
    stored = await spool.put([new()], turned_away=2)
    assert await spool.put([], turned_away=1) == []
    counts = await spool.counts()
    assert (len(stored), counts.accepted, counts.turned_away) == (1, 1, 3)


async def test_what_stands_outside_the_sum_is_counted_apart(spool: Spool) -> None:
    await spool.put([new()])
    await spool.count(turned_away=3)
    await spool.count(repeats=2, turned_away=1)
    counts = await spool.counts()
    assert (counts.accepted, counts.repeats, counts.turned_away, counts.lost) == (1, 2, 4, 0)
    assert await spool.accept_loss() == 0


async def test_a_purge_destroys_what_ended_and_keeps_the_sum(
    spool: Spool, clock: HandClock
) -> None:
    root, deliveries = await assigned(spool, "a", "b")
    for row in deliveries:
        await spool.settle(row, Change(Queue.ENDED, Sent.POSTED, due=None))
    await spool.put([new(), new()])
    clock.at += HOUR
    for row in await spool.take(Queue.INBOX, now=NOW, limit=1):
        await spool.settle(row, ENDED)
    before = await spool.counts()
    assert await spool.purge(NOW) == 0
    assert await spool.purge(NOW + HOUR) == 1
    after = await spool.counts()
    assert after.states == before.states == {State.POSTED: 1, State.DROPPED: 1, State.WAITING: 1}
    assert after.deliveries == {Sent.POSTED: 2}
    assert after.queues == {Queue.ENDED: 1, Queue.INBOX: 1}
    assert await spool.look(id=root.id) == []
    assert await spool.body(root.seq) == b""


async def test_what_was_set_aside_is_not_purged_before_a_person_drops_it(spool: Spool) -> None:
    await spool.put([new()])
    (row,) = await spool.take(Queue.INBOX, now=NOW, limit=1)
    await spool.settle(row, Change(Queue.ENDED, State.QUARANTINED, due=None))
    assert await spool.purge(NOW + DAY) == 0
    (row,) = await spool.look(queue=Queue.ENDED)
    assert await spool.change(row, Change(Queue.ENDED, State.DROPPED, due=row.due))
    assert await spool.purge(NOW + DAY) == 1


async def test_what_arrived_long_ago_is_kept_as_long_after_its_end(
    spool: Spool, clock: HandClock
) -> None:
    await spool.put([new()])
    clock.at += 8 * DAY
    for row in await spool.take(Queue.INBOX, now=clock.at, limit=1):
        await spool.settle(row, ENDED)
    assert await spool.purge(clock.at - 7 * DAY) == 0
    assert await spool.purge(clock.at + 1) == 1


async def test_a_purge_takes_no_more_than_its_limit(spool: Spool) -> None:
    await spool.put([new() for _ in range(5)])
    for row in await spool.take(Queue.INBOX, now=NOW, limit=5):
        await spool.settle(row, ENDED)
    assert [await spool.purge(NOW + 1, limit=3) for _ in range(3)] == [3, 2, 0]


async def test_a_purge_spares_a_submission_with_a_delivery_that_has_not_ended(
    spool: Spool,
) -> None:
    root, (row,) = await assigned(spool, "a")
    dropped = Change(Queue.ENDED, State.DROPPED, due=None)
    (submission,) = [one for one in await spool.look(id=root.id) if one.seq == one.root]
    assert await spool.change(submission, dropped)
    assert await spool.purge(NOW + 1) == 0
    await spool.settle(row, Change(Queue.ENDED, Sent.DROPPED, due=None))
    assert await spool.purge(NOW + 1) == 1


# ---------------------------------------------------------------- the board


async def test_the_board_keeps_one_row_a_name(spool: Spool) -> None:
    await spool.place(Place("page", "works", NOW, NOW, 3, "account", ""))
    await spool.place(Place("folder", "blocked", NOW, why="no route"))
    await spool.place(Place("page", "slow", NOW, NOW, 4, "account", ""))
    assert await spool.board() == [
        Place("folder", "blocked", NOW, why="no route"),
        Place("page", "slow", NOW, NOW, 4, "account", ""),
    ]


async def test_a_mistake_fails_its_own_call_and_changes_nothing(spool: Spool) -> None:
    wrong = NewRow(Queue.INBOX, State.WAITING, b"i", "noon", 0)  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r".") as raised:
        await spool.put([new(), wrong])
    assert "Spool" not in type(raised.value).__name__
    assert (await spool.counts()).accepted == 0
    assert len(await spool.put([new()])) == 1
