"""What a confined process reaches, tried in a real one: as root, and as an ordinary user."""

from __future__ import annotations

import ctypes
import encodings.idna  # noqa: F401 - who is confined may have nowhere to load it from
import fcntl
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from relay.confine import (
    CannotConfine,
    Grants,
    Means,
    confine,
    confining,
    landlock,
    libraries,
    names_of_hosts,
    possible,
)
from relay.sockets import nameless, short

pytestmark = pytest.mark.skipif(not possible().enough, reason="this kernel cannot confine")

IPPROTO_MPTCP = 262
"""RFC 8684; Python names it where the C library does."""

PAIR = socket.socketpair()

SOME_LIBRARY = next(Path("/lib").rglob("libc.so.6")).resolve()
"""One that is readable by everybody; Python's may lie in somebody's home."""

NOBODY = 64321
"""A user whom nobody is."""

USERS = [
    "root" if os.geteuid() == 0 else "ourselves",
    pytest.param(
        "an ordinary user",
        marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else"),
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that everybody may enter, and everything in it is everybody's: who is kept out of it
    is kept out by the kernel's other means."""
    for one in (tmp_path, *tmp_path.parents):
        if one.stat().st_uid == os.geteuid() and not one.stat().st_mode & 0o001:
            one.chmod(one.stat().st_mode | 0o011)
    for name in ("granted", "other", "door"):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o777)
        (tmp_path / name / "file").write_text("words")
        (tmp_path / name / "file").chmod(0o666)
    yield tmp_path


def tried(grants: Grants, attempts: dict[str, Callable[[], object]], user: str) -> dict[str, bool]:
    """Which attempts succeed in a process that is confined to these grants."""
    libraries()
    possible()
    heard, said = os.pipe()
    pid = os.fork()
    if pid == 0:
        found: dict[str, bool] = {}
        try:
            if user == "an ordinary user":
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            confine(grants)
            for name, attempt in attempts.items():
                try:
                    attempt()
                    found[name] = True
                except Exception:  # an import that fails for want of a file may be any
                    found[name] = False
            os.write(said, json.dumps(found).encode())
        finally:
            os._exit(0)
    os.close(said)
    with open(heard) as told:
        answer = told.read()
    os.waitpid(pid, 0)
    made: dict[str, bool] = json.loads(answer)
    return made


def opens(path: Path | str, mode: str = "r") -> Callable[[], object]:
    return lambda: open(path, mode, buffering=0 if "b" in mode else -1).close()


def makes(*of: int) -> Callable[[], object]:
    return lambda: socket.socket(*of).close()


def spoken(flags: int) -> None:
    """Over a pair that was there before: the parent has one, too."""
    ours, theirs = PAIR
    ours.send(b"x", flags)
    theirs.recv(1, flags)


def binds() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))


def names(sock: int, folder: Path) -> None:
    with socket.socket(fileno=sock) as made, short(folder / "socket") as name:
        made.bind(name)


def whitened(folder: Path) -> None:
    """renameat2(2) with RENAME_WHITEOUT."""
    (folder / "there").touch()
    library = ctypes.CDLL(None, use_errno=True)
    there, gone = (str(folder / name).encode() for name in ("there", "gone"))
    if library.renameat2(-100, there, -100, gone, 4) < 0:
        raise OSError(ctypes.get_errno(), "renameat2")


