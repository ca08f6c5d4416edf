"""An exit with posters, a brake and fallbacks, on a clock that jumps; platforms that go down."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import trio

from relay.exit.account import Account
from relay.exit.assign import assign
from relay.exit.elsewhere import Elsewhere
from relay.exit.post import Posting
from relay.exit.record import Record, store
from relay.exit.rest import Rest
from relay.exit.withdraw import TakenBack, Withdrawal
from relay.model import (
    Absent,
    Attempt,
    Change,
    Found,
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
    Refused,
    Removal,
    Removed,
    Row,
    Sent,
    State,
    Stopped,
    Unsure,
    hour_of,
)
from relay.node.brake import Brake
from relay.node.decisions import Decisions
from relay.node.fallback import Fallback
from relay.node.poster import Poster
from relay.node.scouts import Scouts
from relay.ports import Keep
from relay.rules.fallbacks import Fallbacks
from relay.rules.once import OnUnsure
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
START = hour_of(1_800_000_000)
MINUTE = 60
HALF_AN_HOUR = 30 * MINUTE

DOWN = Later("no connection", scope="host")
ELSE_BLUESKY: Mapping[str, Fallbacks] = {"news": {"mastodon": ("bluesky", HALF_AN_HOUR)}}


class Loop:
    """A clock that goes with the loop's own; ``ahead_s`` after a jump."""

    def __init__(self, ahead_s: int = 0) -> None:
        self.ahead_s = ahead_s

    def now(self) -> int:
        return START + self.ahead_s + int(trio.current_time())


@dataclass
class Platform:
    """What stands there by its key, in order; and how it answers while it is not well."""

    once: Once = field(default_factory=lambda: Once("lookup"))
    at_once: int = 1
    parts: int = 1
    answer: Outcome | None = None
    answers: list[Outcome] = field(default_factory=list)
    loses_answers: bool = False
    sees: bool = True
    stands: dict[str, str] = field(default_factory=dict)
    sends: list[str] = field(default_factory=list)

    async def prepare(self, post: Post) -> Sequence[Part]:
        key, texts = post.secret.hex(), [post.text] * self.parts
        return [Part(f"{key} {n}", n, len(texts), text.encode()) for n, text in enumerate(texts)]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        key, text = attempt.part.key, attempt.part.payload.decode()
        self.sends.append(text)
        answer = self.answers.pop(0) if self.answers else self.answer
        if answer is not None and not (isinstance(answer, Unsure) and self.loses_answers):
            return answer
        assert key not in self.stands or self.once.means == "exact", "posted twice"
        self.stands[key] = text
        return answer or Posted(key)

    async def find(self, attempt: Attempt) -> Lookup:
        there = self.sees and attempt.part.key in self.stands
        return Found(attempt.part.key) if there else Absent(strong=True)

    async def remove(self, ref: str) -> Removed:
        self.stands.pop(ref, None)
        return Removed()

    async def check(self) -> Health:
        return Health("account")

    @property
    def texts(self) -> list[str]:
        return list(self.stands.values())


def platforms(**down: Outcome) -> dict[str, Platform]:
    """Three, and the page; how those answer that are not well."""
    names = ("mastodon", "bluesky", "telegram", "page")
    return {name: Platform(answer=down.get(name)) for name in names}


