"""After a fault of the disk nothing is acknowledged; a full disk is no fault of the disk."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
import trio.testing
from spool_parts import NOW, Disk, new

from relay.errors import SpoolBroken, SpoolFull
from relay.model import Change, Queue, State, Stored
from relay.spool import bodies, seen
from relay.spool.faults import Fault, fault_of
from relay.spool.sqlite import SqliteSpool

BIG = b"x" * 300_000
ENDED = Change(Queue.ENDED, State.DROPPED, due=None, body=b"")


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def failing(code: int) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


# ---------------------------------------------------------------- which fault is which


def _sqlite_error(connect: Callable[[], object]) -> Exception:
    try:
        connect()
    except sqlite3.Error as error:
        return error
    raise AssertionError("nothing was raised")


def test_faults_are_told_apart() -> None:
    memory = sqlite3.connect(":memory:")
    nowhere = _sqlite_error(lambda: sqlite3.connect("/nonexistent/x").execute("SELECT 1"))
    wrong = _sqlite_error(lambda: memory.execute("SELECT nothing"))
    unbindable = _sqlite_error(lambda: memory.execute("SELECT ?", (object(),)))
    memory.execute("PRAGMA max_page_count = 2")
    memory.execute("CREATE TABLE t (b)")
    full = _sqlite_error(lambda: memory.execute("INSERT INTO t VALUES (zeroblob(100000))"))
    memory.close()
    assert [fault_of(error) for error in (nowhere, wrong, unbindable, full)] == [
        Fault.BROKEN,
        Fault.BUG,
        Fault.BUG,
        Fault.FULL,
    ]
    table = {errno.EIO: Fault.BROKEN, errno.EROFS: Fault.BROKEN, errno.ENOSPC: Fault.FULL}
    for code, fault in table.items():
        assert fault_of(OSError(code, "")) is fault
    assert fault_of(TypeError()) is Fault.BUG


# ---------------------------------------------------------------- broken


async def test_a_failed_seen_ends_all_acknowledging(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with disk.spool() as spool:
        await spool.put([new()])
        with monkeypatch.context() as patch:
            patch.setattr(seen.Seen, "write", failing(errno.EIO))
            with pytest.raises(SpoolBroken):
                await spool.put([new()])
        for call in (  # the disk is well again, and that means nothing
            lambda: spool.put([new()]),
            lambda: spool.put([new(BIG)]),
            lambda: spool.take(Queue.INBOX, now=NOW, limit=1),
            lambda: spool.look(),
            lambda: spool.counts(),
            lambda: spool.purge(NOW),
            lambda: spool.wait(Queue.INBOX),
        ):
            with pytest.raises(SpoolBroken):
                await call()
        told: list[object] = []
        spool.put_soon([new()], told.append)
        assert isinstance(told[0], SpoolBroken)
        assert disk.broken == ["broken"]


async def test_everybody_who_waits_is_told(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The puts of one batch, those that came while it was written, and who waits for a row."""
    ended: list[str] = []
    told: list[object] = []

    async def expect(call: Callable[[], object]) -> None:
        with pytest.raises(SpoolBroken):
            await call()  # type: ignore[misc]
        ended.append("told")

    with disk.spool() as spool, trio.fail_after(5):
        monkeypatch.setattr(seen.Seen, "write", failing(errno.EIO))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(expect, lambda: spool.wait(Queue.POST))
            await trio.testing.wait_all_tasks_blocked(0.05)
            for _ in range(20):
                nursery.start_soon(expect, lambda: spool.put([new()]))
                spool.put_soon([new()], told.append)
    assert len(ended) == 21
    assert len(told) == 20 and all(isinstance(one, SpoolBroken) for one in told)
    assert disk.broken == ["broken"]


