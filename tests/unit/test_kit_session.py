"""A session: renewed tokens are on the disk before they are used, and belong to one secret."""

from __future__ import annotations

import os
import stat

import pytest

from bridges import kit


@pytest.fixture
def password(tmp_path):
    path = tmp_path / "password"
    path.touch(0o600)
    path.write_text("one")
    return path


async def test_what_is_stored_is_there_after_a_restart(password):
    await kit.Session(str(password)).store({"access": "a", "refresh": "r"})
    assert kit.Session(str(password)).load() == {"access": "a", "refresh": "r"}


async def test_only_we_may_read_it_and_nothing_is_left_beside_it(password, tmp_path):
    await kit.Session(str(password)).store({"access": "a"})
    assert stat.S_IMODE(os.stat(tmp_path / "password.session").st_mode) == 0o700
    assert stat.S_IMODE(os.stat(tmp_path / "password.session/held").st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["password", "password.session"]
    assert [path.name for path in (tmp_path / "password.session").iterdir()] == ["held"]


async def test_a_new_secret_begins_a_new_session(password):
    await kit.Session(str(password)).store({"access": "a"})
    password.write_text("two")
    assert kit.Session(str(password)).load() == {}


async def test_the_secret_itself_is_not_in_it(password, tmp_path):
    password.write_text("a-password-that-is-long")
    await kit.Session(str(password)).store({"access": "a"})
    assert b"a-password" not in (tmp_path / "password.session/held").read_bytes()


@pytest.mark.parametrize("held", ["", "{", "[]", '{"of": 1}', "[" * 5000])
def test_a_damaged_session_is_none(password, tmp_path, held):
    path = tmp_path / "password.session/held"
    path.parent.mkdir()
    path.touch(0o600)
    path.write_text(held)
    assert kit.Session(str(password)).load() == {}


def test_a_session_that_others_could_have_read_is_none(password, tmp_path):
    path = tmp_path / "password.session/held"
    path.parent.mkdir()
    path.write_text("{}")
    path.chmod(0o644)
    assert kit.Session(str(password)).load() == {}


async def test_a_full_disk_leaves_the_old_one(password, tmp_path, monkeypatch):
    session = kit.Session(str(password))
    await session.store({"access": "old"})

    def full(file):
        raise OSError(28, "no room")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        await session.store({"access": "new"})
    assert session.load() == {"access": "old"}


async def test_one_of_another_package_is_kept_in_its_own_folder(password, tmp_path):
    (tmp_path / "own").mkdir()
    await kit.Session(str(password), str(tmp_path / "own")).store({"access": "a"})
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["password.session"]
    assert kit.Session(str(password), str(tmp_path / "own")).load() == {"access": "a"}
    assert kit.Session(str(password)).load() == {}


async def test_a_folder_of_its_own_that_is_gone_is_not_made(password, tmp_path):
    """A disk may be missing there."""
    with pytest.raises(OSError):
        await kit.Session(str(password), str(tmp_path / "own")).store({"access": "a"})
