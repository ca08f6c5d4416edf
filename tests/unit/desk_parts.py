"""What the tests of the desk share: a core as far as they need one, and messages in it."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from relay.exit.record import Record, restore, store
from relay.model import Change, Mark, Media, Message, NewRow, Original, Queue, Row, Sent, State
from relay.node.arrivals import Arrivals
from relay.node.hiding import Hiding
from relay.node.orders import Orders
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.wire.keys import ExitKeys, make_exit_keys

START = 1_800_000_000
OUTBOX_S = 60
KEYS = make_exit_keys()


class Clock:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> int:
        return self.at


class Core:
    """What orders need of a core, as far as these go."""

    def __init__(self, spool: MemorySpool | None = None, **policy: Any) -> None:
        self.clock = Clock()
        self.spool = spool or MemorySpool(self.clock)
        self.keys: ExitKeys | None = KEYS
        self.senders = None
        self.settings: Any = SimpleNamespace(
            desk=SimpleNamespace(outbox=OUTBOX_S), spool=SimpleNamespace(keep_originals=3600)
        )
        named = {"destinations": ("page", "telegram"), "delay": (0, 0), **policy}
        self.policies: Mapping[str, Policy] = {"news": Policy(**named)}
        hiding = Hiding(self.spool, self.clock, {})
        self.overview: Any = SimpleNamespace(hiding=hiding, why=lambda row: row.why)
        self.arrivals = Arrivals()
        self.orders = Orders(self)  # type: ignore[arg-type]

    def nudge(self, name: str) -> None:
        """Nothing is sent here."""

    def started_anew(self) -> Core:
        """The same node in a new process: what was in memory only is gone."""
        again = Core(self.spool)
        again.policies, again.clock = self.policies, self.clock
        again.orders = Orders(again)  # type: ignore[arg-type]
        return again

    async def told(self, do: str, by: str = "ada", **more: Any) -> list[Mapping[str, Any]]:
        """All answers to an order."""
        order = {"do": do, "by": by, **more}
        return [answer async for answer in self.orders.answers(order)]

    async def asked(self, do: str, by: str = "ada", **more: Any) -> Mapping[str, Any]:
        """The last answer to an order; a deed has a token of its own unless one is given."""
        return (await self.told(do, by, **more))[-1]

    # ------------------------------------------------------------ messages

    async def message(
        self,
        n: int,
        text: str = "The bridge is closed",
        *,
        kinds: tuple[str, ...] = (),
        media: int = 0,
        state: State = State.HELD,
        **more: Any,
    ) -> str:
        """Put a message that is held for a person; gives its id."""
        made = tuple(Media("image/jpeg", b"clean %d" % one) for one in range(media))
        marks = tuple(Mark(kind, 0, 3) for kind in kinds)
        shown = Message(text, marks=marks, media=made)
        originals = tuple(Original("image/jpeg", 9, bytes(32)) for _ in made)
        record = Record(
            n.to_bytes(2, "big") * 16,
            "text",
            "form",
            "news",
            message=shown,
            originals=originals,
            **more,
        )
        queue = Queue.REVIEW if state == State.HELD else Queue.DELIVER
        body = store(record, KEYS.storage, id_of(n))
        due = None if state == State.HELD else START
        row = NewRow(queue, state, id_of(n), START, due, name="news", why="review", body=body)
        await self.spool.put([row])
        return id_of(n).hex()

    async def row(self, id: str) -> Row:
        """A message as it is."""
        rows = [row for row in await self.spool.look(id=bytes.fromhex(id)) if row.seq == row.root]
        return rows[0]

    async def stands(self, id: str) -> tuple[Queue, str]:
        """Where a message stands, and how."""
        row = await self.row(id)
        return row.queue, row.state

    async def record(self, id: str) -> Record:
        """What is kept of a message."""
        row = await self.row(id)
        return restore(await self.spool.body(row.seq), KEYS.storage, row.id)

    async def assign(self, id: str, **states: Sent) -> None:
        """Give a message that is on its way deliveries that stand so."""
        row = await self.row(id)
        to = Change(Queue.ASSIGNED, State.WAITING, due=None)
        due = {Sent.HELD: None}
        then = [
            NewRow(Queue.POST, state, row.id, START, due.get(state, START), name)
            for name, state in states.items()
        ]
        assert await self.spool.change(row, to, then=then)

    async def deliveries(self, id: str) -> dict[str, str]:
        """The state of each delivery, by its destination."""
        row = await self.row(id)
        return {one.name: str(one.state) for one in (await self.spool.family(row.seq))[1:]}


def id_of(n: int) -> bytes:
    """The id of a message of these tests."""
    return n.to_bytes(2, "big") * 8


def token(n: int) -> str:
    """A token for a deed."""
    return f"token-{n:04}"
