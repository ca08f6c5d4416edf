"""Sockets of our own: for one user alone, however deep they lie."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from relay.sockets import address_of, bound, is_ours, short
from relay.testing.door import listening


def test_nobody_else_may_open_it_whatever_the_umask_lets_through(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with bound(tmp_path / "control"):
            assert stat.S_IMODE((tmp_path / "control").stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_one_that_a_killed_node_left_is_replaced(tmp_path: Path) -> None:
    bound(tmp_path / "control").close()
    with bound(tmp_path / "control") as again:
        again.listen()
        with socket.socket(socket.AF_UNIX) as asking, short(tmp_path / "control") as name:
            asking.connect(name)
            assert is_ours(asking)


def test_a_folder_too_deep_for_a_name_of_107_bytes_is_no_matter(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 100) / ("b" * 100)
    deep.mkdir(parents=True)
    with bound(deep / "control"):
        assert stat.S_ISSOCK((deep / "control").stat().st_mode)


def test_a_folder_that_is_not_there_leaves_no_socket_behind(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        bound(tmp_path / "missing" / "control")


def test_we_are_ours() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert is_ours(one)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_address_is_written_as_listen_takes_it(host: str) -> None:
    with listening(host) as sock:
        port = sock.getsockname()[1]
        assert address_of(sock) == (f"[::1]:{port}" if host == "::1" else f"127.0.0.1:{port}")
