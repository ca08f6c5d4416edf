"""``kind = "folder"`` in the settings, and the link that is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from folder_parts import ENTRY, EXIT, HandClock, peer

from relay.config import Settings, parse
from relay.config.linking import FolderLink as Section
from relay.errors import SettingsError
from relay.links.folder.link import FolderLink
from relay.links.port import Opening
from relay.node.granted import granted_to
from relay.node.links.building import build
from relay.wire.linkkeys import link_key_of


def read(at: Path, **link: object) -> Settings:
    table = {
        "node": {"role": "exit"},
        "channels": {"news": {}},
        "peers": {"entry": {"link": link_key_of(ENTRY).written}},
        "links": {"stick": {"kind": "folder", "folder": "/media/stick", **link}},
    }
    return parse(table, at / "relay.toml")


def mistakes(at: Path, **link: object) -> dict[str, str]:
    with pytest.raises(SettingsError) as raised:
        read(at, **link)
    return {one.key: one.what for one in raised.value.mistakes}


def test_a_folder_is_all_that_has_to_be_said(tmp_path: Path) -> None:
    at = read(tmp_path).links["stick"]
    assert isinstance(at, Section)
    assert (at.every, at.again, at.removable, at.most_bytes) == (60, 86400, False, 1 << 30)


@pytest.mark.parametrize(
    ("key", "value"),
    [("folder", ""), ("every", "0s"), ("again", "31d"), ("most_bytes", 1000), ("url", "x")],
)
def test_what_cannot_be_is_refused_by_its_key(tmp_path: Path, key: str, value: object) -> None:
    assert list(mistakes(tmp_path, **{key: value})) == [f"links.stick.{key}"]


@pytest.mark.parametrize("folder", [".", "keys", "keys/x", "data", "/", "data/../keys", "secrets"])
def test_a_folder_that_has_the_nodes_own_in_it_is_refused(tmp_path: Path, folder: str) -> None:
    (what,) = mistakes(tmp_path, folder=folder).values()
    assert what.startswith("is one with node.")


@pytest.mark.parametrize("to", ["", "entry"])
def test_the_link_is_made_of_its_section(tmp_path: Path, to: str) -> None:
    settings = read(tmp_path, folder="share", **({"peer": to} if to else {}))
    entry = peer(ENTRY, "entry")
    opening = Opening(
        "stick",
        EXIT,
        link_key_of(EXIT),
        {entry.key.public: entry},
        entry if to else None,
        HandClock(),
    )
    link = build(settings.links["stick"], opening, settings)
    assert isinstance(link, FolderLink)
    assert [one.name for one in link._folder.peers] == ["entry"]


def test_the_links_may_write_into_their_folder_and_are_started_anew_when_a_stick_is_there(
    tmp_path: Path,
) -> None:
    granted = granted_to("links", read(tmp_path, folder="share"))
    assert tmp_path / "share" in granted.grants.writes
    assert tmp_path / "share" in granted.placed
