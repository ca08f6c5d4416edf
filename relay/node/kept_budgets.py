"""What destinations have used, as the spool remembers it: two packed numbers a day and a month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from relay.errors import Damaged
from relay.model import Instant, Place
from relay.rules.budgets import Book, Budget, Tally, Use, What, begins_in, month_began
from relay.wire.pack import unpack

KEPT: Final = "budget "
"""What a count is remembered under, followed by the name of its destination."""


def read(value: bytes) -> Book | None:
    """What was kept; None for what is damaged."""
    try:
        book = unpack(Book, value)
    except Damaged:
        return None
    return book if book.posts.is_sound and book.money.is_sound else None


def counted_before(place: Place | None) -> Book:
    """The money that a version before this one counted on the board, a month at a time."""
    if place is None:
        return Book()
    month = Tally(max(0, month_began(place.month)), place.spent)
    return Book(money=Use(month=month))


def used_up(limits: Sequence[Budget], now: Instant) -> Book:
    """A book in which nothing is left of any budget, as they are now."""
    most = {(one.what, one.per): one.limit for one in limits}

    def gone(what: What) -> Use:
        day, month = most.get((what, "day"), 0), most.get((what, "month"), 0)
        return Use(Tally(begins_in("day", now), day), Tally(begins_in("month", now), month))

    return Book(gone("posts"), gone("money"))


def is_over(value: bytes, now: Instant) -> bool:
    """Whether what was kept says nothing about the month of an instant."""
    book = read(value)
    return book is None or book.plus(0, 0, now) == Book().plus(0, 0, now)
