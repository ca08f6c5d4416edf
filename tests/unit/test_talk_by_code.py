"""A conversation: a person writes, asks, is asked, answers, and takes it back; nobody is named.

All parts are real, from the arrival at a door to what stands at two places; only the platforms are
lists, and the clock is a test's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest
import trio
from media_path_parts import NoCleaner
from trio.testing import MockClock

from relay.entry.seal import seal_row
from relay.entry.strip import EntrySecrets, strip
from relay.exit.obey import Obeying
from relay.exit.post import Account, Posting
from relay.exit.withdraw import ASKED, Withdrawal
from relay.model import (
    Arrival,
    Attempt,
    Found,
    Health,
    Kind,
    Lookup,
    NewRow,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Queue,
    Reading,
    Removal,
    Removed,
    Row,
    Sent,
    State,
)
from relay.node.arrivals import Arrivals
from relay.node.brake import Brake
from relay.node.correspondence import Correspondence
from relay.node.decisions import Decisions
from relay.node.workers import Steps, each
from relay.ports import Keep
from relay.reader.read import read
from relay.rules.policy import Policy
from relay.rules.words import say
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys
from relay.wire.token import ReturnKey, open_answer, open_token

KEYS = make_exit_keys()
RETURN = ReturnKey(b"day1", bytes(32))
SECRETS = EntrySecrets(bytes(32), b"j" * 32, b"t" * 32, b"y" * 32, return_key=RETURN)
START = 1_800_000_000
CODE = "48151623"
PLACES = ("page", "masto")


@dataclass
class Hands:
    at: int = START

    def now(self) -> int:
        return self.at


@dataclass
class Place:
    """Where posts stand, by their refs."""

    public: dict[str, str] = field(default_factory=dict)
    once: Once = field(default_factory=lambda: Once("exact"))
    at_once: int = 1

    async def prepare(self, post: Post) -> Sequence[Part]:
        return [Part(post.secret.hex(), 0, 1, post.text.encode())]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        self.public[attempt.part.key] = attempt.part.payload.decode()
        return Posted(attempt.part.key)

    async def find(self, attempt: Attempt) -> Lookup:
        return Found(attempt.part.key)

    async def check(self) -> Health:
        return Health("us")


class Reads:
    """The reader, without a process of its own."""

    async def read(self, content: bytes, kind: Kind) -> Reading:
        return read(content, kind)


class Node:
    """An exit with everything it has, and the door of one transport."""

    def __init__(self, **channel: object) -> None:
        self.clock = Hands()
        self.spool = MemorySpool(self.clock)
        self.keys = KEYS
        self.senders = None
        self.policies = {"news": Policy(PLACES, delay=(9, 9), **channel)}  # type: ignore[arg-type]
        self.places = {name: Place() for name in PLACES}
        self.heard: dict[bytes, list[str]] = {}

    def nudge(self, name: str) -> None:
        pass

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        withdrawal = Withdrawal(self.spool, KEYS, self._remove, self._find)
        obeying = Obeying(self.spool, self.clock, KEYS, self.policies, withdrawal, self._say)
        brake = Brake(self.spool, self.clock, ["news"], PLACES, {})
        steps = Steps(
            self.spool,
            self.clock,
            KEYS,
            Reads(),
            NoCleaner(),
            self.policies,
            {},
            brake,
            lambda: None,
            Arrivals(),
            obeying,
        )
        async with trio.open_nursery() as nursery:
            nursery.start_soon(steps.run)
            nursery.start_soon(self._tick)
            nursery.start_soon(each, self.spool, Queue.POST, self.clock, self._post, Arrivals())
            await trio.sleep(1)
            yield
            nursery.cancel_scope.cancel()

    async def _tick(self) -> None:
        while True:
            await trio.sleep(1)
            self.clock.at += 1

    async def _post(self, row: Row, now: int) -> None:
        account = Account(row.name, "us", row.name == "page", "hold", 60)
        place = self.places[row.name]
        await Posting(self.spool, place, account, KEYS, self.clock, lambda: None).turn(row)

    async def _remove(self, name: str, ref: str) -> Removal | None:
        del self.places[name].public[ref]
        return Removed()

    async def _find(self, name: str, attempt: Attempt) -> Lookup:
        return await self.places[name].find(attempt)

    async def _say(self, token: bytes, sealed: bytes) -> None:
        key, address = open_token(token, {RETURN.id: RETURN.key})
        text = open_answer(key, sealed).decode()
        self.heard.setdefault(address, []).append(text)

    # ------------------------------------------------------------ people

    async def writes(self, who: bytes, text: str) -> None:
        """Somebody writes, and a minute goes by."""
        arrival = Arrival(
            "chat",
            "text",
            text.encode(),
            ("news",),
            who,
            b"us",
            provider_id=f"{self.clock.at} {text}".encode(),
            way_back=who,
        )
        for submission in strip(arrival, SECRETS):
            row = seal_row(submission, [epoch.public for epoch in KEYS.epochs], self.clock.now())
            new = NewRow(
                Queue.INBOX, State.WAITING, row.id, row.hour, body=row.envelope, keys=row.keys
            )
            await self.spool.put([new])
        await trio.sleep(60)

    async def hears(self, who: bytes, text: str) -> str:
        """What somebody is told who writes this."""
        before = len(self.told(who))
        await self.writes(who, text)
        told = self.told(who)[before:]
        assert len(told) == 1
        return told[0]

    def told(self, who: bytes) -> list[str]:
        return self.heard.get(b"chat\x00" + who, [])

    async def at_the_desk(self, decide: Callable[[Sequence[Row]], Awaitable[int]]) -> None:
        """A person decides about the only message there is, and a minute goes by."""
        rows = [row for row in await self.spool.look() if row.state != State.COMMAND]
        await decide(rows)
        await trio.sleep(60)

    def public(self) -> list[list[str]]:
        return [list(place.public.values()) for place in self.places.values()]


@pytest.mark.parametrize("withdraw", ["desk", "at once"])
async def test_a_person_writes_asks_is_asked_and_takes_it_back(
    withdraw: str, autojump_clock: MockClock
) -> None:
    node = Node(withdraw=withdraw)
    me, spy = b"chat 7", b"chat 8"
    async with node.running():
        await node.writes(me, f"They have come to the square\n#{CODE}")
        assert node.heard == {}
        assert await node.hears(me, f"STATUS {CODE}") == say("waits", "en")
        assert await node.hears(spy, f"?{CODE}") == say("unknown", "en")
        await node.at_the_desk(Decisions(node).release)
        assert node.public() == [["They have come to the square"]] * 2
        assert await node.hears(me, f"?{CODE}") == say("done", "en")
        assert await node.hears(me, f"ANSWERS {CODE}") == say("nothing", "en")
        asks = partial(Correspondence(node).answer, text="How many are they?")
        await node.at_the_desk(asks)
        assert await node.hears(spy, f"ANSWERS {CODE}") == say("nothing", "en")
        assert await node.hears(me, f"ANSWERS {CODE}") == "How many are they?"
        assert await node.hears(spy, "READ") == "They have come to the square"
        assert await node.hears(spy, f"-{CODE}") == say("deleted", "en")
        assert node.public() == [["They have come to the square"]] * 2
        assert await node.hears(me, f"-{CODE}") == say("deleted", "en")
        if withdraw == "desk":
            rows = await node.spool.look(queue=Queue.POST)
            assert {(row.state, row.why) for row in rows} == {(Sent.HELD, ASKED)}
            assert node.public() == [["They have come to the square"]] * 2
        else:
            assert node.public() == [[], []]
        assert await node.hears(me, f"?{CODE}") == say("unknown", "en")
        assert await node.hears(spy, "READ") == say("nothing_to_read", "en")


async def test_a_code_comes_later_and_a_message_is_posted_once_more(
    autojump_clock: MockClock,
) -> None:
    node = Node(review="none", danger="off")
    async with node.running():
        await node.writes(b"chat 7", "They have come to the square")
        assert await node.hears(b"chat 7", f"#{CODE}") == say("code_set", "en")
        assert await node.hears(b"chat 7", f"AGAIN {CODE}") == say("again", "en")
        assert node.public() == [["They have come to the square"]] * 2
        [held] = await node.spool.look(queue=Queue.REVIEW)
        assert held.why == "asked once more"
        await Decisions(node).release([held])
        await trio.sleep(60)
        assert node.public() == [["They have come to the square"] * 2] * 2


async def test_on_an_ordinary_day_nobody_is_told_anything(autojump_clock: MockClock) -> None:
    node = Node(review="none")
    async with node.running():
        for n in range(5):
            await node.writes(b"chat 7", f"The {n} of many, and HELP is not asked for")
    assert node.heard == {}
    assert len(node.public()[0]) == 5


async def test_a_message_and_its_delete_that_come_together_leave_nothing_public(
    autojump_clock: MockClock,
) -> None:
    node = Node(review="none")
    async with trio.open_nursery() as nursery:
        for text in (f"They have come\n#{CODE}", f"-{CODE}"):
            nursery.start_soon(node.writes, b"chat 7", text)
    async with node.running():
        await trio.sleep(120)
    assert node.public() == [[], []]
    assert (await node.spool.counts()).states == {"withdrawn": 1, "command": 1}
