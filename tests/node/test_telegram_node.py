"""A node with a bot: from a chat to the page, once, whatever dies; and back to who asked."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import listed, shown, soon, status
from PIL import Image

from relay.errors import NoNode
from relay.rules.words import say
from relay.testing.aside import Aside, aside
from relay.testing.loopback import Fault
from relay.testing.nodes import Node, running
from relay.testing.senders import page_texts
from relay.testing.telegram import People, people


def a_picture() -> bytes:
    """A JPEG that a cleaner can read."""
    made = io.BytesIO()
    Image.new("RGB", (16, 12), (200, 40, 40)).save(made, "JPEG")
    return made.getvalue()


JPEG = a_picture()

BOT = """
[transports.bot]
kind = "telegram"
token_file = "secrets/bot"
channel = "news"
base_url = "{base}"
"""


def made(folder: Path, chats: Aside[People], settings: str = "", more: str = "") -> Node:
    """A node with a bot, not started yet."""
    base, token = chats.ask(lambda one: (one.base, one.token))
    node = Node(folder / "n", settings, more=BOT.format(base=base) + more)
    node.write("secrets/bot", token.encode())
    return node


@pytest.fixture(scope="module")
def chats() -> Iterator[Aside[People]]:
    with aside(people) as one:
        yield one


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, chats: Aside[People]) -> Iterator[Node]:
    """A node that posts at once what a bot hears."""
    with running(made(tmp_path_factory.mktemp("bot"), chats)) as started:
        yield started


def door(node: Node) -> int:
    [found] = [one["pid"] for one in status(node)["processes"] if one["role"] == "door"]
    return int(found)


def sent_to(chats: Aside[People], chat: int) -> list[str]:
    return [text for to, text in chats.ask(lambda one: one.sent) if to == chat]


def held(node: Node) -> list[dict[str, Any]]:
    return [shown(node, row["id"]) for row in listed(node) if row["state"] == "held"]


def test_what_is_written_to_a_bot_stands_on_the_page_and_nobody_hears_of_it(
    node: Node, chats: Aside[People]
) -> None:
    chats.ask(lambda one: one.write(7_000_001, "the bakery is open"))
    soon(lambda: page_texts(node.url) == ["the bakery is open"])
    soon(lambda: chats.ask(lambda one: one.waiting) == 0)
    assert chats.ask(lambda one: one.sent) == []
    assert status(node)["board"]["bot"]["state"] == "works"
    kept = b"".join(one.read_bytes() for one in node.folder.rglob("*")
                    if one.is_file() and one.name != "bot")  # fmt: skip
    token = chats.ask(lambda one: one.token).encode()
    for name in (b"7000001", token, token.partition(b":")[2]):
        assert name not in kept


def test_an_album_is_one_message_that_a_person_looks_at(node: Node, chats: Aside[People]) -> None:
    chats.ask(lambda one: one.album(7_000_002, [JPEG] * 3, "three from the square"))
    [message] = soon(lambda: held(node))
    assert message["text"] == "three from the square"
    assert [one["type"] for one in message["media"]] == ["image/jpeg"] * 3


def test_start_is_answered_in_the_chat_and_kept_nowhere(node: Node, chats: Aside[People]) -> None:
    before = status(node)["accepted"]
    chats.ask(lambda one: one.start(7_000_003))
    soon(lambda: sent_to(chats, 7_000_003) == [say("safety", "en")])
    soon(lambda: chats.ask(lambda one: one.waiting) == 0)
    assert status(node)["accepted"] == before


def test_who_asks_is_answered_in_the_chat_that_asked(node: Node, chats: Aside[People]) -> None:
    chats.ask(lambda one: one.write(7_000_004, "to be asked about by chat\n#48151690"))
    soon(lambda: "to be asked about by chat" in page_texts(node.url))
    chats.ask(lambda one: one.write(7_000_004, "STATUS 48151690"))
    chats.ask(lambda one: one.write(7_000_005, "STATUS 48151690"))
    soon(lambda: sent_to(chats, 7_000_004) and sent_to(chats, 7_000_005))
    assert sent_to(chats, 7_000_004) == [say("done", "en")]
    assert sent_to(chats, 7_000_005) == [say("unknown", "en")]  # it is not theirs


def test_a_door_killed_before_telegram_was_told_loses_and_doubles_nothing(
    node: Node, chats: Aside[People]
) -> None:
    """It has fetched, and all is durable; that it has is what is not said any more."""
    soon(lambda: chats.ask(lambda one: one.waiting) == 0)
    texts = [f"by chat before it died {n}" for n in range(5)]

    def write(one: People) -> None:
        for text in texts:
            one.write(7_000_006, text)
        one.script(Fault(then="hang"), on="*getUpdates")  # the one that would confirm them

    before, pid, repeats = set(page_texts(node.url)), door(node), status(node)["repeats"]
    chats.ask(write)
    soon(lambda: set(texts) <= set(page_texts(node.url)))
    assert chats.ask(lambda one: one.waiting) == len(texts)
    os.kill(pid, signal.SIGKILL)
    soon(lambda: another(node, pid))
    soon(lambda: chats.ask(lambda one: one.waiting) == 0, 60)
    soon(lambda: status(node)["repeats"] == repeats + len(texts))
    assert sorted(page_texts(node.url)) == sorted([*texts, *before])


def test_an_album_that_is_still_coming_when_the_node_stops_is_there_once_and_whole(
    node: Node, chats: Aside[People]
) -> None:
    seen = len(held(node))
    chats.ask(lambda one: one.album(7_000_007, [JPEG] * 2, "four at the gate"))
    soon(lambda: chats.ask(lambda one: one.waiting) == 2)
    assert node.stop() == 0
    group = chats.ask(lambda one: one._updates[-1]["message"]["media_group_id"])
    chats.ask(
        lambda one: [one.write(7_000_007, photo=JPEG, media_group_id=group) for _ in range(2)]
    )
    node.start()
    soon(lambda: chats.ask(lambda one: one.waiting) == 0)
    soon(lambda: len(held(node)) == seen + 1)
    [message] = [one for one in held(node) if one["text"] == "four at the gate"]
    assert len(message["media"]) == 4


def another(node: Node, pid: int) -> bool:
    with suppress(NoNode, ValueError):
        return door(node) != pid
    return False
