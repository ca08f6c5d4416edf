"""Big bodies are files: whole before their row, gone after its end, and missed when they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from spool_parts import NOW, Disk, deliveries, new

from relay.errors import Damaged
from relay.model import Change, NewRow, Queue, Sent, State, Stored
from relay.spool.bodies import FILE_OVER
from relay.spool.sqlite import SqliteSpool

BIG = b"sealed" * (FILE_OVER // 6 + 1)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def files(disk: Disk) -> list[Path]:
    return sorted((disk.folder / "bodies").iterdir())


async def test_only_what_is_over_the_limit_is_a_file(disk: Disk) -> None:
    with disk.spool() as spool:
        await spool.put([new(b"x" * FILE_OVER)])
        assert files(disk) == []
        await spool.put([new(b"x" * (FILE_OVER + 1))])
        assert len(files(disk)) == 1


async def test_a_repeat_leaves_no_file(disk: Disk) -> None:
    with disk.spool() as spool:
        await spool.put([new(BIG, keys=(b"k",)), new(BIG, keys=(b"k",))])
        await spool.put([new(BIG, keys=(b"k",))])
        await spool.counts()
        assert len(files(disk)) == 1


async def test_a_put_that_failed_leaves_no_file(disk: Disk) -> None:
    wrong = NewRow(Queue.INBOX, State.WAITING, b"i", "noon", 0)  # type: ignore[arg-type]
    with disk.spool() as spool:
        with pytest.raises(Exception, match="hour"):
            await spool.put([new(BIG), wrong])
        assert files(disk) == []


async def test_a_file_goes_when_the_body_is_destroyed_or_changed(disk: Disk) -> None:
    with disk.spool() as spool:
        await spool.put([new(BIG)])
        (row,) = await spool.take(Queue.INBOX, now=NOW, limit=1)
        first = files(disk)
        row = await spool.settle(
            row, Change(Queue.READ, State.WAITING, 0, body=BIG + b"2"), keep=True
        )
        assert row is not None
        await spool.counts()
        assert len(files(disk)) == 1 and files(disk) != first
        await spool.settle(row, Change(Queue.ENDED, State.DROPPED, None, body=b""))
        await spool.counts()
        assert files(disk) == []


async def test_a_settle_that_came_late_leaves_no_file(disk: Disk) -> None:
    with disk.spool() as spool:
        await spool.put([new(b"small")])
        (row,) = await spool.take(Queue.INBOX, now=NOW, limit=1)
        spool.release(row)
        assert await spool.settle(row, Change(Queue.READ, State.WAITING, 0, body=BIG)) is None
        await spool.counts()
        assert files(disk) == []


async def test_a_purge_removes_the_files(disk: Disk) -> None:
    with disk.spool() as spool:
        await spool.put([new(BIG), new(BIG)])
        rows = await spool.take(Queue.INBOX, now=NOW, limit=2)
        await spool.settle(rows[0], Change(Queue.ENDED, State.DROPPED, due=None))
        assert await spool.purge(NOW + 1) == 1
        await spool.counts()
        assert len(files(disk)) == 1


def test_a_file_without_a_row_goes_when_it_is_an_hour_old(disk: Disk) -> None:
    async def put(spool: SqliteSpool) -> None:
        await spool.put([new(BIG)])

    disk.run(put)
    (kept,) = files(disk)
    for name, age_s in (("a" * 32, 3700), ("b" * 32 + ".tmp", 3700), ("c" * 32, 3500)):
        path = kept.with_name(name)
        path.write_bytes(b"orphan")
        os.utime(path, (NOW - age_s, NOW - age_s))
    os.utime(kept, (0, 0))
    with disk.spool():
        pass
    assert files(disk) == sorted([kept, kept.with_name("c" * 32)])


def test_strange_things_among_the_files_stop_nothing(disk: Disk) -> None:
    with disk.spool():
        pass
    bodies = disk.folder / "bodies"
    os.mkfifo(bodies / "fifo")
    (bodies / "link").symlink_to("/etc/passwd")
    (bodies / "folder").mkdir()
    with disk.spool():
        pass
    assert {path.name for path in files(disk)} == {"fifo", "link", "folder"}


@pytest.mark.parametrize("how", ["gone", "link", "fifo", "folder"])
async def test_a_row_without_its_file_is_quarantined(disk: Disk, how: str) -> None:
    with disk.spool() as spool:
        stored, whole = await spool.put([new(BIG), new(b"small")])
        assert isinstance(stored, Stored) and isinstance(whole, Stored)
        (file,) = files(disk)
        file.unlink()
        if how == "link":
            file.symlink_to("/etc/hostname")
        elif how == "fifo":
            os.mkfifo(file)
        elif how == "folder":
            file.mkdir()
        with pytest.raises(Damaged):
            await spool.body(stored.seq)
        (row,) = await spool.take(Queue.INBOX, now=NOW, limit=9)
        assert row.seq == whole.seq
        (missing,) = await spool.look(queue=Queue.ENDED)
        assert (missing.seq, missing.state, missing.why) == (
            stored.seq,
            State.QUARANTINED,
            "body missing",
        )
        assert (await spool.counts()).states == {State.WAITING: 1, State.QUARANTINED: 1}
        assert disk.broken == []


async def test_a_delivery_without_its_file_waits_for_a_person(disk: Disk) -> None:
    with disk.spool() as spool:
        (row,) = await deliveries(spool, "a")
        await spool.settle(row, Change(Queue.POST, Sent.PREPARED, due=0, body=BIG))
        for file in files(disk):
            file.unlink()
        assert await spool.take(Queue.POST, now=NOW, limit=1) == []
        (held,) = await spool.look(queue=Queue.POST)
        assert (held.state, held.why) == (Sent.HELD, "body missing")
        assert (await spool.counts()).states == {State.HELD: 1}
