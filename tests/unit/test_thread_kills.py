"""A thread of five parts is killed between the third and the fourth: five in order, none twice.

The core dies at every moment there is between two parts, with its outlet or after it; what the next
one finds is what the spool has committed. Virtual time, a platform that remembers, nothing mocked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

import pytest

from relay.exit.account import Account
from relay.exit.post import Posting
from relay.exit.record import Record, store
from relay.model import (
    Absent,
    Attempt,
    Change,
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
    Sent,
    State,
    Unknown,
    Unsure,
)
from relay.ports import Keep
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
ID = bytes(range(16))
START = 1_800_000_000
PARTS = 5

Death = Literal[
    "the third is out, and nobody noted it",
    "the fourth is committed, and not sent",
    "the fourth is out, and nobody noted it",
    "its outlet died with the fourth on its way, and then the core",
    "its outlet died with the fourth out, and then the core",
]
DEATHS: Sequence[Death] = Death.__args__  # type: ignore[attr-defined]


STRONG = Absent(strong=True)


class Killed(BaseException):
    """SIGKILL: nobody handles it, and nothing is written down."""


@dataclass
class Hands:
    """A clock that a test moves."""

    at: int = START

    def now(self) -> int:
        return self.at


@dataclass
class Platform:
    """What is public there, in order: the key of a part, and the ref it answers. ``exact``: it
    makes one post of what comes again under the same key."""

    exact: bool
    public: list[tuple[str, str | None]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def post(self, key: str, after: str | None) -> str:
        self.requests.append(key)
        keys = [known for known, _ in self.public]
        if not self.exact or key not in keys:
            self.public.append((key, after))
        return f"ref of {key}"

    @property
    def thread(self) -> bool:
        """Whether it is all of the thread, once, each part an answer to the one before."""
        refs = [None, *(f"ref of key{n}" for n in range(PARTS - 1))]
        return self.public == [(f"key{n}", refs[n]) for n in range(PARTS)]


@dataclass
class Bridge:
    """Posts there, and dies once. ``tells``: what its look-up says of what it does not see, which
    is everything where it does not see."""

    platform: Platform
    once: Once
    death: Death | None
    tells: Lookup = STRONG
    sees: bool = True
    at_once: int = 1

    async def prepare(self, post: Post) -> Sequence[Part]:
        return [Part(f"key{n}", n, PARTS, b"text") for n in range(PARTS)]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        key, death = attempt.part.key, self.death
        dies = death is not None and key == ("key2" if "third" in death else "key3")
        if not dies:
            return Posted(self.platform.post(key, attempt.after))
        assert death is not None
        self.death = None
        if "out, " in death:
            self.platform.post(key, attempt.after)
        if "outlet" in death:
            return Unsure("its outlet ended while sending")
        raise Killed

    async def find(self, attempt: Attempt) -> Lookup:
        there = attempt.part.key in [key for key, _ in self.platform.public]
        return Found(f"ref of {attempt.part.key}") if there and self.sees else self.tells

    async def check(self) -> Health:
        return Health("account")


class Node:
    """One message for one destination, and the core that posts it."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.clock = Hands()
        self.spool = MemorySpool(self.clock)

    async def open(self) -> Node:
        record = Record(bytes(32), "text", "phone", "news", message=Message("five parts long"))
        body = store(record, KEYS.storage, ID)
        new = NewRow(Queue.DELIVER, State.WAITING, ID, START, name="news", body=body)
        await self.spool.put([new])
        [row] = await self.spool.take(Queue.DELIVER, now=START, limit=1)
        new = NewRow(Queue.POST, Sent.WAITING, ID, START, name="box")
        await self.spool.settle(row, Change(Queue.ASSIGNED, State.WAITING, due=None), then=[new])
        return self

    async def turn(self) -> bool:
        """What a poster does next, as soon as it is due; False: nothing goes by itself."""
        due = await self.spool.next_due(Queue.POST)
        if due is None:
            return False
        self.clock.at = max(self.clock.at, due)
        [row] = await self.spool.take(Queue.POST, now=self.clock.at, limit=1, name="box")
        account = Account("box", "account", False, "hold", 60)
        posting = Posting(self.spool, self.bridge, account, KEYS, self.clock, lambda: None)
        await posting.turn(row)
        return True

    async def dies(self) -> None:
        """One turn, in or after which the core is killed; and the next one is there."""
        with suppress(Killed):
            await self.turn()
        self.spool = self.spool.reopened()

    async def runs(self) -> None:
        """Until all has come to its end, or a person is asked."""
        while await self.turn():
            pass

    async def delivery(self) -> Row:
        return next(row for row in await self.spool.look() if row.seq != row.root)


