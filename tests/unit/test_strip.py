"""Who and what are parted: a submission names nobody, and a repeat is still recognised."""

from __future__ import annotations

import base64
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.entry.headers import MOST, UNANSWERED, filter_headers
from relay.entry.strip import EntrySecrets, strip
from relay.model import Arrival

SECRETS = EntrySecrets(b"n" * 32, b"j" * 32, b"t" * 32, b"y" * 32)
SENDER = b"marjan@example.net"

MAIL = (
    b"Received: from phone.example.net ([203.0.113.7]) by mx\r\n"
    b"\tfor <post@example.org>; Mon, 1 Jan 2026 00:00:00 +0330\r\n"
    b"From: Marjan <marjan@example.net>\r\n"
    b"To: post@example.org\r\n"
    b"DKIM-Signature: v=1; d=example.net;\r\n"
    b" b=abc\r\n"
    b"SUBJECT: =?utf-8?q?news?=\r\n"
    b" =?utf-8?q?_today?=\r\n"
    b"Message-ID: <1@phone.example.net>\r\n"
    b"X-Mailer: Phone 1.0\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain;\r\n"
    b"\tcharset=utf-8\r\n"
    b"Content-ID: <2@phone.example.net>\r\n"
    b"\r\n"
    b"From: the street\r\n"
    b"\r\n"
    b"They are shooting.\r\n"
)


def mail(content: bytes = MAIL, **changes: object) -> Arrival:
    made = Arrival("mail", "mail", content, ("news",), SENDER, b"post@example.org")
    return replace(made, **changes)


def sms(**changes: object) -> Arrival:
    made = Arrival("phone", "text", b"hello", ("news",), b"+989121234567", b"", b"id-1", b"12:00")
    return replace(made, **changes)


def test_only_what_a_reader_needs_is_kept_of_a_header() -> None:
    (made,) = strip(mail(), SECRETS)
    assert made.content == (
        b"SUBJECT: =?utf-8?q?news?=\r\n =?utf-8?q?_today?=\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain;\r\n\tcharset=utf-8\r\n"
        b"\r\n"
        b"From: the street\r\n\r\nThey are shooting.\r\n"
    )


def test_a_submission_holds_the_sender_in_no_spelling() -> None:
    (made,) = strip(mail(), SECRETS)
    whole = b"".join([made.content, *made.repeat_keys, *made.author_tags, repr(made).encode()])
    whole += b"".join(made.network_tags)
    domain = SENDER.rpartition(b"@")[2]
    for spelling in (SENDER, domain, b"marjan", SENDER.hex().encode(), base64.b64encode(SENDER)):
        assert spelling not in whole


@pytest.mark.parametrize(
    ("field", "flags"),
    [
        (b"Auto-Submitted: auto-replied", ("auto-submitted",)),
        (b"Auto-Submitted: auto-generated; type=x", ("auto-submitted",)),
        (b"Auto-Submitted: no", ()),
        (b"auto-submitted: NO (a person)", ()),
        (b"Precedence: bulk", ("bulk",)),
        (b"Precedence:\r\n junk", ("bulk",)),
        (b"Precedence: first-class", ()),
        (b"List-Id: <x.example.org>", ("list",)),
        (b"List-Id: a\r\nList-Id: b\r\nPrecedence: list", ("list", "bulk")),
        (b"List-Unsubscribe: <https://x.example/u>", ("list",)),
        (b"Auto-Submitted: (a comment) no", ("auto-submitted",)),
        (b"Auto-Submitted: auto-notified; owner-email=a@example.org", ("auto-submitted",)),
        (b"Precedence: auto_reply", ("auto-submitted",)),
        (b"X-Autoreply: yes", ("auto-submitted",)),
        (b"X-Autoreply: no", ()),
        (b"X-Autorespond:\r\n Away", ("auto-submitted",)),
        (b"X-Loop: post@example.org", ("auto-submitted",)),
        (b"X-MS-Exchange-Inbox-Rules-Loop: a@example.org", ("auto-submitted",)),
        (b"X-Auto-Response-Suppress: DR, OOF, AutoReply", ("no-answer",)),
        (b"X-Auto-Response-Suppress: All", ("no-answer",)),
        (b"X-Auto-Response-Suppress: DR, NDR, RN", ()),
        (b"X-Auto-Response-Suppress: None", ()),
        (b"X-Failed-Recipients: a@example.org", ("bounce",)),
    ],
)
def test_what_says_that_no_person_wrote_becomes_a_flag(field: bytes, flags: tuple[str]) -> None:
    (made,) = strip(mail(field + b"\r\nSubject: x\r\n\r\nbody\r\n"), SECRETS)
    assert made.flags == flags
    assert made.content == b"Subject: x\r\n\r\nbody\r\n"


