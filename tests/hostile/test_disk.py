"""Disks that fail, fill up, or lose their machine: what was acknowledged is there.

A child process puts in a loop and says each seq on a pipe after it was acknowledged; then it is
killed, or the system fails a call of it (``strace -e inject``), or its disk is full (a small tmpfs
in a mount namespace of its own). What strace or the kernel does not permit here is skipped.
"""

from __future__ import annotations

import functools
import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import trio

from relay.model import Queue
from relay.spool.sqlite import SqliteSpool

NOW = 1_750_000_000 - 1_750_000_000 % 3600

COMMON = """
import json, os, sys, threading, time
from pathlib import Path
import trio
from relay.errors import SpoolBroken, SpoolFull
from relay.model import Change, NewRow, Queue, State, Stored
from relay.spool.sqlite import SqliteSpool

NOW = {now}

class Clock:
    def now(self):
        return NOW

def say(**what):
    os.write(1, json.dumps(what).encode() + b"\\n")

def new(size=4000, keys=()):
    return NewRow(Queue.INBOX, State.WAITING, os.urandom(16), NOW, body=os.urandom(size), keys=keys)

def open_spool(folder, **more):
    root = Path(folder)
    return SqliteSpool.open(
        root / "data", root / "keys" / "seen", clock=Clock(),
        on_broken=lambda: say(broken=True),
        **{"min_free_bytes": 0, "ballast_bytes": 0, **more},
    )
"""

PUTTING = """
async def putter(spool, size):
    for _ in range(100000):
        try:
            (stored,) = await spool.put([new(size, keys=(os.urandom(16),))])
        except SpoolBroken:
            say(refused=True)
            return
        say(seq=stored.seq)

def put_soon(stored=None):
    # answered by the spool's own thread: the order on the pipe is the order it happened in
    if isinstance(stored, Exception):
        say(refused=True)
        return
    if stored:
        say(seq=stored[0].seq, soon=True)
    spool.put_soon([new(1000)], put_soon)

async def main():
    put_soon()
    async with trio.open_nursery() as nursery:
        for size in (100, 4000, 4000, 300000):
            nursery.start_soon(putter, spool, size)

spool = open_spool(sys.argv[1], chores_s=0.05)
say(open=True)
trio.run(main)
os._exit(74)
"""


def script(folder: Path, *parts: str) -> Path:
    path = folder / "child.py"
    path.write_text("".join(parts).replace("{now}", str(NOW)))
    return path


def said(output: bytes) -> list[dict[str, object]]:
    """What the child said, but for a line it was killed in."""
    return [json.loads(line) for line in output.splitlines(keepends=True) if line.endswith(b"\n")]


class Clock:
    def now(self) -> int:
        return NOW


def stored(root: Path) -> tuple[set[int], int, int]:
    """What a new process finds: seqs with a whole body, accepted, lost."""

    async def read() -> tuple[set[int], int, int]:
        found: set[int] = set()
        while rows := await spool.take(Queue.INBOX, now=NOW, limit=100):
            found |= {row.seq for row in rows if len(row.body) in (100, 1000, 4000, 300000)}
        counts = await spool.counts()
        assert await spool.self_check() == []
        return found, counts.accepted, counts.lost

    spool = SqliteSpool.open(
        root / "data",
        root / "keys" / "seen",
        clock=Clock(),
        min_free_bytes=0,
        ballast_bytes=0,
        on_broken=lambda: None,
    )
    try:
        return trio.run(read)
    finally:
        spool.close()


# ---------------------------------------------------------------- kill -9


