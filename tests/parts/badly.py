"""Bridges that behave as badly as their authors did not mean them to. Installed, never imported by
tests: each class is a bridge of its name in small letters."""

from __future__ import annotations

import contextlib
import logging
import os
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

HERE = Path(__file__).parent


def note(word: str) -> None:
    """For the test to read: what happened, and in which process."""
    with (HERE / "notes").open("a") as notes:
        notes.write(f"{word} {os.getpid()}\n")


note("imported")


class Good:
    api = 1
    once = Once("none")
    at_once = 1

    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid")

        token_file: str = ""

    def __init__(self, settings: Any, http: Any, clock: Any) -> None:
        self.settings = settings

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


class Interrupts(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        raise KeyboardInterrupt(attempt.part.payload.decode())


class Leaves(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        sys.exit(3)


class Nonsense(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        return "posted"


class Number(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        return Posted(7)  # type: ignore[arg-type]


class Endless(Good):
    async def prepare(self, post: Any) -> Any:
        def parts() -> Any:
            while True:
                yield Part("key", 0, 1, b"x" * 1024)

        return parts()


class Huge(Good):
    async def prepare(self, post: Any) -> Any:
        return [Part("key", 0, 1, bytes(20 << 20))]


class Large(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        return Posted("1" * (40 << 20))


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
        time.sleep(3600)  # noqa: ASYNC251


class Hangs(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        await trio.sleep_forever()


class Deaf(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        while True:
            with trio.CancelScope(shield=True):
                await trio.sleep(3600)


class Spins(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        while True:
            await trio.lowlevel.checkpoint()


class Floods(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        async with trio.open_nursery() as nursery:
            while True:
                nursery.start_soon(keep, b"x" * 4096)
                await keep(b"x" * 4096)
                note("kept")


class Forks(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        subprocess.Popen(["sleep", "3600"], start_new_session=True)  # noqa: ASYNC220
        if os.fork() == 0:
            note("forked")
            time.sleep(3600)  # noqa: ASYNC251
        time.sleep(0.2)  # noqa: ASYNC251
        os._exit(1)


class Hogs(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        return Posted(str(len(bytearray(8 << 30))))


class Nosy(Good):
    async def send(self, attempt: Any, keep: Any) -> Any:
        (HERE / "seen").write_text(" ".join(sorted(os.environ)))
        return Posted("1")


class Old(Good):
    api = 2


class Sick(Good):
    async def check(self) -> Any:
        raise RuntimeError("a token that nobody may see")


class Unfit(Good):
    def __init__(self, settings: Any, http: Any, clock: Any) -> None:
        raise RuntimeError("a token that nobody may see")


class Silent(Good):
    once = "never"  # type: ignore[assignment]
