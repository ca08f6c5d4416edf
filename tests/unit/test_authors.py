"""Who wrote what is known for two days, in memory, and to nobody who takes the disk."""

from __future__ import annotations

from pathlib import Path

from obey_parts import CODE, KEYS, ONE, OTHER, START, Exit, Hands, an_exit
from spool_parts import Disk
from trio.testing import MockClock

from relay.exit.authors import MOST_OF_ONE, Authors
from relay.model import Queue, Row, State, hour_of
from relay.rules.words import say
from relay.wire.names import DAY_S

UNKNOWN = say("unknown", "en")
WAITS = say("waits", "en")


def row(seq: int, at: int = START) -> Row:
    return Row(seq, seq, 1, Queue.REVIEW, State.HELD, bytes(16), hour_of(at), None, "news", "")


def test_what_somebody_wrote_is_found_by_either_tag_and_by_its_code() -> None:
    authors = Authors(Hands())
    authors.wrote(row(2), (b"monday", b"sunday"), CODE)
    authors.wrote(row(1), (b"monday", b"sunday"))
    authors.wrote(row(3), (b"another",), CODE)
    assert authors.of((b"tuesday", b"monday")) == [1, 2]
    assert authors.of_code((b"tuesday", b"monday"), CODE) == [2]
    assert authors.of_code((b"monday",), "99990000") == []
    assert authors.of(()) == authors.of_code((), CODE) == []
    assert [authors.is_called(row(seq)) for seq in (1, 2, 3, 4)] == [False, True, True, False]


def test_after_two_days_nobody_is_told_apart_and_nothing_is_remembered() -> None:
    clock = Hands()
    authors = Authors(clock)
    authors.wrote(row(1), ONE.tags, CODE)
    clock.at += DAY_S
    assert authors.is_told_apart(row(1))
    assert authors.of(ONE.tags) == [1]
    clock.at += DAY_S
    assert not authors.is_told_apart(row(1))
    assert authors.of(ONE.tags) == []
    assert len(authors) == 0


def test_what_came_before_this_run_or_by_a_clock_that_was_ahead_is_not_told_apart() -> None:
    clock = Hands()
    authors = Authors(clock)
    authors.begin(earlier=7)
    for one in (row(7), row(8), row(9, START + 9 * DAY_S)):
        authors.wrote(one, ONE.tags)
    assert not authors.is_told_apart(row(7))
    assert authors.is_told_apart(row(8))
    assert not authors.is_told_apart(row(9, START + 9 * DAY_S))
    assert not authors.is_told_apart(row(10))


def test_a_flood_pushes_out_what_is_oldest_and_takes_no_more_memory() -> None:
    authors = Authors(Hands(), most=10)
    for seq in range(1, 100):
        authors.wrote(row(seq), (b"%d" % seq,), CODE)
    assert len(authors) == 10
    assert len(authors._seqs) == 20
    assert authors.of((b"89",)) == [] and authors.of((b"90",)) == [90]


def test_of_one_who_writes_without_end_the_newest_are_known_and_all_are_forgotten() -> None:
    clock = Hands()
    authors = Authors(clock)
    for seq in range(1, MOST_OF_ONE + 3):
        authors.wrote(row(seq), ONE.tags, CODE)
    authors.wrote(row(1), ONE.tags)
    assert len(authors.of(ONE.tags)) == MOST_OF_ONE
    assert authors.of_code(ONE.tags, CODE)[-1] == MOST_OF_ONE + 2
    clock.at += 2 * DAY_S
    assert authors.of(ONE.tags) == []
    assert authors._seqs == {}


async def test_when_the_clock_was_ahead_and_was_put_right_the_code_is_enough(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    async with at.running():
        at.clock.at += 40 * DAY_S
        await at.message(code=CODE)
        at.clock.at -= 40 * DAY_S
        await at.command("status", CODE, by=OTHER)
        await at.all_done()
    assert at.said == [WAITS]


def test_a_thief_of_the_disk_cannot_tell_that_one_person_wrote_two_messages(
    tmp_path: Path,
) -> None:
    disk = Disk(tmp_path)

    async def write(spool: object) -> list[tuple[bytes, int]]:
        at = Exit(spool, disk.clock, KEYS)  # type: ignore[arg-type]
        await at.message("one", code=CODE)
        await at.message("two", code="55512900")
        await at.message("three")
        await at.message("four", by=OTHER)
        store = spool._worker._store  # type: ignore[attr-defined]
        return store.connection.execute("SELECT name, seq FROM named").fetchall()  # type: ignore[no-any-return]

    named = disk.run(write)
    assert len(named) == 2
    assert len({name for name, _ in named}) == len({seq for _, seq in named}) == 2
