"""What is an alarm, as a table; and that no sentence of one can hold what a person wrote."""

from __future__ import annotations

import pytest

from relay.rules.alarm import SETTLES_S, SKEW_S, Ahead, Facts, Patience, Shown, troubles
from relay.rules.budgets import Budget
from relay.rules.spending import Spending

HOUR = 3600
AT = 1_800_000_000
PATIENCE = Patience(6 * HOUR, 3 * HOUR)
GONE = [Spending(Budget("posts", "day", 9), 9)]


def keys(facts: Facts) -> list[str]:
    return [trouble.key for trouble in troubles(facts, PATIENCE)]


def test_a_node_that_is_well_has_no_troubles() -> None:
    board = {"page": Shown("works", 1e9, 3, 6 * HOUR), "phone": Shown("works", 1e9, 0, 0)}
    assert keys(Facts(board=board, held=4, held_s=3 * HOUR)) == []


@pytest.mark.parametrize(
    ("facts", "key", "word"),
    [
        (Facts(room=False), "disk", "make room"),
        (Facts(lost=3), "lost", "3 accepted"),
        (Facts(standing="locked", waiting=412), "locked", "412 wait"),
        (Facts(paused={"relay": AT}, waiting=5), "paused relay", "everything is paused"),
        (Facts(paused={"news": AT}), "paused news", "relay resume news"),
        (Facts(skew_s=2 * HOUR), "clock", "2 h ahead"),
        (Facts(skew_s=-7 * 60), "clock", "7 min behind"),
        (Facts(unheard=["ops"]), "alarm ops", "ops"),
        (Facts(certificate="the certificate has ended"), "certificate", "has ended: `relay check`"),
        (Facts(nowhere={"x": 3}), "nowhere x", "3 wait for x, which no channel names any more"),
        (Facts(astray={"x": 3}, role="entry"), "astray x", "3 wait for exit x, which is not in [p"),
        (Facts(astray={"x": 3}, role="exit"), "astray x", "from when this node was an entry"),
        (Facts(left=3, role="entry"), "left", "give it back its role and its exit.key"),
        (Facts(ahead=2), "ahead", "was the clock wrong?"),
        (Facts(not_theirs={"x": "direct"}), "tls x", "x by direct: the certificate is not its own"),
        (Facts(strangers=True), "senders", "keys/senders cannot be opened"),
        (Facts(no_users=True), "users", "keys/users cannot be opened"),
        (Facts(audit_altered=True), "audit", "data/audit was altered"),
        (Facts(board={"x": Shown("login", 0, 0, 0)}), "login x", "relay login x"),
        (Facts(board={"x": Shown("silent", 0, 0, 0)}), "silent x", "nothing was heard"),
        (
            Facts(board={"x": Shown("spent", 0, 0, 0, 0, GONE, GONE[0].budget.spent)}),
            "spent x",
            "posts_per_day",
        ),
        (Facts(board={"x": Shown("spent", 0, 0, 0, 0, GONE)}), "spent x", "budget"),
        (Facts(board={"x": Shown("spent", 0, 0, 0)}), "spent x", "no credit"),
        (
            Facts(board={"x": Shown("blocked", SETTLES_S, 0, 0)}),
            "blocked x",
            "x is blocked, 0 wait",
        ),
        (Facts(board={"x": Shown("slow", 0, 9, 7 * HOUR)}), "waiting x", "9 wait for x"),
        (Facts(board={"x": Shown("works", 0, 9, 0, 4)}), "stale x", "4 waited too long for x"),
        (Facts(held=9, danger=2, held_s=4 * HOUR), "held", "2 of them marked as dangerous"),
    ],
)
def test_each_trouble_has_its_key_and_a_sentence(facts: Facts, key: str, word: str) -> None:
    [trouble] = troubles(facts, PATIENCE)
    assert trouble.key == key
    assert word in trouble.said


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("answered 503", " (answered 503)"),
        ("direct: tls", " (direct: tls)"),
        ("direct: dns; tor-2: timed out", " (direct: dns; tor-2: timed out)"),
        ("the host cannot be reached", ""),
        ("somebody: blocked", ""),
    ],
)
def test_why_a_platform_is_blocked_is_told_in_our_own_words_only(why: str, told: str) -> None:
    [trouble] = troubles(Facts(board={"x": Shown("blocked", SETTLES_S, 4, 0, why=why)}), PATIENCE)
    assert trouble.said == f"x is blocked{told}, 4 wait: see `relay board`"


