"""The money of one destination: what its bridge bills is counted on the board, a month at a time.

It is counted before each attempt and given back where nothing was published, so that a crash may
count too much and never too little. Without a limit a destination that bills posts nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from relay.exit.money import SPENT, Paid
from relay.exit.rest import Rest
from relay.model import Attempt, Later, Outcome, Part, Post, Posted, Unsure
from relay.node.board import Board
from relay.ports import Bridge, Clock, Keep
from relay.rules.budgets import month_ends, month_of


class Purse:
    """``exit.money.Purse`` of one destination. ``limit`` is for a month, in thousandths of the
    bridge's unit."""

    def __init__(self, board: Board, clock: Clock, name: str, limit: int | None) -> None:
        self._board = board
        self._clock = clock
        self._name = name
        self._limit = limit or 0

    async def pays(self, price: int) -> Paid | Rest:
        """Count the price of an attempt, durably; or the rest, where there is not so much left."""
        if price <= 0:
            return Paid()
        now = self._clock.now()
        if self._board.spent(self._name) + price > self._limit:
            return Rest(month_ends(now), spent=True)
        await self._board.spend(self._name, price)
        return Paid(price, month_of(now))

    def takes_back(self, paid: Paid) -> None:
        """That attempt published nothing, so that nothing is billed for it."""
        if paid.price:
            self._board.unspend(self._name, paid)

    def reopens(self) -> None:
        """A process begins: what is left now is more than nothing, if somebody gave more."""
        if self._board.spent(self._name) < self._limit:
            self._board.solvent(self._name)


class PayingBridge:
    """A bridge for the alarms: what they cost is counted as all else is."""

    def __init__(self, bridge: Bridge, purse: Purse) -> None:
        self._bridge = bridge
        self._purse = purse

    async def prepare(self, post: Post) -> Sequence[Part]:
        """As the bridge does."""
        return await self._bridge.prepare(post)

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """As the bridge does, if there is money for it."""
        paid = await self._purse.pays(attempt.part.price)
        if isinstance(paid, Rest):
            return Later(SPENT, paid.until, scope="destination")
        outcome = await self._bridge.send(attempt, keep)
        if not isinstance(outcome, Posted | Unsure):
            self._purse.takes_back(paid)
        return outcome
