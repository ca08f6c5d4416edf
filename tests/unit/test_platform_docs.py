"""What is written of each bridge is what it is: settings in the example, a row in the table."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
OURS = {
    point.name: point
    for point in entry_points(group="relay.bridges")
    if point.dist is not None and point.dist.name == "outword"
}
BUDGETS = {f"{what}_per_{per}" for what in ("posts", "money") for per in ("day", "month")}
REACHED = {"routes", "pins", "ca_file", "canary"}
OF_THE_RELAY = {"bridge", "on_unsure", "deadline", "ask_replies", "untested"} | BUDGETS | REACHED
OF_THE_RELAY |= {"hosts", "allow_unconfined"}


def sections() -> dict[str, dict[str, Any]]:
    """Every destination of the example, those that are commented out included, by its bridge."""
    written = (ROOT / "relay.toml.example").read_text()
    headed = r"^# (?=\[[a-z]+\.|\[canary|(?:# )?[a-z_]+ = )"
    bare = re.sub(headed, "", written, flags=re.MULTILINE)
    bare = re.sub(r"^# (?=[a-z_]+ = )", "", bare, flags=re.MULTILINE)
    found: dict[str, dict[str, Any]] = {}
    for section in tomllib.loads(bare)["destinations"].values():
        found.setdefault(section["bridge"], {}).update(section)
    return found


@pytest.mark.parametrize("name", OURS)
def test_the_example_names_every_setting_of_a_bridge_and_no_other(name: str) -> None:
    fields = set(OURS[name].load().Settings.model_fields)
    written = set(sections()[name]) - OF_THE_RELAY
    assert written - fields == set()
    assert fields - written - {"url"} == set()  # the feed's is that of [http]


@pytest.mark.parametrize("name", OURS)
def test_the_example_of_a_bridge_is_one_that_it_takes(name: str) -> None:
    cls = OURS[name].load()
    section = {k: v for k, v in sections()[name].items() if k not in OF_THE_RELAY}
    if {"webhook_file", "token_file"} <= set(section):  # one or the other
        del section["webhook_file"]
    if name == "matrix":
        del section["token_file"]
    cls.Settings.model_validate(section)


@pytest.mark.parametrize("name", OURS)
def test_the_table_says_how_a_bridge_is_known_to_be_right(name: str) -> None:
    table = (ROOT / "docs/platforms.md").read_text()
    rows = [row for row in table.splitlines() if row.startswith("|") and f"| `{name}` |" in row]
    assert rows and f"| {OURS[name].load().tested} |" in rows[0]


def test_a_bridge_of_ours_says_all_that_operators_are_told() -> None:
    for point in OURS.values():
        cls = point.load()
        assert cls.api == 1
        assert cls.tested in ("real server", "schema-checked", "by description only")
        assert 20 < len(cls.again) < 250
        assert isinstance(getattr(cls, "secrets", {}), dict)
