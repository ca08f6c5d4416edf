"""The interfaces. A plug-in imports this module, and ``bridges.kit`` if it likes; nothing else.

Matching a Protocol is enough: there is no base class. A bridge's entry point (group
``relay.bridges``) names a class with ``api = 1`` and a nested pydantic model ``Settings``; it is
built as ``Class(settings, http, clock)``. ``relay bridges new`` writes one;
``docs/write-a-bridge.md`` goes on from there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from relay.model import (
    Absent,
    Arrival,
    Attempt,
    Change,
    Changes,
    Command,
    Counts,
    Fits,
    Found,
    Head,
    Heads,
    Health,
    Instant,
    Kind,
    Known,
    Later,
    Lookup,
    Media,
    Moves,
    NewRow,
    Once,
    Outcome,
    Part,
    Place,
    Post,
    Posted,
    Queue,
    Reading,
    Refused,
    Removal,
    Removed,
    Replied,
    Reply,
    Row,
    Said,
    SomeRows,
    Stopped,
    Stored,
    Sums,
    Unclean,
    Unknown,
    Unsure,
    Verdict,
    Wanted,
    Whole,
)

__all__ = [
    "MAX_KEPT",
    "Absent",
    "Answer",
    "Answers",
    "Arrival",
    "Ask",
    "Attempt",
    "Bridge",
    "Cleaner",
    "Clock",
    "Command",
    "Edits",
    "First",
    "Fits",
    "FitsMedia",
    "Found",
    "Health",
    "Http",
    "Instant",
    "Keep",
    "Later",
    "LogsIn",
    "Lookup",
    "Media",
    "NoAnswer",
    "NotSent",
    "Once",
    "Order",
    "Outcome",
    "Part",
    "Post",
    "Posted",
    "Previews",
    "PutDone",
    "Reaches",
    "Reader",
    "Refused",
    "Removal",
    "Removed",
    "Removes",
    "Replied",
    "Replies",
    "Reply",
    "Said",
    "Shows",
    "Spool",
    "Stopped",
    "Stream",
    "TakeIn",
    "Transport",
    "Unclean",
    "Unknown",
    "Unsure",
    "Verdict",
]


class Clock(Protocol):
    """The only source of time. Timers run on the loop's own monotonic clock."""

    def now(self) -> Instant:
        """Wall time in whole seconds since 1970."""
        ...


# ---------------------------------------------------------------- outward


class NotSent(Exception):
    """The request never left: no connection, no TLS, no route. Nothing can have been published."""


