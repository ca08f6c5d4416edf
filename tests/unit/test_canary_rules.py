"""When the self test has its turns, and what is said of what it found."""

from __future__ import annotations

import pytest

from relay.rules.alarm import Facts, Patience, troubles
from relay.rules.canary import (
    Tried,
    again_s,
    alarm,
    as_json,
    came,
    failed,
    going_on,
    jitter_s,
    length,
    patience_s,
    place_s,
    waits,
)

NOW = 1_800_000_000
HOUR = 3600


@pytest.mark.parametrize("of", [1, 2, 3, 7, 40])
def test_turns_are_spread_and_no_two_meet(of: int) -> None:
    every = 1800.0
    early = [place_s(n, of, every) + jitter_s(of, every, 0.0) for n in range(of)]
    late = [place_s(n, of, every) + jitter_s(of, every, 1.0) for n in range(of)]
    following = [*early[1:], early[0] + every]
    assert all(last < first for last, first in zip(late, following, strict=True))


@pytest.mark.parametrize(("every", "again"), [(60, 60), (120, 60), (1800, 450), (86400, 3600)])
def test_what_failed_once_is_tried_again_sooner(every: float, again: float) -> None:
    assert again_s(every) == again


@pytest.mark.parametrize(
    ("took", "waited"), [(None, 300), (2.0, 300), (300, 600), (1200, 1800), (90000, 1800)]
)
def test_what_is_always_slow_is_waited_for(took: float | None, waited: float) -> None:
    assert patience_s(Tried(took_s=took), 300, 1800) == waited


def test_what_is_mended_meanwhile_makes_no_failure_and_ends_none() -> None:
    assert going_on(failed(Tried(), "x"), "y") == Tried("blocked", "y", failures=1)
    assert going_on(Tried("works"), "y") == Tried("waits", "y")


def test_what_came_in_time_works_and_what_came_after_it_is_slow() -> None:
    works = came(failed(Tried(), "x"), 2.04, 300, NOW)
    assert works == Tried("works", "", NOW - NOW % HOUR, 2.0, 0)
    slow = came(Tried(), 720, 300, NOW)
    assert (slow.state, slow.why, slow.took_s) == ("slow", "it took 12 min", 720)


def test_what_failed_keeps_when_it_last_worked() -> None:
    tried = failed(failed(came(Tried(), 1, 300, NOW), "it answers 451"), "it answers 451")
    assert (tried.state, tried.last_good, tried.took_s) == ("blocked", NOW - NOW % HOUR, 1.0)
    assert tried.failures == 2


def test_one_bad_minute_is_no_alarm() -> None:
    once = failed(came(Tried(), 1, 300, NOW), "it answers 451")
    assert alarm("mail", once, NOW, way_in=True) == ""
    assert alarm("mail", None, NOW, way_in=True) == ""


def test_an_alarm_says_since_when_why_and_what_to_do() -> None:
    good = came(Tried(), 1, 300, NOW - 3 * HOUR)
    said = alarm("mail", failed(failed(good, "it answers 451"), "it answers 451"), NOW, way_in=True)
    assert said == (
        "no canary came through mail for 3 h (it answers 451): see `relay board`, and write to it"
        " yourself"
    )
    never = failed(failed(Tried(), "its token is wrong"), "its token is wrong")
    assert alarm("masto", never, NOW, way_in=False) == (
        "no canary reached masto (its token is wrong): see `relay board`, and try"
        " `relay destinations test masto`"
    )


def test_it_is_over_when_it_works_or_is_not_tried() -> None:
    bad = failed(failed(Tried(), "x"), "x")
    assert alarm("mail", came(bad, 1, 300, NOW), NOW, way_in=True) == ""
    assert alarm("mail", waits(bad, "it is in a window"), NOW, way_in=True) == ""


def test_it_is_one_trouble_by_its_name_while_it_lasts() -> None:
    [trouble] = troubles(Facts(canary={"mail": "no canary came"}), Patience())
    assert (trouble.key, trouble.said, trouble.hourly) == ("canary mail", "no canary came", False)


def test_the_board_has_it_without_our_counts() -> None:
    assert as_json(None) is None
    assert as_json(Tried("slow", "it took 12 min", 7200, 720.0, 0)) == {
        "state": "slow",
        "last_good": 7200,
        "took_s": 720.0,
        "why": "it took 12 min",
    }


@pytest.mark.parametrize(
    ("s", "said"), [(0.4, "0 s"), (119, "119 s"), (720, "12 min"), (10800, "3 h")]
)
def test_lengths_are_for_people(s: float, said: str) -> None:
    assert length(s) == said
