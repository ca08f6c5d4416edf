"""What the processes of one node say to each other: typed, bounded, one value a frame.

A frame is a packed dataclass. Frames up to ``INLINE`` bytes travel as one packet of a socket pair;
larger ones as a sealed memory file whose descriptor is passed (``relay.node.pipes``). Whoever
receives a frame names the types it accepts; anything else raises ``Damaged`` and ends the pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from relay.model import (
    Attempt,
    Ciphertext,
    Encrypted,
    Fits,
    Health,
    Instant,
    Kind,
    Later,
    Lookup,
    Media,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Reading,
    Refused,
    Removal,
    Replied,
    Said,
    Stopped,
    Unclean,
)
from relay.wire.batch import Batch
from relay.wire.mailkeys import MailKeys

INLINE = 64 * 1024
"""Bytes of the largest frame that travels in a packet (a socket buffer holds three)."""

MOST_ROWS = 16
"""Rows of a Put, and so the channels of one arrival, which are put together or not at all."""

# ---------------------------------------------------------------- launcher and core


@dataclass(frozen=True, slots=True)
class Child:
    """To the core: a child was started; its end of the socket pair comes with this frame.

    ``alone`` names the only destination that an outlet of its own may serve."""

    role: str
    pid: int
    alone: str = ""


@dataclass(frozen=True, slots=True)
class Dead:
    """To the core: that child is no more; ``status`` as from waitpid(2)."""

    pid: int
    status: int


@dataclass(frozen=True, slots=True)
class Beat:
    """To the core: whether that child did anything in the last second."""

    pid: int
    busy: bool


@dataclass(frozen=True, slots=True)
class Kill:
    """To the launcher: end that child."""

    pid: int


@dataclass(frozen=True, slots=True)
class Reload:
    """To the launcher: do what SIGHUP does, an operator asked for it over the control socket."""


@dataclass(frozen=True, slots=True)
class Panic:
    """To the launcher: destroy every secret, and end all at once. The core has begun with the keys,
    and reaches no others."""


@dataclass(frozen=True, slots=True)
class Ready:
    """To the launcher: every transport is open and every destination is served."""


# ---------------------------------------------------------------- core and door


@dataclass(frozen=True, slots=True)
class Recipient:
    """An epoch key of the exit that envelopes are sealed to (public)."""

    id: bytes
    public: bytes


@dataclass(frozen=True, slots=True, repr=False)
class ReturnDay:
    """The return key of a day: 4 bytes of id, 32 of key."""

    id: bytes
    key: bytes


@dataclass(frozen=True, slots=True, repr=False)
class SealTo:
    """To a door: the public keys, the day's tag keys (32 bytes each), and the return keys that are
    still good, newest first: tokens are made with the first and opened with any."""

    recipients: tuple[Recipient, ...]
    tag_today: bytes
    tag_yesterday: bytes
    return_keys: tuple[ReturnDay, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """To a door: an answer for the sender whose token this is, sealed under its answer key. The
    core does not know to whom it goes; the door does not know what was asked. ``waits``: only if
    somebody waits for it at this door, since another one has it for all others."""

    token: bytes
    sealed: bytes
    waits: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class TryWay:
    """To a door: write this line to the transport as a person would; TriedWay answers. ``n`` counts
    the tries of this core."""

    n: int
    transport: str
    line: str


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    """One envelope with what the spool must know of it."""

    id: bytes
    hour: int
    keys: tuple[bytes, ...]
    envelope: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Put:
    """To the core: make these durable in one transaction. ``n`` counts the puts of this door."""

    n: int
    rows: tuple[Sealed, ...]


@dataclass(frozen=True, slots=True)
class Durable:
    """To a door: every put up to ``n`` that was not refused is durable (or known)."""

    n: int


@dataclass(frozen=True, slots=True)
class Full:
    """To a door: put ``n`` was not stored, the disk is full."""

    n: int


@dataclass(frozen=True, slots=True)
class Standing:
    """To a door: how the node is, in one word, for ``/healthz`` ("ok", "locked", "disk")."""

    word: str


@dataclass(frozen=True, slots=True)
class Room:
    """To a door, each minute: bytes that are free on the disk above what must stay free."""

    free: int


@dataclass(frozen=True, slots=True)
class Answered:
    """To the core: what became of answers since the last such frame. ``answered``: a transport
    sent them; ``capped``: over a cap, or to a number that is not answered; ``failed``: the rest."""

    answered: int
    capped: int
    failed: int


@dataclass(frozen=True, slots=True)
class AnswersUsed:
    """To the core: how many answers a transport has sent since the ``day`` and the ``month`` began
    (instants, midnight UTC); when its door starts, and when they are more."""

    name: str
    day: Instant
    today: int
    month: Instant
    this_month: int


@dataclass(frozen=True, slots=True)
class Open:
    """To the core: this transport serves now; ``of`` are open in all at this door."""

    name: str
    of: int


@dataclass(frozen=True, slots=True)
class Heard:
    """To the core: what a transport did not take since the last such frame, and whether its other
    side gave a sign of life."""

    name: str
    turned_away: int
    service: int
    alive: bool = False


@dataclass(frozen=True, slots=True)
class Fares:
    """To the core: how a transport fares, for the board ("works", "login", "blocked", "spent"),
    and why in our own words."""

    name: str
    state: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """To the core: what is wrong with the certificate of ``[tls]``, in our own words, or ""."""

    why: str


@dataclass(frozen=True, slots=True)
class TriedWay:
    """To the core: what came of try ``n``, in our own words; "" if it was taken."""

    n: int
    why: str = ""


# ---------------------------------------------------------------- core and reader


@dataclass(frozen=True, slots=True, repr=False)
class Read:
    """To a reader: parse this."""

    content: bytes
    kind: Kind


@dataclass(frozen=True, slots=True, repr=False)
class Decrypt:
    """To a reader that was asked nothing yet: open these with the keys, do nothing else, and end.
    WasDecrypted answers."""

    parts: tuple[Ciphertext, ...]
    keys: MailKeys


@dataclass(frozen=True, slots=True, repr=False)
class ReadDecrypted:
    """To a reader: parse what was encrypted (``opened``, its parts now plaintexts), beside what
    could not be opened. WasRead answers."""

    opened: Encrypted
    closed: tuple[Ciphertext, ...]


@dataclass(frozen=True, slots=True, repr=False)
class WasRead:
    """To the core: what it says, or that it is encrypted (of the answer to Read alone)."""

    message: Reading | Encrypted


@dataclass(frozen=True, slots=True, repr=False)
class WasDecrypted:
    """To the core: the plaintexts in order, None for what these keys do not open."""

    plain: tuple[bytes | None, ...]


# ---------------------------------------------------------------- core and cleaner


@dataclass(frozen=True, slots=True, repr=False)
class Clean:
    """To a cleaner: make this anew; WasCleaned answers."""

    medium: Media


@dataclass(frozen=True, slots=True, repr=False)
class Fit:
    """To a cleaner: make this, which was cleaned, small enough; WasCleaned answers."""

    medium: Media
    fits: Fits


@dataclass(frozen=True, slots=True, repr=False)
class WasCleaned:
    """To the core: what was made of it, or why nothing was."""

    made: Media | Unclean


# ---------------------------------------------------------------- core and desk


@dataclass(frozen=True, slots=True, repr=False)
class DeskAsks:
    """To the core: an order in JSON, as ``docs/desk.md`` lists them, with the session of whoever
    gives it; each answer is a DeskTold. ``n`` counts the orders of this desk."""

    n: int
    order: bytes


@dataclass(frozen=True, slots=True, repr=False)
class DeskTold:
    """To the desk: an answer to order ``n`` in JSON; the last one has ``end``. With ``refused`` it
    was not carried out, and ``answer`` says why in our own words."""

    n: int
    answer: bytes
    end: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class DeskStops:
    """To the core: whoever gave order ``n`` waits for no more answers to it."""

    n: int


@dataclass(frozen=True, slots=True, repr=False)
class DeskNews:
    """To the desk, unasked: what has changed, in JSON."""

    news: bytes


# ---------------------------------------------------------------- core and links


@dataclass(frozen=True, slots=True, repr=False)
class Cross:
    """To the links: hand this to a peer over that link; Crossed answers. ``n`` counts the calls."""

    n: int
    link: str
    peer: str
    batch: Batch


@dataclass(frozen=True, slots=True, repr=False)
class Crossed:
    """To the core: how call ``n`` ended. ``durable``: the peer keeps all of it, and ``back`` is
    what it had for us. ``given``: it is on its way, and what is durable there will be told in a
    batch that comes. ``later``: it is not, and ``why`` in our own words."""

    n: int
    how: Literal["durable", "given", "later"]
    why: str = ""
    back: Batch | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Arrived:
    """To the core: a batch of a peer has come over that link, and is his; Took answers. ``n``
    counts the arrivals of this process."""

    n: int
    link: str
    peer: str
    batch: Batch


@dataclass(frozen=True, slots=True, repr=False)
class Took:
    """To the links: whether all of arrival ``n`` is durable, and what goes back to that peer; where
    it is not, the peer is told nothing but "later"."""

    n: int
    durable: bool
    back: Batch


@dataclass(frozen=True, slots=True)
class LinkOpen:
    """To the core: this link serves now; ``of`` are served in all."""

    name: str
    of: int


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """To the core: who came over this link was refused so often since the last such frame: no peer
    of ours, or what was no batch of a peer for us."""

    link: str
    count: int


# ---------------------------------------------------------------- core and outlet


@dataclass(frozen=True, slots=True)
class Serves:
    """To the core: this destination is served here, and how. ``bills``: the unit of money in which
    its platform bills posts; empty where it bills none. ``removes``: it can take posts back.
    ``fits``: which media its platform takes; None: what a cleaner makes. ``shows_edits``: people
    can see there what a post said before it was changed."""

    destination: str
    once: Once
    at_once: int
    trouble: str = ""
    bills: str = ""
    removes: bool = False
    fits: Fits | None = None
    shows_edits: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class Prepare:
    """To an outlet: fit this post; Prepared or Failed answers. ``n`` counts the calls."""

    n: int
    destination: str
    post: Post


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """To the core: the parts of call ``n``, which never change again."""

    n: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """To an outlet: prepare this post, keep nothing of it, and say what people would see;
    Previewed or Failed answers. Its keys are good for nothing else, and its item is not signed with
    the page's."""

    n: int
    destination: str
    post: Post


