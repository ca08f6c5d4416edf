"""An exit whose links are killed, taken up anew, or have no disk yet: what comes is there once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from an_entry import Entry, settings
from conftest import soon, status
from looking import pid

from relay.cli.common import asked
from relay.errors import OutwordError
from relay.links.port import Durable
from relay.testing.nodes import Node, running

pytestmark = pytest.mark.slow

SHARE = """
[links.share]
kind = "folder"
folder = "stick"
peer = "entry"
every = "1s"
"""


@pytest.fixture
def exit_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running(Node(tmp_path_factory.mktemp("exit") / "n", settings())) as node:
        yield node


@pytest.mark.parametrize("role", ["links", "core"])
def test_who_hands_over_while_a_process_is_killed_comes_again_and_it_is_there_once(
    exit_: Node, role: str
) -> None:
    entry = Entry(exit_)
    sealed = [entry.sealed(f"number {n}") for n in range(20)]
    for n, one in enumerate(sealed):
        if n in (5, 12):
            os.kill(pid(exit_, role), signal.SIGKILL)
        soon(lambda one=one: isinstance(entry.hands_over(one), Durable))
    soon(lambda: _told(exit_).get("posted") == len(sealed))
    assert _told(exit_)["accepted"] == len(sealed)


def test_a_link_of_new_settings_serves_once_its_disk_is_there(exit_: Node) -> None:
    entry = Entry(exit_)
    before = pid(exit_, "core")
    exit_.file.write_text(exit_.file.read_text() + SHARE)
    list(asked(exit_.file, {"do": "reload"}))
    soon(lambda: before not in [one["pid"] for one in _told(exit_).get("processes", [])])
    soon(lambda: _state(exit_, "share") == "blocked")
    assert isinstance(entry.hands_over(entry.sealed("by the other link")), Durable)
    (exit_.folder / "stick").mkdir()
    soon(lambda: _state(exit_, "share") == "works")
    exit_.file.write_text(exit_.file.read_text().replace(SHARE, ""))
    assert exit_.process is not None
    exit_.process.send_signal(signal.SIGHUP)
    soon(lambda: _told(exit_).get("links", {}).keys() == {"tls"})
    assert isinstance(entry.hands_over(), Durable)


def _state(node: Node, link: str) -> str:
    return str(_told(node).get("links", {}).get(link, {}).get("state", ""))


def _told(node: Node) -> dict[str, Any]:
    """Its status, or nothing while no core is there to give it."""
    try:
        return status(node)
    except OutwordError:
        return {}
