"""One sender's turns: so many at once, as many again each hour, whatever the clock does."""

from __future__ import annotations

from relay.entry.senders import WHOLE, Senders
from relay.model import HOUR

NOW = 1_800_000_000


def taken(senders: Senders, who: bytes, tries: int, now: int, weight: int = WHOLE) -> int:
    return sum(senders.take(who, weight, now) for _ in range(tries))


def test_sixty_come_at_once_and_then_one_a_minute() -> None:
    senders = Senders(60)
    assert taken(senders, b"a", 10_000, NOW) == 60
    assert taken(senders, b"a", 10, NOW + 59) == 0
    assert taken(senders, b"a", 10, NOW + 60) == 1
    assert taken(senders, b"a", 10_000, NOW + 60 + HOUR) == 60


def test_a_number_that_does_not_divide_an_hour_is_kept_to() -> None:
    for per_hour in (1, 7, 11, 999):
        assert taken(Senders(per_hour), b"a", 2000, NOW) == per_hour


def test_what_one_sends_takes_no_turn_from_another() -> None:
    senders = Senders(5)
    taken(senders, b"a", 100, NOW)
    assert taken(senders, b"b", 5, NOW) == 5


def test_the_segments_of_a_long_sms_weigh_a_quarter_each() -> None:
    senders = Senders(10)
    assert taken(senders, b"a", 1000, NOW, weight=1) == 40
    assert taken(senders, b"a", 1, NOW) == 0


def test_what_was_refused_takes_no_turn_and_what_is_given_back_is_free_again() -> None:
    senders = Senders(3)
    assert taken(senders, b"a", 3, NOW) == 3
    taken(senders, b"a", 1000, NOW)
    senders.give(b"a", WHOLE)
    senders.give(b"nobody", WHOLE)
    assert taken(senders, b"a", 10, NOW) == 1


def test_of_many_senders_the_last_are_remembered() -> None:
    senders = Senders(1, most=100)
    for n in range(1000):
        assert senders.take(b"%d" % n, WHOLE, NOW)
        assert not senders.take(b"0" if n == 0 else b"%d" % n, WHOLE, NOW)
    assert len(senders) == 100
    assert not senders.take(b"999", WHOLE, NOW)
    assert senders.take(b"0", WHOLE, NOW)


def test_who_is_refused_is_not_forgotten_before_others() -> None:
    senders = Senders(1, most=10)
    senders.take(b"flood", WHOLE, NOW)
    for n in range(100):
        assert not senders.take(b"flood", WHOLE, NOW)
        senders.take(b"%d" % n, WHOLE, NOW)


def test_a_clock_that_was_set_back_shuts_nobody_out() -> None:
    senders = Senders(60)
    taken(senders, b"a", 100, NOW + 365 * 86400)
    assert taken(senders, b"a", 100, NOW) == 60


def test_a_clock_that_goes_back_a_little_gives_no_more_turns() -> None:
    senders = Senders(60)
    taken(senders, b"a", 100, NOW + HOUR)
    assert taken(senders, b"a", 100, NOW) == 0
    assert taken(senders, b"a", 100, NOW + HOUR) == 60
