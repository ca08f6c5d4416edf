"""Rows that an operator asks for, a page at a time: by queue, state, channel, destination, reason.

Pages go by seq, so that the last one costs what the first one does. No index knows a reason, or a
state: rows are looked through, but never more of them at a time than others can wait for.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from relay.model import BESIDE, Queue, SomeRows, Wanted
from relay.spool.tables import COLUMNS, LISTED, row_of

AT_A_TIME: Final = 20_000
"""Rows that are looked through before others have their turn: some 20 milliseconds."""

_LAST: Final = 1 << 62


def found(connection: sqlite3.Connection, wanted: Wanted, after: int, limit: int) -> SomeRows:
    """The next rows after a seq (0: from the beginning)."""
    start = (after or _LAST) if wanted.newest else after
    way, beyond = ("DESC", "<") if wanted.newest else ("ASC", ">")
    where, given = [f"row.seq {beyond} ?"], [start]
    named: list[object] = list(given)
    if wanted.queue:
        where.append("queue = ?")
        named.append(str(wanted.queue))
        if wanted.queue not in (Queue.INBOX, Queue.ENDED):
            where.append(LISTED)
    some = f"FROM row WHERE {' AND '.join(where)} ORDER BY row.seq {way} LIMIT {AT_A_TIME}"
    filters, more = _filters(wanted)
    text = f"SELECT * FROM (SELECT {COLUMNS} {some}) WHERE {filters} LIMIT ?"
    rows = [row_of(one) for one in connection.execute(text, [*named, *more, limit])]
    if len(rows) == limit:
        return SomeRows(tuple(rows), rows[-1].seq)
    end = "min" if wanted.newest else "max"
    count = f"SELECT count(*), {end}(seq) FROM (SELECT row.seq AS seq {some})"
    looked, last = connection.execute(count, named).fetchone()
    return SomeRows(tuple(rows), last if looked == AT_A_TIME else None)


def _filters(wanted: Wanted) -> tuple[str, list[object]]:
    beside = ", ".join(f"'{one.value}'" for one in BESIDE)
    filters, given = [f"queue NOT IN ({beside})"], list[object]()
    if wanted.state:
        filters.append("state = ?")
        given.append(wanted.state)
    if wanted.channel:
        filters.append("root = seq AND name = ?")
        given.append(wanted.channel)
    if wanted.destination:
        filters.append("root <> seq AND name = ?")
        given.append(wanted.destination)
    if wanted.why:
        filters.append("instr(lower(why), lower(?)) > 0")
        given.append(wanted.why)
    return " AND ".join(filters), given
