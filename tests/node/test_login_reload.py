"""A secret that is put in place is taken up by the node that runs, and by nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import relay, soon, status

from relay.errors import OutwordError
from relay.testing.nodes import Node, running
from relay.testing.senders import post_sms, sms


def pids(node: Node) -> set[int]:
    """But for the doors: one whose file was replaced makes way for another."""
    try:
        return {one["pid"] for one in status(node)["processes"] if one["role"] != "door"}
    except OutwordError:
        return set()


def test_a_new_key_is_in_force_and_the_old_one_is_not(tmp_path: Path) -> None:
    with running(Node(tmp_path / "n")) as node:
        old = pids(node)
        done = relay(node, "login", "phone", "--new", "--json")
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        assert said["node"] == "reloading"
        soon(lambda: len(new := pids(node)) == len(old) and not new & old, 15)
        url, body = f"{node.url}/in/phone", sms("hello", id="1")
        assert post_sms(url, body, node.secret) == 403
        assert post_sms(url, body, said["secret"].encode()) == 200


def test_a_node_that_was_unlocked_by_hand_is_not_locked_by_it(tmp_path: Path) -> None:
    with running(Node(tmp_path / "n")) as node:
        (node.folder / "secrets/passphrase").unlink()
        old = pids(node)
        done = relay(node, "login", "phone", "--new")
        assert done.returncode == 0 and b"relay unlock" in done.stdout
        assert pids(node) == old and status(node)["standing"] == "ok"


def test_a_node_whose_settings_have_a_mistake_goes_on(tmp_path: Path) -> None:
    with running(Node(tmp_path / "n")) as node:
        more = '[destinations.hook]\nbridge = "webhook"\nurl = "https://hook.example.org/in"\n'
        node.file.write_text(node.file.read_text() + more + 'token_file = "secrets/none"\n')
        old = pids(node)
        done = relay(node, "login", "phone", "--new")
        assert done.returncode == 0 and b"relay check" in done.stdout
        assert pids(node) == old
