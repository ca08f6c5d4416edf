"""What an operator sees of budgets: on the board, in the alarms, and of a way in that answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from budget_parts import NOON, Hands, at
from click.testing import CliRunner

from relay.cli.look import board as board_command
from relay.config import Settings, parse
from relay.entry.answer import Reply
from relay.keyfiles import Kept
from relay.model import Outcome, Posted
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.budgets import budgets_of
from relay.node.overview import Overview
from relay.node.wayback import WaysBack
from relay.rules.alarm import Facts, Patience, Shown, troubles
from relay.rules.budgets import DAY, Budget, Tally, Use
from relay.rules.spending import Spending
from relay.spool.memory import MemorySpool
from relay.wire.frames import AnswersUsed

TODAY, THIS_MONTH = NOON - NOON % DAY, at(2026, 11, 1)
SETTINGS = {
    "http": {},
    "channels": {"news": {"destinations": ["page", "box"]}},
    "transports": {
        "phone": {
            "kind": "sms", "gateway": "android", "channel": "news", "secret_file": "s",
            "answers": "asked", "answer_prefixes": ["+98"], "answers_per_day": 10,
            "answer_url": "http://127.0.0.1:1/", "account": "a", "answer_secret_file": "a",
        },
        "form": {"kind": "form", "channel": "news", "answers": "none"},
    },
    "destinations": {
        "box": {"bridge": "folder", "folder": "b", "posts_per_day": 50, "money_per_month": 10.0},
        "idle": {"bridge": "folder", "folder": "i", "posts_per_day": 1},
    },
}  # fmt: skip


async def overview_of(settings: Settings) -> tuple[Overview, Board]:
    spool, clock = MemorySpool(Hands()), Hands()
    board = Board(spool, clock, budgets=budgets_of(settings, spool, clock))
    await board.load(["page", "box", "phone", "form"])
    brake = Brake(spool, clock, [], ["page", "box"], {})
    return Overview(spool, board, brake, clock, settings, lambda: "ok", lambda: 0), board


@pytest.fixture
def settings() -> Settings:
    return parse(SETTINGS, Path("relay.toml"))


# ---------------------------------------------------------------- the board


async def test_every_budget_stands_on_the_board_and_a_destination_without_one_has_none(
    settings: Settings,
) -> None:
    overview, board = await overview_of(settings)
    board.units["box"] = "USD"
    for price in (15, 200):
        board.budgets.pays("box", price)
    shown = await overview.board()
    assert shown["box"]["budgets"] == [
        {"what": "posts", "per": "day", "spent": 2, "limit": 50, "unit": ""},
        {"what": "money", "per": "month", "spent": 0.215, "limit": 10.0, "unit": "USD"},
    ]
    assert (shown["box"]["spent"], shown["box"]["limit"], shown["box"]["unit"]) == (
        0.215, 10.0, "USD",
    )  # fmt: skip
    assert (shown["page"]["budgets"], shown["page"]["limit"]) == ([], None)
    assert shown["form"]["budgets"] == []  # it answers nobody


async def test_answers_that_are_spent_are_named_and_messages_are_taken_all_the_same(
    settings: Settings,
) -> None:
    overview, board = await overview_of(settings)
    assert [one["limit"] for one in (await overview.board())["phone"]["budgets"]] == [10, 100]
    said = {8: "", 10: "its answers for today are spent"}
    for used, why in said.items():
        board.budgets.answered("phone", Use(Tally(TODAY, used), Tally(THIS_MONTH, used)))
        phone = (await overview.board())["phone"]
        assert (phone["state"], phone["why"]) == ("works", why)
    board.budgets.answered("phone", Use(Tally(TODAY, 10), Tally(THIS_MONTH, 100)))
    assert (await overview.board())["phone"]["why"] == "its answers for this month are spent"
    [day, month] = [one.key for one in await overview.troubles() if "phone" in one.key]
    assert (day, month) == ("spent answers today phone", "spent answers phone")


async def test_what_a_door_can_not_have_counted_is_not_shown(settings: Settings) -> None:
    overview, board = await overview_of(settings)
    board.budgets.answered("phone", Use(Tally(1 << 60, 5), Tally(-1, -7)))
    assert [one["spent"] for one in (await overview.board())["phone"]["budgets"]] == [0, 0]


@pytest.mark.parametrize(
    ("budgets", "cell"),
    [
        (("posts day 40 50",), "40 / 50 posts today"),
        (("posts month 120 1000000",), "120 / 1000000 posts this month"),
        (("money month 8.25 10 USD",), "8.25 / 10 USD this month"),
        (("posts day 1 2", "money day 0 1.5 USD"), "1 / 2 posts today; 0 / 1.5 USD today"),
        (("answers day 3 100",), "3 / 100 answers today"),
        (("answers day 0 100",), ""),
        ((), ""),
    ],
)
def test_the_table_has_a_column_for_budgets_where_there_are_any(
    monkeypatch: pytest.MonkeyPatch, budgets: Sequence[str], cell: str
) -> None:
    def read(words: str) -> dict[str, Any]:
        what, per, spent, limit, *unit = words.split()
        named = {"what": what, "per": per, "unit": "".join(unit)}
        return {**named, "spent": float(spent), "limit": float(limit)}

    place = {"state": "works", "since": 0, "waiting": 0, "oldest_s": 0, "posted": 0, "last": None,
             "why": "", "service": 0, "budgets": [read(one) for one in budgets]}  # fmt: skip
    status = {"standing": "ok", "board": {"x": place}, "paused": {}}
    monkeypatch.setattr("relay.cli.look.asked", lambda path, order: [status])
    said = CliRunner().invoke(board_command, []).output
    assert cell in said and ("spent" in said) is bool(cell)


# ---------------------------------------------------------------- alarms


def keys(state: str, *of: Spending, why: str = "") -> dict[str, str]:
    shown = Shown(state, 0, 0, 0, budgets=of, why=why)
    return {one.key: one.said for one in troubles(Facts(board={"x": shown}), Patience())}


def posts(per: Any, used: int) -> Spending:
    return Spending(Budget("posts", per, 10), used)


MONEY = Spending(Budget("money", "month", 10_000), 8_000, "USD")


@pytest.mark.parametrize(
    ("state", "of", "alarms"),
    [
        ("works", [posts("day", 7)], []),
        ("works", [posts("day", 8)], ["posts today x"]),
        ("slow", [posts("day", 8), posts("month", 9)], ["posts today x", "posts x"]),
        ("works", [MONEY], ["money x"]),
        ("login", [MONEY], ["login x", "money x"]),
        ("spent", [posts("day", 10), MONEY], ["spent x"]),
    ],
)
def test_it_is_an_alarm_at_eighty_percent_and_when_it_is_spent(
    state: str, of: Sequence[Spending], alarms: Sequence[str]
) -> None:
    assert list(keys(state, *of, why="its posts for today are spent")) == alarms


def test_an_alarm_says_how_much_until_when_and_what_can_be_done() -> None:
    said = keys("works", posts("day", 8), MONEY)
    assert said["posts today x"] == (
        "x: 8 of 10 posts today: when all are spent, what is to go there waits until midnight UTC,"
        " or until you raise posts_per_day and reload"
    )
    assert "8 of 10 USD this month" in said["money x"] and "money_per_month" in said["money x"]
    spent = keys("spent", posts("month", 10), why="its posts for this month are spent")["spent x"]
    assert spent == (
        "x: its posts for this month are spent: what is to go there waits until the end of the"
        " month (UTC), or until you raise posts_per_month and reload"
    )


def test_that_it_is_near_is_no_news_when_it_is_over() -> None:
    """It is over because all is spent, which is said, or because a new day has begun."""
    for one, notice in ((posts("day", 8), True), (posts("day", 10), False)):
        shown = Shown("spent" if one.is_gone else "works", 0, 0, 0, budgets=[one])
        [trouble] = troubles(Facts(board={"x": shown}), Patience())
        assert trouble.notice is notice


async def test_of_a_destination_of_alarms_it_is_said_that_they_go_there_all_the_same(
    settings: Settings,
) -> None:
    with_alarms = parse({**SETTINGS, "alarms": {"to": ["idle"]}}, Path("relay.toml"))
    overview, board = await overview_of(with_alarms)
    await board.load(["idle"])
    for _ in range(2):
        board.budgets.pays("idle", 0, over=True)
    [trouble] = [one for one in await overview.troubles() if "idle" in one.key]
    assert trouble.said == "idle: 2 of 1 posts today: alarms go there all the same"
    assert (await overview.board())["idle"]["budgets"][0]["spent"] == 2


def test_the_provider_of_a_way_in_that_takes_no_more_is_no_budget_of_ours() -> None:
    of = Spending(Budget("answers", "day", 100), 3)
    assert "no credit" in keys("spent", of, why="no credit")["spent x"]


@pytest.mark.parametrize(("used", "key"), [(80, "answers today x"), (100, "spent answers today x")])
def test_answers_are_told_of_before_they_are_spent_and_when_they_are(used: int, key: str) -> None:
    [(found, said)] = keys("works", Spending(Budget("answers", "day", 100), used)).items()
    assert found == key
    assert "nobody is answered until midnight UTC, or until you raise answers_per_day" in said


# ---------------------------------------------------------------- from a door


async def answer(way_back: bytes, text: str) -> Outcome:
    return Posted("")


def test_a_door_tells_how_many_answers_went_once_and_again_after_a_restart(
    settings: Settings, tmp_path: Path
) -> None:
    at, kept, clock = settings.transports["phone"], Kept(tmp_path / "phone.answers"), Hands()
    ways = WaysBack(clock)
    ways.add("phone", at, answer, kept)
    assert list(ways.used()) == [AnswersUsed("phone", TODAY, 0, THIS_MONTH, 0)]
    assert list(ways.used()) == []
    caps = ways._caps["phone"]
    assert [caps.admits(Reply(b"+98912%d" % n, "yes").who, NOON) for n in range(3)] == [True] * 3
    kept.save(caps.to_keep())
    assert list(ways.used()) == [AnswersUsed("phone", TODAY, 3, THIS_MONTH, 3)]
    again = WaysBack(clock)
    again.add("phone", at, answer, kept)
    assert list(again.used()) == [AnswersUsed("phone", TODAY, 3, THIS_MONTH, 3)]
    clock.at += DAY
    assert list(again.used()) == [
        AnswersUsed("phone", TODAY + DAY, 0, TODAY + DAY, 0)
    ]  # the first of December
