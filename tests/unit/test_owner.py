"""What root asks for in a node's folder is done with the rights of its owner, and no others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from relay.cli import owner
from relay.cli.doctor import doctor
from relay.cli.owner import Closed, as_owner_of
from relay.errors import KeyFileError
from relay.keyfiles import read_secret

NOBODY = 65534

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


def who() -> tuple[int, int, list[int]]:
    return os.geteuid(), os.getegid(), sorted(os.getgroups())


@only_root
def test_root_has_the_owners_rights_inside_the_block_and_its_own_after_it(tmp_path: Path) -> None:
    groups = os.getgroups()
    os.setgroups([0, 4])
    try:
        os.chown(tmp_path, NOBODY, NOBODY)
        before = who()
        with pytest.raises(KeyError), as_owner_of(tmp_path / "not" / "there"):
            assert who() == (NOBODY, NOBODY, [NOBODY])
            raise KeyError
        assert who() == before
    finally:
        os.setgroups(groups)


def test_in_a_folder_of_ones_own_nothing_changes(tmp_path: Path) -> None:
    before = who()
    with as_owner_of(tmp_path):
        assert who() == before


@only_root
def test_a_program_in_a_folder_that_the_owner_cannot_enter_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not as a fault of ours, since a module is not found then."""
    closed, node = tmp_path / "closed", tmp_path / "node"
    for folder in (closed, node):
        folder.mkdir(mode=0o700)
    (closed / "ours.py").touch()
    (node / "relay.toml").touch()
    os.chown(node, NOBODY, NOBODY)
    monkeypatch.setattr(owner, "PROGRAM", (str(closed / "ours.py"),))
    with pytest.raises(Closed, match="cannot read this program in"), as_owner_of(node):
        raise ModuleNotFoundError
    told = CliRunner().invoke(doctor, ["-c", str(node / "relay.toml")])
    assert isinstance(told.exception, Closed) and told.exception.exit_code == 78


@only_root
def test_root_is_told_to_be_the_nodes_user_and_not_to_take_its_files(tmp_path: Path) -> None:
    secret = tmp_path / "words"
    secret.touch(mode=0o600)
    os.chown(secret, NOBODY, NOBODY)
    with pytest.raises(KeyFileError, match="belongs to another user: use chown"):
        read_secret(secret)
    os.chown(tmp_path, NOBODY, NOBODY)
    with pytest.raises(KeyFileError, match=r"run this as (nobody|user 65534), not as root"):
        read_secret(secret)
