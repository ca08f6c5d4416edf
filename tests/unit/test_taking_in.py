"""What an entry hands over: a row each, durable together, and one answer whatever is in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from relay.errors import SpoolFull
from relay.model import AFTER, HOUR, NewRow, Queue, Row, State
from relay.node.arrivals import Arrivals
from relay.node.crossing.returning import Returning
from relay.node.crossing.taking import TOO_LATE, Taking
from relay.spool.memory import MemorySpool
from relay.wire.batch import NOTHING, Batch, Carried
from relay.wire.envelope import Inside, look, name_of, seal
from relay.wire.keys import EpochPublic, make_exit_keys

NOW = 1_800_000_000 - 1_800_000_000 % HOUR
ROOM = 1 << 30


@dataclass
class Clock:
    at: int = NOW
    frozen: bool = False

    def now(self) -> int:
        return self.at


def epoch() -> EpochPublic:
    return make_exit_keys(NOW).epochs[0].public


TO = epoch()


def envelope(*, arrival: int = NOW, life_s: int = 14 * 86400) -> bytes:
    inside = Inside("text", "mail", b"a word", "news")
    return seal(inside, [TO], arrival=arrival, expiry=NOW + life_s).envelope


@dataclass
class Exit:
    clock: Clock = field(default_factory=Clock)
    room: int = ROOM
    knocks: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spool = MemorySpool(self.clock)
        self.said: list[bytes] = []
        self.returning = Returning(("entry", "other"), self._say, lambda token: False)
        self.taking = Taking(
            self.spool,
            self.clock,
            self.returning,
            {"tls"},
            {"mail"},
            Arrivals(),
            lambda: self.room,
            lambda: self.clock.frozen,
            lambda link, count: self.knocks.append((link, count)) if count else None,
        )

    async def _say(self, token: bytes, sealed: bytes) -> None:
        self.said.append(token)

    async def takes(
        self, *envelopes: bytes, link: str = "tls", after: bool = False, **more: Any
    ) -> Batch | None:
        carried = tuple(Carried(one, after) for one in envelopes)
        return await self.taking.arrived(link, "entry", Batch(carried, **more))

    async def rows(self, queue: Queue = Queue.INBOX) -> Sequence[Row]:
        return await self.spool.look(queue=queue)

    @property
    def commits(self) -> int:
        return self.spool._store.meta.commits


@pytest.fixture
async def exit_() -> AsyncIterator[Exit]:
    made = Exit()
    yield made
    made.spool.close()


async def test_an_envelope_becomes_a_row_of_the_inbox(exit_: Exit) -> None:
    sealed = envelope(arrival=NOW - 5 * HOUR)
    assert await exit_.takes(sealed) == NOTHING
    [row] = await exit_.rows()
    assert (row.id, row.state, row.note) == (name_of(sealed), State.WAITING, b"")
    assert row.hour == NOW - 5 * HOUR  # when it came to the entry
    assert await exit_.spool.body(row.seq) == sealed


async def test_nothing_of_a_row_says_by_which_entry_it_came(exit_: Exit) -> None:
    await exit_.takes(envelope())
    [row] = await exit_.rows()
    assert (row.name, row.why, row.note) == ("", "", b"")


async def test_what_another_exit_may_have_carries_a_note(exit_: Exit) -> None:
    await exit_.takes(envelope(), after=True)
    [row] = await exit_.rows()
    assert row.note == AFTER


async def test_what_comes_again_is_a_repeat_and_is_answered_as_before(exit_: Exit) -> None:
    sealed = envelope()
    first = await exit_.takes(sealed)
    assert await exit_.takes(sealed) == first
    assert await exit_.takes(sealed, sealed, link="mail") == NOTHING
    counts = await exit_.spool.counts()
    assert (counts.accepted, counts.repeats, counts.turned_away) == (1, 3, 0)


async def test_what_comes_under_the_id_of_another_takes_nobodys_place(exit_: Exit) -> None:
    good = envelope()
    false = good[:-1] + bytes([good[-1] ^ 1])  # whoever carries it can read its id, and make this
    assert look(false).id == look(good).id
    assert await exit_.takes(false, good) == NOTHING
    assert [row.id for row in await exit_.rows()] == [name_of(false), name_of(good)]


async def test_what_comes_too_late_ends_at_once_as_expired(exit_: Exit) -> None:
    assert await exit_.takes(envelope(life_s=-HOUR)) == NOTHING
    assert not await exit_.rows()
    [row] = await exit_.rows(Queue.ENDED)
    assert (row.state, row.why, row.due) == (State.EXPIRED, TOO_LATE, NOW)
    assert await exit_.spool.body(row.seq) == b""
    assert await exit_.spool.purge(NOW + HOUR) == 1


async def test_nothing_expires_while_the_clock_is_in_doubt(exit_: Exit) -> None:
    exit_.clock.frozen = True
    await exit_.takes(envelope(life_s=-HOUR))
    [row] = await exit_.rows()
    assert row.state == State.WAITING


async def test_an_entry_whose_clock_is_ahead_gives_no_hour_to_come(exit_: Exit) -> None:
    await exit_.takes(envelope(arrival=NOW + 90 * HOUR))
    [row] = await exit_.rows()
    assert row.hour == NOW


@pytest.mark.parametrize("link", ["tls", "mail", "a stick"])
async def test_what_is_no_envelope_is_counted_and_kept_from_nobody(link: str, exit_: Exit) -> None:
    good = envelope()
    answer = await exit_.takes(good[:-1], b"", b"OUTW" * 1000, good, link=link)
    assert answer is not None
    assert len(await exit_.rows()) == 1
    assert (await exit_.spool.counts()).turned_away == 3
    assert exit_.knocks == [(link, 3)]


async def test_a_batch_costs_one_commit_whatever_is_in_it(exit_: Exit) -> None:
    good = envelope()
    altered = good[:-1] + bytes([good[-1] ^ 1])
    for some in ([good], [good], [good[:100]], [altered, good, b"", envelope(life_s=-HOUR)]):
        before = exit_.commits
        assert await exit_.takes(*some) == NOTHING
        assert exit_.commits == before + 1


async def test_an_entry_that_only_asks_costs_none(exit_: Exit) -> None:
    before = exit_.commits
    assert await exit_.takes(heard=(b"n" * 16,), serial=3) == NOTHING
    assert exit_.commits == before


# ---------------------------------------------------------------- room


class FullSpool(MemorySpool):
    full = True

    async def put(self, rows: Sequence[NewRow], *, turned_away: int = 0) -> Any:
        if self.full:
            raise SpoolFull
        return await super().put(rows, turned_away=turned_away)


async def test_on_a_full_disk_nothing_is_taken_and_nothing_counted(exit_: Exit) -> None:
    spool = exit_.taking._spool = FullSpool(exit_.clock)
    answered = Batch((Carried(envelope()), Carried(b"")), heard=(b"n" * 16,), serial=7)
    assert await exit_.taking.arrived("mail", "entry", answered) is None
    assert exit_.returning.waiting("mail", "entry") == 0
    assert (await spool.counts()).turned_away == 0
    assert exit_.knocks == []
    spool.full = False
    assert await exit_.taking.arrived("mail", "entry", answered) == NOTHING
    assert exit_.returning.waiting("mail", "entry") == 1


async def test_one_entry_takes_a_quarter_of_the_room_and_leaves_the_rest_to_others(
    exit_: Exit,
) -> None:
    exit_.room = 4 * 3 * len(envelope())
    taken = [await exit_.takes(envelope()) for _ in range(5)]
    assert taken == [NOTHING] * 3 + [None] * 2
    other = Batch((Carried(envelope()),))
    assert await exit_.taking.arrived("tls", "other", other) == NOTHING
    exit_.clock.at += 2 * 86400
    assert await exit_.takes(envelope()) == NOTHING


async def test_what_is_repeated_takes_no_room(exit_: Exit) -> None:
    sealed = envelope()
    exit_.room = 4 * 2 * len(sealed)
    assert [await exit_.takes(sealed) for _ in range(10)] == [NOTHING] * 10


# ---------------------------------------------------------------- what goes back


async def test_over_a_link_that_answers_nothing_all_is_told_later(exit_: Exit) -> None:
    good, late, altered = envelope(), envelope(life_s=-HOUR), bytearray(envelope())
    altered[-1] ^= 1
    assert await exit_.takes(good, late, bytes(altered), b"junk", link="mail") == NOTHING
    told = exit_.returning.by_itself("mail", "entry")
    assert told.durable == tuple(look(bytes(one)).id for one in (good, late, altered))


async def test_a_stick_takes_the_ids_of_what_is_durable_back_with_it(exit_: Exit) -> None:
    good = envelope()
    for _ in range(2):  # also where it came before
        assert await exit_.takes(good, link="a stick") == Batch(durable=(look(good).id,))
    assert exit_.returning.waiting("mail", "entry") == 0


async def test_answers_ride_in_what_goes_back_until_they_were_heard(exit_: Exit) -> None:
    await exit_.returning.answer(b"k" * 578, b"sealed")
    for _ in range(2):
        answer = await exit_.takes(envelope())
        assert answer is not None
    [returned] = answer.answers
    assert (returned.token, returned.sealed) == (b"k" * 578, b"sealed")
    assert await exit_.takes(heard=(returned.name,)) == NOTHING
