"""What a new process finds on the disk."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
import trio
from spool_parts import NOW, Disk, deliveries, new

from relay.errors import Busy, SpoolBroken
from relay.model import FIRST, Change, Known, Place, Queue, Sent, State
from relay.spool.opening import VERSION, ForeignSpool, NewerSpool
from relay.spool.sqlite import SqliteSpool


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def test_everything_is_there_again(disk: Disk) -> None:
    async def fill(spool: SqliteSpool) -> object:
        await spool.put([new(b"a" * 300_000, keys=(b"k" * 16,)), new(b"b", queue=Queue.READ)])
        await spool.put([new(queue=Queue.REVIEW, state=State.HELD, due=None, name="news")])
        await spool.place(Place("page", "works", NOW, NOW, 1, "account"))
        await spool.count(repeats=1, turned_away=2)
        for row in await spool.take(Queue.READ, now=NOW, limit=1):
            await spool.settle(row, Change(Queue.ENDED, State.DROPPED, due=None))
        await spool.purge(NOW + 1)
        return await everything(spool)

    async def everything(spool: SqliteSpool) -> object:
        rows = [
            (row.seq, row.rev, row.queue, row.state, row.due, row.name, await spool.body(row.seq))
            for row in await spool.look()
        ]
        return rows, await spool.counts(), await spool.board()

    before = disk.run(fill)
    assert len(before[0]) == 2 and before[1].accepted == 3
    assert disk.run(everything) == before

    async def repeat(spool: SqliteSpool) -> object:
        return await spool.put([new(keys=(b"k" * 16,))])

    assert disk.run(repeat) == [Known()]


def test_a_seq_is_never_used_twice(disk: Disk) -> None:
    async def come_and_go(spool: SqliteSpool) -> int:
        (stored,) = await spool.put([new()])
        for row in await spool.take(Queue.INBOX, now=NOW, limit=1):
            await spool.settle(row, Change(Queue.ENDED, State.DROPPED, due=None))
        assert await spool.purge(NOW + 1) == 1
        return stored.seq

    assert disk.run(come_and_go) < disk.run(come_and_go) < disk.run(come_and_go)


def test_leases_end_with_the_process(disk: Disk) -> None:
    async def take(spool: SqliteSpool) -> int:
        return len(await spool.take(Queue.INBOX, now=NOW, limit=9))

    async def put_and_take(spool: SqliteSpool) -> int:
        await spool.put([new(), new()])
        return await take(spool)

    assert disk.run(put_and_take) == 2
    assert disk.run(take) == 2


def test_names_are_there_again_and_rows_that_were_joined_stay_so(disk: Disk) -> None:
    joined = Change(Queue.ENDED, State.JOINED, due=None, body=b"")

    async def join(spool: SqliteSpool) -> None:
        await spool.put([new(names=(b"n" * 16,)), new(names=(b"n" * 16,))])
        [row] = await spool.take(Queue.INBOX, now=NOW, limit=1)
        others = [other for other in await spool.named(b"n" * 16) if other.seq != row.seq]
        to = Change(Queue.REVIEW, State.WAITING, due=0, body=b"x" * 300_000, names=(b"m" * 16,))
        assert await spool.settle_with(row, to, [(other, joined) for other in others])

    async def found(spool: SqliteSpool) -> object:
        whole, other = await spool.named(b"n" * 16)
        assert [one.seq for one in await spool.named(b"m" * 16)] == [whole.seq]
        assert len(await spool.body(whole.seq)) == 300_000
        return whole.state, other.state

    disk.run(join)
    assert disk.run(found) == (State.WAITING, State.JOINED)
    assert len(list((disk.folder / "bodies").iterdir())) == 1


def test_an_attempt_that_was_under_way_is_unsure_and_nothing_else_is(disk: Disk) -> None:
    async def send(spool: SqliteSpool) -> None:
        sending, prepared, held, _ = await deliveries(spool, "a", "b", "c", "d")
        await spool.settle(sending, Change(Queue.POST, Sent.SENDING, due=None), keep=True)
        await spool.settle(prepared, Change(Queue.POST, Sent.PREPARED, due=NOW + 9))
        await spool.settle(held, Change(Queue.POST, Sent.HELD, due=None))

    async def seen(spool: SqliteSpool) -> object:
        assert (await spool.counts()).states == {State.WAITING: 1}
        assert await spool.self_check() == []
        return [(row.name, row.state, row.due) for row in await spool.look(queue=Queue.POST)]

    disk.run(send)
    disk.clock.at += 100
    assert disk.run(seen) == [
        ("a", Sent.UNSURE, FIRST),
        ("b", Sent.PREPARED, NOW + 9),
        ("c", Sent.HELD, None),
        ("d", Sent.WAITING, 0),
    ]


def test_only_we_may_read_the_files(disk: Disk) -> None:
    async def put(spool: SqliteSpool) -> None:
        await spool.put([new(b"x" * 300_000)])
        for path in (disk.folder, *disk.folder.rglob("*"), disk.seen):
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode == (0o700 if path.is_dir() else 0o600), path.name

    disk.run(put, ballast_bytes=1000)


def test_a_body_file_tells_no_more_than_the_hour(disk: Disk) -> None:
    disk.clock.at = NOW + 1234

    async def put(spool: SqliteSpool) -> None:
        await spool.put([new(b"x" * 300_000)])
        (file,) = (disk.folder / "bodies").iterdir()
        assert file.stat().st_mtime == NOW

    disk.run(put)


def test_nobody_else_looks_into_a_live_database(disk: Disk) -> None:
    async def look(spool: SqliteSpool) -> None:
        other = sqlite3.connect(disk.database, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("SELECT count(*) FROM row")
        other.close()
        await spool.put([new()])
        assert (await spool.counts()).accepted == 1
        assert not disk.database.with_name("spool.sqlite-shm").exists()

    disk.run(look)


def test_two_spools_on_one_folder_are_refused(disk: Disk) -> None:
    with disk.spool(), pytest.raises(Busy), disk.spool():
        pass


def test_after_the_end_every_call_says_so(disk: Disk) -> None:
    with disk.spool() as spool:
        pass
    told: list[object] = []
    spool.put_soon([new()], told.append)
    assert isinstance(told[0], SpoolBroken)
    with pytest.raises(SpoolBroken):
        trio.run(spool.counts)
    spool.close()  # twice is as good as once


def test_a_stop_leaves_no_log_behind(disk: Disk) -> None:
    async def put(spool: SqliteSpool) -> None:
        await spool.put([new()])

    disk.run(put)
    assert sorted(path.name for path in disk.folder.iterdir()) == [
        "ballast",
        "bodies",
        "spool.sqlite",
    ]


# ---------------------------------------------------------------- not ours


def _set_header(path: Path, *, application: int | None = None, version: int) -> None:
    with path.open("r+b") as file:
        file.seek(60)
        file.write(version.to_bytes(4, "big"))
        if application is not None:
            file.seek(68)
            file.write(application.to_bytes(4, "big"))


@pytest.mark.parametrize("version", [VERSION + 1, 1000])
def test_a_newer_version_is_refused_before_it_is_touched(disk: Disk, version: int) -> None:
    with disk.spool():
        pass
    _set_header(disk.database, version=version)
    before = {path: path.read_bytes() for path in disk.root.rglob("*") if path.is_file()}
    with pytest.raises(NewerSpool, match="newer version"), disk.spool():
        pass
    assert {p: p.read_bytes() for p in disk.root.rglob("*") if p.is_file()} == before


def test_a_database_of_somebody_else_is_refused(disk: Disk) -> None:
    disk.folder.mkdir()
    other = sqlite3.connect(disk.database)
    other.execute("CREATE TABLE row (seq)")
    other.close()
    before = disk.database.read_bytes()
    with pytest.raises(ForeignSpool), disk.spool():
        pass
    assert disk.database.read_bytes() == before


@pytest.mark.parametrize("content", [b"no database", b"x" * 5000])
def test_what_is_no_database_is_refused(disk: Disk, content: bytes) -> None:
    disk.folder.mkdir()
    disk.database.write_bytes(content)
    with pytest.raises(ForeignSpool), disk.spool():
        pass
    assert disk.database.read_bytes() == content


def test_a_start_that_was_cut_short_is_begun_again(disk: Disk) -> None:
    disk.folder.mkdir()
    disk.database.touch()

    async def put(spool: SqliteSpool) -> int:
        await spool.put([new()])
        return (await spool.counts()).accepted

    assert disk.run(put) == 1


def test_a_damaged_database_is_the_disks_fault(disk: Disk) -> None:
    with disk.spool():
        pass
    whole = disk.database.read_bytes()
    disk.database.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(SpoolBroken), disk.spool():
        pass
