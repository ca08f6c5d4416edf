"""A real ``make install``, and the node of its unit: as another user, confined as the unit says."""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from relay.testing.senders import mail, page_texts, send_mail

ROOT = Path(__file__).parent.parent.parent
CONFINED = Path(__file__).parent / "confined.py"
POST = "post@example.org"

AS_ROOT = os.geteuid() == 0
TOOLS = [tool for tool in ("setpriv", "unshare", "systemd-analyze") if not shutil.which(tool)]


def free_user() -> str:
    """A number that no user has; without root, our own."""
    taken = {one.pw_uid for one in pwd.getpwall()}
    return str(next(n for n in range(64321, 65000) if n not in taken) if AS_ROOT else os.geteuid())


def python() -> str:
    """A Python that another user can run as well: not one in root's home."""
    ours = os.path.realpath(sys.executable)
    return "/usr/bin/python3" if AS_ROOT and ours.startswith("/root") else ours


class Machine:
    """A throw-away root in which Outword is installed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.user = free_user()
        self.node = root / "srv/outword"
        self.unit = root / "etc/systemd/system/outword.service"

    def make(self, *words: str) -> str:
        """A target of the Makefile, in this root; what it printed."""
        given = [f"ROOT={self.root}", f"USER_={self.user}", f"PYTHON={python()}"]
        done = subprocess.run(
            ["make", "-s", "-C", str(ROOT), *words, *given],
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def relay(self, *words: str, stdin: str = "") -> str:
        """The command on the PATH, as root has it; what it printed."""
        command = [str(self.root / "usr/local/bin/relay"), *words]
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, timeout=60, cwd="/"
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def line(self) -> list[str]:
        """The unit's own ExecStart."""
        [line] = [
            line for line in self.unit.read_text().splitlines() if line.startswith("ExecStart=")
        ]
        return line.partition("=")[2].split()

    def owners(self) -> set[int]:
        """Whose files lie in the node's folder."""
        return {path.lstat().st_uid for path in (self.node, *self.node.rglob("*"))}


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    root = Path(tempfile.mkdtemp(prefix="outword-installed-", dir="/var/tmp"))
    root.chmod(0o755)
    try:
        made = Machine(root)
        made.make("install")
        yield made
        (root / "confined.py").unlink(missing_ok=True)
        made.make("uninstall", "PURGE=1")
        assert list(root.iterdir()) == []
    finally:
        shutil.rmtree(root)


@contextlib.contextmanager
def notified(folder: Path) -> Iterator[socket.socket]:
    """Stands for systemd: what the service tells it arrives here."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(folder / "notify"))
        (folder / "notify").chmod(0o777)
        sock.settimeout(30)
        yield sock


@contextlib.contextmanager
def served(machine: Machine, heard: socket.socket, command: list[str]) -> Iterator[dict[str, str]]:
    """The service runs inside the block; where it listens. It must then end well."""
    env = {
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
        "NOTIFY_SOCKET": heard.getsockname(),
        "WATCHDOG_USEC": "1000000",
    }
    with (
        (machine.root / "said").open("wb") as said,
        subprocess.Popen(
            command, env=env, cwd=machine.node, stdout=subprocess.PIPE, stderr=said
        ) as running,
    ):
        try:
            assert running.stdout is not None
            line = b"..."
            while line and not line.startswith(b"ready"):
                assert select.select([running.stdout], [], [], 30)[0], "it says nothing"
                line = running.stdout.readline()
            assert line, (machine.root / "said").read_text()[-3000:]
            yield dict(pair.split("=", 1) for pair in line.decode().split()[1:])
            running.send_signal(signal.SIGTERM)
            assert running.wait(20) == 0
        finally:
            running.kill()
    (machine.root / "said").unlink()


def confined(machine: Machine, *command: str) -> list[str]:
    """A command as systemd would run it."""
    script = shutil.copy(CONFINED, machine.root / "confined.py")
    namespaces = ["unshare", "--mount", "--ipc", "--", "/usr/bin/python3", "-I", str(script)]
    return [*namespaces, str(machine.unit), machine.user, str(machine.node), *command]


def hears(sock: socket.socket, state: bytes) -> None:
    while sock.recv(100) != state:
        pass


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
    may = ["", "EROFS", "EACCES", "", "EAFNOSUPPORT", "EACCES", "EPERM", "ENOENT"]
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
