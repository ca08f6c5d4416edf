"""Secret files: ours, plain, 0600, or refused by the name of the file alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from relay.errors import KeyFileError
from relay.keyfiles import MAX_BYTES, read_credential, read_line, read_secret, write_secret


def test_what_is_written_is_read_and_nobody_else_can(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "door.key"
    write_secret(path, b"one")
    write_secret(path, b"two")
    assert read_secret(path) == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["door.key"]


def test_white_space_around_a_pasted_secret_is_no_part_of_it(tmp_path: Path) -> None:
    write_secret(tmp_path / "token", b"  abc\n")
    assert read_line(tmp_path / "token") == b"abc"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "door.key"
    write_secret(path, b"secret")
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600") as raised:
        read_secret(path)
    assert "secret" not in str(raised.value)


def test_a_link_a_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    write_secret(tmp_path / "real", b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for name in ("link", "nothing"):
        with pytest.raises(KeyFileError, match=name):
            read_secret(tmp_path / name)
    with pytest.raises(KeyFileError):
        read_secret(tmp_path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    write_secret(tmp_path / "key", b"x" * MAX_BYTES)
    assert len(read_secret(tmp_path / "key")) == MAX_BYTES
    write_secret(tmp_path / "key", b"x" * (MAX_BYTES + 1))
    with pytest.raises(KeyFileError, match="too large"):
        read_secret(tmp_path / "key")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "token", 0o600)
    with pytest.raises(KeyFileError, match="token is not a plain file"):
        read_secret(tmp_path / "token")


def test_a_credential_is_read_from_the_folder_that_systemd_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert read_credential("passphrase") is None
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_credential("passphrase") is None
    (tmp_path / "passphrase").write_bytes(b"  some words\n")
    for mode in (0o400, 0o440, 0o600):  # 0440 is how an access list shows
        (tmp_path / "passphrase").chmod(mode)
        assert read_credential("passphrase") == b"some words"


@pytest.mark.parametrize("mode", [0o444, 0o460, 0o450, 0o404])
def test_a_credential_that_others_can_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "passphrase").write_bytes(b"some words")
    (tmp_path / "passphrase").chmod(mode)
    with pytest.raises(KeyFileError, match="passphrase can be read by others") as raised:
        read_credential("passphrase")
    assert "words" not in str(raised.value)


def test_a_credential_that_cannot_be_looked_for_is_an_error_and_not_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").touch()  # systemd leaves one that we may not enter if it has nothing
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "folder"))
    with pytest.raises(KeyFileError, match="passphrase cannot be read"):
        read_credential("passphrase")
