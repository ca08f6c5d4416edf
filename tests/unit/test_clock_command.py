"""``relay clock``: what an operator reads when the clock of the machine has jumped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from relay.cli.clock import clock
from relay.cli.look import stopped
from relay.rules.alarm import Facts, Patience, troubles
from relay.rules.clock_said import Jump, jumped, length

NOW = 1_800_000_000
HOUR = 3600
DAY = 86400
YEARS = 3652 * DAY

STEADY = {"state": "steady", "jumped_s": 0, "since": None, "at_start": False}
FROZEN = {"state": "frozen", "jumped_s": YEARS, "since": NOW, "at_start": False}


def told(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], *words: str) -> str:
    """What a command prints when the node answers this."""

    def asked(_: Path, order: dict[str, Any]) -> list[dict[str, Any]]:
        assert order == {"do": "clock"} | ({"accept": True} if words[0] == "accept" else {})
        return [answer]

    monkeypatch.setattr("relay.cli.clock.asked", asked)
    done = CliRunner().invoke(clock, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_a_clock_that_is_right_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    said = told(monkeypatch, {**STEADY, "now": NOW}, "show")
    assert said == "It is 2027-01-15 08:00:00 UTC, as the clock of this machine says.\n"


def test_a_jump_is_told_with_both_times_and_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    said = told(monkeypatch, {**FROZEN, "now": NOW}, "show")
    for part in ("ahead by 10 years at 08h UTC", "It says 2037-01-14", "with 2027-01-15 08:00:00"):
        assert part in said
    assert said.endswith("relay clock accept\n")


def test_what_was_accepted_is_the_time_from_now_on(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {**STEADY, "now": NOW, "accepted": True, "moved_s": -DAY}
    said = told(monkeypatch, answer, "accept")
    assert "08:00:00 UTC from now on, 24 h earlier than a moment ago" in said


def test_where_there_is_nothing_to_accept_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {**STEADY, "now": NOW, "accepted": False, "moved_s": 0}
    assert "nothing to accept" in told(monkeypatch, answer, "accept")


def test_status_and_board_say_it_as_well() -> None:
    [line] = stopped({"standing": "ok", "paused": {}, "clock": FROZEN})
    assert line.startswith("the clock of this machine jumped") and "clock show" in line
    assert stopped({"standing": "ok", "paused": {}, "clock": STEADY}) == []


def test_it_is_an_alarm_every_hour() -> None:
    [one] = troubles(Facts(jump=Jump(YEARS, NOW)), Patience())
    assert one.hourly and one.said == (
        "the clock of this machine jumped ahead by 10 years at 08h UTC: nothing expires and no"
        " window begins until it is set right or you say `relay clock accept`"
    )


@pytest.mark.parametrize(
    ("jump", "part"),
    [
        (Jump(-DAY, NOW), "jumped back by 24 h at"),
        (Jump(-YEARS, NOW, at_start=True), "is 10 years behind what this node last knew"),
        (Jump(40 * DAY, NOW, at_start=True), "is 40 days ahead of what this node last knew"),
    ],
)
def test_where_it_went_and_since_when(jump: Jump, part: str) -> None:
    assert part in jumped(jump)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (301, "5 min"),
        (HOUR, "60 min"),
        (2 * HOUR - 1, "2 h"),
        (DAY, "24 h"),
        (2 * DAY, "2 days"),
        (YEARS, "10 years"),
    ],
)
def test_a_length_is_said_in_a_unit_that_people_use(seconds: int, said: str) -> None:
    assert length(seconds) == said