@dataclass(frozen=True, slots=True, repr=False)
class Previewed:
    """To the core: how many parts the post of call ``n`` has, and what the first of them say; not
    ``shown``: this bridge cannot say it."""

    n: int
    of: int
    parts: tuple[Said, ...] = ()
    shown: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class Send:
    """To an outlet: publish this part, once; Ended or Failed answers."""

    n: int
    destination: str
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Ended:
    """To the core: how the send of call ``n`` ended."""

    n: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, repr=False)
class Find:
    """To an outlet: is this attempt public? Looked or Failed answers."""

    n: int
    destination: str
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Looked:
    """To the core: what the platform told of the attempt of call ``n``."""

    n: int
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class Check:
    """To an outlet: name the account of this destination; Checked or Failed answers."""

    n: int
    destination: str


@dataclass(frozen=True, slots=True)
class Checked:
    """To the core: how the account of call ``n`` is, and what is known of posting there once."""

    n: int
    health: Health
    once: Once | None = None
    fits: Fits | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """To an outlet: take back what stands under this ref; TookBack or Failed answers."""

    n: int
    destination: str
    ref: str


@dataclass(frozen=True, slots=True)
class TookBack:
    """To the core: how the removal of call ``n`` ended; None: this bridge cannot take back."""

    n: int
    removal: Removal | None


