"""A socket in a folder is replaced in one step: whoever connects meanwhile is heard."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from relay.sockets import bound, short


def connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as asking, short(path) as name:
        try:
            asking.connect(name)
        except OSError:
            return False
    return True


def test_while_another_takes_its_place_there_is_always_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "send"
    seen: list[bool] = []
    with bound(path):
        for name in ("unlink", "fchmod", "chmod"):
            before = getattr(os, name)
            monkeypatch.setattr(
                os, name, lambda *a, _of=before, **k: (_of(*a, **k), seen.append(connects(path)))
            )
        with bound(path, mode=0o666):
            seen.append(connects(path))
            assert stat.S_IMODE(path.stat().st_mode) == 0o666
    assert seen and all(seen)
    assert os.listdir(tmp_path) == ["send"]


def test_what_cannot_be_replaced_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "send").mkdir()
    with pytest.raises(OSError):
        bound(tmp_path / "send")
    assert os.listdir(tmp_path) == ["send"]
