"""The board has a column for the self test where there is one, and says why it is not well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from relay.cli.look import board

PLACE = {"state": "works", "since": 1_795_449_600, "waiting": 0, "oldest_s": 0, "posted": 0,
         "last": None, "why": "", "service": 0}  # fmt: skip
GOOD = 1_795_449_600


def shown(monkeypatch: pytest.MonkeyPatch, canary: dict[str, Any] | None) -> str:
    place = {**PLACE, "canary": canary}

    def asked(_: Path, order: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"standing": "ok", "board": {"mail": place}, "paused": {}}]

    monkeypatch.setattr("relay.cli.look.asked", asked)
    return CliRunner().invoke(board, [], terminal_width=200).output


def tried(state: str, why: str = "", good: int | None = GOOD, took: float | None = 2.0) -> Any:
    return {"state": state, "last_good": good, "took_s": took, "why": why}


@pytest.mark.parametrize(
    ("canary", "said"),
    [
        (tried("works"), ["works, 2 s"]),
        (tried("works", took=0.0), ["works, 0.1 s"]),
        (tried("slow", "it took 12 min", took=720), ["slow, 720 s", "it took 12 min"]),
        (tried("blocked", "it answers 451"), ["blocked, good 2026-11-23", "canary: it answers"]),
        (tried("blocked", "it answers 451", None, None), ["blocked", "canary: it answers 451"]),
        (tried("", good=None, took=None), ["not yet"]),
        (tried("waits", "it is paused"), ["waits, good 2026-11-23", "canary: it is paused"]),
    ],
)
def test_the_column_says_how_it_is(
    canary: dict[str, Any], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shows = shown(monkeypatch, canary)
    assert "canary" in shows and all(one in shows for one in said), shows


def test_without_a_self_test_there_is_no_column(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "canary" not in shown(monkeypatch, None)
