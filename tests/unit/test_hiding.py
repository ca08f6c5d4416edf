"""Among how many others a message hides, honestly counted: by way, channel, hour and author."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from relay.cli.hiding import least, lines
from relay.config import parse
from relay.exit.record import Record
from relay.model import HOUR, NewRow, Queue, Row, State, hour_of
from relay.node.hiding import Hiding
from relay.node.policies import spread
from relay.rules.hiding import BY_SMS, NOBODY, NOT_KNOWN, Came, Crowd, hides
from relay.rules.policy import BY_SMS as SMS
from relay.spool.memory import MemorySpool

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
        Came("news", "mail", NOON, (b"b",)),  # whoever has the list of one way sees none of another
        Came("family", "phone", NOON, (b"b",)),  # it would have appeared elsewhere
        Came("news", "phone", NOON + HOUR, (b"b",)),  # the delay cannot exchange them
        Came("news", "phone", NOON, (b"a",)),  # the same person
    ],
    ids=["another way", "another channel", "another hour", "the same author"],
)
def test_what_cannot_be_mixed_up_with_it_does_not_count(other: Came) -> None:
    assert crowd(Came("news", "phone", NOON, (b"a",)), other).around(0, 40 * MINUTES) == 0


def test_others_of_the_same_hour_count() -> None:
    many = crowd(*(Came("news", "phone", NOON, (bytes([n]),)) for n in range(5)))
    assert [many.around(seq, 40 * MINUTES) for seq in range(5)] == [4] * 5


def test_where_nobody_can_tell_authors_apart_each_message_counts() -> None:
    form = crowd(*(Came("news", "form", NOON) for _ in range(3)))
    assert form.around(1, 40 * MINUTES) == 2


def test_where_nothing_is_exchanged_a_message_hides_among_nobody() -> None:
    many = crowd(*(Came("news", "phone", NOON, (bytes([n]),)) for n in range(9)))
    assert many.around(0, 0) == 0
    assert hides(0) == NOBODY


@pytest.mark.parametrize(("minutes", "among"), [(60, 100), (40, 89), (10, 31), (1, 3)])
def test_a_short_delay_exchanges_some_of_one_hour(minutes: int, among: int) -> None:
    many = crowd(*(Came("news", "phone", NOON, (b"%d" % n,)) for n in range(101)))
    assert many.around(0, minutes * MINUTES) == among


def test_one_who_writes_without_end_is_nobody_to_hide_among_but_once() -> None:
    flood = crowd(
        Came("news", "phone", NOON, (b"a",)),
        *(Came("news", "phone", NOON, (b"b",)) for _ in range(50)),
    )
    assert flood.around(0, 40 * MINUTES) == 1


def test_a_hundred_thousand_are_counted_in_a_moment() -> None:
    """Each is looked up, and none is gone through for another: that would take minutes."""
    counted = 0

    class Counted(dict[bytes, tuple[bytes, ...]]):
        def values(self) -> Iterator[tuple[bytes, ...]]:  # type: ignore[override]
            nonlocal counted
            for one in super().values():
                counted += 1
                yield one

    many = crowd(*(Came("news", "phone", NOON, (b"%d" % n,)) for n in range(1000)))
    for hour in many._hours.values():
        hour.authors = Counted(hour.authors)
    assert {many.around(seq, 59 * MINUTES) for seq in range(1000)} == {999}
    assert many.least(NOON, {"news": 59 * MINUTES}) is not None
    assert counted < 10


def test_a_channel_exchanges_by_its_delay_its_ticks_and_who_reads() -> None:
    settings = parse(
        {
            "channels": {
                "at_once": {"destinations": ["page"], "review": "none", "delay": ["0s", "0s"]},
                "ticks": {"destinations": ["other"], "review": "none", "delay": ["0s", "0s"]},
                "news": {"destinations": ["page"], "review": "none", "delay": ["5m", "45m"]},
                "read": {"destinations": ["page"], "delay": ["0s", "0s"]},
            },
            "destinations": {
                "page": {"bridge": "feed", "folder": "public", "tick": "0s"},
                "other": {"bridge": "feed", "folder": "other", "tick": "10m"},
            },
        },
        Path("relay.toml"),
    )
    minutes = {name: round(seconds / 60) for name, seconds in spread(settings).items()}
    assert minutes == {"at_once": 0, "ticks": 10, "news": 40, "read": 60}


def test_a_long_delay_mixes_more_hours() -> None:
    spread = crowd(*(Came("news", "phone", NOON + n * HOUR, (bytes([n]),)) for n in range(7)))
    assert spread.around(3, 0) == 0
    assert spread.around(3, 2 * HOUR + 1) == 4
    assert spread.around(0, 2 * HOUR) == 2


def test_a_message_counts_once_however_often_it_is_read() -> None:
    twice = crowd(Came("news", "phone", NOON, (b"a",)))
    twice.add(1, Came("news", "phone", NOON, (b"b",)))
    twice.add(1, Came("news", "phone", NOON, (b"b",)))
    assert twice.around(0, 40 * MINUTES) == 1


def test_the_least_hidden_of_a_day_is_found() -> None:
    day = crowd(
        Came("news", "mail", NOON, (b"a",)),
        Came("news", "mail", NOON, (b"b",)),
        Came("news", "phone", NOON, (b"c",)),
        Came("news", "form", NOON - 30 * HOUR),
    )
    spread = {"news": 40 * MINUTES}
    assert day.least(NOON - 24 * HOUR, spread) == (0, Came("news", "phone", NOON, (b"c",)))
    assert day.least(NOON + HOUR, spread) is None


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
    assert list(lines({"among": None})) == [f"hides    {NOT_KNOWN}"]
    assert list(lines({"id": "of a drop"})) == []


def test_what_is_counted_since_a_restart_alone_is_told_so() -> None:
    [line] = lines({"among": 0, "in_part": True})
    assert line == f"hides    {NOBODY} (as far as is known since the last start or reload)"


@pytest.mark.parametrize("spread_s", [40 * MINUTES, 2 * HOUR])
def test_midnight_makes_nobody_somebody_else(spread_s: int) -> None:
    """A day's new key makes a new tag of the day, and the tag of yesterday beside it is the old."""
    evening, morning = (b"a2", b"a1"), (b"a3", b"a2")
    one = crowd(
        Came("news", "phone", NOON, evening),
        Came("news", "phone", NOON, morning),
        Came("news", "phone", NOON + HOUR, morning),
    )
    assert [one.around(seq, spread_s) for seq in range(3)] == [0, 0, 0]


