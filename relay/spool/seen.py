"""What was committed, kept outside the data folder: a database that forgets is found out.

SQLite drops the rows behind a damaged page of its log without a word, and an unmounted disk looks
like a new one. So ``seen``, beside the door's key, holds the number of the last commit and how
many submissions were accepted; it is written after each commit and before its answers. It is
synced only now and then: after a power cut it may be behind the database, never before it.
"""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from relay.errors import Damaged
from relay.spool.files import coarsen, make_folder, sync_folder

_MAGIC = b"outseen1"
_FIELDS = struct.Struct(">8sQQ")
_SUM_BYTES = 16
BYTES = _FIELDS.size + _SUM_BYTES


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a database had come: the number of its last commit, and its accepted total."""

    commits: int
    accepted: int


def _record(mark: Mark) -> bytes:
    fields = _FIELDS.pack(_MAGIC, mark.commits, mark.accepted)
    return fields + hashlib.sha256(fields).digest()[:_SUM_BYTES]


def read_mark(path: Path) -> Mark | None:
    """What the file says; None if there is none. Raises Damaged, or OSError."""
    try:
        record = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(record) != BYTES:
        raise Damaged
    magic, commits, accepted = _FIELDS.unpack_from(record)
    if magic != _MAGIC or _record(Mark(commits, accepted)) != record:
        raise Damaged
    return Mark(commits, accepted)


class Seen:
    """The file, open for writing. Every method may raise OSError."""

    def __init__(self, path: Path) -> None:
        make_folder(path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(path, flags, 0o600)
        os.ftruncate(self._descriptor, BYTES)
        sync_folder(path.parent)

    def write(self, mark: Mark) -> None:
        """Say how far the database is. In place, 40 bytes: never half of it."""
        if os.pwrite(self._descriptor, _record(mark), 0) != BYTES:
            raise OSError("seen was written in part")
        coarsen(self._descriptor)

    def sync(self) -> None:
        """Make it durable."""
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Close the file as it is."""
        os.close(self._descriptor)
