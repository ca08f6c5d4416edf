"""``relay doctor`` on a node that runs on this machine, whatever the machine is like."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import relay

from relay.testing.nodes import Node, running

OURS = {"settings", "permissions", "ports", "node", "libraries", "destination page"}


def test_nothing_is_wrong_with_a_node_that_works(tmp_path: Path) -> None:
    with running(Node(tmp_path / "n")) as node:
        done = relay(node, "doctor", "--json")
        said = json.loads(done.stdout)
        found = [one for one in said["findings"] if one["check"] in OURS]
        assert [one for one in found if one["state"] == "wrong"] == []
        assert {"permissions", "node"} <= {one["check"] for one in found}
        assert said["mistakes"] == [] and done.returncode in (0, 69)
        (node.folder / "keys/door.key").chmod(0o644)
        done = relay(node, "doctor")
        assert done.returncode == 69 and b"chmod 600" in done.stdout and not done.stderr
