"""A real node keeps what a platform renews, over a restart: it logs in once."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import soon, status

from relay.confine import possible
from relay.testing.aside import aside
from relay.testing.bluesky import bluesky
from relay.testing.nodes import Node, running
from relay.testing.senders import post_sms, sms

pytestmark = pytest.mark.skipif(not possible().enough, reason="this kernel cannot confine")

BIRD = """
[destinations.bird]
bridge = "bluesky"
service = "{service}"
handle = "{handle}"
password_file = "secrets/bird"
"""


def test_a_node_that_starts_again_goes_on_with_its_session(tmp_path: Path) -> None:
    with aside(bluesky) as there:
        service, handle, word = there.ask(lambda one: (one.base, one.handle, one.password))
        more = BIRD.format(service=service, handle=handle)
        node = Node(tmp_path / "n", more=more, destinations=("bird",))
        node.write("secrets/bird", word.encode())

        def posts(n: int) -> None:
            body = sms(f"message {n}", id=str(n))
            assert post_sms(f"{node.url}/in/phone", body, node.secret) == 200
            soon(lambda: len(there.ask(lambda one: one.public)) == n)
            assert status(node)["board"]["bird"]["state"] == "works"

        for n in (1, 2):
            with running(node):
                posts(n)
                assert node.stop() == 0
        asked = there.ask(lambda one: [request.path for request in one.requests])
        assert sum("createSession" in path for path in asked) == 1
        kept = node.folder / "secrets/bird.session"
        assert [one.name for one in kept.iterdir()] == ["held"]
        assert kept.stat().st_mode & 0o777 == 0o700