class NoAnswer(Exception):
    """The request left, at least in part, and no whole answer came. Anything may have happened."""


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """An HTTP answer, its body capped. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Http(Protocol):
    """The only way out for a bridge: bound to its destination's routes and hosts.

    It follows no redirect, keeps no cookie, reads no proxy from the environment, verifies TLS
    always, and speaks plaintext to loopback addresses only.
    """

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 60.0,
    ) -> Answer:
        """One request, one answer of at most 1 MiB. Raises NotSent or NoAnswer."""
        ...

    async def connect(
        self,
        host: str,
        port: int,
        *,
        tls: Literal["now", "later"] = "now",
        timeout_s: float = 15.0,
    ) -> Stream:
        """A connection for what is no HTTP (SMTP) or grows out of it (WebSocket). Raises NotSent.

        ``later``: bytes go in the clear until ``start_tls``; to another machine at most 1,024 of
        them, which is room for a greeting and none for a post."""
        ...


class Stream(Protocol):
    """Bytes to and from one host. Whatever breaks it raises NoAnswer, also when ``timeout_s``
    (seconds, for this one call) are over; then it can only be closed."""

    async def send(self, said: bytes, *, timeout_s: float = 60.0) -> None:
        """All of it. Raises NotSent, and sends nothing, for too much before ``start_tls``."""
        ...

    async def receive(self, *, timeout_s: float = 60.0) -> bytes:
        """What has come, at most 64 KiB; b"" at the end."""
        ...

    async def start_tls(self, *, timeout_s: float = 15.0) -> None:
        """Go on under TLS, verified (RFC 3207 and its like). Raises NotSent if that fails."""
        ...

    async def aclose(self) -> None:
        """Close it, without ceremony. To close it again is no fault."""
        ...


MAX_KEPT = 4096
"""Bytes that a bridge may keep with an attempt."""

Keep = Callable[[bytes], Awaitable[None]]
"""Stores at most MAX_KEPT bytes with the attempt; durable in the core before it returns."""


class Bridge(Protocol):
    """Posts to one kind of platform. It neither retries, queues, sleeps nor logs.

    An exception, a deadline, a wrong return type or a dead process during ``send`` counts as
    ``Unsure``; it is ``Later`` only where the bridge says so by returning it.
    """

    once: Once
    """Read when the bridge was built, and again after each ``check``: which may learn it."""
    at_once: int
    """How many sends may be under way at the same time on one destination; 1 where order counts."""

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Fit, split and stamp a post into parts that never change again. Nothing is public yet."""
        ...

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Publish one part, once."""
        ...

    async def find(self, attempt: Attempt) -> Lookup:
        """Tell whether an earlier try at this part is public. No side effects."""
        ...

    async def check(self) -> Health:
        """A cheap call that names the account and says whether it can post."""
        ...


class FitsMedia(Protocol):
    """What a bridge has besides, where its platform takes other media than the cleaner makes."""

    fits: Fits
    """Read when the bridge was built, and again after each ``check``. What a post carries fits into
    it, each medium by itself; what cannot be made to fit is left out, and a person sees that."""


class Removes(Protocol):
    """What a bridge has besides, where its platform lets a post be taken back."""

    async def remove(self, ref: str) -> Removal:
        """Take back the part that was posted under this ref. Gone already is ``Removed``."""
        ...


class Edits(Protocol):
    """What a bridge has besides, where its platform lets a post be changed in place."""

    shows_edits: bool
    """Whether people can see there what a post said before it was changed. Where a bridge does not
    say they can: what must not be seen any more is then taken back, and posted anew."""

    async def edit(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped:
        """Make what stands under this ref say what ``post`` says: the post that was sent, with the
        same secret, date and item id, another text, and of an item a later revision.

        It does not split: a post that does not fit into one part is ``Refused``. To repeat it does
        no harm: where it says that already it is ``Posted``. ``Refused`` means that this call has
        changed nothing and none will; whatever is not certain is ``Later``."""
        ...


class Previews(Protocol):
    """What a bridge has besides, where it can tell what its readers will see of a part."""

    def says(self, part: Part) -> Said:
        """The words of a part that it has prepared. It asks nobody, and changes nothing."""
        ...


class Replies(Protocol):
    """What a bridge has besides, where answers to our posts can be read."""

    async def replies(self, cursor: bytes) -> Replied | Later | Stopped:
        """What was written under our posts after ``cursor`` (b"": from now on, or from as far back
        as the platform likes), at most 100. Nothing changes there; to ask again gives the same."""
        ...


Ask = Callable[[str, bool], Awaitable[str]]
"""Shows the operator a question (an address to open stands in it) and gives the one line they
answer; the second argument says that it is a secret and is not echoed."""


class LogsIn(Protocol):
    """What a bridge's class has besides, where a secret must be fetched and cannot be pasted."""

    @classmethod
    async def login(
        cls, settings: Any, http: Http, clock: Clock, ask: Ask
    ) -> Mapping[str, bytes] | str:
        """Lead the operator to the secrets: contents by the setting that names the file, or why
        there are none, in our words. It writes nothing and reads none of those files."""
        ...


class Reaches(Protocol):
    """What a bridge's class has besides, where its settings do not name all hosts that it asks."""

    @staticmethod
    def hosts(settings: Any) -> Collection[str]:
        """Host names in lower case, or "*.example.org" for all below a name: its ``http`` connects
        to these and to no others. A file that the settings name may be read."""
        ...


class Shows(Protocol):
    """What a bridge has besides, where it makes a page of ours."""

    async def ways(self, document: bytes, signature: bytes) -> str:
        """Show where people may write: a statement as in docs/wire.md, in place of the one before.
        Gives what is in the way, empty for nothing. To repeat it does no harm."""
        ...

    async def withdrawn(self, document: bytes, signature: bytes) -> str:
        """Show the list of what was withdrawn, as in docs/wire.md, in place of the one before, and
        nothing of what is on it. Gives what is in the way, empty for nothing."""
        ...


# ---------------------------------------------------------------- inward

TakeIn = Callable[[Arrival], Awaitable[Verdict]]
"""Hands an arrival over. It returns TAKEN only when the sealed submission is durable."""


class Transport(Protocol):
    """A way in. It runs on asyncio, in a door, and answers its client only by the verdict."""

    async def run(self, take_in: TakeIn, ready: Callable[[str], None]) -> None:
        """Serve until cancelled; call ``ready(address)`` once when open ("127.0.0.1:2525")."""
        ...


class Answers(Protocol):
    """What a transport has besides, where an answer can go back to whoever asked."""

    async def answer(self, way_back: bytes, text: str) -> Outcome:
        """Send an answer to the way back that came with an arrival of this transport. ``Unsure``
        and ``Later`` are not tried again by anybody: an answer is no promise."""
        ...


