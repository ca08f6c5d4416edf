"""How the links of a node are: on the board, in the status, and for the alarms.

A link has a row of the board as a destination has: blocked while it reaches nobody, login where its
mailbox needs its operator, silent where it only listens and nobody has called for long. What was
turned away there is counted by the hour, since one stranger who knocks is nothing, and many are.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any, Final

import trio

from relay.config import Settings
from relay.errors import SpoolFull
from relay.journal import Event, Journal
from relay.model import HOUR
from relay.node.board import Board
from relay.ports import Spool
from relay.wire import frames
from relay.wire.batch import Batch

SILENT_S: Final = 3 * HOUR
"""A link that listens is silent when nobody came over it for so long: the other side asks at least
once an hour."""

MINUTE_S: Final = 60.0
"""What is counted apart: an hour has sixty of them, whoever knocks."""


class Faring:
    """The links of one node, as its board has them."""

    def __init__(self, board: Board, spool: Spool, journal: Journal, settings: Settings) -> None:
        self._board = board
        self._spool = spool
        self._journal = journal
        self._links = settings.links
        self._uncounted = 0
        self._knocks: defaultdict[str, deque[tuple[float, int]]] = defaultdict(deque)
        self._states: dict[str, str] = {}
        board.reached.knows({name: at.goes_by() for name, at in self._links.items()})
        for name, at in self._links.items():
            if at.is_answered and at.listens() is not None:
                board.expects(name, SILENT_S)

    def begins(self) -> None:
        """There is a new process: it has seen no route fail yet."""
        for name in self._links:
            self._board.reached.forget(name)

    def fares(self, frame: frames.Fares | frames.Routed) -> None:
        """What a link says of itself. Raises Damaged for what cannot be true."""
        if isinstance(frame, frames.Routed):
            self._board.reached.told(frame)
            return
        self._board.fares(frame.name, frame.state, frame.why)
        if self._states.get(frame.name, "works") != frame.state:
            self._journal.say(Event.LINK, link=frame.name, state=frame.state)
        self._states[frame.name] = frame.state

    def crossed(self, link: str, batch: Batch) -> None:
        """A batch crossed a link, either way: with envelopes, or with receipts for such."""
        self._board.crossed(link, len(batch.envelopes) + len(batch.durable))

    # ------------------------------------------------------------ who knocks

    async def turned_away(self, link: str, count: int) -> None:
        """So many were refused: they are no peers, or it was no batch for us."""
        self.knocked(link, count)
        self._uncounted += count
        try:
            counted, self._uncounted = self._uncounted, 0
            await self._spool.count(turned_away=counted)
        except SpoolFull:
            self._uncounted += counted

    def knocked(self, link: str, count: int) -> None:
        """The same, where it was counted already."""
        if not count or link not in self._links:
            return
        now, minutes = trio.current_time(), self._knocks[link]
        if minutes and now - minutes[-1][0] < MINUTE_S:  # an entry may send much that is bad
            since, before = minutes.pop()
            minutes.append((since, before + count))
        else:
            minutes.append((now, count))

    @property
    def knocks(self) -> Mapping[str, int]:
        """How many were turned away at each link within the last hour, where there were any."""
        since = trio.current_time() - HOUR
        counts: dict[str, int] = {}
        for link, minutes in self._knocks.items():
            while minutes and minutes[0][0] < since:
                minutes.popleft()
            if minutes:
                counts[link] = sum(count for _, count in minutes)
        return counts

    # ------------------------------------------------------------ shown

    def shown(self, board: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Every link by its name, from the rows of the board: for ``relay status --json``."""
        knocks = self.knocks
        return {
            name: {
                "kind": at.kind,
                "peer": at.peer or None,
                **{key: board[name][key] for key in ("state", "since", "last", "waiting", "why")},
                "oldest_s": board[name]["oldest_s"],
                "turned_away": knocks.get(name, 0),
            }
            for name, at in self._links.items()
            if name in board
        }
