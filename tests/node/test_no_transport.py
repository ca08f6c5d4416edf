"""A node with no transport is one: it says ready, so that its service has started, and takes what
comes by ``relay send``."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import relay

from relay.cli.look import status_of
from relay.testing.nodes import Node, running

HTTP = '[http]\nlisten = "127.0.0.1:0"\n'


@pytest.mark.parametrize("http", ["", HTTP])
def test_a_node_without_transports_is_ready(tmp_path: Path, http: str) -> None:
    with running(Node(tmp_path / "n", http + "[channels.news]\n")) as node:
        assert list(node.at) == (["http"] if http else [])
        done = relay(node, "send", stdin=b"the lights are on")
        assert done.returncode == 0, done.stderr
        assert status_of(node.file)["accepted"] == 1
