"""Files are destroyed: written over in place, synced, unlinked.

In place, so that it needs no room. A disk that writes elsewhere (flash, btrfs, a snapshot) may keep
what was there: no program can promise more than that it is not found under its name.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

How = Literal["destroyed", "unlinked", "left"]
"""``unlinked``: it is not there any more, and could not be written over before. ``left``: it is
there still."""

CHUNK: Final = bytes(64 * 1024)


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one file that was there; ``why`` in words of the system, where not all
    could be done."""

    file: Path
    how: How
    why: str = ""


def destroyed(files: Iterable[Path]) -> Iterator[Ended]:
    """Destroy these, in their order; what is not there is passed over. Raises nothing."""
    folders: dict[Path, None] = {}
    for file in files:
        ended = _one(file)
        if ended is not None:
            folders[file.parent] = None
            yield ended
    for folder in folders:
        with contextlib.suppress(OSError):
            _sync(folder)


def _one(file: Path) -> Ended | None:
    try:
        about = file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return Ended(file, "left", error.strerror or "cannot be reached")
    why = ""
    if stat.S_ISREG(about.st_mode):
        try:
            _write_over(file)
        except OSError as error:
            why = error.strerror or "cannot be written"
    else:
        why = _of_a_link(file) if stat.S_ISLNK(about.st_mode) else "no file"
    try:
        _unlink(file)
    except FileNotFoundError:
        return None  # somebody else was at it as well
    except OSError as error:
        return Ended(file, "left", error.strerror or "cannot be unlinked")
    return Ended(file, "unlinked" if why else "destroyed", why)


def _of_a_link(file: Path) -> str:
    """What it leads to may have been destroyed before it (``listed``)."""
    return "a link: what it leads to is left" if os.path.exists(file) else "a link to nothing"


def _unlink(file: Path) -> None:
    """Also from a folder of ours that may only be read. Raises OSError."""
    try:
        file.unlink()
    except PermissionError:
        file.parent.chmod(0o700)
        file.unlink()


def _write_over(file: Path) -> None:
    """Raises OSError."""
    flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(file, flags)
    except PermissionError:
        os.chmod(file, 0o600)  # a link was told from a file before
        descriptor = os.open(file, flags)
    try:
        left, at = os.fstat(descriptor).st_size, 0
        while left > 0:
            wrote = os.pwrite(descriptor, CHUNK[:left], at)
            left, at = left - wrote, at + wrote
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
