"""The first bytes of bodies and notes: read by many, and put anew in place.

A body or a note begins with what wraps its key (``relay.wire.custody``). That is put anew when the
storage key rolls, and nothing else of it: of a body in the table some bytes of one page, and of a
body that is a file nothing in the file, which could be torn, but its beginning in the table, which
stands in place of the file's own from then on.

Each is put anew only if it begins as it did when it was read, and nobody holds its row: who holds
one may write back what it has read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Container, Sequence
from typing import Any, Final, Literal, Protocol

from relay.model import Head, Heads, Queue
from relay.spool.tables import COLUMNS, PAGE_BYTES, row_of

_SOME: Final = f"""
SELECT {COLUMNS}, length(blob), file, iif(length(blob) <= {PAGE_BYTES}, substr(blob, 1, ?1), NULL)
FROM row LEFT JOIN body ON body.seq = row.seq
WHERE row.seq > ?2 AND (?3 IS NULL OR queue = ?3) ORDER BY row.seq LIMIT ?4
"""
"""Of a blob of some pages SQLite reads all for a part; it is opened apart, and read from in place
(https://www.sqlite.org/c3ref/blob_open.html)."""

_TABLES: Final[dict[str, tuple[Literal["body", "row"], str]]] = {
    "body": ("body", "blob"),
    "note": ("row", "note"),
}


class ReadFile(Protocol):
    """Gives the first ``most`` bytes of a body that is a file (below 0: all); None if it is gone.
    May raise OSError."""

    def __call__(self, name: str, most: int = -1, /) -> bytes | None: ...


def put_over(file: bytes | None, head: bytes | None) -> bytes | None:
    """A body that is a file, with what stands in place of its first bytes."""
    return file if file is None or not head else head + file[len(head) :]


def heads(
    connection: sqlite3.Connection,
    read_file: ReadFile,
    size: int,
    queue: Queue | None,
    after: int,
    limit: int,
) -> Heads:
    """Rows after a seq, of one queue or of all, with the first ``size`` bytes of their bodies."""
    found = connection.execute(_SOME, (size, after, queue, limit)).fetchall()
    rows = tuple(_with_head(connection, read_file, size, columns) for columns in found)
    return Heads(rows, rows[-1].seq if len(rows) == limit else None)


def _with_head(
    connection: sqlite3.Connection, read_file: ReadFile, size: int, columns: Sequence[Any]
) -> Any:
    *of_row, length, file, head = columns
    if file:
        head = put_over(read_file(file, size), head)
    elif head is None and length:
        with connection.blobopen("body", "blob", of_row[0], readonly=True) as blob:
            head = blob.read(size)
    return row_of([*of_row, head or b""])


def put_heads(
    connection: sqlite3.Connection,
    read_file: ReadFile,
    changes: Sequence[Head],
    held: Container[int],
    wrote: Callable[[int], None],
) -> int:
    """Put heads anew, in a transaction; how many. ``wrote`` is told the pages of each."""
    made = 0
    for change in changes:
        if change.seq not in held and _put_one(connection, read_file, change):
            made += 1
            wrote(1)
    return made


def _put_one(connection: sqlite3.Connection, read_file: ReadFile, change: Head) -> bool:
    if change.of == "note":
        text = "SELECT length(note), NULL, NULL FROM row WHERE seq = ?"
    else:
        text = "SELECT length(blob), file, iif(file IS NULL, NULL, blob) FROM body WHERE seq = ?"
    length, file, head = connection.execute(text, (change.seq,)).fetchone() or (0, None, None)
    if file:
        return _put_before_file(connection, read_file, change, file, head)
    if not length or length < len(change.now):
        return False
    table, column = _TABLES[change.of]
    with connection.blobopen(table, column, change.seq) as blob:
        if blob.read(len(change.was)) != change.was:
            return False
        blob.seek(0)
        blob.write(change.now)
    return True


def _put_before_file(
    connection: sqlite3.Connection, read_file: ReadFile, change: Head, file: str, head: bytes | None
) -> bool:
    if (head or read_file(file, len(change.was))) != change.was:
        return False
    connection.execute("UPDATE body SET blob = ? WHERE seq = ?", (change.now, change.seq))
    return True
