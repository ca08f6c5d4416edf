"""What is wrong with a node, from what is known of it: one sentence each, with its remedy.

Sentences hold counts and our own names from ``relay.toml``: never a text, an address or a number
of anybody, since they are sent to where an operator reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from relay.model import HOUR, Instant
from relay.rules.budgets import NEARLY_PERCENT

SKEW_S = 300
"""Seconds that our clock may differ from those of the platforms."""

SETTLES_S = 600
"""Seconds that a blocked platform is given to come back before anybody is called."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A destination or a transport, as the board shows it; ``lasts_s`` is how long it has been in
    this state, as far as this process knows. ``stale`` of those that wait are held, too old.
    ``spent`` of ``limit`` are gone this month, in ``unit``; None where nothing is billed."""

    state: str
    lasts_s: float
    waiting: int
    oldest_s: int
    stale: int = 0
    spent: float | None = None
    limit: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a node. ``held`` and ``danger`` count messages that wait for a person, the
    oldest for ``held_s`` seconds; ``skew_s`` is how far our clock is ahead of the platforms'.
    ``nowhere`` counts what waits for a destination that is not posted to any more, by its name;
    ``ahead`` what is due so late that the clock must have been wrong. ``asked_back`` counts public
    messages that their senders want back, ``replies`` those with replies nobody has decided about;
    ``unread`` says of a destination why replies cannot be read there; ``strangers``: the file of
    the known senders cannot be opened. ``canary`` has what to say of the self test by the name
    that it tried."""

    standing: str = "ok"
    locked_since: Instant = 0
    waiting: int = 0
    paused: Mapping[str, Instant] | None = None
    board: Mapping[str, Shown] | None = None
    held: int = 0
    danger: int = 0
    held_s: int = 0
    lost: int = 0
    room: bool = True
    skew_s: int = 0
    unheard: Sequence[str] = ()
    certificate: str = ""
    nowhere: Mapping[str, int] = field(default_factory=dict)
    ahead: int = 0
    asked_back: int = 0
    replies: int = 0
    unread: Mapping[str, str] = field(default_factory=dict)
    strangers: bool = False
    canary: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long (seconds) something may wait before it is an alarm."""

    waiting_s: int = 6 * HOUR
    held_s: int = 6 * HOUR


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong. ``key`` stays the same while it lasts; ``hourly``: it is a brake
    that somebody put on, and forgets."""

    key: str
    said: str
    hourly: bool = False


_LASTING = {
    "login": "its account needs you: `relay board` says why; for a new secret `relay login {name}`",
    "spent": "its budget is used up until next month, or until money_per_month is raised",
    "silent": "nothing was heard from it: look at the phone, the script or the mailbox",
}

_NO_CREDIT = "its account has no credit left, or its limit is reached: see `relay board`"
"""Of a way in, which has no budget of ours."""


def troubles(facts: Facts, patience: Patience) -> list[Trouble]:
    """Everything that is wrong, most pressing first."""
    return [*_of_the_node(facts), *_of_the_board(facts, patience), *_of_the_desk(facts, patience)]


