"""A throw-away root in which Outword is installed, and the service there as its unit runs it."""

from __future__ import annotations

import contextlib
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CONFINED = Path(__file__).with_name("confined.py")

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

    def relay(self, *words: str, stdin: str = "", good: Collection[int] = (0,)) -> str:
        """The command on the PATH, as root has it; what it printed. ``good`` are its exit codes."""
        command = [str(self.root / "usr/local/bin/relay"), *words]
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, timeout=60, cwd="/"
        )
        assert done.returncode in good, done.stdout + done.stderr
        return done.stdout

    def line(self) -> list[str]:
        """The unit's own ExecStart."""
        [line] = [
            line for line in self.unit.read_text().splitlines() if line.startswith("ExecStart=")
        ]
        return line.partition("=")[2].split()

    def as_user(self, command: list[str]) -> list[str]:
        """A command as the node's user."""
        ids = [f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
        return ["setpriv", *ids, "--", *command] if AS_ROOT else command

    def owners(self) -> set[int]:
        """Whose files lie in the node's folder."""
        return {path.lstat().st_uid for path in (self.node, *self.node.rglob("*"))}


@contextlib.contextmanager
def installed(*, made: bool = True) -> Iterator[Machine]:
    """Outword in a throw-away root, or not yet ``made`` there; uninstalled afterwards, and then
    nothing may be left."""
    root = Path(tempfile.mkdtemp(prefix="outword-installed-", dir="/var/tmp"))
    root.chmod(0o755)
    try:
        machine = Machine(root)
        if made:
            machine.make("install")
        yield machine
        (root / "confined.py").unlink(missing_ok=True)
        machine.make("uninstall", "PURGE=1")
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
