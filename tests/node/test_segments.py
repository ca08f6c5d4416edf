"""Segments of a Persian SMS, as Kannel hands them over, on a real node: door, disk and page."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from secrets import token_hex

import pytest
from conftest import listed, soon, status

from relay.rules.gsm import segments
from relay.rules.join import GAP
from relay.testing.nodes import Node, running
from relay.testing.senders import page_texts, request
from relay.wire.item import verify_document

PERSIAN = " ".join(["امروز در میدان آزادی هزاران نفر ایستاده بودند و هیچ‌کس نمی‌ترسید."] * 3)
_, PARTS = segments(PERSIAN)
FIRST = PARTS[0].decode("utf-16-be")

KANNEL = """
[transports.kannel]
kind = "sms"
gateway = "kannel"
path_secret_file = "secrets/path"
channel = "news"
"""
PATH = token_hex(16)
_ids = itertools.count()


@pytest.fixture(scope="module")
def kannel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that posts at once, unread, and hears an smsbox of Kannel."""
    node = Node(tmp_path_factory.mktemp("segments") / "n", more=KANNEL)
    node.write("secrets/path", PATH.encode())
    with running(node) as started:
        yield started


def comes(node: Node, number: int, reference: int, parts: Sequence[bytes] = PARTS) -> None:
    """One segment, with its user data header as Kannel writes it."""
    udh = bytes([5, 0, 3, reference, len(parts), number])
    headers = {
        "Content-Type": "text/plain; charset=UTF-16BE",
        "X-Kannel-From": "%2B989120000000",
        "X-Kannel-To": "1555",
        "X-Kannel-Coding": "2",
        "X-Kannel-UDH": "".join(f"%{octet:02X}" for octet in udh),
    }
    url = f"{node.url}/in/kannel/{PATH}?id={next(_ids)}"
    assert request("POST", url, parts[number - 1], headers)[0] in (200, 202, 204)


def time_is_over(node: Node) -> None:
    """What waits at rest is due when the node is started again."""
    assert node.stop() == 0
    with sqlite3.connect(node.folder / "data" / "spool.sqlite") as spool:
        assert spool.execute("UPDATE row SET due = 1 WHERE queue = 'read'").rowcount
    spool.close()
    node.start()


def verified(node: Node) -> int:
    """How many items its feed has, all of them signed as they are shown."""
    said = verify_document((node.folder / "public" / "feed.json").read_bytes(), key(node))
    assert said.faults == ()
    return said.count


def key(node: Node) -> str:
    return str(status(node)["page_key"])


def item(node: Node, text: str) -> dict[str, str]:
    feed = json.loads((node.folder / "public" / "feed.json").read_bytes())
    [found] = [one for one in feed["items"] if one["content_text"] == text]
    return {name: str(found[name]) for name in ("id", "date_published", "url")}


def test_in_reverse_and_doubled_over_a_restart_they_are_one_item(kannel: Node) -> None:
    before = status(kannel)
    for number in (3, 3, 2):
        comes(kannel, number, reference=1)
    soon(lambda: status(kannel)["joined"] == before["joined"] + 1)
    assert [row["why"] for row in listed(kannel)] == ["a part of a long SMS"] * 2
    kannel.kill()
    kannel.start()
    comes(kannel, 1, reference=1)
    soon(lambda: PERSIAN in page_texts(kannel.url))
    assert page_texts(kannel.url).count(PERSIAN) == 1
    after = soon(lambda: (now := status(kannel))["posted"] == before["posted"] + 1 and now)
    assert after["joined"] == before["joined"] + 3
    assert verified(kannel) == len(page_texts(kannel.url))


def test_one_that_lost_a_segment_is_shown_with_its_gap_and_corrected_in_its_place(
    kannel: Node,
) -> None:
    parts = [f"{n} {part.decode('utf-16-be')}".encode("utf-16-be") for n, part in enumerate(PARTS)]
    first, middle, last = (part.decode("utf-16-be") for part in parts)
    before = status(kannel)
    for number in (3, 1):
        comes(kannel, number, 2, parts)
    soon(lambda: len(listed(kannel)) == 2)
    time_is_over(kannel)
    gapped, whole = f"{first}{GAP}{last}", first + middle + last
    soon(lambda: gapped in page_texts(kannel.url))
    stood = item(kannel, gapped)
    comes(kannel, 2, 2, parts)
    soon(lambda: whole in page_texts(kannel.url))
    assert gapped not in page_texts(kannel.url)
    assert item(kannel, whole) == stood
    assert verified(kannel) == len(page_texts(kannel.url))
    after = soon(lambda: (now := status(kannel))["posted"] == before["posted"] + 2 and now)
    assert (after["accepted"], after["joined"]) == (before["accepted"] + 3, before["joined"] + 1)


def test_nothing_of_a_number_or_of_a_text_is_on_the_disk(kannel: Node) -> None:
    comes(kannel, 1, reference=3)
    soon(lambda: listed(kannel))
    for path in Path(kannel.folder / "data").rglob("*"):
        if path.is_file():
            kept = path.read_bytes()
            assert b"989120000000" not in kept
            assert PARTS[0] not in kept and FIRST.encode() not in kept
