"""10,000 messages from one number through a node's HTTP door, while others write as they always do.

The one is limited and told nothing; everybody else is served, and what they wrote is public.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from threading import Event

import pytest
from looking import soon, status

from relay.config.inward.common import WayIn
from relay.testing.aside import Aside, aside
from relay.testing.gateways import Api
from relay.testing.loopback import on_loopback
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import page_texts, sms

FLOOD, AT_ONCE = 10_000, 4
ONE, ANOTHER, THIRD = "+15550147382", "+15550147383", "+15550147384"
PER_HOUR = WayIn.model_fields["per_sender"].default

ANSWERS = """gateway = "generic"
answers = "asked"
answer_prefixes = ["+1555"]
answers_every = "0s"
answer_url = "{api}/script"
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Aside[Api]]]:
    """A node that may answer by SMS, and the gateway that would send that."""
    with ExitStack() as stack:
        api = stack.enter_context(aside(lambda: on_loopback(Api())))
        written = SETTINGS.format(destinations='"page"')
        answers = ANSWERS.format(api=api.ask(lambda one: one.base))
        settings = written.replace('gateway = "generic"\n', answers)
        node = Node(tmp_path_factory.mktemp("crowd") / "n", settings)
        api.ask(lambda one: setattr(one, "secret", node.secret))
        yield stack.enter_context(running(node)), api


class Gateway:
    """One kept connection of a gateway."""

    def __init__(self, node: Node) -> None:
        self._secret = node.secret
        self._connection = http.client.HTTPConnection(*_address(node), timeout=30)

    def close(self) -> None:
        self._connection.close()

    def brings(self, text: str, id: str, number: str) -> tuple[int, bytes]:
        """Status and body of the answer to one message."""
        body, stamp = sms(text, id=id, number=number), str(int(time.time()))
        made = hmac.new(self._secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"x-outword-timestamp": stamp, "x-outword-signature": made}
        self._connection.request("POST", "/in/phone", body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()


def _address(node: Node) -> tuple[str, int]:
    host, _, port = node.at["http"].rpartition(":")
    return host, int(port)


def flood(
    node: Node, texts: list[tuple[str, str]], number: str = ONE
) -> Counter[tuple[int, bytes]]:
    """Bring all of these (id and text) from one number, as fast as it goes; what was said."""

    def bring(some: list[tuple[str, str]]) -> Counter[tuple[int, bytes]]:
        with closing(Gateway(node)) as gateway:
            return Counter(gateway.brings(text, id, number) for id, text in some)

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        heard = crowd.map(bring, [texts[n::AT_ONCE] for n in range(AT_ONCE)])
        return sum(heard, Counter[tuple[int, bytes]]())


def others(node: Node, ends: Event) -> list[tuple[str, int, float]]:
    """People who write one after the other until it is over: text, status, seconds."""
    told: list[tuple[str, int, float]] = []
    with closing(Gateway(node)) as gateway:
        while not ends.is_set():
            n, began = len(told), time.monotonic()
            text = f"somebody else says so, {'i' * (n % 50 + 1)} {'o' * (n // 50 + 1)}"
            heard, _ = gateway.brings(text, f"other {n}", f"+1555020{n:04}")
            told.append((text, heard, time.monotonic() - began))
            ends.wait(0.05)
    return told


def allowed(took_s: float) -> int:
    """Messages of one sender within a time: so many at once, and one more at an even pace."""
    return PER_HOUR + int(took_s * PER_HOUR / 3600) + 2


@pytest.mark.slow  # a door alone is tried in test_floods
def test_ten_thousand_of_one_number_are_limited_told_nothing_and_harm_nobody(
    scene: tuple[Node, Aside[Api]],
) -> None:
    node, api = scene
    ends = Event()
    with ThreadPoolExecutor(1) as beside:
        served = beside.submit(others, node, ends)
        began = time.monotonic()
        try:
            heard = flood(node, [(f"flood {n}", f"again and again {n % 7}") for n in range(FLOOD)])
        finally:
            ends.set()
        took, told = time.monotonic() - began, served.result()
    taken = heard[(200, b"")]
    assert heard == {(200, b""): taken, (503, b""): FLOOD - taken}
    assert PER_HOUR <= taken <= allowed(took)
    assert len(told) >= 10 and {status for _, status, _ in told} == {200}
    slowest = max(seconds for _, _, seconds in told)
    print(f"{FLOOD} in {took:.1f} s; {len(told)} others, the slowest in {slowest:.3f} s")
    soon(lambda: status(node)["accepted"] == taken + len(told))
    soon(lambda: status(node)["waiting"] == 0)
    assert {text for text, _, _ in told} <= set(page_texts(node.url))
    soon(lambda: status(node)["turned_away"] == FLOOD - taken)
    assert api.ask(lambda one: one.sent) == []
    assert set(status(node)["answers"].values()) == {0}


def test_who_asks_without_end_is_told_three_times_and_others_are_told_as_well(
    scene: tuple[Node, Aside[Api]],
) -> None:
    node, api = scene
    asks = "STATUS 99990000"
    heard = flood(node, [(f"asked {n}", asks) for n in range(2 * PER_HOUR)], ANOTHER)
    assert heard[(503, b"")] > 0
    with closing(Gateway(node)) as gateway:
        assert gateway.brings(asks, "a third asks", THIRD) == (200, b"")
    soon(lambda: status(node)["answers"]["capped"] == heard[(200, b"")] - 3)
    soon(lambda: THIRD in api.ask(lambda one: [sms.to for sms in one.sent]))
    assert Counter(api.ask(lambda one: [sms.to for sms in one.sent])) == {ANOTHER: 3, THIRD: 1}
