"""What an attempt uses is counted before it is made, so that a crash never counts too little."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import trio

from relay.exit.rest import Rest
from relay.model import Instant
from relay.rules.budgets import Budget

_BUDGETS = [Budget(what, per, 0) for what in ("posts", "money") for per in ("day", "month")]

SPENT = frozenset(why for one in _BUDGETS for why in (one.spent, one.too_few, one.too_dear))
"""What a purse says where too little is left: the ``why`` of its rest, and of what it puts off."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Paid:
    """What was counted for one attempt: posts, and thousandths of the unit of money; and when."""

    posts: int = 0
    price: int = 0
    at: Instant = 0


class Purse(Protocol):
    """What one destination may use up: posts and money, a day and a month."""

    def pays(self, price: int, thread: Sequence[int] = ()) -> Paid | Rest:
        """Count an attempt; or the rest, where there is not so much left. Nothing comes between
        the look and the count: of two attempts at once only one gets what is the last. ``thread``
        are the prices of all its parts, where it is to begin now: it waits as a whole."""
        ...

    async def keeps(self, paid: Paid) -> None:
        """Return when that is durable, before which the attempt may not be made. It waits for
        room. Raises SpoolBroken."""
        ...

    def today(self, paid: Paid) -> Paid | Rest:
        """The same, where its day is not over; else it is counted anew, or there is not so much
        left: what is counted is for the day in which it goes out."""
        ...

    def takes_back(self, paid: Paid) -> None:
        """That attempt published nothing."""
        ...


class NothingCosts:
    """The purse of a destination without limits that bills nothing."""

    def pays(self, price: int, thread: Sequence[int] = ()) -> Paid | Rest:
        return Paid()

    async def keeps(self, paid: Paid) -> None:
        return

    def today(self, paid: Paid) -> Paid | Rest:
        return paid

    def takes_back(self, paid: Paid) -> None:
        return


async def durably(
    purse: Purse, paid: Paid, commit: Callable[[], Awaitable[T]]
) -> tuple[T, Paid | Rest]:
    """What ``commit`` gives, when that is durable and so is what was counted; and what was: on a
    full disk a day may end meanwhile. They are asked for in one turn of the loop, so that they
    share a commit of the spool. Raises what they do, in a group of exceptions."""
    if not paid.posts:
        return await commit(), paid
    given: list[T] = []

    async def committed() -> None:
        given.append(await commit())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(purse.keeps, paid)
        nursery.start_soon(committed)
    counted: Paid | Rest = paid
    while isinstance(counted, Paid) and (anew := purse.today(counted)) is not counted:
        counted = anew
        if isinstance(counted, Paid):
            await purse.keeps(counted)
    return given[0], counted
