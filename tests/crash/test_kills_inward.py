"""SIGKILL at any moment while long SMS come in segments, and people ask and take back.

A gateway that brings each request again until it is acknowledged, as a good one does; people who
each write one thing and are done. In the end the sum says exactly what was sent: each long SMS is
whole and public once, what was taken back is withdrawn, each command is one, nobody is told twice.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from looking import soon
from processes import on_fixed_ports, settled
from test_kills import Killer

from relay.rules.gsm import segments
from relay.rules.words import is_weak
from relay.testing.aside import Aside, aside
from relay.testing.gateways import Api, posts
from relay.testing.gateways.api import ACCOUNT
from relay.testing.ledger import marker
from relay.testing.loopback import on_loopback
from relay.testing.nodes import Node
from relay.testing.senders import page_texts, request

PERSIAN = " ".join(["امروز در میدان آزادی هزاران نفر ایستاده بودند و هیچ‌کس نمی‌ترسید."] * 3)
TARGETS = ("door", "core", "door", "core", "reader", "node")
PATH = token_hex(16)
LAST = "+15559999999999"
"""Longer than the others, so that it is nobody else's."""

WAYS = """
[channels.held]
destinations = ["page"]

[transports.kannel]
kind = "sms"
gateway = "kannel"
path_secret_file = "secrets/path"
channel = "news"

[transports.asks]
kind = "sms"
gateway = "kannel"
path_secret_file = "secrets/path"
channel = "held"
answers = "asked"
answer_prefixes = ["+1555"]
answers_every = "0s"
answers_per_day = 1000000
account = "{account}"
answer_url = "{api}/cgi-bin/sendsms"
answer_secret_file = "secrets/answers"
"""
"""What comes to the one is public at once, what comes to the other waits for a person."""


@dataclass
class People:
    """Senders, each message from a number of its own. ``sent`` counts what was acknowledged."""

    node: Node
    pause_s: float
    sent: Counter[str] = field(default_factory=Counter)
    texts: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, people: int) -> list[threading.Thread]:
        threads = [threading.Thread(target=self._write, args=(n,)) for n in range(people)]
        for thread in threads:
            thread.start()
        return threads

    def _write(self, n: int) -> None:
        chance = random.Random(n)
        does: list[Callable[[random.Random], None]] = [self._long, self._takes_back, self._asks]
        while not self.stop.wait(chance.random() * 2 * self.pause_s):
            chance.choice(does)(chance)

    def _long(self, chance: random.Random) -> None:
        """Three segments and more, in any order, one of them twice."""
        text = f"{marker()} {PERSIAN}"
        number, reference = _number(), chance.randrange(256)
        _, parts = segments(text)
        order = [*range(len(parts)), chance.randrange(len(parts))]
        chance.shuffle(order)
        for n in order:
            udh = bytes([5, 0, 3, reference, len(parts), n + 1])
            self._bring("kannel", parts[n], number, udh)
        self._count(texts=[text], long=1, segments=len(order))

    def _takes_back(self, chance: random.Random) -> None:
        code, number = _code(chance), _number()
        self._bring("asks", f"{marker()}\n#{code}".encode("utf-16-be"), number)
        self._bring("asks", f"DELETE {code}".encode("utf-16-be"), number)
        self._count(withdrawn=1, command=1)

    def _asks(self, chance: random.Random) -> None:
        self._bring("asks", f"STATUS {_code(chance)}".encode("utf-16-be"), _number())
        self._count(command=1)

    def asks_last(self) -> None:
        """When nobody is killed any more."""
        self._bring("asks", "STATUS 99990000".encode("utf-16-be"), LAST)
        self._count(command=1)

    def _bring(self, name: str, octets: bytes, number: str, udh: bytes = b"") -> None:
        """The same request until it is acknowledged, though nobody waits for the end of it any
        more: a gateway does not forget either."""
        url = f"{self.node.url}/in/{name}/{PATH}"
        made = posts.kannel(
            url, octets, coding=2, charset="UTF-16BE", udh=udh, id=token_hex(16), sender=number
        )
        while not _taken(made):
            self._count(repeated=1)
            time.sleep(0.05)

    def _count(self, texts: Sequence[str] = (), **more: int) -> None:
        with self._lock:
            self.sent.update(more)
            self.texts += texts


def _taken(post: posts.Post) -> bool:
    try:
        return request(post.method, post.url, post.body, dict(post.headers))[0] == 200
    except OSError:
        return False


def _number() -> str:
    return f"+1555{random.randrange(10**7):07}"


def _code(chance: random.Random) -> str:
    code = f"{chance.getrandbits(40) % 10**8:08}"
    return _code(chance) if is_weak(code) else code


@contextmanager
def scene(folder: Path) -> Iterator[tuple[Node, Aside[Api]]]:
    with ExitStack() as stack:
        api = stack.enter_context(aside(lambda: on_loopback(Api())))
        ways = WAYS.format(account=ACCOUNT, api=api.ask(lambda one: one.base))
        node = Node(folder / "n", on_fixed_ports("page"), more=ways)
        node.write("secrets/path", PATH.encode())
        node.write("secrets/answers", api.ask(lambda one: one.secret))
        stack.callback(node.kill)
        node.start()
        yield node, api


def kill_rounds(folder: Path, rounds: int, *, people: int, pause_s: float) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    with scene(folder) as (node, api):
        crowd = People(node, pause_s)
        killer = Killer(node, crowd, seed)  # type: ignore[arg-type]
        threads = crowd.start(people)
        try:
            for n in range(rounds):
                killer.round(TARGETS[n % len(TARGETS)])
        finally:
            crowd.stop.set()
            for thread in threads:
                thread.join()
        crowd.asks_last()
        soon(lambda: LAST in api.ask(lambda one: [sms.to for sms in one.sent]))
        status = settled(node)
        public = page_texts(node.url)
        told = Counter(api.ask(lambda one: [sms.to for sms in one.sent]))
    print(f"{killer.kills} kills, {killer.busy} of a busy process; {dict(crowd.sent)}")
    print(f"{sum(told.values())} answers; {_states(status)}")
    assert Counter(public) == Counter(crowd.texts)
    assert _states(status) == {
        "posted": crowd.sent["long"],
        "joined": crowd.sent["segments"] - crowd.sent["long"],
        "command": crowd.sent["command"],
        "withdrawn": crowd.sent["withdrawn"],
    }
    assert status["accepted"] == sum(_states(status).values())
    assert status["lost"] == 0
    assert set(told.values()) == {1}


def _states(status: dict[str, Any]) -> dict[str, int]:
    """The sum: every state in which there is something."""
    all_ = ("waiting", "held", "posted", "handed", "command", "joined", "withdrawn", "dropped")
    more = ("expired", "refused", "quarantined")
    return {state: status[state] for state in (*all_, *more) if status[state]}


def test_a_few_kills_lose_and_double_no_segment_and_no_command(tmp_path: Path) -> None:
    kill_rounds(tmp_path, 6, people=6, pause_s=0.1)


@pytest.mark.slow
def test_a_hundred_kills_lose_and_double_no_segment_and_no_command(tmp_path: Path) -> None:
    kill_rounds(tmp_path, 100, people=12, pause_s=0.3)
