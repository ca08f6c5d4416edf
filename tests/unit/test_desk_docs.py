"""What docs/desk.md says of orders, rights, cards, keys, limits and settings is what there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from relay.config import seconds
from relay.config.sections import DeskAt
from relay.desk import forms, guard
from relay.desk.index.card import Card
from relay.desk.index.lanes import LANES, OUTBOX
from relay.desk.lanes_asked import LABELS
from relay.desk.menu import MENU
from relay.desk.times import AMBER_S, RED_S
from relay.model import HOUR
from relay.node.desk import aside, cards, choices, handovers, outbox, panicking, throttle
from relay.rules.rights import RIGHTS, ROLES

ROOT = Path(__file__).parent.parent.parent
DESK = (ROOT / "docs/desk.md").read_text("utf-8")
WORDS = " ".join(DESK.split())
SECTIONS = dict(re.findall(r"^#+ (.+?)\n(.*?)(?=^#+ |\Z)", DESK, re.M | re.S))
LETTERS = {"reader": "R", "editor": "E", "operator": "O", "originals": "X"}
BEFORE_ANYBODY = {"locked", "sign-in", "joining", "join"}


def rows(section: str) -> list[list[str]]:
    """The cells of its tables, without heads."""
    tables = re.findall(r"^\|.+\|\n\|[-|]+\|\n((?:\|.+\|\n)+)", SECTIONS[section], re.M)
    lines = [line for table in tables for line in table.splitlines()]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def ticked(cell: str) -> list[str]:
    """What stands in it as code."""
    return re.findall(r"`([^`]+)`", cell)


def said(cell: str) -> list[str]:
    """Who may give each order of a row: one for all of them, or one for each, after commas."""
    return [one.strip() for one in cell.split(",")]


def listed() -> dict[str, str]:
    """Every order of the list, and who may give it."""
    found: dict[str, str] = {}
    for cells in rows("Orders"):
        words, who = ticked(cells[0]), said(cells[1])
        for word, one in zip(
            words, who if len(who) == len(words) else who * len(words), strict=True
        ):
            assert word not in found
            found[word] = one
    return found


def test_the_list_of_orders_is_that_of_the_rights() -> None:
    assert set(listed()) == set(RIGHTS) | BEFORE_ANYBODY


@pytest.mark.parametrize("word", sorted(RIGHTS))
def test_who_may_give_an_order_is_as_the_table_of_rights_has_it(word: str) -> None:
    right = RIGHTS[word]
    letters = [letter for role, letter in LETTERS.items() if role in right.roles]
    wanted = " ".join([*letters, *(["A"] if right.deed else [])]) if letters else "nobody"
    assert listed()[word] == wanted


def test_every_role_is_told() -> None:
    assert [cells[0] for cells in rows("Users")] == [f"`{role}`" for role in ROLES]


def test_a_card_has_these_keys() -> None:
    keys = [key for cells in rows("CARD") for key in ticked(cells[0])]
    assert sorted(keys) == sorted(Card.__dataclass_fields__)


def test_what_makes_cards_gives_no_other_key() -> None:
    source = Path(cards.__file__).read_text("utf-8").partition("def _card(")[2]
    assert set(re.findall(r'^ +"(\w+)": ', source, re.M)) == set(Card.__dataclass_fields__)


def test_every_lane_is_told_of() -> None:
    assert set(LABELS) == set(LANES) - {OUTBOX}
    assert [name for name in LABELS.values() if f"**{name}**" not in SECTIONS["Lanes"]] == []


def test_the_keys_of_a_lane_and_of_the_menu_are_those_of_the_pages() -> None:
    told = " ".join(cell for cells in rows("Keys") for cell in cells)
    page = (ROOT / "relay/desk/templates/lane.html").read_text("utf-8")
    for key in set(re.findall(r'data-key="(?:Key)?(\w+)"|\w+:Key(\w)', page)):
        key = key[0] or key[1]
        assert re.search(rf"\b{key}\b", told), key
    for entry in MENU:
        if entry.key:
            assert f"G {entry.key.removeprefix('Key')}" in told, entry.name


def test_its_numbers_are_those_of_the_code() -> None:
    assert (AMBER_S, RED_S) == (2 * HOUR, 6 * HOUR)
    assert "amber from two hours on and red from six" in WORDS
    assert (forms.MOST_BYTES, forms.STRANGERS_BYTES) == (512 * 1024, 16 * 1024)
    assert (guard.BODY_S, guard.WHOLE_S) == (15, 60)
    assert (choices.MOST_IDS, choices.MOST_JOINED, choices.MOST_CHARS) == (500, 1000, 4000)
    assert choices.MOST_EMBARGO_S == 7 * 24 * HOUR and "at most seven days" in WORDS
    assert (cards.MOST, cards.MOST_CHARS, cards.MOST_TEXT) == (500, 1_000_000, 100_000)
    assert (aside.LONGEST_S, aside.MOST) == (24 * HOUR, 100)
    assert (handovers.MOST_TEXT, handovers.MOST) == (2000, 50)
    assert outbox.MOST_TOKEN == 100 and "8 to 100 characters" in WORDS
    assert throttle.Rate(10, 60) == throttle.PER_NAME
    assert throttle.Rate(30, 2) == throttle.IN_ALL
    assert f"`{panicking.TYPED}`" in DESK


def test_its_defaults_are_those_of_the_settings() -> None:
    at = DeskAt()
    assert (at.idle, at.longest) == (seconds("30m"), seconds("12h"))
    assert (at.outbox, at.keep_audit) == (seconds("60s"), seconds("90d"))
    assert at.listen == ("127.0.0.1", 8081) and "127.0.0.1:8081" in DESK


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", DESK, re.S))
def test_the_settings_of_each_way_in_are_keys_that_exist(block: str) -> None:
    DeskAt.model_validate(tomllib.loads(block)["desk"])


def test_every_picture_is_there_and_small_and_has_words() -> None:
    shown = re.findall(r"!\[([^\]]+)\]\((pictures/[\w-]+\.png)\)", DESK)
    assert len(shown) >= 4 and all(len(words) > 20 for words, _ in shown)
    for _, name in shown:
        assert (ROOT / "docs" / name).stat().st_size < 150_000
