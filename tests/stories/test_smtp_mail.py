"""Mail comes in as ordinary clients send it."""

from __future__ import annotations

import smtplib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from relay.mailing.smtp.limits import SmtpLimits
from relay.model import Verdict
from relay.testing.door import Taken, Tick, listening, port_of, serving, with_take_in
from relay.transports.smtp import Smtp

CHANNELS = {"Post@example.org": "news", "family@example.org": "family", "*@wild.example": "wild"}


class Door:
    """A serving Smtp, what it took, and how often it turned somebody away."""

    def __init__(self, address: str, taken: Taken, away: Tick) -> None:
        self.port = port_of(address)
        self.taken = taken
        self.away = away

    @contextmanager
    def client(self) -> Iterator[smtplib.SMTP]:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=5, local_hostname="client") as client:
            yield client


@pytest.fixture
def door() -> Iterator[Door]:
    with open_door() as made:
        yield made


@contextmanager
def open_door(limits: SmtpLimits | None = None) -> Iterator[Door]:
    taken, away = Taken(), Tick()
    smtp = Smtp("mail", listening(), CHANNELS, limits or SmtpLimits(), away)
    with serving(with_take_in(smtp.run, taken)) as address:
        yield Door(address, taken, away)


def code(refused: Callable[[], object]) -> tuple[int, str]:
    """The answer that a client of the standard library complains of."""
    with pytest.raises(smtplib.SMTPException) as caught:
        refused()
    error = caught.value
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        (answer,) = error.recipients.values()
        return answer[0], answer[1].decode()
    assert isinstance(error, smtplib.SMTPResponseException)
    return error.smtp_code, error.smtp_error.decode()


def test_a_mail_is_taken_in_as_it_was_sent(door: Door) -> None:
    with door.client() as client:
        client.sendmail("m@example.net", "post@example.org", b"Subject: x\r\n\r\n.a\r\n..b\r\n")
    (arrival,) = door.taken.arrivals
    assert arrival.content == b"Subject: x\r\n\r\n.a\r\n..b\r\n"
    assert (arrival.transport, arrival.kind) == ("mail", "mail")
    assert (arrival.sender, arrival.recipient) == (b"m@example.net", b"post@example.org")
    assert (arrival.channels, arrival.flags, arrival.unknown) == (("news",), (), ())
    assert door.away.n == 0


def test_a_persian_mail_from_a_persian_address_is_taken_in(door: Door) -> None:
    message = EmailMessage()
    message["Subject"] = "خبر"
    message.set_content("تیراندازی در میدان\n")
    with door.client() as client:
        client.send_message(message, "نام@example.net", ["post@example.org"])
    (arrival,) = door.taken.arrivals
    assert arrival.sender == "نام@example.net".encode()
    assert "خبر".encode() in arrival.content


def test_the_case_of_an_address_does_not_matter(door: Door) -> None:
    with door.client() as client:
        client.sendmail("m@example.net", "POST@EXAMPLE.ORG", b"x")
    assert door.taken.arrivals[0].channels == ("news",)


def test_a_mail_to_two_channels_is_one_arrival(door: Door) -> None:
    to = ["post@example.org", "any@wild.example", "POST@example.org", "family@example.org"]
    with door.client() as client:
        client.sendmail("m@example.net", to, b"x")
    (arrival,) = door.taken.arrivals
    assert arrival.channels == ("news", "wild", "family")
    assert arrival.recipients == (
        b"POST@example.org\npost@example.org",
        b"any@wild.example",
        b"family@example.org",
    )
    assert arrival.unknown == ("wild",)


def test_a_bounce_is_taken_in_and_says_so(door: Door) -> None:
    with door.client() as client:
        client.sendmail("<>", "post@example.org", b"x")
    (arrival,) = door.taken.arrivals
    assert (arrival.sender, arrival.flags) == (b"", ("bounce",))


@pytest.mark.parametrize(
    "address",
    ["no@example.org", "user%other@example.org", "|cmd@example.org", "../../etc@example.org", "x"],
)
def test_an_address_that_is_not_ours_is_refused_for_good(door: Door, address: str) -> None:
    with door.client() as client:
        assert code(lambda: client.sendmail("m@example.net", address, b"x"))[0] == 550
        client.sendmail("m@example.net", "post@example.org", b"y")
    assert [a.content for a in door.taken.arrivals] == [b"y\r\n"]
    assert door.away.n == 1


@pytest.mark.parametrize(
    ("verdict", "answer"),
    [
        (Verdict.FULL, (452, "4.3.1 Not enough storage, try again later")),
        (Verdict.BUSY, (451, "4.3.0 Try again later")),
        (Verdict.REFUSED, (554, "5.6.0 Message not accepted")),
    ],
)
def test_a_no_is_temporary_unless_it_is_final(
    door: Door, verdict: Verdict, answer: tuple[int, str]
) -> None:
    door.taken.verdict = verdict
    with door.client() as client:
        assert code(lambda: client.sendmail("m@x", "post@example.org", b"x")) == answer
        door.taken.verdict = Verdict.TAKEN
        client.sendmail("m@x", "post@example.org", b"y")
    assert door.away.n == 1