def _of_the_node(facts: Facts) -> Iterator[Trouble]:
    if not facts.room:
        said = "the disk is full: new messages are answered 'try again later'; make room"
        yield Trouble("disk", said)
    if facts.lost:
        said = f"{facts.lost} accepted messages are missing from the disk: see `relay status`"
        yield Trouble("lost", said)
    if facts.standing == "locked":
        since = _hour(facts.locked_since)
        said = f"locked since {since}, {facts.waiting} wait: `relay unlock`"
        yield Trouble("locked", said, hourly=True)
    for name, at in (facts.paused or {}).items():
        what, resume = ("everything", "") if name == "relay" else (name, f" {name}")
        said = f"{what} is paused since {_hour(at)}, {facts.waiting} wait: `relay resume{resume}`"
        yield Trouble(f"paused {name}", said, hourly=True)
    if abs(facts.skew_s) > SKEW_S:
        way = "ahead" if facts.skew_s > 0 else "behind"
        said = f"our clock is {_length(abs(facts.skew_s))} {way} of the platforms': set it right"
        yield Trouble("clock", said)
    if facts.certificate:
        yield Trouble("certificate", f"{facts.certificate}: `relay check` says what to do")
    for name, waiting in facts.nowhere.items():
        said = f"{waiting} wait for {name}, which no channel names any more"
        yield Trouble(f"nowhere {name}", f"{said}: name it again, or `relay queue drop` them")
    if facts.ahead:
        said = f"{facts.ahead} are due more than a week too late: was the clock wrong?"
        yield Trouble("ahead", f"{said} `relay queue list`, then `hold` and `release` them")
    if facts.strangers:
        said = (
            "keys/senders cannot be opened: nobody is known, and codes are forgotten at a restart"
        )
        yield Trouble("senders", f"{said}; restore it from your backup and start again")
    for name, why in facts.unread.items():
        yield Trouble(f"replies {name}", f"replies cannot be read at {name}: {why}")
    for name, said in facts.canary.items():
        yield Trouble(f"canary {name}", said)
    for name in facts.unheard:
        yield Trouble(f"alarm {name}", f"alarms cannot be sent to {name}: see `relay board`")


def _of_the_board(facts: Facts, patience: Patience) -> Iterator[Trouble]:
    paused = facts.paused or {}
    for name, shown in (facts.board or {}).items():
        if name in paused or "relay" in paused:
            continue
        if shown.state in _LASTING:
            lasting = _LASTING[shown.state]
            if shown.state == "spent" and not shown.limit:
                lasting = _NO_CREDIT
            said = f"{name}: {lasting.format(name=name)}"
            yield Trouble(f"{shown.state} {name}", said)
        elif shown.state == "blocked" and shown.lasts_s >= SETTLES_S:
            said = f"{name} cannot be reached: see `relay board`"
            yield Trouble(f"blocked {name}", said)
        elif shown.spent and shown.limit and shown.spent * 100 >= shown.limit * NEARLY_PERCENT:
            of = f"{shown.spent:g} of {shown.limit:g} {shown.unit}".rstrip()
            yield Trouble(f"money {name}", f"{name}: {of} of this month's budget are spent")
        if shown.waiting and shown.oldest_s >= patience.waiting_s + HOUR:  # we know the hour only
            said = f"{shown.waiting} wait for {name}, the oldest for {_length(shown.oldest_s)}"
            yield Trouble(f"waiting {name}", said)
        if shown.stale:
            said = f"{shown.stale} waited too long for {name} and are held as old news"
            yield Trouble(f"stale {name}", f"{said}: `relay queue list`")


def _of_the_desk(facts: Facts, patience: Patience) -> Iterator[Trouble]:
    if facts.asked_back:
        what = "a public message" if facts.asked_back == 1 else f"{facts.asked_back} messages"
        said = f"senders want {what} back: `relay queue list`, then `relay queue withdraw`"
        yield Trouble("asked back", said)
    if facts.replies:
        what = "one message has" if facts.replies == 1 else f"{facts.replies} messages have"
        said = f"{what} replies that wait: `relay queue list`, then `relay queue show`"
        yield Trouble("replies", said)
    if facts.held and facts.held_s >= patience.held_s + HOUR:
        danger = f", {facts.danger} of them marked as dangerous" if facts.danger else ""
        said = f"{facts.held} wait for a person{danger}, the oldest for {_length(facts.held_s)}"
        yield Trouble("held", f"{said}: `relay queue list`")


def _hour(at: Instant) -> str:
    return f"{at // HOUR % 24:02}h UTC"


def _length(seconds: int) -> str:
    return f"{seconds // HOUR} h" if seconds >= 2 * HOUR else f"{max(1, seconds // 60)} min"
