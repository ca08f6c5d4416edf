"""The values everything else speaks of: frozen, checked once when made, never printed.

Words are those of ``docs/glossary.md``. A value that could name a person or quote a text has no
repr that shows it: ``repr=False`` makes a traceback or an f-string say the type and nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Instant = int
"""Whole seconds since 1970, by our ``Clock``."""

HOUR = 3600


def hour_of(instant: Instant) -> Instant:
    """The hour that contains it: what may be kept or shown of a time with a person behind it."""
    return instant - instant % HOUR


class Queue(StrEnum):
    """Where a row waits, named for the step that takes it next."""

    INBOX = "inbox"  #: sealed envelopes; exit/unseal
    READ = "read"  #: opened, under a key of its own; exit/read
    REVIEW = "review"  #: read; exit/review, or a person
    DELIVER = "deliver"  #: released, until its delay is over; exit/assign
    POST = "post"  #: deliveries, one row a destination; exit/post
    ASSIGNED = "assigned"  #: a message whose deliveries are in POST; nothing takes it
    ENDED = "ended"  #: nothing takes it; purged when it is old


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
    REFUSED = "refused"
    STOPPED = "stopped"  #: the account needs its operator
    HELD = "held"  #: waits for a person
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


# ---------------------------------------------------------------- rows of the spool

FIRST: Instant = 0
"""When a doubtful delivery is due: before all that waits, since a platform forgets its keys."""

SET_BACK = b"set back"
"""The note of a message that was on its way in a spool older than what was posted since: it may
be public, so that its deliveries begin as unsure."""


PAUSED_ALL = "paused relay"
"""The row of the board that says that all of the node is paused: a spool that was set back writes
it in the very commit that finds it so, and no crash can come between."""


@dataclass(frozen=True, slots=True, repr=False)
class NewRow:
    """A row to store. ``body`` and ``note`` are sealed bytes; the spool never looks inside.

    ``keys`` are repeat keys (16 bytes each): if the spool knows one of them the row is a repeat and
    is not stored. ``hour`` is the hour of arrival (seconds, a multiple of 3600), of a delivery that
    of its release; ``due`` is None for what nobody takes by itself.
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


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """A stored row. ``root`` is the seq of the submission it belongs to (its own, for one).

    ``rev`` counts its changes: a settle of an older rev is refused. ``name`` is a channel for a
    message and a destination for a delivery.
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
    where a person releases a delivery anew."""

    queue: Queue
    state: str
    due: Instant | None
    why: str = ""
    name: str | None = None
    note: bytes | None = None
    body: bytes | None = None
    hour: Instant | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """The row is durable."""

    seq: int


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
    is what was paid there in ``month`` (202611), in thousandths of its unit.
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


# ---------------------------------------------------------------- what comes in


@dataclass(frozen=True, slots=True, repr=False)
class Arrival:
    """What a transport heard, with everything that names a person. Never leaves a door's memory.

    ``content`` is the raw DATA of a mail (kind "mail") or UTF-8 text (kind "text"); ``channels``
    are the channels it goes to; ``sender`` and ``recipient`` are opaque bytes; ``provider_id``
    is the id under which the provider repeats it, empty if there is none; ``claimed_at`` is the
    provider's own time as it wrote it; ``repeats_without_id`` says that this gateway sends old
    messages again under new ids, so that sender, text and time make a second key. ``recipients``
    says for each channel, in the same order, to whom a mail went there (RCPT TO); ``unknown`` are
    the channels for which only ``*@domain`` stood; ``flags`` go with every channel.
    """

    transport: str
    kind: Literal["mail", "text"]
    content: bytes
    channels: tuple[str, ...]
    sender: bytes
    recipient: bytes
    provider_id: bytes = b""
    claimed_at: bytes = b""
    repeats_without_id: bool = False
    recipients: tuple[bytes, ...] = ()
    unknown: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Submission:
    """An arrival without the person: what may be sealed. One for each channel."""

    transport: str
    kind: Literal["mail", "text"]
    content: bytes
    channel: str
    flags: tuple[str, ...]
    repeat_keys: tuple[bytes, ...]
    author_tags: tuple[bytes, ...] = ()