@pytest.mark.parametrize(
    "facts",
    [
        Facts(skew_s=SKEW_S),
        Facts(board={"x": Shown("blocked", SETTLES_S - 1, 0, 0)}),
        Facts(board={"x": Shown("slow", 0, 9, 7 * HOUR - 1)}),
        Facts(held=9, held_s=4 * HOUR - 1),
        Facts(held=0, held_s=99 * HOUR),
    ],
)
def test_what_is_just_within_bounds_is_no_alarm(facts: Facts) -> None:
    assert keys(facts) == []


@pytest.mark.parametrize("name", ["relay", "x"])
def test_what_is_paused_is_said_once_and_not_as_waiting_too(name: str) -> None:
    board = {"x": Shown("login", 0, 9, 99 * HOUR)}
    assert keys(Facts(paused={name: AT}, board=board)) == [f"paused {name}"]


def test_only_a_brake_is_said_every_hour() -> None:
    facts = Facts(standing="locked", paused={"x": AT}, lost=1, board={"y": Shown("login", 0, 0, 0)})
    hourly = {trouble.key: trouble.hourly for trouble in troubles(facts, PATIENCE)}
    assert hourly == {"locked": True, "paused x": True, "lost": False, "login y": False}


def told(window: Ahead, *, waiting: int = 14, paused: str = "") -> list[str]:
    board = {"mastodon": Shown("works", 0, waiting, 0)}
    facts = Facts(
        board=board, windows={"mastodon": [window]}, paused={paused: AT} if paused else None
    )
    return [trouble.said for trouble in troubles(facts, PATIENCE)]


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (
            Ahead(1200, "maintenance"),
            "mastodon goes down in 20 minutes (maintenance), 14 wait",
        ),
        (Ahead(1171, "planned"), "mastodon goes down in 20 minutes (planned), 14 wait"),
        (Ahead(1, "planned"), "mastodon goes down in 1 minute (planned), 14 wait"),
        (
            Ahead(900, "tests", "bluesky"),
            "mastodon is replaced by bluesky in 15 minutes (tests), 14 wait",
        ),
    ],
)
def test_a_window_is_told_ahead_with_what_waits(window: Ahead, said: str) -> None:
    assert told(window) == [said]


@pytest.mark.parametrize(("in_s", "said"), [(7200, "2 hours"), (172800, "2 days")])
def test_a_window_is_told_as_early_as_is_asked_for(in_s: int, said: str) -> None:
    facts = Facts(windows={"x": [Ahead(in_s, "planned")]})
    assert keys(facts) == []
    [trouble] = troubles(facts, Patience(ahead_s=in_s))
    assert trouble.said == f"x goes down in {said} (planned), 0 wait"
    assert trouble.notice


def test_each_window_of_an_evening_is_a_trouble_of_its_own() -> None:
    windows = [Ahead(600, "works", at=AT + 600), Ahead(1500, "more works", at=AT + 1500)]
    found = [
        {
            trouble.key: trouble.said
            for trouble in troubles(Facts(windows={"x": windows[passed:]}), PATIENCE)
        }
        for passed in (0, 1)
    ]
    assert list(found[0].values()) == [
        "x goes down in 10 minutes (works), 0 wait",
        "x goes down in 25 minutes (more works), 0 wait",
    ]
    assert list(found[1].items()) == list(found[0].items())[1:]


def test_a_reason_from_right_to_left_does_not_turn_the_count_that_follows() -> None:
    [said] = told(Ahead(1200, "تعمیرات"))
    assert said == "mastodon goes down in 20 minutes (\u2068تعمیرات\u2069), 14 wait"


def test_a_window_that_comes_again_is_told_only_where_something_waits() -> None:
    night = Ahead(1200, "quiet hours", recurs=True)
    assert told(night, waiting=0) == []
    assert told(night) == ["mastodon goes down in 20 minutes (quiet hours), 14 wait"]


@pytest.mark.parametrize("paused", ["relay", "mastodon"])
def test_what_is_paused_does_not_go_down(paused: str) -> None:
    said = told(Ahead(1200, "planned"), paused=paused)
    assert [one for one in said if "goes down" in one] == []


def test_while_a_window_is_in_force_nothing_waits_too_long_and_nothing_is_blocked() -> None:
    board = {
        "x": Shown("blocked", SETTLES_S, 9, 99 * HOUR, 4),
        "y": Shown("login", 0, 9, 99 * HOUR),
    }
    assert keys(Facts(board=board)) == ["blocked x", "waiting x", "stale x", "login y", "waiting y"]
    assert keys(Facts(board=board, planned={"x", "y"})) == ["stale x", "login y"]
