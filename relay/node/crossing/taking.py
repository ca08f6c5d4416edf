"""What an entry hands over is taken in: a row each, durable together, and one answer for all.

::

    an envelope                     inbox; with the note AFTER where another exit may have it
    one whose time is over          expired at once: no key is kept that would open it
    one that came before            a repeat, whatever became of it
    what is no envelope             turned away, and counted

Each row is called by what the envelope is made of (``envelope.name_of``), and known again by that:
its own id everybody reads who carries it, and what comes under the id of another must not take the
place of that one. The entry is told the id.

Whether an envelope opens is found out later, by whoever has the keys: so one that was altered, or
sealed to somebody else, is answered as a good one is, in bytes and in time. Each batch costs one
commit, whatever is in it; what a commit of a repeat takes less than one of a new row is waited for,
and the answer says nothing but that all of it is kept. It is taken in while ``exit.key`` is locked
as well.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Collection, Sequence
from typing import Final

import trio

from relay.entry.shares import Shares
from relay.errors import Damaged, SpoolFull
from relay.model import AFTER, Instant, Known, NewRow, Queue, State, hour_of
from relay.node.arrivals import Arrivals
from relay.node.crossing.bounds import size_of
from relay.node.crossing.returning import Returning
from relay.ports import Clock, Spool
from relay.wire.batch import NOTHING, Batch, Carried
from relay.wire.envelope import Header, look, name_of

TOO_LATE: Final = "its time on the road was over"
"""Why an envelope ends that came after its expiry."""

STEP_S: Final = 0.02
"""Answers are given so many seconds after a batch came, or twice as many, and so on. A commit takes
a few milliseconds, and what is in it changes that by a fifth."""

Knocked = Callable[[str, int], None]


class Taking:
    """Takes batches of entries.

    ``answers`` are the links of which a peer waits for the answer, ``given_back`` those that answer
    nothing, over which all is told later. ``room`` is asked how many bytes are free on the disk
    above what must stay free: no entry takes more than a quarter of it in a day. While the clock is
    ``frozen`` nothing expires. ``knocked`` is told of what was turned away at a link.
    """

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        returning: Returning,
        answers: Collection[str],
        given_back: Collection[str],
        arrivals: Arrivals,
        room: Callable[[], int],
        frozen: Callable[[], bool] = lambda: False,
        knocked: Knocked = lambda link, count: None,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._returning = returning
        self._answers = frozenset(answers)
        self._given_back = frozenset(given_back)
        self._arrivals = arrivals
        self._room = room
        self._frozen = frozen
        self._knocked = knocked
        self._shares = Shares()

    async def arrived(self, link: str, peer: str, batch: Batch) -> Batch | None:
        """``links.Arrived``: all of it is durable when this returns what goes back; None: none of
        it counts, and it is to come again. Raises SpoolBroken.

        A link that answers has what goes back from here, and sets ``whole`` itself, since it alone
        knows the bytes of the batch. What comes by no link of the settings (a stick that a person
        carries) takes the ids of what is durable back with it.
        """
        rows, ids = self._rows(batch.envelopes)
        others = len(batch.envelopes) - len(rows)
        if batch.envelopes:
            began = trio.current_time()
            if not await self._kept(link, peer, batch, rows, others):
                return None
            steps = max(1, math.ceil((trio.current_time() - began) / STEP_S))
            await trio.sleep_until(began + steps * STEP_S)
        self._returning.heard(peer, batch)
        if link in self._answers:
            return self._returning.back(peer)
        if link not in self._given_back:
            return Batch(durable=tuple(ids))
        self._returning.durable(link, peer, ids)
        return NOTHING

    async def _kept(
        self, link: str, peer: str, batch: Batch, rows: Sequence[NewRow], others: int
    ) -> bool:
        """Whether all of it is durable, in one commit."""
        now, size, name = self._clock.now(), size_of(batch), peer.encode()
        self._shares.room = self._room()
        if not self._shares.take(name, size, now):
            return False
        self._arrivals.came()
        try:
            stored = await self._spool.put(rows, turned_away=others)
        except SpoolFull:
            self._shares.give(name, size, now)
            return False
        known = (row for row, one in zip(rows, stored, strict=True) if isinstance(one, Known))
        self._shares.give(name, sum(len(row.body) for row in known), now)
        self._knocked(link, others)
        return True

    def _rows(self, envelopes: Sequence[Carried]) -> tuple[list[NewRow], list[bytes]]:
        """A row for each that is an envelope, and the ids of these."""
        now = self._clock.now()
        rows: list[NewRow] = []
        ids: list[bytes] = []
        for one in envelopes:
            with contextlib.suppress(Damaged):
                header = look(one.envelope)
                rows.append(self._row(one, header, now))
                ids.append(header.id)
        return rows, ids

    def _row(self, carried: Carried, header: Header, now: Instant) -> NewRow:
        """The hour is that of its arrival at the entry, which stands in the envelope; but nothing
        here is from hours to come."""
        name, hour = name_of(carried.envelope), min(header.arrival, hour_of(now))
        if header.expiry <= now and not self._frozen():
            ended = hour_of(now)
            queue, state = Queue.ENDED, State.EXPIRED
            return NewRow(queue, state, name, hour, due=ended, why=TOO_LATE, crossed=True)
        return NewRow(
            Queue.INBOX,
            State.WAITING,
            name,
            hour,
            note=AFTER if carried.after else b"",
            body=carried.envelope,
            crossed=True,
        )
