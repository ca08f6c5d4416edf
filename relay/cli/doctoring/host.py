"""The machine, as far as ``relay doctor`` asks about it; in tests a folder and made-up answers."""

from __future__ import annotations

import ctypes
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_CHARACTERS = 1024 * 1024
"""Of a file that is looked at: the settings of other programs are a few kB."""

COMMAND_S = 8.0
TIMEX_BYTES = 512
"""More than struct timex has on any architecture (208 bytes on 64 bits; adjtimex(2))."""


def _run(command: Sequence[str]) -> str | None:
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=COMMAND_S, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")


def _clock() -> int:
    """The kernel's clock state: 5 (TIME_ERROR) where nobody keeps it right, -1 not to be told."""
    asked = ctypes.create_string_buffer(TIMEX_BYTES)  # modes = 0: only look
    return int(ctypes.CDLL(None).adjtimex(asked))


@dataclass(frozen=True, slots=True)
class Host:
    """``root`` is where its files begin; ``run`` gives what a command printed, or None."""

    root: Path = Path("/")
    run: Callable[[Sequence[str]], str | None] = _run
    clock: Callable[[], int] = _clock
    now: Callable[[], float] = time.time

    def there(self, path: str) -> bool:
        """Whether a file is there, as far as we may see."""
        try:
            return (self.root / path.lstrip("/")).exists()
        except OSError:
            return False

    def read(self, path: str) -> str:
        """The text of a file; empty where there is none or it is not for us."""
        try:
            with open(self.root / path.lstrip("/"), encoding="utf-8", errors="replace") as file:
                return file.read(MAX_CHARACTERS)
        except OSError:
            return ""

    def names(self, folder: str) -> list[str]:
        """Paths of the files of a folder, in order of their names."""
        try:
            held = sorted(one.name for one in (self.root / folder.lstrip("/")).iterdir())
        except OSError:
            return []
        return [f"{folder}/{name}" for name in held]
