"""``relay bundle``: what waits goes onto a stick and off it, once, whatever became of the stick."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bundle_parts import entry_at, exit_at, puts, takes, two
from folder_parts import batches, sheets

from relay.cli.bundle.core import Core as CoreAsked
from relay.errors import NoNode
from relay.links.folder.place import SUB
from relay.wire.batch import Batch


async def test_a_stick_carries_envelopes_there_and_receipts_back(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, stick):
        ids = await entry.accept(150)
        done = await puts(entry, stick, "--json")
        (put,) = done.values["peers"]
        assert (done.status, put["envelopes"], put["files"], put["left"]) == (0, 150, 3, 0)
        done = await takes(there, stick, "--json")
        (took,) = done.values["peers"]
        assert (done.status, took["envelopes"], took["files"]) == (0, 150, 3)
        assert set(there.kept) == set(ids)
        assert await entry.waits() == 150
        done = await takes(entry, stick, "--json")
        assert done.values["peers"][0]["receipts"] == 150
        assert await entry.waits() == 0


async def test_keys_come_along_with_what_an_exit_exports(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, stick):
        assert (await puts(there, stick)).status == 0
        done = await takes(entry, stick)
        assert "entry" not in done.said and "exit: took in its keys" in done.said
        assert entry.came[0].bundle == b"keys" * 9


async def test_to_export_again_writes_nothing_twice(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, _, stick):
        await entry.accept(70)
        await puts(entry, stick)
        before = batches(stick)
        await entry.accept(3)
        done = await puts(entry, stick, "--json")
        (put,) = done.values["peers"]
        assert (put["envelopes"], put["there"]) == (3, 70)
        assert set(before) < set(batches(stick))


async def test_what_has_arrived_is_removed_at_the_next_visit(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(10)
        await puts(entry, stick)
        shutil.copytree(stick, tmp_path / "second")
        await takes(there, stick)
        await takes(entry, stick)
        done = await puts(entry, tmp_path / "second", "--json")
        assert done.values["peers"][0]["removed"] == 1
        assert batches(tmp_path / "second") == []


async def test_to_import_again_takes_nothing_twice_from_the_stick(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(5)
        await puts(entry, stick)
        await takes(there, stick)
        done = await takes(there, stick)
        assert (done.status, done.said) == (0, "entry: nothing new for us\n")


async def test_a_copy_that_was_cut_short_is_named_with_its_remedy(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(64 * 4)
        await puts(entry, stick)
        cut, zeroed, gone, _ = batches(stick)
        os.truncate(cut, 100_000)
        zeroed.write_bytes(zeroed.read_bytes()[:4096].ljust(zeroed.stat().st_size, b"\x00"))
        gone.unlink()
        done = await takes(there, stick)
        assert done.status == 65
        assert "entry: took in 64 envelopes" in done.said
        assert "entry: 2 of 4 files are incomplete:" in done.said
        assert "entry: 1 of 4 files is missing:" in done.said
        assert all(f"  {one.name}\n" in done.said for one in (cut, zeroed, gone))
        assert "copy it again from where it came" in done.said


async def test_an_altered_file_is_told_from_an_incomplete_one(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(2)
        await puts(entry, stick)
        (file,) = batches(stick)
        content = bytearray(file.read_bytes())
        content[4000] ^= 1
        file.write_bytes(bytes(content))
        done = await takes(there, stick, "--json")
        assert done.status == 65
        assert done.values["peers"][0]["altered"] == [file.name]
        assert there.kept == {}


async def test_a_damaged_file_of_ours_is_written_anew_by_the_next_export(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(2)
        await puts(entry, stick)
        os.truncate(batches(stick)[0], 3000)
        done = await puts(entry, stick)
        assert "1 file of ours had been damaged" in done.said
        assert (await takes(there, stick)).status == 0
        assert len(there.kept) == 2


async def test_an_export_that_was_cut_off_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(64 * 3)
        real, left = os.rename, [2]

        def pulled(*args: object, **more: object) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.EIO, "")
            real(*args, **more)  # type: ignore[arg-type]

        with monkeypatch.context() as patched:
            patched.setattr(os, "rename", pulled)
            done = await puts(entry, stick)
        assert done.status == 74
        assert "failed, or was pulled out" in done.said
        assert len(batches(stick)) == 2
        done = await puts(entry, stick, "--json")
        assert done.values["peers"][0]["envelopes"] == 64
        assert (await takes(there, stick)).status == 0
        assert len(there.kept) == 64 * 3


async def test_a_full_stick_takes_what_it_can_and_says_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(100)
        real = os.write

        def small(file: int, content: bytes) -> int:
            if sum(one.stat().st_size for one in batches(stick)) + len(content) > 400_000:
                raise OSError(errno.ENOSPC, "")
            return real(file, content)

        with monkeypatch.context() as patched:
            patched.setattr(os, "write", small)
            done = await puts(entry, stick, "--json")
        (put,) = done.values["peers"]
        assert done.status == 74
        assert put["envelopes"] > 90 and put["left"] == 100 - put["envelopes"]
        assert len(sheets(stick)) == 1
        assert (await takes(there, stick)).status == 0
        assert len(there.kept) == put["envelopes"]


async def test_a_core_that_does_not_wait_for_a_slow_stick_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(64 * 3)
        real, asked = CoreAsked.out, []

        def cut_off(self: CoreAsked, peer: str) -> Iterator[Batch]:
            asked.append(peer)
            for n, batch in enumerate(real(self, peer)):
                if n == len(asked):
                    raise NoNode
                yield batch

        monkeypatch.setattr(CoreAsked, "out", cut_off)
        done = await puts(entry, stick, "--json")
        assert done.values["peers"][0]["envelopes"] == 64 * 3
        assert len(asked) == 3
        assert (await takes(there, stick)).status == 0
        assert len(there.kept) == 64 * 3


async def test_no_more_is_put_there_than_was_asked_for(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, _, stick):
        await entry.accept(100)
        done = await puts(entry, stick, "--most", "100k", "--json")
        (put,) = done.values["peers"]
        assert done.status == 0
        assert put["bytes"] <= 110_000 and put["left"] == 100 - put["envelopes"] > 0
        assert (await puts(entry, stick, "--most", "1x")).status == 2


async def test_a_stick_that_takes_no_receipt_leaves_it_to_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(2)
        await puts(entry, stick)

        def only_read(*args: object, **more: object) -> None:
            raise OSError(errno.EROFS, "")

        with monkeypatch.context() as patched:
            for call in ("write", "unlink", "mkdir"):
                patched.setattr(os, call, only_read)
            done = await takes(there, stick)
        assert done.status == 0
        assert "No receipt could be written there" in done.said
        (tmp_path / "second").mkdir()
        await puts(there, tmp_path / "second")
        await takes(entry, tmp_path / "second")
        assert await entry.waits() == 0


async def test_what_the_node_cannot_keep_stays_on_the_stick(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(2)
        await puts(entry, stick)
        there.full = True
        done = await takes(there, stick)
        assert done.status == 74
        assert "left there: 1 file, since this node cannot keep them now" in done.said
        there.full = False
        assert (await takes(there, stick)).status == 0


async def test_an_envelope_of_megabytes_goes_in_pieces(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(1, size=1_500_000)
        assert (await puts(entry, stick)).status == 0
        assert (await takes(there, stick)).status == 0
        assert len(there.kept) == 1


@pytest.mark.parametrize("command", [puts, takes])
async def test_a_folder_that_is_not_there_is_said(tmp_path: Path, command) -> None:
    async with two(tmp_path) as (entry, _, stick):
        done = await command(entry, stick / "elsewhere")
        assert done.status == 73
        assert done.said.startswith("the folder is not there")
        assert not (stick / "elsewhere").exists()


async def test_who_names_the_inner_folder_means_the_outer_one(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(1)
        await puts(entry, stick)
        assert (await takes(there, stick / SUB)).status == 0
        assert len(there.kept) == 1


async def test_files_of_strangers_and_of_other_nodes_are_left_alone(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, stick):
        (stick / SUB).mkdir()
        os.mkfifo(stick / SUB / "pipe.bin")
        os.symlink("/etc/passwd", stick / SUB / "link.bin")
        (stick / SUB / "letter.bin").write_bytes(b"OUTB" + bytes(5000))
        await entry.accept(1)
        assert (await puts(entry, stick)).status == 0
        assert (await takes(there, stick)).status == 0
        assert {one.name for one in (stick / SUB).iterdir()} >= {
            "pipe.bin",
            "link.bin",
            "letter.bin",
        }


async def test_a_batch_of_somebody_who_is_no_peer_is_told(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, stick):
        await entry.accept(1)
        await puts(entry, stick)
        there.settings.peers.clear()
        text = (there.folder / "relay.toml").read_text()
        ours = (entry.folder / "relay.toml").read_text()
        stranger = next(line for line in ours.splitlines() if line.startswith("link = "))
        lines = [stranger if one.startswith("link = ") else one for one in text.splitlines()]
        (there.folder / "relay.toml").write_text("\n".join(lines))
        done = await takes(there, stick, "--json")
        assert done.values["strangers"] == 2
        assert len(batches(stick)) == 1


async def test_without_a_node_that_runs_nothing_is_done(tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    for core in (entry_at(tmp_path / "a"), exit_at(tmp_path / "b")):
        assert (await puts(core, tmp_path / "stick")).status == 69


async def test_a_peer_that_is_not_in_the_settings_is_refused(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, _, stick):
        done = await puts(entry, stick, "--peer", "nobody")
        assert (done.status, done.said) == (65, "there is no peer of that name: exit")
