"""What the spool keeps: rows, their queues and states, and the board."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from relay.model.times import Instant


class Queue(StrEnum):
    """Where a row waits, named for the step that takes it next."""

    OUTBOUND = "outbound"  #: of an entry, one row an exit that an envelope goes to; entry/forward
    INBOX = "inbox"  #: sealed envelopes; exit/unseal
    READ = "read"  #: opened, under a key of its own; exit/read
    CLEAN = "clean"  #: read, its media still as they came; exit/clean
    COMMAND = "command"  #: read, and a command; exit/obey
    REVIEW = "review"  #: read; exit/review, or a person
    DELIVER = "deliver"  #: released, until its delay is over; exit/assign
    POST = "post"  #: deliveries, one row a destination; exit/post
    ASSIGNED = "assigned"  #: a message whose deliveries are in POST; nothing takes it
    ENDED = "ended"  #: nothing takes it; purged when it is old
    ORIGINAL = "original"  #: media as they came, beside their submission; due when it was decided
    SHEET = "sheet"  #: what persons wrote about a submission, one row beside it; nothing takes it


BESIDE = (Queue.ORIGINAL, Queue.SHEET)
"""Rows beside a submission that are neither it nor a delivery: in no sum, and purged with it."""


class State(StrEnum):
    """What became of one accepted submission. It has exactly one of these: they add up."""

    WAITING = "waiting"
    HELD = "held"
    POSTED = "posted"
    HANDED = "handed"
    COMMAND = "command"
    JOINED = "joined"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"
    EXPIRED = "expired"
    REFUSED = "refused"
    QUARANTINED = "quarantined"


class Sent(StrEnum):
    """What became of one delivery (section "Posting once" of docs/path.md)."""

    WAITING = "waiting"  #: nobody has tried, or the platform said later
    PREPARED = "prepared"  #: its parts are frozen
    SENDING = "sending"  #: attempt n is under way
    UNSURE = "unsure"  #: attempt n ended and nobody knows how
    POSTED = "posted"
    HANDED = "handed"  #: of an envelope on its way to an exit: it is durable there
    REFUSED = "refused"
    STOPPED = "stopped"  #: the account needs its operator
    HELD = "held"  #: waits for a person
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REROUTED = "rerouted"  #: another destination has it instead; nothing of it is public here


class Kept(StrEnum):
    """What became of a row beside a submission: neither it nor a delivery, and in no sum."""

    SEALED = "sealed"
    DESTROYED = "destroyed"


FIRST: Instant = 0
"""When a doubtful delivery is due: before all that waits, since a platform forgets its keys."""

URGENT: Instant = 1
"""When a delivery of a channel with priority is due: at once, and before the others that wait."""

AFTER = b"after"
"""The note of a message that another exit has too, or may have: it may be public, so that this exit
looks before it posts."""

SET_BACK = b"set back"
"""The note of a message that was on its way in a spool older than what was posted since: it may
be public, so that its deliveries begin as unsure."""

SHARED = b"shared"
"""The note of a message that was sealed to other exits too and given to this one first: if it is
late, another may have it by the time that this one posts it."""

PERHAPS_PUBLIC = frozenset({AFTER, SET_BACK})
"""Notes of a message whose deliveries begin as unsure."""


PAUSED_ALL = "paused relay"
"""The row of the board that says that all of the node is paused: a spool that was set back writes
it in the very commit that finds it so, and no crash can come between."""


@dataclass(frozen=True, slots=True, repr=False)
class NewRow:
    """A row to store. ``body`` and ``note`` are sealed bytes; the spool never looks inside.

    ``keys`` are repeat keys (16 bytes each): if the spool knows one of them the row is a repeat and
    is not stored. ``hour`` is the hour of arrival (seconds, a multiple of 3600), of a delivery that
    of its release; ``due`` is None for what nobody takes by itself. By ``names`` (16 bytes each,
    keyed hashes: a code, a join key) its submission is found again, until it is purged. ``then``
    are followers of a new submission, stored with it. ``crossed``: it came over a link, and if its
    id did so before it is a repeat, for as long as any key could open it.
    """

    queue: Queue
    state: str
    id: bytes
    hour: Instant
    due: Instant | None = 0
    name: str = ""
    why: str = ""
    note: bytes = b""
    body: bytes = b""
    keys: tuple[bytes, ...] = ()
    names: tuple[bytes, ...] = ()
    then: tuple[NewRow, ...] = ()
    crossed: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """A stored row. ``root`` is the seq of the submission it belongs to (its own, for one).

    ``rev`` counts its changes: a settle of an older rev is refused. ``name`` is a channel for a
    message, a destination for a delivery, and the peer for an envelope on its way to one.
    """

    seq: int
    root: int
    rev: int
    queue: Queue
    state: str
    id: bytes
    hour: Instant
    due: Instant | None
    name: str
    why: str
    note: bytes = b""
    body: bytes = b""


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """What a row becomes. None keeps what was; ``body=b""`` destroys the body. ``hour`` is set
    where a person releases a delivery anew. ``names`` are added to those of its submission."""

    queue: Queue
    state: str
    due: Instant | None
    why: str = ""
    name: str | None = None
    note: bytes | None = None
    body: bytes | None = None
    hour: Instant | None = None
    names: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """The row is durable."""

    seq: int


@dataclass(frozen=True, slots=True, repr=False)
class Whole:
    """One submission with all that stands beside it: itself with its body, its deliveries without,
    and its sheet with its body, if it has one."""

    message: Row
    deliveries: tuple[Row, ...]
    sheet: Row | None


@dataclass(frozen=True, slots=True)
class Changes:
    """Which submissions have changed, came, or are gone, themselves or what belongs to them.

    ``at`` is what to ask from the next time. ``roots`` are their seqs, in order of the last change
    of each; ``all``: any may have, since these were too many to be remembered, or nobody knows."""

    at: int
    roots: tuple[int, ...] = ()
    all: bool = False


What = Literal["released", "dropped", "posted"]


@dataclass(frozen=True, slots=True)
class Moved:
    """A message that was released or dropped, or a delivery that was posted. ``by_a_person``: it
    was held. ``hour`` is that of its arrival, of a delivery that of its release."""

    what: What
    seq: int
    name: str
    hour: Instant
    by_a_person: bool


@dataclass(frozen=True, slots=True)
class Moves:
    """``highest``: the last seq that was given to any row."""

    highest: int
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows an operator asks for; what is empty asks for nothing. ``why``: a part of the
    reason, capitals or not. ``newest``: those that came last are first."""

    queue: str = ""
    state: str = ""
    channel: str = ""
    destination: str = ""
    why: str = ""
    newest: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class SomeRows:
    """``after``: from which seq to go on; None at the end."""

    rows: tuple[Row, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class Sum:
    """Rows of one name, state and reason together: how many, the earliest of their hours, how many
    are due, and how many are due so late that nothing waits for it by itself."""

    name: str
    state: str
    why: str
    count: int
    hour: Instant
    due: int
    ahead: int


@dataclass(frozen=True, slots=True)
class Sums:
    """``after``: from which seq to go on; None at the end."""

    sums: tuple[Sum, ...]
    after: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Heads:
    """Rows whose ``body`` is only its beginning. ``after``: from which seq to go on; None at the
    end."""

    rows: tuple[Row, ...]
    after: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Head:
    """The beginning of a row's body or note, as it ``was`` and as it is to be ``now``: of the same
    length."""

    seq: int
    of: Literal["body", "note"]
    was: bytes
    now: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """A repeat of a row that is durable already: answered yes, not counted as accepted."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The sum: ``accepted`` is the total of ``states`` by construction."""

    states: dict[str, int]
    deliveries: dict[str, int]
    queues: dict[str, int]
    repeats: int
    turned_away: int
    lost: int

    @property
    def accepted(self) -> int:
        """How many submissions were accepted, ever."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Place:
    """One row of the board: a destination or a transport. Times are whole hours.

    ``account`` is what ``check`` first returned: part of every key, so it never changes. ``spent``
    is what an older version counted as paid there in ``month`` (202611), in thousandths of its
    unit; this one counts apart (``relay.node.budgets``).
    """

    name: str
    state: str = "works"
    since: Instant = 0
    last: Instant = 0
    posted: int = 0
    account: str = ""
    why: str = ""
    month: int = 0
    spent: int = 0