def ptrace(pid: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    if library.ptrace(16, pid, None, None) < 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")


def forks() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def runs(program: str) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            os.execv(program, [program])
        finally:
            os._exit(77)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 77:
        raise PermissionError(program)


def attempts(folder: Path) -> dict[str, Callable[[], object]]:
    parent, port, sock = os.getpid(), listening(), nameless().detach()
    return {
        "its own file": opens(folder / "granted" / "file"),
        "its own file, to write": opens(folder / "granted" / "file", "w"),
        "a new file of its own": opens(folder / "granted" / "new", "x"),
        "another file": opens(folder / "other" / "file"),
        "another file, to write": opens(folder / "other" / "file", "w"),
        "a new file elsewhere": opens(folder / "other" / "new", "x"),
        "to take a file away elsewhere": lambda: (folder / "door" / "file").unlink(),
        "to list a folder": lambda: os.listdir(folder / "other"),
        "a device in place of its own file": lambda: whitened(folder / "granted"),
        "passwd": opens("/etc/passwd"),
        "a library": opens(SOME_LIBRARY),
        "nowhere, to write": opens(os.devnull, "r+b"),
        "a library, to write": opens(SOME_LIBRARY, "r+"),
        "memory of the parent": opens(f"/proc/{parent}/mem", "rb"),
        "environment of the parent": opens(f"/proc/{parent}/environ", "rb"),
        "command line of the parent": opens(f"/proc/{parent}/cmdline", "rb"),
        "to trace the parent": lambda: ptrace(parent),
        "a signal to the parent": lambda: os.kill(parent, 0),
        "a signal by a pipe": lambda: fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, parent),
        "an IPv4 socket": makes(socket.AF_INET),
        "an IPv6 socket": makes(socket.AF_INET6),
        "a datagram socket": makes(socket.AF_INET, socket.SOCK_DGRAM),
        "a socket of many ways": makes(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP),
        "a pair": lambda: spoken(0),
        "a word out of band": lambda: spoken(socket.MSG_OOB),
        "a unix socket": makes(socket.AF_UNIX),
        "a unix socket of datagrams": makes(socket.AF_UNIX, socket.SOCK_DGRAM),
        "a netlink socket": makes(socket.AF_NETLINK, socket.SOCK_RAW),
        "a packet socket": makes(socket.AF_PACKET, socket.SOCK_RAW),
        "a vsock socket": makes(socket.AF_VSOCK),
        "a raw socket": makes(socket.AF_INET, socket.SOCK_RAW),
        "to connect": lambda: socket.create_connection(("127.0.0.1", port)).close(),
        "to bind a port": binds,
        "to name a socket that is there": lambda: names(sock, folder / "door"),
        "a process": forks,
        "a program": lambda: runs("/bin/true"),
        "a thread": lambda: threading.Thread(target=bool).start(),
        "to be dumped again": lambda: prctl(4, 1),
        "to outlive the parent": lambda: prctl(1, 0),
        "the processor's time of the parent": lambda: time.clock_gettime(~parent << 3 | 2),
        "a new name space": lambda: os_unshare(0x10000000),
    }


def prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "prctl")


def os_unshare(flags: int) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(flags) < 0:
        raise OSError(ctypes.get_errno(), "unshare")


_LISTENING: list[socket.socket] = []


def listening() -> int:
    """A port of this machine where somebody listens."""
    if not _LISTENING:
        _LISTENING.append(socket.create_server(("127.0.0.1", 0)))
    return int(_LISTENING[0].getsockname()[1])


LIBRARY = {"a library", "nowhere, to write"}
FILES = {"its own file", "its own file, to write", "a new file of its own"}
OUT = {"an IPv4 socket", "an IPv6 socket", "a datagram socket", "to connect"}
ALWAYS = {"a thread", "a pair"}

TABLE: dict[str, tuple[Callable[[Path], Grants], set[str]]] = {
    "nothing": (lambda at: Grants(), set()),
    "libraries": (lambda at: Grants(reads=libraries()), LIBRARY),
    "a folder to read": (lambda at: Grants(reads=(at / "granted",)), {"its own file"}),
    "a folder to write": (lambda at: Grants(writes=(at / "granted",)), FILES),
    "a folder to replace in": (
        lambda at: Grants(replaces=(at / "granted",)),
        FILES - {"its own file"},
    ),
    "the network": (
        lambda at: Grants(reads=(*libraries(), *names_of_hosts()), network=True),
        LIBRARY | OUT,
    ),
    "unix sockets": (
        lambda at: Grants(writes=(at / "granted",), sockets=True),
        FILES | {"a unix socket"},
    ),
    "a name for a socket": (
        lambda at: Grants(reads=libraries(), binds=(at / "door",)),
        LIBRARY | {"to take a file away elsewhere", "to name a socket that is there"},
    ),
    "processes": (lambda at: Grants(reads=libraries(), forks=True), LIBRARY | {"a process"}),
    "one program": (
        lambda at: Grants(forks=True, executes=(Path("/bin/true").resolve(),), reads=libraries()),
        LIBRARY | {"a process", "a program"},
    ),
}


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("case", TABLE)
def test_what_was_granted_is_reached_and_nothing_else(case: str, user: str, folder: Path) -> None:
    grants, reached = TABLE[case]
    found = tried(grants(folder), attempts(folder), user)
    assert {name for name, done in found.items() if done} == reached | ALWAYS


def test_without_being_confined_most_of_it_is_reached(folder: Path) -> None:
    """The table above can fail: whoever is not kept from it gets at it."""
    found = {name: _done(attempt) for name, attempt in attempts(folder).items() if name in PLAIN}
    assert all(found.values()), found


PLAIN = (
    FILES
    | OUT
    | ALWAYS
    | {"another file", "another file, to write", "passwd", "to list a folder", "a library"}
    | {"environment of the parent", "a signal to the parent", "a unix socket", "a process"}
    | {"a program", "nowhere, to write", "to bind a port", "a netlink socket"}
)


