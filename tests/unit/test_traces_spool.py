"""What is left of a message when its time is over: a count, and nothing in any file."""

from __future__ import annotations

import io
import os
from pathlib import Path

import trio
from spool_parts import NOW, Disk, HandClock
from trio.testing import MockClock

from relay.journal import Journal
from relay.model import HOUR, Change, NewRow, Queue, State
from relay.node.purging import LOOK_S, SAY_S, Purging
from relay.ports import Spool
from relay.spool.bodies import FILE_OVER
from relay.spool.memory import MemorySpool

KEEP_S = 7 * 86400
MARK = b"qzmarkervkj"
ID = bytes(16)


def purging(spool: Spool, clock: HandClock, said: io.StringIO) -> Purging:
    return Purging(spool, clock, KEEP_S, Journal("core", said), lambda: None)


async def ended(spool: Spool, *bodies: bytes, state: State = State.POSTED) -> None:
    """Messages with these bodies, that have ended now."""
    await spool.put([NewRow(Queue.READ, State.WAITING, ID, NOW, body=body) for body in bodies])
    for row in await spool.take(Queue.READ, now=NOW, limit=100):
        assert await spool.settle(row, Change(Queue.ENDED, state, due=None))


def left_of(folder: Path) -> list[str]:
    """The files in which something of a mark stands."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if MARK in path.read_bytes()]


async def test_nothing_of_what_was_purged_is_in_any_file(tmp_path: Path) -> None:
    clock, said = HandClock(), io.StringIO()
    with Disk(tmp_path, clock).spool() as spool:
        await ended(spool, MARK * 4, MARK * 400, MARK * (FILE_OVER // 8))
        await spool.scrub()
        assert {*left_of(tmp_path)} & {"spool.sqlite"}  # so it would be found
        assert len(left_of(tmp_path)) == 2  # and the large one is a file
        clock.at += KEEP_S + 2 * HOUR
        await purging(spool, clock, said).purge()
        assert left_of(tmp_path) == []
        assert (await spool.counts()).states == {State.POSTED: 3}
    assert left_of(tmp_path) == []


async def test_what_is_set_aside_waits_for_a_person_however_old_it_is() -> None:
    clock = HandClock()
    spool = MemorySpool(clock)
    await ended(spool, b"damaged", state=State.QUARANTINED)
    clock.at += 100 * KEEP_S
    await purging(spool, clock, io.StringIO()).purge()
    assert len(await spool.look(queue=Queue.ENDED)) == 1


async def test_that_something_expired_is_told_with_a_count_and_not_by_the_minute(
    autojump_clock: MockClock,
) -> None:
    clock, said = HandClock(), io.StringIO()
    spool = MemorySpool(clock)
    await ended(spool, b"one", b"two", b"three")
    clock.at += KEEP_S + 2 * HOUR
    purges = purging(spool, clock, said)
    with trio.move_on_after(LOOK_S * 2):
        await purges.run()
    assert purges.count == 3
    assert said.getvalue() == ""
    with trio.move_on_after(SAY_S * 3):
        purges._said = 0
        await purges.run()
    assert said.getvalue() == "relay: 3 that had ended long enough ago were destroyed\n"


def on_the_hour(*instants_ns: int) -> bool:
    """Whether all of these are whole hours."""
    return all(at % (HOUR * 10**9) == 0 for at in instants_ns)


def test_what_lies_on_the_disk_shows_the_hour_and_no_more(tmp_path: Path) -> None:
    disk = Disk(tmp_path)

    async def keeps(spool: Spool) -> None:
        large = bytes(FILE_OVER + 1)
        await spool.put([NewRow(Queue.INBOX, State.WAITING, ID, NOW, body=large)] * 2)
        row, _ = await spool.take(Queue.INBOX, now=NOW, limit=2)
        await spool.settle(row, Change(Queue.ENDED, State.DROPPED, due=None, body=b""))

    disk.run(keeps)
    folder = disk.folder / "bodies"
    changed = [os.stat(path).st_mtime_ns for path in (folder, disk.seen)]
    [body] = folder.iterdir()
    shown = os.stat(body)
    assert on_the_hour(*changed, shown.st_mtime_ns, shown.st_atime_ns)