@pytest.mark.parametrize("kind", ["delivery-status", "disposition-notification"])
def test_a_report_of_a_mail_server_or_a_mail_program_is_a_bounce(kind: str) -> None:
    field = f'Content-Type: Multipart/Report; report-type={kind}; boundary="b"'.encode()
    (made,) = strip(mail(field + b"\r\nSubject: x\r\n\r\nbody\r\n"), SECRETS)
    assert made.flags == ("bounce",)
    assert field in made.content


def test_a_type_that_only_sounds_like_a_report_is_none() -> None:
    field = b"Content-Type: multipart/mixed; report-type=delivery-status"
    assert strip(mail(field + b"\r\n\r\nbody\r\n"), SECRETS)[0].flags == ()


@pytest.mark.parametrize("flag", sorted(UNANSWERED))
def test_every_flag_that_forbids_an_answer_is_given_by_some_mail(flag: str) -> None:
    said = {
        "auto-submitted": b"Auto-Submitted: auto-replied\r\n",
        "bulk": b"Precedence: bulk\r\n",
        "list": b"List-Id: x\r\n",
        "bounce": b"Content-Type: multipart/report\r\n",
        "no-answer": b"X-Auto-Response-Suppress: oof\r\n",
        "header-cut": b"X: " + b"x" * 70_000 + b"\r\n",
    }
    assert filter_headers(said[flag] + b"\r\nbody\r\n")[1] == (flag,)


def test_a_mail_without_a_header_is_all_text() -> None:
    text = b"They are shooting\r\nFrom: here\r\n\r\nmore: of it\r\n"
    assert filter_headers(text) == (b"\r\n" + text, ())
    assert filter_headers(b"\r\nFrom: here\r\n") == (b"\r\nFrom: here\r\n", ())
    assert filter_headers(b"") == (b"\r\n", ())


def test_a_broken_line_in_a_header_does_not_push_the_sender_into_the_text() -> None:
    broken = b"Subject: x\r\nwhat is this\r\n and this\r\nFrom: marjan\r\n\r\nbody\r\n"
    assert filter_headers(broken)[0] == b"Subject: x\r\n\r\nbody\r\n"


def test_a_line_above_the_header_is_dropped_with_it() -> None:
    mbox = b"From marjan@example.net Mon Jan 1\r\nTo: x\r\n\r\nbody\r\n"
    assert filter_headers(mbox)[0] == b"\r\nbody\r\n"


def test_without_an_empty_line_the_text_begins_after_the_last_field() -> None:
    mail = b"From: marjan\r\nSubject: x\r\n folded\r\nThey are shooting\r\nat us\r\n"
    kept = b"Subject: x\r\n folded\r\n\r\nThey are shooting\r\nat us\r\n"
    assert filter_headers(mail)[0] == kept
    assert filter_headers(b"From: marjan\r\nTo: x")[0] == b"\r\n"


def test_an_old_blank_before_the_colon_hides_no_field() -> None:
    assert filter_headers(b"From : marjan\r\nSubject\t: x\r\n\r\nb")[0] == b"Subject\t: x\r\n\r\nb"


