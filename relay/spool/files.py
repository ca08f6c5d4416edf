"""Writing to a disk so that it is there afterwards: whole, private, its folder synced too."""

from __future__ import annotations

import os
from pathlib import Path

from relay.model import hour_of


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. SQLite swallows a failure of this; we do not."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """A folder only we may enter, made durable if it is new."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True)
        sync_folder(folder.parent)


def coarsen(place: int | Path) -> None:
    """Let a file or a folder show the hour in which it was changed, and nothing finer: seconds,
    held against a list of a telephone company, would name a sender. (Its ctime cannot be set.)"""
    hour = hour_of(int(os.stat(place).st_mtime))  # the system's, whatever we believe
    os.utime(place, (hour, hour))


def write_all(descriptor: int, content: bytes) -> None:
    """Write everything; the system may take less at a time."""
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
