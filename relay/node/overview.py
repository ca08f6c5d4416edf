"""How a node is, gathered: the board with what waits, and what is wrong.

Shown by ``relay status``, ``board`` and ``status --check``, and sent by the alarms: all of them say
the same, since they ask here.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import trio

from relay.config import Settings, SmtpIn
from relay.exit.withdraw import ASKED, is_asked_back, wants_back
from relay.model import Counts, Instant, Place, Queue, Row, Sent, State, Sum, Wanted, hour_of
from relay.node.ahead import ahead, planned
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.calendar import Calendar
from relay.node.crossing.faring import Faring
from relay.node.hiding import Hiding
from relay.node.places import braked
from relay.node.planned import waits
from relay.node.policies import spread
from relay.node.replies import Replies
from relay.plugins import destinations
from relay.ports import Clock, Spool
from relay.rules.alarm import Facts, Patience, Shown, Trouble, troubles
from relay.rules.canary import Tried, alarm, as_json
from relay.rules.clock_said import Jump
from relay.rules.exits import Exits
from relay.rules.policy import STALE

PAGE = 1000
"""Rows looked at together: the spool's thread serves others in between."""

OPENED = (
    Queue.INBOX,
    Queue.READ,
    Queue.CLEAN,
    Queue.COMMAND,
    Queue.REVIEW,
    Queue.DELIVER,
    Queue.POST,
)
"""The queues of a node that opens what comes."""

FRESH_S = 5.0
"""Seconds for which counts of what waits are good enough for a glance."""

AHEAD_S = 7 * 86400
"""Seconds beyond the longest delay of a channel that nothing waits for by itself: a due time so far
ahead was set by a clock that was wrong."""


@dataclass(slots=True)
class _Waiting:
    """What waits, by its destination: how many, the earliest hour of release, how many are due, and
    how many are held as too old;
    ``ahead`` counts what is due too late to be true. ``asked_back`` are the messages that their
    senders want back: these wait for a person, and for no destination. ``crossing`` counts
    envelopes on their way by the exit that they go to, ``crossing_since`` their earliest hours."""

    counts: Counter[str] = field(default_factory=Counter)
    oldest: dict[str, Instant] = field(default_factory=dict)
    due: Counter[str] = field(default_factory=Counter)
    stale: Counter[str] = field(default_factory=Counter)
    ahead: int = 0
    asked_back: set[int] = field(default_factory=set)
    crossing: Counter[str] = field(default_factory=Counter)
    crossing_since: dict[str, Instant] = field(default_factory=dict)


