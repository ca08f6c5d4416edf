"""Opening a database: is it ours, is it of this version, had it come further before?"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from relay.errors import Busy, Damaged, OutwordError, SpoolBroken, SpoolFull
from relay.spool.faults import Fault, fault_of
from relay.spool.room import Room
from relay.spool.seen import Mark, read_mark
from relay.spool.store import Store, schema

APPLICATION_ID = 0x4F757477  # "Outw"
VERSION = 7

_STEPS = {
    1: (
        "ALTER TABLE board ADD COLUMN month INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE board ADD COLUMN spent INTEGER NOT NULL DEFAULT 0",
    ),
    2: (
        "CREATE TABLE named (name BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (name, seq))"
        " STRICT, WITHOUT ROWID",
        "CREATE INDEX named_seq ON named (seq)",
    ),
    3: ("CREATE TABLE kept (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID",),
    4: (),  # rows of the queue "original", which an older version would take for deliveries
    5: (),  # the same of "sheet"
    6: (),  # what stands in place of the first bytes of a file; ids of links; queue "outbound"
}
"""What makes of each older version the one after it. A step adds and changes no row, so that it
costs the same for a million of them."""

_HEADER_BYTES = 100  # https://www.sqlite.org/fileformat2.html section 1.3
_MAGIC = b"SQLite format 3\0"
_COOKIE_AT, _VERSION_AT, _APPLICATION_AT = 40, 60, 68

_SETTINGS = (
    # First of all, before anything reads: nobody else looks in, and the index of the log is in our
    # memory; a file for it could not grow on a full disk, which SQLite calls an I/O error.
    "locking_mode = EXCLUSIVE",
    "page_size = 4096",
    "auto_vacuum = INCREMENTAL",  # so that a purge gives room back to the disk
    "journal_mode = WAL",
    "synchronous = FULL",
    "secure_delete = ON",
    "wal_autocheckpoint = 0",  # we do it, and hear of its errors
    "temp_store = MEMORY",
    "cache_size = -4096",  # KiB
    "cell_size_check = ON",
    "trusted_schema = OFF",
)


class ForeignSpool(SpoolBroken):
    """The file spool.sqlite was not made by this relay: look at what `data` in relay.toml names."""


class NewerSpool(SpoolBroken):
    """The spool was written by a newer version of the relay: start that. Nothing was changed."""


def check_header(path: Path) -> bool:
    """Whether there is a database. Raises ForeignSpool or NewerSpool, having touched nothing."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except FileNotFoundError:
        return False
    if not header:
        return False
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise ForeignSpool
    version, application, tables = (
        int.from_bytes(header[at : at + 4], "big")
        for at in (_VERSION_AT, _APPLICATION_AT, _COOKIE_AT)
    )
    if (version, application, tables) != (0, 0, 0):  # a start that was cut short leaves it so
        _check(application, version)
    return True


def _check(application: int, version: int) -> None:
    if application != APPLICATION_ID:
        raise ForeignSpool
    if version > VERSION:
        raise NewerSpool


def connect(path: Path) -> sqlite3.Connection:
    """The one connection, with the tables there. Its thread is the caller's affair."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}").fetchall()
        make_tables(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_in(path: Path, room: Room) -> sqlite3.Connection:
    """The same; where the disk is full, without the ballast. Raises sqlite3.Error or OSError."""
    try:
        return connect(path)
    except (OSError, sqlite3.Error) as error:
        if fault_of(error) is not Fault.FULL or not room.throw_out():
            raise
    return connect(path)


def make_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of a new database, or bring an old one up to date: all of it or nothing."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if (version, application, tables) != (0, 0, 0):
        _check(application, version)
        _bring_up(connection, version)
        return
    connection.executescript(
        f"BEGIN IMMEDIATE; {schema()}"
        f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT;"
    )


def _bring_up(connection: sqlite3.Connection, version: int) -> None:
    if version == VERSION:
        return
    steps = ";".join(step for at in range(version, VERSION) for step in _STEPS[at])
    connection.executescript(f"BEGIN IMMEDIATE; {steps}; PRAGMA user_version = {VERSION}; COMMIT;")


def read_seen(path: Path, *, was_there: bool) -> tuple[Mark | None, tuple[str, ...], bool]:
    """What ``seen`` says, notices for the operator, and whether deliveries are to be doubted.

    A missing file beside a database is a notice (the keys were moved or restored). One that is
    damaged could have said that the database is behind: nothing may be posted blindly then.
    """
    try:
        mark = read_mark(path)
    except Damaged:
        what = "the file seen is damaged: a loss of messages would not be noticed this once"
        return None, (what,), was_there
    if mark is None and was_there:
        what = "the file seen is missing: a loss of messages would not be noticed this once"
        return None, (what,), False
    return mark, (), False


def recover(store: Store, room: Room, seen: Mark | None, *, doubt: bool) -> bool:
    """The first transaction of a process, also the proof that the disk can be written.

    Gives whether what it holds may be older than what was posted."""
    for again in (True, False):
        try:
            store.begin()
            doubt = store.recover(seen, doubt=doubt)
            store.commit()
            return doubt
        except (OSError, sqlite3.Error) as error:
            if fault_of(error) is not Fault.FULL:
                raise
            store.rollback()
            if not (again and room.throw_out()):
                raise
    raise SpoolFull


def translated(error: Exception) -> OutwordError:
    """What to tell of an error while opening."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
        return Busy("another process has the spool open: stop it first")
    return SpoolFull() if fault_of(error) is Fault.FULL else SpoolBroken()
