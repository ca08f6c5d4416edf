"""Panic, with a real node: up, and hanging."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from conftest import relay, status

from relay.testing.nodes import Node, running


@pytest.mark.parametrize("hangs", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_panic_destroys_the_keys_and_ends_a_node(tmp_path: Path, hangs: bool) -> None:
    with running(Node(tmp_path / "n")) as node:
        processes = {one["role"]: one["pid"] for one in status(node)["processes"]}
        if hangs:
            os.kill(processes["core"], signal.SIGSTOP)
        done = relay(node, "panic", "--yes")
        assert done.returncode == 0, done.stderr
        assert b"destroyed: keys/exit.key" in done.stdout
        assert not list((node.folder / "keys").iterdir())
        assert not list((node.folder / "secrets").iterdir())
        for pid in processes.values():
            assert not Path(f"/proc/{pid}").exists() or "Z" in _state(pid)
        assert relay(node, "status").returncode == 69
        assert relay(node, "run").returncode == 78  # what is stored would never open again
        node.kill()


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
