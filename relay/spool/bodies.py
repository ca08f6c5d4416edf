"""Bodies over 256 KiB, each a file of its own: named at random, whole before its row is committed.

The order is: temporary name, fsync, rename, fsync of the folder, commit of the row; and at the
end: commit of the row's end, then unlink. So a crash leaves at most a file without a row, which
the next start removes once it is an hour old. A row without its file can only be damage.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Sequence
from pathlib import Path
from secrets import token_hex

from relay.model import Instant
from relay.spool.files import coarsen, make_folder, sync_folder, write_all

FILE_OVER = 256 * 1024
"""Bytes that a body in the table may have. Larger ones would make its pages, and with them every
commit and checkpoint, wait for them."""

ORPHAN_S = 3600
"""Seconds a file without a row may stand: a put that is under way is never so old."""


class Bodies:
    """The folder of big bodies. Every method may raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_folder(folder)

    def write(self, bodies: Sequence[bytes], hour: Instant) -> list[str | None]:
        """Make files of the big ones, durable; their names in order, None for the small ones.

        ``hour`` becomes the files' time, as far as it can be set: ctime and birth tell the instant.
        """
        names: list[str | None] = []
        try:
            for body in bodies:
                names.append(None)
                if len(body) > FILE_OVER:
                    names[-1] = self._write_one(body, hour)
        except OSError:
            self.remove([name for name in names if name])
            raise
        if any(names):
            coarsen(self._folder)
            sync_folder(self._folder)
        return names

    def _write_one(self, body: bytes, hour: Instant) -> str:
        name = token_hex(16)
        path, temporary = self._folder / name, self._folder / f"{name}.tmp"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, 0o600)
        try:
            write_all(descriptor, body)
            os.utime(descriptor, (hour, hour))
            os.fsync(descriptor)
            temporary.rename(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        return name

    def read(self, name: str, most: int = -1) -> bytes | None:
        """The first ``most`` bytes of a body, below 0 all; None if its file is gone, or is no
        plain file."""
        try:
            descriptor = _opened(self._folder / name)
        except FileNotFoundError:
            return None
        except OSError:
            if (self._folder / name).is_symlink():
                return None
            raise
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(most)
        finally:
            os.close(descriptor)

    def remove(self, names: Sequence[str]) -> None:
        """Unlink files that no row names any more."""
        for name in names:
            (self._folder / name).unlink(missing_ok=True)
        if names:
            coarsen(self._folder)

    def sweep(self, wanted: Container[str], now: Instant) -> int:
        """Remove plain files that no row wants and that are older than an hour; how many."""
        before = now - ORPHAN_S
        with os.scandir(self._folder) as entries:
            orphans = [
                entry.name
                for entry in entries
                if entry.name not in wanted
                and entry.is_file(follow_symlinks=False)
                and entry.stat(follow_symlinks=False).st_mtime < before
            ]
        self.remove(orphans)
        return len(orphans)


def _opened(path: Path) -> int:
    """A descriptor to read from. That it was read, and when, is not noted, if the file is ours."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(path, flags | os.O_NOATIME)
    except PermissionError:  # somebody who restored it owns it
        return os.open(path, flags)
