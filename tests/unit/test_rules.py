"""Decisions as tables: when to try again, what to do in doubt, who must see a message first."""

from __future__ import annotations

import pytest

from relay.model import Absent, Found, Mark, Media, Message, Once, Unknown
from relay.rules.backoff import LONGEST_S, next_due, obeyed
from relay.rules.once import Hold, Look, Resend, again_at, in_doubt, looked
from relay.rules.policy import Policy, due_after, held_for, next_tick

NOW = 1_800_000_000


@pytest.mark.parametrize(("tries", "step"), [(1, 30), (2, 60), (3, 120), (8, 3600), (99, 3600)])
def test_the_wait_doubles_to_an_hour_with_jitter_in_its_upper_half(tries: int, step: int) -> None:
    for seed in range(200):
        assert step // 2 <= next_due(tries, NOW, bytes([seed])) - NOW <= step


def test_the_wait_is_a_function_of_its_seed() -> None:
    assert next_due(3, NOW, b"a") == next_due(3, NOW, b"a")
    assert len({next_due(6, NOW, bytes([seed])) for seed in range(50)}) > 30


def test_a_platforms_own_time_is_obeyed_and_capped() -> None:
    assert obeyed(None, NOW + 5, NOW) == NOW + 5
    assert obeyed(NOW + 90, NOW + 5, NOW) == NOW + 90
    assert obeyed(NOW - 90, NOW + 5, NOW) == NOW + 1
    assert obeyed(NOW + 10**9, NOW + 5, NOW) == NOW + 6 * LONGEST_S


@pytest.mark.parametrize(
    ("once", "age", "resent", "on_unsure", "expected"),
    [
        (Once("exact"), 0, False, "hold", Resend),
        (Once("exact"), 10**6, True, "hold", Resend),
        (Once("exact", 3600), 3599, False, "hold", Resend),
        (Once("exact", 3600), 3600, False, "hold", Look),
        (Once("exact", 3600), -(10**8), False, "hold", Look),
        (Once("exact", 3600), -1, False, "hold", Resend),
        (Once("lookup"), 0, False, "hold", Look),
        (Once("none"), 0, False, "hold", Hold),
        (Once("none"), 0, False, "resend_once", Resend),
        (Once("none"), 0, True, "resend_once", Hold),
    ],
)
def test_doubt_is_never_repeated_blindly(
    once: Once, age: int, resent: bool, on_unsure: str, expected: type
) -> None:
    doubt = in_doubt(once, first=NOW - age, now=NOW, resent=resent, on_unsure=on_unsure)
    assert isinstance(doubt, expected)


@pytest.mark.parametrize(("n", "wait"), [(1, 0), (2, 1), (3, 2), (6, 16), (14, 3600), (99, 3600)])
def test_the_same_bytes_are_sent_again_at_once_and_then_ever_later(n: int, wait: int) -> None:
    assert again_at(n, NOW) == NOW + wait


def test_two_strong_absents_allow_one_resend() -> None:
    strong = Absent(strong=True)
    assert looked(strong, absent=1, unknown=0, resent=False, now=NOW) == Look(NOW + 600)
    assert looked(strong, absent=2, unknown=0, resent=False, now=NOW) == Resend()
    assert isinstance(looked(strong, absent=2, unknown=0, resent=True, now=NOW), Hold)


def test_a_platform_that_does_not_tell_is_asked_for_a_while_and_then_a_person() -> None:
    for answer in (Unknown(), Absent(strong=False)):
        assert looked(answer, absent=0, unknown=9, resent=False, now=NOW) == Look(NOW + 600)
        assert isinstance(looked(answer, absent=0, unknown=10, resent=False, now=NOW), Hold)


def test_what_was_found_is_in_no_doubt() -> None:
    with pytest.raises(ValueError, match="no doubt"):
        looked(Found("1"), absent=0, unknown=0, resent=False, now=NOW)


OPEN = Policy(review="none")


@pytest.mark.parametrize(
    ("message", "policy", "reasons"),
    [
        (Message("hello"), OPEN, ()),
        (Message("hello"), Policy(), ("review",)),
        (Message("hello"), None, ("its channel is not in the settings",)),
        (Message("call", marks=(Mark("phone", 0, 4),)), OPEN, ("danger: phone",)),
        (Message("call", marks=(Mark("phone", 0, 4),)), Policy(review="none", danger="off"), ()),
        (Message("x", flags=("media",)), OPEN, ("media",)),
        (Message("x", media=(Media("image/png", b""),)), OPEN, ("media",)),
        (Message("x", flags=("auto-submitted",)), OPEN, ("automatic mail",)),
        (Message("x", flags=("unknown_address",)), OPEN, ("unknown address",)),
        (Message("x", flags=("perhaps_repeat",)), OPEN, ("perhaps a repeat",)),
        (Message("x", flags=("guessed_charset",)), OPEN, ("damaged text",)),
        (Message("x", flags=("national-alphabet",)), OPEN, ("damaged text",)),
        (
            Message("x", marks=(Mark("phone", 0, 1), Mark("mail", 0, 1)), flags=("media",)),
            Policy(),
            ("danger: mail, phone", "media", "review"),
        ),
    ],
)
def test_who_must_be_seen_by_a_person(
    message: Message, policy: Policy | None, reasons: tuple[str, ...]
) -> None:
    assert held_for(message, policy) == reasons


def test_the_delay_is_drawn_between_its_bounds() -> None:
    assert due_after(Policy(delay=(300, 2700)), NOW, lambda low, high: high) == NOW + 2700


@pytest.mark.parametrize(
    ("due", "tick", "expected"),
    [(1200, 600, 1200), (1201, 600, 1800), (1799, 600, 1800), (1201, 0, 1201)],
)
def test_the_page_is_released_at_ticks(due: int, tick: int, expected: int) -> None:
    assert next_tick(due, tick) == expected
