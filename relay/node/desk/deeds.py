"""What somebody does at the desk: deeds on one message or on hundreds, each of them once.

Every message is changed by itself, in one transaction, and what could not be done is said with its
reason; a deed on five hundred is one order all the same. Messages that go together (one is
published, its equals end with it) are in one transaction.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, Protocol

import trio

from relay.config import Settings
from relay.config.sections import DeskAt
from relay.errors import Asked, SpoolFull
from relay.exit.approving import WAITS
from relay.exit.sheet import Choice
from relay.node.desk import deciding, messages, originals, writing
from relay.node.desk.choices import asked_choice, ids_of, joins_of, text_of
from relay.node.desk.deed import UNDONE, Deed, Plan, Planner, carry_out
from relay.node.desk.messages import NOTHING_KEPT, UNKNOWN, Messages, Seen, id_of
from relay.node.desk.outbox import Outbox, token_of
from relay.node.desk.publishing import Publishing
from relay.node.desk.undoing import Undoing
from relay.wire.names import deed_name

Answer = Mapping[str, Any]

WORDS: Final = frozenset(
    {"publish", "drop", "hold", "undo", "assign", "note", "ask", "original", "original-confirm"}
)
"""What these orders are called."""


class Node(messages.Node, Protocol):
    """What deeds need of the core."""

    settings: Settings


@dataclass(slots=True, repr=False)
class _Done:
    """What has become of the messages of a deed."""

    done: list[Answer] = field(default_factory=list)
    not_done: list[Answer] = field(default_factory=list)
    waiting: list[Answer] = field(default_factory=list)


class Deeds:
    """Carries out what is done at the desk of one node."""

    def __init__(self, core: Node, found: Messages, outbox: Outbox) -> None:
        self._core = core
        self._messages = found
        self._outbox = outbox
        self._publishing = Publishing(core, found)
        self._undoing = Undoing(found)

    async def answers(self, order: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
        """The one answer to a deed. Raises Asked."""
        by = str(order.get("by", ""))
        yield await self._outbox.once(by, order, partial(self._do, by, order))

    async def fetch(self, order: Mapping[str, Any]) -> AsyncIterator[Answer]:
        """An original, in pieces. Raises Asked."""
        seen = await self._messages.seen(await self._seq(id_of(order.get("id"))))
        n, by, now = order.get("n"), str(order.get("by", "")), self._core.clock.now()
        spool = self._core.spool
        number = n if isinstance(n, int) else 0
        for piece in await originals.fetch(spool, self._messages, seen, by, now, number):
            yield piece

    def outbox(self) -> Answer:
        """What can still be undone."""
        return {"deeds": list(self._outbox.undoable(self._core.clock.now()))}

    # ------------------------------------------------------------ one deed

    async def _do(self, by: str, order: Mapping[str, Any]) -> Answer:
        deed = self._deed(by, order)
        done = _Done()
        if deed.word == "undo":
            await self._undo(deed, order, done)
        elif deed.word == "publish":
            await self._publish(deed, order, done)
        else:
            await self._each(deed, ids_of(order), self._planner(deed, order), done)
        return {
            "done": done.done,
            "not_done": done.not_done,
            "waiting": done.waiting,
            "deed": token_of(order),
            "until": deed.until if deed.word in UNDONE else None,
            "waits": WAITS if done.waiting else "",
        }

    def _deed(self, by: str, order: Mapping[str, Any]) -> Deed:
        now = self._core.clock.now()
        name = deed_name(self._messages.keys.desk_secret, token_of(order))
        return Deed(str(order["do"]), by, name, now, now + self._outbox_s)

    @property
    def _outbox_s(self) -> int:
        return (self._core.settings.desk or DeskAt.model_validate({})).outbox

    def _planner(self, deed: Deed, order: Mapping[str, Any]) -> Planner:
        """What the deed makes of each of its messages. Raises Asked for what is no deed."""
        match order:
            case {"do": "drop"}:
                return partial(deciding.drop, deed=deed, why=text_of(order, "why"))
            case {"do": "hold"}:
                return partial(deciding.hold, deed=deed)
            case {"do": "assign", "to": str() as to}:
                return _soon(lambda seen: writing.assign(seen, to))
            case {"do": "note", "text": str() as text}:
                return _soon(lambda seen: writing.note(seen, deed, text))
            case {"do": "ask", "text": str() as text}:
                return _soon(lambda seen: writing.ask(seen, deed, text, self._messages))
            case {"do": "original"}:
                return _soon(lambda seen: originals.ask(seen, deed))
            case {"do": "original-confirm"}:
                return _soon(lambda seen: originals.confirm(seen, deed))
        raise Asked("this version knows no such order")

    async def _publish(self, deed: Deed, order: Mapping[str, Any], done: _Done) -> None:
        ids = ids_of(order)
        choice = asked_choice(order, len(ids), deed.now)
        joins = joins_of(order, ids)
        seqs = await self._messages.seqs(one for some in joins.values() for one in some)
        chosen: dict[bytes, Choice] = {}
        for id in ids:
            known = tuple(sorted(seqs[one] for one in joins.get(id, ()) if one in seqs))
            chosen[id] = replace(choice, joins=known)

        async def plan(seen: Seen) -> Plan:
            return await self._publishing.plan(seen, deed, chosen[seen.row.id])

        await self._each(deed, ids, plan, done)

    async def _undo(self, deed: Deed, order: Mapping[str, Any], done: _Done) -> None:
        of = order.get("deed")
        if not isinstance(of, str) or not of:
            raise Asked("say which deed is to be undone")
        keys = self._messages.keys
        name = deed_name(keys.desk_secret, of)
        rows = await self._core.spool.named(name)
        if not rows:
            raise Asked("there is nothing left to undo")
        for row in rows:
            self._messages.met(row)
        plan = partial(self._undoing.plan, deed=deed, of=name)
        await self._each(deed, [row.id for row in rows], plan, done)

    # ------------------------------------------------------------ many messages

    async def _each(self, deed: Deed, ids: Sequence[bytes], planner: Planner, done: _Done) -> None:
        """Do it to all of these, those at the same time that are looked at together, so that they
        share commits; and say what became of each."""
        seqs = await self._messages.seqs(ids)
        left = dict.fromkeys(ids)
        async with aclosing(self._messages.together(list(seqs.values()))) as batches:
            async for batch in batches:
                async with trio.open_nursery() as nursery:
                    for seen in batch:
                        del left[seen.row.id]
                        nursery.start_soon(self._one, deed, seen, planner, done)
        for id in left:
            why = NOTHING_KEPT if id in seqs else UNKNOWN
            done.not_done.append({"id": id.hex(), "why": why})

    async def _one(self, deed: Deed, seen: Seen, planner: Planner, done: _Done) -> None:
        id = seen.row.id
        try:
            plan = await carry_out(self._messages, seen, deed, planner)
        except (Asked, SpoolFull) as error:
            done.not_done.append({"id": id.hex(), "why": str(error)})
        else:
            if plan.waits:
                done.waiting.append({"id": id.hex()})
            else:
                done.done.append({"id": id.hex(), "changed": plan.changed})

    async def _seq(self, id: bytes) -> int:
        found = await self._messages.seqs([id])
        if id not in found:
            raise Asked(UNKNOWN)
        return found[id]


def _soon(plan: Callable[[Seen], Plan]) -> Planner:
    """A plan that waits for nothing."""

    async def planner(seen: Seen) -> Plan:
        return plan(seen)

    return planner