class Clock:
    """One that is put forward."""

    at = NOON

    def now(self) -> int:
        return self.at


async def put(spool: MemorySpool, clock: Clock, n: int) -> Row:
    """A message that waits for a person."""
    new = NewRow(Queue.REVIEW, State.HELD, bytes([n] * 16), hour_of(clock.now()), name="news")
    await spool.put([new])
    return (await spool.look(queue=Queue.REVIEW))[-1]


async def test_what_a_core_before_this_one_tagged_is_nobody_to_hide_among() -> None:
    """The keys of its tags are gone: all of it may be one person's, and this one's."""
    clock = Clock()
    spool = MemorySpool(clock)
    record = Record(bytes(32), "sms", "phone", "news", (SMS,), author_tags=(b"dead",))
    before = await put(spool, clock, 1)
    hiding = Hiding(spool, clock, {"news": 40 * MINUTES})
    await hiding.begin()
    hiding.came(before, record)
    now = await put(spool, clock, 2)
    hiding.came(now, replace(record, author_tags=(b"alive",)))
    assert hiding.shown(before) == {"among": None, "in_part": False, "by_sms": True}
    assert hiding.shown(now) == {"among": 0, "in_part": True, "by_sms": True}
    clock.at += 2 * HOUR
    later = await put(spool, clock, 3)
    hiding.came(later, replace(record, author_tags=(b"alive",)))
    assert hiding.shown(later)["in_part"] is False


def test_the_board_says_who_is_hidden_least() -> None:
    now = {"least_hidden": {"among": 1, "channel": "news", "transport": "phone"}}
    [line] = least(now)
    assert line.startswith("least hidden of the last day (news, phone): among one other")
    assert list(least({"least_hidden": None})) == []
