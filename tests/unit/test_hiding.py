"""Among how many others a message hides, honestly counted: by way, channel, hour and author."""

from __future__ import annotations

import pytest

from relay.cli.hiding import least, lines
from relay.model import HOUR
from relay.rules.hiding import BY_SMS, NOBODY, Came, Crowd, hides

NOON = 500_000 * HOUR
MINUTES = 60


def crowd(*came: Came) -> Crowd:
    made = Crowd()
    for seq, one in enumerate(came):
        made.add(seq, one)
    return made


def test_who_wrote_alone_hides_among_nobody() -> None:
    alone = crowd(Came("news", "phone", NOON), Came("news", "phone", NOON - 5 * HOUR))
    assert alone.around(0, 40 * MINUTES) == 0


@pytest.mark.parametrize(
    "other",
    [
        Came("news", "mail", NOON, b"b"),  # whoever has the list of one way sees none of another
        Came("family", "phone", NOON, b"b"),  # it would have appeared elsewhere
        Came("news", "phone", NOON + HOUR, b"b"),  # the delay cannot exchange them
        Came("news", "phone", NOON, b"a"),  # the same person
    ],
    ids=["another way", "another channel", "another hour", "the same author"],
)
def test_what_cannot_be_mixed_up_with_it_does_not_count(other: Came) -> None:
    assert crowd(Came("news", "phone", NOON, b"a"), other).around(0, 40 * MINUTES) == 0


def test_others_of_the_same_hour_count() -> None:
    many = crowd(*(Came("news", "phone", NOON, bytes([n])) for n in range(5)))
    assert [many.around(seq, 40 * MINUTES) for seq in range(5)] == [4] * 5


def test_where_nobody_can_tell_authors_apart_each_message_counts() -> None:
    form = crowd(*(Came("news", "form", NOON) for _ in range(3)))
    assert form.around(1, 0) == 2


def test_a_long_delay_mixes_more_hours() -> None:
    spread = crowd(*(Came("news", "phone", NOON + n * HOUR, bytes([n])) for n in range(7)))
    assert spread.around(3, 0) == 0
    assert spread.around(3, 2 * HOUR + 1) == 4
    assert spread.around(0, 2 * HOUR) == 2


def test_a_message_counts_once_however_often_it_is_read() -> None:
    twice = crowd(Came("news", "phone", NOON, b"a"))
    twice.add(1, Came("news", "phone", NOON, b"b"))
    twice.add(1, Came("news", "phone", NOON, b"b"))
    assert twice.around(0, 0) == 1


def test_the_least_hidden_of_a_day_is_found() -> None:
    day = crowd(
        Came("news", "mail", NOON, b"a"),
        Came("news", "mail", NOON, b"b"),
        Came("news", "phone", NOON, b"c"),
        Came("news", "form", NOON - 30 * HOUR),
    )
    assert day.least(NOON - 24 * HOUR, {}) == (0, Came("news", "phone", NOON, b"c"))
    assert day.least(NOON + HOUR, {}) is None


def test_what_is_days_old_is_not_known_any_more() -> None:
    old = crowd(Came("news", "mail", NOON), Came("news", "mail", NOON + HOUR))
    old.forget(NOON + HOUR)
    assert old.around(0, 0) is None
    assert old.around(1, 2 * HOUR) == 0


def test_a_person_is_told_plainly_that_nobody_else_wrote() -> None:
    assert hides(0) == NOBODY
    assert list(lines({"among": 0, "by_sms": True})) == [f"hides    {NOBODY}", f"hides    {BY_SMS}"]
    assert list(lines({"among": 7})) == [
        "hides    among 7 other messages of about the same time",
    ]
    assert list(lines({"among": None})) == []


def test_the_board_says_who_is_hidden_least() -> None:
    now = {"least_hidden": {"among": 1, "channel": "news", "transport": "phone"}}
    [line] = least(now)
    assert line.startswith("least hidden of the last day (news, phone): among one other")
    assert list(least({"least_hidden": None})) == []
