"""What a clock on the wall shows, as an instant: exact where clocks are set forward or back.

A time of day that clocks pass over belongs to no instant, and one that they show twice belongs to
two. PEP 495 has the two offsets of such a time: that of before the change (fold 0) and of after.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from relay.model import Instant

_EPOCH = datetime(1970, 1, 1)
_SECOND = timedelta(seconds=1)


def shown(now: Instant, zone: tzinfo) -> datetime:
    """What clocks of the zone show at this instant; the value has no zone itself."""
    return datetime.fromtimestamp(now, zone).replace(tzinfo=None, fold=0)


def on(day: date, minute: int) -> datetime:
    """A minute of a day; one of 1440 or more is of a day that follows."""
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def first(wall: datetime, zone: tzinfo) -> Instant:
    """The first instant at which clocks show this time, or have passed over it."""
    before, after = _both(wall, zone)
    return before if before <= after else _change(wall, zone, after, before)


def last(wall: datetime, zone: tzinfo) -> Instant:
    """The last instant at which clocks show this time, or the one at which they pass over it: from
    then on they show nothing earlier."""
    before, after = _both(wall, zone)
    return after if before <= after else _change(wall, zone, after, before)


def is_twice(wall: datetime, zone: tzinfo) -> bool:
    """Whether clocks show this time twice, since they are set back over it."""
    before, after = _both(wall, zone)
    return before < after


def is_never(wall: datetime, zone: tzinfo) -> bool:
    """Whether clocks never show this time, since they are set forward over it."""
    before, after = _both(wall, zone)
    return before > after


def _both(wall: datetime, zone: tzinfo) -> tuple[Instant, Instant]:
    """The instants by the offset of before a change and by that of after it; equal without one."""
    shows = (wall - _EPOCH) // _SECOND
    return shows - _offset(wall, zone, 0), shows - _offset(wall, zone, 1)


def _offset(wall: datetime, zone: tzinfo, fold: int) -> int:
    """Seconds that clocks are ahead of UTC when they show this time."""
    return (wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()) // _SECOND


def _change(wall: datetime, zone: tzinfo, low: Instant, high: Instant) -> Instant:
    """The instant at which clocks pass over this time. It is after ``low``, when they show less,
    and not after ``high``, when they show more."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if shown(middle, zone) >= wall else (middle, high)
    return high
