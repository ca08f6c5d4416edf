"""Keeps count of who came beside whom, for the operator who releases what they wrote.

It counts what came since the core was started, by a start of the node or a reload: what was tagged
before that cannot be told apart (``relay.rules.hiding``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import trio

from relay.errors import Damaged
from relay.exit.handles import last_of
from relay.exit.record import Record, restore
from relay.model import Instant, Row, hour_of
from relay.node.large import beside
from relay.ports import Clock, Spool
from relay.rules.hiding import KEPT_S, Came, Crowd, looks_back_to
from relay.rules.policy import BY_SMS
from relay.wire.keys import ExitKeys

PAGE = 1000
"""Rows looked at together."""

DAY_S = 86400
FORGET_S = 3600.0


class Hiding:
    """The crowd of one node, while its exit is open."""

    def __init__(self, spool: Spool, clock: Clock, spread_s: Mapping[str, int]) -> None:
        """``spread_s``: by channel, how many seconds apart what it exchanges may have come."""
        self._spool = spool
        self._clock = clock
        self._spread = spread_s
        self._crowd = Crowd()
        self._earlier = 0
        self._began: Instant = hour_of(clock.now())
        self._sms: dict[int, Instant] = {}

    async def begin(self) -> None:
        """Whatever is there is of a run before this one. Called before a door is open."""
        self._earlier = await last_of(self._spool)

    async def run(self, keys: ExitKeys) -> None:
        """Look at what came before this process began, which may be an SMS; then forget what is
        old, until cancelled."""
        after = 0
        while rows := await self._spool.look(after=after, limit=PAGE):
            after = rows[-1].seq
            for row in rows:
                if row.seq == row.root and row.name and row.hour >= self._first:
                    await self._knows(row, keys)
        while True:
            self._crowd.forget(self._first)
            self._sms = {seq: hour for seq, hour in self._sms.items() if hour >= self._first}
            await trio.sleep(FORGET_S)

    async def _knows(self, row: Row, keys: ExitKeys) -> None:
        try:
            body = await self._spool.body(row.seq)
            if not body:
                return
            record = await beside(len(body), restore, body, keys.storage, row.id)
        except Damaged:
            return
        if record.message is not None:
            self.came(row, record)

    def came(self, row: Row, record: Record) -> None:
        """A message was read."""
        if BY_SMS in record.flags:
            self._sms[row.seq] = row.hour
        if row.seq > self._earlier:
            tags = record.author_tags
            self._crowd.add(row.seq, Came(record.channel, record.transport, row.hour, tags))

    def among(self, row: Row) -> int | None:
        """Among how many messages of others that one hides, to which a row belongs; None where it
        is not known."""
        came = self._crowd.of(row.root)
        return None if came is None else self._crowd.around(row.root, self._of(came.channel))

    def shown(self, row: Row) -> dict[str, Any]:
        """The same for a person who decides about it, whether that may be too few since nobody is
        counted who came before this process, and whether it came by SMS."""
        came = self._crowd.of(row.root)
        return {
            "among": self.among(row),
            "in_part": came is not None and self._in_part(came),
            "by_sms": row.root in self._sms,
        }

    def least(self) -> dict[str, Any] | None:
        """The one of the last day that hides among the fewest; None where none came."""
        found = self._crowd.least(hour_of(self._clock.now()) - DAY_S, self._spread)
        if found is None:
            return None
        count, came = found
        about = {"channel": came.channel, "transport": came.way}
        return {"among": count, "in_part": self._in_part(came), **about}

    def _in_part(self, came: Came) -> bool:
        return looks_back_to(came, self._of(came.channel)) <= self._began

    def _of(self, channel: str) -> int:
        return self._spread.get(channel, 0)

    @property
    def _first(self) -> Instant:
        return hour_of(self._clock.now()) - KEPT_S
