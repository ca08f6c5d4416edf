"""A node without the processes: its spool, calendar, gate and poster, in virtual time.

``Node.dies`` ends it as SIGKILL would, and the next one finds what the spool has committed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from types import MappingProxyType

import trio

from relay.exit.account import Account
from relay.exit.assign import assign
from relay.exit.post import Posting
from relay.exit.record import Record, store
from relay.exit.settle import settle
from relay.journal import Journal
from relay.model import (
    HOUR,
    Absent,
    Attempt,
    Found,
    Health,
    Lookup,
    Message,
    NewRow,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Queue,
    Row,
    State,
)
from relay.node.arrivals import Arrivals
from relay.node.brake import Brake
from relay.node.calendar import Calendar
from relay.node.holding import Holding
from relay.node.poster import Poster
from relay.node.stale import Stale
from relay.node.workers import each
from relay.ports import First, Keep
from relay.rules.policy import Policy
from relay.rules.windows import Do, Window
from relay.rules.windows import Once as Period
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
START = 1_800_000_000
NAME = "box"


class Loop:
    """A clock that goes with the loop's own."""

    def now(self) -> int:
        return START + int(trio.current_time())


class Killed(BaseException):
    """SIGKILL: nobody handles it, and nothing is written down."""


@dataclass
class Platform:
    """A bridge and what it posts to: each part with the time when it came there. ``ends``: how the
    next sends end instead; ``asked`` and ``looked``: when it was sent something, and looked at;
    ``doubted``: which messages were looked for."""

    once: Once = field(default_factory=lambda: Once("exact"))
    at_once: int = 1
    parts: int = 1
    takes_s: float = 0.0
    public: list[tuple[str, float]] = field(default_factory=list)
    ends: list[Outcome] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    looked: list[float] = field(default_factory=list)
    doubted: set[str] = field(default_factory=set)

    async def prepare(self, post: Post) -> Sequence[Part]:
        return [Part(f"{post.text}.{n}", n, self.parts, b"text") for n in range(self.parts)]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        self.asked.append(trio.current_time())
        await trio.sleep(self.takes_s)
        if self.ends:
            return self.ends.pop(0)
        key = attempt.part.key
        if self.once.means != "exact" or key not in self.keys:
            self.public.append((key, trio.current_time()))
        return Posted(key)

    async def find(self, attempt: Attempt) -> Lookup:
        self.looked.append(trio.current_time())
        key = attempt.part.key
        self.doubted.add(key.partition(".")[0])
        return Found(key) if key in self.keys else Absent(strong=True)

    async def check(self) -> Health:
        return Health("account")

    @property
    def keys(self) -> list[str]:
        """What is public there, in order."""
        return [key for key, _ in self.public]

    @property
    def texts(self) -> list[str]:
        """The messages of whose first part that is."""
        return [key.removesuffix(".0") for key in self.keys if key.endswith(".0")]

    @property
    def gaps(self) -> list[float]:
        """Seconds from each request to the next."""
        return [after - before for before, after in zip(self.asked, self.asked[1:], strict=False)]


class Node:
    """One destination of two channels, of which ``alerts`` has priority; both post at once."""

    def __init__(
        self,
        platform: Platform,
        *windows: Window,
        spool: MemorySpool | None = None,
        stale_s: int = 0,
        ticks: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.platform = platform
        self.windows = windows
        self.clock = Loop()
        self.spool = spool or MemorySpool(self.clock)
        self.stale_s = stale_s
        self.ticks = ticks
        self.frozen = False
        self.policies = {
            "news": Policy((NAME,), stale=stale_s),
            "alerts": Policy((NAME,), priority=True),
        }
        self.brake = Brake(self.spool, self.clock, self.policies, [NAME], {})
        self.calendar = Calendar(self.spool, self.clock, windows, [NAME], lambda: self.frozen)
        self.said = StringIO()
        journal = Journal("core", self.said)
        self.holding = Holding(self.spool, self.clock, self.calendar, [NAME], journal)
        ages = {name: one.stale for name, one in self.policies.items()}
        self.stale = Stale(self.spool, self.clock, KEYS, ages, self.holding.stops)
        self.poster = self._poster()
        self.holding.opened = lambda name: self.poster.wake()
        self.wrote = 0

    def _poster(self) -> Poster:
        account = Account(NAME, "account", False, "hold", 60)
        gate = self.holding.gate(NAME)

        async def holds(row: Row) -> bool:
            return gate.stops() or await self.brake.holds(row)

        posting = Posting(
            self.spool,
            self.platform,
            account,
            KEYS,
            self.clock,
            lambda: None,
            holds,
            keeps=gate.keeps_place,
        )
        return Poster(
            self.spool,
            self.clock,
            posting,
            account,
            self.platform.at_once,
            self.brake,
            lambda outcome: self.holding.told(NAME, outcome),
            lambda: None,
            too_old=self.stale.put_aside,
            gate=gate,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Node]:
        """A process, until it is killed at the end of the block."""
        await self.brake.load()
        await self.calendar.load()
        await self.holding.load()
        self.holding.unlocks(self.stale.all_of)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.holding.run)
            nursery.start_soon(self.stale.run)
            nursery.start_soon(
                each, self.spool, Queue.DELIVER, self.clock, self._assign, Arrivals()
            )
            nursery.start_soon(self.poster.run)
            await trio.testing.wait_all_tasks_blocked()
            yield self
            nursery.cancel_scope.cancel()

    def next(self, *windows: Window) -> Node:
        """The process after this one, which has died; the settings may have other windows."""
        again = Node(
            self.platform,
            *(windows or self.windows),
            spool=self.spool.reopened(),
            stale_s=self.stale_s,
        )
        again.wrote = self.wrote
        return again

    async def _assign(self, row: Row, now: int) -> None:
        change, then = assign(row, self.policies, self.ticks, now)
        await settle(self.spool, row, change, then=then)

    async def accepts(self, count: int = 1, channel: str = "news") -> list[str]:
        """So many messages that are released at this moment, in this order."""
        numbers = range(self.wrote + 1, self.wrote + count + 1)
        self.wrote += count
        now = self.clock.now()
        await self.spool.put([self._message(n, channel, now) for n in numbers])
        return [str(n) for n in numbers]

    def _message(self, n: int, channel: str, now: int) -> NewRow:
        id = n.to_bytes(16, "big")
        record = Record(bytes(32), "text", "phone", channel, message=Message(str(n)))
        body = store(record, KEYS.storage, id)
        return NewRow(Queue.DELIVER, State.WAITING, id, now - now % HOUR, now, channel, body=body)

    async def states(self) -> dict[str, int]:
        """The sum."""
        return (await self.spool.counts()).states


def window(
    begins_s: int,
    ends_s: int,
    *,
    name: str = "maintenance",
    first: First = "oldest",
    every_s: float = 0.0,
    do: Do = "hold",
    to: str = "",
) -> Window:
    """From so many seconds after the start to so many."""
    times = Period(START + begins_s, START + ends_s, "UTC")
    return Window(name, (NAME,), times, do, to, first=first, every_s=every_s)
