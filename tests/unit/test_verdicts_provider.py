"""What the operator's own provider wrote of a mail, and what others wrote in its name."""

from __future__ import annotations

import asyncio
import time

import pytest

from relay.transports.verdicts.provider import MOST_FIELD, Provided, said_by

US = "mx.example.org"
FROM = b"From: A <a@example.net>\r\n"
REST = b"Subject: x\r\n\r\nbody\r\n"


def said(*fields: str, sender: bytes = FROM) -> str:
    written = "".join(f"Authentication-Results: {one}\r\n" for one in fields).encode()
    return said_by(US, b"Received: by us\r\n" + written + sender + REST)


@pytest.mark.parametrize(
    ("field", "verdict"),
    [
        ("mx.example.org; dmarc=pass header.from=example.net", "pass"),
        ("MX.Example.ORG; dmarc=pass header.from=Example.Net", "pass"),
        ("mx.example.org 1; spf=pass smtp.mailfrom=x@y.example; dmarc=pass header.from=example.net",
         "pass"),
        ("mx.example.org;\r\n dkim=pass header.i=@example.net header.s=a header.b=AbC;\r\n"
         " spf=pass (example.org: domain of a@example.net designates 192.0.2.1 as permitted"
         " sender) smtp.mailfrom=a@example.net;\r\n dmarc=pass (p=NONE sp=QUARANTINE dis=NONE)"
         " header.from=example.net", "pass"),  # as Gmail writes it
        ("mx.example.org; dmarc=fail (p=none dis=none) header.from=example.net", "fail"),
        ("mx.example.org; dmarc=pass", "none"),  # of whom?
        ("mx.example.org; dmarc=none", "none"),
        ("mx.example.org; dmarc=bestguesspass action=none header.from=example.net", "none"),
        ("mx.example.org; dmarc=temperror", "none"),
        ("mx.example.org; spf=pass", "none"),
        ("mx.example.org; none", "none"),
        ("mx.example.org", "none"),
        ("", "none"),
        ("mx.example.org; dmarc=pass header.from=example.com", "none"),
        ("mx.example.org; dmarc=pass; dmarc=fail", "none"),
        ("spf=pass smtp.mailfrom=a@example.net; dmarc=pass", "none"),  # no name of a provider
        ("evil.example; dmarc=pass header.from=example.net", "none"),
        ("mx.example.org.evil.example; dmarc=pass", "none"),
        ("(mx.example.org;) evil.example; dmarc=pass", "none"),
    ],
)  # fmt: skip
def test_only_a_clear_word_of_our_provider_counts(field: str, verdict: str) -> None:
    assert said(field) == verdict


def test_the_topmost_of_our_providers_name_decides() -> None:
    failed, passed = (f"{US}; dmarc={one} header.from=example.net" for one in ("fail", "pass"))
    assert said(failed, passed) == "fail"
    assert said(f"{US}; spf=pass", passed) == "none"
    assert said("evil.example; dmarc=pass", failed) == "fail"


def test_a_name_that_only_looks_like_our_providers_is_another() -> None:
    mail = "Authentication-Results: mail.\u212a.example; dmarc=pass header.from=example.net\r\n"
    assert said_by("mail.k.example", mail.encode() + FROM + REST) == "none"
    assert said_by("mail.k.example", mail.replace("\u212a", "K").encode() + FROM + REST) == "pass"


def test_what_stands_in_the_text_is_no_header() -> None:
    mail = (
        FROM + b"\r\nAuthentication-Results: mx.example.org; dmarc=pass header.from=example.net\r\n"
    )
    assert said_by(US, mail) == "none"


@pytest.mark.parametrize(
    "sender",
    [
        b"",
        b"From: nobody\r\n",
        FROM + FROM,
        b"From: a@example.net, b@example.net\r\n",
        b"From: g: a@example.net;\r\n",
        b"From: evil.example, a@example.net\r\n",
    ],
)
def test_a_mail_without_exactly_one_sender_is_none(sender: bytes) -> None:
    assert said(f"{US}; dmarc=pass header.from=example.net", sender=sender) == "none"


@pytest.mark.parametrize(
    "field",
    [
        f"{US}; dmarc=pass " + "(" * 5000,
        f"{US}; " + "dmarc=pass; " * 600,
        f"{US}; " + 'reason="' * 900,
        f"{US}; dmarc=pass header.from=" + "a." * 3000,
        f"{US}; " + "\\" * 7000,
        "x" * 60_000,
    ],
)
def test_a_field_made_to_be_slow_is_none_and_quick(field: str) -> None:
    begun = time.process_time()
    assert said(field) == "none"
    assert time.process_time() - begun < 1
    assert said(f"{US}; dmarc=pass " + "x" * MOST_FIELD) == "none"


def test_it_is_a_judge_that_needs_nothing_else() -> None:
    async def asked() -> str:
        async with Provided(US) as judge:
            field = f"Authentication-Results: {US}; dmarc=pass header.from=example.net\r\n"
            mail = field.encode() + FROM + REST
            return await judge(mail, b"anybody@example.com", "")

    assert asyncio.run(asked()) == "pass"
