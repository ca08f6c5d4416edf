"""What a bridge says is believed only within bounds, and shown only if it can be printed."""

from __future__ import annotations

import pytest

from relay.model import (
    Found,
    Health,
    Later,
    Outcome,
    Part,
    Posted,
    Refused,
    Removed,
    Replied,
    Reply,
    Stopped,
    Unknown,
    Unsure,
)
from relay.node import said

ESCAPES = "gone\x1b[2J\u202e\nagain"
SHOWN = "gone?[2J??again"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (Posted("7", "https://example.org/7"), Posted("7", "https://example.org/7")),
        (Later(ESCAPES, 60, "host"), Later(SHOWN, 60, "host")),
        (Refused("x" * 5000), Refused("x" * said.MOST_WHY)),
        (Unsure(ESCAPES), Unsure(SHOWN)),
        (Stopped(ESCAPES, ESCAPES), Stopped(SHOWN, SHOWN)),
        (Posted("x" * 5000), Unsure("its bridge gave a ref without end")),
        (Posted("7", "https://example.org/\x1b"), Unsure("its bridge gave a ref without end")),
    ],
)
def test_an_outcome_is_kept_as_it_may_be_shown(told: Outcome, kept: Outcome) -> None:
    assert said.outcome(told) == kept


def test_reasons_are_cleaned_wherever_there_are_any() -> None:
    assert said.reasons(Unknown(ESCAPES)) == Unknown(SHOWN)
    assert said.reasons(Removed()) == Removed()


def test_an_account_whose_name_cannot_be_kept_is_a_trouble() -> None:
    assert said.health(Health("an account", ESCAPES)) == Health("an account", SHOWN)
    assert said.health(Health("x" * 5000)).trouble


@pytest.mark.parametrize(("told", "taken"), [(-7, 1), (0, 1), (3, 3), (1 << 60, 50)])
def test_as_many_sends_at_once_as_the_relay_bears(told: int, taken: int) -> None:
    assert said.at_once(told) == taken


def test_no_part_gives_money_back() -> None:
    assert said.priced([Part("key", 0, 1, b"", price=7)])
    assert not said.priced([Part("key", 0, 2, b"", price=7), Part("key", 1, 2, b"", price=-7)])


def test_a_find_that_cannot_be_kept_is_none() -> None:
    assert said.found(Found("7", "https://example.org/7"))
    assert not said.found(Found("x" * 5000))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a" + "\u0301" * 100_000, "\u00e1" + "\u0301" * 29),
        ("x" * 200_000, "x" * said.MOST_REPLY),
        ("\x1b[31mred\x00\u202ederever\u2066", "[31mredderever"),
        ("lone \ud800 one", "lone \ufffd one"),
    ],
)
def test_a_reply_is_cleaned_as_a_message_is_and_not_longer_than_somebody_reads(
    text: str, kept: str
) -> None:
    told = said.replied(Replied((Reply("r", "t", text),), b""))
    assert isinstance(told, Replied) and [one.text for one in told.replies] == [kept]
