"""Panic, with a real node: up, and hanging."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conftest import relay, status

from relay.control import ask
from relay.errors import Asked
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
        if hangs:
            assert relay(node, "run").returncode == 78  # what is stored would never open again
        node.kill()


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root acts for another user")
def test_root_destroys_the_keys_of_a_user_who_cannot_read_the_program() -> None:
    with TemporaryDirectory() as folder:  # pytest's own lets nobody else in
        Path(folder).chmod(0o755)
        node = Node(Path(folder) / "n")
        (node.folder / "keys").mkdir(exist_ok=True)
        (node.folder / "keys/exit.key").write_bytes(b"secret" * 100)
        for one in (node.folder, *node.folder.rglob("*")):
            os.chown(one, 65534, 65534)
        done = relay(node, "panic", "--yes")
        assert b"destroyed: keys/exit.key" in done.stdout, done.stderr
        assert not (node.folder / "keys/exit.key").exists()


def secrets_of(node: Node) -> list[bytes]:
    """What nobody may find afterwards: the passphrase and the other secrets, and of each key a part
    that is no public key of it."""
    secrets = [one.read_bytes() for one in (node.folder / "secrets").iterdir()]
    keys = [one.read_bytes()[-64:] for one in (node.folder / "keys").iterdir()]
    return [one.strip() for one in (*secrets, *keys) if len(one) >= 32]


def found(node: Node, secrets: list[bytes]) -> list[str]:
    """In which files of the node's folder one of these stands."""
    files = [one for one in node.folder.rglob("*") if one.is_file()]
    return [one.name for one in files if any(secret in one.read_bytes() for secret in secrets)]


def test_the_word_of_the_desk_destroys_every_secret_and_ends_the_node(tmp_path: Path) -> None:
    with running(Node(tmp_path / "n")) as node:
        processes = {one["role"]: one["pid"] for one in status(node)["processes"]}
        control = node.folder / "data" / "control"
        with pytest.raises(Asked):
            list(ask(control, {"do": "panic", "typed": "yes"}))
        assert (node.folder / "keys/exit.key").exists()
        secrets = secrets_of(node)
        assert found(node, secrets)
        [told] = ask(control, {"do": "panic", "typed": "destroy the keys"})
        assert {"file": "exit.key", "how": "destroyed", "why": ""} in told["ended"]
        assert node.process is not None
        assert node.process.wait(5) == 0  # so that no service manager starts it again
        assert not list((node.folder / "keys").iterdir())
        assert not list((node.folder / "secrets").iterdir())
        assert not any(Path(f"/proc/{pid}").exists() for pid in processes.values())
        assert not found(node, secrets)


@pytest.mark.slow
def test_a_core_whose_launcher_hangs_keeps_no_key_in_memory(tmp_path: Path) -> None:
    with running(Node(tmp_path / "n")) as node:
        [core] = [one["pid"] for one in status(node)["processes"] if one["role"] == "core"]
        assert node.process is not None
        os.kill(node.process.pid, signal.SIGSTOP)
        try:
            list(
                ask(node.folder / "data" / "control", {"do": "panic", "typed": "destroy the keys"})
            )
            until = time.monotonic() + 20
            while _state(core) != "Z" and time.monotonic() < until:
                time.sleep(0.1)
            assert _state(core) == "Z"
        finally:
            os.kill(node.process.pid, signal.SIGCONT)
            node.kill()