async def test_what_was_acknowledged_before_is_there_for_the_next_process(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with disk.spool() as spool:
        for _ in range(3):
            await spool.put([new()])
        monkeypatch.setattr(seen.Seen, "write", failing(errno.EIO))
        with pytest.raises(SpoolBroken):
            await spool.put([new()])
        monkeypatch.undo()
    # the failed one lets go of nothing before its process ends, so the next reads a copy
    after = Disk(disk.root / "after")
    shutil.copytree(disk.folder, after.folder)
    (after.root / "keys").mkdir()
    shutil.copy(disk.seen, after.seen)
    with after.spool() as spool:
        counts = await spool.counts()
    assert counts.accepted in (3, 4)
    assert counts.lost == 0


@pytest.mark.parametrize("soon", [False, True])
async def test_a_body_that_cannot_be_synced_ends_it(
    disk: Disk, monkeypatch: pytest.MonkeyPatch, soon: bool
) -> None:
    with disk.spool() as spool:
        monkeypatch.setattr(bodies, "write_all", failing(errno.EIO))
        if soon:
            with pytest.raises(SpoolBroken):
                await put_soon(spool, BIG)
        else:
            with pytest.raises(SpoolBroken):
                await spool.put([new(BIG)])
        with pytest.raises(SpoolBroken):
            await spool.put([new()])
    assert disk.broken == ["broken"]


async def put_soon(spool: SqliteSpool, body: bytes) -> None:
    here = trio.lowlevel.current_trio_token()
    ended = trio.Event()
    told: list[object] = []

    def done(result: object) -> None:
        told.append(result)
        here.run_sync_soon(ended.set)

    spool.put_soon([new(body)], done)
    await ended.wait()
    if isinstance(told[0], Exception):
        raise told[0]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_one_whose_callback_fails_takes_nobody_along(disk: Disk) -> None:
    def wrong(_: object) -> None:
        raise RuntimeError("a mistake of the one who asked")

    with disk.spool() as spool:
        spool.put_soon([new()], wrong)
        await spool.put([new()])
        assert (await spool.counts()).accepted == 2


async def test_a_failed_first_put_of_the_day_takes_its_table_of_keys_along(disk: Disk) -> None:
    with disk.spool() as spool:
        disk.clock.at += 86400
        with pytest.raises(sqlite3.Error):
            await spool.put([new(keys=(b"k",)), new(hour="noon")])
        (stored,) = await spool.put([new(keys=(b"k",))])
        assert isinstance(stored, Stored)


# ---------------------------------------------------------------- full


@pytest.mark.parametrize("soon", [False, True])
async def test_a_body_for_which_there_is_no_room_is_refused_and_nothing_else(
    disk: Disk, monkeypatch: pytest.MonkeyPatch, soon: bool
) -> None:
    with disk.spool() as spool:
        monkeypatch.setattr(bodies, "write_all", failing(errno.ENOSPC))
        with pytest.raises(SpoolFull):
            await (put_soon(spool, BIG) if soon else spool.put([new(BIG)]))
        await spool.put([new()])
        assert list((disk.folder / "bodies").iterdir()) == []
    assert disk.broken == []


async def test_nothing_new_is_accepted_below_the_least_free_space(disk: Disk) -> None:
    with disk.spool(min_free_bytes=1000) as spool:
        disk.free = 1000
        await spool.put([new()])
        disk.free = 999
        with pytest.raises(SpoolFull):
            await spool.put([new()])
        with pytest.raises(SpoolFull):
            await put_soon(spool, b"")
        (row,) = await spool.take(Queue.INBOX, now=NOW, limit=9)
        assert await spool.settle(row, ENDED) is not None  # what is there goes on
        assert await spool.purge(NOW + 1) == 1
        disk.free = 1000
        await spool.put([new()])
        assert (await spool.counts()).accepted == 2


async def test_the_ballast_lies_there_and_takes_its_room(disk: Disk) -> None:
    with disk.spool(ballast_bytes=3_000_000):
        ballast = (disk.folder / "ballast").stat()
        assert ballast.st_size == 3_000_000
        assert ballast.st_blocks * 512 >= 3_000_000


async def test_without_room_for_the_ballast_nothing_new_is_accepted(disk: Disk) -> None:
    disk.free = 1999
    with disk.spool(ballast_bytes=1000, min_free_bytes=1000) as spool:
        assert not (disk.folder / "ballast").exists()
        with pytest.raises(SpoolFull):
            await spool.put([new()])
        disk.free = 2000
        await spool.put([new()])
        assert (disk.folder / "ballast").exists()


async def test_in_need_the_ballast_makes_room_for_what_frees_some(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database may grow no more as long as the ballast lies there."""
    with disk.spool(ballast_bytes=1000) as spool:
        await spool.put([new(), new()])
        store, ballast = spool._worker._store, disk.folder / "ballast"
        real = store.commit

        def commit() -> object:
            if ballast.exists():
                raise OSError(errno.ENOSPC, "")
            return real()

        monkeypatch.setattr(store, "commit", commit)
        rows = await spool.take(Queue.INBOX, now=NOW, limit=9)
        with pytest.raises(SpoolFull):
            await spool.put([new()])
        assert ballast.exists()  # nothing new is worth it
        disk.free = 0
        assert await spool.settle(rows[0], ENDED) is not None
        assert not ballast.exists()
        with pytest.raises(SpoolFull):
            await spool.put([new()])
        assert await spool.settle(rows[1], ENDED) is not None
        assert await spool.purge(NOW + 1) == 2
        disk.free = 1 << 30
        monkeypatch.undo()
        await spool.put([new()])
        assert ballast.exists()
        assert disk.broken == []
        assert (await spool.counts()).accepted == 3


async def test_one_put_that_does_not_fit_fails_alone(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with disk.spool() as spool:
        store = spool._worker._store
        real = store.put

        def put(rows: object, files: object, turned_away: int) -> object:
            results = real(rows, files, turned_away)  # type: ignore[arg-type]
            if rows[0].name == "large":  # type: ignore[index]
                raise OSError(errno.ENOSPC, "")
            return results

        monkeypatch.setattr(store, "put", put)
        ended: list[object] = []

        async def try_put(name: str) -> None:
            try:
                ended.append((await spool.put([new(name=name)]))[0])
            except SpoolFull:
                ended.append(name)

        async with trio.open_nursery() as nursery:
            for name in ("a", "large", "b", "c", "large"):
                nursery.start_soon(try_put, name)
        assert ended.count("large") == 2
        assert (await spool.counts()).accepted == 3
        assert await spool.self_check() == []
