"""How much lies in a plug-in's folder, though it may not want that to be seen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from relay.node.strangers import room
from relay.node.strangers.room import too_full


@pytest.fixture(autouse=True)
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_BYTES", 100_000)
    monkeypatch.setattr(room, "MOST_FILES", 10)


def test_what_is_little_is_not_too_much(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c").write_bytes(bytes(50_000))
    assert not too_full([str(tmp_path)])
    assert not too_full([])
    assert not too_full([str(tmp_path / "gone")])


def test_what_lies_deep_counts_as_well(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    for name in ("a/1", "a/b/2", "a/b/c/3"):
        (tmp_path / name).write_bytes(bytes(40_000))
    assert too_full([str(tmp_path)])


def test_two_folders_count_together(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(bytes(60_000))
    assert not too_full([str(tmp_path / "one")])
    assert too_full([str(tmp_path / "one"), str(tmp_path / "two")])


def test_files_of_no_size_are_files(tmp_path: Path) -> None:
    for name in range(11):
        (tmp_path / str(name)).touch()
    assert too_full([str(tmp_path)])


def test_a_file_with_a_hole_takes_what_it_takes(tmp_path: Path) -> None:
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 30)
    assert not too_full([str(tmp_path)])


def test_nothing_is_hidden_too_deep_for_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_FILES", 1000)
    monkeypatch.chdir(tmp_path)
    for _ in range(20):
        os.mkdir("x" * 250)
        os.chdir("x" * 250)
    assert too_full([str(tmp_path)])


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_nothing_is_hidden_in_a_folder_that_is_closed(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    assert too_full([str(tmp_path)])


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to(tmp_path)
    assert not too_full([str(tmp_path)])
