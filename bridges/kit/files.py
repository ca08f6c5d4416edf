"""Files that survive: whole or not at all, also when the power goes."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from relay.ports import Instant

PUBLIC: Final = 0o644


def write_file(
    folder: Path, name: str, content: bytes, *, when: Instant | None = None, sync: bool = True
) -> None:
    """Put a whole file in place or leave what was there: temp, fsync, rename. Raises OSError.

    ``when`` is the time the file shall show (a file's time tells when a post was written). The name
    is durable only after ``sync_folder``. Without ``sync`` a power cut may leave the file empty:
    for what can be made again.
    """
    temp = folder / f".{name}.tmp"  # one name, so that what a kill left is overwritten, not kept
    try:
        opened = _made(temp)
        with open(opened, "wb") as file:
            if stat.S_IMODE(os.fstat(opened).st_mode) != PUBLIC:
                os.fchmod(opened, PUBLIC)
            file.write(content)
            file.flush()
            if when is not None:
                os.utime(opened, (when, when))
            if sync:
                os.fsync(opened)
        temp.rename(folder / name)
    except OSError:
        temp.unlink(missing_ok=True)
        raise


def _made(temp: Path) -> int:
    """A file that is public whatever our umask is, from its first moment: who runs behind an outlet
    may not change a mode."""
    ours = os.umask(0o022)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(temp, flags, PUBLIC)
    finally:
        os.umask(ours)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def disk_trouble(error: OSError) -> str:
    """What is wrong with a folder, in our own words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "no room on the disk"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "the folder cannot be written"
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
        return "the folder is not there"
    return "the disk reported an error"
