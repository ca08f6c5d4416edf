"""A database that forgot is found out, and what it may have forgotten is not posted blindly."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from spool_parts import NOW, Disk, deliveries, new

from relay.errors import Damaged
from relay.model import FIRST, PAUSED_ALL, SET_BACK, Change, Counts, Place, Queue, Sent, State
from relay.spool.seen import BYTES, Mark, Seen, read_mark
from relay.spool.sqlite import SqliteSpool


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


async def counts(spool: SqliteSpool) -> Counts:
    return await spool.counts()


async def put_three(spool: SqliteSpool) -> None:
    await spool.put([new(), new(), new()])


async def four_deliveries(spool: SqliteSpool) -> None:
    sending, prepared, held, _ = await deliveries(spool, "a", "b", "c", "d")
    await spool.settle(sending, Change(Queue.POST, Sent.SENDING, due=None))
    await spool.settle(prepared, Change(Queue.POST, Sent.PREPARED, due=NOW + 99))
    await spool.settle(held, Change(Queue.POST, Sent.HELD, due=None))


async def states(spool: SqliteSpool) -> dict[str, tuple[str, int | None]]:
    assert await spool.self_check() == []
    return {row.name: (row.state, row.due) for row in await spool.look(queue=Queue.POST)}


def yesterday(disk: Disk) -> None:
    """Keep a copy of the data folder, to be put back later."""
    shutil.copytree(disk.folder, disk.root / "copy")


def restored(disk: Disk) -> None:
    shutil.rmtree(disk.folder)
    (disk.root / "copy").rename(disk.folder)


# ---------------------------------------------------------------- the file


def test_the_file_says_what_was_written(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "seen")
    for mark in (Mark(0, 0), Mark(7, 5), Mark(2**63, 2**62)):
        seen.write(mark)
        assert read_mark(tmp_path / "seen") == mark
    seen.close()


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read_mark(tmp_path / "seen") is None


def test_a_file_with_any_byte_changed_is_damaged(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "seen")
    seen.write(Mark(7, 5))
    seen.close()
    whole = (tmp_path / "seen").read_bytes()
    assert len(whole) == BYTES
    for at in range(BYTES):
        (tmp_path / "seen").write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(Damaged):
            read_mark(tmp_path / "seen")


@pytest.mark.parametrize("size", [0, BYTES - 1, BYTES + 1])
def test_a_file_of_another_length_is_damaged(tmp_path: Path, size: int) -> None:
    (tmp_path / "seen").write_bytes(bytes(size))
    with pytest.raises(Damaged):
        read_mark(tmp_path / "seen")


# ---------------------------------------------------------------- losses


def test_nothing_is_lost_where_nothing_is_lost(disk: Disk) -> None:
    disk.run(put_three)
    with disk.spool() as spool:
        assert spool.notices == ()
    assert disk.run(counts).lost == 0


def test_a_restored_copy_tells_how_many_it_lacks(disk: Disk) -> None:
    disk.run(put_three)
    yesterday(disk)
    disk.run(put_three)
    restored(disk)
    told = disk.run(counts)
    assert (told.accepted, told.lost) == (3, 3)


def test_an_unmounted_disk_is_no_new_one(disk: Disk) -> None:
    disk.run(put_three)
    shutil.rmtree(disk.folder)
    assert disk.run(counts).lost == 3


def test_a_loss_is_told_until_the_operator_says_so(disk: Disk) -> None:
    disk.run(put_three)
    shutil.rmtree(disk.folder)

    async def accept(spool: SqliteSpool) -> int:
        return await spool.accept_loss()

    assert [disk.run(counts).lost for _ in range(3)] == [3, 3, 3]
    assert disk.run(accept) == 3
    assert disk.run(counts).lost == 0
    assert disk.run(accept) == 0


def test_two_losses_add_up(disk: Disk) -> None:
    for lost in (3, 6):
        disk.run(put_three)
        shutil.rmtree(disk.folder) if lost == 3 else None
        if lost == 3:
            assert disk.run(counts).lost == 3
            yesterday(disk)
        else:
            restored(disk)
    assert disk.run(counts).lost == 6


def test_after_a_loss_unfinished_deliveries_are_unsure(disk: Disk) -> None:
    disk.run(four_deliveries)
    yesterday(disk)
    disk.run(put_three)
    restored(disk)
    assert disk.run(states) == {
        "a": (Sent.UNSURE, FIRST),
        "b": (Sent.UNSURE, FIRST),
        "c": (Sent.HELD, None),
        "d": (Sent.UNSURE, FIRST),
    }


def test_a_loss_of_nothing_but_a_settle_is_doubted_too(disk: Disk) -> None:
    """The copy may be from before a delivery was posted: nothing accepted is missing, and yet."""
    disk.run(four_deliveries)
    yesterday(disk)

    async def settle(spool: SqliteSpool) -> None:
        (row,) = await spool.take(Queue.POST, now=NOW, limit=1, name="d")
        await spool.settle(row, Change(Queue.ENDED, Sent.POSTED, due=None))

    disk.run(settle)
    restored(disk)
    assert disk.run(states)["d"] == (Sent.UNSURE, FIRST)
    assert disk.run(counts).lost == 0


def test_a_database_behind_by_a_single_commit_is_doubted(disk: Disk) -> None:
    disk.run(four_deliveries)
    yesterday(disk)
    with disk.spool():
        pass  # a start is a commit, and here the only one
    restored(disk)
    assert disk.run(states)["d"] == (Sent.UNSURE, FIRST)


def test_a_missing_seen_is_a_notice_and_no_loss(disk: Disk) -> None:
    disk.run(four_deliveries)
    disk.seen.unlink()
    with disk.spool() as spool:
        assert "missing" in spool.notices[0]
    assert disk.run(counts).lost == 0
    assert disk.run(states)["d"] == (Sent.WAITING, 0)


def test_a_new_node_has_no_notices(disk: Disk) -> None:
    with disk.spool() as spool:
        assert spool.notices == ()


def test_a_damaged_seen_is_a_notice_and_nothing_is_posted_blindly(disk: Disk) -> None:
    disk.run(four_deliveries)
    disk.seen.write_bytes(b"?" * BYTES)
    with disk.spool() as spool:
        assert "damaged" in spool.notices[0]
    told = disk.run(counts)
    assert (told.lost, told.states) == (0, {State.WAITING: 1})
    assert disk.run(states)["d"] == (Sent.UNSURE, FIRST)
    with disk.spool() as spool:
        assert spool.notices == ()


def test_seen_is_never_behind_an_answer(disk: Disk) -> None:
    async def put(spool: SqliteSpool) -> None:
        for n in range(1, 6):
            await spool.put([new()])
            mark = read_mark(disk.seen)
            assert mark is not None and mark.accepted == n
        before = mark.commits
        await spool.place(Place("page"))
        mark = read_mark(disk.seen)
        assert mark is not None and mark.commits == before + 1

    disk.run(put)


def test_a_spool_that_was_set_back_is_paused_in_the_same_commit(disk: Disk) -> None:
    """A crash right after the start, before anybody read the board, lifts no pause."""
    disk.run(four_deliveries)
    yesterday(disk)
    disk.run(put_three)
    restored(disk)
    with disk.spool() as spool:
        assert spool.set_back

    async def board(spool: SqliteSpool) -> object:
        return [(place.name, place.state) for place in await spool.board()]

    with disk.spool() as spool:
        assert not spool.set_back  # it knows of nothing any more, but for the pause
    assert disk.run(board) == [(PAUSED_ALL, "paused")]


def test_a_spool_that_was_never_set_back_is_not_paused(disk: Disk) -> None:
    disk.run(four_deliveries)

    async def board(spool: SqliteSpool) -> object:
        return await spool.board()

    assert disk.run(board) == []


def test_what_was_held_or_set_aside_in_a_copy_may_have_been_released_since(disk: Disk) -> None:
    async def set_aside(spool: SqliteSpool) -> None:
        await spool.put([new(queue=Queue.ENDED, state=State.QUARANTINED, due=None)])

    async def look(spool: SqliteSpool) -> object:
        rows = await spool.look()
        [held] = [row.why for row in rows if row.state == Sent.HELD]
        [aside] = [row.note for row in rows if row.state == State.QUARANTINED]
        return held, aside

    disk.run(four_deliveries)
    disk.run(set_aside)
    before, _ = disk.run(look)
    yesterday(disk)
    disk.run(put_three)
    restored(disk)
    assert disk.run(look) == (f"unsure: set back; {before}", SET_BACK)
    yesterday(disk)
    disk.run(put_three)
    restored(disk)
    assert disk.run(look) == (f"unsure: set back; {before}", SET_BACK)  # not said twice
