"""A quarter of the room for each: counted over a day, whatever the clock does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from relay.entry.shares import Shares
from relay.model import HOUR

NOW = 1_800_000_000


def shares(room: int | None = 4000) -> Shares:
    made = Shares()
    made.room = room
    return made


def test_one_name_has_a_quarter_and_others_have_theirs() -> None:
    some = shares()
    assert sum(some.take(b"a", 100, NOW) for _ in range(100)) == 10
    assert some.take(b"b", 1000, NOW)
    assert not some.take(b"b", 1, NOW)


def test_what_was_taken_counts_for_a_day() -> None:
    some = shares()
    assert some.take(b"a", 1000, NOW)
    assert not some.take(b"a", 1, NOW + 24 * HOUR)
    assert some.take(b"a", 1000, NOW + 25 * HOUR)


def test_room_that_nobody_measured_or_a_disk_that_is_full_limits_nothing_here() -> None:
    for room in (None, 0):
        some = shares(room)
        assert all(some.take(b"a", 1 << 40, NOW) for _ in range(10))
    some.room = 4000
    assert not some.take(b"a", 1, NOW)
    assert some.take(b"a", 1000, NOW + 30 * HOUR)


def test_what_is_given_back_is_free_again() -> None:
    some = shares()
    assert some.take(b"a", 900, NOW)
    assert some.take(b"a", 100, NOW + HOUR)
    some.give(b"a", 900, NOW)
    some.give(b"nobody", 900, NOW)
    assert not some.take(b"a", 901, NOW + HOUR)
    assert some.take(b"a", 900, NOW + HOUR)


def test_a_clock_that_was_set_back_forgets_nothing_and_is_not_stuck() -> None:
    some = shares()
    assert some.take(b"a", 1000, NOW)
    for back_h in (1, 20, 1000):
        assert not some.take(b"a", 1, NOW - back_h * HOUR)
    assert not some.take(b"a", 1, NOW - 999 * HOUR)
    assert some.take(b"a", 1000, NOW - 970 * HOUR)


def test_of_many_networks_the_last_are_remembered() -> None:
    some = Shares(most=10)
    some.room = 4000
    for n in range(100):
        some.take(b"%d" % n, 1000, NOW)
    assert len(some) == 10
    assert not some.take(b"99", 1, NOW)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 500)), max_size=60))
def test_no_day_has_more_than_a_quarter(sent: list[tuple[int, int]]) -> None:
    some = shares()
    taken = [(h, n) for h, n in sorted(sent) if some.take(b"a", n, NOW + h * HOUR)]
    for hour, _ in taken:
        assert sum(n for h, n in taken if hour <= h < hour + 24) <= 1000
