"""What an operator looks at says when all of it is paused or locked, in one time zone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from relay.cli.look import board
from relay.cli.queue import queue
from relay.config import load, warnings
from relay.errors import SettingsError

PLACE = {"state": "works", "since": 1_795_449_600, "waiting": 0, "oldest_s": 0, "posted": 0,
         "last": None, "why": "look at [http]", "service": 0}  # fmt: skip
PAUSED = "paused since 2026-11-23 16h UTC: everything"
ROW = {"id": "ca1a9d12a958" * 3, "queue": "post", "state": "waiting", "channel": "",
       "destination": "page", "since_s": 7200, "why": ""}  # fmt: skip


@pytest.fixture(params=[{}, {"relay": 1_795_449_600}])
def paused(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    stands = "locked" if request.param else "ok"

    def asked(_: Path, order: dict[str, Any]) -> list[dict[str, Any]]:
        status = {"standing": stands, "board": {"page": PLACE}, "paused": request.param}
        return {"status": [status], "list": [ROW]}[order["do"]]

    monkeypatch.setenv("TZ", "Asia/Tehran")
    monkeypatch.setattr("relay.cli.look.asked", asked)
    monkeypatch.setattr("relay.cli.queue.asked", asked)
    return bool(request.param)


def test_the_board_says_that_all_is_paused(paused: bool) -> None:
    said = CliRunner().invoke(board, []).output
    assert "2026-11-23 16h" in said and "look at [http]" in said
    assert (PAUSED in said) is paused
    assert ("`relay unlock`" in said) is paused


def test_whatever_a_platform_says_is_one_line_and_turns_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = {**PLACE, "why": "محدود\x1b[31m\nشد", "stale": 2}
    status = {"standing": "ok", "board": {"page": place}, "paused": {}}
    monkeypatch.setattr("relay.cli.look.status_of", lambda path: status)
    said = CliRunner().invoke(board, []).output
    assert "\u2068محدود[31m شد\u2069; 2 held: waited too long" in said


def test_the_queue_says_why_nothing_moves(paused: bool) -> None:
    said = CliRunner().invoke(queue, ["list"]).output
    assert "ca1a9d12a958" in said and (PAUSED in said) is paused
    assert ("`relay unlock`" in said) is paused
    assert PAUSED not in CliRunner().invoke(queue, ["list", "--json"]).output


TLS = '[http]\nlisten = "{}:0"\n{}\n[channels.news]\n[tls]\ncertificate = "c"\nkey = "k"\n'


@pytest.mark.parametrize(
    ("host", "behind", "warned"),
    [
        ("127.0.0.1", "", True),
        ("127.0.0.1", 'behind = ["127.0.0.1"]', False),
        ("0.0.0.0", "", False),
    ],
)
def test_https_on_loopback_is_warned_of(
    tmp_path: Path, host: str, behind: str, warned: bool
) -> None:
    file = tmp_path / "relay.toml"
    file.write_text(TLS.format(host, behind))
    assert ("http.listen" in [key for key, _ in warnings(load(file))]) is warned


def test_a_folder_in_place_of_the_settings_is_called_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"is a folder; name the relay\.toml in it"):
        load(tmp_path)