class Cleaner(Protocol):
    """Makes media anew. In the node it is a process of its own."""

    async def clean(self, medium: Media) -> Media | Unclean:
        """Make of a medium as it came a new one that shows or sounds the same and holds nothing
        else; never raises for what is in it."""
        ...

    async def fitted(self, medium: Media, fits: Fits) -> Media | Unclean:
        """Make a medium that was cleaned small enough for a destination: itself, where it is."""
        ...


class Reader(Protocol):
    """Parses what people (or an enemy) sent. In the node it is a process of its own."""

    async def read(self, content: bytes, kind: Kind) -> Reading:
        """Read stripped content of a kind; never raises for what is in it."""
        ...


# ---------------------------------------------------------------- the durable store

First = Literal["oldest", "newest"]
"""Which of the deliveries that wait comes first."""

Order = Literal["oldest", "newest", "drawn"]
"""The same, and ``drawn``: the oldest, but of those that are due in one second in an order that
nobody can foretell. What is released together would else tell in which order it came."""

PutDone = Callable[[Sequence[Stored | Known] | Exception], None]
"""Told how a put ended, possibly in another thread: results in order, or SpoolFull, SpoolBroken."""


class Spool(Protocol):
    """The durable store. One accepted submission has one state, and the states add up.

    Rows come back in order of arrival. A row that was taken is leased in memory until it is
    settled or given back, so two tasks never hold the same one. Every call may raise SpoolBroken
    after an I/O error; from then on every call does.
    """

    async def put(
        self, rows: Sequence[NewRow], *, turned_away: int = 0
    ) -> Sequence[Stored | Known]:
        """Store rows in one transaction; returns when all are durable. Raises SpoolFull. So many
        others came with them that were no rows: they are counted in the same transaction."""
        ...

    def put_soon(self, rows: Sequence[NewRow], done: PutDone) -> None:
        """As ``put``, without a loop: ``done`` is called by the spool itself after the commit."""
        ...

    async def take(
        self,
        queue: Queue,
        *,
        now: Instant,
        limit: int,
        name: str | None = None,
        first: Order | None = None,
    ) -> Sequence[Row]:
        """Lease at most ``limit`` rows of a queue that are due, with their bodies; fewer where
        these are large.

        ``name`` keeps to one destination, and with it ``first`` says which of those that are due
        come first after what is due FIRST and URGENT. Costs no commit."""
        ...

    async def settle(
        self, row: Row, to: Change, *, then: Sequence[NewRow] = (), keep: bool = False
    ) -> Row | None:
        """Change a leased row and store its followers (rows of the same root) in one transaction.

        The lease ends, unless ``keep``: then the changed row is leased on until the next settle or
        ``release``. Gives the changed row, or None if somebody else changed it meanwhile and
        nothing happened. Where the row is a delivery, or ``then`` has deliveries, the state of
        their submission is set anew in the same transaction."""
        ...

    def release(self, row: Row) -> None:
        """End a lease without a change."""
        ...

    async def body(self, seq: int) -> bytes:
        """The body of one row; empty if it has none."""
        ...

    async def look(
        self,
        *,
        queue: Queue | None = None,
        id: bytes | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> Sequence[Row]:
        """Rows without their bodies, by queue and by a prefix of the id, in order of seq.

        ``after`` pages: only rows with a greater seq. Not leased."""
        ...

    async def change(self, row: Row, to: Change, *, then: Sequence[NewRow] = ()) -> bool:
        """Change a row that is not leased (an operator's command), and store its followers (rows of
        the same root) with it. False: leased or changed."""
        ...

    async def change_all(
        self, changes: Sequence[tuple[Row, Change]], *, sheets: Sequence[tuple[int, NewRow]] = ()
    ) -> bool:
        """As ``change``, for all of these in one transaction, with a first sheet (``Queue.SHEET``)
        for the submissions of these seqs. False: one of the rows is leased or changed, one has a
        sheet already or is gone, and nothing happened."""
        ...

    async def change_each(self, changes: Sequence[tuple[Row, Change]]) -> Sequence[bool]:
        """As ``change``, for each of these by itself, but in one transaction: whether it was
        changed."""
        ...

    async def peek(
        self, queue: Queue, *, now: Instant, limit: int, name: str, but: Container[int] = ()
    ) -> Sequence[Row]:
        """As ``take`` with a name, but nothing is leased, no body comes along, and the rows of
        these seqs are left out: for who gives the same row to several."""
        ...

    async def named(self, name: bytes, *, since: Instant = 0) -> Sequence[Row]:
        """The submissions of this name (16 bytes) whose hour is not before ``since``, without
        their bodies, in order of arrival; of more than 1,000 the newest."""
        ...

    async def family(self, root: int) -> Sequence[Row]:
        """One submission and its deliveries, without their bodies, in order of seq: itself first.
        Empty for one that is not there."""
        ...

    async def originals(self, root: int) -> Sequence[Row]:
        """What came along with a submission, as it came (``Queue.ORIGINAL``), without the bodies,
        in order of seq. They are due from the hour on in which the submission left the review, and
        purged with it."""
        ...

    async def sheet(self, root: int) -> Row | None:
        """What persons wrote about a submission, with its body; None where nobody has."""
        ...

    async def wholes(
        self, *, after: int = 0, limit: int = 100, among: Sequence[int] | None = None
    ) -> Sequence[Whole]:
        """Submissions with what stands beside them, in order of seq, those after a seq or those
        ``among`` these seqs; fewer than ``limit`` where their bodies are large, and none at the
        end. One whose body is missing on the disk has none. Not leased."""
        ...

    async def seqs_of(
        self, ids: Sequence[bytes], *, after: int = 0
    ) -> tuple[dict[bytes, int], int]:
        """Which of these ids (16 bytes, at most 500) are those of submissions, looked for in the
        next 20,000 rows after a seq only; and after which seq to go on, 0 at the end."""
        ...

    async def changes(self, since: int) -> Changes:
        """What changed since an earlier answer, by its ``at``; -1: since nobody knows when."""
        ...

    async def moves(self) -> Moves:
        """What moved on since this was asked last, for who counts it: of one process, bounded."""
        ...

    async def summed(self, queue: Queue, *, now: Instant, latest: Instant, after: int = 0) -> Sums:
        """What waits in a queue that is listed, put together, some 20,000 rows at a time:
        ``latest`` is the instant after which nothing is due by itself."""
        ...

    async def find_rows(self, wanted: Wanted, *, after: int = 0, limit: int = 100) -> SomeRows:
        """Rows for an operator, without their bodies, in the order that ``wanted`` says. They are
        looked for in some 20,000 rows at a time: what it gives may be less than there is, and says
        from where to go on."""
        ...

    async def settle_with(self, row: Row, to: Change, others: Sequence[tuple[Row, Change]]) -> bool:
        """Settle a leased row and change others that nobody holds, all in one transaction: of
        several segments one message. False: one of them is held or has changed, nothing happened,
        and the lease goes on."""
        ...

    async def heads(
        self, size: int, *, queue: Queue | None = None, after: int = 0, limit: int = 500
    ) -> Heads:
        """Rows after a seq, of one queue or of all, in order of arrival and not leased; each with
        the first ``size`` bytes of its body."""
        ...

    async def put_heads(self, changes: Sequence[Head]) -> int:
        """Put the first bytes of bodies and notes anew, in one transaction and in place; gives of
        how many. What begins otherwise by now is let be, and what somebody holds. No rev counts
        it: what is sealed stays the same. Raises SpoolFull."""
        ...

    async def scrub(self) -> None:
        """What was destroyed is gone from the log as well when this returns. Raises SpoolFull where
        that has no room, and SpoolBroken."""
        ...

    async def next_due(self, queue: Queue, *, name: str | None = None) -> Instant | None:
        """When the next row that is not leased comes due; None if there is none."""
        ...

    async def oldest_due(self, queue: Queue, *, now: Instant) -> int | None:
        """The lowest seq of the rows that are due, leased ones included; None if none is."""
        ...

    async def wait(self, queue: Queue, *, name: str | None = None) -> None:
        """Wait until there may be something to take: a row is due that nobody holds, or one came,
        changed or was given back. It may return for nothing; take, and if there is none, wait."""
        ...

    async def counts(self) -> Counts:
        """The sum and its companions."""
        ...

    async def count(self, *, repeats: int = 0, turned_away: int = 0) -> None:
        """Add to the counters that stand outside the sum."""
        ...

    async def accept_loss(self) -> int:
        """The operator has seen what was lost: ``lost`` is zero again. Gives how many it were."""
        ...

    async def purge(self, before: Instant, *, limit: int = 500) -> int:
        """Destroy submissions that ended before an hour, with their rows; tally them.

        What is quarantined stays until a person drops it."""
        ...

    async def board(self) -> Sequence[Place]:
        """All rows of the board."""
        ...

    async def place(self, place: Place) -> None:
        """Write one row of the board."""
        ...

    async def remembered(self) -> Mapping[str, bytes]:
        """All that ``remember`` was told, by name."""
        ...

    async def remember(self, name: str, value: bytes) -> None:
        """Make a value durable under a name, in place of the one before; an empty one is forgotten.
        For what the core must know after a restart: names of ours, counts, hours. Raises SpoolFull
        where there is no room."""
        ...

    async def exchange(self, name: str, was: bytes, now: bytes) -> bool:
        """As ``remember``, but only in place of that value; whether it was. Raises SpoolFull."""
        ...
