"""``relay doctor`` on the desk: who can use it, and from where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from relay.cli.doctoring import desk
from relay.config import Settings, load

STEADY: dict[str, Any] = {"standing": "ok", "clock": {"state": "steady"}}


@pytest.fixture
def node(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    return tmp_path


def settings(node: Path, written: str = "[desk]") -> Settings:
    (node / "relay.toml").write_text(f"[channels.news]\n{written}\n")
    return load(node / "relay.toml")


def found(at: Settings, status: dict[str, Any] | None = STEADY) -> list[tuple[str, str]]:
    return [(one.state, one.what) for one in desk.look(at, status)]


def test_where_there_is_no_desk_nothing_is_said(node: Path) -> None:
    assert found(settings(node, "")) == []


def test_a_desk_without_users_is_told(node: Path) -> None:
    at = settings(node, '[desk]\nhosts = ["desk.example.org"]')
    assert found(at) == [("mind", "the desk has no users")]
    (node / "keys" / "users").touch()
    assert found(at) == [("good", "the desk has users")]


def test_a_desk_that_nobody_far_away_can_reach_is_told(node: Path) -> None:
    (node / "keys" / "users").touch()
    assert ("mind", "the desk is reached from here alone") in found(settings(node), None)


@pytest.mark.parametrize(
    ("status", "what"),
    [
        ({**STEADY, "standing": "locked"}, "the desk is locked"),
        ({**STEADY, "clock": {"state": "frozen"}}, "the clock of this machine has jumped"),
    ],
)
def test_what_lets_nobody_sign_in_is_wrong(node: Path, status: dict[str, Any], what: str) -> None:
    (node / "keys" / "users").touch()
    assert ("wrong", what) in found(settings(node), status)
