"""Somebody asks by mail and is answered by mail: a node, a name server, and a provider's server."""

from __future__ import annotations

import email
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import soon, status
from name_server import NameServer, name_server

from relay.mailing.smtp.limits import SmtpLimits
from relay.testing.door import Taken, Tick, listening, port_of, serving, with_take_in
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, page_texts, send_mail
from relay.transports.smtp import Smtp

POST, ASKER, FORGED = "post@example.org", "asker@example.net", "asker@example.com"
CODE = "48213795"
ZONE = {
    ("_dmarc.example.net", "TXT"): ['"v=DMARC1; p=reject"'],
    ("example.net", "TXT"): ['"v=spf1 ip4:127.0.0.1 -all"'],
    ("_dmarc.example.com", "TXT"): ['"v=DMARC1; p=reject"'],
    ("example.com", "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"'],
}
ASKED = """addresses = ["post@example.org"]
verdicts = "compute"
resolver = ["127.0.0.1:{dns}"]
answers = "asked"
answer_from = "post@example.org"
answer_host = "127.0.0.1"
answer_port = {port}
answer_tls = "off"
"""


@contextmanager
def provider(taken: Taken) -> Iterator[int]:
    """The mail server of the operator's provider: it takes whatever is handed in."""
    channels = {"*@example.net": "out", "*@example.com": "out"}
    made = Smtp("out", listening(), channels, SmtpLimits(), Tick())
    with serving(with_take_in(made.run, taken)) as address:
        yield port_of(address)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[Node, Taken, NameServer]]:
    answers = Taken()
    with provider(answers) as port, name_server(ZONE) as server:
        node = Node(tmp_path / "n")
        more = ASKED.format(dns=server.address[1], port=port)
        written = node.file.read_text()
        node.file.write_text(written.replace('addresses = ["post@example.org"]\n', more))
        with running(node):
            yield node, answers, server


def send(node: Node, text: str, sender: str = ASKER, *, subject: str = "") -> None:
    written = mail(text, to=POST, sender=sender, subject=subject)
    assert send_mail(*node.mail, written, to=POST, sender=sender)


def test_who_asks_is_answered_and_nobody_else_is(
    asked: tuple[Node, Taken, NameServer],
) -> None:
    node, answers, _ = asked
    send(node, f"the road is open\n#{CODE}")
    soon(lambda: page_texts(node.url) == ["the road is open"])
    send(node, f"?{CODE}", FORGED)  # its domain says that it does not send from here
    send(node, f"STATUS {CODE}", subject="my road")
    [answer] = soon(lambda: list(answers.arrivals))
    assert (answer.sender, answer.recipients) == (b"", (ASKER.encode(),))
    written = email.message_from_bytes(answer.content)
    assert (written["Subject"], written["To"]) == ("Re:", ASKER)
    text = written.get_payload(decode=True)
    assert isinstance(text, bytes) and text.strip()
    for told in (CODE.encode(), b"road", b"page", b"published"):
        assert told not in answer.content and told not in text
    assert status(node)["accepted"] == 3
    log = node.log.read_bytes()
    assert b"asker" not in log and b"example.net" not in log


def test_without_a_name_server_mail_is_taken_and_nobody_is_answered(
    asked: tuple[Node, Taken, NameServer],
) -> None:
    node, answers, server = asked
    server.silent |= {name for name, _ in ZONE}
    send(node, f"?{CODE}")
    send(node, "they are shooting")
    soon(lambda: page_texts(node.url) == ["they are shooting"])
    assert answers.arrivals == []