def test_kill_9_at_any_moment_loses_nothing_acknowledged(tmp_path: Path) -> None:
    child = script(tmp_path, COMMON, PUTTING)
    chance = random.Random(20090612)
    acknowledged: set[int] = set()
    for _ in range(10):
        process = subprocess.Popen(
            [sys.executable, str(child), str(tmp_path)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        assert json.loads(first) == {"open": True}
        time.sleep(chance.uniform(0.0, 0.12))
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
        process.stdout.close()
        process.wait()
        seqs = {line["seq"] for line in said(rest) if "seq" in line}
        assert not seqs & acknowledged  # a seq is never given twice
        acknowledged |= seqs  # type: ignore[arg-type]
    found, accepted, lost = stored(tmp_path)
    assert acknowledged <= found
    assert len(acknowledged) > 20
    assert (accepted, lost) == (len(found), 0)


# ---------------------------------------------------------------- calls that fail


@functools.cache
def strace_works() -> bool:
    if shutil.which("strace") is None:
        return False
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=fdatasync:error=EIO:when=9"]
    return subprocess.run([*inject, "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def strace() -> None:
    if not strace_works():
        pytest.skip("strace cannot inject faults here")


def injected(root: Path, call: str, error: str, when: str) -> tuple[list[dict[str, object]], int]:
    child = script(root, COMMON, PUTTING)
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}"]
    traced = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", *inject, sys.executable, str(child), str(root)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    return said(traced.stdout), traced.returncode


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize(
    ("call", "when"),  # the first few of each are the start's
    [("fdatasync", 20), ("fdatasync", 67), ("pwrite64", 90), ("pwrite64", 401), ("fsync", 30)],
)
def test_after_one_failed_call_nothing_is_acknowledged(
    tmp_path: Path, call: str, when: int
) -> None:
    """One single failure: the disk is well again for the next call, and that means nothing."""
    lines, status = injected(tmp_path, call, "EIO", str(when))
    assert status == 74
    assert lines.count({"broken": True}) == 1
    at = lines.index({"broken": True})
    assert {"refused": True} in lines[at:]
    assert any("soon" in line for line in lines[:at])
    assert not any("soon" in line for line in lines[at:])
    # what was answered before may have reached the loop after that; all of it is there
    acknowledged = {line["seq"] for line in lines if "seq" in line}
    found, accepted, lost = stored(tmp_path)
    assert acknowledged <= found
    assert (accepted, lost) == (len(found), 0)
    assert lines[-1] == {"refused": True}
    assert sum("refused" in line for line in lines) == 5


@pytest.mark.usefixtures("strace")
def test_a_disk_that_fails_from_the_start_is_refused(tmp_path: Path) -> None:
    lines, status = injected(tmp_path, "fdatasync,fsync", "EIO", "1+")
    assert lines == []
    assert status not in (0, 74)


# ---------------------------------------------------------------- a full disk

FILLING = """
DROPPED = Change(Queue.ENDED, State.DROPPED, due=None, body=b"")

async def fill():
    accepted = 0
    while True:
        try:
            await spool.put([new(100000)])
            accepted += 1
        except SpoolFull:
            return accepted

async def to_the_brim():
    say(accepted=await fill())
    with open(sys.argv[1] + "/filler", "wb", buffering=0) as filler:
        try:
            while filler.write(bytes(4096)):
                pass
        except OSError as error:
            say(filled=error.errno)
    for size in (200000, 300000):
        try:
            await spool.put([new(size)])
        except SpoolFull:
            say(full=True)

async def drain():
    settled = 0
    while rows := await spool.take(Queue.INBOX, now=NOW, limit=5):
        for row in rows:
            settled += await spool.settle(row, DROPPED) is not None
    say(settled=settled)
    purged = 0
    while n := await spool.purge(NOW + 1, limit=5):
        purged += n
    say(purged=purged)
    os.unlink(sys.argv[1] + "/filler")
    with trio.fail_after(20):
        while True:
            try:
                await spool.put([new(1000)])
                break
            except SpoolFull:
                await trio.sleep(0.1)
    counts = await spool.counts()
    say(again=True, states=counts.states, faults=await spool.self_check())
    say(ballast=os.path.getsize(sys.argv[1] + "/data/ballast"))

def open_small():
    return open_spool(sys.argv[1], min_free_bytes={min_free}, ballast_bytes=1 << 20)

spool = open_small()
trio.run(to_the_brim)
if {reopened}:
    spool.close()
    spool = open_small()
trio.run(drain)
spool.close()
"""


@functools.cache
def tmpfs_works() -> bool:
    probe = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]
    try:
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("reopened", [False, True])
@pytest.mark.parametrize("min_free", [0, 2 << 20])
def test_a_full_disk_refuses_drains_purges_and_recovers(
    tmp_path: Path, min_free: int, reopened: bool
) -> None:
    if not tmpfs_works():
        pytest.skip("a small file system cannot be mounted here (unshare -rm, tmpfs)")
    small = tmp_path / "small"
    small.mkdir()
    filling = FILLING.replace("{min_free}", str(min_free)).replace("{reopened}", str(reopened))
    child = script(tmp_path, COMMON, filling)
    mount = 'mount -t tmpfs -o size=6m none "$1" && exec "$2" "$3" "$1"'
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount, "sh", str(small), sys.executable, str(child)],
        stdout=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0
    lines = said(ran.stdout)
    told = {key: value for line in lines for key, value in line.items()}
    assert "broken" not in told
    assert told["accepted"] > 10
    assert told["filled"] == 28  # ENOSPC
    assert lines.count({"full": True}) == 2
    assert told["settled"] == told["purged"] == told["accepted"]
    assert told["states"] == {"dropped": told["accepted"], "waiting": 1}
    assert told["faults"] == []
    assert told["ballast"] == 1 << 20
