"""The link by a watched folder: taken once, receipts put there, and no disk that holds it up."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from folder_parts import DAY, ENTRY, OTHER, Side, batches, files, peer, sheets, sides, some

from relay.links.folder.link import PATIENCE, STUCK, FolderLink
from relay.links.folder.patient import Patient, Stuck
from relay.links.folder.place import SUB
from relay.links.port import Given, HandedOver, Later
from relay.wire.batch import NOTHING, Batch

ID = b"i" * 16


def runs(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 20))


async def hand(side: Side, link: FolderLink, batch: Batch) -> HandedOver:
    return await link.hand_over(side.other, batch)


def test_a_batch_crosses_by_a_folder_and_is_taken_once(tmp_path: Path) -> None:
    async def story() -> None:
        entry, there = sides(tmp_path)
        giving, taking = entry.link(), there.link()
        batch = some(3)
        assert await hand(entry, giving, batch) == Given()
        await taking.look(there.came)
        await taking.look(there.came)
        assert there.taken == [batch]
        assert batches(tmp_path) == []
        assert there.said == [("works", "")]

    runs(story())


def test_a_receipt_comes_back_by_the_same_folder(tmp_path: Path) -> None:
    async def story() -> None:
        entry, there = sides(tmp_path)
        giving, taking = entry.link(), there.link()
        there.back = Batch(durable=(ID,))
        await hand(entry, giving, some())
        await taking.look(there.came)
        await giving.look(entry.came)
        assert [one.durable for one in entry.taken] == [(ID,)]
        assert batches(tmp_path) == []

    runs(story())


def test_what_the_core_does_not_keep_stays_there(tmp_path: Path) -> None:
    async def story() -> None:
        entry, there = sides(tmp_path)
        await hand(entry, entry.link(), some())
        await hand(entry, entry.link(), some())
        taking, there.back = there.link(), None
        await taking.look(there.came)
        assert len(there.taken) == 1  # the second is not even tried
        assert len(batches(tmp_path)) == 2
        there.back = NOTHING
        await taking.look(there.came)
        assert batches(tmp_path) == []

    runs(story())


def test_a_folder_that_is_not_there_is_said_and_looked_for_again(tmp_path: Path) -> None:
    async def story() -> None:
        entry, _ = sides(tmp_path / "stick")
        link = entry.link()
        await link.look(entry.came)
        assert await hand(entry, link, some()) == Later("the folder is not there")
        await link.look(entry.came)
        assert entry.said == [("blocked", "the folder is not there")]
        (tmp_path / "stick").mkdir()
        assert await hand(entry, link, some()) == Given()
        await link.look(entry.came)
        assert entry.said[-1] == ("works", "")

    runs(story())


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (errno.ENOSPC, "the disk of the folder is full"),
        (errno.EIO, "the disk of the folder failed, or was pulled out"),
        (errno.EROFS, "the folder can only be read"),
        (errno.ENODEV, "the disk of the folder was pulled out"),
        (errno.EBADMSG, "the disk of the folder failed"),
    ],
)
def test_a_disk_that_fails_is_later_and_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, why: str
) -> None:
    async def story() -> None:
        entry, there = sides(tmp_path)
        link, batch = entry.link(), some()
        with failing(monkeypatch, "write", error):
            assert await hand(entry, link, batch) == Later(why)
        await there.link().look(there.came)
        assert there.taken == []
        assert files(tmp_path) == []
        assert await hand(entry, link, batch) == Given()

    runs(story())


def failing(monkeypatch: pytest.MonkeyPatch, call: str, error: int) -> Any:
    """While it is entered, a call of the system fails with this."""

    def fails(*args: object, **more: object) -> None:
        raise OSError(error, "")

    context = monkeypatch.context()

    class Failing:
        def __enter__(self) -> None:
            context.__enter__().setattr(os, call, fails)

        def __exit__(self, *raised: Any) -> None:
            context.__exit__(*raised)

    return Failing()


def test_a_stick_that_is_pulled_out_while_it_is_written_is_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        entry, _ = sides(tmp_path)
        link, real = entry.link(), os.fsync
        (tmp_path / SUB).mkdir()

        def pulled(file: int) -> None:
            shutil.rmtree(tmp_path / SUB)
            real(file)

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", pulled)
            assert await hand(entry, link, some()) == Later("the folder is not there")

    runs(story())


def test_a_receipt_that_finds_no_room_gets_that_of_what_was_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        entry, there = sides(tmp_path)
        await hand(entry, entry.link(), some())
        there.back, link, real = Batch(durable=(ID,)), there.link(), os.write
        (lies,) = batches(tmp_path)

        def full(file: int, content: bytes) -> int:
            if lies.exists():
                raise OSError(errno.ENOSPC, "")
            return real(file, content)

        with monkeypatch.context() as patched:
            patched.setattr(os, "write", full)
            await link.look(there.came)
        (receipt,) = batches(tmp_path)
        assert there.said[-1][0] == "works"
        assert receipt.stat().st_size == 1024

    runs(story())


def test_of_a_folder_that_can_only_be_read_each_file_is_taken_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        entry, there = sides(tmp_path)
        await hand(entry, entry.link(), some())
        link = there.link()
        with failing(monkeypatch, "unlink", errno.EROFS):
            await link.look(there.came)
            await link.look(there.came)
        assert len(there.taken) == 1
        assert there.said[0] == ("blocked", "the folder can only be read")

    runs(story())


def test_a_file_that_is_still_being_copied_is_waited_for(tmp_path: Path) -> None:
    async def story() -> None:
        entry, there = sides(tmp_path)
        await hand(entry, entry.link(), some())
        (file,), link = batches(tmp_path), there.link()
        whole = file.read_bytes()
        for length in (100, 2000, 4000):
            file.write_bytes(whole[:length])
            await link.look(there.came)
        file.write_bytes(whole)
        await link.look(there.came)
        assert len(there.taken) == 1
        assert there.turned_away == 0

    runs(story())


def test_a_file_that_stays_damaged_is_counted_once_and_left_alone(tmp_path: Path) -> None:
    async def story() -> None:
        entry, there = sides(tmp_path)
        await hand(entry, entry.link(), some())
        (file,), link = batches(tmp_path), there.link()
        os.truncate(file, 2000)
        for _ in range(PATIENCE + 2):
            await link.look(there.came)
        assert there.turned_away == 1
        assert batches(tmp_path) == [file]

    runs(story())


def test_what_nobody_we_know_has_put_there_is_counted_once(tmp_path: Path) -> None:
    async def story() -> None:
        _, there = sides(tmp_path)
        stranger = Side(tmp_path, OTHER, peer(there.seed, "exit"))
        stranger.put(some())
        link = there.link()
        await link.look(there.came)
        await link.look(there.came)
        assert there.taken == []
        assert there.turned_away == 2  # a batch, and its sheet

    runs(story())


def test_the_same_envelopes_are_put_there_once_and_again_if_they_were_damaged(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        entry, there = sides(tmp_path)
        link, batch = entry.link(), some(2)
        await hand(entry, link, batch)
        await hand(entry, link, batch)
        (file,) = batches(tmp_path)
        content = bytearray(file.read_bytes())
        content[3000] ^= 1
        about = file.stat()
        file.write_bytes(bytes(content))
        os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))  # as a bad disk would do it
        await hand(entry, link, batch)
        await there.link().look(there.came)
        assert there.taken == [batch]

    runs(story())


def test_what_arrived_by_another_road_is_removed_after_twice_the_time(tmp_path: Path) -> None:
    async def story() -> None:
        entry, _ = sides(tmp_path)
        link, kept = entry.link(), some()
        await hand(entry, link, some())
        await hand(entry, link, kept)
        entry.clock.at += DAY + 60
        await hand(entry, link, kept)  # the core gives it again: no receipt came
        entry.clock.at += DAY
        await link.look(entry.came)
        (left,) = batches(tmp_path)
        assert entry.folder.shelves["exit"].lying[left.name].ids

    runs(story())


def test_no_more_than_was_said_lies_there_for_one_peer(tmp_path: Path) -> None:
    async def story() -> None:
        entry, _ = sides(tmp_path)
        entry.most_bytes = 6000
        link = entry.link()
        assert await hand(entry, link, some()) == Given()
        assert isinstance(await hand(entry, link, some()), Later)

    runs(story())


def test_the_sheet_follows_what_lies_there(tmp_path: Path) -> None:
    async def story() -> None:
        entry, _ = sides(tmp_path)
        link = entry.link()
        await hand(entry, link, some())
        await link.look(entry.came)
        await hand(entry, link, some())
        await link.look(entry.came)
        await link.look(entry.came)
        assert len(sheets(tmp_path)) == 1
        assert len(entry.folder.shelves["exit"]._told.put) == 2

    runs(story())


def test_another_stick_in_the_same_place_gets_what_the_first_one_has(tmp_path: Path) -> None:
    async def story() -> None:
        entry, there = sides(tmp_path / "at")
        (tmp_path / "at").mkdir()
        link, batch = entry.link(), some()
        await hand(entry, link, batch)
        (tmp_path / "at").rename(tmp_path / "carried")
        (tmp_path / "at").mkdir()
        await hand(entry, link, batch)
        await link.look(entry.came)
        assert len(batches(tmp_path / "at")) == len(batches(tmp_path / "carried")) == 1
        first, second = Side(tmp_path / "carried", there.seed, peer(ENTRY, "entry")), there
        for side in (first, second):
            await side.link().look(side.came)
        assert first.taken == second.taken == [batch]

    runs(story())


# ---------------------------------------------------------------- what hangs


def hangs(until: threading.Event) -> Callable[[], None]:
    def act() -> None:
        until.wait(10)

    return act


def test_a_disk_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch) -> None:
    async def story() -> None:
        entry, _ = sides(tmp_path)
        entry.deadline_s = 0.05
        link, released = entry.link(), threading.Event()
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", lambda file: released.wait(10))
            assert await hand(entry, link, some()) == Later(STUCK)
            await link.look(entry.came)
            assert entry.said == [("blocked", STUCK)]
            released.set()
        entry.deadline_s = 5.0
        assert await hand(entry, link, some()) == Given()

    runs(story())


def test_nothing_else_is_begun_while_the_disk_hangs() -> None:
    async def story() -> None:
        patient, released = Patient(0.02), threading.Event()
        done: list[int] = []
        with pytest.raises(Stuck):
            await patient.do(hangs(released))
        with pytest.raises(Stuck):
            await patient.do(lambda: done.append(1))
        assert done == []
        released.set()
        while not done:
            try:
                await patient.do(lambda: done.append(2))
            except Stuck:
                continue
        assert done == [2]

    runs(story())


def test_whoever_asked_may_be_cancelled_and_the_next_one_waits() -> None:
    async def story() -> None:
        patient, released = Patient(5), threading.Event()
        order: list[str] = []

        def slow() -> None:
            released.wait(10)
            order.append("slow")

        task = asyncio.ensure_future(patient.do(slow))
        await asyncio.sleep(0)
        task.cancel()
        follows = asyncio.ensure_future(patient.do(lambda: order.append("next")))
        await asyncio.sleep(0)
        released.set()
        await follows
        assert order == ["slow", "next"]

    runs(story())


def test_what_an_act_raises_is_raised_where_it_is_waited_for() -> None:
    async def story() -> None:
        def act() -> None:
            raise OSError(errno.EIO, "")

        with pytest.raises(OSError):
            await Patient(5).do(act)

    runs(story())


def test_the_link_looks_by_itself_until_it_is_cancelled(tmp_path: Path) -> None:
    async def story() -> None:
        entry, there = sides(tmp_path)
        await hand(entry, entry.link(), some())
        came, opened = asyncio.Event(), asyncio.Event()

        async def keep(sender: object, batch: Batch) -> Batch:
            came.set()
            return NOTHING

        task = asyncio.ensure_future(there.link().run(keep, opened.set))
        await asyncio.gather(came.wait(), opened.wait())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    runs(story())