@dataclass(frozen=True, slots=True, repr=False)
class Edit:
    """To an outlet: make what stands under this ref say what the post says; Edited or Failed
    answers."""

    n: int
    destination: str
    ref: str
    post: Post


@dataclass(frozen=True, slots=True)
class Edited:
    """To the core: how the edit of call ``n`` ended; None: this bridge cannot edit."""

    n: int
    outcome: Posted | Later | Refused | Stopped | None


@dataclass(frozen=True, slots=True, repr=False)
class AskReplies:
    """To an outlet: what was written under our posts after this cursor; Replies or Failed
    answers."""

    n: int
    destination: str
    cursor: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Replies:
    """To the core: what the platform told for call ``n``; None: this bridge reads none."""

    n: int
    replied: Replied | Later | Stopped | None


@dataclass(frozen=True, slots=True, repr=False)
class Ways:
    """To an outlet: show this signed statement of the ways in; Shown or Failed answers."""

    n: int
    destination: str
    document: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """To an outlet: show this signed list of what was withdrawn, and nothing of what is on it;
    Shown or Failed answers."""

    n: int
    destination: str
    document: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """To the core: the statement of call ``n`` is shown, or what is in the way."""

    n: int
    trouble: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Keeps:
    """To the core: make these bytes (at most 4 KiB) durable with attempt ``n``; Kept answers."""

    n: int
    kept: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """To an outlet: what attempt ``n`` keeps is durable."""

    n: int


@dataclass(frozen=True, slots=True)
class Skewed:
    """To the core: our clock is so many seconds ahead of the platforms'; 0 when it is right."""

    ahead_s: int


@dataclass(frozen=True, slots=True)
class Routed:
    """To the core: the route by which a destination is reached now, "" for none, and what is wrong
    with others, by their names (a ``relay.rules.routes.Failure``)."""

    destination: str
    route: str
    failures: dict[str, str]


@dataclass(frozen=True, slots=True)
class Failed:
    """To the core: a call ended in an exception of this class; of a send it means Unsure."""

    n: int
    why: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """To an outlet: call ``n`` is past its deadline; give up and say how it ended."""

    n: int