class Exit:
    """What posts, falls back and obeys its operator; ``decisions.Node`` for that one. ``takes`` are
    the destinations that no window holds, ``well`` those that the board says work."""

    def __init__(
        self,
        places: Mapping[str, Platform],
        fallbacks: Mapping[str, Fallbacks] = ELSE_BLUESKY,
        to: Sequence[str] = ("mastodon",),
        ticks: Mapping[str, int] | None = None,
        clock: Loop | None = None,
        spool: MemorySpool | None = None,
    ) -> None:
        self.clock = clock or Loop()
        self.spool = spool or MemorySpool(self.clock)
        self.places = places
        self.fallbacks = fallbacks
        self.policies = {name: Policy(tuple(to), "none", (0, 0)) for name in fallbacks}
        self.ticks = dict(ticks or {})
        self.keys = KEYS
        self.takes = set(places)
        self.well = set(places)
        self.frozen = False
        self.on_unsure: OnUnsure = "hold"
        self.went: list[tuple[str, str, int]] = []
        self._made = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """One process: its brake, its posters, its fallbacks."""
        self.brake = Brake(self.spool, self.clock, self.fallbacks, self.places, self.ticks)
        await self.brake.load()
        self.elsewhere = Elsewhere(self.spool, self.clock, KEYS, self.ticks)
        self.scouts = Scouts(lambda name: name in self.takes, lambda name: name in self.well)
        fallback = Fallback(
            self.spool,
            self.clock,
            KEYS,
            self.fallbacks,
            self.elsewhere,
            self.brake,
            self.scouts,
            lambda name, to, count: self.went.append((name, to, count)),
            lambda: self.frozen,
        )
        async with trio.open_nursery() as nursery:
            for name in self.places:
                nursery.start_soon(self._posts, name)
            nursery.start_soon(fallback.run)
            yield
            nursery.cancel_scope.cancel()

    async def _posts(self, name: str) -> None:
        account = Account(name, "account", False, self.on_unsure, 60)
        posting = Posting(
            self.spool,
            self.places[name],
            account,
            KEYS,
            self.clock,
            lambda: None,
            self.brake.holds,
            elsewhere=self.elsewhere,
        )
        poster = Poster(
            self.spool,
            self.clock,
            posting,
            account,
            1,
            self.brake,
            partial(self._told, name),
            lambda: None,
        )
        await poster.run()

    def _told(self, name: str, outcome: Outcome | Rest) -> None:
        works = isinstance(outcome, Posted | Refused)
        self.well = self.well | {name} if works else self.well - {name}
        self.scouts.told(name, outcome)

    def nudge(self, name: str) -> None:
        """Nothing rests here that would not try again by itself."""

    def anew(self) -> Exit:
        """The process after this one."""
        made = Exit(self.places, self.fallbacks, (), self.ticks, self.clock, self.spool.reopened())
        made.policies, made._made = self.policies, self._made
        made.well, made.takes = self.well, self.takes
        return made

    # ------------------------------------------------------------ messages

    async def released(self, text: str = "", channel: str = "news", note: bytes = b"") -> bytes:
        """A message that is assigned at this moment; its id."""
        self._made += 1
        secret = self._made.to_bytes(32, "big")
        id = secret[16:]
        message = Message(text or f"text {self._made}")
        record = Record(secret, "text", "mail", channel, message=message)
        body = store(record, KEYS.storage, id)
        hour = hour_of(self.clock.now())
        new = NewRow(Queue.DELIVER, State.WAITING, id, hour, 0, channel, note=note, body=body)
        await self.spool.put([new])
        [row] = await self.spool.take(Queue.DELIVER, now=self.clock.now(), limit=1)
        change, then = assign(row, self.policies, self.ticks, self.clock.now())
        await self.spool.settle(row, change, then=then)
        return id

    async def family(self, id: bytes) -> Sequence[Row]:
        [message] = [row for row in await self.spool.look(id=id) if row.seq == row.root]
        return await self.spool.family(message.seq)

    async def delivery(self, id: bytes, name: str) -> Row:
        [row] = [row for row in (await self.family(id))[1:] if row.name == name]
        return row

    async def sent(self, id: bytes) -> dict[str, str]:
        """The state of each delivery, by its destination."""
        return {row.name: str(row.state) for row in (await self.family(id))[1:]}

    async def whys(self, id: bytes) -> dict[str, str]:
        return {row.name: row.why for row in (await self.family(id))[1:]}

    async def states(self) -> dict[str, int]:
        return (await self.spool.counts()).states

    # ------------------------------------------------------------ its operator

    async def says(self, word: str, id: bytes) -> int:
        rows = await self.family(id)
        changed: int = await getattr(Decisions(self), word)(rows)
        return changed

    async def withdraws(self, id: bytes) -> list[TakenBack]:
        async def remove(name: str, ref: str) -> Removal | None:
            return await self.places[name].remove(ref)

        async def find(name: str, attempt: Attempt) -> Lookup:
            return await self.places[name].find(attempt)

        withdrawal = Withdrawal(self.spool, KEYS, remove, find)
        return [one async for one in withdrawal.of((await self.family(id))[0].seq)]


async def becomes(exit: Exit, id: bytes, name: str, state: Sent, **more: object) -> Row:
    """Somebody else made this of a delivery; the row as it is then."""
    row = await exit.delivery(id, name)
    queue = Queue.ENDED if state in (Sent.POSTED, Sent.REFUSED, Sent.DROPPED) else Queue.POST
    assert await exit.spool.change(row, Change(queue, state, due=None, **more))  # type: ignore[arg-type]
    return await exit.delivery(id, name)


__all__ = [
    "DOWN",
    "ELSE_BLUESKY",
    "HALF_AN_HOUR",
    "KEYS",
    "MINUTE",
    "START",
    "Exit",
    "Loop",
    "Platform",
    "Stopped",
    "becomes",
    "platforms",
]
