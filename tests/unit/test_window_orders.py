"""What an operator asks of the calendar, and all that is wrong with it at once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from relay.config import load, windows_of
from relay.config.window_added import added
from relay.errors import Asked, Mistake
from relay.node import windows
from relay.node.calendar import Calendar
from relay.node.windows import Windows
from relay.rules.windows import Once, Window
from relay.spool.memory import MemorySpool

NOW = 1_795_380_000
"""22 November 2026, 20:40 UTC; in Tehran it is 00:10 of the next day."""

SETTINGS = """
[channels.news]
destinations = ["page", "mastodon", "bluesky"]
[destinations.mastodon]
bridge = "folder"
folder = "one"
[destinations.bluesky]
bridge = "folder"
folder = "two"
[destinations.quiet]
bridge = "folder"
folder = "three"
[windows.night]
destinations = ["bluesky"]
from = "23:00"
until = "07:00"
zone = "Asia/Tehran"
"""

ISSUE = {
    "destinations": ["mastodon"],
    "from": "2026-11-23 01:00",
    "until": "+90m",
    "zone": "Asia/Tehran",
    "do": "hold",
    "why": "maintenance",
}


class Hands:
    at = NOW

    def now(self) -> int:
        return self.at


class Board:
    """In place of an overview."""

    async def board(self) -> dict[str, dict[str, int]]:
        return {name: {"waiting": n} for name, n in (("mastodon", 14), ("bluesky", 2))}


class Here:
    """What orders need of a core, as far as these go."""

    def __init__(self, tmp_path: Path) -> None:
        file = tmp_path / "relay.toml"
        file.write_text(SETTINGS)
        self.settings = load(file)
        self.overview: Any = Board()
        self.clock = Hands()
        self.frozen = False
        self.spool = MemorySpool(self.clock)
        names = (*self.settings.destinations, "page")
        self.calendar = Calendar(
            self.spool, self.clock, windows_of(self.settings), names, lambda: self.frozen
        )
        self.holding: Any = SimpleNamespace(calendar=self.calendar)

    async def ask(self, **request: Any) -> list[Any]:
        return [dict(one) async for one in Windows(self).answers(request)]

    async def add(self, name: str = "", **more: Any) -> Any:
        given = {key.rstrip("_"): one for key, one in more.items()}
        [line] = await self.ask(add={**ISSUE, **given}, name=name)
        return line

    async def refusal(self, **more: Any) -> list[str]:
        with pytest.raises(Asked) as raised:
            await self.add(**more)
        assert await self.spool.remembered() == {}
        return str(raised.value).splitlines()


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


async def test_the_window_of_the_issue_is_added(here: Here) -> None:
    line = await here.add()
    begins = NOW + 50 * 60
    assert line["name"] == "w1"
    assert (line["begins"], line["ends"]) == (begins, begins + 5400)
    assert (line["state"], line["origin"]) == ("coming", "command")
    assert (line["waiting"], line["notes"]) == ({"mastodon": 14}, [])
    assert here.calendar.at("mastodon") is None
    here.clock.at = begins
    held = here.calendar.at("mastodon")
    assert held is not None and held.window.why == "maintenance"


async def test_a_window_from_now_on_is_in_force_at_once(here: Here) -> None:
    line = await here.add(from_="now", zone="UTC")
    assert (line["state"], line["begins"]) == ("now", NOW)
    assert here.calendar.at("mastodon") is not None


@pytest.mark.parametrize(
    ("until", "ends"), [("02:00", 110 * 60), ("00:10", 86400), ("2026-11-23 01:10", 3600)]
)
async def test_what_begins_now_ends_by_the_clocks_of_its_zone(
    here: Here, until: str, ends: int
) -> None:
    line = await here.add(from_="now", until=until)
    assert line["ends"] == NOW + ends


async def test_a_length_from_now_needs_no_zone(here: Here) -> None:
    given = {key: one for key, one in ISSUE.items() if key != "zone"} | {"from": "now"}
    [line] = await here.ask(add=given, name="")
    assert (line["zone"], line["ends"]) == ("UTC", NOW + 5400)


async def test_names_are_found_and_none_is_taken_twice(here: Here) -> None:
    assert [(await here.add())["name"] for _ in range(2)] == ["w1", "w2"]
    await here.ask(remove="w1")
    assert (await here.add())["name"] == "w1"


@pytest.mark.parametrize("name", ["night", "mastodon", "news", "page", "relay", "direct"])
async def test_a_name_of_the_settings_is_not_taken(here: Here, name: str) -> None:
    assert await here.refusal(name=name) == ["--name: is used in the settings; choose another"]


async def test_a_window_that_is_added_again_is_longer_and_never_let_go_meanwhile(
    here: Here,
) -> None:
    assert not (await here.add("works", from_="now"))["replaced"]
    longer = await here.add("works", from_="now", until="+3h")
    assert longer["replaced"]
    assert [(one["name"], one["ends"] - NOW) for one in await here.ask() if one["ends"]][1:] == [
        ("works", 3 * 3600)
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"zone": ""}, '--zone: is missing; say by whose clocks, like "Asia/Tehran", or "UTC"'),
        ({"zone": "Asia/Teheran"}, '--zone: cannot be used; write "Asia/Tehran"'),
        ({"from_": "soon"}, '--from: cannot be used; write "2026-11-23 01:00", or "23:00" for'),
        ({"until": "2026-11-23 00:00"}, "--until: is not after from"),
        ({"from_": "2026-11-20 01:00"}, "--until: is over already"),
        ({"destinations": []}, "DEST: cannot be used; name at least one"),
        ({"destinations": ["Mastodon"]}, "DEST: cannot be used; a name has lower-case letters"),
        (
            {"destinations": ["mastodn"]},
            "DEST: no destination is called mastodn; name one of ",
        ),
        (
            {"destinations": ["page"], "do": "page"},
            "DEST: name the page, and do names it as well; take the page out, or hold it with --do",
        ),
        (
            {"to": "page"},
            "--to: has a meaning with reroute only; take it out, or write --do reroute",
        ),
        ({"do": "reroute", "to": "nowhere"}, "--to: no destination is called nowhere; name one"),
        ({"do": "reroute"}, "--to: is missing; name the destination that has it instead"),
        ({"do": "wait"}, "--do: is none of the values it may have"),
        ({"do": "rerute", "to": "bluesky"}, "--do: is none of the values it may have"),
        ({"destinations": ["quiet"]}, "DEST: name what no channel posts to; name it in a channel"),
        ({"do": "reroute", "to": "quiet"}, "--to: names what no channel posts to"),
        ({"rate": "0"}, "--rate: cannot be used"),
        ({"days": ["mon"]}, "--days: have no meaning beside a date"),
        ({"from_": "23:00", "days": ["man"]}, "--days: is none of the values it may have"),
        ({"why": "\x1b[2J"}, "--why: cannot be used"),
        ({"why": "\udcff"}, "--why: cannot be used"),
        ({"why": "x" * 10_000}, "--why: cannot be used; write a line of text, of at most 1000"),
        ({"name": "No Name"}, "--name: is no name"),
        ({"colour": "red"}, "--colour: is not a key we know"),
        ({"destinations": 7}, "DEST: has the wrong type"),
    ],
)
async def test_each_mistake_is_told_by_its_option(
    here: Here, more: dict[str, Any], said: str
) -> None:
    [line] = await here.refusal(**more)
    assert line.startswith(said)


async def test_a_slip_in_a_length_from_now_on_asks_for_no_zone(here: Here) -> None:
    [line] = await here.refusal(from_="now", until="2h", zone="")
    assert line.startswith("--until: cannot be used")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"from_": "2027-03-28 02:30"}, "--from: clocks are set forward over this time"),
        ({"from_": "2027-10-31 02:30"}, "--from: clocks are set back and show this time twice"),
        ({"until": "2027-10-31 02:30"}, "--until: clocks are set back and show this time twice"),
        ({"until": "02:30", "from_": "2027-10-31 01:00"}, "--until: clocks are set back"),
    ],
)
async def test_of_a_time_that_clocks_show_twice_or_never_it_is_told_which_counts(
    here: Here, more: dict[str, Any], said: str
) -> None:
    [note] = (await here.add(**{"zone": "Europe/Berlin"} | more))["notes"]
    assert note.startswith(said)
    assert note.endswith(("counts", "the first of them counts", "the second of them counts"))


async def test_all_mistakes_are_told_at_once(here: Here) -> None:
    lines = await here.refusal(
        from_="soon", until="later", zone="", destinations=["mastodn"], to="bluesky", rate="often"
    )
    assert sorted(line.split(":")[0] for line in lines) == [
        "--from",
        "--rate",
        "--to",
        "--until",
        "--zone",
        "DEST",
    ]


def test_nothing_that_is_given_is_more_than_a_mistake(here: Here) -> None:
    for given in (
        {},
        {"from": 7},
        {"from": None, "until": [], "days": {}},
        {"destinations": ["?"]},
    ):
        found = added("w", given, here.settings, NOW, ["mastodon"])
        assert isinstance(found, tuple) and all(isinstance(one, Mistake) for one in found)


async def test_two_that_want_different_things_are_told_with_the_one_that_counts(
    here: Here,
) -> None:
    more = {"do": "reroute", "to": "mastodon", "from_": "20:00", "until": "23:30"}
    line = await here.add(destinations=["bluesky"], **more)
    assert line["notes"] == [
        "at times it is in force together with night: then night counts, since it holds"
    ]
    assert line["recurs"] == {"begins": 1200, "ends": 1410, "lasts_s": 0, "days": []}


async def test_all_windows_are_listed_with_their_state(here: Here) -> None:
    await here.add("soon")
    await here.add("now", from_="now", destinations=["mastodon", "bluesky"])
    await here.calendar.learn("bluesky", NOW + 600, "busy")
    here.calendar._settings["soon"] = here.calendar._settings["night"]
    lines = {(one["origin"], one["name"]): one for one in await here.ask()}
    assert {key: one["state"] for key, one in lines.items()} == {
        ("settings", "night"): "now",
        ("command", "soon"): "shadowed",
        ("command", "now"): "now",
        ("learned", "bluesky"): "now",
    }
    assert lines["command", "now"]["waiting"] == {"mastodon": 14, "bluesky": 2}
    here.clock.at = NOW + 5400
    assert [one["state"] for one in await here.ask() if one["name"] == "now"] == ["over"]


async def test_what_is_in_force_is_listed_first_and_then_what_comes_next(here: Here) -> None:
    await here.calendar.add(Window("a", ("mastodon",), Once(NOW - 60, NOW - 30, "UTC")))
    await here.add("b", from_="2026-11-25 01:00")
    await here.add("c")
    await here.add("d", from_="now")
    assert [one["name"] for one in await here.ask()] == ["night", "d", "c", "b", "a"]


async def test_what_is_let_go_by_being_planned_for_later_is_told(here: Here) -> None:
    await here.add("works", from_="now")
    [note] = (await here.add("works"))["notes"]
    assert note == "it was in force, and is not any more: what waits goes out"
    assert (await here.add("works", from_="2026-11-25 01:00"))["notes"] == []


async def test_what_is_in_force_ends_when_it_is_removed(here: Here) -> None:
    await here.add(from_="now")
    [line] = await here.ask(remove="w1")
    assert (line["state"], line["waiting"]) == ("now", {"mastodon": 14})
    assert line["still"] == {}
    assert here.calendar.at("mastodon") is None


async def test_what_was_added_twice_is_still_held_when_one_is_removed(here: Here) -> None:
    for _ in range(2):
        await here.add(from_="now", destinations=["mastodon", "page"])
    [line] = await here.ask(remove="w1")
    assert line["still"] == {"mastodon": "w2", "page": "w2"}


async def test_what_was_not_in_force_leaves_nothing_as_it_is(here: Here) -> None:
    await here.add("later")
    await here.add("now", from_="now")
    [line] = await here.ask(remove="later")
    assert (line["state"], line["still"]) == ("coming", {})


@pytest.mark.parametrize(
    ("name", "remedy"), [("night", "take it out of the file"), ("w7", "relay window list")]
)
async def test_what_cannot_be_removed_is_told_with_a_remedy(
    here: Here, name: str, remedy: str
) -> None:
    with pytest.raises(Asked, match=remedy):
        await here.ask(remove=name)


async def test_a_clock_that_is_not_trusted_is_told(here: Here) -> None:
    here.frozen = True
    assert (await here.add(from_="now"))["frozen"]


async def test_there_is_a_bound(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "MOST", 3)
    await here.add("one")
    await here.add("two")
    with pytest.raises(Asked, match="remove some"):
        await here.add("three")
    assert (await here.add("two"))["replaced"]


async def test_a_window_that_was_over_before_it_was_listed_has_its_times(here: Here) -> None:
    await here.calendar.add(Window("old", ("mastodon",), Once(NOW - 60, NOW - 30, "UTC")))
    [line] = [one for one in await here.ask() if one["name"] == "old"]
    assert (line["state"], line["begins"], line["ends"]) == ("over", NOW - 60, NOW - 30)
