"""The keys of a day: new ones each day, return keys for two weeks, in memory only."""

from __future__ import annotations

from relay.node.days import RETURN_DAYS, DayKeys
from relay.wire.token import ReturnKey, make_token

NOW = 1_800_000_000
DAY = 86400


def token(keys: DayKeys) -> bytes:
    newest = keys.returns[0]
    return make_token(ReturnKey(newest.id, newest.key), b"k" * 32, b"phone\x00a")


def test_a_token_opens_for_two_weeks_and_not_a_day_longer() -> None:
    keys = DayKeys(NOW)
    made = token(keys)
    for day in range(1, RETURN_DAYS + 3):
        assert keys.turn(NOW + day * DAY)
        assert keys.opens(made) is (day < RETURN_DAYS)
        assert len(keys.returns) == min(day + 1, RETURN_DAYS)
    assert not keys.opens(made) and keys.opens(token(keys))


def test_a_machine_that_slept_for_weeks_has_forgotten_what_it_should() -> None:
    keys = DayKeys(NOW)
    keys.turn(NOW + DAY)
    made = token(keys)
    keys.turn(NOW + 15 * DAY)
    assert len(keys.returns) == 1 and not keys.opens(made)


def test_within_a_day_nothing_is_new() -> None:
    keys = DayKeys(NOW - NOW % DAY)
    before = (keys.tags, keys.returns)
    assert not keys.turn(NOW - NOW % DAY + DAY - 1)
    assert (keys.tags, keys.returns) == before


def test_the_tag_key_of_today_is_yesterdays_tomorrow() -> None:
    keys = DayKeys(NOW)
    today = keys.tags[0]
    keys.turn(NOW + DAY)
    assert keys.tags[1] == today != keys.tags[0]


def test_another_core_opens_nothing_of_this_one() -> None:
    assert not DayKeys(NOW).opens(token(DayKeys(NOW)))
    assert not DayKeys(NOW).opens(b"")


def test_a_clock_that_was_set_back_keeps_the_keys() -> None:
    keys = DayKeys(NOW)
    made = token(keys)
    assert keys.turn(NOW - DAY)
    assert keys.opens(made)
