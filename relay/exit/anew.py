"""What lies in the spool under an older storage key, wrapped by the newest one.

Each kind of record is bound to its row in a way of its own (``_bound_to``). One that a later
version adds must stand there, too: what cannot be wrapped anew keeps its old key from being
destroyed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from relay.model import Head, Queue, Row
from relay.wire.custody import HEAD, wrapped_anew, wrapped_by
from relay.wire.epochs import StorageKey

ENDINGS: Final[dict[str, bytes]] = {
    "record": b"",
    "progress": b"progress",
    "parts": b"parts",
    "originals": b"originals",
    "sheet": b"sheet",
}
"""What stands after the id of a row in what binds a record of this kind to it."""


def anew(row: Row, storage: Sequence[StorageKey]) -> Iterator[Head]:
    """What is to be put anew of a row with (at least the first ``HEAD`` bytes of) its body. Raises
    Damaged for what no key opens: it can be read by nobody."""
    yield from _anew(row, "body", row.body, storage)
    yield from _anew(row, "note", row.note, storage)


def is_old(row: Row, storage: Sequence[StorageKey]) -> bool:
    """Whether anything of it lies under an older key."""
    older = {key.id for key in storage[:-1]}
    return wrapped_by(row.body) in older or wrapped_by(row.note) in older


def _anew(
    row: Row, of: Literal["body", "note"], kept: bytes, storage: Sequence[StorageKey]
) -> Iterator[Head]:
    if wrapped_by(kept) in {key.id for key in storage[:-1]}:
        was = kept[:HEAD]
        bind = row.id + ENDINGS[_kind(row, of)]
        yield Head(row.seq, of, was, wrapped_anew(was, storage, bind=bind))


def _kind(row: Row, of: Literal["body", "note"]) -> str:
    if of == "note":
        return "progress"
    if row.queue == Queue.ORIGINAL:
        return "originals"
    if row.queue == Queue.SHEET:
        return "sheet"
    return "record" if row.seq == row.root else "parts"
