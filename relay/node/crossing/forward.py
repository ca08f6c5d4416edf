"""Forwards what an entry holds: a loop for each link, side by side, each at its own pace.

A link that is answered (HTTPS) is asked as often as its settings say, also where there is nothing
to give: so answers and keys come back. After a failure it is asked before it is given anything
again: what was offered to an exit that is not there would count as given away.

A link that answers nothing (mail, a folder) is given what is there at most once in that time, and
the same again only after long, since what is durable there comes back by any road, some day.

Nothing is kept here but what is under way: a process that ends loses time, and no envelope.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from random import SystemRandom
from typing import Final, Literal, Protocol

import trio

from relay.config.linking import HttpsLink, Link
from relay.errors import SpoolFull
from relay.model import HOUR, Queue, Row
from relay.node.ages import Ages
from relay.node.crossing.hearing import Hearing
from relay.node.crossing.offering import Offer, Offering
from relay.node.crossing.sweeping import Sweeping
from relay.ports import Clock, Spool
from relay.rules.backoff import pause_s
from relay.wire import frames
from relay.wire.batch import MOST_ENVELOPES, Batch

LONGEST_PAUSE_S: Final = 300.0
"""Seconds between two tries of a link that fails."""

STILL_S: Final = 1.0
"""Seconds until it is looked again, where what is due may not go by this link now."""

HAND_OVER_S: Final = 3600.0
"""Seconds for one batch; a link has deadlines of its own, and this one is for what forgets them."""

LOOK_S: Final = 5.0
"""Seconds between two looks at what is new, where a link carries what has waited."""

_drawn = SystemRandom().random


@dataclass(frozen=True, slots=True)
class Way:
    """A link of the settings, to one exit. ``after_s``: it carries what has waited so long.
    ``every_s``: how often it is asked, or given something. ``again_s``: after how long it is given
    the same once more; 0 for one that is answered at once."""

    name: str
    peer: str
    after_s: int
    every_s: int
    again_s: int = 0


class Links(Protocol):
    """The process of the links (``node.crossing.links``)."""

    async def hand_over(self, link: str, peer: str, batch: Batch) -> frames.Crossed:
        """Hand a batch to a peer over a link; it never raises."""
        ...


class Forward:
    """All links of one entry. ``did`` is told of every batch that crossed."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        ways: Iterable[Way],
        links: Links,
        offering: Offering,
        hearing: Hearing,
        sweeping: Sweeping,
        did: Callable[[], None] = lambda: None,
        drawn: Callable[[], float] = _drawn,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._ways = tuple(ways)
        self._links = links
        self._offering = offering
        self._hearing = hearing
        self._sweeping = sweeping
        self._did = did
        self._drawn = drawn
        self._ages = Ages(max((way.after_s for way in self._ways), default=0) + HOUR)
        self._under_way: defaultdict[str, set[int]] = defaultdict(set)
        self._moved: defaultdict[str, trio.Event] = defaultdict(trio.Event)
        self._anew: set[str] = set()
        self._nudged = {way.name: trio.Event() for way in self._ways}

    async def run(self) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._sweeping.run)
            if any(way.after_s for way in self._ways):
                nursery.start_soon(self._watch)
            for way in self._ways:
                nursery.start_soon(self._give if way.again_s else self._ask, way)

    def nudge(self, name: str) -> None:
        """An operator wants a link, or all links to an exit, tried again now; one that is answered
        nothing is given all of it once more, since what it was given may be lost."""
        for way in self._ways:
            if name in (way.name, way.peer):
                self._anew.add(way.name)
                self._nudged[way.name].set()

    # ------------------------------------------------------------ links that are answered

    async def _ask(self, way: Way) -> None:
        """Give what there is, and ask where there is nothing."""
        failed, full, asked_at = 0, 0, -float("inf")
        while True:
            offer: Offer = ()
            trouble = 0
            try:
                if not failed and trio.current_time() < asked_at + way.every_s:
                    offer = await self._next(way)
                    if not offer:
                        await self._rest(way, asked_at + way.every_s - trio.current_time())
                        continue
                trouble = failed = 0 if await self._cross(way, offer) else failed + 1
                full = 0 if offer and not failed else full
                asked_at = trio.current_time()
            except SpoolFull:  # there is no room to write down what was done: it is done again
                trouble = full = full + 1
            finally:
                self._back(way, offer)
            if trouble:
                with trio.move_on_after(pause_s(trouble, LONGEST_PAUSE_S, self._drawn())):
                    await self._nudge(way)

    async def _next(self, way: Way) -> Offer:
        """What this link is to carry now: from here on it is under way."""
        under_way = self._under_way[way.peer]
        offer = await self._offering.next(way.peer, under_way, self._may_go(way))
        under_way.update(one.row.seq for one in offer)
        return offer

    def _back(self, way: Way, offer: Offer) -> None:
        """It is not under way any more: it is kept there, or waits again."""
        if offer:
            self._under_way[way.peer].difference_update(one.row.seq for one in offer)
            self._moved.pop(way.peer, trio.Event()).set()

    async def _cross(self, way: Way, offer: Offer) -> bool:
        """Hand this over; whether it is durable there, and forgotten here."""
        batch = self._batch(way.peer, offer)
        crossed = await self._handed_over(way, batch)
        if crossed.how != "durable":
            return False
        self._did()
        if offer:
            await self._offering.keep(offer)
        self._hearing.said(way.peer, batch)
        if crossed.back is not None:
            await self._hearing.hears(way.peer, crossed.back)
        return True

    async def _handed_over(self, way: Way, batch: Batch) -> frames.Crossed:
        with trio.move_on_after(HAND_OVER_S):
            return await self._links.hand_over(way.name, way.peer, batch)
        return frames.Crossed(0, "later", "it took too long")

    def _batch(self, peer: str, offer: Offer) -> Batch:
        return replace(self._hearing.to_say(peer), envelopes=tuple(one.carried for one in offer))

    # ------------------------------------------------------------ links that are not

    async def _give(self, way: Way) -> None:
        """Give what was not given yet, or long ago."""
        given: dict[int, float] = {}
        failed = 0
        while True:
            try:
                went = await self._give_once(way, given)
            except SpoolFull:
                went = "later"
            failed = failed + 1 if went == "later" else 0
            match went:
                case "nothing":
                    await self._rest(way, way.again_s)
                    continue
                case "later":
                    longest_s = max(LONGEST_PAUSE_S, float(way.every_s))
                    wait_s = pause_s(failed, longest_s, self._drawn())
                case "all":
                    wait_s = float(way.every_s)
                case "some":
                    continue
            with trio.move_on_after(wait_s):
                await self._nudge(way)

    async def _give_once(
        self, way: Way, given: dict[int, float]
    ) -> Literal["nothing", "some", "all", "later"]:
        """Give one batch; whether it was all that there was."""
        now = trio.current_time()
        if way.name in self._anew:
            self._anew.remove(way.name)
            given.clear()
        for seq in [seq for seq, at in given.items() if at <= now - way.again_s]:
            del given[seq]
        offer = await self._offering.next(way.peer, given, self._may_go(way))
        batch = self._batch(way.peer, offer)
        if not batch:
            return "nothing"
        if (await self._handed_over(way, batch)).how == "later":
            return "later"
        self._did()
        given.update((one.row.seq, now) for one in offer)
        self._hearing.said(way.peer, batch)
        return "some" if len(offer) == MOST_ENVELOPES else "all"

    async def arrived(self, link: str, peer: str, batch: Batch) -> Batch | None:
        """``links.Arrived``: what an exit sends by itself. None: there is no room to write down
        what it says."""
        try:
            await self._hearing.hears(peer, batch)
        except SpoolFull:
            return None
        said = self._hearing.to_say(peer)
        self._hearing.said(peer, said)
        return said

    async def by_hand(self, peer: str) -> AsyncGenerator[Batch, None]:
        """All that waits for an exit, in batches, for who carries it there: a stick. It stays here
        until that exit says that it has it. Raises SpoolFull."""
        given: set[int] = set()
        while offer := await self._offering.next(peer, given):
            given.update(one.row.seq for one in offer)
            yield self._batch(peer, offer)

    # ------------------------------------------------------------ waiting

    def _may_go(self, way: Way) -> Callable[[Row], bool]:
        """Whether a row has waited for as long as this link asks: as far as this process has seen,
        else by the hour on the disk."""
        now, at = self._clock.now(), trio.current_time()

        def may_go(row: Row) -> bool:
            if not way.after_s:
                return True
            seen = self._ages.of(row.seq)
            here_s = 0.0 if seen is None else at - seen.at
            return max(here_s, now - row.hour - HOUR) >= way.after_s

        return may_go

    async def _watch(self) -> None:
        """See what is new: a row's age counts from then."""
        highest = 0
        while True:
            while rows := await self._spool.look(queue=Queue.OUTBOUND, after=highest):
                highest = rows[-1].seq
            self._ages.saw(highest, self._clock.now())
            await trio.sleep(LOOK_S)

    async def _rest(self, way: Way, longest_s: float) -> None:
        """Until there may be something for this link, or nothing was for so long."""

        async def wakes(by: Callable[[Way], Awaitable[None]]) -> None:
            await by(way)
            nursery.cancel_scope.cancel()

        with trio.move_on_after(max(0.0, longest_s)):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(wakes, self._nudge)
                nursery.start_soon(wakes, self._news)

    async def _nudge(self, way: Way) -> None:
        await self._nudged[way.name].wait()
        self._nudged[way.name] = trio.Event()

    async def _news(self, way: Way) -> None:
        due = await self._spool.next_due(Queue.OUTBOUND, name=way.peer)
        if due is not None and due <= self._clock.now():  # it is there, and not for us to carry
            with trio.move_on_after(way.every_s if way.again_s else STILL_S):
                await self._moved[way.peer].wait()
            return
        await self._spool.wait(Queue.OUTBOUND, name=way.peer)


def ways_of(links: Mapping[str, Link]) -> list[Way]:
    """The links of the settings by which something can be handed to an exit."""
    return [
        Way(name, at.peer, at.after, at.every, 0 if isinstance(at, HttpsLink) else at.again)
        for name, at in links.items()
        if at.peer and at.hands_over
    ]
