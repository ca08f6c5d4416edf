"""What one side puts into a folder: whole files whose names say nothing, and a sheet of them."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest
from folder_parts import DAY, EXIT, NOW, OTHER, batches, files, peer, sheets, sides, some

from relay.errors import Damaged
from relay.links.folder.faults import Crowded, Spoiled, why
from relay.links.folder.folder import Folder
from relay.links.folder.place import SUB, opened
from relay.links.folder.sheet import MAX_SHEET, Put, Sheet, make_sheet, read_sheet
from relay.wire.batch import NOTHING, read_batch
from relay.wire.linkkeys import link_key_of

HOUR = NOW - NOW % 3600


def test_a_batch_lies_there_as_one_file_of_a_name_that_says_nothing(tmp_path: Path) -> None:
    entry, there = sides(tmp_path)
    batch = some(3)
    entry.put(batch)
    (file,), (sheet,) = batches(tmp_path), sheets(tmp_path)
    assert all(re.fullmatch(r"[a-z2-9]{8}\.bin", one.name) for one in (file, sheet))
    ours, theirs = link_key_of(entry.seed), link_key_of(there.seed)
    assert read_batch(file.read_bytes(), ours, theirs) == batch
    assert all(one.stat().st_mtime == HOUR for one in (file, sheet, tmp_path / SUB))
    assert all(one.stat().st_mode & 0o077 == 0 for one in (file, sheet))


def test_who_may_write_in_the_folder_may_do_so_with_what_is_put_there(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "share").chmod(0o770)
    entry, _ = sides(tmp_path / "share")
    entry.put(some())
    assert (tmp_path / "share" / SUB).stat().st_mode & 0o777 == 0o770
    assert [one.stat().st_mode & 0o777 for one in files(tmp_path / "share")] == [0o660] * 2


def test_the_sheet_names_what_lies_there_with_its_size_and_digest(tmp_path: Path) -> None:
    entry, there = sides(tmp_path)
    entry.put(some())
    entry.put(some())
    (made,) = sheets(tmp_path)
    sheet = read_sheet(made.read_bytes(), link_key_of(entry.seed), link_key_of(there.seed))
    assert {(one.name, one.size) for one in sheet.put} == {
        (one.name, one.stat().st_size) for one in batches(tmp_path)
    }
    assert sheet.serial == 2


def test_what_lies_there_already_is_not_put_twice(tmp_path: Path) -> None:
    entry, _ = sides(tmp_path)
    batch = some(2)
    entry.put(batch)
    assert entry.folder.put(entry.other, batch) is None
    again, _ = sides(tmp_path)
    again.survey()
    assert again.folder.put(again.other, batch) is None
    assert len(batches(tmp_path)) == 1


def test_a_file_of_ours_that_was_cut_short_is_removed_and_put_there_again(tmp_path: Path) -> None:
    entry, _ = sides(tmp_path)
    batch = some()
    entry.put(batch)
    (file,) = batches(tmp_path)
    os.truncate(file, 1000)
    again, _ = sides(tmp_path)
    assert again.survey().mended == 1
    assert again.folder.put(again.other, batch)
    assert len(batches(tmp_path)) == 1


def test_a_file_of_ours_that_became_zeros_is_known_by_our_sheet(tmp_path: Path) -> None:
    entry, _ = sides(tmp_path)
    entry.put(some())
    (file,) = batches(tmp_path)
    file.write_bytes(bytes(file.stat().st_size))
    again, _ = sides(tmp_path)
    assert again.survey().mended == 1
    assert not file.exists()


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    entry, _ = sides(tmp_path)
    (tmp_path / SUB).mkdir()
    for name in ("holiday.bin", "letter.doc", "k3x7q2mb.bin"):
        (tmp_path / SUB / name).write_bytes(b"not ours")
    other = Folder(
        tmp_path, OTHER, {}, [peer(EXIT, "exit")], entry.clock
    )  # another node, which shares the folder with the same exit
    assert other.put(peer(EXIT, "exit"), some())
    before = files(tmp_path)
    entry.put(some())
    entry.folder.clear(entry.other, entry.folder.shelves["exit"].done(()))
    assert set(before) <= set(files(tmp_path))


def test_a_half_that_a_pulled_stick_left_is_removed_and_a_fresh_one_is_not(tmp_path: Path) -> None:
    entry, _ = sides(tmp_path)
    (tmp_path / SUB).mkdir()
    old, new = tmp_path / SUB / "aaaaaaaa.tmp", tmp_path / SUB / "bbbbbbbb.tmp"
    for file, at in ((old, NOW - DAY), (new, NOW)):
        file.write_bytes(b"half")
        os.utime(file, (at, at))
    entry.survey()
    assert files(tmp_path) == [new]


@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
def test_nothing_is_left_of_a_file_that_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    (tmp_path / SUB).mkdir()

    def fails(*args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "")

    with opened(tmp_path, make=True) as place, monkeypatch.context() as patched:
        patched.setattr(os, call, fails)
        with pytest.raises(OSError) as raised:
            place.put(b"content", NOW)
    assert why(raised.value) == "the disk of the folder is full"
    assert files(tmp_path) == []


def test_a_disk_that_gives_back_something_else_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, make=True) as place, monkeypatch.context() as patched:
        patched.setattr(os, "read", lambda file, most: b"")
        with pytest.raises(Spoiled):
            place.put(b"content", NOW)
    assert files(tmp_path) == []


def test_nothing_but_plain_files_is_ever_opened(tmp_path: Path) -> None:
    sub = tmp_path / SUB
    sub.mkdir()
    (tmp_path / "secret").write_bytes(b"OUTB" + bytes(2000))
    os.symlink(tmp_path / "secret", sub / "aaaaaaaa.bin")
    os.mkfifo(sub / "bbbbbbbb.bin")
    (sub / "cccccccc.bin").mkdir()
    with opened(tmp_path, make=False) as place:
        assert place.entries() == []
        assert [place.read(f"{sign * 8}.bin", 10) for sign in "abcd"] == [None] * 4


def test_a_sub_folder_that_leads_elsewhere_is_none(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", tmp_path / SUB)
    entry, _ = sides(tmp_path)
    with pytest.raises(OSError) as raised:
        entry.survey()
    assert why(raised.value) == "the folder is a file, or a link to elsewhere"


def test_before_a_hundred_thousand_files_nothing_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.links.folder.place.MOST_ENTRIES", 20)
    (tmp_path / SUB).mkdir()
    for n in range(21):
        (tmp_path / SUB / f"{n}.bin").write_bytes(b"")
    entry, _ = sides(tmp_path)
    with pytest.raises(Crowded):
        entry.survey()


def test_of_a_file_of_ten_gigabytes_nothing_is_read(tmp_path: Path) -> None:
    entry, _ = sides(tmp_path)
    (tmp_path / SUB).mkdir()
    with (tmp_path / SUB / "aaaaaaaa.bin").open("wb") as file:
        file.write(b"OUTB")
        file.truncate(10 << 30)
    assert entry.survey().looked.seen == ()


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    entry, _ = sides(tmp_path / "stick")
    for act in (entry.survey, lambda: entry.folder.put(entry.other, some())):
        with pytest.raises(FileNotFoundError):
            act()
    assert not (tmp_path / "stick").exists()


def test_of_a_removable_disk_the_empty_place_is_not_taken_for_it(tmp_path: Path) -> None:
    entry, _ = sides(tmp_path)
    folder = Folder(tmp_path, entry.seed, {}, [entry.other], entry.clock, removable=True)
    with pytest.raises(FileNotFoundError):
        folder.put(entry.other, some())
    assert files(tmp_path) == []


# ---------------------------------------------------------------- sheets


def a_sheet() -> tuple[bytes, Sheet]:
    sheet = Sheet(7, (Put("k3x7q2mb.bin", 5120, b"d" * 32),), (b"t" * 32,))
    return make_sheet(sheet, OTHER, link_key_of(EXIT)), sheet


def test_a_sheet_is_read_as_it_was_made() -> None:
    made, sheet = a_sheet()
    assert read_sheet(made, link_key_of(OTHER), link_key_of(EXIT)) == sheet
    assert len(made) == 1024


def test_no_byte_of_a_sheet_can_be_changed() -> None:
    made, _ = a_sheet()
    for at in range(0, len(made), 7):
        bad = bytearray(made)
        bad[at] ^= 1
        with pytest.raises(Damaged):
            read_sheet(bytes(bad), link_key_of(OTHER), link_key_of(EXIT))


@pytest.mark.parametrize("bad", [b"", b"OUTL", bytes(1024), b"x" * (MAX_SHEET + 1)])
def test_what_is_no_sheet_is_refused(bad: bytes) -> None:
    with pytest.raises(Damaged):
        read_sheet(bad, link_key_of(OTHER), link_key_of(EXIT))


def test_a_sheet_of_somebody_else_or_for_somebody_else_is_none() -> None:
    made, _ = a_sheet()
    for sender, to in ((EXIT, EXIT), (OTHER, OTHER)):
        with pytest.raises(Damaged):
            read_sheet(made, link_key_of(sender), link_key_of(to))


def test_an_empty_batch_is_nothing_to_put(tmp_path: Path) -> None:
    entry, _ = sides(tmp_path)
    assert entry.folder.put(entry.other, NOTHING) is None
