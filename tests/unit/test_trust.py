"""Whether an answer may go back to whoever sent a mail, and what is said of its domain."""

from __future__ import annotations

import asyncio
from email.utils import formatdate

import pytest

from relay.transports.trust import NOTHING, Said, Trust, Trusted

NOW = 1_800_000_000


def dated(hours_ago: float) -> bytes:
    return b"Date: " + formatdate(NOW - hours_ago * 3600).encode() + b"\r\n"


FROM = b"From: A Person <Person@Example.ORG>\r\n"
REST = dated(1) + b"Subject: x\r\n\r\n?12345678\r\n"
SENDER = b"person@example.org"
OURS = ("Post@example.org", "*@relay.example")


class Fixed:
    """A judge that says one thing, and remembers what it was asked."""

    def __init__(self, said: Said) -> None:
        self.said = said
        self.open = 0
        self.asked: list[tuple[bytes, str]] = []

    async def __aenter__(self) -> Fixed:
        self.open += 1
        return self

    async def __aexit__(self, *why: object) -> None:
        self.open -= 1

    async def __call__(self, mail: bytes, envelope: bytes, client: str) -> Said:
        self.asked.append((envelope, client))
        return self.said


def trusted(
    mail: bytes = FROM + REST,
    envelope: bytes | None = SENDER,
    said: Said = "pass",
    *,
    answers: bool = True,
) -> Trusted:
    trust = Trust(Fixed(said), now=lambda: NOW, answers=answers, ours=OURS)
    return asyncio.run(trust.of(mail, envelope=envelope))


def test_whoever_passes_may_be_answered_and_one_word_travels() -> None:
    assert trusted() == Trusted(("dmarc-pass",), SENDER)
    assert trusted(envelope=b"PERSON@example.org").way_back == SENDER
    assert trusted(envelope=None).way_back == SENDER  # a provider that notes no Return-Path
    assert "person" not in repr(trusted())


@pytest.mark.parametrize("said", ["fail", "none"])
def test_whoever_does_not_pass_is_flagged_and_never_answered(said: Said) -> None:
    assert trusted(said=said) == Trusted((f"dmarc-{said}",))


def test_without_answers_there_is_no_way_back() -> None:
    assert trusted(answers=False) == Trusted(("dmarc-pass",))
    assert Trusted() == NOTHING


@pytest.mark.parametrize("envelope", [b"", b"bounces+x@example.org", b"person@example.net"])
def test_a_mail_whose_mail_from_is_another_is_not_answered(envelope: bytes) -> None:
    assert trusted(envelope=envelope).way_back == b""


@pytest.mark.parametrize(
    "field",
    [
        b"Auto-Submitted: auto-replied\r\n",
        b"Precedence: bulk\r\n",
        b"List-Id: <x.example.org>\r\n",
        b"Content-Type: multipart/report; report-type=delivery-status\r\n",
        b"X-Auto-Response-Suppress: All\r\n",
        b"X-Loop: post@example.org\r\n",
        b"X: " + b"x" * 70_000 + b"\r\n",
    ],
)
def test_what_a_program_wrote_is_not_answered(field: bytes) -> None:
    assert trusted(field + FROM + REST).way_back == b""
    assert trusted(FROM + field + REST).way_back == b""


@pytest.mark.parametrize(
    "local",
    ["MAILER-DAEMON", "postmaster", "no-reply", "noreply", "do_not_reply", "donotreply",
     "owner-list", "list-request", "list-bounces", "list-owner"],
)  # fmt: skip
def test_who_reads_no_answers_gets_none(local: str) -> None:
    address = f"{local}@example.org".encode()
    assert trusted(b"From: <" + address + b">\r\n" + REST, address.lower()).way_back == b""


@pytest.mark.parametrize(
    "address",
    [
        '"a b"@example.org',
        "a@[192.0.2.1]",
        "a@localhost",
        "ا@example.org",
        "a@ایران.example",
        "a..b@example.org",
        "x" * 250 + "@example.org",
        "a\r\n b@example.org",
    ],
)
def test_an_address_that_is_not_plain_gets_no_answer(address: str) -> None:
    mail = f"From: <{address}>\r\n".encode() + REST
    assert trusted(mail, None).way_back == b""


@pytest.mark.parametrize("header", [b"", FROM + FROM, b"From: a@example.org, b@example.org\r\n"])
def test_without_exactly_one_sender_there_is_no_way_back(header: bytes) -> None:
    assert trusted(header + REST, None).way_back == b""


@pytest.mark.parametrize("address", ["post@example.org", "anybody@relay.example"])
def test_no_answer_goes_to_ourselves(address: str) -> None:
    assert trusted(f"From: {address}\r\n".encode() + REST, None).way_back == b""


@pytest.mark.parametrize(
    ("date", "answered"),
    [
        (dated(1), True),
        (dated(-20), True),
        (dated(71), True),
        (dated(73), False),
        (dated(24 * 365), False),
        (dated(-25), False),
        (b"", False),
        (dated(1) + dated(1), False),
        (b"Date: yesterday\r\n", False),
        (b"Date: \xff\r\n", False),
        (b"Date: Thu, 1 Jan 99999 00:00:00 +0000\r\n", False),
        (b"Date: " + b"1" * 5000 + b"\r\n", False),
        (dated(1).replace(b" -0000", b"\r\n +0000 (UTC)"), True),
    ],
)
def test_a_question_that_is_sent_again_later_is_not_answered(date: bytes, answered: bool) -> None:
    mail = FROM + date + b"Subject: x\r\n\r\n?12345678\r\n"
    assert bool(trusted(mail).way_back) is answered


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?q?a=40b.example=2C?=@example.org",
        "=?utf-8?q?=0D=0ABcc=3A_a?=@example.org",
        "g: person@example.org;",
        "g:; person@example.org",
        "a, person@example.org",
        "example.net, person@example.org",
        "person@example.org, <>",
        "<@example.net:person@example.org>",
        "a@example.net <person@example.org>",
        "<a@example.net> <person@example.org>",
        "<person@example.org> a@example.net",
        "per(x)son@example.org",
        "person@exam ple.org",
        "person@example.org(",
        '"A <a@example.net> <person@example.org>',
        "\u212aate@example.org",
        "kate@example.or\u0261",
    ],
)
def test_a_sender_that_can_be_read_in_two_ways_gets_no_answer(value: str) -> None:
    assert trusted(f"From: {value}\r\n".encode() + REST, None).way_back == b""


@pytest.mark.parametrize(
    "value",
    [
        "person@example.org",
        "<person@example.org>",
        '"Person, A. (\\"x\\") <a@b.example>" <person@example.org>',
        "A. Person <person@example.org>",
        "=?utf-8?b?2LPYp9mF?= <person@example.org>",
        "\u0633\u0627\u0645 <person@example.org>",
        "person@example.org (A Person)",
        "A\r\n Person\r\n\t<person@example.org>",
        "<person@example.org> (via a list)",
    ],
)
def test_a_sender_as_programs_write_one_is_answered(value: str) -> None:
    assert trusted(f"From: {value}\r\n".encode() + REST, SENDER).way_back == SENDER


def test_a_judge_is_open_as_long_as_it_is_trusted() -> None:
    judge = Fixed("pass")

    async def run() -> None:
        async with Trust(judge, now=lambda: NOW) as trust:
            assert judge.open == 1
            await trust.of(FROM, envelope=None, client="192.0.2.1")

    asyncio.run(run())
    assert (judge.open, judge.asked) == (0, [(b"", "192.0.2.1")])
