"""A whole node before a Mastodon server that fails: each message is there once."""

from __future__ import annotations

import re
import time
from pathlib import Path

from mastodon_server import TOKEN, mock_server

from relay.cli.look import status_of
from relay.testing.nodes import Node, running
from relay.testing.senders import post_sms, sms

SETTINGS = """
[destinations.masto]
bridge = "mastodon"
server = "{url}"
token_file = "secrets/masto"
"""


def until(true, wait_s=30):
    end = time.monotonic() + wait_s
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_is_said_by_sms_stands_on_mastodon_once_whatever_the_server_does(tmp_path: Path):
    (tmp_path / "mock").mkdir()
    with mock_server(tmp_path / "mock") as mock:
        mock.reset()
        path = "/api/v1/statuses"
        mock.faults("POST", path, type="malformed")
        mock.faults("POST", path, type="status", status=429, headers={"Retry-After": "1"})
        mock.faults("POST", path, type="status", status=502)
        more = SETTINGS.format(url=mock.url)
        node = Node(tmp_path / "n", more=more, destinations=("page", "masto"))
        node.write("secrets/masto", TOKEN.encode())
        with running(node):
            for n in range(3):
                body = sms(f"message {n}: " + "seen. " * 100 * (n == 2), id=str(n))
                assert post_sms(f"{node.url}/in/phone", body, node.secret) == 200
            until(lambda: status_of(node.file)["posted"] == 3)
            assert status_of(node.file)["board"]["masto"]["state"] == "works"
            assert node.stop() == 0
        texts = [re.sub("<[^>]*>", "", one["content"]) for one in mock.statuses()]
    found = sorted(re.match(r"message (\d)|seen", text)[0] for text in texts)
    assert found == ["message 0", "message 1", "message 2", "seen"]
