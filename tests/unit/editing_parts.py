"""An exit with a desk: messages that are public, and editors who change what they say."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import trio
import trio.testing
from test_correct import Node, Slate, Wall
from test_join import KEYS

from relay.exit.record import Record, restore, store
from relay.model import Media, Message, NewRow, Original, Queue, Refused, Row, State, hour_of
from relay.node.decisions import Decisions
from relay.node.desk.editing import Editing
from relay.rules.danger import all_marks
from relay.rules.policy import Policy

NAMED = "Ali calls from Azadi Street."
HIDDEN = "People call from the street."

_secrets = itertools.count(1)


class Diary(Slate):
    """A platform that shows nobody what a post said before it was changed."""

    shows_edits = False


class History(Slate):
    """A platform on which everybody can look at what a post said before."""

    shows_edits = True


class Stone(Wall):
    """A platform that takes nothing back."""

    async def remove(self, ref: str) -> Any:
        return Refused("too old")


class Letter(Wall):
    """A platform on which nothing can be taken back."""

    remove = None  # type: ignore[assignment]


@dataclass
class Desk(Node):
    """What stands at each place, and orders of editors."""

    keys: Any = KEYS
    places: dict[str, Any] = field(default_factory=lambda: {"box": Diary()})
    edits: Editing = field(init=False)
    decides: Decisions = field(init=False)

    @property
    def policies(self) -> Mapping[str, Policy]:
        return {"news": self.policy}

    def nudge(self, name: str) -> None:
        """Nobody sleeps here."""

    def opens(self, spool: Any) -> None:
        super().opens(spool)
        self.decides = Decisions(self)
        self.edits = Editing(self, self.decides)

    async def read(self, text: str = NAMED, queue: Queue = Queue.DELIVER, *media: Media) -> Row:
        """A message that was read: on its way, or held."""
        secret = next(_secrets).to_bytes(32, "big")
        message = Message(text, media=media)
        message = Message(text, media=media, marks=all_marks(message))
        came = tuple(Original(one.type, len(one.content), bytes(32)) for one in media)
        record = Record(secret, "text", "form", "news", message=message, originals=came)
        held = queue == Queue.REVIEW
        row = NewRow(
            queue,
            State.HELD if held else State.WAITING,
            secret[16:],
            hour_of(self.clock.at),
            None if held else 0,
            "news",
            "review" if held else "",
            body=store(record, KEYS.storage, secret[16:]),
        )
        [stored] = await self.spool.put([row])
        return await self.row(stored.seq)  # type: ignore[union-attr]

    async def public(self, text: str = NAMED, *media: Media) -> Row:
        """A message that stands wherever it goes."""
        row = await self.read(text, Queue.DELIVER, *media)
        await self.goes_on()
        return await self.row(row.seq)

    async def goes_on(self, s: int = 0) -> None:
        if not self.held_back:
            return await super().goes_on(s)
        while await self.releases():
            pass
        return None

    async def row(self, seq: int) -> Row:
        [row] = await self.spool.look(after=seq - 1, limit=1)
        return row

    async def record(self, row: Row) -> Record:
        return restore(await self.spool.body(row.seq), KEYS.storage, row.id)

    async def asks(self, row: Row, do: str, **order: Any) -> AsyncIterator[Mapping[str, Any]]:
        rows = await self.spool.family(row.seq)
        async for answer in self.edits.by_word[do](rows, {"do": do, **order}):
            yield answer

    async def told(self, row: Row, do: str, **order: Any) -> list[Mapping[str, Any]]:
        return [answer async for answer in self.asks(row, do, **order)]

    async def corrects(
        self, row: Row, text: str = HIDDEN, within_s: int = 120, **order: Any
    ) -> None:
        """Without waiting for what comes of it; and it goes out."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._corrects, row, text, order)
            await trio.testing.wait_all_tasks_blocked()
            await self.goes_on(within_s)
            nursery.cancel_scope.cancel()

    async def _corrects(self, row: Row, text: str, order: Mapping[str, Any]) -> None:
        self.answers = await self.told(row, "correct", text=text, **order)

    async def said(self, row: Row) -> dict[str, list[str]]:
        """What is told of each place, the first text first."""
        found: dict[str, list[str]] = {}
        for one in await self.told(row, "stands"):
            found.setdefault(one["destination"], []).append(one["state"])
        return found
