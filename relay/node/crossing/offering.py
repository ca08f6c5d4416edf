"""What is given to an exit next, and what becomes of it.

A crossing is one row of the spool, OUTBOUND, beside the submission that has the envelope. It is not
leased: several links of one exit may carry the same envelope at once, since its id makes it one
there. What is under way where is known by ``Forward``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import trio

from relay.errors import Damaged
from relay.model import AFTER, Change, Instant, Queue, Row, Sent, State, Whole
from relay.node.crossing.bundles import Bundles
from relay.ports import Clock, Spool
from relay.rules.crossing import GOES, expired, handed, is_after, offered, refused
from relay.wire.batch import MOST_ENVELOPE_BYTES, MOST_ENVELOPES, Carried
from relay.wire.envelope import Header, look

DAMAGED: Final = "damaged on this disk"


@dataclass(frozen=True, slots=True, repr=False)
class Crossing:
    """A row of this exit, those of the other exits beside it, and the envelope."""

    row: Row
    others: tuple[Row, ...]
    carried: Carried


Offer = tuple[Crossing, ...]
"""What goes into one batch."""


@dataclass(frozen=True, slots=True, repr=False)
class _Found:
    """``several``: the envelope is sealed to more exits than this one."""

    message: Row
    row: Row
    others: tuple[Row, ...]
    several: bool


class Ended:
    """What ended here since this process began."""

    def __init__(self) -> None:
        self.expired = 0
        self.refused = 0
        self.damaged = 0
        self.only: Counter[str] = Counter()
        """Of those refused, how many no other exit has or may get, by the exit."""

    def refuses(self, row: Row, others: Iterable[Row]) -> None:
        """An exit is not to get this any more."""
        self.refused += 1
        if not any(one.state in GOES or one.state == Sent.HANDED for one in others):
            self.only[row.name] += 1


class Offering:
    """Of all exits of one entry. ``takers`` are those that get only what no other has taken in its
    time. While the clock is ``frozen`` nothing expires."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        bundles: Bundles,
        takers: Collection[str] = (),
        frozen: Callable[[], bool] = lambda: False,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._bundles = bundles
        self._takers = frozenset(takers)
        self._frozen = frozen
        self._turn = trio.Lock()
        self.ended = Ended()

    async def next(
        self, peer: str, but: Collection[int], may_go: Callable[[Row], bool] = lambda row: True
    ) -> Offer:
        """What is due for an exit, in order of arrival, as much as one batch holds, without the
        rows of these seqs and those that may not go yet. It is durable by now that it was given
        away. Empty where there is nothing, or what there was has ended. Raises SpoolFull."""
        async with self._turn:  # which exit is offered an envelope first is decided once
            before: frozenset[int] = frozenset()
            while True:  # where all of it has ended, what comes after that
                rows = await self._due(peer, but, may_go)
                seqs = frozenset(row.seq for row in rows)
                if seqs == before or not rows:
                    return ()
                roots = [row.root for row in rows]
                found = await self._spool.wholes(among=roots, limit=len(roots))
                if offer := await self._marked(await self._good(peer, rows, found)):
                    return offer
                before = seqs

    async def _due(
        self, peer: str, but: Collection[int], may_go: Callable[[Row], bool]
    ) -> list[Row]:
        rows = await self._spool.peek(
            Queue.OUTBOUND,
            now=self._clock.now(),
            limit=MOST_ENVELOPES,
            name=peer,
            but=frozenset(but),
        )
        return [row for row in rows if may_go(row)]

    async def _good(
        self, peer: str, rows: Collection[Row], wholes: Collection[Whole]
    ) -> list[_Found]:
        """Those that may go; the others end."""
        whole_of: Mapping[int, Whole] = {one.message.seq: one for one in wholes}
        good: list[_Found] = []
        over: list[tuple[Row, Change]] = []
        room = MOST_ENVELOPE_BYTES
        for row in rows:
            whole = whole_of.get(row.root)
            if whole is None:  # there was no room for it: it is the first the next time
                continue
            if all((one.seq, one.rev) != (row.seq, row.rev) for one in whole.deliveries):
                continue  # it ended since we looked, and with it perhaps the envelope
            others = tuple(one for one in whole.deliveries if one.seq != row.seq)
            try:
                header = look(whole.message.body)
            except Damaged:
                await self._set_aside(row, others)
                continue
            ends = self._ends(peer, row, others, header)
            over += ends
            if ends:
                continue
            room -= len(whole.message.body)
            if room < 0:
                break
            several = len(header.key_ids) > 1 or bool(others)
            good.append(_Found(whole.message, row, others, several))
        if over:
            await self._spool.change_each(over)
        return good

    def _ends(
        self, peer: str, row: Row, others: tuple[Row, ...], header: Header
    ) -> list[tuple[Row, Change]]:
        """What it is changed to, with the others, where it goes nowhere any more."""
        if why := self._bundles.against(peer, header.key_ids):
            self.ended.refuses(row, others)
            return refused(row, others, why)
        if self._is_over(header.expiry):
            self.ended.expired += 1
            return [expired(row)]
        return []

    def _is_over(self, expiry: Instant) -> bool:
        return expiry <= self._clock.now() and not self._frozen()

    async def _set_aside(self, row: Row, others: tuple[Row, ...]) -> None:
        """What cannot be given to anybody: it stops no other, and waits for a person to see it."""
        to = Change(Queue.ENDED, Sent.REFUSED, due=None, why=DAMAGED)
        alive = [one for one in (row, *others) if one.queue == Queue.OUTBOUND]
        await self._spool.change_each([(one, to) for one in alive])
        message, *crossings = await self._spool.family(row.root)
        if message.state == State.REFUSED and all(one.why == DAMAGED for one in crossings):
            quarantined = Change(Queue.ENDED, State.QUARANTINED, due=None, why=DAMAGED)
            await self._spool.change(message, quarantined)
        self.ended.damaged += 1

    async def _marked(self, found: Collection[_Found]) -> Offer:
        """Those of several exits are durably said to be given away, before they are."""
        changes = [
            (one.row, offered(one.row, after=is_after(one.message, one.row, one.others)))
            for one in found
            if one.several and one.row.state != Sent.SENDING
        ]
        done = await self._spool.change_each(changes) if changes else ()
        now = {row.seq: (to, ok) for (row, to), ok in zip(changes, done, strict=True)}
        made: list[Crossing] = []
        for one in found:
            to, ok = now.get(one.row.seq, (None, True))
            if not ok:  # somebody changed it meanwhile
                continue
            row = one.row if to is None else _after(one.row, to)
            after = one.several and is_after(one.message, row, one.others)
            made.append(Crossing(row, one.others, Carried(one.message.body, after)))
        return tuple(made)

    async def keep(self, offer: Offer) -> None:
        """An exit keeps all of this now: it is forgotten here, in one transaction."""
        changes = [change for one in offer for change in handed(one.row, one.others, self._takers)]
        await self._spool.change_each(changes)


def _after(row: Row, to: Change) -> Row:
    """The row as it is after this change of ours."""
    note = to.note if to.note is not None else row.note
    assert note in (b"", AFTER)
    return replace(row, rev=row.rev + 1, state=to.state, note=note)
