"""How the board shows a window and its release: until when, by whose clocks, and what follows."""

from __future__ import annotations

import pytest

from relay.model import Place, Queue, Row, Sent
from relay.node.calendar import Held
from relay.node.planned import in_window, releasing, waits
from relay.rules.releasing import Release
from relay.rules.windows import Do, Once, Period, Window

NOW = 1_795_469_400  # 2026-11-23 21:30 UTC
BOX = Place("box", "works", NOW - NOW % 3600)


def said(
    lasts_s: int = 5400,
    due: int = 0,
    zone: str = "UTC",
    release: Release | None = None,
    do: Do = "hold",
    to: str = "",
) -> str:
    times = Once(NOW, NOW + lasts_s, zone)
    window = Window("w", ("box",), times, do, to, "maintenance", "oldest", 60)
    held = Held(window, Period(NOW, NOW + lasts_s))
    place = in_window(BOX, held, release, due, NOW)
    assert (place.state, place.since) == ("planned", NOW - NOW % 3600)
    return place.why


@pytest.mark.parametrize(
    ("zone", "until"),
    [
        ("UTC", "23:00 UTC"),
        ("Asia/Tehran", "02:30 +03:30 (23:00 UTC)"),
        ("America/New_York", "18:00 -05:00 (23:00 UTC)"),
    ],
)
def test_the_end_is_said_by_the_clocks_of_its_zone(zone: str, until: str) -> None:
    assert said(zone=zone) == f"maintenance (w), until {until}"


def test_a_reason_from_right_to_left_turns_nothing_else() -> None:
    times = Once(NOW, NOW + 5400, "UTC")
    held = Held(Window("w", ("box",), times, why="تعمیرات"), Period(NOW, NOW + 5400))
    said = "\u2068تعمیرات\u2069 (w), until 23:00 UTC"
    assert in_window(BOX, held, None, 0, NOW).why == said
    row = Row(2, 1, 1, Queue.POST, Sent.WAITING, bytes(16), NOW, NOW, "box", "", b"", b"")
    assert waits(row, held, NOW) == f"planned: {said}"


def test_an_end_that_is_far_is_said_with_its_day() -> None:
    far = said(26 * 3600, zone="Asia/Tehran")
    assert far == "maintenance (w), until 2026-11-25 03:00 +03:30 (2026-11-24 23:30 UTC)"


@pytest.mark.parametrize(
    ("release", "then"),
    [
        (None, "14, oldest first, 60/h"),
        (Release("w", "newest", 0.5), "14, newest first, 7200/h"),
        (Release("w", "newest"), "14, newest first"),
        (Release("w", "oldest", 10, owed_s=8640), "14, oldest first, 10/d"),
        (Release("w", every_s=60 / 999_999), "14, oldest first, 999999/m"),
        (Release("w", every_s=60 / 600), "14, oldest first, 600/m"),
        (Release("w", every_s=86400 / 30), "14, oldest first, 30/d"),
        (Release("w", every_s=86400 / 500_000), "14, oldest first, 500000/d"),
        (Release("w", every_s=3600 / 70_007), "14, oldest first, 70007/h"),
        (Release("w", every_s=7), "14, oldest first, 514.3/h"),
    ],
)
def test_what_follows_is_said_where_something_waits(release: Release | None, then: str) -> None:
    assert said(due=14, release=release) == f"maintenance (w), until 23:00 UTC; then {then}"


@pytest.mark.parametrize(
    ("due", "then"), [(0, "goes to bluesky"), (2, "goes to bluesky, 2 cannot")]
)
def test_what_goes_elsewhere_is_said(due: int, then: str) -> None:
    assert said(due=due, do="reroute", to="bluesky") == f"maintenance (w), until 23:00 UTC; {then}"


def test_who_needs_its_operator_says_so_first() -> None:
    login = Place("box", "login", why="its token is old")
    held = Held(Window("w", ("box",), Once(0, 9, "UTC")), Period(0, 9))
    assert in_window(login, held, None, 3, 5) == login


@pytest.mark.parametrize(
    ("place", "due", "why"),
    [
        (BOX, 830, "releasing: 830 left, oldest first"),
        (BOX, 0, ""),
        (Place("box", "works", why="by tor"), 3, "by tor; releasing: 3 left, oldest first"),
        (Place("box", "blocked", why="no route"), 3, "no route"),
    ],
)
def test_a_release_is_shown_while_it_goes_on(place: Place, due: int, why: str) -> None:
    assert releasing(place, Release("w"), due, 0, NOW).why == why


@pytest.mark.parametrize(
    ("wait_s", "next"),
    [
        (0, ""),
        (59, ""),
        (299.5, ", the next at 21:35 UTC"),
        (80_000, ", the next at 2026-11-24 19:43 UTC"),
    ],
)
def test_a_release_says_its_pace_and_when_the_next_goes(wait_s: float, next: str) -> None:
    release = Release("w", "newest", 360)
    shown = releasing(BOX, release, 17, wait_s, NOW)
    assert shown.why == f"releasing: 17 left, newest first, 10/h{next}"


def test_a_window_without_a_reason_is_said_by_its_name_and_a_learned_one_by_its_reason() -> None:
    period, times = Period(NOW, NOW + 5400), Once(NOW, NOW + 5400, "UTC")
    without = Held(Window("w1", ("box",), times), period)
    learned = Held(Window("box", ("box",), times, why="answered 503", learned=True), period)
    said = [in_window(BOX, held, None, 0, NOW).why for held in (without, learned)]
    assert said == ["w1, until 23:00 UTC", "answered 503, until 23:00 UTC"]


@pytest.mark.parametrize(
    ("state", "why", "said"),
    [
        (Sent.WAITING, "", "planned: maintenance (w), until 23:00 UTC"),
        (Sent.UNSURE, "cut", "planned: maintenance (w), until 23:00 UTC; cut"),
        (Sent.HELD, "held by the operator", "held by the operator"),
        (Sent.SENDING, "", ""),
    ],
)
def test_a_delivery_says_for_what_it_waits(state: Sent, why: str, said: str) -> None:
    row = Row(2, 1, 1, Queue.POST, state, bytes(16), NOW, NOW, "box", why, b"")
    assert waits(row, held(), NOW) == said


def test_a_delivery_says_where_it_would_go() -> None:
    row = Row(2, 1, 1, Queue.POST, Sent.WAITING, bytes(16), NOW, NOW, "box", "", b"")
    assert waits(row, held("reroute", "page"), NOW).endswith("until 23:00 UTC; goes to page")


def held(do: Do = "hold", to: str = "") -> Held:
    times = Once(NOW, NOW + 5400, "UTC")
    return Held(Window("w", ("box",), times, do, to, "maintenance"), Period(NOW, NOW + 5400))
