"""A real node, "mastodon, else bluesky, page always", while mastodon is blocked."""

from __future__ import annotations

import json
import socket
from functools import partial
from pathlib import Path

import trio
from conftest import listed, relay, soon, status

from relay.testing.nodes import Node, running
from relay.testing.recorder import Recorder, recorder
from relay.testing.senders import page_texts, post_sms, sms

FALLBACK = """
[channels.news.fallback]
mastodon = { to = "bluesky", after = "1s" }
"""

PLACE = """
[destinations.%s]
bridge = "webhook"
url = "%s"
"""


async def test_what_mastodon_does_not_get_out_in_time_is_at_bluesky(tmp_path: Path) -> None:
    with socket.socket() as nobody:  # no connection is made to a port that nobody listens at
        nobody.bind(("127.0.0.1", 0))
        blocked = f"http://127.0.0.1:{nobody.getsockname()[1]}/in"
        async with recorder() as bluesky:
            more = FALLBACK + PLACE % ("mastodon", blocked) + PLACE % ("bluesky", bluesky.url)
            node = Node(tmp_path / "n", more=more, destinations=("page", "mastodon"))
            await trio.to_thread.run_sync(partial(_story, node, bluesky))


def _story(node: Node, bluesky: Recorder) -> None:
    with running(node):
        assert post_sms(f"{node.url}/in/phone", sms("news of today", id="1"), node.secret) == 200
        soon(lambda: _texts(bluesky) == ["news of today"])
        assert page_texts(node.url) == ["news of today"]
        soon(lambda: status(node)["posted"] == 1)
        assert status(node)["deliveries"] == {"posted": 2, "rerouted": 1}
        [id] = [one["id"] for one in listed(node, everything=True) if one["channel"]]
        lines = relay(node, "queue", "show", id).stdout.decode().splitlines()
        assert "to       mastodon rerouted to bluesky: it waited 1 s" in lines
        assert "to       bluesky posted" in lines
        assert "1 for mastodon went to bluesky instead" in node.log.read_text()


def _texts(place: Recorder) -> list[str]:
    return [json.loads(one.body)["text"] for one in place.made if b'"text"' in one.body]
