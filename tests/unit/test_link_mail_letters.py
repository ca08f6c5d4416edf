"""The mail around a batch says nothing, and is found again whatever a provider does to it."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from random import Random

import pytest
from mail_link_parts import DRESS, FROM, NOW, TO, A, B, C, carrying, mails

from relay.errors import Damaged
from relay.links.mail.finding import HEAD_BYTES, CameBack, Finding, Ours, attached
from relay.links.mail.letter import letter, room_in
from relay.links.mail.parcel import OVERHEAD, Veil
from relay.links.port import Peer
from relay.mailing.smtp.framing import framed, short_lines
from relay.wire.batch import read_batch

[MAIL] = mails(carrying(4000, 32_000))
AT_B = Finding(B.key, [A, C])
AT_A = Finding(A.key, [B])
RECEIVED = b"".join(
    b"Received: from mx%d.example.org (mx%d.example.org [192.0.2.%d])\r\n\tby mail\r\n" % (n, n, n)
    for n in range(250)
)


class NotOurs(Exception):
    """Nothing was found."""


def batch_in(mail: bytes, finding: Finding = AT_B, own: Peer = B) -> tuple[str, object]:
    """Who a mail is from, and what is in it."""
    found = finding.look(mail[:HEAD_BYTES])
    if not isinstance(found, Ours):
        raise NotOurs
    parcel = Veil(found.peer.key, own.key).under(attached(mail, found.at))
    return found.peer.name, read_batch(parcel.chunk, found.peer.key, own.key)


# ---------------------------------------------------------------- what it shows


def test_a_mail_has_these_headers_and_no_others() -> None:
    shown = email.message_from_bytes(MAIL, policy=email.policy.default)
    assert shown.keys() == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
    ]
    assert (shown["From"], shown["To"], shown["Subject"]) == (FROM, TO, "Backup")
    assert shown["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"
    assert NOW % 3600 == 3599
    assert re.fullmatch(r"<[0-9a-f]{32}@a\.example\.org>", shown["Message-ID"])


def test_any_mail_program_shows_a_text_and_a_file() -> None:
    shown = email.message_from_bytes(MAIL, policy=email.policy.default)
    text, file = shown.iter_parts()
    assert text.get_content().strip() == DRESS.text
    assert file.get_content_type() == "application/octet-stream"
    assert file.get_filename() == "backup.bin"
    parcel = Veil(A.key, B.key).under(file.get_content())
    assert read_batch(parcel.chunk, A.key, B.key) == carrying(4000, 32_000)


def test_it_is_as_strict_servers_want_it() -> None:
    assert framed(MAIL) and short_lines(MAIL)
    assert MAIL.isascii()
    assert max(map(len, MAIL.split(b"\r\n"))) <= 78


def test_nothing_in_it_names_a_program_a_host_or_a_node() -> None:
    at = MAIL.index(b"\r\n\r\n", MAIL.index(b"octet-stream"))
    shown = MAIL[:at].lower()
    for word in (b"outword", b"relay", b"python", b"x-mailer", b"user-agent", b"outb", b"==="):
        assert word not in shown


def test_an_operator_dresses_it_in_any_script() -> None:
    dress = replace(DRESS, subject="پشتیبان", text="پیوست را ببینید", file_name="2027-01.dat")
    [mail] = mails(carrying(10), dress=dress)
    shown = email.message_from_bytes(mail, policy=email.policy.default)
    text, file = shown.iter_parts()
    assert (shown["Subject"], text.get_content().strip()) == (dress.subject, dress.text)
    assert file.get_filename() == "2027-01.dat"
    assert framed(mail) and short_lines(mail) and mail.isascii()
    assert batch_in(mail) == ("a", carrying(10))


@pytest.mark.parametrize("most", [65536, 1_000_000, 10_485_760])
def test_what_fits_is_said_with_what_base64_adds(most: int) -> None:
    mail = letter(DRESS, bytes(room_in(most)), bytes(16), NOW)
    assert most - 16_384 < len(mail) < most - 4096


def test_what_an_attachment_needs_beside_the_batch_is_counted() -> None:
    assert OVERHEAD == 88


# ---------------------------------------------------------------- how it is found


@pytest.mark.parametrize(
    "changed",
    [
        MAIL,
        MAIL.replace(b"\r\n", b"\n"),
        RECEIVED + MAIL,
        MAIL.replace(b"Content-Type: application", b"X-Scanned: yes\r\nContent-Type: application"),
        MAIL + b"\r\nA footer of a list\r\n",
        MAIL[: MAIL.rfind(b"\r\n--")] + b"\r\n",
    ],
    ids=["as sent", "line ends", "long headers", "scanned", "footer", "no last boundary"],
)
def test_it_is_found_whatever_servers_do_to_it(changed: bytes) -> None:
    assert batch_in(changed) == ("a", carrying(4000, 32_000))


def test_it_is_found_in_a_mail_that_was_wrapped_into_another() -> None:
    outer = (
        b"From: x@example.org\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"
        b"--q\r\nContent-Type: text/plain\r\n\r\nChecked by nobody\r\n--q\r\n"
    )
    assert batch_in(outer + MAIL + b"--q--\r\n") == ("a", carrying(4000, 32_000))


def test_of_two_peers_each_is_known() -> None:
    [mail] = mails(carrying(5), seed=bytes([3]) * 32)
    assert batch_in(mail) == ("c", carrying(5))


def test_a_mail_to_another_node_is_none_of_ours() -> None:
    assert Finding(C.key, [A]).look(MAIL) is None
    assert AT_A.look(MAIL) is None  # our own, in the mailbox that both use


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\n\n" * 16_000,
        (b"\n\n" + b"A" * 60) * 520,
        b"\n\n" + b"A" * 32_000,
        b"Content-Type: multipart/mixed; boundary=" + b"x" * 30_000,
        b"From: a\r\n\r\n" + b"--b\r\n\r\n" * 4000,
        bytes(range(256)) * 128,
        b"Return-Path: <>\r\n\r\n" + b"0" * 32 + b"@",
        b"Return-Path: <>\r\n\r\n" + (b"0123456789abcdef" * 2 + b"@") * 990,
        b"Content-Type: multipart/report\r\n\r\n" + b"Action: failed\r\n" * 2000,
    ],
)
def test_of_a_hostile_mail_nothing_is_found(hostile: bytes) -> None:
    assert AT_B.look(hostile[:HEAD_BYTES]) is None


def test_an_attachment_that_was_changed_on_its_way_is_damaged() -> None:
    at = MAIL.index(b"\r\n\r\n", MAIL.index(b"octet-stream")) + 400
    for bad in (MAIL[:at] + b"*" + MAIL[at + 1 :], MAIL[:at] + b"AAAA" + MAIL[at + 4 :], MAIL[:at]):
        with pytest.raises(Damaged):
            batch_in(bad)


def test_whatever_becomes_of_a_mail_it_is_ours_as_it_was_or_damaged() -> None:
    chance = Random(5)
    whole = carrying(4000, 32_000)
    for _ in range(400):
        at, cut = chance.randrange(len(MAIL)), chance.randrange(200)
        put = chance.choice([b"", chance.randbytes(8), b"\r\n", b"\n\n", b"--", b"A" * 80])
        changed = MAIL[:at] + put + MAIL[at + cut * chance.randrange(2) :]
        try:
            assert batch_in(changed) == ("a", whole)
        except (Damaged, NotOurs):
            continue


# ---------------------------------------------------------------- what came back

REPORT = (
    b"Return-Path: <>\r\nFrom: MAILER-DAEMON@example.org\r\nAuto-Submitted: auto-replied\r\n"
    b'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="r"\r\n\r\n'
    b"--r\r\n\r\nNot delivered.\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\n"
    b"Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; two@b.example.net\r\n"
    b"Action: %s\r\nStatus: 5.1.1\r\n\r\n--r\r\nContent-Type: %s\r\n\r\n%s\r\n--r--\r\n"
)
HEADERS = MAIL[: MAIL.index(b"\r\n\r\n")]


@pytest.mark.parametrize(
    "report",
    [
        REPORT % (b"failed", b"text/rfc822-headers", HEADERS),
        REPORT % (b"failed", b"message/rfc822", MAIL),
        REPORT.removeprefix(b"Return-Path: <>\r\n") % (b"Failed", b"message/rfc822", HEADERS),
        REPORT % (b"failed", b"message/rfc822", re.sub(rb"<[0-9a-f]{32}@", b"<other@", MAIL)),
        b"Return-Path: <>\r\nSubject: failure notice\r\n\r\nHi. I give up.\r\n\r\n" + HEADERS,
    ],
    ids=["headers", "whole", "without return-path", "with another name", "in plain words"],
)
def test_a_mail_of_ours_that_came_back_is_known(report: bytes) -> None:
    assert AT_A.look(report[:HEAD_BYTES]) == CameBack()


@pytest.mark.parametrize(
    "report",
    [
        REPORT % (b"delayed", b"text/rfc822-headers", HEADERS),
        REPORT % (b"delivered", b"text/rfc822-headers", HEADERS),
        REPORT.replace(b"delivery-status;", b"disposition-notification;")
        % (b"failed", b"text/rfc822-headers", HEADERS),
        REPORT % (b"failed", b"text/rfc822-headers", HEADERS.replace(b"<", b"<0")),
        b"Return-Path: <>\r\nIn-Reply-To: <%s@x>\r\n\r\nI am away" % (b"0" * 32),
        b"Return-Path: <one@a.example.org>\r\n" + MAIL,
    ],
    ids=["delayed", "delivered", "read", "another mail", "away", "our own"],
)
def test_what_is_no_failure_of_ours_is_none(report: bytes) -> None:
    found = AT_A.look(report[:HEAD_BYTES])
    assert found is None


def test_a_report_that_quotes_our_name_in_its_own_headers_is_an_answer() -> None:
    name = re.search(rb"<([0-9a-f]{32})@", MAIL)
    assert name
    away = b"Return-Path: <>\r\nIn-Reply-To: <%s@a.example.org>\r\n\r\nI am away" % name[1]
    assert AT_A.look(away) is None
