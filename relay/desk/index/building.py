"""Fills the index from the core and keeps it by its news, a slice at a time: pages come between.

First everything is put into it, and can be looked for; then what is nearly equal is grouped, which
takes longer. It needs a session, whose owner may see what is in it; the first page that somebody
opens begins it. Whoever takes over the process later finds no more than that: an index is forgotten
once nobody is signed in who may see it, or when nobody has looked at it for a while.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final, Literal

from relay.desk.core import Core, Refused, Told
from relay.desk.index.card import Card, card_of
from relay.desk.index.index import Index
from relay.desk.turns import Turns

SLICE: Final = 10
"""Cards that are taken at once."""

SLICE_S: Final = 0.005
"""Seconds for which slices are taken before the pages get their turn."""

BATCH: Final = 2_500
"""Cards asked of the core at a time. It tells them in smaller answers, and makes the next one while
the one before is taken here."""

MOST_TOLD: Final = 200
"""News that may wait to be taken: a minute's. Who is further behind does better to look anew."""

KEPT_S: Final = 4 * 3600
"""Seconds for which the index is kept, and followed, after somebody has looked at it last."""

State = Literal["empty", "filling", "whole"]


class Building:
    """The index and what fills it. ``news`` has what else the core has told last, by its word."""

    def __init__(self, core: Core, clock: Callable[[], float] = time.monotonic) -> None:
        self.index = Index()
        self.turns = Turns()
        self.state: State = "empty"
        self.news: dict[str, Any] = {}
        self._core = core
        self._clock = clock
        self._looked = 0.0
        self._session = ""
        self._began = 0
        self._upto = 0
        self._newer: set[int] = set()
        self._told: deque[Told] = deque()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        core.hear(self.heard)

    def look(self, session: str) -> Index:
        """The index as far as it is filled, for a page; it is filled on with this session."""
        self._looked = self._clock()
        self._session = session
        if self.state != "whole":
            self.state = "filling"
            self._start("fill", lambda: self._fill(session))
        return self.index

    def heard(self, news: Told) -> None:
        """The core tells what has changed, or that nobody is there any more."""
        if news.get("nobody"):
            self.news.clear()
            self._session = ""
            self._forget()
            return
        self.news |= {word: news[word] for word in news.keys() - _CARDS}
        if self.state == "empty" or not news.keys() & _CARDS:
            return
        if self._clock() - self._looked > KEPT_S:
            self._forget()
            return
        if len(self._told) >= MOST_TOLD:
            self._told.clear()
            news = {"all": True}
        self._told.append(news)
        self._start("follow", self._follow)

    async def expect(self, ids: Sequence[str], **changes: Any) -> None:
        """Have these messages shown as they will be told in a moment."""
        found = (self.index.of_id(id) for id in ids)
        cards = [replace(one, **changes) for one in found if one]
        began = self._began
        for at in range(0, len(cards), SLICE):
            if began == self._began:
                self.index.put(cards[at : at + SLICE])
            await asyncio.sleep(0)  # it is a page that waits here, and rests for no other

    async def settled(self) -> None:
        """Wait until all that was asked and told is in the index. Raises what stopped it."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values())

    # ------------------------------------------------------------ a slice at a time

    async def _fill(self, session: str) -> None:
        began, before = self._began, -1
        try:
            while self._upto > before:
                before = self._upto
                order = {"do": "cards", "session": session, "after": before, "limit": BATCH}
                async for told in self._core.ask(order):
                    cards = told.get("cards", ())
                    made = (one for one in map(card_of, cards) if one.seq not in self._newer)
                    await self._take(made, began)
                    if began != self._began:
                        return
                    last = max((int(one["seq"]) for one in cards), default=0)
                    self._upto = max(self._upto, last, int(told.get("upto", 0)))
        except Refused:
            return  # the next page that is opened goes on with its own session
        self.state = "whole"
        self._newer.clear()
        self._start("group", self._group)

    async def _group(self) -> None:
        """Group what was put, until there is nothing left."""
        turn = self._clock() + SLICE_S
        while self.index.ungrouped:
            self.index.group(SLICE)
            if self._clock() >= turn:
                await self.turns.rest()
                turn = self._clock() + SLICE_S

    async def _follow(self) -> None:
        while self._told:
            news = self._told.popleft()
            if news.get("all"):
                self._forget()
                self.look(self._session)
                return
            cards = [card_of(one) for one in news.get("cards", ())]
            gone = [int(seq) for seq in news.get("gone", ())]
            if self.state == "filling":
                self._newer.update([card.seq for card in cards], gone)
            await self._take(cards, self._began)
            for at in range(0, len(gone), SLICE):
                self.index.remove(gone[at : at + SLICE])
                await self.turns.rest()
        if self.state == "whole":
            self._start("group", self._group)

    async def _take(self, cards: Iterable[Card], began: int) -> None:
        left, turn = iter(cards), self._clock() + SLICE_S
        while began == self._began and (some := list(islice(left, SLICE))):
            self.index.put(some)
            if self._clock() >= turn:
                await self.turns.rest()
                turn = self._clock() + SLICE_S
        await asyncio.sleep(0)

    def _forget(self) -> None:
        """Forget all; who looks next has it filled anew."""
        self.index.clear()
        self.state = "empty"
        self._began += 1
        self._upto = 0
        self._newer.clear()
        self._told.clear()

    def _start(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have this done beside the pages, unless it is being done."""
        if name not in self._tasks:
            task = asyncio.get_running_loop().create_task(work())
            self._tasks[name] = task
            task.add_done_callback(lambda _: self._tasks.pop(name))


_CARDS: Final = frozenset({"cards", "gone", "all"})
