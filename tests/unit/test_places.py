"""A folder that is granted to one process holds nothing that belongs to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.config import load
from relay.plugins import mistakes

PAGE = """
[channels.news]
[destinations.page]
bridge = "feed"
folder = "{page}"
[destinations.box]
bridge = "folder"
folder = "{box}"
[destinations.hook]
bridge = "webhook"
url = "https://hook.example.org/in"
token_file = "tokens/hook"
[destinations.bird]
bridge = "bluesky"
handle = "us.example.org"
password_file = "passwords/bird"
[transports.modem]
kind = "gammu"
database = "{database}"
channel = "news"
"""

AMONG = [".", "..", "data", "data/own", "keys", "secrets", "tokens", "link"]
AMONG += ["passwords/bird.session", "passwords/bird.session/own"]


def told(folder: Path, *, page: str = "p", box: str = "b", database: str = "g/d") -> list[str]:
    (folder / "n/keys").mkdir(parents=True)
    (folder / "n/link").symlink_to("keys")
    (folder / "n/round").symlink_to("round")
    file = folder / "n/of-our-own.toml"
    file.write_text(PAGE.format(page=page, box=box, database=database))
    return [one.key for one in mistakes(load(file)) if not one.key.endswith("_file")]


def test_folders_of_their_own_are_none(tmp_path: Path) -> None:
    assert told(tmp_path, box="p", database="/var/spool/gammu/d") == []


def test_a_link_that_goes_round_is_no_fault_of_ours(tmp_path: Path) -> None:
    assert told(tmp_path, box="round") == []


@pytest.mark.parametrize("folder", AMONG)
def test_a_folder_of_ours_that_holds_secrets_is_a_mistake(folder: str, tmp_path: Path) -> None:
    assert told(tmp_path, box=folder) == ["destinations.box.folder"]


@pytest.mark.parametrize("folder", AMONG)
def test_so_is_a_page_that_does(folder: str, tmp_path: Path) -> None:
    assert told(tmp_path, page=folder) == ["destinations.page.folder"]


@pytest.mark.parametrize("folder", AMONG)
def test_so_is_a_database_beside_them(folder: str, tmp_path: Path) -> None:
    assert told(tmp_path, database=f"{folder}/smsd.db") == ["transports.modem.database"]
