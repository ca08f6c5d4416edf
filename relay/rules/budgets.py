"""Budgets: how much may be used in a day and in a month, both in UTC, and how much of it was.

Counts are whole numbers: posts, answers, and of money thousandths of a bridge's unit ("USD"). A day
and a month begin at midnight UTC. A clock that goes back begins neither: what was counted stands
until the day or the month that it was counted in is over. Where that lies further ahead than it is
long, the clock was wrong when it began: then what was counted counts as of now, and is not lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from relay.model import Instant

What = Literal["posts", "money", "answers"]
Per = Literal["day", "month"]

DAY = 86400

LATEST = 1 << 37
"""An instant that no clock of ours reaches (the year 6325): what says a later one is damaged."""


def begins_in(per: Per, now: Instant) -> Instant:
    """When the day or the month of an instant began."""
    if per == "day":
        return now - now % DAY
    at = datetime.fromtimestamp(now, UTC)
    return int(datetime(at.year, at.month, 1, tzinfo=UTC).timestamp())


def ends_in(per: Per, now: Instant) -> Instant:
    """When the next day or month begins."""
    if per == "day":
        return now - now % DAY + DAY
    at = datetime.fromtimestamp(now, UTC)
    year, month = at.year + at.month // 12, at.month % 12 + 1
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp())


def month_of(now: Instant) -> int:
    """A month as a number that people can read: 202611 is November 2026."""
    at = datetime.fromtimestamp(now, UTC)
    return at.year * 100 + at.month


def month_began(number: int) -> Instant:
    """When a month began that is written so; -1 for what is none."""
    year, month = divmod(number, 100)
    try:
        return int(datetime(year, month, 1, tzinfo=UTC).timestamp())
    except ValueError:
        return -1


# ---------------------------------------------------------------- what was used


@dataclass(frozen=True, slots=True)
class Tally:
    """How much was used in the day or the month that began then."""

    begins: Instant = 0
    used: int = 0

    def at(self, per: Per, now: Instant) -> Tally:
        """The tally for an instant: this one, or that of a day or a month that is new."""
        begins = begins_in(per, now)
        length_s = ends_in(per, self.begins) - self.begins
        if begins > self.begins:
            return Tally(begins)
        return Tally(begins, self.used) if now < self.begins - length_s else self


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one thing was used, in a day and in a month."""

    day: Tally = Tally()
    month: Tally = Tally()

    def at(self, now: Instant) -> Use:
        """The same for an instant."""
        return Use(self.day.at("day", now), self.month.at("month", now))

    def plus(self, amount: int, now: Instant) -> Use:
        """With what is used now."""
        day, month = self.day.at("day", now), self.month.at("month", now)
        return Use(Tally(day.begins, day.used + amount), Tally(month.begins, month.used + amount))

    def minus(self, amount: int, then: Instant) -> Use:
        """Without what was counted at an instant and not used after all. Where a new day or month
        has begun since, it is no matter."""

        def less(tally: Tally, per: Per) -> Tally:
            same = tally.begins == begins_in(per, then)
            return Tally(tally.begins, max(0, tally.used - amount)) if same else tally

        return Use(less(self.day, "day"), less(self.month, "month"))

    def of(self, per: Per) -> Tally:
        """That of the day, or of the month."""
        return self.day if per == "day" else self.month

    @property
    def is_sound(self) -> bool:
        """Whether it can be a count at all: what was read somewhere may be damaged."""
        return all(0 <= one.begins < LATEST and one.used >= 0 for one in (self.day, self.month))


@dataclass(frozen=True, slots=True)
class Book:
    """What a destination has used: posts, and thousandths of its unit of money."""

    posts: Use = Use()
    money: Use = Use()

    def plus(self, posts: int, money: int, now: Instant) -> Book:
        """With an attempt that is about to be made."""
        return Book(self.posts.plus(posts, now), self.money.plus(money, now))

    def minus(self, posts: int, money: int, then: Instant) -> Book:
        """Without an attempt that was counted at an instant, and published nothing."""
        return Book(self.posts.minus(posts, then), self.money.minus(money, then))

    def of(self, what: What, per: Per, now: Instant) -> Tally:
        """How much of this was used in the day or the month of an instant."""
        use = self.money if what == "money" else self.posts
        return use.of(per).at(per, now)


# ---------------------------------------------------------------- what may be used


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of one thing may be used in a day or in a month."""

    what: What
    per: Per
    limit: int

    @property
    def key(self) -> str:
        """How the settings call it: what an operator raises."""
        return f"{self.what}_per_{self.per}"

    @property
    def when(self) -> str:
        """Our word for the time that it is for."""
        return "today" if self.per == "day" else "this month"

    @property
    def spent(self) -> str:
        """Our words for one of which nothing is left."""
        return f"{self._is} spent"

    @property
    def too_few(self) -> str:
        """Our words for one of which something is left, though not for all of a thread."""
        return f"{self._is} not enough for the thread that is next"

    @property
    def _is(self) -> str:
        return f"its {self.what} for {self.when} {'is' if self.what == 'money' else 'are'}"

    @property
    def too_dear(self) -> str:
        """Our words for one of which all would not be enough for one post."""
        return f"one post costs more than its {self.what} for {self.when}"

    @property
    def anew(self) -> str:
        """Our words for when it is whole again."""
        return "midnight UTC" if self.per == "day" else "the end of the month (UTC)"


UNLIMITED_BILL = Budget("money", "month", 0)
"""Of a destination that bills its posts where nobody said how much they may cost: nothing."""


@dataclass(frozen=True, slots=True)
class Short:
    """The budget that has too little left for an attempt, and when there is more. ``never``: the
    attempt needs more than all of it. ``thread``: it would do for the attempt, and not for what
    comes with it."""

    budget: Budget
    until: Instant
    never: bool = False
    thread: bool = False

    @property
    def why(self) -> str:
        """Our words for it."""
        if self.thread:
            return self.budget.too_few
        return self.budget.too_dear if self.never else self.budget.spent


def short(
    budgets: Sequence[Budget], book: Book, posts: int, money: int, now: Instant
) -> Short | None:
    """What an attempt that uses so much has to wait for: of several the one that lasts longest, and
    first of all one that it would never fit in. None where it may be made."""
    if money and not any(one.what == "money" for one in budgets):
        budgets = [*budgets, UNLIMITED_BILL]
    found = []
    for budget in budgets:
        amount = money if budget.what == "money" else posts
        tally = book.of(budget.what, budget.per, now)
        if amount and tally.used + amount > budget.limit:
            never = 0 < budget.limit < amount
            found.append(Short(budget, ends_in(budget.per, tally.begins), never))
    return max(found, key=_lasts, default=None)


def short_for_all(
    budgets: Sequence[Budget], book: Book, prices: Sequence[int], now: Instant
) -> Short | None:
    """What all of a thread has to wait for, of parts with these prices: half of one is worse than
    none. A budget in which it would never fit keeps it from nothing: it goes as far as it can."""
    posts, money = len(prices), sum(max(0, one) for one in prices)
    fits = [one for one in budgets if (money if one.what == "money" else posts) <= one.limit]
    if not any(one.what == "money" for one in fits):
        money = 0
    lacking = short(fits, book, posts, money, now)
    return lacking and replace(lacking, thread=True)


def _lasts(one: Short) -> tuple[bool, Instant, bool]:
    return one.never, one.until, one.budget.per == "month"
