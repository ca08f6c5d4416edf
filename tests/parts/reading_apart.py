"""What a content does to a real reader process, or a medium to a cleaner: how it ends, and what it
costs.

``with Apart("reader") as apart: apart.costs(content, "mail")``. A process that has loaded what they
load forks one, as the launcher does, and another whenever one has ended; the kernel says what each
costs.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from relay.errors import Damaged
from relay.model import Command, Encrypted, Mark, Media, Message, Unclean, Unreadable
from relay.node import cleaner, reader
from relay.node.child import Pulse
from relay.node.pipes import PipeEnded, PlainPipe, pair
from relay.reader.text import MAX_TEXT, MAX_TITLE
from relay.wire.frames import Clean, Read, WasCleaned, WasRead

HERE = Path(__file__).resolve()
WALL_S = 60.0
"""Seconds after which the reader is not waited for: the machine may be busy."""


@dataclass(frozen=True, slots=True)
class Cost:
    """How it ended: "message", "command", "encrypted", "unreadable" with ``why``; "media",
    "unclean" with ``why``; or "killed"; and what its process took: seconds of CPU, bytes of memory
    above those it began with. ``odd``: what is wrong with what came out."""

    end: str
    why: str
    cpu_s: float
    memory: int
    odd: str = ""


class Apart:
    """The process that forks readers or cleaners, and kills one that does not answer."""

    def __init__(self, role: str) -> None:
        self._role = role

    def __enter__(self) -> Apart:
        paths = os.pathsep.join([str(HERE.parents[2]), str(HERE.parent)])
        self._process = subprocess.Popen(
            [sys.executable, str(HERE), self._role],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
        )
        return self

    def costs(self, content: bytes, kind: str) -> Cost:
        """Have it read as that kind, or cleaned."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{kind} {len(content)}\n".encode() + content)
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


def main(role: str) -> None:
    """Have read, or cleaned, what comes, one after the other, until there is no more."""
    worker = READER if role == "reader" else CLEANER
    worker.load()
    one: _Process | None = None
    while asked := sys.stdin.buffer.readline():
        one = one or _Process(worker)
        kind, size = asked.decode().split()
        cost = one.costs(sys.stdin.buffer.read(int(size)), kind)
        if cost["end"] in GOES_ON and int(size) < LARGE:
            one.forgets()
        else:
            one.ends()
            one = None
        print(json.dumps(cost), flush=True)
    if one is not None:
        one.ends()


@dataclass(frozen=True)
class _Worker:
    """A role: its program, what it loads, what it is asked and how it answers."""

    run: Callable[[socket.socket, Pulse], int]
    load: Callable[[], None]
    asked: Callable[[bytes, Any], object]
    answers: type


def _load_cleaner() -> None:
    cleaner.prepare_libraries()
    cleaner.prepare_libraries = lambda: None  # once is enough for all that are forked


READER = _Worker(reader.main, reader.load, Read, WasRead)
CLEANER = _Worker(
    cleaner.main,
    _load_cleaner,
    lambda content, _: Clean(Media("application/octet-stream", content)),
    WasCleaned,
)
GOES_ON = ("message", "command", "media")
LARGE = 1_000_000
"""After these a reader is given more; after what is larger than this it may have enough."""


class _Process:
    """A worker that waits. It is forked before a content is here, so that nothing of that is
    counted as its own."""

    def __init__(self, worker: _Worker) -> None:
        ours, theirs = pair()
        beat, write = os.pipe()
        self._worker = worker
        self._pid = os.fork()
        if self._pid == 0:
            ours.close()
            status = 70
            try:
                status = worker.run(theirs, Pulse(write))
            finally:
                os._exit(status)
        theirs.close()
        os.close(write)
        self._beat = beat
        self._pipe = PlainPipe(ours, (worker.answers,))
        os.read(beat, 1)
        self._before = self._memory("VmRSS")

    def costs(self, content: bytes, kind: Any) -> dict[str, Any]:
        """How it ended, and what it cost."""
        spent, answer = self._cpu_s(), None
        try:
            self._pipe.send(self._worker.asked(content, kind))
            if select.select([self._pipe], [], [], WALL_S)[0]:
                answer = self._pipe.receive()
        except (PipeEnded, Damaged):
            pass
        cost = {"cpu_s": self._cpu_s() - spent, "memory": self._memory("VmHWM") - self._before}
        if answer is None:
            os.kill(self._pid, signal.SIGKILL)  # if it still lives
            return {"end": "killed", "why": "", **cost}
        said = answer.message if isinstance(answer, WasRead) else answer.made
        end, why = type(said).__name__.lower(), getattr(said, "why", "")
        return {"end": end, "why": why, "odd": oddness(said), **cost}

    def forgets(self) -> None:
        """The most memory it ever had is what it has now (proc(5), clear_refs)."""
        with open(f"/proc/{self._pid}/clear_refs", "wb") as file:
            file.write(b"5")

    def ends(self) -> None:
        self._pipe.close()
        os.close(self._beat)
        os.waitpid(self._pid, 0)

    def _cpu_s(self) -> float:
        """What it has used, also when it has ended and nobody waited for it: the clock of another
        process (clock_getcpuclockid(3))."""
        return time.clock_gettime((~self._pid << 3) | 2)

    def _memory(self, name: str) -> int:
        with open(f"/proc/{self._pid}/status") as file:
            found = [line.split()[1] for line in file if line.startswith(name + ":")]
        return int(found[0]) * 1024 if found else 0


def oddness(said: object) -> str:
    """What no reading may be, in a word; empty where all is well."""
    if isinstance(said, Unreadable):
        return "not understood" * (said.why == "not understood")
    if isinstance(said, Encrypted | Command | Unclean):
        return ""
    if isinstance(said, Media):
        return "no type" * (said.type.partition("/")[0] not in ("image", "video", "audio"))
    assert isinstance(said, Message)
    shown = said.text + said.title
    wrong = {
        "too long": len(said.text) > MAX_TEXT or len(said.title) > MAX_TITLE,
        "nothing": not (said.text or said.title or said.media),
        "controls": bool(set(shown) & set("\x00\x07\x08\r\x1b\x7f\u202e\u202d\ufeff\u2028\ufffe")),
        "surrogates": any("\ud800" <= one <= "\udfff" for one in shown),
        "marks": any(
            not 0 <= one.offset <= one.offset + one.length <= len(_marked(said, one))
            for one in said.marks
        ),
        "types": any("/" not in one.type or not one.type.isascii() for one in said.media),
    }
    return ", ".join(name for name, is_so in wrong.items() if is_so)


def _marked(said: Message, mark: Mark) -> str:
    return said.title if mark.where == "title" else said.text


if __name__ == "__main__":
    main(sys.argv[1])