def test_a_header_at_the_limit_is_read_and_beyond_it_is_dropped() -> None:
    filler = b"X: " + b"x" * 60 + b"\r\n"
    last = b"Subject: end\r\n"
    at = filler * (MOST // len(filler) - 1)
    at += b"Y: " + b"y" * (MOST - len(at) - len(last) - 5) + b"\r\n" + last
    assert len(at) == MOST
    assert filter_headers(at + b"\r\nbody") == (b"Subject: end\r\n\r\nbody", ())
    past = b"Z" + at
    assert filter_headers(past + b"\r\nbody") == (b"\r\nbody", ("header-cut",))


def test_ten_megabytes_of_header_cost_no_time_and_leak_nothing() -> None:
    begun = time.process_time()
    for hostile in (
        b"F: m\r\n" * 1_600_000,
        b"F: m\r\n" * 1_600_000 + b"\r\nbody\r\n",
        b"F:" * 10**6,
    ):
        assert b"F: m" not in filter_headers(hostile)[0]
    assert time.process_time() - begun < 2


@given(st.lists(st.sampled_from([b"From: M", b"Subject: s", b" M", b"M", b"Content-Type: t"])))
def test_no_field_of_the_sender_survives_in_a_block_that_begins_well(lines: list[bytes]) -> None:
    block = b"".join(line + b"\r\n" for line in [b"From: M", *lines, b"From: M"])
    stripped = filter_headers(block + b"\r\nbody")[0]
    assert b"From" not in stripped
    assert stripped.endswith(b"\r\n\r\nbody") or stripped == b"\r\nbody"


# ---------------------------------------------------------------- keys


def test_the_same_mail_again_has_the_same_key_and_any_other_has_another() -> None:
    def key(**changes: object) -> bytes:
        return strip(mail(**changes), SECRETS)[0].repeat_keys[0]

    assert key() == key()
    others = [
        key(content=MAIL + b"."),
        key(sender=b"another@example.net"),
        key(recipient=b"family@example.org"),
        key(channels=("family",)),
        key(transport="mail2"),
        key(sender=SENDER + b"p", recipient=b"ost@example.org"),
    ]
    assert len({key(), *others}) == 1 + len(others)


def test_a_mail_to_two_channels_is_two_submissions_with_keys_of_their_own() -> None:
    two = mail(
        channels=("news", "family"),
        recipients=(b"post@x", b"f@x"),
        unknown=("family",),
        flags=("a",),
    )
    news, family = strip(two, SECRETS)
    assert (news.channel, family.channel) == ("news", "family")
    assert (news.flags, family.flags) == (("a",), ("a", "unknown_address"))
    assert news.content is family.content
    assert not set(news.repeat_keys) & set(family.repeat_keys)
    alone = strip(mail(channels=("family",), recipients=(b"f@x",)), SECRETS)[0]
    assert alone.repeat_keys == family.repeat_keys


def test_a_fetched_mail_is_known_by_its_place_and_by_its_bytes() -> None:
    def keys(**changes: object) -> tuple[bytes, ...]:
        return strip(mail(**{"provider_id": b"box 1", **changes}), SECRETS)[0].repeat_keys

    assert len(keys()) == 2
    assert keys(provider_id=b"box 2")[0] == keys()[0]  # the folder was made anew, or restored
    assert keys(content=MAIL + b".")[1] == keys()[1]
    assert not set(keys(content=MAIL + b".", provider_id=b"box 2")) & set(keys())
    assert not set(strip(sms(provider_id=b"box 1"), SECRETS)[0].repeat_keys) & set(keys())


def test_nothing_that_a_provider_adds_gets_through() -> None:
    added = (
        b"Return-Path: <marjan@example.net>\r\n"
        b"Delivered-To: relay@example.org\r\n"
        b"X-Original-To: relay@example.org\r\n"
        b"Received: from a (a [203.0.113.9])\r\n\tby b for <relay@example.org>\r\n"
        b"Authentication-Results: b; spf=pass smtp.mailfrom=marjan@example.net;\r\n"
        b" dkim=pass header.d=example.net\r\n"
        b"ARC-Seal: i=1; d=example.com; b=abc\r\n"
        b"X-Originating-IP: [203.0.113.9]\r\n"
        b"X-Received: by 2001:db8::1\r\n"
        b"X-Spam-Report: marjan@example.net is known\r\n"
        b"Thread-Index: AdmarjanQ==\r\n"
    )
    assert strip(mail(added + MAIL), SECRETS)[0].content == strip(mail(), SECRETS)[0].content


def test_a_providers_id_is_the_key_and_nothing_else_counts() -> None:
    first = strip(sms(), SECRETS)[0].repeat_keys
    assert (
        strip(sms(content=b"changed", sender=b"+1", claimed_at=b"13:00"), SECRETS)[0].repeat_keys
        == first
    )
    assert len(first) == 1
    assert strip(sms(provider_id=b"id-2"), SECRETS)[0].repeat_keys != first
    assert strip(sms(channels=("family",)), SECRETS)[0].repeat_keys != first


def test_without_an_id_sender_text_and_time_are_the_key() -> None:
    first = strip(sms(provider_id=b""), SECRETS)[0].repeat_keys
    assert strip(sms(provider_id=b""), SECRETS)[0].repeat_keys == first
    for change in ({"content": b"x"}, {"sender": b"+1"}, {"claimed_at": b"x"}):
        assert not set(strip(sms(provider_id=b"", **change), SECRETS)[0].repeat_keys) & set(first)


def test_a_gateway_that_repeats_under_new_ids_gives_a_second_key() -> None:
    first = strip(sms(repeats_without_id=True), SECRETS)[0].repeat_keys
    again = strip(sms(repeats_without_id=True, provider_id=b"id-2"), SECRETS)[0].repeat_keys
    assert len(first) == 2
    assert first[0] != again[0] and first[1] == again[1]


def test_the_join_secret_of_before_still_recognises_what_came_then() -> None:
    before = strip(sms(provider_id=b""), SECRETS)[0].repeat_keys
    rolled = replace(SECRETS, join_secret=b"k" * 32, join_previous=SECRETS.join_secret)
    assert set(before) <= set(strip(sms(provider_id=b""), rolled)[0].repeat_keys)


def test_author_tags_meet_across_midnight_and_not_after_two_days() -> None:
    def tags(today: bytes, yesterday: bytes) -> set[bytes]:
        keys = replace(SECRETS, tag_today=today * 32, tag_yesterday=yesterday * 32)
        return set(strip(sms(), keys)[0].author_tags)

    assert tags(b"2", b"1") & tags(b"3", b"2")
    assert not tags(b"2", b"1") & tags(b"4", b"3")


def test_a_bounce_has_no_author_and_no_network() -> None:
    assert strip(mail(sender=b""), SECRETS)[0].author_tags == ()
    assert strip(mail(sender=b""), SECRETS)[0].network_tags == ()


def networks_of(arrival: Arrival) -> tuple[bytes, ...]:
    return strip(arrival, SECRETS)[0].network_tags


def test_two_of_one_network_have_one_tag_and_two_authors() -> None:
    assert networks_of(mail(sender=b"a@x.example")) == networks_of(mail(sender=b"b@X.example"))
    assert networks_of(mail(sender=b"a@x.example")) != networks_of(mail(sender=b"a@y.example"))
    one, other = (sms(sender=of, flags=("sms",)) for of in (b"+989121234567", b"+989127654321"))
    assert networks_of(one) == networks_of(other) != ()
    assert networks_of(one) != networks_of(sms(sender=b"+989351234567", flags=("sms",)))
    form = sms(sender=b"", network=b"c0a801")
    assert len(networks_of(form)) == 2
    assert networks_of(form) != networks_of(replace(form, network=b"c0a802"))


def test_a_chat_a_name_and_a_proxy_have_no_network() -> None:
    assert networks_of(sms(sender=b"7123456789")) == ()
    assert networks_of(sms(sender=b"INFO", flags=("sms",))) == ()
    assert networks_of(sms(sender=b"", network=b"")) == ()


def test_a_network_cannot_be_tried_without_the_key_of_the_day() -> None:
    other = replace(SECRETS, tag_today=b"7" * 32, tag_yesterday=b"8" * 32)
    of_other = strip(mail(), other)[0].network_tags
    assert set(networks_of(mail())).isdisjoint(of_other)
    assert set(networks_of(mail())).isdisjoint(strip(mail(), SECRETS)[0].author_tags)


def test_neither_arrival_nor_secrets_can_be_printed() -> None:
    for shown in (repr(SECRETS), repr(mail()), repr(strip(mail(), SECRETS)[0])):
        assert "marjan" not in shown and "nnnn" not in shown and "shooting" not in shown
