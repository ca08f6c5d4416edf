"""A node whose bot is reached through a proxy: what its better route lacks stands on the board."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import soon, status
from proxies import microsocks
from test_telegram_node import made

from relay.reach.way import Way
from relay.testing.aside import Aside, aside
from relay.testing.nodes import running
from relay.testing.senders import page_texts
from relay.testing.telegram import People, people

ROUTES = """routes = ["gone", "socks"]
[routes.gone]
proxy = "http://127.0.0.1:{gone}"
probe = "1h"
[routes.socks]
proxy = "socks5://127.0.0.1:{port}"
"""


@pytest.fixture
def chats() -> Iterator[Aside[People]]:
    with aside(people) as one:
        yield one


@pytest.fixture
def way() -> Iterator[Way]:
    with microsocks() as way:
        yield way


@pytest.mark.slow
def test_a_bot_goes_round_by_a_proxy_and_the_board_says_so(
    tmp_path: Path, chats: Aside[People], way: Way
) -> None:
    with socket.socket() as nobody:  # bound, and never listening
        nobody.bind(("127.0.0.1", 0))
        routes = ROUTES.format(gone=nobody.getsockname()[1], port=way.port)
        with running(made(tmp_path, chats, more=routes)) as node:
            chats.ask(lambda one: one.write(7, "by a way round"))
            soon(lambda: page_texts(node.url) == ["by a way round"])
            bot = soon(lambda: status(node)["board"]["bot"])
    assert (bot["state"], bot["route"]) == ("works", "socks")
    assert bot["routes"] == {"gone": "proxy", "socks": "works"}
