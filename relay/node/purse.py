"""The purse of one destination: its budgets, for what posts there and for the alarms."""

from __future__ import annotations

from collections.abc import Sequence

import trio

from relay.errors import SpoolFull
from relay.exit.money import Paid
from relay.exit.rest import Rest
from relay.exit.settle import FULL_S
from relay.model import Attempt, Later, Outcome, Part, Post, Posted, Unsure
from relay.node.budgets import Budgets
from relay.ports import Bridge, Keep


class Purse:
    """``exit.money.Purse`` of one destination."""

    def __init__(self, budgets: Budgets, name: str) -> None:
        self._budgets = budgets
        self._name = name

    def pays(self, price: int, thread: Sequence[int] = ()) -> Paid | Rest:
        """Count an attempt; or the rest, where there is not so much left."""
        return self._budgets.pays(self._name, price, thread)

    def pays_over(self, price: int) -> Paid | Rest:
        """The same for an alarm: it goes past a number of posts, though past no sum of money."""
        return self._budgets.pays(self._name, price, over=True)

    async def keeps(self, paid: Paid) -> None:
        """Return when that is durable. It waits for room."""
        while paid.posts:
            try:
                await self._budgets.keep(self._name)
                return
            except SpoolFull:
                await trio.sleep(FULL_S)

    async def keeps_at_once(self, paid: Paid) -> None:
        """The same for an alarm, which may be about the very disk that has no room: what costs no
        money waits for none, and is written down with the next that finds some."""
        if paid.price:
            await self.keeps(paid)
        elif paid.posts:
            try:
                await self._budgets.keep(self._name)
            except SpoolFull:
                return

    def today(self, paid: Paid) -> Paid | Rest:
        """The same, where its day is not over; else counted anew."""
        return self._budgets.today(self._name, paid)

    def takes_back(self, paid: Paid) -> None:
        """That attempt published nothing."""
        self._budgets.take_back(self._name, paid)


class PayingBridge:
    """A bridge for what is no delivery: what it uses is counted as all else is. ``alarms``: it is
    for them, and a number of posts stops none: an alarm that nobody hears is worse than one post
    more. A sum of money does: it is a bill."""

    def __init__(self, bridge: Bridge, purse: Purse, *, alarms: bool = False) -> None:
        self._bridge = bridge
        self._purse = purse
        self._pays = purse.pays_over if alarms else purse.pays
        self._keeps = purse.keeps_at_once if alarms else purse.keeps

    async def prepare(self, post: Post) -> Sequence[Part]:
        """As the bridge does."""
        return await self._bridge.prepare(post)

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """As the bridge does, if there is enough left for it."""
        paid = self._pays(attempt.part.price)
        if isinstance(paid, Rest):
            return Later(paid.why, paid.until, scope="destination")
        try:
            await self._keeps(paid)
        except trio.Cancelled:  # whoever waits for it has waited long enough
            self._purse.takes_back(paid)
            raise
        outcome = await self._bridge.send(attempt, keep)
        if not isinstance(outcome, Posted | Unsure):
            self._purse.takes_back(paid)
        return outcome
