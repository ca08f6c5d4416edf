"""SPF, DKIM and DMARC of a mail, with the DNS as a table."""

from __future__ import annotations

import re

import pytest
from signing import record, signed

from relay.transports.verdicts.judging import MOST_SIGNATURES, judged
from relay.transports.verdicts.lookup import NoAnswer, Record

MAIL = b"From: A Person <person@example.org>\r\nTo: post@example.net\r\nSubject: x\r\n\r\nbody\r\n"
CLIENT = "192.0.2.7"
REJECT: list[Record] = [[b"v=DMARC1; p=reject"]]
KEY: list[Record] = [[record()[:255], record()[255:]]]
SPF: list[Record] = [[b"v=spf1 ip4:192.0.2.0/24 -all"]]


class Dns:
    """A table; "late" is a name that nobody answers."""

    def __init__(self, records: dict[tuple[str, str], list[Record] | str]) -> None:
        self.records = records
        self.asked: list[tuple[str, str]] = []

    def __call__(self, name: str, kind: str) -> list[Record]:
        self.asked.append((name, kind))
        found = self.records.get((name, kind), [])
        if isinstance(found, str):
            raise NoAnswer
        return found


def dns(**more: list[Record] | str) -> Dns:
    """example.org with its policy; ``key``, ``spf`` and others by the names below."""
    named = {
        "key": ("s._domainkey.example.org", "TXT"),
        "policy": ("_dmarc.example.org", "TXT"),
        "spf": ("example.org", "TXT"),
        "sub_spf": ("mail.example.org", "TXT"),
        "sub_key": ("s._domainkey.mail.example.org", "TXT"),
        "other_key": ("s._domainkey.example.net", "TXT"),
        "other_policy": ("_dmarc.example.net", "TXT"),
    }
    return Dns({("_dmarc.example.org", "TXT"): REJECT, **{named[k]: v for k, v in more.items()}})


def said(mail: bytes, table: Dns, envelope: bytes = b"", client: str = CLIENT) -> str:
    return judged(mail, envelope, client, table)


# ---------------------------------------------------------------- DKIM


def test_a_signature_of_the_domain_in_from_passes() -> None:
    assert said(signed(MAIL), dns(key=KEY)) == "pass"
    assert said(signed(MAIL, canonicalize=(b"relaxed", b"relaxed")), dns(key=KEY)) == "pass"


@pytest.mark.parametrize(("off_s", "says"), [(0, "pass"), (-11 * 3600, "fail"), (86400, "pass")])
def test_a_signature_of_the_future_is_one_by_the_clock_of_the_node(off_s: int, says: str) -> None:
    mail = signed(MAIL)
    [written] = re.findall(rb"[; ]t=(\d+)", mail)
    assert judged(mail, b"", CLIENT, dns(key=KEY), int(written) + off_s) == says


def test_a_signature_of_a_name_below_passes_unless_the_policy_is_strict() -> None:
    mail = signed(MAIL, "mail.example.org")
    assert said(mail, dns(sub_key=KEY)) == "pass"
    strict: list[Record] = [[b"v=DMARC1; p=reject; adkim=s"]]
    assert said(mail, dns(sub_key=KEY, policy=strict)) == "fail"


def test_a_good_signature_of_a_stranger_says_nothing_and_its_key_is_not_asked_for() -> None:
    table = dns(other_key=KEY, other_policy=REJECT)
    assert said(signed(MAIL, "example.net"), table) == "fail"
    assert ("s._domainkey.example.net", "TXT") not in table.asked


@pytest.mark.parametrize(
    "change",
    [
        lambda mail: mail.replace(b"body", b"lies"),
        lambda mail: mail.replace(b"Subject: x", b"Subject: y"),
        lambda mail: mail.replace(b"A Person", b"A Liar"),
    ],
)
def test_a_mail_that_was_changed_fails(change: object) -> None:
    assert callable(change)
    assert said(change(signed(MAIL)), dns(key=KEY)) == "fail"


def test_one_good_signature_among_broken_ones_is_enough() -> None:
    broken = signed(MAIL).replace(b"bh=", b"bh=AAAA").split(b"From:")[0]
    assert said(broken + signed(MAIL), dns(key=KEY)) == "pass"


def test_so_many_signatures_are_looked_at_and_no_more() -> None:
    broken = signed(MAIL).replace(b"bh=", b"bh=AAAA").split(b"From:")[0]
    assert said(broken * MOST_SIGNATURES + signed(MAIL), dns(key=KEY)) == "fail"


def test_a_signature_that_leaves_room_for_more_text_is_none() -> None:
    assert said(signed(MAIL, length=True) + b"and more\r\n", dns(key=KEY)) == "fail"
    assert said(signed(MAIL, length=True), dns(key=KEY)) == "fail"


def test_a_signature_with_sha1_is_none() -> None:
    mail = signed(MAIL, signature_algorithm=b"rsa-sha1")
    assert said(mail, dns(key=KEY)) == "fail"


