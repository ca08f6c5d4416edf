"""Panic on a node that has links: its link key and what it knows of its exits go as well."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from apart import Apart, Story, story
from looking import relay, soon, status

KEYS = {"entry": ("door.key", "link.key", "exits/b.bundle"), "exit": ("exit.key", "link.key")}
PROMISED_S = 1.0


def of(made: Story, role: str) -> Apart:
    return made.entry if role == "entry" else made.exits["b"]


@contextmanager
def two(folder: Path) -> Iterator[Story]:
    """An entry and its exit, both up and known to each other."""
    with story(folder, apart=False) as made:
        made.start()
        yield made


def secrets_of(node: Apart) -> list[bytes]:
    """What nobody may find afterwards, of each file a part that is no public key of it."""
    held = [one for one in (node.folder / "keys").rglob("*") if one.suffix == ".key"]
    files = [*(node.folder / "secrets").iterdir(), *held]
    return [one.read_bytes().strip()[-40:] for one in files]


def left(node: Apart) -> list[Path]:
    """Files of keys and secrets that are there."""
    folders = (node.folder / "keys", node.folder / "secrets")
    return [one for folder in folders for one in folder.rglob("*") if one.is_file()]


def found(node: Apart, secrets: list[bytes]) -> list[str]:
    """In which files one of these stands."""
    files = [one for one in node.folder.rglob("*") if one.is_file()]
    return [one.name for one in files if any(secret in one.read_bytes() for secret in secrets)]


@pytest.mark.slow
@pytest.mark.parametrize("role", KEYS)
@pytest.mark.parametrize("how", ["up", "core hangs", "all hang", "down"])
def test_panic_leaves_no_key_of_a_node_with_links(tmp_path: Path, role: str, how: str) -> None:
    with two(tmp_path) as made:
        node = of(made, role)
        pids = {one["role"]: one["pid"] for one in status(node)["processes"]}
        secrets = secrets_of(node)
        assert len(found(node, secrets)) >= len(KEYS[role]) - 1
        assert all((node.folder / "keys" / one).exists() for one in KEYS[role])
        assert node.process is not None
        match how:
            case "core hangs":
                os.kill(pids["core"], signal.SIGSTOP)
            case "all hang":
                for pid in (node.process.pid, *pids.values()):
                    os.kill(pid, signal.SIGSTOP)
            case "down":
                node.stop()
        done = relay(node, "panic", "--yes")
        assert done.returncode == 0, done.stderr
        for one in KEYS[role]:
            assert f"destroyed: keys/{one}".encode() in done.stdout
        assert not left(node) and not found(node, secrets)
        assert not any(Path(f"/proc/{pid}").exists() and not ended(pid) for pid in pids.values())
        assert relay(node, "panic", "--yes").returncode == 0  # a second time
        assert relay(node, "run").returncode == 78


def ended(pid: int) -> bool:
    return "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.slow
@pytest.mark.parametrize("role", KEYS)
def test_the_other_node_waits_and_says_so_after_a_panic(tmp_path: Path, role: str) -> None:
    with two(tmp_path) as made:
        assert relay(of(made, role), "panic", "--yes").returncode == 0
        other = made.exits["b"] if role == "entry" else made.entry
        if role == "exit":
            made.send(3)
            soon(lambda: status(other)["links"]["to-b"]["state"] == "blocked")
            assert status(other)["waiting"] == 3
        assert status(other)["lost"] == 0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A tmpfs that is full once the block begins to fill it."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("role", KEYS)
def test_a_full_disk_keeps_no_key(tmp_path: Path, role: str) -> None:
    with small_disk(tmp_path / "disk") as disk, two(disk) as made:
        node = of(made, role)
        filling = disk / "full"
        with filling.open("wb") as file, pytest.raises(OSError, match="No space left"):
            while True:
                file.write(bytes(65536))
                file.flush()
        done = relay(node, "panic", "--yes")
        assert done.returncode == 0, done.stderr
        assert not left(node)
        for one in made.nodes:
            one.killed()


@pytest.mark.slow
@pytest.mark.parametrize("role", KEYS)
def test_killed_midway_it_is_given_again(tmp_path: Path, role: str) -> None:
    for after_s in (0.05, 0.15, 0.25, 0.35, 0.5):
        with story(tmp_path / str(after_s), apart=False) as made:
            node = of(made, role)
            (node.folder / "keys/exits").mkdir(exist_ok=True)
            (node.folder / "keys/exits/b.bundle").write_bytes(bytes(5000))
            secrets = secrets_of(node)
            words = [sys.executable, "-m", "relay", "panic", "--yes", "-c", str(node.file)]
            going = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(after_s)
            going.kill()
            going.wait()
            assert relay(node, "panic", "--yes").returncode == 0
            assert not left(node) and not found(node, secrets)


@pytest.mark.slow
@pytest.mark.parametrize("role", KEYS)
def test_keys_are_gone_within_a_second(tmp_path: Path, role: str) -> None:
    took: list[float] = []
    for n in range(5):
        with story(tmp_path / str(n), apart=False) as made:
            node = of(made, role)
            words = [sys.executable, "-m", "relay", "panic", "--yes", "-c", str(node.file)]
            begun = time.monotonic()
            with subprocess.Popen(words, stdout=subprocess.DEVNULL) as going:
                while left(node):
                    assert time.monotonic() < begun + 30
                    time.sleep(0.005)
                took.append(time.monotonic() - begun)
                assert going.wait() == 0
    assert statistics.median(took) < PROMISED_S, took
