"""A door that has served long enough is relieved by a new one, and nobody who writes notices.

What people wrote stays in the memory of a door although it needs it no more: so it ends.
"""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from conftest import soon, status

from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, page_texts, post_sms, request, send_mail, sms

POST = "post@example.org"
ACCEPTS = 25
PER_HOUR = 10

RELIEVED_OFTEN = SETTINGS.replace(
    'name = "test"', f'name = "test"\ndoor_accepts = {ACCEPTS}'
).replace('gateway = "generic"', 'gateway = "generic"\nper_sender = {per_sender}')


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """One whose doors are replaced after so few messages."""
    settings = RELIEVED_OFTEN.format(destinations='"page"', per_sender=PER_HOUR)
    with running(Node(tmp_path / "n", settings)) as started:
        yield started


def doors(node: Node) -> set[int]:
    """The pids of the doors that live."""
    return {one["pid"] for one in status(node)["processes"] if one["role"] == "door"}


class Writes(Thread):
    """Somebody who writes without end, each mail on a connection of its own, and notes what became
    of each."""

    def __init__(self, node: Node, who: str) -> None:
        super().__init__()
        self.ends = Event()
        self.taken: list[str] = []
        self.failed: list[str] = []
        self.took_s: list[float] = []
        self._node = node
        self._who = who

    def run(self) -> None:
        while not self.ends.is_set():
            text = f"{self._who} writes number {len(self.took_s)}"
            began = time.monotonic()
            try:
                taken = self.writes(text)
            except (OSError, smtplib.SMTPException):
                taken = False
            self.took_s.append(time.monotonic() - began)
            (self.taken if taken else self.failed).append(text)

    def writes(self, text: str) -> bool:
        sender = f"{self._who}.{len(self.took_s)}@example.net"
        return send_mail(*self._node.mail, mail(text, to=POST), to=POST, sender=sender)


class ByWebhook(Writes):
    """The same by SMS."""

    def writes(self, text: str) -> bool:
        number = f"+1555{len(self.took_s):07}"
        body = sms(text, id=text.replace(" ", "-"), number=number)
        return post_sms(f"{self._node.url}/in/phone", body, self._node.secret) == 200


@pytest.mark.slow
def test_nobody_who_writes_notices_that_doors_are_replaced(node: Node) -> None:
    writers = [Writes(node, "Roya"), ByWebhook(node, "Omid")]
    seen = doors(node)
    for writer in writers:
        writer.start()
    until = time.monotonic() + 60
    while len(seen) < 4 and time.monotonic() < until:
        seen |= doors(node)
    for writer in writers:
        writer.ends.set()
        writer.join()
    assert len(seen) >= 4  # so there were three reliefs
    assert [writer.failed for writer in writers] == [[], []]
    written = [text for writer in writers for text in writer.taken]
    soon(lambda: status(node)["posted"] == len(written))
    assert sorted(page_texts(node.url)) == sorted(written)
    took_s = sorted(seconds for writer in writers for seconds in writer.took_s)
    slowest = took_s[len(took_s) * 99 // 100]
    print(f"{len(took_s)} writes, {len(seen)} doors, p99 {slowest * 1000:.0f} ms")
    assert slowest < 5


def test_who_is_in_the_middle_of_a_mail_finishes_it(node: Node) -> None:
    [old] = doors(node)
    with smtplib.SMTP(*node.mail, "client.example.net") as client:
        client.ehlo()
        client.mail("slow@example.net")
        client.rcpt(POST)
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(b"Subject: slow\r\n\r\n")
        for n in range(ACCEPTS):
            assert send_mail(
                *node.mail, mail(f"quick {n}", to=POST), to=POST, sender=f"{n}@a.example"
            )
        soon(lambda: doors(node) - {old})
        client.send(b"it took its time\r\n.\r\n")
        assert client.getreply()[0] == 250
    soon(lambda: old not in doors(node))
    soon(lambda: status(node)["posted"] == ACCEPTS + 1)


@pytest.mark.slow
def test_a_door_that_is_replaced_says_nothing_of_it(node: Node) -> None:
    [old] = doors(node)
    for n in range(ACCEPTS):
        assert send_mail(*node.mail, mail(f"text {n}", to=POST), to=POST, sender=f"{n}@a.example")
    soon(lambda: len(doors(node)) == 1 and old not in doors(node))
    assert node.log.read_text().count("door started") == 1
    assert request("GET", f"{node.url}/healthz") == (200, b"ok")


@pytest.mark.slow
def test_a_sender_over_the_limit_is_over_it_at_the_next_door(node: Node) -> None:
    [old] = doors(node)
    for n in range(ACCEPTS - PER_HOUR):
        assert send_mail(*node.mail, mail(f"x {n}", to=POST), to=POST, sender=f"{n}@a.example")
    told = [brings_sms(node, f"{n}") for n in range(PER_HOUR + 1)]
    assert told == [200] * PER_HOUR + [503]
    soon(lambda: len(doors(node)) == 1 and old not in doors(node))
    assert brings_sms(node, "at the next door") == 503


def brings_sms(node: Node, id: str) -> int:
    """One from a number that writes much; what it is told."""
    body = sms(f"once more, {id}", id=id, number="+15550100001")
    return post_sms(f"{node.url}/in/phone", body, node.secret)
