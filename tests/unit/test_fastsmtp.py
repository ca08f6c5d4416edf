"""The pieces of the SMTP session that can be looked at without a socket, and what they lean on."""

from __future__ import annotations

import asyncio
import time
from importlib.metadata import version
from inspect import signature

import pytest
from aiosmtpd.smtp import SMTP

from relay.mailing.smtp import fastsmtp, sentences
from relay.mailing.smtp.fastsmtp import FastSmtp, Mail
from relay.mailing.smtp.framing import LINE, framed, short_lines
from relay.mailing.smtp.limits import SmtpLimits
from relay.serving.room import Room


class House:
    limits = SmtpLimits()
    sessions = Room(1, 1)
    in_flight = Room(1, 1)
    leaving = False

    def __init__(self) -> None:
        self.hooks: dict[str, object] = {}
        self.open: set[FastSmtp] = set()


@pytest.fixture
def session() -> FastSmtp:
    loop = asyncio.new_event_loop()
    loop.close()
    return FastSmtp(House(), loop)


def test_the_library_still_has_the_private_names_that_are_leant_on() -> None:
    assert version("aiosmtpd").startswith("1.4.")
    for name in (
        "_getaddr",
        "_handle_client",
        "_cb_client_connected",
        "_call_handler_hook",
        "_getparams",
        "_strip_command_keyword",
    ):
        assert callable(getattr(SMTP, name)), name
    for name in ("smtp_MAIL", "smtp_RCPT", "smtp_RSET", "smtp_NOOP", "smtp_DATA", "push"):
        assert next(iter(signature(getattr(SMTP, name)).parameters)) == "self", name
    assert list(signature(SMTP._getaddr).parameters) == ["self", "arg"]


def test_every_name_that_the_librarys_constructor_sets_and_its_commands_read_is_there(
    session: FastSmtp,
) -> None:
    read = {"MAIL", "RCPT", "RSET", "NOOP"}
    names = {
        name
        for command in read
        for name in getattr(SMTP, f"smtp_{command}").__code__.co_names
        if name.startswith("_") and not name.startswith("__")
    } | {"session", "envelope", "data_size_limit", "enable_SMTPUTF8"}
    missing = {n for n in names if not hasattr(session, n)} - {"_syntax_available"}
    assert missing == set()


@pytest.mark.parametrize(
    "argument",
    [
        "<a@example.org>",
        "<a.b+c_d@sub.example.org> SIZE=10",
        "<a@example.org>  BODY=8BITMIME SMTPUTF8",
        "<>",
        "<> SIZE=1",
    ],
)
def test_the_fast_way_reads_an_address_as_the_slow_one_does(
    session: FastSmtp, argument: str
) -> None:
    slow, rest = SMTP._getaddr(session, argument)
    fast, more = session._getaddr(argument)
    assert fastsmtp._PLAIN.fullmatch(argument)
    assert (fast, (more or "").split()) == (slow, (rest or "").split())


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        ('<"a b"@example.org>', '"a b"@example.org'),
        ("<@r1,@r2:u@example.org>", "u@example.org"),
        ("<پست@example.org>", "پست@example.org"),
        ("<a@", None),
        ("<", None),
        ("<" + "(" * 400, None),
        ("", ""),
    ],
)
def test_odd_addresses_are_read_by_the_library_or_refused(
    session: FastSmtp, argument: str, address: str | None
) -> None:
    assert session._getaddr(argument)[0] == address


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (b"", True),
        (b"a\r\nb\r\n", True),
        (b"a\nb\r\n", False),
        (b"a\rb\r\n", False),
        (b"a\r\r\n", False),
        (b"a\n\r\n", False),
        (b"a\0b\r\n", False),
    ],
)
def test_a_text_is_framed_when_cr_and_lf_come_in_pairs(text: bytes, good: bool) -> None:
    assert framed(text) is good


def test_a_line_at_the_limit_is_short_and_one_past_it_is_not() -> None:
    at = b"x" * (LINE - 2) + b"\r\n"
    assert short_lines(at * 3)
    assert not short_lines(at + b"x" + at + at)
    assert not short_lines(at + b"x" * (LINE + 1))
    assert short_lines(b"\r\n" * 5000 + at + b"y\r\n")


def test_the_framing_of_ten_megabytes_is_seen_in_no_time() -> None:
    begun = time.monotonic()
    assert short_lines(b"\r\n" * 5_000_000) and framed(b"\r\n" * 5_000_000)
    assert time.monotonic() - begun < 6


def test_a_mail_on_its_way_has_no_repr_that_tells() -> None:
    mail = Mail()
    mail.mail_from = "marjan@example.net"
    mail.rcpt_tos.append("post@example.org")
    mail.channels["news"] = [b"post@example.org"]
    assert "example" not in repr(mail)


def test_no_sentence_names_a_product_a_node_or_a_place() -> None:
    said = [v for k, v in vars(sentences).items() if k.isupper() and isinstance(v, bytes)]
    said += sentences.BY_CODE.values()
    assert len(said) > 15
    for sentence in said:
        lower = sentence.lower()
        assert not any(
            w in lower for w in (b"outword", b"relay", b"python", b"aiosmtpd", b"error:")
        )
