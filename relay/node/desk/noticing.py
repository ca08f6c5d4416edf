"""What the desk's rules say of a message: set aside for a while, or with the word of the day.

Review asks it of each that comes. Where a rule begins or ends, those that are held already are
looked at once more, so that a flood that is there goes out of the way, and what was set aside comes
back when its time is over.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from typing import Any, Final

import trio

from relay.errors import Asked, Damaged, SpoolFull
from relay.exit.record import Record, restore
from relay.model import HOUR, Change, Queue, Row, State
from relay.node.desk.aside import ASIDE, Asides, Tags
from relay.node.desk.word import FLAG, WHY, DayWords
from relay.node.large import beside
from relay.ports import Clock, Spool
from relay.wire.keys import ExitKeys

WORDS: Final = frozenset({"aside", "aside-end", "asides", "word"})

WAS_ASIDE: Final = "it was out of the way for a while"
"""Why a message stays held that no policy would hold: it goes when a person says so."""

PAGE: Final = 200
"""Rows looked at together."""

LOOK_S: Final = 5.0
"""Seconds between two looks whether something is over."""

Answer = Mapping[str, Any]
Says = Callable[[Mapping[str, Any]], Awaitable[None]]


class Noticing:
    """The desk's rules of one node."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        tags: Tags,
        says: Says,
        channels: Mapping[str, Any],
        ways: Collection[str],
    ) -> None:
        """``says`` tells the desk, if there is one; ``channels`` are those of the node, by name,
        and ``ways`` the names of its ways in."""
        self._spool = spool
        self._clock = clock
        self._says = says
        self._channels = channels
        self._ways = ways
        self._asides = Asides(spool, clock, tags)
        self._word = DayWords(spool)
        self._changed = trio.Event()

    async def begin(self, keys: ExitKeys) -> None:
        """Take up what was kept. Called before anything is reviewed."""
        await self._asides.begin(keys)
        await self._word.begin(keys)

    def noticed(self, record: Record) -> tuple[Record, tuple[str, ...]]:
        """A message that comes to be reviewed, flagged if there is a reason, and why a person must
        see it."""
        flagged = self._word.flagged(record)
        with_word = (WHY,) if FLAG in flagged.flags else ()
        return flagged, (*with_word, *self._asides.why(flagged))

    # ------------------------------------------------------------ orders

    async def answers(self, order: Mapping[str, Any]) -> Answer:
        """The answer to one order. Raises Asked."""
        by = str(order.get("by", ""))
        match order:
            case {"do": "aside", "kind": str() as kind, "value": str() as value, **more}:
                for_s = more.get("for_s", HOUR)
                if type(for_s) is not int:
                    raise Asked("for how long is a number of seconds")
                made: Answer = {"aside": await self._asides.add(kind, value, for_s, by)}
            case {"do": "aside-end", "aside": str() as id}:
                await self._asides.end(id)
                made = {"ended": True}
            case {"do": "word", "channel": str() as channel, "word": str() as word}:
                if channel not in self._channels:
                    raise Asked("there is no such channel")
                await self._word.set(channel, word)
                made = {"kept": True}
            case {"do": "asides"}:
                made = {
                    "asides": self._asides.shown(),
                    "words": dict(self._word.words),
                    "ways": sorted(self._ways),
                    "channels": sorted(self._channels),
                }
            case _:
                raise Asked("this version knows no such order")
        await self._tell()
        if order["do"] in ("aside", "aside-end"):
            self._changed.set()
        return made

    async def _tell(self) -> None:
        await self._says({"asides": self._asides.shown(), "word": self._word.shown()})

    # ------------------------------------------------------------ what is held already

    async def run(self, keys: ExitKeys) -> None:
        """Look at what is held whenever a rule begins or ends, until cancelled."""
        while True:
            # One that is set already is of a look for which there was no room.
            changed = trio.Event() if self._changed.is_set() else self._changed
            with trio.move_on_after(LOOK_S):
                await changed.wait()
            with suppress(SpoolFull):  # then the next look does it
                await self._look(keys)

    async def _look(self, keys: ExitKeys) -> None:
        if await self._asides.tidy():
            self._changed.set()
        if not self._changed.is_set():
            return
        await self._tell()
        changed, self._changed = self._changed, trio.Event()
        try:
            await self.sweep(keys)
        except SpoolFull:
            self._changed = changed
            raise

    async def sweep(self, keys: ExitKeys) -> None:
        """Say of every message that is held whether it is set aside now."""
        after = 0
        while rows := await self._spool.look(queue=Queue.REVIEW, after=after, limit=PAGE):
            after = rows[-1].seq
            held = [row for row in rows if row.state == State.HELD and row.seq == row.root]
            changes = [(row, to) for row in held if (to := await self._changed_to(row, keys))]
            if not changes or await self._spool.change_all(changes):
                continue
            for row, to in changes:  # one of them somebody has just decided about: it stays so
                await self._spool.change(row, to)

    async def _changed_to(self, row: Row, keys: ExitKeys) -> Change | None:
        """What becomes of a message that is held; None if that is nothing."""
        try:
            body = await self._spool.body(row.seq)
            if not body:
                return None
            record = await beside(len(body), restore, body, keys.storage, row.id)
        except Damaged:
            return None
        reasons = [one for one in row.why.split("; ") if one]
        if bool(self._asides.fitting(record)) == (ASIDE in reasons):
            return None
        if ASIDE in reasons:
            left = [one for one in reasons if one != ASIDE] or [WAS_ASIDE]
        else:
            self._asides.why(record)  # counts it
            left = [*reasons, ASIDE]
        return Change(Queue.REVIEW, State.HELD, due=None, why="; ".join(left))
