"""What the other side takes out of a folder: what is whole; and the rest is named, and why."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest
from folder_parts import OTHER, Side, batches, peer, sheets, sides, some

from relay.links.folder.folder import Folder, Taken
from relay.links.folder.place import SUB
from relay.links.folder.taking import Fault, Whole
from relay.wire.batch import MOST_IDS, Batch

ID = b"i" * 16


def found(side: Side) -> tuple[list[Whole], list[Fault]]:
    """All that one side finds there for itself: what is whole, and every fault."""
    survey = side.survey()
    read = [side.folder.read(side.other, seen) for seen in survey.of(side.other)]
    whole = [one for one in read if isinstance(one, Whole)]
    faults = [one for one in read if isinstance(one, Fault)]
    missed, _ = side.folder.missed(
        side.other, survey.looked, {one.digest for one in whole}, {one.name for one in faults}
    )
    return whole, [*faults, *missed]


def take(side: Side, *backs: Batch) -> list[Whole]:
    """Take in what is whole, as if it were durable, with these going back."""
    whole, _ = found(side)
    taken = Taken()
    for n, one in enumerate(whole):
        taken.add(one, backs[n] if n < len(backs) else Batch())
    side.folder.settle(side.other, taken)
    side.folder.tell()
    return whole


def test_what_was_put_there_is_found_whole_by_the_other_side(tmp_path: Path) -> None:
    entry, there = sides(tmp_path)
    put = [some(2), some(1)]
    for batch in put:
        entry.put(batch)
    whole, faults = found(there)
    assert sorted(map(len, (one.batch.envelopes for one in whole))) == [1, 2]
    assert {one.batch for one in whole} == set(put)
    assert faults == []


def test_it_is_for_nobody_else(tmp_path: Path) -> None:
    entry, _ = sides(tmp_path)
    entry.put(some())
    stranger = Side(tmp_path, OTHER, entry.other)
    assert stranger.survey().arrived == ()
    assert stranger.survey().strangers == ()


def test_a_batch_of_nobody_we_know_is_told_and_left_alone(tmp_path: Path) -> None:
    _, there = sides(tmp_path)
    stranger = Side(tmp_path, OTHER, peer(there.seed, "exit"))
    stranger.put(some())
    survey = there.survey()
    assert survey.arrived == ()
    assert len(survey.strangers) == 2  # the sheet as well
    assert len(batches(tmp_path)) == 1


@pytest.mark.parametrize(
    ("harm", "wrong"),
    [
        (lambda file: os.truncate(file, 3000), "incomplete"),
        (lambda file: os.truncate(file, 80), "incomplete"),
        (lambda file: os.truncate(file, 0), "incomplete"),
        (lambda file: zeros(file, 2048), "incomplete"),
        (lambda file: zeros(file, 0), "incomplete"),
        (lambda file: flip(file, 3000), "altered"),
        (lambda file: flip(file, 2), "altered"),
        (lambda file: file.write_bytes(file.read_bytes() + bytes(1024)), "incomplete"),
        (lambda file: file.write_bytes(file.read_bytes() + b"x" * 1024), "altered"),
        (lambda file: file.unlink(), "missing"),
    ],
    ids=["cut", "cut to its head", "empty", "zeros at its end", "nothing but zeros", "a bit turned",
         "its mark turned", "zeros added", "something added", "gone"],
)  # fmt: skip
def test_each_damage_is_told_by_its_name(tmp_path: Path, harm, wrong) -> None:
    entry, there = sides(tmp_path)
    entry.put(some())
    (file,) = batches(tmp_path)
    harm(file)
    whole, faults = found(there)
    assert whole == []
    assert faults == [Fault(file.name, wrong)]


def zeros(file: Path, at: int) -> None:
    """What FAT leaves of a file that was being written: its length, and zeros from somewhere on."""
    content = file.read_bytes()
    file.write_bytes(content[:at].ljust(len(content), b"\x00"))


def flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(bytes(content))


def test_a_batch_that_lost_its_sheet_is_taken_all_the_same(tmp_path: Path) -> None:
    entry, there = sides(tmp_path)
    entry.put(some())
    sheets(tmp_path)[0].unlink()
    whole, faults = found(there)
    assert len(whole) == 1
    assert faults == []


def test_a_copy_under_another_name_is_as_good(tmp_path: Path) -> None:
    entry, there = sides(tmp_path)
    entry.put(some())
    (file,) = batches(tmp_path)
    file.rename(file.with_name(f"{file.stem.upper()} (1).BIN"))
    whole, faults = found(there)
    assert len(whole) == 1
    assert faults == []


def test_what_was_taken_in_is_removed_and_not_missed(tmp_path: Path) -> None:
    entry, there = sides(tmp_path)
    entry.put(some())
    assert len(take(there)) == 1
    assert batches(tmp_path) == []
    again, _ = sides(tmp_path)
    once_more = sides(tmp_path)[1]
    assert found(once_more) == ([], [])
    assert again.survey().mended == 0


def test_a_copy_of_the_rest_is_not_told_to_lack_what_was_taken_before(tmp_path: Path) -> None:
    entry, there = sides(tmp_path / "stick")
    (tmp_path / "stick").mkdir()
    entry.put(some())
    entry.put(some())
    lost, _ = batches(tmp_path / "stick")
    kept = lost.read_bytes()
    lost.unlink()
    assert len(take(there)) == 1
    shutil.copytree(tmp_path / "stick", tmp_path / "copy")
    elsewhere = sides(tmp_path / "copy")[1]
    assert [one.wrong for one in found(elsewhere)[1]] == ["missing"]
    (tmp_path / "copy" / SUB / lost.name).write_bytes(kept)
    whole, faults = found(sides(tmp_path / "copy")[1])
    assert len(whole) == 1
    assert faults == []


def test_receipts_of_many_files_are_few(tmp_path: Path) -> None:
    entry, there = sides(tmp_path)
    for _ in range(4):
        entry.put(some())
    ids = [bytes([n]) * 16 for n in range(4)]
    take(there, *(Batch(durable=(one,)) for one in ids))
    (receipt,) = found(entry)[0]
    assert sorted(receipt.batch.durable) == ids


def test_receipts_are_of_no_more_ids_than_a_batch_has_room_for(tmp_path: Path) -> None:
    entry, there = sides(tmp_path)
    for _ in range(3):
        entry.put(some())
    many = [n.to_bytes(16, "big") for n in range(MOST_IDS + 5)]
    take(there, Batch(durable=tuple(many[:4000])), Batch(durable=tuple(many[4000:])))
    told = [one.batch.durable for one in found(entry)[0]]
    assert sorted(map(len, told)) == [5, MOST_IDS]
    assert sorted(id for some_ids in told for id in some_ids) == many


def test_what_has_arrived_is_removed_and_what_has_not_is_left(tmp_path: Path) -> None:
    entry, _ = sides(tmp_path)
    entry.put(some(2))
    entry.put(some(1))
    shelf = entry.folder.shelves["exit"]
    assert sorted(shelf.done(())) == sorted(one.name for one in batches(tmp_path))
    waiting = next(iter(one.ids for one in shelf.lying.values() if len(one.ids) == 2))
    entry.folder.clear(entry.other, shelf.done(set(list(waiting)[:1])))
    entry.folder.tell()
    (left,) = batches(tmp_path)
    assert shelf.lying[left.name].ids == waiting
    assert found(sides(tmp_path)[1])[1] == []


def test_newer_keys_take_the_place_of_older_ones(tmp_path: Path) -> None:
    _, there = sides(tmp_path)
    there.put(Batch(bundle=b"k" * 100))
    there.put(Batch(bundle=b"n" * 100))
    there.put(Batch(durable=(ID,), bundle=b"o" * 100))
    assert len(batches(tmp_path)) == 1


def test_two_pairs_share_a_folder(tmp_path: Path) -> None:
    entry, there = sides(tmp_path)
    second = Side(tmp_path, OTHER, peer(there.seed, "exit"))
    entry.put(some())
    second.put(some(2))
    known = {one.key.public: one for one in (peer(entry.seed, "entry"), peer(OTHER, "second"))}
    both = Folder(tmp_path, there.seed, known, list(known.values()), there.clock)
    assert sorted(sender.name for sender, _ in both.survey().arrived) == ["entry", "second"]


def test_nothing_but_what_was_written_is_ever_taken(tmp_path: Path) -> None:
    entry, there = sides(tmp_path)
    entry.put(some())
    (file,) = batches(tmp_path)
    good, draw = file.read_bytes(), random.Random(3)
    for n in range(100):
        bad = bytearray(good)
        match n % 4:
            case 0:
                bad[draw.randrange(len(bad))] ^= 1 << draw.randrange(8)
            case 1:
                del bad[draw.randrange(len(bad)) :]
            case 2:
                at = draw.randrange(len(bad))
                bad[at:] = bytes(len(bad) - at)
            case _:
                bad += draw.randbytes(draw.randrange(1, 3000))
        file.write_bytes(bytes(bad))
        whole, faults = found(there)
        assert whole == []
        assert [one.name for one in faults] == [file.name]
    file.write_bytes(good)
    assert len(found(there)[0]) == 1