class Overview:
    """Looks at one node. ``standing`` says how it is, in one word; ``skew_s`` how many seconds its
    clock is ahead of the platforms'; ``failed`` how often a destination's bridge has failed;
    ``replies`` are those to our posts, None while exit.key is locked; ``strangers``: nobody can
    tell a known sender."""

    def __init__(
        self,
        spool: Spool,
        board: Board,
        brake: Brake,
        clock: Clock,
        settings: Settings,
        standing: Callable[[], str],
        skew_s: Callable[[], int],
        failed: Callable[[str], int] = lambda name: 0,
        replies: Callable[[], Replies | None] = lambda: None,
        strangers: Callable[[], bool] = lambda: False,
    ) -> None:
        self._spool = spool
        self._board = board
        self._brake = brake
        self._clock = clock
        self._settings = settings
        self._destinations = frozenset(destinations(settings))
        self._standing = standing
        self._skew_s = skew_s
        self._failed = failed
        self._replies = replies
        self._strangers = strangers
        self._began: Instant = hour_of(clock.now())
        self._glanced: _Waiting | None = None
        self._glanced_at = 0.0
        self.unheard: Sequence[str] = ()
        """Destinations of alarms that cannot be reached."""
        self.windows: Callable[[Place, int], Place] = lambda place, due: place
        """What its windows make of a place, and of what is due there."""
        self.releases: Callable[[str], bool] = lambda name: False
        """Whether what a window held goes out at a destination, in its order and at its pace."""
        self.canary: Callable[[str], Tried | None] = lambda name: None
        """What the self test found; None where nothing is tried."""
        self.jump: Callable[[], Jump | None] = lambda: None
        """What the clock of the machine says and is not believed."""
        self.no_users: Callable[[], bool] = lambda: False
        """Whether it is unknown who may use the desk."""
        self.audit_altered: Callable[[], bool] = lambda: False
        """Whether what was done there is not as it was written."""
        self.faring: Faring | None = None
        """The links; None where there is nobody yet who knows them."""
        self.going_back: Callable[[str], int] = lambda link: 0
        """How much waits to go back to entries by a link."""
        self.exits: Callable[[], Exits] = Exits
        """Those of an entry."""
        self.calendar: Calendar | None = None
        """The windows; None where there is none yet."""
        self.hiding = Hiding(spool, clock, spread(settings))
        """Among how many others each message hides."""
        self.asked_back = 0
        """Messages that their senders want back and that are public, as ``board`` last found."""

    async def every(self, queue: Queue) -> AsyncIterator[Row]:
        """All rows of a queue."""
        after = 0
        while rows := await self._spool.look(queue=queue, after=after, limit=PAGE):
            after = rows[-1].seq
            for row in rows:
                yield row

    def why(self, row: Row) -> str:
        """What there is to say of a row; of a delivery first the window that holds it."""
        calendar = self.calendar
        held = None if calendar is None or row.seq == row.root else calendar.at(row.name)
        return row.why if calendar is None or held is None else waits(row, held, calendar.now)

    async def board(self) -> dict[str, dict[str, Any]]:
        """Every destination, transport and link by its name, with what waits for it."""
        return self._board_of(await self._waiting())

    async def glance(self) -> dict[str, dict[str, Any]]:
        """The same as ``board``, where what waits may have been counted a few seconds ago: a page
        that ten people load must not have all of a queue looked through ten times."""
        now = trio.current_time()
        if self._glanced is None or now - self._glanced_at >= FRESH_S:
            self._glanced, self._glanced_at = await self._waiting(), now
        return self._board_of(self._glanced)

    async def _waiting(self) -> _Waiting:
        found = _Waiting()
        longest = max((one.delay[1] for one in self._settings.channels.values()), default=0)
        now = self._clock.now()
        latest = now + longest + AHEAD_S
        some_wanted_back = False
        async for one in self._sums(Queue.POST, now, latest):
            if wants_back(one.state, one.why):
                some_wanted_back = True
                continue
            found.counts[one.name] += one.count
            found.oldest[one.name] = min(one.hour, found.oldest.get(one.name, one.hour))
            found.due[one.name] += one.due
            found.stale[one.name] += one.count * (one.state == Sent.HELD and one.why == STALE)
            found.ahead += one.ahead
        async for one in self._sums(Queue.DELIVER, now, latest):
            found.ahead += one.ahead
        async for one in self._sums(Queue.OUTBOUND, now, latest):
            found.crossing[one.name] += one.count
            earlier = found.crossing_since.get(one.name, one.hour)
            found.crossing_since[one.name] = min(one.hour, earlier)
        if some_wanted_back:
            found.asked_back = {row.root async for row in self._wanted_back()}
        self.asked_back = len(found.asked_back)
        return found

    async def _sums(self, queue: Queue, now: Instant, latest: Instant) -> AsyncIterator[Sum]:
        after: int | None = 0
        while after is not None:
            some = await self._spool.summed(queue, now=now, latest=latest, after=after)
            after = some.after
            for one in some.sums:
                yield one

    async def _wanted_back(self) -> AsyncIterator[Row]:
        """The deliveries whose senders want them back, found by their reason."""
        wanted = Wanted(Queue.POST, str(Sent.HELD), why=ASKED)
        after: int | None = 0
        while after is not None:
            some = await self._spool.find_rows(wanted, after=after, limit=PAGE)
            after = some.after
            for row in filter(is_asked_back, some.rows):
                yield row

    def _board_of(self, waiting: _Waiting) -> dict[str, dict[str, Any]]:
        now = self._clock.now()
        shown: dict[str, dict[str, Any]] = {}
        for kept in self._board.places():
            place = self._braked(self.windows(kept, waiting.due[kept.name]))
            count, oldest = self._waits_for(place.name, waiting)
            shown[place.name] = {
                "state": place.state,
                "since": place.since,
                "waiting": count,
                "oldest_s": 0 if oldest is None else max(0, now - oldest),
                "posted": place.posted,
                "last": place.last or None,
                "why": self._why(place),
                "service": self._board.service.get(place.name, 0),
                "failed": self._failed(place.name),
                "stale": waiting.stale[place.name],
                "route": self._board.reached.route(place.name),
                "routes": self._board.reached.states(place.name),
                "canary": as_json(self.canary(place.name)),
                **self._budgets(place.name),
            }
        return shown

    def _waits_for(self, name: str, waiting: _Waiting) -> tuple[int, Instant | None]:
        """How much waits there, and since which hour. For a link of an entry that is what its peer
        has not got yet, whichever of its links will carry it."""
        link = self._settings.links.get(name)
        if link is None:
            return waiting.counts[name], waiting.oldest.get(name)
        count = waiting.crossing[link.peer] + self.going_back(name)
        return count, waiting.crossing_since.get(link.peer)

    def links(self, board: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Every link by its name, with what a board says of it."""
        return {} if self.faring is None else self.faring.shown(board)

    def _braked(self, place: Place) -> Place:
        locked = self._began if self._standing() == "locked" else None
        posts = place.name in self._destinations
        return braked(place, self._brake.paused, locked, posts=posts)

    def _budgets(self, name: str) -> dict[str, Any]:
        """Every budget, with what of it is spent; and once more, as it was before there were
        others, the money of this month, null where there is none."""
        unit = self._board.units.get(name, "")
        spendings = self._board.budgets.spendings(name, unit)
        money = next((one for one in spendings if one.budget.key == "money_per_month"), None)
        return {
            "spent": None if money is None else money.spent,
            "limit": None if money is None else money.limit,
            "unit": unit,
            "budgets": [
                {
                    "what": one.budget.what,
                    "per": one.budget.per,
                    "spent": one.spent,
                    "limit": one.limit,
                    "unit": one.unit,
                }
                for one in spendings
            ],
        }

    def _why(self, place: Place) -> str:
        return place.why or self._certificate_of(place.name) or self._unanswered(place.name)

    def _unanswered(self, name: str) -> str:
        """Which budget of its answers a transport has spent; it goes on taking messages."""
        spendings = self._board.budgets.spendings(name)
        gone = [one.budget for one in spendings if one.is_gone and one.budget.what == "answers"]
        return gone[-1].spent if gone else ""

    def _certificate_of(self, name: str) -> str:
        shows = isinstance(self._settings.transports.get(name), SmtpIn)
        return self._board.certificate if shows else ""

    async def troubles(self) -> list[Trouble]:
        """What is wrong now."""
        at = self._settings.alarms
        patience = Patience(at.waiting, at.held, at.ahead) if at is not None else Patience()
        return troubles(await self._facts(), patience)

    async def _facts(self) -> Facts:
        counts = await self._spool.counts()
        waiting = await self._waiting()
        board = self._board_of(waiting)
        held, danger, since = 0, 0, self._clock.now()
        async for one in self._sums(Queue.REVIEW, since, since):
            if one.state == State.HELD:
                held += one.count
                danger += one.count * one.why.startswith("danger")
                since = min(since, one.hour)
        return Facts(
            standing=self._standing(),
            locked_since=self._began,
            waiting=counts.states.get(State.WAITING, 0),
            paused=self._brake.paused,
            board=self._shown(board),
            nowhere={n: count for n, count in waiting.counts.items() if n not in board},
            ahead=waiting.ahead,
            asked_back=len(waiting.asked_back),
            replies=len(await self.replied()),
            unread={} if (replies := self._replies()) is None else replies.trouble,
            strangers=self._strangers(),
            no_users=self.no_users(),
            audit_altered=self.audit_altered(),
            held=held,
            danger=danger,
            held_s=self._clock.now() - since,
            lost=counts.lost,
            room=self._room(),
            skew_s=self._skew_s(),
            jump=self.jump(),
            unheard=self.unheard,
            canary=self._canaries(),
            not_theirs=self._board.reached.strangers(),
            planned=planned(self.calendar, board) | self._released(board),
            windows=ahead(self.calendar, board),
            certificate=self._board.certificate,
            exits=self.exits(),
            links={name: at.peer for name, at in self._settings.links.items()},
            knocks={} if self.faring is None else self.faring.knocks,
            astray=self._astray(waiting),
            left=self._left(counts),
            role=self._settings.node.role,
        )

    async def astray(self) -> dict[str, int]:
        """How many envelopes wait for exits that are none of ours, by their names."""
        return self._astray(await self._waiting())

    def _astray(self, waiting: _Waiting) -> dict[str, int]:
        """What waits for exits that are none of ours, by their names."""
        ours = self._settings.peers if self._settings.node.role == "entry" else ()
        return {name: count for name, count in waiting.crossing.items() if name not in ours}

    def _left(self, counts: Counts) -> int:
        """What is in queues that an entry does not have."""
        if self._settings.node.role != "entry":
            return 0
        return sum(counts.queues.get(queue, 0) for queue in OPENED)

    def _released(self, board: Mapping[str, Mapping[str, Any]]) -> set[str]:
        """Where what waits goes out as it was asked: that it takes its time is no news."""
        works = {name for name, place in board.items() if place["state"] == "works"}
        return set(filter(self.releases, works))

    def _canaries(self) -> dict[str, str]:
        """What is to be told of the self test, by the name that it tried."""
        now, ways = self._clock.now(), self._settings.transports
        names = [place.name for place in self._board.places()]
        told = {one: alarm(one, self.canary(one), now, way_in=one in ways) for one in names}
        return {name: said for name, said in told.items() if said}

    async def replied(self) -> Sequence[Row]:
        """The messages whose replies nobody has decided about; none while exit.key is locked."""
        replies = self._replies()
        return () if replies is None else await replies.waiting()

    def _room(self) -> bool:
        """Whether there is as much free on the disk as a new message needs to be taken."""
        try:
            disk = os.statvfs(self._settings.data)
        except OSError:  # the folder is gone, and with it every room there was
            return False
        return disk.f_bavail * disk.f_frsize >= self._settings.spool.min_free_bytes

    def _shown(self, board: Mapping[str, Mapping[str, Any]]) -> dict[str, Shown]:
        return {
            name: Shown(
                place["state"],
                self._board.lasts_s(name),
                place["waiting"],
                place["oldest_s"],
                place["stale"],
                self._board.budgets.spendings(name, place["unit"]),
                place["why"],
            )
            for name, place in board.items()
        }
