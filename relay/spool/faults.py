"""Which fault is which. A full disk is none of ours and passes; a bug of ours fails one call;
anything else the disk says ends this process.

SQLite goes on after a failed fsync as if nothing had happened, so nothing may be acknowledged
after one, and a new process reads what is really there.
"""

from __future__ import annotations

import errno
import sqlite3
from enum import Enum

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_OURS = frozenset(
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_TOOBIG,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_RANGE,
    }
)


class Fault(Enum):
    """What an exception means for the spool."""

    FULL = "full"  #: no room; what frees space still works
    BUG = "bug"  #: the caller's or ours; the disk is well
    BROKEN = "broken"  #: the disk; nothing is acknowledged any more


def fault_of(error: Exception) -> Fault:
    """Judge an exception raised by SQLite, by the file system, or by a mistake."""
    if isinstance(error, OSError):
        return Fault.FULL if error.errno in _NO_ROOM else Fault.BROKEN
    if not isinstance(error, sqlite3.Error):
        return Fault.BUG
    code = getattr(error, "sqlite_errorcode", None)  # none where the module itself objects
    if code is None:
        return Fault.BUG
    primary = code & 0xFF  # https://www.sqlite.org/rescode.html: extended codes end in it
    if primary == sqlite3.SQLITE_FULL:
        return Fault.FULL
    return Fault.BUG if primary in _OURS else Fault.BROKEN