def _done(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def test_it_holds_for_threads_and_for_what_is_started(folder: Path) -> None:
    other = folder / "other" / "file"

    def in_a_copy() -> None:
        pid = os.fork()
        if pid == 0:
            os._exit(0 if _done(opens(other)) else 1)
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1:
            raise PermissionError

    def in_a_thread() -> None:
        found: list[bool] = []
        thread = threading.Thread(target=lambda: found.append(_done(opens(other))))
        thread.start()
        thread.join()
        if not found[0]:
            raise PermissionError

    def in_a_program() -> None:
        code = f"open({str(other)!r})"
        done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=False)
        if done.returncode != 0:
            raise PermissionError

    grants = Grants(reads=libraries(), forks=True, executes=(Path(sys.executable),))
    where = {"copy": in_a_copy, "thread": in_a_thread, "program": in_a_program}
    assert tried(grants, where, "root") == dict.fromkeys(where, False)


@pytest.mark.parametrize("abi", [1, 2, 3])
def test_an_older_kernel_empties_no_file_either(
    abi: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linux 6.1 knows version 2 of Landlock, which does not look at truncate(2)."""
    if abi > possible().landlock:
        pytest.skip("this kernel has less")
    monkeypatch.setattr(confining, "possible", lambda: Means(abi, seccomp=True))
    grants = Grants(reads=(folder / "other",), writes=(folder / "granted",))
    here, there = folder / "granted" / "file", folder / "other" / "file"

    def empties(path: Path, flags: int) -> Callable[[], object]:
        return lambda: os.close(os.open(path, flags | os.O_TRUNC))

    attempts: dict[str, Callable[[], object]] = {
        "by its name": lambda: os.truncate(there, 0),
        "by reading": empties(there, os.O_RDONLY),
        "by reading its own": empties(here, os.O_RDONLY),
        "its own": empties(here, os.O_WRONLY),
        "its own, open": empties(here, os.O_RDWR),
        "a word read": opens(there),
    }
    found = tried(grants, attempts, "root")
    wanted = {"its own", "its own, open", "a word read"}
    assert {name for name, done in found.items() if done} == wanted
    assert there.read_text() == "words"


def test_who_changes_nothing_by_name_changes_no_mode_of_what_it_opened(folder: Path) -> None:
    """A library that belongs to its user, above all to root, is readable and no more."""
    library, own = folder / "other" / "file", folder / "granted" / "file"
    grants = Grants(reads=(library,), writes=(folder / "granted",), by_name=False)
    attempts: dict[str, Callable[[], object]] = {
        "a library's": lambda: os.fchmod(os.open(library, os.O_RDONLY), 0o777),
        "its own": lambda: os.fchmod(os.open(own, os.O_RDWR), 0o777),
        "by name": lambda: os.chmod(own, 0o777),
        "times": lambda: os.utime(os.open(own, os.O_RDWR), (0, 0)),
    }
    found = tried(grants, attempts, "root")
    assert {name for name, done in found.items() if done} == {"times"}


def test_it_cannot_be_taken_back(folder: Path) -> None:
    def again() -> None:
        confine(Grants(reads=(folder / "other",), network=True))
        open(folder / "other" / "file").close()

    grants = Grants(reads=(folder / "granted",))
    found = tried(grants, {"again": again, "socket": makes(socket.AF_INET)}, "root")
    assert found == {"again": False, "socket": False}


def test_root_keeps_none_of_its_rights_and_is_not_dumped(folder: Path) -> None:
    def none() -> None:
        lines = dict(
            line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines()
        )
        rights = {int(lines[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapBnd")}
        if rights != {0} and os.geteuid() == 0:
            raise PermissionError
        if (lines["NoNewPrivs"], lines["Seccomp"]) != ("1", "2"):
            raise PermissionError
        if ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) != 0:  # PR_GET_DUMPABLE
            raise PermissionError

    grants = Grants(reads=(*libraries(), Path("/proc/self")))
    assert _in_itself(grants, none)


def _in_itself(grants: Grants, claim: Callable[[], None]) -> bool:
    """The same where a grant is about the process that is confined: made there."""
    pid = os.fork()
    if pid == 0:
        try:
            confine(grants)
            claim()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.parametrize(
    ("refused", "means"),
    [("landlock", Means(0, seccomp=True)), ("seccomp", Means(landlock.version(), seccomp=False))],
)
def test_what_the_kernel_says_it_has_and_refuses_is_not_there(
    refused: str, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(getattr(confining, refused), "restrict", refuses)
    possible.cache_clear()
    try:
        assert possible() == means
    finally:
        possible.cache_clear()


def test_after_a_second_thread_it_is_too_late() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        with pytest.raises(CannotConfine, match="threads"):
            confine(Grants())
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize(
    ("means", "enough", "lacks"),
    [
        (Means(7, seccomp=True), True, ""),
        (Means(0, seccomp=True), False, "Landlock"),
        (Means(1, seccomp=False), False, "seccomp"),
        (Means(0, seccomp=False), False, "Landlock .* and seccomp"),
    ],
)
def test_what_is_missing_is_named(means: Means, enough: bool, lacks: str) -> None:
    import re

    assert means.enough is enough
    assert re.search(lacks, means.lacks) is not None
    assert bool(means.lacks) is not enough
