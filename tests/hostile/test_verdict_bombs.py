"""Mails and name servers that want a verdict to cost much: they get none, and others theirs."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping

import pytest
from signing import record, signed

from relay.transports.verdicts.compute import Computed
from relay.transports.verdicts.lookup import MOST_ASKED, NoAnswer, Record

MAIL = b"From: person@example.org\r\nSubject: x\r\n\r\nbody\r\n"
HONEST = signed(MAIL)
CLIENT = "192.0.2.7"
POLICY: list[Record] = [[b"v=DMARC1; p=reject"]]
KEY: list[Record] = [[record()]]
PATIENT_S = 20.0

Table = Mapping[tuple[str, str], list[Record]]


class Dns:
    """A table; every other name gets ``rest``."""

    def __init__(self, table: Table, rest: list[Record] | None = None) -> None:
        self.table = {
            ("_dmarc.example.org", "TXT"): POLICY,
            ("s._domainkey.example.org", "TXT"): KEY,
            **table,
        }
        self.rest = rest or []
        self.asked = 0

    async def records(self, name: str, kind: str, within_s: float) -> list[Record]:
        self.asked += 1
        if self.asked > 10 * MOST_ASKED:
            raise NoAnswer
        return self.table.get((name, kind), self.rest if kind == "TXT" else [])


def judged(mail: bytes, dns: Dns, envelope: bytes = b"person@example.org") -> str:
    """What it gets; after it an honest mail passes."""

    async def run() -> str:
        async with Computed(dns, within_s=PATIENT_S, at_once=1, again_s=0) as judge:
            said = await judge(mail, envelope, CLIENT)
            dns.table[("s._domainkey.example.org", "TXT")] = KEY
            dns.asked = 0
            assert await judge(HONEST, b"", "") == "pass"
            return said

    return asyncio.run(run())


def der(*numbers: int) -> bytes:
    """An RSAPublicKey (RFC 8017 appendix A.1.1) of numbers that nobody would choose."""

    def told(tag: int, content: bytes) -> bytes:
        length = len(content)
        size = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")
        return bytes([tag]) + size + content

    whole = b"".join(told(2, b"\0" + n.to_bytes((n.bit_length() + 7) // 8, "big")) for n in numbers)
    return told(0x30, whole)


def shown(*numbers: int) -> list[Record]:
    return [[b"v=DKIM1; k=rsa; p=" + base64.b64encode(der(*numbers))]]


@pytest.mark.parametrize(
    ("modulus", "exponent"),
    [
        (2**2047 + 1, 2**2047 - 1),
        (2**2900 + 1, 2**2900 - 1),
        (2**4095 + 1, 65537),
        (2**30000 + 1, 65537),
        (2**2047 + 1, 0),
        (1, 1),
        (0, 65537),
    ],
    ids=range(7),
)
def test_a_key_of_odd_numbers_passes_nothing(modulus: int, exponent: int) -> None:
    dns = Dns({("s._domainkey.example.org", "TXT"): shown(modulus, exponent)})
    assert judged(HONEST, dns, b"") in ("fail", "none")


@pytest.mark.parametrize(
    "signature",
    [
        b"DKIM-Signature: " + b"a=1; " * 12_000 + b"\r\n",
        b"DKIM-Signature: v=1; b=" + b" \t" * 30_000 + b"\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s; h=from" + b":from" * 12_000
        + b"; bh=AAAA; b=AAAA\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s; h=from; bh=AAAA; b="
        + b"A" * 60_000 + b"\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=" + b"s." * 200
        + b"; h=from; bh=AAAA; b=AAAA\r\n",
        b"DKIM-Signature: x\r\n" * 3000,
        HONEST.split(b"From:")[0].replace(b"bh=", b"bh=AAAA") * 100,
    ],
    ids=range(7),
)  # fmt: skip
def test_a_signature_made_to_be_slow_passes_nothing(signature: bytes) -> None:
    assert judged(signature + MAIL, Dns({}), b"") in ("fail", "none")


@pytest.mark.parametrize(
    "body",
    [
        b"\r\n" * 500_000,
        b" \t" * 499 + b"\r\n",
        (b" " * 990 + b"\r\n") * 5000,
        b"x\r\n" * 1_000_000,
    ],
    ids=["empty lines", "blanks", "many blanks", "short lines"],
)
def test_a_body_made_to_be_slow_is_judged_or_left(body: bytes) -> None:
    mail = b"From: person@example.org\r\n\r\n" + body
    made = signed(mail, canonicalize=(b"relaxed", b"relaxed"))
    assert judged(made, Dns({}), b"") in ("pass", "none")


@pytest.mark.parametrize(
    "spf",
    [
        b"v=spf1 " + b"include:%{i}.x.example " * 40 + b"-all",
        b"v=spf1 redirect=example.org",
        b"v=spf1 exists:%{l1r+-}%{d}%{d}%{d}%{d}.example -all",
        b"v=spf1 mx ptr a mx ptr a mx ptr a mx ptr a -all",
        b"v=spf1 " + b"ip4:192.0.2.1/33 " * 200,
        b"v=spf1 " + b"%" * 2000,
        b"v=spf1 " + b"(" * 3000,
    ],
    ids=range(7),
)
def test_a_policy_made_to_be_asked_for_ever_ends(spf: bytes) -> None:
    dns = Dns(
        {("example.org", "TXT"): [[spf]]}, rest=[[b"v=spf1 include:a.example include:b.example"]]
    )
    assert judged(MAIL, dns) in ("fail", "none")


def test_a_name_with_a_policy_on_each_step_is_walked_once() -> None:
    sender = "a." * 100 + "example.org"
    dns = Dns({}, rest=POLICY)
    mail = f"From: a@{sender}\r\n\r\nx\r\n".encode()
    assert judged(mail, dns, f"a@b.{sender}"[:250].encode()) in ("fail", "none")
