"""Editors, senders, platforms and a core that dies, in any order: nothing is lost, nothing stands
twice, the sum holds, and what its sender took back stays away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest
import trio
import trio.testing
from desk_parts import KEYS, Core, token
from editing_parts import Diary, History, Stone
from test_correct import Slate, Wall
from test_correct_kills import Killed, dying

from relay.errors import Asked
from relay.exit.account import Account
from relay.exit.assign import assign
from relay.exit.going import gone_as_chosen
from relay.exit.post import Posting
from relay.exit.putting_right import assigned
from relay.exit.record import CORRECTION
from relay.exit.sheet import sheet_of
from relay.exit.withdraw import Withdrawal
from relay.model import Later, Queue, Refused, Row, Sent, State, Unsure

OFTEN = ("publish", "undo", "hold", "delete", "correct", "goes_on")
WHAT = (*OFTEN, *OFTEN, "goes_on", "drop", "rewrite", "withdraw", "release", "retry", "move")
ANSWERS = (Later("full", 1_800_000_300), Unsure("cut"), RuntimeError("x"), Refused("no"))
MOST_TURNS = 30_000


class Newsroom:
    """A node with three stories or more, what stands where it posts, and what was done."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.core = Core(
            destinations=("box", "loft"), two_persons=chance.choice(["none", "none", "all"])
        )
        kinds: list[type[Wall]] = [Diary, History, Slate, Wall, Stone]
        self.places = {name: chance.choice(kinds)() for name in ("box", "loft")}
        self.ids: list[str] = []
        self.deeds: list[str] = []
        self.tokens = 0
        self.taken_back: set[str] = set()

    # ------------------------------------------------------------ what happens

    async def happens(self) -> None:
        """One thing, or two at once; now and then the core dies in it."""
        if self.chance.random() < 0.1 and len(self.ids) < 8:
            self.ids.append(await self.core.message(number := len(self.ids) + 1, f"{number}. it"))
        if self.chance.random() < 0.1:
            self.places[self.chance.choice(["box", "loft"])].answers.append(
                self.chance.choice(ANSWERS)
            )
        dies = self.chance.random() < 0.15
        if dies:
            dying(self.core.spool, self.chance.randint(1, 4), done=self.chance.random() < 0.5)
        try:
            async with trio.open_nursery() as nursery:
                for _ in range(self.chance.choice([1, 1, 2])):
                    nursery.start_soon(self._one, self.chance.choice(WHAT))
        except BaseExceptionGroup as group:
            assert group.split(Killed)[1] is None, group
        if dies:
            self._starts_anew()

    def _starts_anew(self) -> None:
        again = Core(self.core.spool.reopened())
        again.policies, again.clock = self.core.policies, self.core.clock
        self.core = again

    async def _one(self, what: str) -> None:
        id = self.chance.choice(self.ids + await self._corrections())
        doing: dict[str, Callable[[str], Awaitable[object]]] = {
            "publish": self._publishes,
            "undo": self._undoes,
            "delete": self._wants_it_back,
            "withdraw": self._takes_away,
            "goes_on": lambda id: self.goes_on(self.chance.choice([0, 10, 60, 120, 600])),
            "move": lambda id: self._believes(self.chance.choice([-3000, 3000])),
        }
        if what in doing:
            await doing[what](id)
        elif what in ("drop", "hold"):
            await self._does(what, ids=[id], token=self._deed())
        else:
            words = {"text": f"{id} {self.tokens}", "hides": self.chance.random() < 0.5}
            await self._does(what, id=id, **(words if what in ("rewrite", "correct") else {}))

    async def _does(self, what: str, **order: Any) -> Any:
        try:
            told = await self.core.told(what, self.chance.choice(["ada", "bob"]), **order)
        except Asked:
            return {}
        return told[-1] if told else {}

    def _deed(self) -> str:
        self.tokens += 1
        self.deeds.append(token(self.tokens))
        return self.deeds[-1]

    async def _publishes(self, id: str) -> None:
        others = [one for one in self.ids if one != id]
        equals = self.chance.sample(others, min(len(others), self.chance.randint(0, 3)))
        more: dict[str, Any] = {"with": {id: equals}} if equals else {}
        if self.chance.random() < 0.2:
            more["without"] = [self.chance.choice(["box", "loft"])]
        if self.chance.random() < 0.2:
            more["not_before"] = self.core.clock.at + self.chance.choice([30, 500, 4000])
        await self._does("publish", ids=[id], token=self._deed(), **more)

    async def _undoes(self, id: str) -> None:
        if self.deeds:
            deed = self.chance.choice(self.deeds[-4:])
            await self._does("undo", deed=deed, token=self._deed())

    async def _wants_it_back(self, id: str) -> None:
        row = await self.core.row(id)
        if row.note != CORRECTION:
            asked = await self._withdrawal().asked(row.seq)
            if asked.whole and not asked.waits and not self._stands(id):
                self.taken_back.add(id)

    async def _takes_away(self, id: str) -> None:
        try:
            async for _ in self._withdrawal().of((await self.core.row(id)).seq):
                pass
        except Asked:
            return

    async def _believes(self, by_s: int) -> None:
        self.core.clock.at += by_s
        await self.core.spool.move(by_s)

    # ------------------------------------------------------------ the node

    async def goes_on(self, s: int) -> None:
        """All that is due within so many seconds."""
        until = self.core.clock.at + s
        for _ in range(MOST_TURNS):
            if await self._releases() or await self._posts():
                continue
            queues = (Queue.POST, Queue.DELIVER)
            dues = [await self.core.spool.next_due(queue) for queue in queues]
            due = min((due for due in dues if due is not None), default=until + 1)
            if due > until:
                break
            self.core.clock.at = max(self.core.clock.at, due)
        self.core.clock.at = until

    async def _releases(self) -> bool:
        spool, now = self.core.spool, self.core.clock.at
        rows = await spool.take(Queue.DELIVER, now=now, limit=4)
        for row in rows:
            change, then = assign(row, self.core.policies, {}, now)
            change, made = await assigned(row, change, then, spool, KEYS, now)
            change, made = gone_as_chosen(row, change, made, KEYS, now)
            await spool.settle(row, change, then=made)
        return bool(rows)

    async def _posts(self) -> bool:
        spool, clock = self.core.spool, self.core.clock

        async def holds(row: Row) -> bool:
            return False

        rows = await spool.take(Queue.POST, now=clock.at, limit=1)
        for row in rows:
            account = Account(row.name, "account", False, "hold", 60)
            bridge: Any = self.places[row.name]
            await Posting(spool, bridge, account, KEYS, clock, lambda: None, holds).turn(row)
        return bool(rows)

    def _withdrawal(self) -> Withdrawal:
        async def remove(name: str, ref: str) -> Any:
            return await self.places[name].remove(ref)

        async def find(name: str, attempt: Any) -> Any:
            return await self.places[name].find(attempt)

        return Withdrawal(self.core.spool, KEYS, remove, find)

    # ------------------------------------------------------------ what must be so

    async def _messages(self) -> list[Row]:
        return [row for row in await self.core.spool.look() if row.seq == row.root]

    async def _corrections(self) -> list[str]:
        return [row.id.hex() for row in await self._messages() if row.note == CORRECTION]

    def _stands(self, id: str) -> bool:
        begins = (f"{self.ids.index(id) + 1}. ", id)
        return any(text.startswith(begins) for one in self.places.values() for text in one.texts)

    async def is_well(self) -> None:
        """Whatever has happened so far."""
        spool, messages = self.core.spool, await self._messages()
        assert await spool.self_check() == []
        assert (await spool.counts()).accepted == len(messages)
        for row in messages:
            deliveries = (await spool.family(row.seq))[1:]
            assert row.state != State.WAITING or deliveries or row.due is not None
            assert row.state != State.HELD or deliveries or row.queue == Queue.REVIEW
            goes = [one for one in deliveries if one.state in (Sent.WAITING, Sent.PREPARED)]
            assert all(one.due is not None for one in goes)
        for place in self.places.values():
            assert len(set(place.texts)) == len(place.texts)
        for id in self.taken_back:
            assert await self.core.stands(id) == (Queue.ENDED, State.WITHDRAWN)
            assert not self._stands(id)
        await self._ends_beside_something(messages)

    async def _ends_beside_something(self, messages: list[Row]) -> None:
        """What was joined ended beside a message that nobody has taken back."""
        beside: set[int] = set()
        for row in messages:
            sheet = await self.core.spool.sheet(row.seq)
            if sheet is not None and sheet.body and row.state != State.WITHDRAWN:
                beside |= set(sheet_of(sheet, KEYS.storage).equals)
        assert {row.seq for row in messages if row.state == State.JOINED} <= beside

    async def comes_to_rest(self) -> None:
        """Platforms answer, and people let go what they may: then nothing is on its way."""
        for _ in range(3):
            for place in self.places.values():
                place.answers.clear()
            for id in [*self.ids, *await self._corrections()]:
                for by in ("ada", "bob"):
                    await self.core.asked("publish", by, ids=[id], token=self._deed())
            await self.goes_on(20_000)
            await self.is_well()
        assert await self.core.spool.look(queue=Queue.DELIVER) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100))
def test_nothing_is_lost_and_nothing_stands_twice(seed: int) -> None:
    chance = Random(seed)

    async def story() -> None:
        room = Newsroom(chance)
        room.ids = [await room.core.message(n, f"{n}. it") for n in (1, 2, 3)]
        for _ in range(chance.randint(8, 30)):
            await room.happens()
            await room.is_well()
        await room.comes_to_rest()
        room.core.spool.close()

    trio.run(story, clock=trio.testing.MockClock(autojump_threshold=0))
