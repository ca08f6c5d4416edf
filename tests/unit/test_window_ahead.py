"""What alarms hear of the calendar: which windows are in force, and which come."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from relay.node.ahead import LOOKED_AHEAD_S, ahead, planned
from relay.node.calendar import Calendar
from relay.rules.alarm import Ahead
from relay.rules.windows import Do, Once, Weekly, Window
from relay.spool.memory import MemorySpool

NOW = 1_795_380_000
"""22 November 2026, 20:40 UTC."""

NAMES = ("mastodon", "bluesky", "page")


class Hands:
    at = NOW

    def now(self) -> int:
        return self.at


def once(name: str, in_s: int, *, do: Do = "hold", to: str = "") -> Window:
    times = Once(NOW + in_s, NOW + in_s + 5400, "UTC")
    return Window(name, ("mastodon",), times, do, to, "maintenance")


def calendar(*windows: Window) -> tuple[Calendar, Hands]:
    clock = Hands()
    return Calendar(MemorySpool(clock), clock, windows, NAMES), clock


def test_the_next_windows_of_each_destination_are_told() -> None:
    night = Window("night", ("bluesky",), Weekly(1380, 420, frozenset(), ZoneInfo("UTC")))
    away = once("away", 1200, do="reroute", to="bluesky")
    found, _ = calendar(away, once("later", 9000), night)
    assert ahead(found, NAMES) == {
        "mastodon": [
            Ahead(1200, "maintenance", "bluesky", at=NOW + 1200),
            Ahead(9000, "maintenance", at=NOW + 9000),
        ],
        "bluesky": [Ahead(8400, "planned", recurs=True, at=NOW + 8400)],
    }


def test_what_is_far_ahead_is_not_told() -> None:
    found, clock = calendar(once("w", LOOKED_AHEAD_S + 1))
    assert ahead(found, NAMES) == {}
    clock.at += 1
    assert list(ahead(found, NAMES)) == ["mastodon"]


def test_what_has_begun_is_in_force_and_comes_no_more() -> None:
    found, clock = calendar(once("w", 1200))
    assert planned(found, NAMES) == frozenset()
    clock.at += 1200
    assert planned(found, NAMES) == {"mastodon"}
    assert ahead(found, NAMES) == {}


def test_without_a_calendar_there_is_nothing_to_tell() -> None:
    assert (planned(None, NAMES), ahead(None, NAMES)) == (frozenset(), {})
