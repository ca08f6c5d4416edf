"""The direct way is cut in mid-stream: the next send goes round by the proxy, and comes back.

A real node, a real microsocks, real packets: nothing leaves for the platform or for the name server
while the direct way is left alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from two_ways import NAME, PLATFORM, PROXY, PROXY_PORT, Ways, possible, two_ways

from relay.cli.look import status_of
from relay.model import Verdict
from relay.testing.certificates import make_pair
from relay.testing.nodes import Node, running
from relay.transports.local import send

PROBE_S = 3.0

SETTINGS = """
[node]
name = "test"
[channels.news]
destinations = ["platform"]
review = "none"
delay = ["0s", "0s"]
[destinations.platform]
bridge = "webhook"
url = "https://{name}/in"
routes = ["direct", "round"]
ca_file = "platform.pem"
deadline = "1s"
[routes.direct]
connect = "1s"
probe = "{probe}s"
[routes.round]
proxy = "socks5://{proxy}:{port}"
[spool]
min_free_bytes = 1048576
ballast_bytes = 65536
"""


def soon(done: Callable[[], bool], wait_s: float = 20.0) -> bool:
    until = time.monotonic() + wait_s
    while not done():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


class Story:
    def __init__(self, node: Node, ways: Ways) -> None:
        self.node, self.ways = node, ways
        self.said: list[str] = []

    def says(self, text: str) -> None:
        assert send(self.node.folder / "data" / "send", "news", text.encode()) is Verdict.TAKEN
        self.said.append(text)

    def all_there(self) -> bool:
        return self.ways.platform.texts == self.said

    def via(self) -> str:
        return str(status_of(self.node.file)["board"]["platform"]["route"])


@pytest.mark.skipif(not possible(), reason="needs root, network namespaces and microsocks")
def test_the_direct_way_is_cut_in_mid_stream_and_nothing_goes_there_meanwhile(
    tmp_path: Path,
) -> None:
    pair = make_pair(tmp_path, "platform", host=NAME)
    written = SETTINGS.format(name=NAME, probe=int(PROBE_S), proxy=PROXY, port=PROXY_PORT)
    node = Node(tmp_path, written)
    with two_ways(pair) as ways, running(node, before=ways.run):
        story = Story(node, ways)
        story.says("before")
        assert soon(story.all_there)
        assert ways.platform.by == ["direct"]

        ways.platform.hangs.set()
        story.says("while it is cut")
        assert ways.platform.reached.wait(20)
        ways.cut()
        assert soon(story.all_there), "what had no answer comes round by the proxy"
        ways.packets()  # the last of them ended what had no answer
        story.says("round")
        assert soon(story.all_there)
        assert _to_the_platform(ways) == []
        assert ways.platform.by == ["direct", "proxy", "proxy"]
        assert story.via() == "round"
        ways.platform.goes_on.set()  # acted on after all: the key says that it is the same

        ways.mend()
        mended = time.monotonic()
        assert soon(lambda: story.via() == "direct", PROBE_S * 2)
        assert time.monotonic() - mended < PROBE_S + 2
        story.says("direct again")
        assert soon(story.all_there)
        assert ways.platform.by[-1] == "direct"
        assert len(ways.platform.texts) == len(story.said)


def _to_the_platform(ways: Ways) -> list[tuple[str, int]]:
    """Questions to the name server and packets to the platform over the direct cable."""
    return [(to, port) for to, port in ways.packets() if to == PLATFORM]
