"""Whatever three editors do, in whatever order: two of them wanted what goes out, word for word."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from desk_parts import KEYS, Core, token
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.exit.record import store
from relay.model import Change, Queue, State
from relay.wire.names import deed_name

WHO = st.sampled_from(["ada", "bob", "eve"])
OFTEN = ("publish", "publish", "publish", "publish", "hold", "hold", "undo", "rewrite", "rewrite")
WHAT = st.sampled_from([*OFTEN, "start"])
DEEDS = st.lists(st.tuples(WHO, WHAT, st.integers(0, 1)), min_size=5, max_size=16)


@dataclass
class Newsroom:
    """One message, what was done to it, and who wants it to go out as it stands."""

    core: Core
    id: str
    words: int = 0
    deeds: list[str] = field(default_factory=list)
    want: dict[str, int] = field(default_factory=dict)

    async def does(self, who: str, what: str, n: int) -> None:
        """Somebody does something; ``n`` says which words, or which deed of the last ones."""
        if what == "start":
            self.core = self.core.started_anew()
        elif what == "rewrite":
            await self.rewrites(n)
        else:
            await self.orders(who, what, n)

    async def rewrites(self, n: int) -> None:
        row = await self.core.row(self.id)
        if row.queue != Queue.REVIEW:
            return
        record, self.words = await self.core.record(self.id), n
        assert record.message is not None
        after = replace(record, message=replace(record.message, text=f"story {n}"))
        body = store(after, KEYS.storage, row.id)
        to = Change(row.queue, row.state, row.due, row.why, body=body)
        assert await self.core.spool.change(row, to)

    async def orders(self, who: str, what: str, n: int) -> None:
        before = await self.core.stands(self.id)
        self.deeds.append(token(len(self.deeds)))
        if what == "undo" and len(self.deeds) > 1 + n:
            answer = await self.undoes(who, self.deeds[-2 - n])
        elif what != "undo":
            order = {"ids": [self.id], "token": self.deeds[-1]}
            answer = await self.core.asked(what, who, **order)
            assert await self.core.asked(what, who, **order) == answer
        else:
            return
        await self.judges(who, what, before, bool(answer["done"]))

    async def undoes(self, who: str, deed: str) -> dict[str, object]:
        if not await self.core.spool.named(named(deed)):
            return {"done": []}
        return dict(await self.core.asked("undo", who, deed=deed, token=self.deeds[-1]))

    async def judges(self, who: str, what: str, before: object, done: bool) -> None:
        """Nothing went out that fewer than two wanted."""
        after = await self.core.stands(self.id)
        if what == "publish" and before == (Queue.REVIEW, State.HELD):
            agree = any(one != who and at == self.words for one, at in self.want.items())
            assert (after[0] == Queue.DELIVER) == agree
            self.want = {} if agree else {**self.want, who: self.words}
        elif done and after != before:
            self.want = {}
        elif done and what == "undo":
            self.want.pop(who, None)


def named(deed: str) -> bytes:
    return deed_name(KEYS.desk_secret, deed)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(DEEDS)
async def test_two_of_three_wanted_what_goes_out(deeds: list[tuple[str, str, int]]) -> None:
    core = Core(two_persons="all")
    room = Newsroom(core, await core.message(1, "story 0"))
    for who, what, n in deeds:
        await room.does(who, what, n)
        assert await core.spool.self_check() == []
        assert sum((await core.spool.counts()).states.values()) == 1
    core.spool.close()
