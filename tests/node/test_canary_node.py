"""A real node writes to itself by mail, SMS and form, and tells what it found; nothing stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import listed, relay, soon, status

from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import page_texts

TOKEN = re.compile(rb"canary [A-Z2-7]{16}|[A-Z2-7]{52}")
WAYS = ("mail", "phone", "form")
MORE = """
[transports.form]
kind = "form"
channel = "news"

[destinations.box]
bridge = "folder"
folder = "box"
canary = "post"

[canary]
every = "1m"
late = "30s"
transports = ["mail", "phone", "form"]
destinations = ["page", "box"]
"""

MAIL = """
[canary]
transports = ["mail"]
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    made = Node(
        tmp_path_factory.mktemp("node") / "n",
        SETTINGS.format(destinations='"page", "box"'),
        more=MORE,
    )
    with running(made) as started:
        yield started


def canaries(node: Node) -> dict[str, Any]:
    board = status(node)["board"]
    return {name: place["canary"] for name, place in board.items()}


def test_every_way_in_is_tried_through_its_socket_to_the_reader_and_nothing_stays(
    node: Node,
) -> None:
    soon(lambda: all(canaries(node)[name]["state"] == "works" for name in (*WAYS, "page")))
    for name in WAYS:
        tried = canaries(node)[name]
        assert tried["why"] == "" and tried["last_good"] % 3600 == 0
        assert 0 <= tried["took_s"] < 30
    now = status(node)
    assert (now["accepted"], now["command"], now["turned_away"]) == (3, 3, 0)
    assert page_texts(node.url) == []
    assert all(row["queue"] == "ended" for row in listed(node, everything=True))
    assert now["answers"] == dict.fromkeys(now["answers"], 0)
    written = b"".join(one.read_bytes() for one in node.folder.rglob("*") if one.is_file())
    assert TOKEN.search(written) is None  # in no file, the journal included


@pytest.mark.slow  # three nodes, one after the other; the parts are in tests/unit/test_canary_*.py
def test_what_was_locked_is_durable_and_known_after_the_unlocking(tmp_path: Path) -> None:
    node = Node(tmp_path / "n", SETTINGS.format(destinations='"page"'), more=MAIL)
    with running(node):
        soon(lambda: canaries(node)["mail"]["state"] == "works")
    secret = (node.folder / "secrets" / "passphrase").read_bytes()
    (node.folder / "secrets" / "passphrase").unlink()
    with running(node):
        soon(lambda: canaries(node)["mail"]["state"] == "waits")
        tried = canaries(node)["mail"]
        assert "durable" in tried["why"] and tried["last_good"] is not None
        assert status(node)["accepted"] == 2
    with running(node):  # another core: the line of the one before is known by its key alone
        soon(lambda: canaries(node)["mail"]["state"] == "waits")
        assert relay(node, "unlock", stdin=secret).returncode == 0
        soon(lambda: status(node)["command"] == 3)
        soon(lambda: canaries(node)["mail"]["state"] == "works")
        assert page_texts(node.url) == []


@pytest.mark.slow  # its turn comes within a minute and a half: no start is a reason to post
def test_a_line_is_posted_by_its_outlet_and_is_gone_at_once(tmp_path: Path) -> None:
    more = MORE.replace('transports = ["mail", "phone", "form"]\n', "").replace('"page", ', "")
    node = Node(tmp_path / "n", SETTINGS.format(destinations='"page", "box"'), more=more)
    (node.folder / "box").mkdir()
    with running(node):
        soon(lambda: canaries(node)["box"]["state"], within_s=120)
        assert (canaries(node)["box"]["state"], canaries(node)["box"]["why"]) == ("works", "")
        assert list((node.folder / "box").glob("*.json")) == []
        assert page_texts(node.url) == [] and status(node)["accepted"] == 0
