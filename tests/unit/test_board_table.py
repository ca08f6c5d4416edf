"""The board on a terminal: forty destinations are forty lines, and what there is to say of them."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from relay.cli.board_table import draw

HOUR = 1_795_449_600
PLAIN: dict[str, Any] = {
    "state": "works", "since": HOUR, "waiting": 12, "oldest_s": 7300, "posted": 3, "last": HOUR,
    "why": "", "service": 0, "failed": 0, "stale": 0, "route": "direct",
    "routes": {"direct": "works", "tor": "works"}, "canary": None, "budgets": [],
}  # fmt: skip
BUDGET = {"what": "posts", "per": "day", "spent": 5, "limit": 5, "unit": ""}
SPENT = {"state": "spent", "why": "its posts for today are spent", "budgets": [BUDGET]}
ROUND = {"route": "tor", "routes": {"direct": "tls", "tor": "works"}}


def printed(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **more: Any
) -> list[str]:
    def console(**options: Any) -> Console:
        return Console(width=width, force_terminal=True, color_system=None, **options)

    monkeypatch.setattr("relay.cli.tables.Console", console)
    places = {f"destination-{n}": PLAIN for n in range(40)}
    draw(places | {name: PLAIN | of for name, of in more.items()})
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_on_eighty_columns_each_place_has_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(80, monkeypatch, capsys, mastodon=SPENT, bluesky=ROUND)
    assert len(lines) == 1 + 42 + 2 and max(map(len, lines[:43])) <= 80
    row = "destination-0 works 11-23 16h 12 2 h 3 11-23 16h"
    assert " ".join(lines[1].split()) == row
    assert lines[-2:] == [
        "mastodon: its posts for today are spent; spent: 5 / 5 posts today",
        "bluesky: direct: tls; via: tor",
    ]


def test_what_is_plain_is_not_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = {"routes": {"direct": "works"}, "oldest_s": 0}
    window = {"state": "planned", "why": "w1, until 23:00 UTC", "waiting": 0}
    lines = printed(200, monkeypatch, capsys, mastodon=ROUND, page=page, quiet=window)
    fresh, quiet = (" ".join(line.split()) for line in lines[-2:])
    assert fresh == "page works 2026-11-23 16h 12 <1 h 3 2026-11-23 16h"
    hours = "2026-11-23 16h 3 2026-11-23 16h"
    assert quiet == f"quiet planned {hours} direct w1, until 23:00 UTC"


def test_on_a_wide_one_all_of_it_is_in_the_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(200, monkeypatch, capsys, mastodon=SPENT)
    assert len(lines) == 1 + 41
    assert lines[0].split()[-3:] == ["spent", "via", "why"]
    assert "2026-11-23 16h  5 / 5 posts today" in lines[-1]
    assert lines[-1].endswith("its posts for today are spent")


def test_on_a_very_narrow_one_each_place_has_lines_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(40, monkeypatch, capsys, mastodon=SPENT)
    assert "destination-39" in lines and "  state: spent" in lines
