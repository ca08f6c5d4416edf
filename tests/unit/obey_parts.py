"""What the tests of commands share: an exit in memory, people who write to it, and what is said."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import trio

from relay.exit.authors import Authors
from relay.exit.naming import Knows, binding, knows_nobody, names_of
from relay.exit.obey import SPAN_S, Obeying
from relay.exit.progress import Progress, progressed
from relay.exit.record import Record, restore, store
from relay.exit.withdraw import Withdrawal
from relay.model import (
    Attempt,
    Change,
    Command,
    Lookup,
    Message,
    NewRow,
    Queue,
    Removal,
    Removed,
    Row,
    Sent,
    State,
    Unknown,
    Word,
    hour_of,
)
from relay.ports import Spool
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.wire.keys import ExitKeys, make_exit_keys
from relay.wire.names import ref_name, shown_name
from relay.wire.token import open_answer

KEYS = make_exit_keys()
START = 1_800_000_000
ANSWER_KEY = b"k" * 32
TOKEN = b"t" * 578
CODE = "48151623"

_ids = itertools.count(1)


@dataclass
class Hands:
    """A clock that a test sets."""

    at: int = START

    def now(self) -> int:
        return self.at


@dataclass(frozen=True)
class Person:
    """Somebody who writes, by one way."""

    name: str = "one"
    transport: str = "phone"
    flags: tuple[str, ...] = ()

    @property
    def tags(self) -> tuple[bytes, ...]:
        return tuple(f"{self.name} {day}".encode().ljust(16) for day in ("today", "before"))


ONE = Person()
OTHER = Person("another")
NOBODY = Person("", "form")


@dataclass
class Exit:
    """An exit: its spool, its policies, what it said and took away."""

    spool: Any
    clock: Hands = field(default_factory=Hands)
    keys: ExitKeys = KEYS
    policies: dict[str, Policy] = field(
        default_factory=lambda: {"news": Policy(("page", "masto")), "family": Policy()}
    )
    removal: Removal | None = field(default_factory=Removed)
    removed: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    said_at: list[float] = field(default_factory=list)
    sealed: list[bytes] = field(default_factory=list)
    taken_at: float = 0.0
    knows: Knows = knows_nobody
    span_s: float = SPAN_S

    def __post_init__(self) -> None:
        self.authors = Authors(self.clock)

    def obeying(self) -> Obeying:
        withdrawal = Withdrawal(self.spool, self.keys, self.remove, self.find)
        return Obeying(
            self.spool,
            self.clock,
            self.keys,
            self.policies,
            withdrawal,
            self.say,
            self.knows,
            self.span_s,
            self.authors,
        )

    async def remove(self, name: str, ref: str) -> Removal | None:
        self.removed.append((name, ref))
        return self.removal

    async def find(self, name: str, attempt: Attempt) -> Lookup:
        return Unknown()

    async def say(self, token: bytes, sealed: bytes) -> None:
        self.said.append(open_answer(ANSWER_KEY, sealed).decode())
        self.said_at.append(trio.current_time())
        self.sealed.append(sealed)

    # ------------------------------------------------------------ what people write

    async def message(
        self,
        text: str = "they have come",
        *,
        by: Person = ONE,
        code: str = "",
        given: str = "",
        state: str = State.HELD,
        queue: Queue = Queue.REVIEW,
        channel: str = "news",
        due: int | None = None,
        read_flags: tuple[str, ...] = (),
        **more: Any,
    ) -> int:
        """One that was read, as it stands in the spool; its seq."""
        record = Record(
            bytes(32),
            "text",
            by.transport,
            channel,
            by.flags,
            by.tags if by.name else (),
            message=Message(text, code=code, flags=read_flags),
            code=given,
            **more,
        )
        id = next(_ids).to_bytes(16, "big")
        names = tuple(names_of(record, code, self.keys.desk_secret))
        body = store(record, self.keys.storage, id)
        hour = hour_of(self.clock.now())
        new = NewRow(queue, state, id, hour, due, channel, body=body, names=names)
        [stored] = await self.spool.put([new])
        seq = int(stored.seq)
        self.authors.wrote(await self.row(seq), record.author_tags, binding(code))
        return seq

    async def posted(self, text: str = "they have come", **more: Any) -> int:
        """One that is public at both places, and was posted in this hour."""
        seq = await self.message(text, state=State.WAITING, queue=Queue.DELIVER, due=0, **more)
        return await self.deliver(seq, page=Sent.POSTED, masto=Sent.POSTED)

    async def deliver(self, seq: int, **states: Sent) -> int:
        """Give a message that was released deliveries in these states, by destination."""
        [row] = await self.spool.take(Queue.DELIVER, now=self.clock.now(), limit=1)
        assert row.seq == seq
        then = [self._delivery(row, name, state) for name, state in states.items()]
        names = [
            ref_name(self.keys.desk_secret, name, f"{name}/{seq}")
            for name, state in states.items()
            if state == Sent.POSTED
        ]
        if states.get("page") == Sent.POSTED:
            names.append(shown_name(self.keys.desk_secret, hour_of(self.clock.now())))
        change = Change(Queue.ASSIGNED, State.WAITING, due=None, names=tuple(names))
        await self.spool.settle(row, change, then=then)
        return seq

    def _delivery(self, row: Row, name: str, state: Sent) -> NewRow:
        over = state in (Sent.POSTED, Sent.REFUSED)
        refs = (f"{name}/{row.seq}",) if state == Sent.POSTED else ()
        note = progressed(Progress(refs=refs), self.keys.storage, row.id) if refs else b""
        queue = Queue.ENDED if over else Queue.POST
        return NewRow(queue, state, row.id, row.hour, 0, name, note=note)

    async def command(
        self,
        word: Word,
        argument: str = "",
        *,
        by: Person = ONE,
        language: str = "en",
        asked: bool = True,
        token: bytes = TOKEN,
    ) -> int:
        """One that was read, and waits to be obeyed; its seq."""
        record = Record(
            bytes(32),
            "text",
            by.transport,
            "news",
            by.flags,
            by.tags if by.name else (),
            return_token=token if asked else b"",
            answer_key=ANSWER_KEY if asked else b"",
            command=Command(word, argument, language),
        )
        id = next(_ids).to_bytes(16, "big")
        body = store(record, self.keys.storage, id)
        hour = hour_of(self.clock.now())
        new = NewRow(Queue.COMMAND, State.WAITING, id, hour, 0, "news", body=body)
        [stored] = await self.spool.put([new])
        return int(stored.seq)

    # ------------------------------------------------------------ what becomes of it

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Obeying]:
        """Its commands are obeyed, in turns, until the end of this."""
        async with trio.open_nursery() as nursery:
            obeying = self.obeying()
            await obeying.begin(nursery)
            nursery.start_soon(self._turns, obeying)
            yield obeying
            nursery.cancel_scope.cancel()

    async def _turns(self, obeying: Obeying) -> None:
        while True:
            for row in await self.spool.take(Queue.COMMAND, now=self.clock.now(), limit=16):
                if not row.why:
                    self.taken_at = trio.current_time()
                await obeying.turn(row)
            await trio.sleep(0.1)
            self.clock.at += 1  # what is done later is due by the wall clock

    async def all_done(self) -> None:
        """Wait until no command waits, and every answer was said."""
        for _ in range(2000):
            if not await self.spool.look(queue=Queue.COMMAND):
                break
            await trio.sleep(0.1)
        await trio.sleep(2 * self.span_s)

    async def asks(self, word: Word, argument: str = "", **more: Any) -> str:
        """What somebody hears who asks this; all that it leads to is done."""
        async with self.running():
            await self.command(word, argument, **more)
            await self.all_done()
        return self.said[-1]

    async def row(self, seq: int) -> Row:
        rows: Sequence[Row] = await self.spool.look(after=seq - 1, limit=1)
        return rows[0]

    async def record(self, seq: int) -> Record:
        row = await self.row(seq)
        return restore(await self.spool.body(seq), self.keys.storage, row.id)

    async def state(self, seq: int) -> tuple[str, str]:
        row = await self.row(seq)
        return str(row.state), row.why

    async def deliveries(self, seq: int) -> dict[str, tuple[str, str]]:
        rows = await self.spool.look()
        of = [row for row in rows if row.root == seq and row.seq != seq]
        return {row.name: (str(row.state), row.why) for row in of}


def an_exit(**more: Any) -> Exit:
    """One in memory."""
    clock = Hands()
    spool: Spool = MemorySpool(clock)
    return Exit(spool, clock, **more)
