"""What root asks for in a node's folder is done with the rights of its owner, and no others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from relay.cli.owner import as_owner_of

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
