"""Periods of windows, against a year of minutes in zones whose clocks are set in odd ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest

from relay.rules.periods import Periods
from relay.rules.walltime import first, is_never, is_twice, last, on, shown
from relay.rules.windows import (
    Once,
    Period,
    Weekly,
    Window,
    next_period,
    overlaps_itself,
    period_at,
)

MINUTE, HOUR, DAY = 60, 3600, 86400

ZONES = {
    "Europe/Berlin": "an hour, in the night",
    "America/New_York": "an hour, other weeks",
    "Asia/Tehran": "half hours; at midnight until 2022, since then never",
    "Australia/Lord_Howe": "thirty minutes",
    "Asia/Kathmandu": "quarters of an hour, and no change",
    "America/Santiago": "at midnight of Saturday",
    "Africa/Casablanca": "back for Ramadan",
    "Antarctica/Troll": "two hours",
    "Pacific/Apia": "a whole day is missing: 30 December 2011",
}

CHANGED = [
    *(
        (zone, 2026)
        for zone in ZONES
        if zone not in ("Asia/Tehran", "Asia/Kathmandu", "Pacific/Apia")
    ),
    ("Asia/Tehran", 2022),
    ("Pacific/Apia", 2011),
]

TIMES = {
    "a night": (23 * 60, 7 * 60),
    "an evening": (18 * 60 + 5, 21 * 60 + 50),
    "within what is passed over": (2 * 60 + 10, 2 * 60 + 20),
    "an end that is passed over": (1 * 60 + 30, 2 * 60 + 30),
    "a beginning that is passed over": (2 * 60 + 15, 5 * 60),
    "just after midnight": (10, 50),
    "about midnight": (23 * 60 + 40, 20),
    "nearly all day": (60, 55),
    "an end that is the first to be shown again": (90, 120),
    "a beginning that is": (120, 150),
    "both at the change": (120, 180),
}

DAYS = [frozenset[int](), frozenset({4}), frozenset({0, 5, 6})]


def instant(*wall: int, zone: str = "UTC") -> int:
    return int(datetime(*wall, tzinfo=ZoneInfo(zone)).timestamp())  # type: ignore[misc,arg-type]


def weekly(begins: int, ends: int, days: frozenset[int], zone: str, lasts_s: int = 0) -> Window:
    return Window("w", ("box",), Weekly(begins, ends, days, ZoneInfo(zone), lasts_s))


def periods(window: Window, begins: int, ends: int) -> Iterator[Period]:
    """All that begin in this time."""
    now = begins - 1
    while (period := next_period(window, now)) is not None and period.begins < ends:
        yield period
        now = period.begins


def changes(zone: str, year: int) -> list[int]:
    """Hours of a year in which the clocks of a zone are changed."""
    hours = range(instant(year, 1, 1), instant(year + 1, 1, 1), HOUR)
    offsets = [datetime.fromtimestamp(at, ZoneInfo(zone)).utcoffset() for at in hours]
    pairs = zip(hours[1:], offsets, offsets[1:], strict=False)
    return [at for at, before, after in pairs if before != after]


@lru_cache
def clocks(zone: str, begins: int, ends: int, step: int) -> tuple[list[int], list[int]]:
    """What the clocks of a zone have shown by each instant at the most, and what they are yet to
    pass at the least, in minutes since the first of 1970."""
    shows = [
        _on_the_wall(at, ZoneInfo(zone)) for at in range(begins - 3 * DAY, ends + 3 * DAY, step)
    ]
    least = list(accumulate(reversed(shows), min))[::-1]
    passed = [min(now, then - step // MINUTE) for now, then in pairwise(least)]
    margin = slice(3 * DAY // step, -3 * DAY // step)
    return list(accumulate(shows, max))[margin], [*passed, least[-1]][margin]


def _on_the_wall(at: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(at, zone).utcoffset()
    assert offset is not None
    return at // MINUTE + offset // timedelta(minutes=1)


def by_clocks(times: Weekly, begins: int, ends: int, step: int) -> list[bool]:
    """Whether it is in force at each instant: a period has begun when clocks have shown its
    beginning or more, and lasts as long as they are yet to pass its end."""
    last_minute = times.ends + (1440 if times.ends <= times.begins else 0)

    def is_held(high: int, low: int) -> bool:
        first, last = (low - last_minute) // 1440 + 1, (high - times.begins) // 1440
        # 1 January 1970 was a Thursday
        return first <= last and any(
            not times.days or (day + 3) % 7 in times.days for day in range(first, last + 1)
        )

    return list(map(is_held, *clocks(times.zone.key, begins, ends, step)))


def by_periods(window: Window, begins: int, ends: int, step: int) -> list[bool]:
    held = set[int]()
    for period in periods(window, begins - 3 * DAY, ends):
        held |= set(range(period.begins, period.ends, step))
    return [at in held for at in range(begins, ends, step)]


def same(window: Window, begins: int, ends: int, step: int) -> None:
    assert isinstance(window.times, Weekly)
    assert by_periods(window, begins, ends, step) == by_clocks(window.times, begins, ends, step)


@pytest.mark.parametrize(("zone", "year"), CHANGED)
def test_periods_about_each_change_are_those_of_the_clocks(zone: str, year: int) -> None:
    found = changes(zone, year)
    assert found
    for at in found:
        for begins, ends in TIMES.values():
            for days in DAYS:
                same(weekly(begins, ends, days, zone), at - DAY, at + DAY, 5 * MINUTE)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("zone", "year"), [*CHANGED, ("Antarctica/Casey", 2023), ("Asia/Tehran", 2026)]
)
def test_periods_of_a_year_are_those_of_the_clocks_in_each_minute(zone: str, year: int) -> None:
    for begins, ends, days in (
        (23 * 60, 2 * 60 + 7, frozenset({0, 1, 2, 3, 6})),
        (23 * 60 + 30, 0, frozenset[int]()),
        (2 * 60 + 31, 2 * 60 + 29, frozenset({5})),
    ):
        same(weekly(begins, ends, days, zone), instant(year, 1, 1), instant(year + 1, 1, 1), MINUTE)


@pytest.mark.parametrize("zone", ZONES)
def test_what_is_in_force_is_the_period_that_was_the_next_one(zone: str) -> None:
    window = weekly(*TIMES["an end that is passed over"], frozenset({5, 6}), zone)
    for period in periods(window, instant(2026, 1, 1), instant(2027, 1, 1)):
        assert period_at(window, period.begins) == period
        assert period_at(window, period.ends - 1) == period
        before, after = (period_at(window, at) for at in (period.begins - 1, period.ends))
        assert before is None or before.ends <= period.begins
        assert after is None or after.begins >= period.ends


@pytest.mark.parametrize("zone", ZONES)
def test_a_length_is_the_same_on_every_day_of_a_year(zone: str) -> None:
    window = weekly(90, 0, frozenset(), zone, lasts_s=5400)
    found = list(periods(window, instant(2026, 1, 1), instant(2027, 1, 1)))
    assert len(found) in (364, 365, 366)
    assert {period.ends - period.begins for period in found} == {5400}


def test_a_night_of_quiet_hours_in_berlin_lasts_as_long_as_the_clocks_make_it() -> None:
    window = weekly(23 * 60, 7 * 60, frozenset(), "Europe/Berlin")
    long = {instant(2026, 3, 28, 22): 7, instant(2026, 10, 24, 21): 9, instant(2026, 7, 1, 21): 8}
    for begins, hours in long.items():
        assert period_at(window, begins) == Period(begins, begins + hours * HOUR)


def test_what_is_not_there_begins_at_the_first_moment_after() -> None:
    window = weekly(2 * 60 + 30, 4 * 60, frozenset(), "Europe/Berlin")
    changed = instant(2026, 3, 29, 1)
    assert period_at(window, changed) == Period(changed, changed + HOUR)


def test_what_is_there_twice_begins_at_the_first_and_ends_at_the_second() -> None:
    window = weekly(2 * 60 + 30, 2 * 60 + 45, frozenset(), "Europe/Berlin")
    first_time = instant(2026, 10, 25, 0, 30)
    assert next_period(window, instant(2026, 10, 25)) == Period(first_time, first_time + 75 * 60)


def test_what_lies_within_the_missing_hour_is_not_on_that_day() -> None:
    window = weekly(2 * 60 + 10, 2 * 60 + 50, frozenset({6}), "Europe/Berlin")
    assert next_period(window, instant(2026, 3, 23)) == Period(
        instant(2026, 4, 5, 0, 10), instant(2026, 4, 5, 0, 50)
    )


def test_the_clocks_of_tehran_are_not_set_any_more() -> None:
    window = weekly(60, 150, frozenset(), "Asia/Tehran")
    utc_begins = {
        period.begins % DAY for period in periods(window, instant(2023, 1, 1), instant(2027, 1, 1))
    }
    assert utc_begins == {21 * HOUR + 30 * MINUTE}


def test_the_night_before_the_missing_day_of_apia_goes_over_into_the_one_after() -> None:
    window = weekly(23 * 60, 6 * 60, frozenset(), "Pacific/Apia")
    midnight = instant(2011, 12, 30, 10)  # 29 December, 24:00, and 31 December, 00:00
    assert period_at(window, midnight - 1) == Period(midnight - HOUR, midnight)
    assert period_at(window, midnight) == Period(midnight, midnight + 6 * HOUR)


def test_a_single_period_is_half_open() -> None:
    window = Window("w", ("box",), Once(100, 200, "UTC"))
    assert next_period(window, 99) == Period(100, 200)
    assert next_period(window, 100) is None
    assert period_at(window, 99) is None
    assert period_at(window, 100) == period_at(window, 199) == Period(100, 200)
    assert period_at(window, 200) is None


def test_a_period_that_ends_before_it_begins_is_none() -> None:
    window = Window("w", ("box",), Once(200, 100, "UTC"))
    assert next_period(window, 0) is period_at(window, 150) is None


@pytest.mark.parametrize(
    ("days", "hours", "too_long"),
    [
        ((), 23, False),
        ((), 24, True),
        ((0, 1), 24, True),
        ((0, 2), 47, False),
        ((0, 2), 48, True),
        ((6,), 167, False),
        ((6,), 168, True),
        ((0, 6), 23, False),
        ((0, 6), 24, True),
    ],
)
def test_what_is_longer_than_to_its_next_day_would_never_be_over(
    days: tuple[int, ...], hours: int, too_long: bool
) -> None:
    times = Weekly(0, 0, frozenset(days), ZoneInfo("UTC"), hours * HOUR)
    assert overlaps_itself(times) == too_long


def test_of_periods_that_meet_the_one_that_ends_last_is_in_force() -> None:
    window = weekly(0, 0, frozenset(), "Europe/Berlin", lasts_s=23 * HOUR + 1800)
    short = instant(2026, 3, 28, 23)  # this day has 23 hours
    assert period_at(window, short + 23 * HOUR + 60) == Period(
        short + 23 * HOUR, short + 46 * HOUR + 1800
    )


def test_the_time_on_the_wall_is_an_instant_where_it_is_plain() -> None:
    zone = ZoneInfo("Asia/Tehran")
    wall = datetime(2026, 11, 23, 1)
    assert first(wall, zone) == last(wall, zone) == instant(2026, 11, 22, 21, 30)
    assert shown(instant(2026, 11, 22, 21, 30), zone) == wall == on(wall.date(), 60)
    assert not is_never(wall, zone) and not is_twice(wall, zone)


def test_the_time_that_clocks_pass_over_is_the_moment_of_the_change() -> None:
    for zone, wall, change in (
        ("Europe/Berlin", datetime(2026, 3, 29, 2, 59, 59), instant(2026, 3, 29, 1)),
        ("Asia/Tehran", datetime(2022, 3, 22, 0, 30), instant(2022, 3, 21, 20, 30)),
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2), instant(2026, 10, 3, 15, 30)),
        ("Pacific/Apia", datetime(2011, 12, 30, 12), instant(2011, 12, 30, 10)),
    ):
        assert is_never(wall, ZoneInfo(zone))
        assert first(wall, ZoneInfo(zone)) == last(wall, ZoneInfo(zone)) == change


def test_the_time_that_clocks_show_twice_is_two_instants() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    wall = datetime(2026, 4, 5, 1, 45)
    assert is_twice(wall, zone)
    assert last(wall, zone) - first(wall, zone) == 30 * MINUTE


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Apia"])
def test_what_is_kept_of_a_look_is_what_would_be_found(zone: str) -> None:
    windows = [weekly(*times, frozenset(), zone) for times in TIMES.values()]
    once = Window("w", ("box",), Once(instant(2026, 3, 29), instant(2026, 3, 30), "UTC"))
    periods = Periods()
    begins = instant(2026, 3, 28)
    for at in (*range(begins, begins + 3 * DAY, 4733), *range(begins + DAY, begins, -9567)):
        for window in (*windows, once):
            look = periods.look(window, at)
            assert (look.now, look.then) == (period_at(window, at), next_period(window, at))


def test_what_was_found_of_a_window_is_kept_as_long_as_there_is_that_window() -> None:
    one, other = (weekly(begins, 420, frozenset(), "UTC") for begins in (1380, 1390))
    periods = Periods()
    looks = [periods.look(window, 0) for window in (one, other)]
    periods.keep([one])
    assert periods.look(one, 0) is looks[0]
    assert periods.look(other, 0) is not looks[1]
