"""What is wrong with a node, from what is known of it: one sentence each, with its remedy.

Sentences hold counts and our own names from ``relay.toml``: never a text, an address or a number
of anybody, since they are sent to where an operator reads them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from relay.model import HOUR, Instant
from relay.rules.bidi import apart
from relay.rules.clock_said import Jump, alarmed
from relay.rules.exits import Exits, troubles_of
from relay.rules.routes import is_cut_off
from relay.rules.spending import Spending

SKEW_S = 300
"""Seconds that our clock may differ from those of the platforms."""

SETTLES_S = 600
"""Seconds that a blocked platform is given to come back before anybody is called."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A destination or a transport, as the board shows it; ``lasts_s`` is how long it has been in
    this state, as far as this process knows, and ``why``. ``stale`` of those that wait are held,
    too old. ``budgets``: what of each is spent."""

    state: str
    lasts_s: float
    waiting: int
    oldest_s: int
    stale: int = 0
    budgets: Sequence[Spending] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A window that begins in ``in_s`` seconds, at ``at``; ``to`` has what is for its destination
    instead, if anything does. ``recurs``: it comes again and is no news by itself."""

    in_s: int
    why: str
    to: str = ""
    recurs: bool = False
    at: Instant = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a node. ``held`` and ``danger`` count messages that wait for a person, the
    oldest for ``held_s`` seconds; ``skew_s`` is how far our clock is ahead of the platforms', and
    ``jump`` what is not believed of the machine's.
    ``nowhere`` counts what waits for a destination that is not posted to any more, by its name;
    ``ahead`` what is due so late that the clock must have been wrong. ``asked_back`` counts public
    messages that their senders want back, ``replies`` those with replies nobody has decided about;
    ``unread`` says of a destination why replies cannot be read there; ``strangers``: the file of
    the known senders cannot be opened; ``no_users``: nor that of the users of the desk;
    ``audit_altered``: what was done there is not as it was written. ``canary`` has what to say of
    the self test by the name that it tried. ``not_theirs`` has the routes on which a certificate
    was not the platform's, by the destinations. ``planned`` are the destinations for which a window
    is in force, ``windows`` those that come by their destinations. ``exits`` are those of an entry.
    ``links`` are those places of the board that are links to other nodes, each with its peer
    (empty: all), and ``knocks`` counts who was turned away at each of them within an hour.
    ``astray`` counts envelopes for exits that are none of ours, by their names, and ``left`` what
    is here from before this node was an entry; ``role`` is what it is now."""

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
    jump: Jump | None = None
    unheard: Sequence[str] = ()
    certificate: str = ""
    nowhere: Mapping[str, int] = field(default_factory=dict)
    ahead: int = 0
    asked_back: int = 0
    replies: int = 0
    unread: Mapping[str, str] = field(default_factory=dict)
    strangers: bool = False
    no_users: bool = False
    audit_altered: bool = False
    canary: Mapping[str, str] = field(default_factory=dict)
    not_theirs: Mapping[str, str] = field(default_factory=dict)
    planned: Collection[str] = ()
    windows: Mapping[str, Sequence[Ahead]] = field(default_factory=dict)
    exits: Exits = field(default_factory=Exits)
    links: Mapping[str, str] = field(default_factory=dict)
    knocks: Mapping[str, int] = field(default_factory=dict)
    astray: Mapping[str, int] = field(default_factory=dict)
    left: int = 0
    role: str = "both"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long (seconds) something may wait before it is an alarm, and how long before it begins a
    window is told."""

    waiting_s: int = 6 * HOUR
    held_s: int = 6 * HOUR
    ahead_s: int = HOUR // 2


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong. ``key`` stays the same while it lasts; ``hourly``: it is a brake
    that somebody put on, and forgets. ``notice``: nothing is wrong yet, and nobody is told when
    there is no more to say of it."""

    key: str
    said: str
    hourly: bool = False
    notice: bool = False


_LASTING = {
    "login": "its account needs you: `relay board` says why; for a new secret `relay login {name}`",
    "silent": "nothing was heard from it: look at the phone, the script or the mailbox",
}

_LASTING_LINK = {
    "login": "its mailbox needs you, or its secret does: `relay board` says why",
    "silent": "nobody came over it for long: is the other node up, and does it reach this one?",
}

KNOCKS = 20
"""Who was turned away at a link within an hour, from which on it is told: a port that is open to
the world is knocked at now and then."""

_ANSWERED = re.compile(r"answered [1-5][0-9][0-9]")
"""What is said of a platform that told us to come again (503 with Retry-After)."""

_SPENT = "its budget is used up: see `relay board`"

_NO_CREDIT = "its account has no credit left, or its limit is reached: see `relay board`"
"""Of a way in: its account is no budget of ours."""


def troubles(facts: Facts, patience: Patience) -> list[Trouble]:
    """Everything that is wrong, most pressing first."""
    return [
        *_of_the_node(facts),
        *_of_the_board(facts, patience),
        *(Trouble(key, said) for key, said in troubles_of(facts.exits)),
        *_of_the_links(facts, patience),
        *_of_the_desk(facts, patience),
        *_of_the_calendar(facts, patience),
    ]


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
    if facts.jump is not None:
        yield Trouble("clock jumped", alarmed(facts.jump), hourly=True)
    if abs(facts.skew_s) > SKEW_S:
        way = "ahead" if facts.skew_s > 0 else "behind"
        said = f"our clock is {_length(abs(facts.skew_s))} {way} of the platforms': set it right"
        yield Trouble("clock", said)
    if facts.certificate:
        yield Trouble("certificate", f"{facts.certificate}: `relay check` says what to do")
    for name, waiting in facts.nowhere.items():
        said = f"{waiting} wait for {name}, which no channel names any more"
        yield Trouble(f"nowhere {name}", f"{said}: name it again, or `relay queue drop` them")
    yield from _of_another_time(facts)
    if facts.ahead:
        said = f"{facts.ahead} are due more than a week too late: was the clock wrong?"
        yield Trouble("ahead", f"{said} `relay queue list`, then `hold` and `release` them")
    if facts.strangers:
        said = (
            "keys/senders cannot be opened: nobody is known, and codes are forgotten at a restart"
        )
        yield Trouble("senders", f"{said}; restore it from your backup and start again")
    if facts.no_users:
        said = "keys/users cannot be opened: nobody can sign in at the desk"
        yield Trouble("users", f"{said}; restore it from your backup and start again")
    if facts.audit_altered:
        said = "data/audit was altered or cut, or is of another exit.key: the audit shows where"
        yield Trouble("audit", f"{said}; who else can write there?")
    for name, why in facts.unread.items():
        yield Trouble(f"replies {name}", f"replies cannot be read at {name}: {why}")
    for name, said in facts.canary.items():
        yield Trouble(f"canary {name}", said)
    for name, routes in facts.not_theirs.items():
        said = f"{name} by {routes}: the certificate is not its own, so that nothing was sent there"
        yield Trouble(f"tls {name}", f"{said}; does somebody read along, or has it run out?")
    for name in facts.unheard:
        yield Trouble(f"alarm {name}", f"alarms cannot be sent to {name}: see `relay board`")


def _of_another_time(facts: Facts) -> Iterator[Trouble]:
    """What waits for somebody who is not there any more."""
    for name, waiting in facts.astray.items():
        if facts.role == "entry":
            said = f"{waiting} wait for exit {name}, which is not in [peers]"
            remedy = "write it there, with its identity, under any name"
        else:
            said = f"{waiting} wait for exit {name}, from when this node was an entry"
            remedy = "make it one again until they are gone"
        yield Trouble(f"astray {name}", f"{said}: {remedy}, or `relay queue drop` them")
    if facts.left:
        said = f"{facts.left} are here from before this node was an entry, and it cannot open them"
        remedy = "give it back its role and its exit.key until they are gone"
        yield Trouble("left", f"{said}: {remedy}, or `relay queue drop` them")


def _of_the_board(facts: Facts, patience: Patience) -> Iterator[Trouble]:
    paused = facts.paused or {}
    for name, shown in (facts.board or {}).items():
        if name in paused or "relay" in paused:
            continue
        if shown.state == "spent":
            yield Trouble(f"spent {name}", f"{name}: {_spent(shown)}")
        elif shown.state in _LASTING:
            lasting = _LASTING_LINK if name in facts.links else _LASTING
            said = f"{name}: {lasting[shown.state].format(name=name)}"
            yield Trouble(f"{shown.state} {name}", said)
        elif shown.state == "blocked" and shown.lasts_s >= SETTLES_S and name not in facts.planned:
            said = f"{name} is blocked{_cause(shown.why)}, {shown.waiting} wait: see `relay board`"
            yield Trouble(f"blocked {name}", said)
        yield from _of_budgets(name, shown)
        long = shown.oldest_s >= patience.waiting_s + HOUR  # we know the hour only
        if shown.waiting and long and name not in facts.planned and name not in facts.links:
            said = f"{shown.waiting} wait for {name}, the oldest for {_length(shown.oldest_s)}"
            yield Trouble(f"waiting {name}", said)
        if shown.stale:
            said = f"{shown.stale} waited too long for {name} and are held as old news"
            yield Trouble(f"stale {name}", f"{said}: `relay queue list`")


def _of_the_links(facts: Facts, patience: Patience) -> Iterator[Trouble]:
    """What waits for a peer does so once, however many links lead there."""
    waits: dict[str, Shown] = {}
    for name, peer in facts.links.items():
        if peer and (shown := (facts.board or {}).get(name)) is not None:
            waits[peer] = shown
    for peer, shown in waits.items():
        if shown.waiting and shown.oldest_s >= patience.waiting_s + HOUR:
            said = f"{shown.waiting} wait for {peer}, the oldest for {_length(shown.oldest_s)}"
            yield Trouble(f"waiting {peer}", f"{said}: see its links on `relay board`")
    for name, count in facts.knocks.items():
        if count >= KNOCKS:
            said = f"{count} were turned away at {name} within an hour: no peers of ours"
            remedy = "has a peer another link key by now, or does somebody try the door?"
            yield Trouble(f"knocks {name}", f"{said}; {remedy}")


def _cause(why: str) -> str:
    """In words of ours alone: what another says may name somebody."""
    return f" ({why})" if _ANSWERED.fullmatch(why) or is_cut_off(why) else ""


def _of_budgets(name: str, shown: Shown) -> Iterator[Trouble]:
    """What is nearly spent; of a way in, which goes on all the same, also what is."""
    for one in shown.budgets if shown.state != "spent" else ():
        if one.budget.what == "answers" and one.is_gone:
            yield Trouble(f"spent {one.key} {name}", f"{name}: {one.gone}")
        elif one.is_near:
            yield Trouble(f"{one.key} {name}", f"{name}: {one.nearly}", notice=True)


def _spent(shown: Shown) -> str:
    """What is to be done where nothing is left."""
    for one in shown.budgets:
        if one.budget.spent == shown.why:
            return one.gone
        if one.budget.too_few == shown.why:
            return one.too_few
        if one.budget.too_dear == shown.why:
            return one.too_dear
    ours = any(one.budget.what != "answers" for one in shown.budgets)
    return _SPENT if ours else _NO_CREDIT


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


def _of_the_calendar(facts: Facts, patience: Patience) -> Iterator[Trouble]:
    """What windows will do. One that comes again is told only where something waits. Each is a
    trouble of its own: what follows another at once is told as well."""
    paused = facts.paused or {}
    for name, windows in facts.windows.items():
        if name in paused or "relay" in paused:
            continue
        shown = (facts.board or {}).get(name)
        waiting = shown.waiting if shown is not None else 0
        soon = [one for one in windows if one.in_s <= patience.ahead_s]
        for window in soon if waiting else [one for one in soon if not one.recurs]:
            does = f"is replaced by {window.to}" if window.to else "goes down"
            said = f"{name} {does} in {length(window.in_s)} ({apart(window.why)}), {waiting} wait"
            yield Trouble(f"window {name} {window.at}", said, notice=True)


def _hour(at: Instant) -> str:
    return f"{at // HOUR % 24:02}h UTC"


def _length(seconds: int) -> str:
    return f"{seconds // HOUR} h" if seconds >= 2 * HOUR else f"{max(1, seconds // 60)} min"


def length(seconds: int) -> str:
    """A length of time as people say it, to the nearest: "20 minutes", "3 days"."""
    units = ((86400, "day"), (HOUR, "hour"), (60, "minute"))
    length_s, one = next((unit for unit in units if seconds >= 2 * unit[0]), units[-1])
    count = max(1, (seconds + length_s // 2) // length_s)
    return f"{count} {one}{'' if count == 1 else 's'}"
