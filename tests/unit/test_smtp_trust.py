"""What SMTP and LMTP hand over about a sender's domain, and the way back."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from relay.mailing.smtp.limits import SmtpLimits
from relay.testing.door import Taken, Tick, listening, port_of, serving, with_take_in
from relay.transports.lmtp import Lmtp
from relay.transports.smtp import Smtp
from relay.transports.trust import Said, Trust

CHANNELS = {"post@example.org": "news", "family@example.org": "family"}
DATE = "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n"
MAIL = DATE + "From: A <a@example.net>\r\nSubject: x\r\n\r\n?12345678\r\n.\r\n"


class Watching:
    """A judge that passes everybody and remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[bytes, str]] = []
        self.open = 0

    async def __aenter__(self) -> Watching:
        self.open += 1
        return self

    async def __aexit__(self, *why: object) -> None:
        self.open -= 1

    async def __call__(self, mail: bytes, envelope: bytes, client: str) -> Said:
        self.told.append((envelope, client))
        return "pass"


@pytest.mark.parametrize("hello", ["EHLO", "LHLO"])
@pytest.mark.parametrize("sender", ["A@example.net", ""])
def test_a_mail_is_judged_once_and_only_its_sender_is_answered(hello: str, sender: str) -> None:
    judge, taken = Watching(), Taken()
    trust = Trust(judge, now=lambda: 0, answers=True)
    kind = Smtp if hello == "EHLO" else Lmtp
    made = kind("mail", listening(), CHANNELS, SmtpLimits(), Tick(), trust=trust)
    with serving(with_take_in(made.run, taken)) as address:
        assert judge.open == 1
        said = f"{hello} c\r\nMAIL FROM:<{sender}>\r\nRCPT TO:<post@example.org>\r\n"
        said += f"RCPT TO:<family@example.org>\r\nDATA\r\n{MAIL}QUIT\r\n"
        with closing(socket.create_connection(("127.0.0.1", port_of(address)), 5)) as raw:
            raw.sendall(said.encode())
            while raw.recv(4096):
                pass
    assert judge.open == 0
    assert judge.told == [(sender.encode(), "127.0.0.1" if hello == "EHLO" else "")]
    [arrival] = taken.arrivals
    assert arrival.flags == (("dmarc-pass",) if sender else ("bounce", "dmarc-pass"))
    assert arrival.way_back == (b"a@example.net" if sender else b"")
