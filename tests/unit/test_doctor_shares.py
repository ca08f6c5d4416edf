"""``relay doctor`` on the folders of links."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from folder_parts import ENTRY

from relay.cli.doctoring.finding import Finding
from relay.cli.doctoring.shares import look
from relay.config import parse
from relay.wire.linkkeys import link_key_of


def found(at: Path, **link: object) -> Finding:
    table = {
        "node": {"role": "exit"},
        "channels": {"news": {}},
        "peers": {"entry": {"link": link_key_of(ENTRY).written}},
        "links": {"share": {"kind": "folder", "folder": "share", **link}},
    }
    (one,) = look(parse(table, at / "relay.toml"))
    return one


def test_a_folder_that_is_not_there_is_worth_a_word(tmp_path: Path) -> None:
    one = found(tmp_path)
    assert (one.state, one.what) == ("mind", "links.share: its folder is not there")
    assert str(tmp_path / "share") in one.remedy


def test_a_folder_that_can_be_used_is_good(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    assert found(tmp_path).state == "good"


def test_a_folder_that_is_closed_to_the_node_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "share").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert found(tmp_path).state == "wrong"


def test_where_no_stick_is_in_that_is_as_it_should_be(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    one = found(tmp_path, removable=True)
    assert (one.state, one.what) == ("good", "links.share: no stick is mounted now")
