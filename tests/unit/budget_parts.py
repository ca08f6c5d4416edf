"""One destination with budgets, what posts there, and a platform that notes what came and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from relay.exit.account import Account
from relay.exit.post import Posting
from relay.exit.record import Record, store
from relay.exit.rest import Rest
from relay.model import (
    Attempt,
    Change,
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
    Sent,
    State,
    Unknown,
    Unsure,
)
from relay.node.board import Board
from relay.node.budgets import Budgets
from relay.node.purse import Purse
from relay.ports import Keep
from relay.rules.budgets import DAY, Budget
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
NAME = "x"
ACCOUNT = Account(NAME, "account", False, "hold", 60)
EXACT = Once("exact")
HOUR = 3600


def at(year: int, month: int, day: int, hour: int = 0) -> int:
    """An instant, in UTC."""
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


NOON = at(2026, 11, 30, 12)
"""Of the last day of a month."""


class Killed(BaseException):
    """SIGKILL: nobody handles it, and nothing is written down."""


@dataclass
class Hands:
    """A clock that a test moves."""

    at: int = NOON

    def now(self) -> int:
        return self.at


@dataclass
class Platform:
    """A bridge, and behind it what came there: when, and for how much. It does what it is told, and
    then posts. ``dies``: the core is killed in the next send, before it is public or after."""

    clock: Hands
    prices: Sequence[int] = (0,)
    outcomes: list[Outcome] = field(default_factory=list)
    dies: str = ""
    came: list[tuple[int, int]] = field(default_factory=list)
    once: Once = EXACT
    at_once: int = 1
    bills: str = "USD"

    async def prepare(self, post: Post) -> Sequence[Part]:
        of = len(self.prices)
        return [Part(f"k{n}", n, of, b"text", price) for n, price in enumerate(self.prices)]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        outcome = self.outcomes.pop(0) if self.outcomes else Posted(f"r{attempt.part.index}")
        dies, self.dies = self.dies, ""
        if dies == "before":
            raise Killed
        if isinstance(outcome, Posted | Unsure):  # what is unsure may be public
            self.came.append((self.clock.at, attempt.part.price))
        if dies:
            raise Killed
        return outcome

    async def find(self, attempt: Attempt) -> Lookup:
        return Unknown()

    async def check(self) -> Health:
        return Health("account")

    @property
    def days(self) -> list[int]:
        """How many posts came each day, in order."""
        found: dict[int, int] = {}
        for when, _ in self.came:
            found[when // DAY] = found.get(when // DAY, 0) + 1
        return list(found.values())


class Core:
    """What posts there; after ``dies`` the next one finds what was durable."""

    def __init__(self, limits: Sequence[Budget], prices: Sequence[int] = (0,)) -> None:
        self.clock = Hands()
        self.limits = limits
        self.platform = Platform(self.clock, prices)
        self.spool = MemorySpool(self.clock)
        self._ids = 0

    async def open(self) -> Core:
        """A process begins."""
        self.budgets = Budgets(self.spool, self.clock, {NAME: self.limits})
        self.board = Board(self.spool, self.clock, budgets=self.budgets)
        await self.board.load([NAME])
        self.board.solvent(NAME)
        self.purse = Purse(self.budgets, NAME)
        self.posting = Posting(
            self.spool, self.platform, ACCOUNT, KEYS, self.clock, lambda: None, purse=self.purse
        )
        return self

    async def again(self) -> None:
        """A new process, after the last one was killed."""
        self.spool = self.spool.reopened()
        await self.open()

    async def message(self) -> None:
        """One more that waits to be posted."""
        self._ids += 1
        id, now = self._ids.to_bytes(16, "big"), self.clock.at
        record = Record(bytes(32), "text", "phone", "news", message=Message("hello"))
        body = store(record, KEYS.storage, id)
        await self.spool.put(
            [NewRow(Queue.DELIVER, State.WAITING, id, now, 0, "news", "", b"", body)]
        )
        [row] = await self.spool.take(Queue.DELIVER, now=now, limit=1)
        new = NewRow(Queue.POST, Sent.WAITING, id, now, name=NAME)
        await self.spool.settle(row, Change(Queue.ASSIGNED, State.WAITING, due=None), then=[new])

    async def turn(self) -> Outcome | Rest | None:
        """What a poster does next, if anything is due; and the board is told."""
        rows = await self.spool.take(Queue.POST, now=self.clock.at, limit=1, name=NAME)
        if not rows:
            return None
        ended = await self.posting.turn(rows[0])
        if ended is not None:
            self.board.told(NAME, ended)
        return ended

    async def delivery(self) -> Row:
        """The first that waits, or has ended."""
        return next(row for row in await self.spool.look() if row.seq != row.root)

    @property
    def spent(self) -> list[int]:
        """What of each budget is spent, as they are named."""
        return [one.used for one in self.budgets.spendings(NAME)]


async def core(*limits: Budget, prices: Sequence[int] = (0,), messages: int = 1) -> Core:
    """A destination with these budgets, for which messages wait."""
    made = await Core(limits, prices).open()
    for _ in range(messages):
        await made.message()
    return made
