"""``relay window``: what is asked of the node, and how its answers are told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from relay.cli import relay
from relay.cli.look import status
from relay.cli.window import window
from relay.errors import Asked, NoNode

NOW = 1_795_380_000
BEGINS = NOW + 1200
LINE: Mapping[str, Any] = {
    "name": "w1",
    "destinations": ["mastodon"],
    "do": "hold",
    "to": "",
    "why": "maintenance",
    "first": "oldest",
    "every_s": 0.0,
    "origin": "command",
    "state": "coming",
    "zone": "Asia/Tehran",
    "begins": BEGINS,
    "ends": BEGINS + 5400,
    "recurs": None,
    "now": NOW,
    "frozen": False,
    "waiting": {"mastodon": 14},
    "unknown": [],
    "replaced": False,
    "notes": [],
    "still": {},
}


class Asks:
    """A node that notes what it is asked for, and answers with these lines."""

    def __init__(self) -> None:
        self.orders: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = [dict(LINE)]
        self.refusal: Exception | None = None

    def __call__(self, _: Path, order: dict[str, Any]) -> list[dict[str, Any]]:
        self.orders.append(order)
        if self.refusal is not None:
            raise self.refusal
        return self.lines

    def line(self, **more: Any) -> None:
        self.lines = [{**LINE, **more}]


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Asks:
    asks = Asks()
    monkeypatch.setattr("relay.cli.window.asked", asks)
    return asks


def run(*words: str) -> Result:
    return CliRunner().invoke(window, words, catch_exceptions=False)


def add(*words: str) -> list[str]:
    done = run("add", "mastodon", *words)
    assert done.exit_code == 0
    return done.output.splitlines()


def test_the_command_of_the_issue_asks_for_just_that(node: Asks) -> None:
    said = add(
        *("--from", "2026-11-23 01:00", "--until", "+90m", "--zone", "Asia/Tehran"),
        *("--do", "hold", "--why", "maintenance"),
    )
    given = {
        "destinations": ("mastodon",),
        "from": "2026-11-23 01:00",
        "until": "+90m",
        "zone": "Asia/Tehran",
        "do": "hold",
        "why": "maintenance",
    }
    assert node.orders == [{"do": "window", "name": "", "add": given}]
    assert said == [
        "w1: hold mastodon, 2026-11-23 00:30 to 02:00 Asia/Tehran "
        "(2026-11-22 21:00 to 22:30 UTC): maintenance",
        "begins in 20 minutes, 14 wait",
    ]


def test_a_reason_that_nobody_gave_is_not_told(node: Asks) -> None:
    node.line(why="planned")
    assert add("--from", "now", "--until", "+1h")[0].endswith("21:00 to 22:30 UTC)")
    assert run("list").output.splitlines()[1].rstrip().endswith("command")


def test_every_option_is_a_key_of_the_settings(node: Asks) -> None:
    add(
        *("--first", "newest", "--rate", "60/h", "--days", "Mon, tue", "--name", "night"),
        *("--do", "reroute", "--to", "bluesky", "--from", "23:00", "--until", "07:00"),
    )
    [order] = node.orders
    assert order["name"] == "night"
    assert order["add"] == {
        "destinations": ("mastodon",),
        "first": "newest",
        "rate": "60/h",
        "days": ["mon", "tue"],
        "do": "reroute",
        "to": "bluesky",
        "from": "23:00",
        "until": "07:00",
    }


def test_what_is_missing_is_left_to_the_node_to_say(node: Asks) -> None:
    node.refusal = Asked("--from: is missing; add it\n--zone: is missing; say by whose clocks")
    with pytest.raises(Asked, match="--zone"):
        run("add")
    assert node.orders == [{"do": "window", "name": "", "add": {"destinations": ()}}]


def test_what_is_in_force_says_so_and_how_long(node: Asks) -> None:
    node.line(state="now", begins=NOW, ends=NOW + 5400, zone="UTC", waiting={"a": 1, "b": 2})
    assert add() == [
        "w1: hold mastodon, 2026-11-22 20:40 to 22:10 UTC: maintenance",
        "in force now, 90 minutes left, 1 wait for a, 2 wait for b",
    ]


@pytest.mark.parametrize(
    ("recurs", "said"),
    [
        (
            {"begins": 1380, "ends": 420, "lasts_s": 0, "days": ["mon", "sun"]},
            "It comes again: mon sun 23:00 to 07:00 Asia/Tehran.",
        ),
        (
            {"begins": 5, "ends": None, "lasts_s": 5400, "days": []},
            "It comes again: every day 00:05 to +90m Asia/Tehran.",
        ),
        (
            {"begins": 5, "ends": None, "lasts_s": 90, "days": []},
            "It comes again: every day 00:05 to +90s Asia/Tehran.",
        ),
    ],
)
def test_what_comes_again_says_when(node: Asks, recurs: dict[str, Any], said: str) -> None:
    node.line(recurs=recurs)
    assert add()[1] == said


def test_what_replaces_another_and_what_contradicts_one_is_told(node: Asks) -> None:
    node.line(replaced=True, notes=["at times it is in force together with night"])
    said = add()
    assert said[0].endswith(": maintenance, in place of what it was")
    assert "warning: at times it is in force together with night" in said


def test_a_clock_that_is_not_trusted_is_told(node: Asks) -> None:
    node.line(frozen=True)
    assert add()[1] == "The clock is not trusted: no window begins or ends now; 14 wait."
    assert "`relay clock accept`" in run("list").output


def test_a_zone_that_this_machine_does_not_know_is_left_out(node: Asks) -> None:
    node.line(zone="Mars/Olympus")
    assert add()[0] == "w1: hold mastodon, 2026-11-22 21:00 to 22:30 UTC: maintenance"
    assert run("list").exit_code == 0


def test_all_windows_are_drawn(node: Asks) -> None:
    night = {"begins": 1380, "ends": 420, "lasts_s": 0, "days": []}
    node.lines = [
        {**LINE, "name": "night", "origin": "settings", "recurs": night, "to": "bluesky"},
        {**LINE, "state": "now", "ends": NOW + 600},
        {**LINE, "name": "old", "state": "over", "unknown": ["gone"]},
        {**LINE, "name": "night", "state": "shadowed"},
        {**LINE, "name": "mastodon", "origin": "learned", "zone": "UTC"},
    ]
    rows = [line.split() for line in run("list").output.splitlines()]
    assert rows[0] == ["name", "when", "zone", "what", "state", "from", "why"]
    assert " ".join(rows[1]) == (
        "night every day 23:00 to 07:00 Asia/Tehran mastodon to bluesky in 20 minutes settings "
        "maintenance"
    )
    assert "now, 10 minutes left command" in " ".join(rows[2])
    assert rows[3][-3:] == ["over", "command", "maintenance"]
    assert " ".join(rows[6]) == "old: nothing is posted to gone"
    assert "night: the settings have a window of this name" in " ".join(rows[7])


def test_what_cannot_go_elsewhere_any_more_is_told_to_wait(node: Asks) -> None:
    node.line(do="reroute", to="gone", unknown=["gone"])
    assert run("list").output.splitlines()[-1] == ("w1: nothing is posted to gone, so it holds")


def test_no_window_is_told(node: Asks) -> None:
    node.lines = []
    assert run("list").output == "There is no window.\n"


def test_a_reason_from_right_to_left_stands_apart(node: Asks) -> None:
    node.line(why="تعمیرات")
    table = run("list").output.splitlines()
    assert table[1].rstrip().endswith("\u2068تعمیرات\u2069")
    assert "\u2068" not in table[0]


def test_a_reason_of_a_platform_is_one_clean_line(node: Asks) -> None:
    node.line(why="gone\x1b[2J\nfor \u202etoday", origin="learned")
    assert run("list").output.splitlines()[1].rstrip().endswith("gone[2J for today")


@pytest.mark.parametrize(
    ("state", "said"),
    [("coming", "w1 is removed."), ("now", "w1 is removed and over, 14 wait.")],
)
def test_what_is_removed_is_told(node: Asks, state: str, said: str) -> None:
    node.line(state=state)
    assert run("remove", "w1").output.strip() == said
    assert node.orders == [{"do": "window", "remove": "w1"}]


def test_what_another_window_holds_yet_is_told_when_one_is_removed(node: Asks) -> None:
    node.line(state="now", still={"mastodon": "night"})
    said = run("remove", "w1").output.splitlines()
    assert said == ["w1 is removed and over, 14 wait.", "mastodon: night is in force there."]


@pytest.mark.parametrize(
    "words", [("add", "x", "--json"), ("list", "--json"), ("remove", "w1", "--json")]
)
def test_each_answer_is_printed_as_json(node: Asks, words: tuple[str, ...]) -> None:
    assert json.loads(run(*words).output) == LINE


@pytest.mark.parametrize(("wrong", "exit_code"), [([], 0), ([{"said": "the disk is full"}], 69)])
def test_a_window_ahead_is_told_by_status_and_is_nothing_wrong(
    monkeypatch: pytest.MonkeyPatch, wrong: list[dict[str, Any]], exit_code: int
) -> None:
    ahead = {"said": "mastodon goes down in 20 minutes (maintenance), 14 wait", "notice": True}
    monkeypatch.setattr("relay.cli.look.asked", lambda *_: [*wrong, ahead])
    done = CliRunner().invoke(status, ["--check"])
    assert (done.exit_code, ahead["said"] in done.output) == (exit_code, True)


def offered(*words: str, begun: str = "") -> list[str]:
    found = ShellComplete(relay, {}, "relay", "_RELAY_COMPLETE").get_completions(list(words), begun)
    return [one.value for one in found]


def test_names_and_zones_are_completed(
    node: Asks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "relay.toml").write_text('[destinations.box]\nbridge = "folder"\nfolder = "b"\n')
    monkeypatch.chdir(tmp_path)
    assert offered("window", "add") == ["box", "page"]
    assert offered("window", "add", "--to", begun="b") == ["box"]
    assert offered("window", "add", "box", "--zone", begun="asia/tehr") == ["Asia/Tehran"]
    assert offered("window", "add", "box", "--do", begun="h") == ["hold"]
    assert offered("window", "add", "box", "--first") == ["oldest", "newest"]
    assert offered("window", "remove") == ["w1"]
    node.refusal = NoNode()
    assert offered("window", "remove") == []
    monkeypatch.chdir(tmp_path.parent)
    assert offered("window", "add") == []
