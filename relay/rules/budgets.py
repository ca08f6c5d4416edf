"""Money by the calendar month, in UTC; amounts are thousandths of a bridge's unit ("USD")."""

from __future__ import annotations

from datetime import UTC, datetime

from relay.model import Instant

NEARLY_PERCENT = 80
"""Of a month's money, when it is time to tell the operator."""


def month_of(now: Instant) -> int:
    """A month as a number that grows: 202611 is November 2026."""
    at = datetime.fromtimestamp(now, UTC)
    return at.year * 100 + at.month


def month_ends(now: Instant) -> Instant:
    """When the month after this one begins."""
    at = datetime.fromtimestamp(now, UTC)
    year, month = at.year + at.month // 12, at.month % 12 + 1
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp())


def spent_by(month: int, spent: int, now: Instant) -> int:
    """What is spent of the current month, of an amount that was counted in ``month``. A clock that
    went back starts no new month: it would be paid twice."""
    return 0 if month_of(now) > month else spent
