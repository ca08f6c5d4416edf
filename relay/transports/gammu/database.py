"""Gammu's database: an SQLite file that Gammu writes, and from which we take. Blocking.

A row is there as a whole or not at all, and is durable before Gammu removes the SMS from the phone:
its files are neither, which is why they are not used. Each call opens the file anew and closes it
again: it may be replaced at any time, and nothing of it is kept open. What is deleted is written
over (``secure_delete``).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import randbelow
from typing import Final
from urllib.parse import quote

from relay.rules import gsm
from relay.transports.gammu.rows import Row

BUSY_S: Final = 2.0
"""Seconds to wait for a lock of Gammu's: its own writes take milliseconds."""

AT_ONCE: Final = 64
"""Rows that are taken in one round."""

MOST_TEXT: Final = 4096
"""Characters of ``Text`` that are read: an SMS has 140 octets, which are 640 of these at most."""

_COLUMNS: Final = "ID, ReceivingDateTime, Text, TextDecoded, SenderNumber, Coding, UDH, RecipientID"
_OURS: Final = "answers"
"""How Gammu's own tables name who put an SMS there (CreatorID)."""
_LONG_AGO: Final = "1970-01-01 00:00:00"  # Gammu compares with local time, SQLite would say UTC
_CODING: Final = {"gsm": "Default_No_Compression", "ucs2": "Unicode_No_Compression"}


class Unusable(Exception):
    """It cannot be used now: the state for the board, and why, with its remedy."""

    def __init__(self, state: str, why: str) -> None:
        super().__init__(why)
        self.state = state
        self.why = why


MISSING: Final = "no database is there: look at `database`, and make it as docs/ways-in.md says"
CLOSED: Final = "the database or its folder may not be read and written by this user: give it leave"
STRANGE: Final = "it is no database of Gammu SMSD: make its tables as docs/ways-in.md says"
LOCKED: Final = "the database is locked by another program: it is tried again"


class Database:
    """``phone``: take only what this PhoneID received; empty for all. Every call may raise
    Unusable."""

    def __init__(self, path: Path, phone: str = "") -> None:
        self._path = path
        self._phone = phone

    def rows(self, after: int) -> list[Row]:
        """What nobody has taken yet, in order of arrival, from behind this id."""
        where = "Processed = 'false' AND ID > ? AND ? IN ('', RecipientID)"
        order = "ORDER BY ID LIMIT ?"
        with self._open() as at:
            found = at.execute(
                f"SELECT {_COLUMNS} FROM inbox WHERE {where} {order}",
                (after, self._phone, AT_ONCE),
            )
            return [_row(one) for one in found]

    def remove(self, ids: Sequence[int]) -> None:
        """These are durable with us."""
        with self._open() as at:
            at.executemany("DELETE FROM inbox WHERE ID = ?", [(id,) for id in ids])

    def leave(self, ids: Sequence[int]) -> None:
        """These stay there, and are not looked at again."""
        with self._open() as at:
            at.executemany("UPDATE inbox SET Processed = 'true' WHERE ID = ?", [(i,) for i in ids])

    def last(self) -> int:
        """The highest id that is there, 0 for none."""
        with self._open() as at:
            found = at.execute("SELECT max(ID) FROM inbox").fetchone()
            return int(found[0] or 0)

    def leave_until(self, id: int) -> None:
        """Everything up to this one stays there, and is not looked at again."""
        with self._open() as at:
            at.execute("UPDATE inbox SET Processed = 'true' WHERE ID <= ?", (id,))

    def pulse(self) -> object:
        """Something that changes as long as Gammu looks after a phone."""
        with self._open() as at:
            return at.execute("SELECT IMEI, UpdatedInDB FROM phones ORDER BY IMEI").fetchall()

    def lay(self, number: str, text: str, at: str) -> None:
        """Write a row as Gammu writes it: for a test of this way in, that is none of the phone."""
        written = text.encode("utf-16-be").hex().upper()
        with self._open() as to:
            to.execute(
                "INSERT INTO inbox (ReceivingDateTime, Text, SenderNumber, Coding, UDH,"
                " TextDecoded, RecipientID) VALUES (?, ?, ?, ?, '', ?, ?)",
                (at, written, number, _CODING["gsm"], text, self._phone),
            )

    # ------------------------------------------------------------ answers

    def answer(self, number: str, phone: str, text: str) -> None:
        """Let Gammu send an SMS, by the phone that received. Raises ValueError for more than two
        parts."""
        alphabet, parts = gsm.segments(text)
        if not 1 <= len(parts) <= 2:
            raise ValueError("too long, or nothing")
        reference = randbelow(256)
        texts = [gsm.decoded(part, alphabet) for part in parts]
        headers = [f"050003{reference:02X}{len(parts):02X}{n:02X}" for n in range(1, 3)]
        coding, several = _CODING[alphabet], len(parts) > 1
        with self._open() as at:
            made = at.execute(
                "INSERT INTO outbox (InsertIntoDB, SendingDateTime, SendingTimeOut,"
                " DestinationNumber, TextDecoded, Coding, UDH, MultiPart, SenderID, DeliveryReport,"
                " CreatorID) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'no', ?)",
                (
                    *(_LONG_AGO,) * 3, number, texts[0], coding, headers[0] if several else None,
                    "true" if several else "false", phone or None, _OURS,
                ),
            )  # fmt: skip
            if several:
                at.execute(
                    "INSERT INTO outbox_multipart (ID, SequencePosition, TextDecoded, Coding, UDH)"
                    " VALUES (?, 2, ?, ?, ?)",
                    (made.lastrowid, texts[1], coding, headers[1]),
                )

    def forget_answers(self) -> None:
        """What Gammu keeps of answers that it has sent, or has given up."""
        with self._open() as at:
            there = at.execute("SELECT 1 FROM sentitems WHERE CreatorID = ?", (_OURS,)).fetchone()
            if there is not None:
                at.execute("DELETE FROM sentitems WHERE CreatorID = ?", (_OURS,))

    # ------------------------------------------------------------ the file

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction. Raises Unusable for whatever is wrong with the file."""
        self._look()
        uri = f"file:{quote(str(self._path))}?mode=rw"
        try:
            with closing(sqlite3.connect(uri, timeout=BUSY_S, uri=True)) as at:
                at.execute("PRAGMA secure_delete = ON")
                with at:
                    yield at
        except sqlite3.Error as error:
            raise _unusable(error) from None

    def _look(self) -> None:
        try:
            if not self._path.is_file():
                raise Unusable("login", MISSING)
        except PermissionError:
            raise Unusable("login", CLOSED) from None
        wanted = os.R_OK | os.W_OK
        if not os.access(self._path, wanted) or not os.access(self._path.parent, wanted | os.X_OK):
            raise Unusable("login", CLOSED)


def _unusable(error: sqlite3.Error) -> Unusable:
    """SQLite's words may quote a value: they are looked at, and never shown."""
    said = str(error)
    if "locked" in said or "busy" in said:
        return Unusable("blocked", LOCKED)
    if "readonly" in said or "unable to open" in said:
        return Unusable("login", CLOSED)
    if "no such" in said or "not a database" in said:
        return Unusable("login", STRANGE)
    if "full" in said:
        return Unusable("blocked", "the disk of the database is full: make room")
    return Unusable("login", "the database is damaged, or its disk: look at it with sqlite3")


def _row(found: Sequence[object]) -> Row:
    id, *texts = found
    at, text, decoded, sender, coding, udh, phone = (
        str(one if one is not None else "")[:MOST_TEXT] for one in texts
    )
    return Row(int(str(id)), at, text, decoded, sender, coding, udh, phone)