class Verdict(StrEnum):
    """The answer to an arrival. TAKEN and KNOWN are both yes; BUSY is 451/503; REFUSED is final."""

    TAKEN = "taken"
    KNOWN = "known"
    BUSY = "busy"
    FULL = "full"
    REFUSED = "refused"


# ---------------------------------------------------------------- what was read


@dataclass(frozen=True, slots=True, repr=False)
class Mark:
    """A danger in a text: what kind it is and where (offset and length in characters)."""

    kind: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, repr=False)
class Media:
    """Something other than text: its type (RFC 6838), its bytes, and what it shows, in words.

    What came along with a message is kept aside and held for a person. What a post carries has
    been cleaned before."""

    type: str
    content: bytes
    alt: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """A submission that was read: clean text (NFC), its language (BCP 47, "und" if unknown)."""

    text: str
    title: str = ""
    language: str = "und"
    marks: tuple[Mark, ...] = ()
    media: tuple[Media, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The content cannot be read: it goes to quarantine with this reason (our own words)."""

    why: str


# ---------------------------------------------------------------- what goes out


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """A message for one destination, before it is split.

    ``secret`` (32 bytes) is derived from the message and the account: keys of parts come from it,
    and nothing about the message can be learnt from it. ``date`` is the time that may be seen: the
    hour of the release, never of the arrival. ``item`` and ``signature`` are the page's item as the
    core signed it. ``media`` are cleaned.
    """

    secret: bytes
    text: str
    title: str
    language: str
    date: Instant
    item: bytes = b""
    signature: bytes = b""
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """One request's worth of a post: frozen by ``prepare``, kept by the spool, never rebuilt.

    ``price`` is what its platform bills for it, in thousandths of its unit of money; 0: nothing.
    """

    key: str
    index: int
    of: int
    payload: bytes
    price: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Attempt:
    """Try ``n`` (from 1) at a part. ``first`` is when the first try at it began; ``after`` the ref
    of the part before; ``kept`` what ``keep`` stored last (at most 4 KiB)."""

    part: Part
    n: int
    first: Instant
    after: str | None = None
    kept: bytes = b""


Scope = Literal["delivery", "destination", "host"]


@dataclass(frozen=True, slots=True)
class Posted:
    """It is public. ``ref`` is the platform's id, ``url`` where people see it. ``rest``: with it
    the platform's own limit is used up, and it takes no more before then."""

    ref: str
    url: str = ""
    rest: Instant | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing was published; try again, not before ``not_before`` (None: as the relay decides)."""

    why: str
    not_before: Instant | None = None
    scope: Scope = "delivery"


@dataclass(frozen=True, slots=True)
class Refused:
    """This post will never be taken; nothing was published."""

    why: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may have been published. It is looked up before it is tried again."""

    why: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The account needs its operator; nothing was published. ``action`` is what to do."""

    why: str
    action: str


Outcome = Posted | Later | Refused | Unsure | Stopped


@dataclass(frozen=True, slots=True)
class Removed:
    """What was posted is gone there, now or already; copies elsewhere may stay."""


Removal = Removed | Later | Refused | Stopped
"""How taking something back ended. To repeat it does no harm, so doubt is ``Later``."""


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """What somebody wrote under a post of ours; never who. ``ref`` is its own id at the platform,
    ``to`` the ref of our post (or of the part of it), ``text`` plain, ``date`` when it was written
    (None: the platform does not say)."""

    ref: str
    to: str
    text: str
    date: Instant | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Replied:
    """Some replies, oldest first, and the cursor (at most 4 KiB) that asks for those after them."""

    replies: tuple[Reply, ...]
    cursor: bytes


@dataclass(frozen=True, slots=True)
class Once:
    """What repeating a send does. ``exact``: the same bytes make the same one post (for
    ``exact_for_s`` seconds after the first attempt; None: for ever). ``lookup``: ``find`` can tell.
    ``none``: nobody can tell, so doubt is held for a person."""

    means: Literal["exact", "lookup", "none"]
    exact_for_s: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The attempt is on the platform."""

    ref: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """It was not seen. ``strong``: the listing covered the whole time since the attempt."""

    strong: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """The platform cannot be asked, or not now."""

    why: str = ""


Lookup = Found | Absent | Unknown


@dataclass(frozen=True, slots=True)
class Health:
    """What ``check`` saw: the account's id at its platform; why it cannot post (empty: it can)."""

    account: str
    trouble: str = ""
