"""What every spool promises of envelopes that cross a link, and of the beginnings of bodies."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from relay.model import HOUR, Change, Head, Known, NewRow, Queue, Row, Sent, State, Stored
from relay.spool.memory import MemorySpool
from relay.spool.sqlite import SqliteSpool

DAY = 86400
NOW = 20_255 * DAY + 10 * HOUR
ROAD_DAYS = 14
LARGE = 300 * 1024
Spool = MemorySpool | SqliteSpool
_ids = itertools.count(1)


@dataclass
class HandClock:
    """A clock that somebody sets, and may freeze."""

    at: int = NOW
    frozen: bool = False

    def now(self) -> int:
        return self.at


@dataclass
class Kind:
    """A kind of spool, and how a new process finds it."""

    name: str
    folder: Path
    clock: HandClock
    spool: Spool | None = None

    def again(self) -> Spool:
        """The same spool, as the next process opens it."""
        if self.name == "memory":
            made = self.spool or MemorySpool(self.clock)
            self.spool = made.reopened() if self.spool else made  # type: ignore[union-attr]
            return self.spool
        if self.spool is not None:
            self.spool.close()
        self.spool = SqliteSpool.open(
            self.folder / "data",
            self.folder / "keys" / "seen",
            clock=self.clock,
            min_free_bytes=0,
            ballast_bytes=0,
            on_broken=lambda: None,
            frozen=lambda: self.clock.frozen,
            road_s=ROAD_DAYS * DAY,
        )
        return self.spool


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["memory", "sqlite"])
async def kind(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock
) -> AsyncIterator[Kind]:
    made = Kind(request.param, tmp_path, clock)
    made.again()
    yield made
    assert made.spool is not None
    assert await made.spool.self_check() == []
    made.spool.close()


@pytest.fixture
def spool(kind: Kind) -> Spool:
    assert kind.spool is not None
    return kind.spool


def crossed(body: bytes = b"envelope") -> NewRow:
    id = next(_ids).to_bytes(16, "big")
    return NewRow(Queue.INBOX, State.WAITING, id, NOW, body=body, crossed=True)


def kept(body: bytes, note: bytes = b"") -> NewRow:
    id = next(_ids).to_bytes(16, "big")
    return NewRow(Queue.REVIEW, State.HELD, id, NOW, None, note=note, body=body)


# ---------------------------------------------------------------- ids


async def test_what_crossed_once_is_a_repeat_when_it_comes_again(spool: Spool) -> None:
    row = crossed()
    assert isinstance((await spool.put([row]))[0], Stored)
    assert await spool.put([row]) == [Known()]
    counts = await spool.counts()
    assert (counts.accepted, counts.repeats) == (1, 1)


async def test_an_id_twice_in_one_batch_is_kept_once(spool: Spool) -> None:
    row = crossed()
    first, second = await spool.put([row, row])
    assert isinstance(first, Stored)
    assert isinstance(second, Known)


async def test_what_crossed_is_known_after_a_restart_and_when_its_row_is_purged(kind: Kind) -> None:
    row, spool = crossed(), kind.again()
    await spool.put([row])
    (taken,) = await spool.take(Queue.INBOX, now=NOW, limit=1)
    await spool.settle(taken, Change(Queue.ENDED, State.DROPPED, due=None, body=b""))
    assert await spool.purge(NOW + HOUR) == 1
    assert await kind.again().put([row]) == [Known()]


async def test_an_id_is_known_for_the_road_and_three_days_and_then_forgotten(
    spool: Spool, clock: HandClock
) -> None:
    row = crossed()
    await spool.put([row])
    clock.at = NOW + (ROAD_DAYS + 3) * DAY
    assert await spool.put([row]) == [Known()]
    clock.at = NOW + (ROAD_DAYS + 4) * DAY
    assert isinstance((await spool.put([row]))[0], Stored)


async def test_no_id_is_forgotten_by_a_clock_that_is_not_believed(
    tmp_path: Path, clock: HandClock
) -> None:
    """Of a spool on a disk: the one in memory is never told whether to believe it."""
    row, spool = crossed(), Kind("sqlite", tmp_path, clock).again()
    await spool.put([row])
    clock.at, clock.frozen = NOW + 400 * DAY, True
    assert await spool.put([row]) == [Known()]
    spool.close()


async def test_ids_are_known_as_long_as_ever_when_the_time_is_moved(
    spool: Spool, clock: HandClock
) -> None:
    row = crossed()
    await spool.put([row])
    clock.at += 400 * DAY
    await spool.move(400 * DAY)
    assert await spool.put([row]) == [Known()]


async def test_a_row_that_did_not_cross_is_not_looked_up_by_its_id(spool: Spool) -> None:
    row = replace(crossed(), crossed=False)
    await spool.put([row])
    assert isinstance((await spool.put([row]))[0], Stored)


async def test_a_put_that_was_undone_leaves_no_id_behind(spool: Spool, clock: HandClock) -> None:
    clock.at += DAY  # so that the tables of the day are made, and undone, with it
    row = crossed()
    with pytest.raises(AttributeError):
        await spool.put([row, None])  # type: ignore[list-item]
    assert isinstance((await spool.put([row]))[0], Stored)


# ---------------------------------------------------------------- handed over


async def sealed_to(spool: Spool, *peers: str, body: bytes = b"envelope") -> tuple[int, list[Row]]:
    """An envelope that goes to these exits, and its crossings."""
    id = next(_ids).to_bytes(16, "big")
    then = tuple(NewRow(Queue.OUTBOUND, Sent.WAITING, id, NOW, name=peer) for peer in peers)
    new = NewRow(Queue.ASSIGNED, State.WAITING, id, NOW, None, body=body, then=then)
    (stored,) = await spool.put([new])
    assert isinstance(stored, Stored)
    taken = [(await spool.take(Queue.OUTBOUND, now=NOW, limit=1, name=peer))[0] for peer in peers]
    return stored.seq, taken


async def state(spool: Spool, seq: int) -> tuple[str, bytes]:
    return (await spool.family(seq))[0].state, await spool.body(seq)


def ended(how: Sent) -> Change:
    return Change(Queue.ENDED, how, due=None)


@pytest.mark.parametrize("size", [10, LARGE])
async def test_an_envelope_is_forgotten_in_the_commit_in_which_it_is_handed_over(
    kind: Kind, size: int
) -> None:
    spool = kind.again()
    seq, (crossing,) = await sealed_to(spool, "b", body=bytes(size))
    await spool.settle(crossing, ended(Sent.HANDED))
    assert await state(spool, seq) == (State.HANDED, b"")
    assert await state(kind.again(), seq) == (State.HANDED, b"")
    assert not list(kind.folder.glob("data/bodies/*"))


@pytest.mark.parametrize(
    ("how", "becomes"), [(Sent.EXPIRED, State.EXPIRED), (Sent.REFUSED, State.REFUSED)]
)
async def test_one_that_no_exit_will_ask_for_is_destroyed_too(
    spool: Spool, how: Sent, becomes: State
) -> None:
    seq, (crossing,) = await sealed_to(spool, "b")
    await spool.settle(crossing, ended(how))
    assert await state(spool, seq) == (becomes, b"")


async def test_an_envelope_is_kept_while_another_exit_may_ask_for_it(spool: Spool) -> None:
    seq, (to_b, to_c) = await sealed_to(spool, "b", "c")
    await spool.settle(to_b, ended(Sent.HANDED))
    assert await state(spool, seq) == (State.WAITING, b"envelope")
    spool.release(to_c)
    assert await spool.change_all([(to_c, ended(Sent.REROUTED))])
    assert await state(spool, seq) == (State.HANDED, b"")


async def test_a_message_that_was_posted_is_kept_until_it_is_purged(spool: Spool) -> None:
    new = NewRow(Queue.INBOX, State.WAITING, b"i" * 16, NOW, body=b"message")
    await spool.put([new])
    (row,) = await spool.take(Queue.INBOX, now=NOW, limit=1)
    to = Change(Queue.ASSIGNED, State.WAITING, due=None)
    then = [NewRow(Queue.POST, Sent.WAITING, b"i" * 16, NOW, name="here")]
    await spool.settle(row, to, then=then)
    (delivery,) = await spool.take(Queue.POST, now=NOW, limit=1)
    await spool.settle(delivery, ended(Sent.POSTED))
    assert await state(spool, row.seq) == (State.POSTED, b"message")


# ---------------------------------------------------------------- heads

BODIES = (b"old head, body", b"old head" + bytes(5000), b"old head" + bytes(LARGE))
"""One of a page, one of some pages, and one that is a file."""


async def test_heads_are_read_in_pages_in_order_of_arrival(spool: Spool) -> None:
    await spool.put([kept(body) for body in BODIES] + [kept(b""), kept(b"old")])
    first = await spool.heads(8, limit=3)
    assert [row.body for row in first.rows] == [b"old head"] * 3
    rest = await spool.heads(8, after=first.after or 0, limit=3)
    assert ([row.body for row in rest.rows], rest.after) == ([b"", b"old"], None)


async def test_heads_can_be_read_of_one_queue_only(spool: Spool) -> None:
    await spool.put([crossed(b"in the inbox"), kept(b"kept")])
    found = await spool.heads(6, queue=Queue.INBOX)
    assert [row.body for row in found.rows] == [b"in the"]


async def test_a_head_is_put_anew_and_nothing_else_of_a_body(kind: Kind) -> None:
    spool = kind.again()
    await spool.put([kept(body, b"old note") for body in BODIES])
    rows = (await spool.heads(8)).rows
    changes = [Head(row.seq, "body", b"old head", b"new head") for row in rows]
    changes += [Head(row.seq, "note", b"old", b"new") for row in rows]
    assert await spool.put_heads(changes) == 6
    spool = kind.again()
    assert [await spool.body(row.seq) for row in rows] == [
        body.replace(b"old", b"new") for body in BODIES
    ]
    after = (await spool.heads(8)).rows
    assert [(row.body, row.note, row.rev) for row in after] == [(b"new head", b"new note", 1)] * 3
    wholes = await spool.wholes()
    assert [one.message.body[:8] for one in wholes] == [b"new head"] * 3


async def test_a_head_may_be_put_anew_any_number_of_times(spool: Spool) -> None:
    await spool.put([kept(body) for body in BODIES])
    for was, now in itertools.pairwise([b"old head", b"new head", b"newest h"]):
        seqs = [row.seq for row in (await spool.heads(0)).rows]
        assert await spool.put_heads([Head(seq, "body", was, now) for seq in seqs]) == 3


async def test_what_begins_otherwise_by_now_is_let_be(spool: Spool) -> None:
    await spool.put([kept(body) for body in BODIES] + [kept(b"short")])
    seqs = [row.seq for row in (await spool.heads(0)).rows]
    changes = [Head(seq, "body", b"another!", b"new head") for seq in [*seqs, 99]]
    assert await spool.put_heads(changes) == 0
    assert [row.body for row in (await spool.heads(3)).rows] == [b"old", b"old", b"old", b"sho"]


async def test_the_head_of_a_row_that_somebody_holds_is_let_be(spool: Spool) -> None:
    await spool.put([crossed(b"old head")])
    (row,) = await spool.take(Queue.INBOX, now=NOW, limit=1)
    change = Head(row.seq, "body", b"old head", b"new head")
    assert await spool.put_heads([change]) == 0
    spool.release(row)
    assert await spool.put_heads([change]) == 1


async def test_a_body_that_is_replaced_afterwards_begins_with_its_own_head(spool: Spool) -> None:
    await spool.put([kept(BODIES[2])])
    (row,) = (await spool.heads(0)).rows
    await spool.put_heads([Head(row.seq, "body", b"old head", b"new head")])
    another = b"of one's own" + bytes(LARGE)
    assert await spool.change(row, Change(row.queue, row.state, row.due, body=another))
    assert await spool.body(row.seq) == another


# ---------------------------------------------------------------- what is remembered


async def test_a_value_is_exchanged_only_for_the_one_that_is_there(spool: Spool) -> None:
    await spool.remember("name", b"was")
    assert not await spool.exchange("name", b"another", b"now")
    assert not await spool.exchange("nothing", b"was", b"now")
    assert await spool.exchange("name", b"was", b"now")
    assert await spool.remembered() == {"name": b"now"}
