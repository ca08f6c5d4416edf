"""What is down delays its own deliveries only, however many they are.

Costs are counted in what SQLite does (statements, and steps of its virtual machine), not in
seconds: they are the same on every machine, and must be the same whatever waits for somebody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock

from relay.exit.account import Account
from relay.exit.post import Posting
from relay.exit.record import Record, store
from relay.model import (
    Attempt,
    Change,
    Health,
    Later,
    Lookup,
    Message,
    NewRow,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Queue,
    Sent,
    State,
    Unknown,
    Unsure,
)
from relay.node.brake import Brake
from relay.node.poster import Poster
from relay.ports import Keep
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
START = 1_800_000_000
HOUR = 3600
MANY = 10_000
BLOCKED = Later("the host cannot be reached", scope="host")
AT_MOST = 1.05
"""Times the cost without them: a loop may look once more or less, as the tasks happen to run."""


class Loop:
    """A clock that goes with the loop's own."""

    def now(self) -> int:
        return START + int(trio.current_time())


@dataclass
class Bridge:
    """A platform that takes a second for a post, and is down until then: each request ends so."""

    down_until: float = 0
    ends: Outcome = BLOCKED
    takes_s: float = 1.0
    once: Once = field(default_factory=lambda: Once("exact"))
    at_once: int = 1
    posted: list[tuple[str, float]] = field(default_factory=list)
    asked: int = 0

    async def prepare(self, post: Post) -> Sequence[Part]:
        return [Part(post.text, 0, 1, b"text")]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        self.asked += 1
        if trio.current_time() < self.down_until:
            if isinstance(self.ends, Unsure):
                await trio.sleep_forever()
            return self.ends
        await trio.sleep(self.takes_s)
        self.posted.append((attempt.part.key, trio.current_time()))
        return Posted(attempt.part.key)

    async def find(self, attempt: Attempt) -> Lookup:
        return Unknown()

    async def check(self) -> Health:
        return Health("account")


class Node:
    """Destinations by name, each with its poster, on one spool."""

    def __init__(self, **bridges: Bridge) -> None:
        self.clock = Loop()
        self.spool = MemorySpool(self.clock)
        self.bridges = bridges
        brake = Brake(self.spool, self.clock, ["news"], list(bridges), {})
        self.posters = {name: self._poster(name, one, brake) for name, one in bridges.items()}
        self.wrote = 0

    def _poster(self, name: str, bridge: Bridge, brake: Brake) -> Poster:
        account = Account(name, "account", False, "hold", 60)
        posting = Posting(self.spool, bridge, account, KEYS, self.clock, lambda: None)
        at_once = bridge.at_once
        return Poster(
            self.spool, self.clock, posting, account, at_once, brake, lambda _: None, lambda: None
        )

    async def message(self, *names: str) -> None:
        """One that is released now, for these destinations."""
        self.wrote += 1
        id = self.wrote.to_bytes(16, "big")
        record = Record(bytes(32), "text", "phone", "news", message=Message(f"{self.wrote}"))
        body = store(record, KEYS.storage, id)
        now = self.clock.now()
        new = NewRow(Queue.DELIVER, State.WAITING, id, START, name="news", body=body)
        await self.spool.put([new])
        [row] = await self.spool.take(Queue.DELIVER, now=now, limit=1)
        then = [NewRow(Queue.POST, Sent.WAITING, id, START, now, name) for name in names]
        await self.spool.settle(row, Change(Queue.ASSIGNED, State.WAITING, due=None), then=then)


