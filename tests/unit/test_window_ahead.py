"""What alarms hear of the calendar: which windows are in force, and which come."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import trio
from trio.testing import MockClock

from relay.config import AlarmsTo
from relay.model import Attempt, Outcome, Part, Post, Posted
from relay.node.ahead import LOOKED_AHEAD_S, ahead, planned
from relay.node.alarms import Alarms
from relay.node.calendar import Calendar
from relay.ports import Keep
from relay.rules.alarm import Ahead, Facts, Patience, Shown, Trouble, troubles
from relay.rules.windows import Do, Once, Weekly, Window
from relay.spool.memory import MemorySpool

NOW = 1_795_380_000
"""22 November 2026, 20:40 UTC."""

NAMES = ("mastodon", "bluesky", "page")


class Hands:
    """A clock that is set by hand; with ``runs`` it goes on with the timers."""

    at = NOW
    runs = False

    def now(self) -> int:
        return self.at + (int(trio.current_time()) if self.runs else 0)


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


class Ops:
    """A destination that operators read, with the hour and minute of each alarm."""

    def __init__(self) -> None:
        self.read: list[tuple[str, str]] = []

    async def prepare(self, post: Post) -> Sequence[Part]:
        return [Part(post.secret.hex(), 0, 1, post.text.encode())]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        minutes = attempt.first // 60 % 1440
        self.read.append((f"{minutes // 60:02}:{minutes % 60:02}", attempt.part.payload.decode()))
        return Posted("1")


class Watched:
    """In place of an overview: one destination, where as many wait as ``waiting`` says at each
    look."""

    unheard: Sequence[str] = ()

    def __init__(self, found: Calendar, *waiting: int) -> None:
        self._calendar = found
        self._waiting = waiting
        self._looks = 0

    async def troubles(self) -> list[Trouble]:
        waiting = self._waiting[self._looks % len(self._waiting)]
        self._looks += 1
        board = {"mastodon": Shown("works", 0, waiting, 0)}
        windows = ahead(self._calendar, board)
        return troubles(Facts(board=board, windows=windows), Patience())


async def heard(lasts_s: int, waiting: tuple[int, ...], *windows: Window) -> list[tuple[str, str]]:
    """What operators read in this time."""
    found, clock = calendar(*windows)
    clock.runs = True
    ops = Ops()
    overview = Watched(found, *waiting)
    at = AlarmsTo.model_validate({"to": ("ops",), "check": "5m"})
    alarms = Alarms(overview, {"ops": ops}, clock, at)  # type: ignore[arg-type,dict-item]
    with trio.move_on_after(lasts_s):
        await alarms.run()
    return ops.read


async def test_a_window_each_daybreak_is_told_once_a_day_where_something_comes_and_goes(
    autojump_clock: MockClock,
) -> None:
    night = Window("night", ("mastodon",), Weekly(300, 420, frozenset(), ZoneInfo("UTC")))
    said = "mastodon goes down in 30 minutes (planned), 2 wait"
    assert await heard(3 * 86400, (0, 1, 2, 0), night) == [("04:30", said)] * 3


async def test_each_window_of_an_evening_is_told_half_an_hour_before_and_its_end_is_not(
    autojump_clock: MockClock,
) -> None:
    evening = [once(f"w{n}", 3600 + 7200 * n) for n in range(3)]
    read = await heard(86400, (14,), *evening)
    assert [when for when, _ in read] == ["21:10", "23:10", "01:10"]
    assert {said for _, said in read} == {"mastodon goes down in 30 minutes (maintenance), 14 wait"}
