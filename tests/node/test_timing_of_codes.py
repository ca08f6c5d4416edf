"""Whoever tries codes learns nothing: not by a word, not by a byte, not by the time it takes.

At a real node, by the form and by chat, 200 tries of each kind, all kinds mixed: a code that nobody
ever had, one whose message is purged, one whose message was taken back, and one of somebody else;
and one that is good, which has other words and the same time. (On the spool alone, word by word:
``tests/unit/test_obey_time.py``.)
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from looking import listed, message_of, printed, soon, status
from raw import brought

from relay.testing.aside import Aside, aside
from relay.testing.gateways import Post
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.telegram import People, people

pytestmark = pytest.mark.slow

TRIES = 200
WITHIN = 1.2
SAME = ("unknown", "old", "withdrawn", "foreign")
LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
PURGED_S = 120.0
"""Longer than a core waits between two purges."""

WAYS = """
[transports.form]
kind = "form"
channel = "news"
per_sender = 1000000

[transports.bot]
kind = "telegram"
token_file = "secrets/bot"
channel = "news"
base_url = "{bot}"
per_sender = 1000000
answers_per_sender = 1000
answers_per_day = 1000000
"""

CHATS = {kind: 4815 + n for n, kind in enumerate(("good", *SAME))}
"""Who asks for each kind; the foreign code is that of the good one."""

CHOSEN = {"good": "48151621", "unknown": "99990000", "old": "48151622", "withdrawn": "48151623"}
CHOSEN["foreign"] = CHOSEN["good"]


class Heard(list[tuple[int, str]]):
    """What a bot said, each with the time at which it came."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def append(self, said: tuple[int, str]) -> None:
        self.times.append(time.monotonic())
        super().append(said)


@dataclass(frozen=True)
class Scene:
    """A node, and a code of each kind by the form, as it was given there."""

    node: Node
    chats: Aside[People]
    heard: Heard
    given: dict[str, str] = field(default_factory=dict)

    def fills(self, text: str) -> bytes:
        """All that comes back from the form, but for what is new on each page."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = b"text=" + text.replace(" ", "+").encode()
        page = brought(self.node.url, Post(f"{self.node.url}/in/form", body, headers))
        return re.sub(rb"\b[0-9a-f]{32}\b", b"", page)

    def tells(self, kind: str) -> None:
        """A message by each way, with a code."""
        found = re.search(rb"\b\d{4} \d{4} \d{4}\b", self.fills(f"{kind} by the form"))
        assert found is not None
        self.given[kind] = found[0].decode().replace(" ", "")
        self.writes(kind, f"{kind} by chat\n#{CHOSEN[kind]}")
        soon(lambda: all(message_of(self.node, f"{kind} by {way}") for way in ("the form", "chat")))

    def writes(self, kind: str, text: str) -> None:
        self.chats.ask(lambda one: one.write(CHATS[kind], text))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    if LIBRARY is None:
        pytest.skip("apt-get install faketime")
    with ExitStack() as stack:
        chats = stack.enter_context(aside(people))
        heard = Heard()
        chats.ask(lambda one: setattr(one, "sent", heard))
        settings = SETTINGS.format(destinations='"page"').replace('"none"', '"all"', 1)
        more = WAYS.format(bot=chats.ask(lambda one: one.base))
        node = Node(tmp_path_factory.mktemp("codes") / "n", settings, more=more)
        node.write("secrets/bot", chats.ask(lambda one: one.token).encode())
        made = Scene(node, chats, heard)
        past = {"LD_PRELOAD": str(LIBRARY), "FAKETIME": "-8d", "FAKETIME_DONT_RESET": "1"}
        with running(node, env=past):
            made.tells("old")
            drops_all(node)
            assert node.stop() == 0
        node.boots()
        stack.enter_context(running(node))
        soon(lambda: not message_of(node, "old by chat"), PURGED_S)
        made.tells("good")
        made.tells("withdrawn")
        made.fills(f"DELETE {made.given['withdrawn']}")
        made.writes("withdrawn", f"DELETE {CHOSEN['withdrawn']}")
        soon(lambda: status(node)["withdrawn"] == 2)
        made.given["unknown"] = "999900001742"
        made.given["foreign"] = CHOSEN["good"]  # it was chosen by somebody who writes by chat
        yield made


def drops_all(node: Node) -> None:
    """What has ended is purged."""
    for row in listed(node):
        printed(node, "queue", "drop", row["id"])


def mixed(each: int) -> list[str]:
    """So many of each kind, in no order."""
    kinds = [kind for kind in CHATS for _ in range(each)]
    random.shuffle(kinds)
    return kinds


def alike(took: Mapping[str, Sequence[float]], words: Mapping[str, set[Any]]) -> None:
    """The same words for all but the good one, and the same time for all."""
    medians = {kind: statistics.median(times) for kind, times in took.items()}
    print({kind: round(median, 4) for kind, median in medians.items()})
    assert {len(times) for times in took.values()} == {TRIES}
    assert set.union(*(words[kind] for kind in SAME)) == words["unknown"]
    assert len(words["unknown"]) == len(words["good"]) == 1
    assert words["good"] != words["unknown"]
    assert max(medians.values()) <= WITHIN * min(medians.values()), medians


def test_by_the_form_no_code_is_told_from_another(scene: Scene) -> None:
    took: dict[str, list[float]] = {kind: [] for kind in CHATS}
    words: dict[str, set[bytes]] = {kind: set() for kind in CHATS}

    def asks(kind: str) -> None:
        began = time.monotonic()
        words[kind].add(scene.fills(f"STATUS {scene.given[kind]}"))
        took[kind].append(time.monotonic() - began)

    at_once = 10
    with ThreadPoolExecutor(at_once * len(CHATS)) as crowd:
        for _ in range(TRIES // at_once):
            list(crowd.map(asks, mixed(at_once)))
    alike(took, words)


def test_by_chat_no_code_is_told_from_another(scene: Scene) -> None:
    took: dict[str, list[float]] = {kind: [] for kind in CHATS}
    words: dict[str, set[str]] = {kind: set() for kind in CHATS}
    kinds = {chat: kind for kind, chat in CHATS.items()}
    at_once = 20
    for _ in range(TRIES // at_once):
        first, began = len(scene.heard), dict[str, list[float]]()
        for kind in mixed(at_once):
            began.setdefault(kind, []).append(time.monotonic())
            scene.writes(kind, f"STATUS {CHOSEN[kind]}")
        soon(lambda first=first: len(scene.heard) == first + at_once * len(CHATS))
        for (chat, text), at in zip(scene.heard[first:], scene.heard.times[first:], strict=True):
            kind = kinds[chat]
            words[kind].add(text)
            took[kind].append(at - began[kind].pop(0))
    alike(took, words)
