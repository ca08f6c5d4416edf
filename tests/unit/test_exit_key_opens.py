"""By what ``exit.key`` opens by itself: what systemd hands over, then the file of the node."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from relay.config import Settings
from relay.node.exit_key import ExitKey
from relay.wire.exitfile import lock_exit
from relay.wire.keys import ExitKeys, Passphrase, make_exit_keys

RIGHT, WRONG = b"r" * 32, b"other words"


def put(file: Path, words: bytes) -> None:
    file.write_bytes(words + b"\n")
    file.chmod(0o600)


@pytest.mark.parametrize(
    ("credential", "file", "opens"),
    [
        (RIGHT, WRONG, True),
        (WRONG, RIGHT, True),
        (WRONG, b"", False),
        (b"", RIGHT, True),
        (b"", b"", False),
    ],
)
def test_an_exit_opens_by_whichever_passphrase_is_the_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, credential: bytes, file: bytes, opens: bool
) -> None:
    key_file = tmp_path / "exit.key"
    key_file.write_bytes(lock_exit(make_exit_keys(), Passphrase(RIGHT, stretched=False)))
    key_file.chmod(0o600)
    if credential:
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
        put(tmp_path / "passphrase", credential)
    else:
        monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    if file:
        put(tmp_path / "words", file)
    node = SimpleNamespace(passphrase_file="words")
    settings = SimpleNamespace(keys=tmp_path, node=node, at=lambda name: tmp_path / name)
    key = ExitKey(cast(Settings, settings))
    opened: list[ExitKeys] = []
    assert key.open_by_file(lambda words: opened.append(key.opened(words))) is opens
    assert bool(opened) is opens