def test_a_repeat_is_answered_as_the_first_was(door: Door) -> None:
    with door.client() as client:
        client.ehlo()
        answers = []
        for door.taken.verdict in (Verdict.TAKEN, Verdict.KNOWN):
            client.mail("m@x")
            client.rcpt("post@example.org")
            answers.append(client.data(b"x"))
    assert answers[0] == answers[1] == (250, b"2.0.0 OK")


def test_a_fault_of_ours_is_temporary_and_says_nothing_of_itself(door: Door) -> None:
    door.taken.fault = OSError(28, "No space left", "/var/MARKER/queue/989121234567")
    with door.client() as client:
        assert code(lambda: client.sendmail("m@x", "post@example.org", b"x")) == (
            451,
            "4.3.0 Try again later",
        )
        door.taken.fault = None
        client.sendmail("m@x", "post@example.org", b"y")
    assert len(door.taken.arrivals) == 1


def test_a_mail_of_the_largest_size_is_taken_and_one_octet_more_is_not() -> None:
    with open_door(SmtpLimits(message_bytes=100_000)) as door, door.client() as client:
        client.ehlo()
        assert client.esmtp_features["size"] == "100000"
        most = b".." + b"x" * 96 + b"\r\n"
        body = most * 1000
        client.mail("m@x")  # smtplib would add SIZE, and ask with the dots doubled
        client.rcpt("post@example.org")
        assert client.data(body)[0] == 250
        client.mail("m@x")
        client.rcpt("post@example.org")
        assert client.data(b"x" + body) == (552, b"5.3.4 Message too big")
        assert client.mail("m@x", ["SIZE=100001"]) == (552, b"5.3.4 Message too big")
        client.sendmail("m@x", "post@example.org", b"small")
        assert [len(a.content) for a in door.taken.arrivals] == [100_000, 7]
        assert door.away.n == 2


def test_a_mail_far_beyond_the_limit_is_read_to_its_end_and_the_session_goes_on() -> None:
    with open_door(SmtpLimits(message_bytes=50_000, in_flight=1_000_000)) as door:
        with door.client() as client:
            client.ehlo()
            client.mail("m@x")
            client.rcpt("post@example.org")
            assert client.data(b"x" * 76 + b"\r\n" + b"y\r\n" * 2_000_000)[0] == 552
            client.sendmail("m@x", "post@example.org", b"small")
        assert len(door.taken.arrivals) == 1


def test_no_answer_names_a_product_a_node_or_a_host(door: Door) -> None:
    said = b""
    with door.client() as client:
        said += client.ehlo("<script>")[1] + client.helo("\x1b[31m")[1] + client.vrfy("root")[1]
        said += client.docmd("EXPN", "all")[1] + client.docmd("HELP", "MAIL")[1]
        said += client.docmd("AUTH", "PLAIN")[1] + client.docmd("STARTTLS")[1]
        said += client.docmd("XYZZY")[1] + client.noop()[1] + client.rset()[1]
    with socket.create_connection(("127.0.0.1", door.port), 5) as raw:
        said += raw.recv(100)
    lower = said.lower()
    words = (b"outword", b"relay", b"aiosmtpd", b"python", b"root", b"script", b"xyzzy", b"\x1b")
    names = (socket.gethostname().lower().encode(), socket.getfqdn().lower().encode(), b"127.0")
    assert not [w for w in words + names if w in lower]


def test_only_what_is_built_is_offered(door: Door) -> None:
    with door.client() as client:
        client.ehlo()
        offered = set(client.esmtp_features)
    assert offered == {"size", "8bitmime", "smtputf8", "pipelining", "enhancedstatuscodes"}


def test_a_session_may_bring_any_number_of_mails() -> None:
    with open_door(SmtpLimits(commands=10)) as door, door.client() as client:
        for n in range(20):
            client.sendmail("m@x", "post@example.org", b"%d" % n)
        assert len(door.taken.arrivals) == 20


def wait_for(claim: Callable[[], bool]) -> None:
    end = time.monotonic() + 3
    while not claim():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_stopping_lets_a_mail_that_is_being_stored_have_its_answer() -> None:
    taken = Taken()
    taken.wait_s = 0.2
    smtp = Smtp("mail", listening(), CHANNELS, SmtpLimits(), Tick())
    with serving(with_take_in(smtp.run, taken)) as address:
        raw = socket.create_connection(("127.0.0.1", port_of(address)), 5)
        idle = socket.create_connection(("127.0.0.1", port_of(address)), 5)
        assert idle.recv(100) == b"220 ESMTP\r\n"
        raw.sendall(
            b"EHLO c\r\nMAIL FROM:<m@x>\r\nRCPT TO:<post@example.org>\r\nDATA\r\nx\r\n.\r\n"
        )
        said = b""
        while b"354" not in said:
            said += raw.recv(1000)
        wait_for(lambda: any(session.due is None for session in list(smtp.open)))
        assert not taken.arrivals  # it is being stored now
    with raw, idle:
        said += b"".join(iter(lambda: raw.recv(1000), b""))
        assert said.endswith(b" LF\r\n250 2.0.0 OK\r\n421 4.3.2 Too busy, try again later\r\n")
        assert idle.recv(100).startswith(b"421 4.3.2")
    assert len(taken.arrivals) == 1
