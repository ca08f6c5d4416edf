"""Orders of an operator that must not be taken too literally."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from relay.errors import Asked
from relay.exit.progress import thaw
from relay.model import Change, NewRow, Queue, Row, Sent, State
from relay.node.hiding import Hiding
from relay.node.orders import Orders
from relay.spool.memory import MemorySpool
from relay.wire.keys import ExitKeys, make_exit_keys

START = 1_800_000_000
ID = bytes(range(16))
KEYS = make_exit_keys()


class Hands:
    def now(self) -> int:
        return START


class Core:
    """What orders need of a core, as far as these go."""

    def __init__(self) -> None:
        self.clock = Hands()
        self.spool = MemorySpool(self.clock)
        self.overview: Any = SimpleNamespace(hiding=Hiding(self.spool, self.clock, {}))
        self.keys: ExitKeys | None = KEYS
        self.senders = None
        self.policies: dict[str, Any] = {}
        self.nudged: list[str] = []

    def nudge(self, name: str) -> None:
        self.nudged.append(name)


async def with_deliveries(**states: Sent) -> Core:
    core = Core()
    await core.spool.put([NewRow(Queue.DELIVER, State.WAITING, ID, START, name="news")])
    [row] = await core.spool.take(Queue.DELIVER, now=START, limit=1)
    then = [NewRow(Queue.POST, state, ID, START, None, name) for name, state in states.items()]
    await core.spool.settle(row, Change(Queue.ASSIGNED, State.WAITING, due=None), then=then)
    return core


async def states(core: Core) -> dict[str, tuple[str, int | None]]:
    rows = await core.spool.look(queue=Queue.POST)
    return {row.name: (str(row.state), row.due) for row in rows}


async def order(core: Core, what: str, **more: str) -> Any:
    orders = Orders(core)  # type: ignore[arg-type]
    [answer] = [one async for one in orders.answers({"do": what, "id": ID.hex(), **more})]
    return answer


async def test_a_doubtful_delivery_that_is_tried_again_is_looked_up_first() -> None:
    core = await with_deliveries(box=Sent.UNSURE, hook=Sent.STOPPED)
    assert (await order(core, "retry"))["changed"] == 2
    assert await states(core) == {"box": ("unsure", 0), "hook": ("waiting", 0)}
    assert sorted(core.nudged) == ["box", "hook"]


async def test_a_held_delivery_that_is_released_is_sent_by_the_word_of_a_person() -> None:
    core = await with_deliveries(box=Sent.HELD)
    await order(core, "release")
    assert await states(core) == {"box": ("waiting", 0)}


@pytest.mark.parametrize("state", [Sent.UNSURE, Sent.HELD])
async def test_what_a_person_saw_on_the_platform_counts_as_posted(state: Sent) -> None:
    core = await with_deliveries(box=state, hook=Sent.POSTED)
    said = {"destination": "", "url": "https://x/7"}
    assert (await order(core, "posted", **said))["changed"] == 1
    assert (await core.spool.counts()).deliveries == {"posted": 2}
    [row] = [row for row in await core.spool.look() if row.name == "box"]
    assert thaw(row, KEYS.storage).url == "https://x/7"


@pytest.mark.parametrize(
    ("states", "name"),
    [
        ({"box": Sent.WAITING}, ""),
        ({"box": Sent.HELD, "hook": Sent.HELD}, ""),
        ({"box": Sent.HELD}, "hook"),
    ],
    ids=["not in doubt", "two places", "another place"],
)
async def test_what_was_seen_must_be_one_doubtful_delivery(
    states: dict[str, Sent], name: str
) -> None:
    core = await with_deliveries(**states)
    with pytest.raises(Asked):
        await order(core, "posted", destination=name, url="")


async def test_while_exit_key_is_locked_nothing_is_said_to_be_posted() -> None:
    core = await with_deliveries(box=Sent.HELD)
    core.keys = None
    with pytest.raises(Asked):
        await order(core, "posted", destination="", url="")


@pytest.mark.parametrize(
    "why", ["withdrawn, but it stays: answered 503: try again", "unsure: being withdrawn"]
)
async def test_what_was_withdrawn_is_not_posted_by_trying_again(why: str) -> None:
    core = await with_deliveries(box=Sent.HELD, hook=Sent.WAITING)
    [row] = [row for row in await core.spool.look() if row.name == "box"]
    await core.spool.change(row, Change(Queue.POST, Sent.HELD, due=None, why=why))
    assert (await order(core, "retry"))["changed"] == 1
    assert await states(core) == {"box": ("held", None), "hook": ("waiting", 0)}
    [row] = [row for row in await core.spool.look() if row.name == "hook"]
    await core.spool.change(row, Change(Queue.ENDED, Sent.POSTED, due=None))
    with pytest.raises(Asked, match="withdraw"):
        await order(core, "retry")


@dataclass
class Stopped:
    """Why nothing goes out at a destination, or not as always: in place of brake and outward."""

    pause: bool = False
    away: bool = False
    release: bool = False
    paused: Mapping[str, int] = field(default_factory=dict)

    async def resume(self, name: str) -> bool:
        was, self.pause = self.pause, False
        return was

    def comes_back(self, name: str) -> bool:
        was, self.away = self.away, False
        return was

    def lets_go(self, name: str) -> bool:
        was, self.release = self.release, False
        return was


@pytest.mark.parametrize("before", [{"pause": True}, {"away": True}, {}])
async def test_a_release_is_ended_by_who_has_nothing_else_to_resume(
    before: dict[str, bool],
) -> None:
    core: Any = Core()
    core.brake = core.outward = Stopped(release=True, **before)
    said = []
    for _ in range(3):
        resumed = await order(core, "resume", name="box")
        said.append((resumed["changed"], resumed["let_go"]))
    expected = [(True, True), (False, False), (False, False)]
    assert said == ([(True, False), *expected[:2]] if before else expected)


async def test_a_message_that_moves_on_while_it_is_listed_is_listed_once() -> None:
    core = Core()
    await core.spool.put([NewRow(Queue.READ, State.WAITING, ID, START, name="news")])
    core.overview = Moving(core.spool)
    orders = Orders(core)  # type: ignore[arg-type]
    listed = [one async for one in orders.answers({"do": "list"})]
    assert [row["queue"] for row in listed] == ["read"]


class Moving:
    """In place of an overview: whatever was looked at in one queue is in the next one then."""

    def __init__(self, spool: MemorySpool) -> None:
        self.spool = spool
        self.hiding = Hiding(spool, Hands(), {})

    async def every(self, queue: Queue) -> AsyncIterator[Row]:
        for row in await self.spool.look(queue=queue):
            yield row
            await self.spool.change(row, Change(Queue.REVIEW, State.HELD, due=None))

    def why(self, row: Row) -> str:
        return row.why

    async def replied(self) -> list[Row]:
        return []
