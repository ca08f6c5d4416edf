"""A real ``make install``, and the node of its unit: as another user, confined as the unit says."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from installed import AS_ROOT, ROOT, TOOLS, Machine, confined, hears, installed, notified, served

from relay.testing.senders import mail, page_texts, send_mail

POST = "post@example.org"


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with installed() as made:
        yield made


def low_port() -> int:
    """A free port for which one needs a right."""
    for port in range(1023, 600, -1):
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no low port is free")


def ready_folder(machine: Machine, port: int) -> None:
    """What ``relay init`` makes, on ports that are free here, and without waits."""
    if not (machine.node / "relay.toml").exists():
        machine.relay("init")
    file = machine.node / "relay.toml"
    text = file.read_text().replace("127.0.0.1:8080", "127.0.0.1:0")
    text = text.replace("127.0.0.1:8081", "127.0.0.1:0")
    text = text.replace("127.0.0.1:2525", f"127.0.0.1:{port}")
    text = text.replace('destinations = ["page"]', 'destinations = ["page"]\ndelay = ["0s", "0s"]')
    file.write_text(text.replace('folder = "public"', 'folder = "public"\ntick = "0s"'))
    assert machine.owners() == {int(machine.user)}


def a_mail_comes_out(machine: Machine, at: dict[str, str]) -> None:
    host, _, port = at["mail"].rpartition(":")
    text = f"a text at {time.monotonic_ns()}"
    assert send_mail(host, int(port), mail(text, to=POST), to=POST)
    until = time.monotonic() + 30
    while not (rows := machine.relay("queue", "list", "--json")):
        assert time.monotonic() < until
    machine.relay("queue", "release", rows.split('"id": "')[1].split('"')[0])
    while not any(text in shown for shown in page_texts(f"http://{at['http']}")):
        assert time.monotonic() < until
        time.sleep(0.05)


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every path below: its mode, its owner, and a hash of what it holds or where it leads.

    Not what compiled files hold: which of its values Python writes as references depends on what
    else is in memory (https://github.com/python/cpython/issues/78274)."""
    found = {}
    for path in folder.rglob("*"):
        about = path.lstat()
        holds = os.readlink(path).encode() if path.is_symlink() else b""
        if not holds and path.is_file() and path.suffix != ".pyc":
            holds = hashlib.sha256(path.read_bytes()).digest()
        found[str(path.relative_to(folder))] = (about.st_mode, about.st_uid, holds)
    return found


@pytest.mark.slow
def test_the_program_built_again_is_the_same(machine: Machine) -> None:
    once = tree(machine.root / "opt")
    machine.make("install")
    assert tree(machine.root / "opt") == once
    machine.make("uninstall")
    assert not (machine.root / "opt").exists()
    machine.make("install")
    assert tree(machine.root / "opt") == once
    [version] = (machine.root / "opt/outword").glob("venv-*")
    names = {
        path.name.partition("-")[0].lower()
        for path in version.glob("lib/*/site-packages/*.dist-info")
    }
    pins = (ROOT / "requirements.txt").read_text()
    pinned = re.findall(r"^([\w-]+)==", pins, re.M)
    assert names == {"outword", *(name.replace("-", "_") for name in pinned)}


PROBE = """
import mmap, os, socket, sys

def tried(what):
    try:
        what()
    except OSError as error:
        return error.errno
    return 0

node, elsewhere = sys.argv[1:]
def run():
    with open(f"{node}/script", "w") as file:
        file.write("#!/bin/sh\\n")
    os.chmod(f"{node}/script", 0o700)
    os.execv(f"{node}/script", ["script"])

def low():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))

wx = mmap.PROT_WRITE | mmap.PROT_EXEC
print(
    tried(lambda: open(f"{node}/new", "w").close()),
    tried(lambda: open(f"{elsewhere}/new", "w").close()),
    tried(run),
    tried(low),
    tried(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()),
    tried(lambda: mmap.mmap(-1, 4096, prot=wx)),
    tried(lambda: os.chown(node, -1, -1)),
    tried(lambda: os.listdir("/proc/sys")),
)
"""
"""What a node may do, and what it may not, each tried: the errors' numbers, 0 for none."""


@pytest.mark.skipif(not AS_ROOT or bool(TOOLS), reason=f"needs root, and {TOOLS}")
@pytest.mark.slow
def test_what_the_unit_forbids_cannot_be_done(machine: Machine) -> None:
    probe = ["/usr/bin/python3", "-I", "-c", PROBE, str(machine.node), str(machine.root)]
    done = subprocess.run(confined(machine, *probe), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for name in ("new", "script"):
        (machine.node / name).unlink()
    numbers = [errno.errorcode.get(int(word), "") for word in done.stdout.split()]
    may = ["", "EROFS", "EACCES", "", "EAFNOSUPPORT", "EPERM", "EPERM", "ENOENT"]
    assert numbers == may


@pytest.mark.slow
@pytest.mark.skipif(not AS_ROOT or bool(TOOLS), reason=f"needs root, and {TOOLS}")
def test_the_service_works_confined_as_its_unit_says(machine: Machine) -> None:
    ready_folder(machine, low_port())
    command = confined(machine, *machine.line())
    with notified(machine.root) as heard, served(machine, heard, command) as at:
        hears(heard, b"READY=1")
        a_mail_comes_out(machine, at)
        hears(heard, b"WATCHDOG=1")
    assert machine.owners() == {int(machine.user)}
    (machine.root / "notify").unlink()
