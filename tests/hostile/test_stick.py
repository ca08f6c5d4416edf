"""A real stick: one that fills up, one that is pulled out while it is written to, one that is not
there; each a file system of its own, in a mount namespace of its own. What this machine does not
permit is skipped."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parent.parent / "unit"

COMMON = """
import asyncio, json, os, random, subprocess, sys, threading, time
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, {unit!r})
from folder_parts import ENTRY, EXIT, HandClock, Side, batches, files, peer, sides, some
from relay.links.folder.faults import why
from relay.links.folder.folder import Folder
from relay.links.folder.taking import Fault, Whole
from relay.links.port import Given, Later

root = Path(sys.argv[1])
at = root / "stick"
at.mkdir()

def sh(*words):
    subprocess.run(words, check=True, capture_output=True)

def whole_ones(side):
    found = [side.folder.read(side.other, one) for one in side.survey().of(side.other)]
    return [one for one in found if isinstance(one, Whole)], [
        one.wrong for one in found if isinstance(one, Fault)]

def say(**what):
    print(json.dumps(what), flush=True)
"""

FULL = """
sh("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(at))
entry, there = sides(at)
link, given, why_not = entry.link(), 0, ""

async def fill():
    global given, why_not
    while not why_not:
        handed = await link.hand_over(entry.other, some(8))
        given += handed == Given()
        why_not = handed.why if isinstance(handed, Later) else ""

asyncio.run(fill())
halves = [one.name for one in files(at) if one.suffix == ".tmp"]
whole, wrong = whole_ones(there)
whole[0] and (at / "parts" / whole[0].entry.name).unlink()
again = asyncio.run(link.hand_over(entry.other, some(1)))
say(given=given, whole=len(whole), wrong=wrong, halves=halves, why=why_not,
    again=again == Given())
"""

NOT_THERE = """
entry, there = sides(at)
for side in (entry, there):
    known = {side.other.key.public: side.other}
    side.folder = Folder(at, side.seed, known, [side.other], side.clock, removable=True)
link, taking = entry.link(), there.link()

async def story():
    first = await link.hand_over(entry.other, some(1))
    await taking.look(there.came)
    sh("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(at))
    second = await link.hand_over(entry.other, some(1))
    sh("umount", str(at))  # nobody holds it
    await taking.look(there.came)
    third = await link.hand_over(entry.other, some(1))
    return [getattr(one, "why", "given") for one in (first, second, third)]

said = asyncio.run(story())
say(said=said, left=[one.name for one in at.iterdir()], board=there.said)
"""

FAILS = """
under = root / "under"  # the disk under the stick is smaller than the stick believes
under.mkdir()
sh("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(under))
image = under / "image"
with image.open("wb") as file:
    file.truncate(16 << 20)
sh("mkfs.ext2", "-q", str(image))
sh("mount", "-o", "loop", str(image), str(at))
entry, there = sides(at)
link = entry.link()

async def story():
    first = await link.hand_over(entry.other, some(1))
    with open(under / "rest", "wb", buffering=0) as rest:
        try:
            while rest.write(bytes(4096)):
                pass
        except OSError:
            pass
    others = [await link.hand_over(entry.other, some(60)) for _ in range(3)]
    return [getattr(one, "why", "given") for one in (first, *others)]

said = asyncio.run(story())
say(said=said, whole=len(whole_ones(there)[0]))
sh("umount", "-l", str(at))
"""

SNAPSHOTS = """
image, copy, seen = root / "image", root / "copy", root / "seen"
seen.mkdir()
with image.open("wb") as file:
    file.truncate(24 << 20)
sh("mkfs.ext2", "-q", str(image))
sh("mount", "-o", "loop", str(image), str(at))
entry, there = sides(at)
acknowledged, stop = [], threading.Event()

def writes():
    entry.survey()
    while not stop.is_set():
        acknowledged.append(entry.folder.put(entry.other, some(4)).name)
        if len(acknowledged) % 7 == 0:
            entry.folder.tell()
            entry.folder.clear(entry.other, [acknowledged.pop(0)])

writer = threading.Thread(target=writes)
writer.start()
draw = random.Random(7)
for _ in range(12):
    time.sleep(draw.random() / 5)
    before = list(acknowledged)
    copy.write_bytes(image.read_bytes())  # the moment at which it is pulled out
    removed = set(before) - set(acknowledged)
    sh("mount", "-o", "loop", str(copy), str(seen))
    side = Side(seen, EXIT, peer(ENTRY, "entry"))
    whole, wrong = whole_ones(side)
    lost = set(before) - removed - {one.entry.name for one in whole}
    say(lost=len(lost), wrong=wrong, whole=len(whole), before=len(before))
    sh("umount", str(seen))
stop.set()
writer.join()
sh("umount", str(at))
"""


@functools.cache
def mounts() -> bool:
    """Whether a file system can be mounted here."""
    if shutil.which("unshare") is None:
        return False
    tried = ["unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    return subprocess.run(tried, capture_output=True).returncode == 0


@functools.cache
def loops() -> bool:
    """Whether a file can be mounted as a disk here."""
    return mounts() and shutil.which("mkfs.ext2") is not None and Path("/dev/loop-control").exists()


def lines(script: str, folder: Path) -> list[dict]:
    """What a script says, in a mount namespace of its own."""
    whole = COMMON.replace("{unit!r}", repr(str(UNIT))) + script
    command = ["unshare", "-m", sys.executable, "-c", whole, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


needs_mounts = pytest.mark.skipif(not mounts(), reason="nothing can be mounted here")
needs_loops = pytest.mark.skipif(not loops(), reason="no file can be mounted as a disk here")


@needs_mounts
def test_a_stick_that_fills_up_has_whole_files_and_no_halves(tmp_path: Path) -> None:
    (said,) = lines(FULL, tmp_path)
    assert said["why"] == "the disk of the folder is full"
    assert said["given"] == said["whole"] > 10
    assert (said["wrong"], said["halves"]) == ([], [])
    assert said["again"]


@needs_mounts
def test_where_no_stick_is_mounted_nothing_is_put(tmp_path: Path) -> None:
    (said,) = lines(NOT_THERE, tmp_path)
    there = "the folder is not there"
    assert said == {"said": [there, "given", there], "left": [], "board": [["blocked", there]]}


@needs_loops
def test_a_disk_that_fails_under_the_stick_is_found_out_before_anything_is_given(
    tmp_path: Path,
) -> None:
    (said,) = lines(FAILS, tmp_path)
    first, *others = said["said"]
    assert first == "given"
    assert all(one.startswith("the disk of the folder") for one in others)
    assert said["whole"] == 1


@pytest.mark.slow
@needs_loops
def test_what_was_acknowledged_is_whole_on_a_stick_pulled_out_at_any_moment(
    tmp_path: Path,
) -> None:
    said = lines(SNAPSHOTS, tmp_path)
    assert len(said) == 12
    assert sum(one["lost"] for one in said) == 0
    assert [one["wrong"] for one in said] == [[]] * 12
    assert sum(one["before"] for one in said) > 12
