"""Bridges that behave as badly as their authors did not mean them to. Installed, never imported by
tests: each class is a bridge of its name in small letters. A process that has imported this module
is called so."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import mmap
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import trio
from pydantic import BaseModel, ConfigDict

from relay.ports import Health, Once, Part, Posted, Unknown

IMPORTED = "badly imported"

ctypes.CDLL(None).prctl(15, IMPORTED.encode(), 0, 0, 0)  # PR_SET_NAME: a file cannot be written yet


class Good:
    api = 1
    once = Once("none")
    at_once = 1

    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid")

        token_file: str = ""
        folder: str = ""

    def __init__(self, settings: Any, http: Any, clock: Any) -> None:
        self.settings = settings

    def note(self, word: str) -> None:
        """For the test to read: what happened."""
        with Path(self.settings.folder, "notes").open("a") as notes:
            notes.write(f"{word}\n")

    async def prepare(self, post: Any) -> Any:
        return [Part(f"key {post.text[:8]}", 0, 1, post.text.encode())]

    async def send(self, attempt: Any, keep: Any) -> Any:
        return Posted("1")

    async def find(self, attempt: Any) -> Any:
        return Unknown()

    async def check(self) -> Any:
        return Health("an account")


class Raises(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        raise ValueError(attempt.part.payload.decode())


class Leaves(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        sys.exit(3)


class Nonsense(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        return "posted"


class Huge(Good):
    async def prepare(self, post: Any) -> Any:
        return [Part("key", 0, 1, bytes(20 << 20))]


class Quits(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        threading.Timer(0.2, _close_sockets).start()
        return Posted("1")


def _close_sockets() -> None:
    """As a library does that makes a daemon of its process, but for the pipes."""
    for fd in range(3, 256):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                os.close(fd)


class Prints(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        text = attempt.part.payload.decode()
        print("ready", text)
        print(text, file=sys.stderr)
        os.write(1, f"ready {text}\n".encode())
        os.write(2, text.encode())
        logging.getLogger(text).error(text)
        logging.getLogger().error(text)
        warnings.warn(text, stacklevel=1)
        return Posted("1")


class Dies(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        os._exit(0)


class Sleeps(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        threading.Thread(target=time.sleep, args=(3600,)).start()
        time.sleep(3600)  # noqa: ASYNC251


class Hangs(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        await trio.sleep_forever()


class Deaf(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        while True:
            with trio.CancelScope(shield=True):
                await trio.sleep(3600)


class Floods(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        async with trio.open_nursery() as nursery:
            while True:
                nursery.start_soon(keep, b"x" * 4096)
                await keep(b"x" * 4096)
                self.note("kept")


class Forks(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        with contextlib.suppress(OSError):
            subprocess.Popen(["sleep", "3600"], start_new_session=True)  # noqa: ASYNC220
            self.note("started")
        with contextlib.suppress(OSError):
            if os.fork() == 0:
                time.sleep(3600)  # noqa: ASYNC251
            self.note("forked")
        self.note("tried")
        os._exit(1)


class Opens(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        files = [os.open(os.devnull, os.O_RDONLY) for _ in range(5000)]
        return Posted(str(len(files)))


class Threads(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        threading.stack_size(64 * 1024)
        threads = [threading.Thread(target=time.sleep, args=(3600,)) for _ in range(100_000)]
        for one in threads:
            one.start()
        return Posted(str(len(threads)))


class Garbage(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        for fd in range(3, 64):
            with contextlib.suppress(OSError):
                if stat.S_ISSOCK(os.fstat(fd).st_mode):
                    os.write(fd, b"\xff" * 4096)
        await trio.sleep_forever()


class Hogs(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        shared: list[Any] = []
        with contextlib.suppress(OSError, ValueError, MemoryError):
            while len(shared) < 64:
                shared.append(mmap.mmap(-1, 256 << 20))
        self.note(f"shared {len(shared)}")
        return Posted(str(len(bytearray(8 << 30))))


class Nosy(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        self.note(" ".join(["seen:", *sorted(os.environ)]))
        return Posted("1")


class Sick(Good):
    async def check(self) -> Any:
        raise RuntimeError("a token that nobody may see")
