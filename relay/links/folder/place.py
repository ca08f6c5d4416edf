"""The sub-folder in which everything lies, held open: bounded reads, and writes that are whole.

All is done by its descriptor, so that nobody can lead us elsewhere meanwhile. Only plain files are
opened: no links, pipes or devices, whoever made the stick. Any of this may raise OSError, and may
hang for as long as the disk does.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from relay.links.folder.faults import Crowded, Spoiled
from relay.model import Instant, hour_of

SUB: Final = "parts"
"""The sub-folder: a word that says nothing."""

WHOLE: Final = ".bin"
HALF: Final = ".tmp"

SIGNS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""Of these are names: FAT knows no capitals, and people confuse no l with a 1, nor an o with 0."""

STEM: Final = 8
"""Characters of a name: with the ending it is short enough for every file system (8.3)."""

MOST_ENTRIES: Final = 100_000
"""Files in the sub-folder, at most: before more than that nothing is looked at."""

LONGEST_NAME: Final = 64
"""Characters: who copies a file may have made ``k3x7q2mb (1).bin`` of it."""

HALF_AGE_S: Final = 7200
"""Seconds after which nobody is still writing a half one: it is what a pulled stick left. (It shows
its hour while it is read back, so that it may look an hour old when it is new.)"""

_PIECE: Final = 1024 * 1024
_PRIVATE: Final = 0o600
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MAKE: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Entry:
    """A plain file. ``stamp`` changes with what is in it, as far as the file system tells."""

    name: str
    size: int
    stamp: int


class Place:
    """An open sub-folder; a context manager that closes it. ``mode``: who may do what with it, and
    so with the files that are made in it."""

    def __init__(self, descriptor: int, mode: int) -> None:
        self._at = descriptor
        self._mode = mode

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._at)

    def entries(self) -> list[Entry]:
        """Every file that may be one of ours, by its ending. Raises Crowded."""
        return list(self._plain(WHOLE))

    def _plain(self, ending: str) -> Iterator[Entry]:
        with os.scandir(self._at) as found:
            for one in islice(found, MOST_ENTRIES):
                if not one.name.lower().endswith(ending) or len(one.name) > LONGEST_NAME:
                    continue
                try:
                    about = one.stat(follow_symlinks=False)
                except OSError:  # gone, or a damaged entry of a damaged file system
                    continue
                if stat.S_ISREG(about.st_mode):
                    yield Entry(one.name, *_about(about))
            if next(found, None) is not None:
                raise Crowded

    def read(self, name: str, most: int) -> bytes | None:
        """The first ``most`` bytes of a file; None where it is no plain file, or gone. What the
        disk cannot read any more is not there: a bad place in one file is no reason to leave the
        others."""
        try:
            if not stat.S_ISREG(os.stat(name, dir_fd=self._at, follow_symlinks=False).st_mode):
                return None
            file = os.open(name, _READ, dir_fd=self._at)
        except FileNotFoundError:
            return None
        try:
            return _read(file, most) if stat.S_ISREG(os.fstat(file).st_mode) else None
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return b""
        finally:
            os.close(file)

    def put(self, content: bytes, now: Instant) -> Entry:
        """Make a file with this in it. It is on the disk, and was read back, before it has its
        name; where anything fails, nothing of it is left, as far as the disk still takes orders."""
        stem = "".join(secrets.choice(SIGNS) for _ in range(STEM))
        half, whole = stem + HALF, stem + WHOLE
        file = os.open(half, _MAKE, _PRIVATE, dir_fd=self._at)
        try:
            try:
                _share(file, self._mode & 0o666)
                _write(file, content, now)
            finally:
                os.close(file)
            os.rename(half, whole, src_dir_fd=self._at, dst_dir_fd=self._at)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(half, dir_fd=self._at)
            raise
        os.fsync(self._at)
        self._coarsen(now)
        return Entry(whole, *_about(os.stat(whole, dir_fd=self._at, follow_symlinks=False)))

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone is removed."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._at)

    def settle(self, now: Instant) -> None:
        """What was removed is gone from the disk as well, and the folder shows only the hour."""
        os.fsync(self._at)
        self._coarsen(now)

    def sweep(self, now: Instant) -> None:
        """Remove halves that nobody is still writing. Should somebody be, his rename fails and he
        begins again."""
        for one in list(self._plain(HALF)):
            if abs(now - one.stamp // 10**9) > HALF_AGE_S:
                self.remove(one.name)

    def _coarsen(self, now: Instant) -> None:
        with contextlib.suppress(PermissionError):  # who may write in it need not own it
            os.utime(self._at, (hour_of(now), hour_of(now)))


def opened(folder: Path, *, make: bool) -> Place:
    """The sub-folder of a folder; ``make`` it where it is missing. Raises OSError where there is
    none. The folder itself is never made: a disk may be missing there."""
    outer = os.open(folder, _FOLDER)
    try:
        mode = os.fstat(outer).st_mode & 0o777
        made = make and _made(outer)
        place = os.open(SUB, _FOLDER | os.O_NOFOLLOW, dir_fd=outer)
        if made:
            _share(place, mode)
        return Place(place, mode)
    finally:
        os.close(outer)


def _made(outer: int) -> bool:
    """Whether the sub-folder was made just now."""
    try:
        os.mkdir(SUB, 0o700, dir_fd=outer)
    except FileExistsError:
        return False
    os.fsync(outer)
    return True


def _share(made: int, mode: int) -> None:
    """Let whoever may write in the folder do so with what we make in it: the other node may be
    another user. FAT knows no modes."""
    with contextlib.suppress(PermissionError):
        os.fchmod(made, mode)


def _write(file: int, content: bytes, now: Instant) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(file, left[:_PIECE]) :]
    os.utime(file, (hour_of(now), hour_of(now)))
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)  # else memory would answer for the disk
    os.lseek(file, 0, os.SEEK_SET)
    if _read(file, len(content) + 1) != content:
        raise Spoiled


def _read(file: int, most: int) -> bytes:
    pieces, left = [], most
    while left and (piece := os.read(file, min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _about(about: os.stat_result) -> tuple[int, int]:
    return about.st_size, about.st_mtime_ns