async def killed(bridge: Bridge) -> Node:
    """A node whose core has died once."""
    node = await Node(bridge).open()
    await node.dies()
    assert (await node.delivery()).state == Sent.UNSURE
    assert len(bridge.platform.public) in (3, 4)
    return node


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("once", [Once("exact"), Once("exact", 3600), Once("lookup")], ids=str)
async def test_five_parts_stand_there_in_order_and_none_twice(once: Once, death: Death) -> None:
    platform = Platform(exact=once.means == "exact")
    node = await killed(Bridge(platform, once, death))
    await node.runs()
    assert platform.thread, platform.public
    assert (await node.spool.counts()).states == {"posted": 1}
    assert await node.spool.body((await node.delivery()).seq) == b""


@pytest.mark.parametrize("death", DEATHS)
async def test_a_platform_that_knows_keys_is_sent_the_same_part_again_and_no_other(
    death: Death,
) -> None:
    platform = Platform(exact=True)
    node = await killed(Bridge(platform, Once("exact"), death))
    await node.runs()
    again = ("key2" if "third" in death else "key3") if "out, " in death else ""
    expected = {f"key{n}": 1 + (f"key{n}" == again) for n in range(PARTS)}
    assert Counter(platform.requests) == expected


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("deaths", [1, 2, 3, 9])
async def test_a_core_that_dies_after_each_of_its_turns_doubles_nothing(
    death: Death, deaths: int
) -> None:
    platform = Platform(exact=False)
    node = await killed(Bridge(platform, Once("lookup"), death))
    for _ in range(deaths):
        await node.dies()
    await node.runs()
    assert platform.thread, platform.public


# ---------------------------------------------------------------- strong and weak answers


@pytest.mark.parametrize("death", [one for one in DEATHS if "out, " not in one])
async def test_a_part_that_is_surely_not_there_is_sent_again_once(death: Death) -> None:
    platform = Platform(exact=False)
    node = await killed(Bridge(platform, Once("lookup"), death))
    await node.runs()
    assert platform.requests.count("key3") == 1
    assert platform.thread
    assert node.clock.at == START + 30 + 600  # two strong answers, and not in a row


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("tells", [Absent(strong=False), Unknown("not now")], ids=["weak", "none"])
async def test_a_weak_answer_never_lets_a_part_be_sent_again(death: Death, tells: Lookup) -> None:
    """Whether it is there, and a listing does not show it, or not: nobody can tell."""
    platform = Platform(exact=False)
    node = await killed(Bridge(platform, Once("lookup"), death, tells, sees=False))
    before = list(platform.public)
    await node.runs()
    assert platform.public == before
    row = await node.delivery()
    assert (row.state, row.why.startswith("unsure")) == (Sent.HELD, True)
    assert (await node.spool.counts()).states == {"held": 1}


async def test_strong_answers_that_a_weak_one_parts_do_not_wear_off_into_a_second_try() -> None:
    """One strong answer, then only weak ones: still a person's, and not sent again."""
    platform = Platform(exact=False)
    node = await killed(Bridge(platform, Once("lookup"), DEATHS[1]))
    while node.clock.at < START + 30:
        await node.turn()
    node.bridge.tells = Absent(strong=False)
    await node.runs()
    assert platform.requests.count("key3") == 0
    assert (await node.delivery()).state == Sent.HELD
