"""What persons wrote about a message lies beside it; and who keeps a picture hears what changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from spool_parts import NOW, Disk, HandClock

from relay.model import HOUR, Change, Kept, NewRow, Queue, Row, Sent, State
from relay.ports import Spool
from relay.spool.feed import Feed
from relay.spool.memory import MemorySpool

HELD = Change(Queue.REVIEW, State.HELD, due=None)
DROPPED = Change(Queue.ENDED, State.DROPPED, due=None)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["sqlite", "memory"])
def spool(request: pytest.FixtureRequest, clock: HandClock, tmp_path: Path) -> Iterator[Spool]:
    if request.param == "memory":
        yield MemorySpool(clock)
        return
    with Disk(tmp_path, clock).spool() as opened:
        yield opened


def id_of(n: int) -> bytes:
    return n.to_bytes(16, "big")


def a_sheet(n: int, body: bytes = b"sealed") -> NewRow:
    return NewRow(Queue.SHEET, Kept.SEALED, id_of(n), NOW, due=None, body=body)


async def held(spool: Spool, *numbers: int) -> list[Row]:
    await spool.put(
        [NewRow(Queue.REVIEW, State.HELD, id_of(n), NOW, None, body=b"record") for n in numbers]
    )
    return list(await spool.look(queue=Queue.REVIEW))


async def test_a_sheet_is_no_delivery_and_in_no_sum(spool: Spool) -> None:
    [row] = await held(spool, 1)
    assert await spool.change_all([], sheets=[(row.seq, a_sheet(1))])
    assert (await spool.counts()).states == {State.HELD: 1}
    assert (await spool.counts()).deliveries == {}
    assert await spool.family(row.seq) == [row]
    assert await spool.originals(row.seq) == []
    sheet = await spool.sheet(row.seq)
    assert sheet is not None and sheet.body == b"sealed"
    assert await spool.take(Queue.SHEET, now=NOW + 100 * HOUR, limit=1) == []
    assert await spool.self_check() == []  # type: ignore[attr-defined]


async def test_of_two_first_sheets_of_a_message_one_is_kept_and_the_other_changes_nothing(
    spool: Spool,
) -> None:
    [row] = await held(spool, 1)
    assert await spool.change_all([], sheets=[(row.seq, a_sheet(1))])
    assert not await spool.change_all([(row, DROPPED)], sheets=[(row.seq, a_sheet(1, b"other"))])
    assert not await spool.change_all([], sheets=[(row.seq + 99, a_sheet(1))])
    assert await spool.look(queue=Queue.REVIEW) == [row]


async def test_messages_and_their_sheets_change_together_or_not_at_all(spool: Spool) -> None:
    first, second = await held(spool, 1, 2)
    stale = Change(Queue.REVIEW, State.HELD, due=None, why="changed meanwhile")
    assert await spool.change(second, stale)
    [_, anew] = await spool.look(queue=Queue.REVIEW)
    both = [(first, DROPPED), (second, DROPPED)]
    assert not await spool.change_all(both, sheets=[(first.seq, a_sheet(1))])
    assert await spool.sheet(first.seq) is None
    assert await spool.change_all(
        [(first, DROPPED), (anew, DROPPED)], sheets=[(first.seq, a_sheet(1))]
    )
    assert await spool.sheet(first.seq) is not None
    assert (await spool.counts()).states == {State.DROPPED: 2}


async def test_a_sheet_is_purged_with_its_message(spool: Spool, clock: HandClock) -> None:
    [row] = await held(spool, 1)
    assert await spool.change_all([(row, DROPPED)], sheets=[(row.seq, a_sheet(1))])
    assert await spool.purge(clock.now() + 2 * HOUR) == 1
    assert await spool.sheet(row.seq) is None
    assert await spool.look() == []
    assert (await spool.counts()).states == {State.DROPPED: 1}
    assert (await spool.counts()).deliveries == {}


async def test_a_message_is_seen_whole_with_its_deliveries_and_its_sheet(spool: Spool) -> None:
    first, second = await held(spool, 1, 2)
    delivery = NewRow(Queue.POST, Sent.WAITING, id_of(1), NOW, name="page")
    assigned = Change(Queue.ASSIGNED, State.WAITING, due=None)
    assert await spool.change(first, assigned, then=[delivery])
    assert await spool.change_all([], sheets=[(first.seq, a_sheet(1))])
    one, other = await spool.wholes()
    assert (one.message.seq, one.message.body) == (first.seq, b"record")
    assert [row.name for row in one.deliveries] == ["page"]
    assert one.sheet is not None and one.sheet.body == b"sealed"
    assert (other.deliveries, other.sheet) == ((), None)
    assert await spool.wholes(after=first.seq) == [other]
    assert await spool.wholes(among=[second.seq, one.deliveries[0].seq]) == [other]
    assert await spool.wholes(after=second.seq) == []


async def test_of_large_messages_few_are_seen_at_once(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.spool.reading.TAKEN_BYTES", 10)
    await held(spool, 1, 2, 3)
    assert len(await spool.wholes()) == 2


async def test_messages_are_found_by_their_ids_a_piece_of_the_spool_at_a_time(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.spool.reading.LOOKED_THROUGH", 2)
    rows = await held(spool, 1, 2, 3, 4, 5)
    wanted, found, after, looks = [id_of(2), id_of(5), id_of(9)], {}, 0, 0
    while looks == 0 or after:
        some, after = await spool.seqs_of(wanted, after=after)
        found |= some
        looks += 1
    assert found == {id_of(2): rows[1].seq, id_of(5): rows[4].seq}
    assert looks == 3


# ---------------------------------------------------------------- what has changed


async def test_whoever_asks_hears_which_messages_changed_since(
    spool: Spool, clock: HandClock
) -> None:
    first, second = await held(spool, 1, 2)
    at = (await spool.changes(-1)).at
    assert (await spool.changes(at)).roots == ()
    assert await spool.change_all([], sheets=[(second.seq, a_sheet(2))])
    heard = await spool.changes(at)
    assert heard.roots == (second.seq,)
    delivery = NewRow(Queue.POST, Sent.WAITING, id_of(1), NOW, name="page")
    assigned = Change(Queue.ASSIGNED, State.WAITING, due=None)
    assert await spool.change(first, assigned, then=[delivery])
    [row] = await spool.look(queue=Queue.POST)
    heard = await spool.changes(heard.at)
    assert heard.roots == (first.seq,)
    assert await spool.change(row, Change(Queue.ENDED, Sent.POSTED, due=None))
    assert (await spool.changes(heard.at)).roots == (first.seq,)
    assert (await spool.changes(at)).roots == (second.seq, first.seq)


async def test_what_comes_and_what_is_purged_has_changed(spool: Spool, clock: HandClock) -> None:
    at = (await spool.changes(-1)).at
    [row] = await held(spool, 1)
    heard = await spool.changes(at)
    assert heard.roots == (row.seq,)
    assert await spool.change(row, DROPPED)
    await spool.purge(clock.now() + 2 * HOUR)
    assert (await spool.changes(heard.at)).roots == (row.seq,)


async def test_what_was_not_committed_has_not_changed(spool: Spool) -> None:
    first, second = await held(spool, 1, 2)
    assert await spool.change(second, HELD)
    at = (await spool.changes(-1)).at
    assert not await spool.change_all([(first, DROPPED), (second, DROPPED)])
    assert (await spool.changes(at)).roots == ()


def test_when_too_much_has_changed_nobody_is_told_what() -> None:
    feed = Feed(most=2)
    at = feed.since(-1).at
    feed.add([1, 2])
    later = feed.since(at)
    assert later.roots == (1, 2)
    feed.add([3])
    assert feed.since(at).all
    assert feed.since(later.at).roots == (3,)


def test_who_asks_from_another_run_is_told_that_nobody_knows() -> None:
    feed = Feed()
    assert feed.since(-1).all
    assert feed.since(7).all
