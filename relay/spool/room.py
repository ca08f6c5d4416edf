"""Room on the disk: what is kept free for others, and a ballast to be thrown out in need.

New submissions are refused while less than ``min_free_bytes`` are free. Should the disk be full
all the same, deleting would need room too (SQLite writes what it deletes), so a file of
``ballast_bytes`` is unlinked first. It comes back when there is room for it, and until then
nothing new is accepted.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from relay.spool.faults import Fault, fault_of
from relay.spool.files import sync_folder, write_all

Free = Callable[[Path], int]
"""Bytes that we may still write into a folder's file system."""

_CHUNK = bytes(1 << 20)


def free_bytes(folder: Path) -> int:
    """What the file system leaves to a process without privileges."""
    at = os.statvfs(folder)
    return at.f_bavail * at.f_frsize


class Room:
    """The free space of one folder. Raises OSError for anything but a full disk."""

    def __init__(
        self, folder: Path, *, min_free_bytes: int, ballast_bytes: int, free: Free = free_bytes
    ) -> None:
        self._folder = folder
        self._min_free = min_free_bytes
        self._bytes = ballast_bytes
        self._free = free
        self._ballast = folder / "ballast"
        self.thrown_out = False
        self.take_back()

    def enough(self) -> bool:
        """Whether something new may be accepted."""
        return not self.thrown_out and self._free(self._folder) >= self._min_free

    def throw_out(self) -> bool:
        """Make room for what must go on. False: there was nothing to throw out."""
        self.thrown_out = True
        try:
            self._ballast.unlink()
        except FileNotFoundError:
            return False
        sync_folder(self._folder)
        return True

    def take_back(self) -> bool:
        """Lay the ballast in again if there is room; True if it lies there now."""
        self.thrown_out = not (self._lies_there() or self._lay_in())
        return not self.thrown_out

    def _lies_there(self) -> bool:
        try:
            return self._ballast.stat().st_size >= self._bytes
        except FileNotFoundError:
            return False

    def _lay_in(self) -> bool:
        if self._free(self._folder) < self._bytes + self._min_free:
            return False
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self._ballast, flags, 0o600)
        try:
            for start in range(0, self._bytes, len(_CHUNK)):
                write_all(descriptor, _CHUNK[: self._bytes - start])
            os.fsync(descriptor)
        except OSError as error:
            if fault_of(error) is not Fault.FULL:
                raise
            self._ballast.unlink()
            return False
        finally:
            os.close(descriptor)
        sync_folder(self._folder)
        return True