async def an_hour(node: Node, *names: str) -> None:
    """A message a minute for an hour, and another hour for what is behind."""
    async with trio.open_nursery() as nursery:
        for poster in node.posters.values():
            nursery.start_soon(poster.run)
        for minute in range(60):
            await trio.sleep(minute * 60 - trio.current_time())
            await node.message(*names)
        await trio.sleep(2 * HOUR)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    "ends",
    [
        BLOCKED,
        Later("busy"),
        Later("answered 503", START + HOUR, scope="destination"),
        Unsure("each request hangs until its deadline"),
    ],
    ids=["blocked", "later", "maintenance", "hangs"],
)
async def test_one_destination_that_is_down_for_an_hour_delays_no_other(
    autojump_clock: MockClock, ends: Outcome
) -> None:
    down, up, other = Bridge(down_until=HOUR, ends=ends), Bridge(), Bridge(at_once=4)
    await an_hour(Node(down=down, up=up, other=other), "down", "up", "other")
    expected = [(f"{n + 1}", n * 60 + 1.0) for n in range(60)]
    assert up.posted == other.posted == expected
    assert Counter(text for text, _ in down.posted) == {f"{n + 1}": 1 for n in range(60)}
    assert min(at for _, at in down.posted) >= HOUR


async def test_a_destination_that_is_down_is_hardly_asked(autojump_clock: MockClock) -> None:
    down = Bridge(down_until=HOUR)
    await an_hour(Node(down=down), "down")
    assert down.asked - 60 <= HOUR // 30  # once in half a minute, however many wait


# ---------------------------------------------------------------- ten thousand that wait


@dataclass
class Cost:
    """What SQLite was made to do."""

    statements: int = 0
    steps: int = 0


@contextmanager
def counted(spool: MemorySpool) -> Iterator[Cost]:
    """Counts it while the block lasts (sqlite3_trace_v2, sqlite3_progress_handler)."""
    cost, connection = Cost(), spool._store.connection

    def statement(_: str) -> None:
        cost.statements += 1

    def step() -> int:
        cost.steps += 1
        return 0

    connection.set_trace_callback(statement)
    connection.set_progress_handler(step, 1)
    yield cost
    connection.set_trace_callback(None)
    connection.set_progress_handler(None, 0)


async def backlog(node: Node, n: int, state: Sent, due: int | None) -> None:
    """So many deliveries that wait for a destination without a poster."""
    new = [
        NewRow(Queue.POST, state, n.to_bytes(16, "little"), START, due, "dead") for n in range(n)
    ]
    await node.spool.put(new)


async def cost_of_twenty(waiting: int, state: Sent, due: int | None) -> Cost:
    """What twenty posts of one destination cost, from the release to the end."""
    up = Bridge()
    node = Node(up=up)
    await backlog(node, waiting, state, due)
    with counted(node.spool) as cost:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(node.posters["up"].run)
            for _ in range(20):
                await node.message("up")
                await trio.sleep(5)
            nursery.cancel_scope.cancel()
    assert len(up.posted) == 20
    node.spool.close()
    return cost


@pytest.mark.parametrize(
    ("state", "due"),
    [(Sent.WAITING, 0), (Sent.WAITING, 10**11), (Sent.STOPPED, None)],
    ids=["due", "later", "stopped"],
)
async def test_ten_thousand_that_wait_for_a_dead_destination_cost_the_others_nothing(
    autojump_clock: MockClock, state: Sent, due: int | None
) -> None:
    alone = await cost_of_twenty(0, state, due)
    beside = await cost_of_twenty(MANY, state, due)
    assert beside.statements <= alone.statements * AT_MOST, (alone, beside)
    assert beside.steps <= alone.steps * AT_MOST, (alone, beside)


async def test_a_try_of_the_dead_one_costs_the_same_whatever_waits_for_it(
    autojump_clock: MockClock,
) -> None:
    costs = []
    for waiting in (2, MANY):
        dead = Bridge(down_until=10**9)
        node = Node(dead=dead)
        for _ in range(2):
            await node.message("dead")
        await backlog(node, waiting, Sent.WAITING, START + 10**6)
        with counted(node.spool) as cost, trio.move_on_after(20):
            await node.posters["dead"].run()
        assert dead.asked == 1
        costs.append(cost)
    few, many = costs
    assert many.statements <= few.statements * AT_MOST, costs
    assert many.steps <= few.steps * AT_MOST, costs
