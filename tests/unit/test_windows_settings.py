"""[windows.NAME]: what is read, and every mistake with its remedy."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from relay.config import Settings, load, odd_windows, windows_of
from relay.config.zones import meant, zone
from relay.errors import SettingsError
from relay.plugins import destinations
from relay.rules.windows import Once, Weekly, Window

BESIDE = """
[channels.news]
destinations = ["page", "mastodon", "bluesky"]
[destinations.mastodon]
bridge = "folder"
folder = "one"
[destinations.bluesky]
bridge = "folder"
folder = "two"
[destinations.spare]
bridge = "folder"
folder = "three"
[destinations.ops]
bridge = "webhook"
url = "https://alarm.example.org/in"
[alarms]
to = ["ops"]
"""

SOUND = {
    "destinations": '["mastodon"]',
    "from": '"2026-11-23 01:00"',
    "until": '"+90m"',
    "zone": '"Asia/Tehran"',
}

TEHRAN = ZoneInfo("Asia/Tehran")


def file(tmp_path: Path, *windows: dict[str, str]) -> Path:
    """A settings file with these windows, each a sound one but for what is given; an empty value
    leaves a key out."""
    text = BESIDE
    for n, more in enumerate(windows):
        lines = (f"{key} = {value}\n" for key, value in (SOUND | more).items() if value)
        text += f"[windows.w{n}]\n" + "".join(lines)
    path = tmp_path / "relay.toml"
    path.write_text(text)
    return path


def settings(tmp_path: Path, *windows: dict[str, str]) -> Settings:
    return load(file(tmp_path, *windows))


def window(tmp_path: Path, **more: str) -> Window:
    [found] = windows_of(settings(tmp_path, {key.rstrip("_"): one for key, one in more.items()}))
    return found


def mistakes(tmp_path: Path, **more: str) -> dict[str, str]:
    path = file(tmp_path, {key.rstrip("_"): one for key, one in more.items()})
    with pytest.raises(SettingsError) as raised:
        load(path)
    return {one.key: f"{one.what}; {one.remedy}" for one in raised.value.mistakes}


def at(*wall: int, zone: ZoneInfo = TEHRAN) -> int:
    return int(datetime(*wall, tzinfo=zone).timestamp())  # type: ignore[misc,arg-type]


def test_a_window_of_the_issue_is_read(tmp_path: Path) -> None:
    begins = at(2026, 11, 23, 1)
    times = Once(begins, begins + 5400, "Asia/Tehran")
    assert window(tmp_path, why='"maintenance"') == Window(
        "w0", ("mastodon",), times, why="maintenance"
    )


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        ('"2026-11-23 02:30"', (2026, 11, 23, 2, 30)),
        ('"2026-11-23T02:30"', (2026, 11, 23, 2, 30)),
        ('"2026-12-01 00:00"', (2026, 12, 1)),
        ('"02:30"', (2026, 11, 23, 2, 30)),
        ('"00:30"', (2026, 11, 24, 0, 30)),
        ('"01:00"', (2026, 11, 24, 1, 0)),
        ('"+2h"', (2026, 11, 23, 3)),
        ('"۰۲:۳۰"', (2026, 11, 23, 2, 30)),
    ],
)
def test_an_end_is_a_date_a_time_of_day_or_a_length(
    tmp_path: Path, until: str, ends: tuple[int, ...]
) -> None:
    times = window(tmp_path, until=until).times
    assert times == Once(at(2026, 11, 23, 1), at(*ends), "Asia/Tehran")


@pytest.mark.parametrize(
    ("until", "ends", "lasts_s"), [('"07:00"', 420, 0), ('"7:00"', 420, 0), ('"+8h"', 0, 28800)]
)
def test_quiet_hours_come_again_on_their_days(
    tmp_path: Path, until: str, ends: int, lasts_s: int
) -> None:
    every = window(tmp_path, from_='"23:00"', until=until)
    assert every.times == Weekly(1380, ends, frozenset(), TEHRAN, lasts_s)
    some = window(tmp_path, from_='"23:00"', until=until, days='["sun", "mon"]')
    assert some.times == Weekly(1380, ends, frozenset({6, 0}), TEHRAN, lasts_s)


def test_a_length_counts_what_passes_and_a_time_what_clocks_show(tmp_path: Path) -> None:
    summer = {"from_": '"2026-03-29 00:00"', "zone": '"Europe/Berlin"'}
    for until, hours in (('"+4h"', 4), ('"04:00"', 3)):
        times = window(tmp_path, until=until, **summer).times
        assert isinstance(times, Once)
        assert times.ends - times.begins == hours * 3600


def test_what_is_rerouted_goes_to_one_of_the_others(tmp_path: Path) -> None:
    other = window(tmp_path, do='"reroute"', to='"bluesky"', rate='"60/h"', first='"newest"')
    assert (other.do, other.to, other.every_s, other.first) == ("reroute", "bluesky", 60, "newest")
    assert window(tmp_path, do='"page"').to == "page"
    assert window(tmp_path, do='"reroute"', to='"page"').to == "page"


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [
        ("from", '"tomorrow"', '"2026-11-23 01:00", or "23:00"'),
        ("from", '"2026-11-23"', '"2026-11-23 01:00", or "23:00"'),
        ("from", '"24:00"', 'midnight as "00:00"'),
        ("until", '"24:00"', 'midnight as "00:00"'),
        ("from", '"2026-11-23 24:00"', '"00:00" of the day that follows'),
        ("from", '"1:00 pm"', '"23:00"'),
        ("from", '"2026-11-23 01:00:30"', '"23:00"'),
        ("from", '"1:5"', '"23:00"'),
        ("from", '"2026-02-30 01:00"', "a day and an hour that there are"),
        ("from", '"2026-11-23 25:00"', "a day and an hour that there are"),
        ("from", '"1405-09-02 01:00"', "the year as ISO 8601 counts it"),
        ("from", "2026-11-23T01:00:00", "a text in quotes"),
        ("from", '""', '"23:00"'),
        ("from", '"now"', "`relay window add`"),
        ("from", "", "add it"),
        ("from", '"+1h"', '"23:00"'),
        ("until", '"90m"', 'a length like "+90m"'),
        ("until", '"+0m"', 'a length like "+90m"'),
        ("until", '"+soon"', 'a length like "+90m"'),
        ("until", '"now"', 'a length like "+90m"'),
        ("until", "", "add it"),
        ("until", '"2026-11-23 00:59"', "mend the one or the other"),
        ("until", '"2026-11-23 01:00"', "mend the one or the other"),
        ("until", '"2028-11-23 01:00"', "relay pause"),
        ("zone", "", '"Asia/Tehran", or "UTC"'),
        ("zone", '""', '"Asia/Tehran", or "UTC"'),
        ("zone", '"Asia/Teheran"', 'write "Asia/Tehran"'),
        ("zone", '"tehran"', 'write "Asia/Tehran"'),
        ("zone", '"nowhere at all"', '"Asia/Tehran", or "UTC"'),
        ("zone", '"+03:30"', '"Asia/Tehran", or "UTC"'),
        ("zone", '"localtime"', '"Asia/Tehran", or "UTC"'),
        ("zone", '"right/UTC"', "UTC"),
        ("zone", '"Asia"', '"Asia/'),
        ("zone", '"../../etc/passwd"', '"Asia/Tehran", or "UTC"'),
        ("days", '["mon"]', "take them out, or the date"),
        ("do", '"wait"', "'hold', 'reroute' or 'page'"),
        ("to", '"bluesky"', 'do = "reroute"'),
        ("rate", "0", '"60/h"'),
        ("rate", '"0/h"', '"60/h"'),
        ("first", '"loudest"', "'oldest' or 'newest'"),
        ("why", '""', "a line of text"),
        ("destinations", "[]", "name at least one"),
        ("zone", '"GMT+3"', 'a name like "Asia/Tehran"'),
        ("zone", '"IRST"', 'a name like "Asia/Tehran"'),
        ("destinations", '["mastodn"]', "add [destinations.NAME] or mend it"),
        ("destinations", '["mastodon", "ops"]', "no alarm ever waits"),
        ("colour", '"red"', "look for a misspelling"),
    ],
)
def test_each_mistake_is_named_with_a_remedy_and_without_its_value(
    tmp_path: Path, key: str, value: str, remedy: str
) -> None:
    found = mistakes(tmp_path, **{key: value})
    assert list(found) == [f"windows.w0.{key}"]
    said = found[f"windows.w0.{key}"]
    assert remedy in said
    assert value in ('""', "", "[]", "0", '"now"') or value.strip('["]') not in said.split('"')


@pytest.mark.parametrize(
    ("more", "remedy"),
    [
        ({"do": '"reroute"'}, "name the destination that has it instead"),
        ({"do": '"reroute"', "to": '"nowhere"'}, "add [destinations.NAME]"),
        ({"do": '"reroute"', "to": '"mastodon"'}, "name another one"),
        ({"do": '"reroute"', "to": '"ops"'}, "that the public reads"),
        ({"do": '"page"', "to": '"bluesky"'}, 'write do = "reroute"'),
    ],
)
def test_where_to_is_one_of_the_others_that_the_public_reads(
    tmp_path: Path, more: dict[str, str], remedy: str
) -> None:
    found = mistakes(tmp_path, **more)
    assert remedy in found["windows.w0.to"]


def test_where_a_window_sends_to_is_posted_to(tmp_path: Path) -> None:
    plain = settings(tmp_path, {"do": '"reroute"', "to": '"spare"'})
    assert "spare" in destinations(plain)


def test_of_a_wrong_word_for_what_it_does_nothing_else_follows(tmp_path: Path) -> None:
    assert list(mistakes(tmp_path, do='"rerute"', to='"bluesky"')) == ["windows.w0.do"]


def test_the_page_is_not_replaced_by_itself(tmp_path: Path) -> None:
    found = mistakes(tmp_path, do='"page"', destinations='["mastodon", "page"]')
    assert 'do = "hold"' in found["windows.w0.destinations"]
    assert window(tmp_path, destinations='["page"]').destinations == ("page",)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"until": '"2026-11-23 01:00"'}, "from"),
        ({"until": '"23:00"'}, "until"),
        ({"until": '"+24h"'}, "until"),
        ({"until": '"+24h"', "days": '["sat", "sun"]'}, "until"),
        ({"until": '"+8d"', "days": '["sat"]'}, "until"),
    ],
)
def test_what_would_never_be_over_is_a_mistake(
    tmp_path: Path, more: dict[str, str], key: str
) -> None:
    assert list(mistakes(tmp_path, from_='"23:00"', **more)) == [f"windows.w0.{key}"]


def test_all_mistakes_of_a_window_are_told_at_once(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path, zone='"Asia/Teheran"', destinations='["mastodn"]', rate='"often"', to='"x"'
    )
    assert set(found) == {
        "windows.w0.zone",
        "windows.w0.destinations",
        "windows.w0.rate",
        "windows.w0.to",
    }


def test_a_name_that_is_used_elsewhere_is_a_mistake(tmp_path: Path) -> None:
    path = file(tmp_path, {})
    path.write_text(path.read_text().replace("[windows.w0]", "[windows.mastodon]"))
    with pytest.raises(SettingsError, match=r"windows\.mastodon: is a name used twice"):
        load(path)


def test_what_is_over_is_a_warning_and_no_mistake(tmp_path: Path) -> None:
    sound = settings(tmp_path, {})
    ends = at(2026, 11, 23, 2, 30)
    assert list(odd_windows(sound, ends + 86399)) == []
    assert list(odd_windows(sound, ends + 86400)) == [
        ("windows.w0.until", "it is over: take the window out")
    ]


AWAY = {"do": '"reroute"', "to": '"bluesky"'}
NIGHT = {"from": '"23:00"', "until": '"07:00"'}


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ({}, AWAY, "w0 counts, since it holds"),
        (AWAY, {}, "w1 counts, since it holds"),
        ({"do": '"page"'}, AWAY, "the one that ends last counts"),
        (NIGHT, AWAY, "w0 counts"),
        (AWAY, NIGHT, "w1 counts"),
        (NIGHT, NIGHT | AWAY | {"zone": '"UTC"'}, "w0 counts"),
        ({}, {}, ""),
        (NIGHT, AWAY | {"from": '"2026-11-23 07:00"'}, ""),
        (NIGHT, AWAY | {"from": '"2026-11-23 06:59"'}, "w0 counts"),
        (NIGHT, AWAY | {"from": '"07:00"', "until": '"23:00"'}, ""),
        (NIGHT | {"days": '["mon"]'}, NIGHT | AWAY | {"days": '["wed"]'}, ""),
        (NIGHT | {"days": '["mon"]'}, NIGHT | AWAY | {"days": '["mon", "wed"]'}, "w0 counts"),
        ({}, AWAY | {"destinations": '["page"]'}, ""),
        ({}, AWAY | {"from": '"2026-11-23 02:30"'}, ""),
    ],
)
def test_two_that_are_in_force_together_are_told_with_the_one_that_counts(
    tmp_path: Path, one: dict[str, str], other: dict[str, str], said: str
) -> None:
    found = list(odd_windows(settings(tmp_path, one, other), at(2026, 11, 20, 12)))
    assert [key for key, _ in found] == (["windows.w1"] if said else [])
    assert all(said in meaning for _, meaning in found)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (AWAY, {"destinations": '["bluesky"]'}, "where w0 sends to, is in w1 itself"),
        ({"destinations": '["bluesky"]'}, AWAY, "where w1 sends to, is in w0 itself"),
        (AWAY, {"destinations": '["bluesky"]', "from": '"2026-11-23 02:30"'}, ""),
    ],
)
def test_where_a_window_sends_to_what_is_in_one_itself_that_is_told(
    tmp_path: Path, one: dict[str, str], other: dict[str, str], said: str
) -> None:
    found = [meaning for _, meaning in odd_windows(settings(tmp_path, one, other), at(2026, 11, 1))]
    assert len(found) == bool(said)
    assert all(said in meaning for meaning in found)


def test_of_many_that_are_in_force_together_three_are_named(tmp_path: Path) -> None:
    found = list(odd_windows(settings(tmp_path, *[{}] * 5, AWAY), at(2026, 11, 20, 12)))
    assert [meaning.split(":")[0] for _, meaning in found] == [
        *(f"at times it is in force together with w{n}" for n in range(3)),
        "and so it is 2 times more",
    ]


def test_what_is_over_contradicts_nothing_that_is_told(tmp_path: Path) -> None:
    found = list(odd_windows(settings(tmp_path, {}, AWAY), at(2026, 12, 24)))
    assert [key for key, _ in found] == ["windows.w0.until", "windows.w1.until"]


@pytest.mark.parametrize(
    ("more", "odd"),
    [
        ({"from": '"2027-03-28 02:30"'}, ["from"]),
        ({"from": '"2027-10-31 02:30"', "until": '"02:45"'}, ["from", "until"]),
        ({"from": '"02:30"', "until": '"04:00"'}, []),
    ],
)
def test_a_single_time_that_clocks_show_twice_or_never_is_a_warning(
    tmp_path: Path, more: dict[str, str], odd: list[str]
) -> None:
    plain = settings(tmp_path, {"zone": '"Europe/Berlin"'} | more)
    found = [key for key, _ in odd_windows(plain, at(2026, 11, 20, 12))]
    assert found == [f"windows.w0.{key}" for key in odd]


@pytest.mark.parametrize(
    ("written", "near"),
    [
        ("Asia/Teheran", "Asia/Tehran"),
        ("europe/berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
        ("Istambul", "Europe/Istanbul"),
    ],
)
def test_a_zone_that_was_perhaps_meant_is_named(written: str, near: str) -> None:
    assert near in meant(written)
    assert zone(near).key == near
