"""The calendar: what is in force, what comes, what is kept, and a clock that is not trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import trio
from trio.testing import MockClock

from relay.errors import Asked, SpoolFull
from relay.node import calendar
from relay.node.calendar import Calendar, Held
from relay.node.kept_windows import DAMAGED, read_window, written_window
from relay.rules.windows import Once, Period, Weekly, Window
from relay.spool.memory import MemorySpool

NOW = 1_800_000_000
HOUR, DAY = 3600, 86400


class Hands:
    """A clock that is set by hand; with ``runs`` it goes on with the timers."""

    def __init__(self, runs: bool = False) -> None:
        self.at = NOW
        self.runs = runs

    def now(self) -> int:
        return self.at + (int(trio.current_time()) if self.runs else 0)


def once(name: str, begins_s: int, ends_s: int, *destinations: str) -> Window:
    times = Once(NOW + begins_s, NOW + ends_s, "UTC")
    return Window(name, destinations or ("box",), times)


class Here:
    """A calendar with all it needs."""

    def __init__(self, *settings: Window, spool: MemorySpool | None = None) -> None:
        self.clock = Hands()
        self.frozen = False
        self.spool = spool or MemorySpool(self.clock)
        self.calendar = self.again(*settings)

    def again(self, *settings: Window) -> Calendar:
        destinations = ("box", "hook", "page")
        return Calendar(self.spool, self.clock, settings, destinations, lambda: self.frozen)

    def name_at(self, destination: str = "box") -> str:
        held = self.calendar.at(destination)
        return held.window.name if held is not None else ""


def test_a_window_is_in_force_from_its_beginning_to_before_its_end() -> None:
    here = Here(once("w", 10, 20))
    found = []
    for at in (9, 10, 19, 20):
        here.clock.at = NOW + at
        found.append(here.name_at())
    assert found == ["", "w", "w", ""]
    assert here.name_at("hook") == ""


@pytest.mark.parametrize(
    ("windows", "first"),
    [
        ([once("short", 0, 10), once("long", 0, 20)], "long"),
        ([once("hold", 0, 10), replace(once("away", 0, 20), do="reroute", to="hook")], "hold"),
        ([replace(once("away", 0, 20), do="reroute", to="hook")], "away"),
        ([once("later", -1, 20), once("early", -2, 20)], "later"),
        ([once("b", 0, 20), once("a", 0, 20)], "b"),
    ],
)
def test_of_several_the_one_that_holds_and_ends_last_is_in_force(
    windows: Sequence[Window], first: str
) -> None:
    assert Here(*windows).name_at() == Here(*reversed(windows)).name_at() == first


def test_what_comes_is_told_ahead_and_not_earlier() -> None:
    here = Here(once("w", 1800, 5400))
    assert here.calendar.coming("box", 1799) == []
    assert here.calendar.coming("box", 1800) == [
        Held(once("w", 1800, 5400), Period(NOW + 1800, NOW + 5400))
    ]
    assert here.calendar.coming("hook", DAY) == []


def coming(*windows: Window) -> list[str]:
    return [one.window.name for one in Here(*windows).calendar.coming("box", DAY)]


def test_what_goes_on_as_it_is_does_not_come() -> None:
    assert coming(once("now", 0, 100), once("next", 100, 200)) == []
    assert coming(once("now", 0, 99), once("next", 100, 200)) == ["next"]


def test_all_windows_of_an_evening_come_and_none_twice() -> None:
    evening = [once("one", 10, 20), once("two", 30, 50), once("within", 35, 40)]
    assert coming(*reversed(evening), once("three", 60, 70)) == ["one", "two", "three"]
    assert coming(*evening, once("longer", 40, 60), once("three", 60, 70)) == ["one", "two"]


def test_what_begins_within_one_that_lasts_does_not_hide_what_comes_after_it() -> None:
    lasting = once("now", 0, 100)
    assert coming(lasting, once("within", 50, 60), once("after", 110, 120)) == ["after"]


def test_a_hold_that_follows_what_goes_elsewhere_comes() -> None:
    away = replace(once("now", 0, 100), do="reroute", to="hook")
    assert coming(away, once("next", 50, 200)) == ["next"]


def test_what_goes_to_another_place_than_before_comes() -> None:
    away = replace(once("now", 0, 100), do="reroute", to="hook")
    assert coming(away, replace(once("next", 50, 200), do="reroute", to="page")) == ["next"]
    assert coming(away, replace(once("next", 50, 200), do="reroute", to="hook")) == []


async def test_what_is_in_force_is_found_at_once_however_many_windows_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = Here(*(once(f"w{n}", 100 * n, 100 * n + 50) for n in range(100)))
    looks: list[Window] = []
    look = here.calendar._look
    monkeypatch.setattr(here.calendar, "_look", lambda one: looks.append(one) or look(one))
    for at in range(50):
        here.clock.at = NOW + at
        assert here.name_at() == "w0"
    assert len(looks) == 100
    for at, name in ((50, ""), (100, "w1"), (49, "w0")):
        here.clock.at = NOW + at
        assert here.name_at() == name
    await here.calendar.add(once("w", 0, 200))
    assert here.name_at() == "w"


async def test_what_was_added_and_learned_is_there_after_a_restart() -> None:
    here = Here()
    weekly = Weekly(1380, 420, frozenset({0, 6}), ZoneInfo("Asia/Tehran"), 5400)
    added = [
        replace(once("w1", 0, 50, "box", "hook"), why="تعمیرات", first="newest", every_s=60.0),
        Window("w2", ("box",), weekly, "reroute", "hook"),
        replace(once("w3", 5, 50, "box"), do="page", to="page"),
    ]
    for window in added:
        await here.calendar.add(window)
    await here.calendar.learn("hook", NOW + 600, "busy")
    after = here.again()
    await after.load()
    kept = {one.window.name: one.window for one in after.all()}
    assert [kept[name] for name in ("w1", "w2", "w3")] == added
    assert kept["hook"].learned and kept["hook"].why == "busy"
    assert after.at("hook") == here.calendar.at("hook")


async def test_what_is_removed_ends_at_once_and_does_not_come_back() -> None:
    here = Here()
    await here.calendar.add(once("w", 0, 50))
    assert here.name_at() == "w"
    await here.calendar.remove("w")
    assert here.name_at() == ""
    assert await here.spool.remembered() == {}
    with pytest.raises(Asked, match="no window has that name"):
        await here.calendar.remove("w")


async def test_a_window_of_the_settings_is_not_removed_by_a_command() -> None:
    here = Here(once("w", 0, 50))
    with pytest.raises(Asked, match=r"windows\.w is in the settings: take it out"):
        await here.calendar.remove("w")
    assert here.name_at() == "w"


@pytest.mark.parametrize(
    ("settings", "remedy"), [(False, "`relay window remove w`"), (True, "it is in the settings")]
)
async def test_who_names_a_destination_is_told_which_window_holds_it(
    settings: bool, remedy: str
) -> None:
    held = once("w", 0, 50, "box")
    here = Here(held) if settings else Here()
    if not settings:
        await here.calendar.add(held)
    with pytest.raises(Asked, match=f"w is in force for box: {remedy}"):
        await here.calendar.remove("box")


async def test_the_settings_go_before_what_was_added_under_the_same_name() -> None:
    here = Here(once("w", 100, 200))
    await here.calendar.add(once("w", 0, 50))
    assert here.name_at() == ""
    assert [(one.origin, one.shadowed) for one in here.calendar.all()] == [
        ("settings", False),
        ("command", True),
    ]
    await here.calendar.remove("w")
    assert [one.origin for one in here.calendar.all()] == ["settings"]


async def test_what_was_added_is_forgotten_a_day_after_it_is_over() -> None:
    here = Here()
    await here.calendar.add(once("w", 0, 50))
    here.clock.at = NOW + 50 + DAY - 1
    [listed] = here.calendar.all()
    assert listed.now is listed.then is None
    here.clock.at += 1
    assert here.calendar.all() == []
    await here.again().load()
    assert await here.spool.remembered() == {}


async def test_what_comes_again_is_never_forgotten() -> None:
    here = Here()
    times = Weekly(0, 60, frozenset(), ZoneInfo("UTC"))
    await here.calendar.add(Window("w", ("box",), times))
    here.clock.at = NOW + 1000 * DAY
    after = here.again()
    await after.load()
    assert len(after.all()) == 1


async def test_what_a_platform_said_counts_until_then_and_six_hours_at_most() -> None:
    here = Here()
    await here.calendar.learn("box", NOW + 600, "maintenance")
    held = here.calendar.at("box")
    assert held is not None and held.period == Period(NOW, NOW + 600)
    here.clock.at = NOW + 300
    await here.calendar.learn("box", NOW + 1000 * DAY, "maintenance")
    held = here.calendar.at("box")
    assert held is not None and held.period == Period(NOW, NOW + 300 + 6 * HOUR)
    here.clock.at = held.period.ends
    assert here.calendar.all() == []


async def test_what_was_learned_does_not_begin_anew_when_the_clock_is_set_back() -> None:
    here = Here()
    await here.calendar.learn("box", NOW + 600, "maintenance")
    here.clock.at = NOW - DAY
    assert here.name_at() == ""
    assert here.calendar.coming("box", 7 * DAY) == []
    assert here.calendar.all() == []


async def test_while_the_clock_is_not_trusted_nothing_begins_or_ends() -> None:
    here = Here(once("w", 10, 20))
    assert here.name_at() == ""
    here.frozen, here.clock.at = True, NOW + 15
    assert here.name_at() == ""
    here.frozen = False
    assert here.name_at() == "w"
    here.frozen, here.clock.at = True, NOW + 10 * 365 * DAY
    assert here.name_at() == "w"
    assert here.calendar.now == NOW + 15
    here.frozen = False
    assert here.name_at() == ""


async def test_while_the_clock_is_not_trusted_nothing_is_forgotten() -> None:
    here = Here()
    await here.calendar.add(once("w", 0, 50))
    here.frozen, here.clock.at = True, NOW + 10 * 365 * DAY
    after = here.again()
    await after.load()
    await after.add(once("other", 0, 50))
    here.frozen, here.clock.at = False, NOW
    assert len(after.all()) == 2


GOOD = written_window(once("w", 0, 1))
NIGHT = written_window(Window("w", ("box",), Weekly(1380, 420, frozenset({3}), ZoneInfo("UTC"))))


@pytest.mark.parametrize(
    "value",
    [
        b" ",
        b"\xff",
        b"{}",
        b"[]",
        b"null",
        b"[" * 100_000,
        GOOD[:-4],
        GOOD.replace(b'"hold"', b'"shout"'),
        GOOD.replace(b'"hold"', b'["hold"]'),
        GOOD.replace(b'"hold"', b'"reroute"'),
        GOOD.replace(b'"oldest"', b'"loudest"'),
        GOOD.replace(b'"once": [', b'"once": ["a", '),
        GOOD.replace(b'"once": [', b'"once": [1e999, 1], "twice": ['),
        GOOD.replace(b'"once": [', b'"once": [1, 1' + b"0" * 40 + b'], "twice": ['),
        GOOD.replace(b'"once": [', b'"once": [-1' + b"0" * 20 + b', 1], "twice": ['),
        GOOD.replace(b'["box"]', b'"box"'),
        GOOD.replace(b'["box"]', b"[]"),
        GOOD.replace(b'"box"', b'"b\\u001b[2Jox"'),
        GOOD.replace(b'"planned"', b"7"),
        GOOD.replace(b'"every_s": 0.0', b'"every_s": NaN'),
        GOOD.replace(b'"every_s": 0.0', b'"every_s": Infinity'),
        GOOD.replace(b'"every_s": 0.0', b'"every_s": -1'),
        GOOD.replace(b'"name": "w"', b'"name": "v"'),
        GOOD.replace(b'"learned": false', b'"learned": true'),
        NIGHT.replace(b"1380", b"1440"),
        NIGHT.replace(b"420", b"-1"),
        NIGHT.replace(b"420", b"9" * 30),
        NIGHT.replace(b"[3]", b"[7]"),
        NIGHT.replace(b"[3], 0", b"[3], -60"),
        NIGHT.replace(b"[3], 0", b"[3], " + b"9" * 30),
        NIGHT.replace(b'"UTC"', b'"Nowhere/None"'),
    ],
)
async def test_what_is_damaged_is_forgotten_with_a_notice(value: bytes) -> None:
    here = Here()
    assert value not in (GOOD, NIGHT)
    await here.spool.remember("window w", value)
    await here.calendar.add(once("good", 0, 50))
    after = here.again()
    await after.load()
    assert [one.window.name for one in after.all()] == ["good"]
    assert after.notices == [DAMAGED]
    assert list(await here.spool.remembered()) == ["window good"]


async def test_a_single_period_is_kept_where_its_zone_is_not_known_any_more() -> None:
    here = Here()
    await here.spool.remember("window w", GOOD.replace(b'"UTC"', b'"Nowhere/None"'))
    await (after := here.again()).load()
    [listed] = after.all()
    assert listed.window == once("w", 0, 1)


@pytest.mark.parametrize(
    "times", [Once(1, 2, "Asia/Tehran"), Weekly(0, 1439, frozenset({3}), ZoneInfo("UTC"), 60)]
)
def test_a_window_is_read_as_it_was_written(times: Once | Weekly) -> None:
    window = Window("w", ("box", "page"), times, "reroute", "hook", "wörk", "newest", 2.5, True)
    assert read_window(written_window(window)) == window


class Full(MemorySpool):
    async def remember(self, name: str, value: bytes) -> None:
        raise SpoolFull


class Filling(MemorySpool):
    full = False

    async def remember(self, name: str, value: bytes) -> None:
        if self.full:
            raise SpoolFull
        await super().remember(name, value)


async def test_on_a_full_disk_what_was_learned_holds_and_what_was_added_is_refused() -> None:
    here = Here(spool=Full(Hands()))
    with pytest.raises(SpoolFull):
        await here.calendar.add(once("w", 0, 50))
    assert here.name_at() == ""
    await here.calendar.learn("box", NOW + 600, "maintenance")
    assert here.name_at() == "box"
    await here.calendar.remove("box")
    assert here.name_at() == ""


async def test_on_a_full_disk_a_node_starts_and_what_is_added_stays() -> None:
    spool = Filling(Hands())
    here = Here(spool=spool)
    await here.calendar.add(once("w", 0, 50))
    await here.calendar.add(once("old", -DAY, 1 - DAY))
    await here.spool.remember("window odd", b"{}")
    spool.full = True
    after = here.again()
    here.clock.at += 1
    await after.load()
    with pytest.raises(SpoolFull):
        await after.remove("w")
    assert [one.window.name for one in after.all()] == ["w"]
    assert after.notices == [DAMAGED]


async def test_who_waits_is_woken_when_a_window_begins_and_ends(autojump_clock: MockClock) -> None:
    here = Here(once("w", 25, 40))
    here.clock.runs = True
    seen = []
    while trio.current_time() < 60:
        seen.append((round(trio.current_time()), here.name_at()))
        await here.calendar.changed()
    assert seen == [(0, ""), (25, "w"), (40, "")]


async def test_who_waits_asks_again_each_minute_whatever_the_clock_says(
    autojump_clock: MockClock,
) -> None:
    here = Here(once("w", 1000, 2000))
    await here.calendar.changed()
    assert trio.current_time() == 60
    here.clock.at = NOW + 1500
    assert here.name_at() == "w"


async def test_who_waits_is_woken_by_a_command(autojump_clock: MockClock) -> None:
    here = Here()
    woken = []

    async def wait() -> None:
        await here.calendar.changed()
        woken.append(here.name_at())

    for change in (
        lambda: here.calendar.add(once("w", 0, 50)),
        lambda: here.calendar.remove("w"),
        lambda: here.calendar.learn("box", NOW + 600, "busy"),
        lambda: here.calendar.remove("box"),
    ):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait)
            await trio.testing.wait_all_tasks_blocked()
            await change()
    assert woken == ["w", "", "box", ""]
    assert trio.current_time() == 0


async def test_where_there_is_no_place_to_go_to_any_more_what_is_held_waits() -> None:
    here = Here()
    await here.calendar.add(replace(once("w", 0, 50), do="reroute", to="gone"))
    held = here.calendar.at("box")
    assert held is not None and (held.window.do, held.window.to) == ("hold", "")
    [listed] = here.calendar.all()
    assert (listed.window.to, listed.unknown) == ("gone", ("gone",))
    await here.calendar.add(replace(once("w", 0, 50), do="reroute", to="hook"))
    held = here.calendar.at("box")
    assert held is not None and held.window.do == "reroute"


async def test_a_window_for_what_is_not_in_the_settings_says_so() -> None:
    here = Here()
    await here.calendar.add(once("w", 0, 50, "box", "gone"))
    [listed] = here.calendar.all()
    assert listed.unknown == ("gone",)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tehran", "Australia/Lord_Howe"])
async def test_a_year_of_nights_begins_and_ends_by_the_clocks_of_its_zone(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setattr(calendar, "LOOK_S", 86400.0)  # else half a million looks
    clocks = ZoneInfo(zone)
    here = Here(Window("night", ("box",), Weekly(1380, 420, frozenset(), clocks)))
    here.clock.runs = True
    shown: Counter[tuple[str, str]] = Counter()
    before = here.name_at()
    while trio.current_time() < 365 * DAY:
        await here.calendar.changed()
        if (name := here.name_at()) != before:
            at = datetime.fromtimestamp(here.clock.now(), clocks)
            shown[name, f"{at:%H:%M:%S}"] += 1
            before = name
    assert set(shown) == {("night", "23:00:00"), ("", "07:00:00")}
    assert min(shown.values()) >= 365
