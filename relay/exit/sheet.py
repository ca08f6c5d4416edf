"""The sheet of a message: what persons wrote about it, and what they decided. Sealed, beside it.

It is in a row of its own, since a message that is on its way changes under the hands of steps that
know nothing of persons. Whatever somebody decides changes the message and its sheet in one
transaction, so that a decision and what is known of it are never apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relay.model import Change, Instant, Kept, NewRow, Queue, Row
from relay.wire.custody import keep, reveal
from relay.wire.epochs import StorageKey
from relay.wire.pack import pack, unpack

MOST_LINES: Final = 100
"""Notes, and questions, of one message: of more the oldest go."""


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """What somebody wrote, in which hour, and the deed that it was."""

    handle: str
    hour: Instant
    text: str
    deed: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Choice:
    """How somebody wants a message published: with all of its media, or where ``chosen`` with
    ``only`` those of these numbers; not to the destinations ``without``; not before an instant (0:
    as soon as may be). ``joins`` are the seqs of equal messages that end with it."""

    chosen: bool = False
    only: tuple[int, ...] = ()
    without: tuple[str, ...] = ()
    not_before: Instant = 0
    joins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Approval:
    """Somebody wants it published. ``digest`` is that of exactly what would be (``approving``)."""

    handle: str
    digest: bytes
    deed: bytes
    choice: Choice


@dataclass(frozen=True, slots=True, repr=False)
class Stood:
    """How a row stood."""

    queue: Queue
    state: str
    due: Instant | None
    why: str


@dataclass(frozen=True, slots=True, repr=False)
class Moved:
    """A row that a deed has changed: how it stood before, and afterwards."""

    seq: int
    before: Stood
    after: Stood


@dataclass(frozen=True, slots=True, repr=False)
class Decided:
    """The last deed that moved a message, and until when it can be undone."""

    deed: bytes
    handle: str
    what: str
    until: Instant
    rows: tuple[Moved, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Opening:
    """Who wants to see what came along as it came, until when; and who else has agreed."""

    handle: str
    until: Instant
    confirmed: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Sheet:
    """``assignee`` is who sees to it; ``questions`` were asked of its sender; ``kinds`` are those
    of danger in equal messages, which count for this one; ``equals`` are the seqs of those that
    ended since this one was published (``equals``); ``undone`` is the last deed that was undone."""

    assignee: str = ""
    notes: tuple[Line, ...] = ()
    questions: tuple[Line, ...] = ()
    approvals: tuple[Approval, ...] = ()
    kinds: tuple[str, ...] = ()
    decided: Decided | None = None
    opening: Opening | None = None
    equals: tuple[int, ...] = ()
    undone: bytes = b""


BLANK: Final = Sheet()
"""The sheet of a message about which nobody has written anything."""


def with_line(lines: Sequence[Line], line: Line) -> tuple[Line, ...]:
    """The lines with one more, once."""
    if any(one.deed == line.deed for one in lines):
        return tuple(lines)
    return (*lines, line)[-MOST_LINES:]


def first_sheet(sheet: Sheet, message: Row, storage: Sequence[StorageKey]) -> NewRow:
    """The row of a sheet that is the first of its message."""
    body = _sealed(sheet, message, storage)
    return NewRow(Queue.SHEET, Kept.SEALED, message.id, message.hour, due=None, body=body)


def next_sheet(sheet: Sheet, message: Row, storage: Sequence[StorageKey]) -> Change:
    """What becomes of the row of an earlier one."""
    return Change(Queue.SHEET, Kept.SEALED, due=None, body=_sealed(sheet, message, storage))


def sheet_of(row: Row | None, storage: Sequence[StorageKey]) -> Sheet:
    """What a row says, with its body; without one it is blank. Raises Damaged."""
    if row is None or not row.body:
        return BLANK
    return unpack(Sheet, reveal(row.body, storage, bind=_bound(row)))


def _sealed(sheet: Sheet, message: Row, storage: Sequence[StorageKey]) -> bytes:
    return keep(pack(sheet), storage[-1], bind=_bound(message))


def _bound(row: Row) -> bytes:
    return row.id + b"sheet"
