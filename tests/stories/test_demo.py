"""The demo ends by itself, says what it saw, and would say if it were not so."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from relay.cli.demo import _summed, page
from relay.cli.demo.scene import Ended, Text, until

ALL_S = 35.0
"""All acts, on a machine where everything is installed."""


def demo(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "relay", "demo", *args],
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


def counted(ended: subprocess.CompletedProcess[str]) -> Any:
    assert ended.returncode == 0, ended.stderr[-2000:]
    return json.loads(ended.stdout)


def test_one_platform_closes_and_nothing_else_is_late() -> None:
    ended = demo("--once", "--act", "2", "--json")
    made = counted(ended)
    page = {"in": 6, "posted": 6, "twice": 0, "held": 0, "lost": 0}
    assert made | page == made and made["repeats"] == 0
    assert set(made["platforms"]) == {"page", "webhook", "mastodon"}
    for name, row in made["platforms"].items():
        assert row | page == row
        assert row["waited"] == (3 if name == "mastodon" else 0)
    assert made["platforms"]["mastodon"]["slowest_s"] > made["platforms"]["page"]["slowest_s"]
    told = ended.stderr
    assert re.search(r"page 6 +webhook 6 +mastodon 3 \(blocked: [^;]+; 3 wait\)", told)
    assert told.index("closes") < told.index("blocked") < told.index("open again")
    assert told.count("mastodon 6\n") == 1


@pytest.mark.slow
def test_a_planned_window_and_a_filtered_name_make_nothing_else_late() -> None:
    ended = demo("--once", "--act", "3", "--json")
    made = counted(ended)
    page = {"in": 6, "posted": 6, "twice": 0, "held": 0, "lost": 0}
    assert made | page == made and made["repeats"] == 0
    assert set(made["platforms"]) == {"page", "filtered", "mastodon"}
    for name, row in made["platforms"].items():
        assert row | page == row
        assert row["waited"] == (4 if name == "mastodon" else 0)
    told = ended.stderr
    assert "filtered is reached via abroad" in told
    assert re.search(
        r"mastodon 2 \(planned: maintenance \(\w+\), until [^;]+; then 4, oldest first", told
    )
    assert "asked of the closed platform during its window: 0 times" in told
    assert "--zone Asia/Tehran --do hold --why maintenance\n" in told  # on one line, to be copied


@pytest.mark.slow
def test_all_acts_in_order_in_half_a_minute() -> None:
    began = time.monotonic()
    ended = demo("--once", "--json")
    assert time.monotonic() - began < ALL_S
    made = counted(ended)
    assert (made["in"], made["posted"], made["repeats"]) == (20, 20, 4)
    assert (made["twice"], made["lost"]) == (0, 0)
    assert ended.stderr.index("Act 1") < ended.stderr.index("Act 2") < ended.stderr.index("Act 3")


def test_what_a_person_has_to_see_first_is_held_and_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "TEXTS", (Text("sms", "", "They shot at us at 14:35."),))
    monkeypatch.setattr(page, "until", lambda done: until(done, 2.0))
    told = io.StringIO()
    ended = page.act(Console(file=told), tmp_path, False)
    assert not ended.good
    assert (ended.page["held"], ended.page["lost"]) == (2, 0)
    assert "held: danger: time (2)\n" in told.getvalue()


@pytest.mark.parametrize("act", ["0", "4", "x"])
def test_an_act_that_there_is_not_is_a_usage_error(act: str) -> None:
    assert demo("--once", "--act", act).returncode == 64


def test_the_sum_is_over_the_acts_that_were_played() -> None:
    one = Ended(True, {"in": 8, "posted": 7, "twice": 0, "held": 1, "lost": 0, "repeats": 4})
    two = Ended(True, one.page, {"page": {"in": 6}})
    assert _summed([one]) == dict(one.page)
    assert _summed([one, two]) == {
        "in": 16,
        "posted": 14,
        "twice": 0,
        "held": 2,
        "lost": 0,
        "repeats": 8,
        "platforms": {"page": {"in": 6}},
    }
