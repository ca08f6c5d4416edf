"""When a window is, as people write it: ``from``, ``until``, ``zone`` and ``days``.

``from`` is a date with a time of day, a time of day, or "now" by command; ``until`` is one of the
first two, or a length. A date is of the calendar of ISO 8601.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from relay.config.values import seconds, some_time
from relay.config.zones import zone
from relay.errors import Mistake
from relay.model import Instant
from relay.rules.walltime import first, is_never, is_twice, last, on, shown
from relay.rules.windows import Once, Weekly, overlaps_itself

NOW: Final = "now"

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

LONGEST_S: Final = 366 * 86400
"""A single window that is longer is a slip of the pen."""

_YEARS = range(2000, 2200)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)")
_TIME = re.compile(r"(\d{1,2}):(\d\d)")
_EQUAL = 'write another time of day, or a length like "+90m"'

NO_ZONE: Final = Mistake("zone", "is missing", 'say by whose clocks, like "Asia/Tehran", or "UTC"')

Moment = datetime | int
"""What clocks show: on a day, or each day as minutes from midnight."""


def beginning(written: str) -> str:
    """What may stand as ``from``. Raises ValueError."""
    if written != NOW:
        _moment(written, 'write "2026-11-23 01:00", or "23:00" for each day')
    return written


def ending(written: str) -> str:
    """What may stand as ``until``. Raises ValueError."""
    _end(written)
    return written


def times_of(
    begins: str, until: str, name: str, days: Collection[str], now: Instant
) -> Once | Weekly | Mistake:
    """The times of a window, or what is wrong with them, by its key. ``begins`` and ``until`` are
    as they may stand; ``name`` is that of the zone, or empty."""
    begin = None if begins == NOW else _moment(begins, "")
    end = _end(until)
    if not name and not (begin is None and isinstance(end, timedelta)):
        return NO_ZONE
    if days and not isinstance(begin, int):
        return Mistake("days", "have no meaning beside a date", "take them out, or the date")
    if isinstance(begin, int):
        return _weekly(begin, end, name, days)
    times = _once(begin, end, name or "UTC", now)
    if times.begins >= times.ends:
        return Mistake("until", "is not after from", "mend the one or the other")
    if times.ends - times.begins > LONGEST_S:
        return Mistake("until", "is more than a year after from", "mend it, or use `relay pause`")
    return times


def _once(begin: datetime | None, end: Moment | timedelta, name: str, now: Instant) -> Once:
    clocks = zone(name)
    begins = now if begin is None else first(begin, clocks)
    if isinstance(end, timedelta):
        return Once(begins, begins + int(end.total_seconds()), name)
    wall = shown(now, clocks) if begin is None else begin
    return Once(begins, last(_on_its_day(end, wall), clocks), name)


def _on_its_day(end: Moment, wall: datetime) -> datetime:
    """An end that follows a beginning: a time of day is the next one."""
    if isinstance(end, datetime):
        return end
    same_day = on(wall.date(), end)
    return same_day if same_day > wall else same_day + timedelta(days=1)


def odd_times(begins: str, until: str, name: str, now: Instant) -> Iterator[tuple[str, str]]:
    """What clocks never show, or show twice, of the sound times of a window that does not come
    again: as (key, what it means)."""
    begin = None if begins == NOW else _moment(begins, "")
    end = _end(until)
    if isinstance(begin, int) or not name:
        return
    clocks = zone(name)
    if begin is not None:
        yield from _odd("from", begin, clocks, "the first of them counts")
    if not isinstance(end, timedelta):
        wall = shown(now, clocks) if begin is None else begin
        yield from _odd("until", _on_its_day(end, wall), clocks, "the second of them counts")


def _odd(key: str, wall: datetime, clocks: ZoneInfo, counts: str) -> Iterator[tuple[str, str]]:
    if is_never(wall, clocks):
        yield key, "clocks are set forward over this time and never show it: that moment counts"
    elif is_twice(wall, clocks):
        yield key, f"clocks are set back and show this time twice: {counts}"


def _weekly(
    begin: int, end: Moment | timedelta, name: str, days: Collection[str]
) -> Weekly | Mistake:
    if isinstance(end, datetime):
        return Mistake("from", "is a time of day, and until is a date", "write the date there, too")
    if begin == end:
        return Mistake("until", "is the same as from", _EQUAL)
    on_days = frozenset(DAYS.index(day) for day in days)
    if isinstance(end, timedelta):
        length_s = int(end.total_seconds())
        times = Weekly(begin, 0, on_days, zone(name), length_s)
    else:
        times = Weekly(begin, end, on_days, zone(name))
    if overlaps_itself(times):
        return Mistake(
            "until", "is after the next beginning", "make it shorter, or name fewer days"
        )
    return times


def _moment(written: str, remedy: str) -> Moment:
    """A date with a time of day, or a time of day. Raises ValueError with the remedy."""
    if found := _DATE.fullmatch(written):
        year, month, day, hour, minute = map(int, found.groups())
        if year not in _YEARS:
            raise ValueError("write the year as ISO 8601 counts it, like 2026")
        if (hour, minute) == (24, 0):
            raise ValueError('write midnight as "00:00" of the day that follows')
        try:
            return datetime(year, month, day, hour, minute)
        except ValueError:
            raise ValueError("write a day and an hour that there are") from None
    found = _TIME.fullmatch(written)
    if found and (int(found[1]), int(found[2])) == (24, 0):
        raise ValueError('write midnight as "00:00"')
    if found and int(found[1]) < 24 and int(found[2]) < 60:
        return int(found[1]) * 60 + int(found[2])
    raise ValueError(remedy)


def _end(written: str) -> Moment | timedelta:
    remedy = 'write "2026-11-23 02:30", "07:00", or a length like "+90m"'
    if not written.startswith("+"):
        return _moment(written, remedy)
    try:
        return timedelta(seconds=some_time(seconds(written[1:])))
    except ValueError:
        raise ValueError(remedy) from None
