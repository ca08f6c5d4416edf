"""What every destination may use and has used, and how many answers every transport has sent.

A destination without a budget counts nothing and costs no commit. Of the others each attempt is
counted before it is made, and durably; what published nothing is given back within seconds. So a
crash may count too much, and never too little. A count that cannot be read counts as used up: who
raises the limit goes on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

import trio

from relay.config import Destination, Settings
from relay.config.inward.common import Answering
from relay.errors import SpoolFull
from relay.exit.money import Paid
from relay.exit.rest import Rest
from relay.model import Instant, Place
from relay.node.kept_budgets import KEPT, counted_before, is_over, read, used_up
from relay.plugins import destinations
from relay.ports import Clock, Spool
from relay.rules.budgets import Book, Budget, Short, Use, begins_in, short, short_for_all
from relay.rules.spending import Spending
from relay.wire.pack import pack

DAMAGED = "what was counted for {name} cannot be read, and counts as used up: raise its limits"

NO_BUDGETS: Mapping[str, Sequence[Budget]] = MappingProxyType({})


class Budgets:
    """The budgets of one node: of ``destinations``, of which those that have none are there as
    well, and of the ``transports`` that answer. To ``alarms`` alarms go."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        destinations: Mapping[str, Sequence[Budget]] = NO_BUDGETS,
        transports: Mapping[str, Sequence[Budget]] = NO_BUDGETS,
        alarms: Collection[str] = (),
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._limits = destinations
        self._answering = transports
        self._alarms = frozenset(alarms)
        self._books: dict[str, Book] = {}
        self._answers: dict[str, Use] = {}
        self._short: dict[str, Short] = {}
        self._changed: set[str] = set()
        self.notices: list[str] = []
        """What was odd about what was remembered."""

    async def load(self, places: Mapping[str, Place]) -> None:
        """Take up what was counted before; of what is in the settings no more it is forgotten when
        its month is over. A version before this one counted money in the ``places``."""
        now = self._clock.now()
        kept = await self._spool.remembered()
        for name, limits in self._limits.items():
            value = kept.get(KEPT + name)
            book = read(value) if value is not None else counted_before(places.get(name))
            if book is None:
                book = used_up(limits, now)
                self._changed.add(name)
                self.notices.append(DAMAGED.format(name=name))
            self._books[name] = book
        for key, value in kept.items():
            name = key.removeprefix(KEPT)
            if key.startswith(KEPT) and name not in self._limits and is_over(value, now):
                with contextlib.suppress(SpoolFull):  # there may be room at the next start
                    await self._spool.remember(key, b"")

    async def flush(self) -> None:
        """Make durable what was given back. What finds no room is tried the next time."""
        for name in list(self._changed):
            try:
                await self._write(name)
            except SpoolFull:
                return

    # ------------------------------------------------------------ counting

    def pays(
        self, name: str, price: int, thread: Sequence[int] = (), *, over: bool = False
    ) -> Paid | Rest:
        """Count an attempt of a destination, or the rest where there is not so much left.
        ``thread``: the prices of all its parts, of which none goes where not all can. ``over``: it
        may go past a number of posts, though past no sum of money."""
        limits, price = self._limits.get(name, ()), max(0, price)
        if not limits and not price:
            return Paid()
        now, book = self._clock.now(), self._books.get(name, Book())
        of = [one for one in limits if not over or one.what == "money"]
        lacking = short(of, book, 1, price, now) or short_for_all(of, book, thread, now)
        if lacking is not None:
            self._short[name] = lacking
            return Rest(lacking.until, spent=True, why=lacking.why)
        self._short.pop(name, None)
        self._books[name] = book.plus(1, price, now)
        return Paid(1, price, now)

    def today(self, name: str, paid: Paid) -> Paid | Rest:
        """What was counted for an attempt that was not made yet; anew if that was yesterday."""
        if not paid.posts or begins_in("day", self._clock.now()) <= begins_in("day", paid.at):
            return paid
        self.take_back(name, paid)
        return self.pays(name, paid.price)

    async def keep(self, name: str) -> None:
        """Return when all that was counted is durable. Raises SpoolFull."""
        with trio.CancelScope(shield=True):  # a commit is short
            await self._write(name)

    def take_back(self, name: str, paid: Paid) -> None:
        """An attempt published nothing after all."""
        if paid.posts:
            self._books[name] = self._books[name].minus(paid.posts, paid.price, paid.at)
            self._short.pop(name, None)
            self._changed.add(name)

    async def _write(self, name: str) -> None:
        self._changed.discard(name)
        try:
            await self._spool.remember(KEPT + name, pack(self._books[name]))
        except SpoolFull:
            self._changed.add(name)
            raise

    # ------------------------------------------------------------ how they are

    def has_left(self, name: str) -> bool:
        """Whether a destination may post, as far as is known. True for what has no budget of
        ours."""
        return not self.lacks(name)

    def lacks(self, name: str, *, over: bool = False) -> str:
        """Which budget keeps a destination from posting, in our words: one that is used up, or that
        the last attempt was short of and that is not whole again; empty where none does. Of several
        one of a month comes first: it lasts longest. ``over``: but for what alarms go past."""
        lacking = self._short.get(name)
        if lacking is not None and self._clock.now() < lacking.until:
            return lacking.why
        spendings = self.spendings(name)
        gone = [one.budget for one in spendings if one.is_gone and (one.stops or not over)]
        return max(gone, key=lambda one: one.per == "month").spent if gone else ""

    def bounds(self, name: str) -> bool:
        """Whether it is a destination: what a transport has spent is its provider's."""
        return name in self._limits

    def answered(self, name: str, use: Use) -> None:
        """A door says how many answers a transport has sent."""
        if use.is_sound:
            self._answers[name] = use

    def spendings(self, name: str, unit: str = "") -> list[Spending]:
        """Every budget of a destination or a transport, with what of it is spent. ``unit`` is that
        of its money."""
        now = self._clock.now()
        return [
            Spending(
                one,
                self._used(name, one, now),
                unit if one.what == "money" else "",
                stops=one.what != "posts" or name not in self._alarms,
            )
            for one in self._limits.get(name) or self._answering.get(name, ())
        ]

    def _used(self, name: str, budget: Budget, now: Instant) -> int:
        if budget.what == "answers":
            return self._answers.get(name, Use()).at(now).of(budget.per).used
        return self._books.get(name, Book()).of(budget.what, budget.per, now).used


def limits_of(written: Destination) -> tuple[Budget, ...]:
    """What the settings say of a destination."""
    return _written(
        [
            Budget("posts", "day", written.posts_per_day or 0),
            Budget("posts", "month", written.posts_per_month or 0),
            Budget("money", "day", written.money_per_day or 0),
            Budget("money", "month", written.money_per_month or 0),
        ]
    )


def budgets_of(settings: Settings, spool: Spool, clock: Clock) -> Budgets:
    """The budgets that the settings name; nothing is loaded yet."""
    answering = {
        name: at
        for name, at in settings.transports.items()
        if isinstance(at, Answering) and at.answers != "none"
    }
    return Budgets(
        spool,
        clock,
        {name: limits_of(one) for name, one in destinations(settings).items()},
        {
            name: _written(
                [
                    Budget("answers", "day", at.answers_per_day),
                    Budget("answers", "month", at.most_per_month or 0),
                ]
            )
            for name, at in answering.items()
        },
        settings.alarms.to if settings.alarms is not None else (),
    )


def _written(budgets: Iterable[Budget]) -> tuple[Budget, ...]:
    """Those that have a limit: it is never 0."""
    return tuple(one for one in budgets if one.limit)
