"""What a medium does to a process that cleans it: how that ends, and what it costs.

``with Apart() as apart: apart.clean(content)``. A process that has loaded the libraries forks one
for each medium, with the limits that a cleaner has and no way to open anything; the kernel says
what it took.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from relay.cleaning import clean, fit, prepare_libraries
from relay.model import Fits, Media

HERE = Path(__file__).resolve()
MEMORY_BYTES = 1024 * 1024 * 1024
CPU_S = 30
SMALL = Fits(500, 40, (), 3000, 600, 64, 2000, 600)


@dataclass(frozen=True, slots=True)
class Cost:
    """How it ended: "media", "unclean" with ``why``, "raised" or "killed"; seconds of CPU, bytes of
    memory above those at the start."""

    end: str
    why: str
    cpu_s: float
    memory: int


class Apart:
    """The process that forks."""

    def __enter__(self) -> Apart:
        paths = os.pathsep.join([str(HERE.parents[2]), str(HERE.parent)])
        self._process = subprocess.Popen(
            [sys.executable, str(HERE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
        )
        return self

    def clean(self, content: bytes) -> Cost:
        """Have it cleaned."""
        return self._asked("clean", content)

    def fit(self, content: bytes, kind: str) -> Cost:
        """Have it fitted, as if it were of that type and cleaned."""
        return self._asked(kind, content)

    def _asked(self, what: str, content: bytes) -> Cost:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{what} {len(content)}\n".encode() + content)
        self._process.stdin.flush()
        return Cost(**json.loads(self._process.stdout.readline()))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def main() -> None:
    """Clean what comes, each in a process of its own."""
    prepare_libraries()
    while asked := sys.stdin.buffer.readline():
        what, size = asked.decode().split()
        print(json.dumps(_forked(what, sys.stdin.buffer.read(int(size)))), flush=True)


def _forked(what: str, content: bytes) -> dict[str, object]:
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        end, why = "raised", ""
        status = os.open("/proc/self/status", os.O_RDONLY)
        _limit()
        before = _peak(status)
        try:
            end, why = _cleaned(what, content)
        finally:
            os.write(writes, json.dumps([end, why, _peak(status) - before]).encode())
            os._exit(0)
    os.close(writes)
    _, _, used = os.wait4(pid, 0)
    with os.fdopen(reads, "rb") as pipe:
        said = pipe.read()
    end, why, memory = json.loads(said) if said else ("killed", "", 0)
    return {"end": end, "why": why, "cpu_s": used.ru_utime + used.ru_stime, "memory": memory}


def _cleaned(what: str, content: bytes) -> tuple[str, str]:
    if what == "clean":
        made = clean(Media("", content))
    else:
        made = fit(Media(what, content, width=99, height=99, seconds=1), SMALL)
    if not isinstance(made, Media):
        return "unclean", made.why
    assert made.content and made.type in ("image/jpeg", "image/png", "video/mp4", "audio/mp4")
    return "media", ""


def _limit() -> None:
    with open("/proc/self/clear_refs", "wb") as file:
        file.write(b"5")  # the most it ever had is what it has now (proc(5))
    with open("/proc/self/statm", "rb") as file:
        now = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY_BYTES, now + MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # from now on nothing can be opened


def _peak(status: int) -> int:
    """The most memory that it had (bytes)."""
    lines = os.pread(status, 4096, 0).decode().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
