"""SIGKILL while pictures are made anew: each is public once beside its text, and none is lost.

Real processes and real sockets. Every mail has a photo; the cleaner is killed as the others are,
so that a message is read, cleaned and posted by several lives of each of them.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trio
from crowd import ADDRESS, Crowd
from media_parts import MARK, jpeg
from processes import on_fixed_ports, settled
from test_kills import Killer, texts

from relay.testing.ledger import MARKER
from relay.testing.nodes import Node
from relay.testing.recorder import Recorder, recorder
from relay.testing.senders import page_texts, request, send_mail

TARGETS = ("cleaner", "core", "cleaner", "reader", "outlet", "node", "cleaner", "door")

HOOK = """
[destinations.keyed]
bridge = "webhook"
url = "{url}"
at_once = 4
"""


class Photographers(Crowd):
    """People who write mails with a photo, and no SMS."""

    def _by_mail(self, marker: str) -> Callable[[], bool]:
        written = EmailMessage()
        written["To"] = ADDRESS
        written.set_content(f"a mail says {marker}\n")
        written.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename=f"{MARK}.jpg")
        raw = written.as_bytes().replace(b"\n", b"\r\n")
        return lambda: send_mail(*self.node.mail, raw, to=ADDRESS)

    _by_sms = _by_mail


def media_of(hook: Recorder) -> Counter[int]:
    """How many media the posts have that a webhook made: how many posts have so many."""
    return Counter(len(json.loads(one.body).get("media", ())) for one in hook.made)


def attached(node: Node) -> Counter[int]:
    """The same, of the items of the page."""
    counted: Counter[int] = Counter()
    following = f"{node.url}/feed.json"
    while following:
        feed: dict[str, Any] = json.loads(request("GET", following)[1])
        counted.update(len(item.get("attachments", ())) for item in feed["items"])
        following = feed.get("next_url", "")
    return counted


async def photo_rounds(tmp_path: Path, rounds: int, messages: int, pause_s: float) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    async with recorder() as keyed:
        settings = on_fixed_ports("page", "keyed").replace(
            'review = "none"', 'review = "none"\nmedia_review = "none"'
        )
        node = Node(tmp_path / "node", settings, more=HOOK.format(url=keyed.url))
        await trio.to_thread.run_sync(node.start)
        crowd = Photographers(node, people=8, enough=messages, pause_s=pause_s)
        killer = Killer(node, crowd, seed)
        threads = crowd.start()
        try:
            for n in range(rounds):
                await trio.to_thread.run_sync(killer.round, TARGETS[n % len(TARGETS)])
            await trio.to_thread.run_sync(crowd.wait)
            crowd.stop.set()
            for thread in threads:
                await trio.to_thread.run_sync(thread.join)
            status = await trio.to_thread.run_sync(settled, node)
            page = crowd.ledger.compare(await trio.to_thread.run_sync(page_texts, node.url))
            shown = await trio.to_thread.run_sync(attached, node)
            print(f"{killer.kills} kills, {len(crowd.ledger.acknowledged)} acknowledged; {status}")
        finally:
            crowd.stop.set()
            node.kill()  # here and now: in a thread it would be cancelled with what failed
    assert page.missing == frozenset() and page.doubled == frozenset()
    hooked = crowd.ledger.compare(texts(keyed))
    assert hooked.missing == frozenset() and hooked.doubled == frozenset()
    assert set(shown) == set(media_of(keyed)) == {1}
    assert all(MARKER.search(text) for text in texts(keyed))
    assert status["queues"]["original"] == status["accepted"] == status["posted"]
    assert status["quarantined"] == status["lost"] == 0


@pytest.mark.slow
async def test_a_hundred_kills_lose_and_double_no_photo(tmp_path: Path) -> None:
    await photo_rounds(tmp_path, rounds=100, messages=400, pause_s=1.0)
