"""What goes out: posts, their parts, attempts, and how those end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from relay.model.inward import Media
from relay.model.times import Instant


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


@dataclass(frozen=True, slots=True)
class Fits:
    """What media a destination takes, each by itself; how many go into one post its bridge says.

    Bytes, pixels of the longer side, seconds. Of a kind with 0 bytes it takes none: a film is then
    shown by its poster. ``image_types`` besides JPEG. The values given here are the most that a
    cleaner makes of anything."""

    image_bytes: int = 8_000_000
    image_side: int = 4096
    image_types: tuple[str, ...] = ("image/png",)
    film_bytes: int = 12_000_000
    film_seconds: int = 600
    film_side: int = 1280
    sound_bytes: int = 12_000_000
    sound_seconds: int = 3600


NO_MEDIA = Fits(image_bytes=0, film_bytes=0, sound_bytes=0)
"""For a destination that takes text alone."""


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
class Said:
    """A part before it is sent, as its readers will see it: its words, how long the platform will
    find them and how long they may be, in its own unit (``most`` 0: it has no limit), and how many
    media stand with them. ``refuse``: the platform would not take it, and why."""

    text: str
    count: int
    most: int = 0
    media: int = 0
    refuse: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Attempt:
    """Try ``n`` (from 1) at a part. ``first`` is when the first try at it began; ``after`` the ref
    of the part before; ``kept`` what ``keep`` stored last (at most 4 KiB).

    With ``n`` 0, which only ``find`` is asked with, this node has not tried: another one that has
    the same message may have, at any time since ``first``. That nothing was kept then tells
    nothing; and its part has the same key and the same words, but may show another hour."""

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
    ``none``: nobody can tell, so doubt is held for a person.

    ``everywhere``: what is exact is so also between two nodes that post one message to one account.
    No time is in the key that the platform goes by, nothing that one node alone was given (a
    session, an upload, a transaction of its own), and nobody needs to have looked before."""

    means: Literal["exact", "lookup", "none"]
    exact_for_s: int | None = None
    everywhere: bool = False


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
