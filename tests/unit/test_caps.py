"""How often a transport answers, and to which numbers; over restarts too."""

from __future__ import annotations

import pytest

from relay.entry import caps as caps_module
from relay.entry.caps import Bounds, Caps
from relay.rules.budgets import DAY, begins_in, ends_in

NOON = 1_800_000_000 - 1_800_000_000 % DAY + DAY // 2
"""Of 15 January 2027."""

NEXT_MONTH = ends_in("month", NOON)


def test_a_sender_gets_three_a_day_and_another_gets_theirs() -> None:
    caps = Caps(Bounds(100, 3))
    assert [caps.admits(b"a", NOON) for _ in range(5)] == [True] * 3 + [False] * 2
    assert caps.admits(b"b", NOON)
    assert caps.admits(b"a", NOON + DAY)


def test_all_together_get_what_a_day_has() -> None:
    caps = Caps(Bounds(10, 3))
    assert sum(caps.admits(b"%d" % n, NOON) for n in range(100)) == 10
    assert caps.admits(b"0", NOON + DAY)


def test_a_restart_gives_no_more_answers_in_a_day() -> None:
    bounds = Bounds(10, 10)
    caps = Caps(bounds)
    for _ in range(7):
        caps.admits(b"a", NOON)
    again = Caps(bounds, caps.to_keep())
    assert sum(again.admits(b"b", NOON) for _ in range(10)) == 3
    assert Caps(bounds, again.to_keep()).admits(b"b", NOON + DAY)


def test_what_is_kept_is_a_day_a_month_and_their_numbers() -> None:
    caps = Caps(Bounds(10, 10))
    caps.admits(b"+989121234567", NOON - DAY)
    caps.admits(b"+989121234567", NOON)
    assert caps.to_keep() == b"day %d: 1 answers\nmonth 202701: 2 answers\n" % (NOON // DAY)


UNREADABLE = [
    b"",
    b"day x: 1 answers\n",
    b"day 1: 1 answers",
    b"day 1: 1 answers\nmonth 202613: 1 answers\n",
    b"\0" * 20,
]


@pytest.mark.parametrize("kept", UNREADABLE)
def test_a_count_that_cannot_be_read_is_that_of_a_day_that_is_used_up(kept: bytes) -> None:
    caps = Caps(Bounds(10, 10), kept)
    assert not caps.admits(b"a", NOON)
    assert Caps(Bounds(10, 10), caps.to_keep()).admits(b"a", NOON) is False
    assert caps.admits(b"a", NOON + DAY)


@pytest.mark.parametrize("kept", UNREADABLE)
def test_it_is_that_of_a_month_that_is_used_up_as_well_until_the_limit_is_raised(
    kept: bytes,
) -> None:
    caps = Caps(Bounds(10, 10, per_month=100), kept)
    assert not caps.admits(b"a", NOON) and not caps.admits(b"a", NOON + DAY)
    assert Caps(Bounds(10, 10, per_month=101), caps.to_keep()).admits(b"a", NOON + DAY)
    assert caps.admits(b"a", NEXT_MONTH)


def test_a_month_gives_what_it_has_whatever_its_days_would() -> None:
    bounds = Bounds(10, 10, per_month=25)
    caps, sent = Caps(bounds), []
    for day in range(begins_in("month", NOON) + 60, NEXT_MONTH + DAY, DAY):
        sent.append(sum(caps.admits(b"a", day) for _ in range(15)))
        caps = Caps(bounds, caps.to_keep())  # with a restart each day
    assert sent == [10, 10, 5, *[0] * 28, 10]


def test_the_month_of_a_day_that_an_older_version_counted_has_its_answers() -> None:
    caps = Caps(Bounds(10, 10, per_month=8), b"day %d: 7 answers\n" % (NOON // DAY))
    assert [caps.admits(b"a", NOON) for _ in range(2)] == [True, False]


def test_a_clock_that_is_set_back_brings_no_answers_back() -> None:
    caps = Caps(Bounds(1, 1, per_month=2))
    assert caps.admits(b"a", NOON)
    assert not caps.admits(b"a", NOON - DAY)


def test_a_clock_that_was_years_ahead_costs_the_answers_of_a_day_and_no_more() -> None:
    caps = Caps(Bounds(1, 1, per_month=3))
    assert caps.admits(b"a", NOON + 4000 * DAY)
    assert not caps.admits(b"a", NOON)
    assert Caps(Bounds(1, 1, per_month=3), caps.to_keep()).admits(b"a", NOON + DAY)


@pytest.mark.parametrize(
    ("number", "answered"),
    [
        (b"+989121234567", True),
        (b"989121234567", True),
        (b"00989121234567", True),
        (b"+98 (912) 123-45.67", True),
        (b"+15550100123", True),
        (b"+15560100123", False),
        (b"+9892", False),
        (b"09121234567", False),  # without its country it is nobody's
        (b"+00989121234567", False),
        (b"+98912x", False),
        (b"+9891\xd9\xa12", False),
        ("+٩٨٩١٢".encode(), False),
        (b"Bank", False),
        (b"+", False),
        (b"", False),
    ],
)
def test_only_numbers_that_begin_as_the_settings_say_are_answered(
    number: bytes, answered: bool
) -> None:
    caps = Caps(Bounds(100, 3, ("+98912", "+1555")))
    assert caps.admits(number, NOON) is answered


def test_a_number_is_one_sender_however_it_is_written() -> None:
    caps = Caps(Bounds(100, 3, ("+98",)))
    spellings = (b"+989121234567", b"989121234567", b"00989121234567", b"+98 912 1234567")
    assert [caps.admits(one, NOON) for one in spellings] == [True, True, True, False]


def test_caps_remember_nobody_by_name() -> None:
    caps = Caps(Bounds(100, 3, ("+98",)))
    caps.admits(b"+989121234567", NOON)
    assert "989121234567" not in repr(caps) + repr(vars(caps))


def test_of_very_many_senders_a_day_the_last_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(caps_module, "MOST_SENDERS", 10)
    caps = Caps(Bounds(1000, 1))
    assert all(caps.admits(b"%d" % n, NOON) for n in range(100))
    assert not caps.admits(b"99", NOON)
    assert len(caps._by_sender) == 10
