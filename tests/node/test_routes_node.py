"""Somebody reads along on the direct way: nothing is posted through him, and the proxy takes over.

He answers in the platform's place, under TLS, with a certificate for its name that an authority of
his own has made. He never sees a byte of a request: neither the post nor the token.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from interceptor import Interceptor, intercepting
from two_ways import NAME, PROXY, PROXY_PORT, possible, two_ways

from relay.cli.look import board, status, status_of
from relay.model import Verdict
from relay.testing.abroad import abroad, behind_tls
from relay.testing.aside import aside
from relay.testing.certificates import Pair, make_pair
from relay.testing.nodes import Node, running
from relay.testing.recorder import recorder
from relay.transports.local import send

TOKEN = b"the-token-of-the-account"

SETTINGS = """
[node]
name = "test"
[channels.news]
destinations = ["platform"]
review = "none"
delay = ["0s", "0s"]
[destinations.platform]
bridge = "webhook"
url = "https://{host}/in"
token_file = "secrets/platform"
routes = ["direct", "round"]
ca_file = "authority.pem"
[routes.direct]
probe = "1s"
[routes.round]
proxy = "{proxy}"
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


@dataclass
class Story:
    """A node, and who stands on its direct way."""

    node: Node
    liar: Interceptor

    def says(self, text: str) -> None:
        assert send(self.node.folder / "data" / "send", "news", text.encode()) is Verdict.TAKEN

    def place(self) -> dict[str, Any]:
        return dict(status_of(self.node.file)["board"]["platform"])

    def nothing_went_to_the_liar(self) -> None:
        assert self.liar.came > 0 and self.liar.heard == b""
        assert TOKEN not in self.liar.raw and b"uthorization" not in self.liar.raw


@contextmanager
def told(
    folder: Path, host: str, proxy: str, liar: Interceptor, before: tuple[str, ...] = ()
) -> Iterator[Story]:
    """A node whose platform is at this host, by the direct way or round by this proxy."""
    node = Node(folder, SETTINGS.format(host=host, proxy=proxy))
    node.write("secrets/platform", TOKEN)
    with running(node, before=before):
        yield Story(node, liar)


# ---------------------------------------------------------------- on loopback


@dataclass
class Abroad:
    """Stand-ins behind a proxy: who posts, and what the proxy was asked for."""

    platform: Any
    proxy: Any


@asynccontextmanager
async def platform_abroad(pair: Pair, port: int) -> AsyncIterator[Abroad]:
    """A platform under TLS that is ``localhost`` at ``port`` for whoever asks the proxy."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    async with recorder() as platform, abroad() as proxy:
        here = int(platform.base.rpartition(":")[2])
        async with behind_tls(context, here) as there:
            proxy.knows["localhost", port] = ("127.0.0.1", there)
            yield Abroad(platform, proxy)


def test_nothing_is_posted_through_an_interceptor_and_the_proxy_takes_over(tmp_path: Path) -> None:
    authority = make_pair(tmp_path, "authority", host="localhost")
    another = make_pair(tmp_path, "another", host="localhost")
    with ExitStack() as stack:
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        liar = stack.enter_context(intercepting(listening, another))
        there = stack.enter_context(aside(partial(platform_abroad, authority, port)))
        proxy = there.ask(lambda one: one.proxy.proxy)
        story = stack.enter_context(told(tmp_path, f"localhost:{port}", proxy, liar))

        story.says("we are well")
        assert soon(lambda: there.ask(lambda one: len(one.platform.made)) == 1)
        [made] = there.ask(lambda one: list(one.platform.made))
        assert made.headers["authorization"].encode().endswith(TOKEN)
        assert soon(lambda: story.place()["posted"] == 1)
        place = story.place()
        assert (place["state"], place["route"]) == ("works", "round")
        assert place["routes"] == {"direct": "tls", "round": "works"}
        shown = CliRunner().invoke(board, ["-c", str(story.node.file)]).output
        assert "via" in shown and "round" in shown and "direct: tls" in shown
        alarm = CliRunner().invoke(status, ["--check", "-c", str(story.node.file)]).output
        assert "platform by direct: the certificate is not its own" in alarm

        came = liar.came
        assert soon(lambda: liar.came > came), "it is looked whether he is still there"
        assert story.place()["route"] == "round"
        story.nothing_went_to_the_liar()


# ---------------------------------------------------------------- real packets, a real proxy


@pytest.mark.slow
@pytest.mark.skipif(not possible(), reason="needs root, network namespaces and microsocks")
def test_behind_a_lying_name_server_the_proxy_finds_the_platform(tmp_path: Path) -> None:
    """The node is told an address of the interceptor's; microsocks looks the name up itself."""
    authority = make_pair(tmp_path, "authority", host=NAME)
    another = make_pair(tmp_path, "another", host=NAME)
    with ExitStack() as stack:
        ways = stack.enter_context(two_ways(authority))
        liar = stack.enter_context(intercepting(ways.lied_about(), another))
        proxy = f"socks5://{PROXY}:{PROXY_PORT}"
        story = stack.enter_context(told(tmp_path, NAME, proxy, liar, tuple(ways.run)))

        story.says("we are well")
        assert soon(lambda: ways.platform.texts == ["we are well"])
        assert ways.platform.by == ["proxy"]
        assert soon(lambda: story.place()["posted"] == 1)
        assert story.place()["route"] == "round"
        assert story.place()["routes"]["direct"] in ("tls", "dns")
        story.nothing_went_to_the_liar()
