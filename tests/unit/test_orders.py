"""Orders of an operator that must not be taken too literally."""

from __future__ import annotations

from typing import Any

from relay.model import Change, NewRow, Queue, Sent, State
from relay.node.orders import Orders
from relay.spool.memory import MemorySpool

START = 1_800_000_000
ID = bytes(range(16))


class Hands:
    def now(self) -> int:
        return START


class Core:
    """What orders need of a core, as far as these go."""

    def __init__(self) -> None:
        self.clock = Hands()
        self.spool = MemorySpool(self.clock)
        self.overview: Any = None
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


async def order(core: Core, what: str) -> Any:
    orders = Orders(core)  # type: ignore[arg-type]
    [answer] = [one async for one in orders.answers({"do": what, "id": ID.hex()})]
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
