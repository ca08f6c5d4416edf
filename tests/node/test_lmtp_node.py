"""A node behind a mail server: what is handed over by LMTP comes onto the page, once."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from conftest import soon, status

from relay.testing.ledger import marker
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, page_texts

TO = ["post@example.org", "family@example.org"]
BEHIND = """
[transports.behind]
kind = "lmtp"
{where}
channel = "news"
addresses = ["post@example.org", "family@example.org"]
"""


def hand_over(address: str, text: str) -> list[bytes]:
    """As a mail server does (smtplib knows no second answer to a text); the answers to the text."""
    host, _, port = address.rpartition(":")
    rcpt = "".join(f"RCPT TO:<{one}>\r\n" for one in TO).encode()
    said = b"LHLO mx.example.org\r\nMAIL FROM:<someone@example.net>\r\n" + rcpt + b"DATA\r\n"
    said += mail(text, to=TO[0]) + b".\r\nQUIT\r\n"
    with socket.socket(socket.AF_INET if host else socket.AF_UNIX) as raw:
        raw.settimeout(30)
        raw.connect((host, int(port)) if host else address)
        raw.sendall(said)
        with raw.makefile("rb") as answers:
            lines = answers.read().split(b"\r\n")
    return lines[next(n for n, line in enumerate(lines) if line.startswith(b"354")) + 1 : -2]


@pytest.mark.parametrize("where", ['listen = "127.0.0.1:0"', 'socket = "lmtp"'])
def test_a_mail_to_two_addresses_comes_onto_the_page_once(tmp_path: Path, where: str) -> None:
    node = Node(tmp_path / "n", more=BEHIND.format(where=where))
    text = f"handed over {marker()}"
    with running(node):
        address = node.at.get("behind", f"{node.folder}/lmtp")
        for _ in range(2):  # a mail server that has missed our answers comes again
            assert hand_over(address, text) == [b"250 2.0.0 OK"] * 2
        soon(lambda: page_texts(node.url) == [text])
        now = status(node)
        assert (now["accepted"], now["repeats"]) == (1, 1)