def test_a_signature_that_leaves_from_out_is_none() -> None:
    mail = signed(MAIL).replace(b"h=from", b"h=fron")
    assert said(mail, dns(key=KEY)) == "fail"


@pytest.mark.parametrize(
    "key",
    [
        [],
        [[b""]],
        [[b"v=DKIM1; p="]],  # revoked (RFC 6376 section 3.6.1)
        [[b"v=DKIM1; k=rsa; p=!!!!"]],
        [[b"v=DKIM2; p=", record()]],
        [[record()], [record()]],
        [[b"\xff\xfe" * 100]],
    ],
)
def test_a_key_that_is_none_is_no_trouble(key: list[Record]) -> None:
    assert said(signed(MAIL), dns(key=key)) == "fail"


# ---------------------------------------------------------------- SPF


def test_spf_passes_for_mail_from_the_domain_in_from() -> None:
    assert said(MAIL, dns(spf=SPF), b"bounces@example.org") == "pass"
    assert said(MAIL, dns(spf=SPF), b"bounces@example.org", "::ffff:192.0.2.7") == "pass"
    assert said(MAIL, dns(spf=SPF), b"bounces@example.org", "198.51.100.1") == "fail"


def test_spf_of_a_name_below_passes_unless_the_policy_is_strict() -> None:
    assert said(MAIL, dns(sub_spf=SPF), b"b@mail.example.org") == "pass"
    strict: list[Record] = [[b"v=DMARC1; p=reject; aspf=s"]]
    assert said(MAIL, dns(sub_spf=SPF, policy=strict), b"b@mail.example.org") == "fail"


def test_spf_of_a_stranger_says_nothing_and_is_not_asked_for() -> None:
    table = dns(other_policy=REJECT)
    assert said(MAIL, table, b"a@example.net") == "fail"
    assert ("example.net", "TXT") not in table.asked


@pytest.mark.parametrize(
    "envelope", [b"", b"nobody", b"a@", b"a@b", b"\xff@\xff", b"a@" + b"x" * 300]
)
def test_without_a_mail_from_there_is_no_spf(envelope: bytes) -> None:
    assert said(MAIL, dns(spf=SPF), envelope) == "fail"


@pytest.mark.parametrize("client", ["", "no address", "999.1.1.1"])
def test_without_an_address_of_a_client_nothing_passes(client: str) -> None:
    assert said(MAIL, dns(spf=SPF), b"a@example.org", client) in ("fail", "none")


# ---------------------------------------------------------------- DMARC


def test_without_a_policy_nothing_is_said() -> None:
    table = dns(policy=[], key=KEY, spf=SPF)
    assert said(signed(MAIL), table, b"a@example.org") == "none"


def test_without_spf_and_dkim_it_fails() -> None:
    assert said(MAIL, dns()) == "fail"


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"From: nobody\r\n",
        b"From: a@example.org, b@example.org\r\n",
        b"From: a@example.org\r\nFrom: b@example.net\r\n",
        b"From: a@example.org\r\nfrom : b@example.net\r\n",
        b"From: a@localhost\r\n",
        b"From: a@[192.0.2.1]\r\n",
        b"From: a@\xff\xfe.example\r\n",
        b"From: " + b"a@example.org " * 500 + b"\r\n",
    ],
)
def test_a_mail_without_exactly_one_sender_is_none(header: bytes) -> None:
    assert said(header + b"Subject: x\r\n\r\nbody\r\n", dns(spf=SPF), b"a@example.org") == "none"


def test_a_header_too_long_to_be_looked_at_is_none() -> None:
    mail = b"From: a@example.org\r\nX: " + b"x" * 70_000 + b"\r\nFrom: b@example.net\r\n\r\nb\r\n"
    assert said(mail, dns(spf=SPF), b"a@example.org") == "none"


def test_a_domain_in_another_script_is_asked_for_as_the_dns_has_it() -> None:
    table = Dns({("_dmarc.xn--mgba3a4f16a.example", "TXT"): REJECT})
    mail = "From: a@ایران.example\r\n\r\nbody\r\n".encode()
    assert said(mail, table) == "fail"


@pytest.mark.parametrize(
    ("late", "verdict"),
    [("policy", "none"), ("key", "none"), ("spf", "none")],
)
def test_what_nobody_answers_is_no_fail(late: str, verdict: str) -> None:
    assert said(signed(MAIL), dns(**{late: "late"}), b"a@example.org") == verdict


def test_a_pass_by_one_way_needs_no_answer_about_the_other() -> None:
    assert said(signed(MAIL), dns(spf="late", key=KEY), b"a@example.org") == "pass"
    assert said(signed(MAIL), dns(spf=SPF, key="late"), b"a@example.org") == "pass"


def test_a_policy_that_includes_itself_ends() -> None:
    loop: list[Record] = [[b"v=spf1 include:example.org -all"]]
    table = dns(spf=loop)
    assert said(MAIL, table, b"a@example.org") == "fail"
    assert len(table.asked) < 30
