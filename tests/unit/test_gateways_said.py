"""What gateways say: texts, segments, pictures, and what is none of them."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sms_gateways import CASES, KEY, NOW, asked

from relay.testing.gateways import Post, posts
from relay.testing.gateways.api import ACCOUNT
from relay.transports.gateways.android import Android
from relay.transports.gateways.generic import Generic
from relay.transports.gateways.infobip import MOST_MESSAGES
from relay.transports.gateways.kannel import Kannel
from relay.transports.gateways.said import (
    SEGMENT_BYTES,
    TEXT_BYTES,
    Alive,
    Gateway,
    Heard,
    Ignored,
    Malformed,
    Said,
    Service,
    TooLong,
    is_a_person,
)
from relay.transports.gateways.table import GATEWAYS, Account
from relay.transports.inlet import Request
from relay.transports.userdata import WHOLE, header_of

URL = "https://news.example.org/in/phone"
PICTURE = b"\xff\xd8\xff picture"


def said(name: str, post: Post) -> list[Said]:
    return list(made(name).said(asked(post)))


def made(name: str) -> Gateway:
    return GATEWAYS[name].make(Account(secret=KEY, url=URL, id=ACCOUNT))


def one(name: str, post: Post) -> Said:
    [only] = said(name, post)
    return only


def heard(name: str, post: Post) -> Heard:
    only = one(name, post)
    assert isinstance(only, Heard)
    return only


def android(event: str = "sms:received", **payload: object) -> Said:
    return one("android", posts.android(URL, KEY, now=NOW, event=event, **payload))


def generic(**fields: object) -> Said:
    return one("generic", posts.generic(URL, KEY, now=NOW, **fields))


# ---------------------------------------------------------------- texts


def test_an_sms_from_the_phone_is_heard() -> None:
    said = android(sender="+98 912 123-4567", recipient=None, receivedAt="t")
    assert said == Heard(b"hello", b"+989121234567", b"", b"Ey6ECgOkVVFjz3CL48B8C", b"t")


def test_an_older_app_calls_the_sender_by_another_name() -> None:
    body = {"event": "sms:received", "id": "n1"}
    body |= {"payload": {"message": "hello", "phoneNumber": "+989121234567"}}
    [said] = Android(KEY).said(Request("POST", "", "", {}, json.dumps(body).encode()))
    assert isinstance(said, Heard) and said.sender == b"+989121234567"


def test_an_sms_in_our_own_format_is_heard() -> None:
    assert generic(to="+4930123456") == Heard(
        b"hello", b"+989121234567", b"+4930123456", b"1", b"12:00"
    )
    assert generic(id=7, at=1_800_000_000, to=None) == Heard(
        b"hello", b"+989121234567", b"", b"7", b"1800000000"
    )


@pytest.mark.parametrize("event", ["sms:sent", "sms:failed", "mms:received", "sms:data-received"])
def test_other_events_are_ignored(event: str) -> None:
    assert android(event=event) == Ignored()


def test_a_ping_is_a_sign_of_life_and_nothing_else() -> None:
    assert android(event="system:ping", health={"status": "pass"}) == Alive()


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_id_may_be_missing_null_or_empty(nothing: object) -> None:
    said = generic(id=nothing)
    assert isinstance(said, Heard) and said.id == b""


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_an_empty_text_is_ignored(name: str, text: str) -> None:
    case = CASES[name]
    assert list(case.made().said(asked(case.post(text)))) == [Ignored()]


PEOPLE = [
    ("+989121234567", True),
    ("1234567", True),
    ("(030) 123-45.67", True),
    ("۰۹۱۲۱۲۳۴۵۶۷", True),
    ("123456", False),
    ("+123456", False),
    ("700", False),
    ("Bank Melli", False),
    ("Bank1234567", False),
    ("+", False),
    ("", False),
    ("++1234567", False),
    ("a@example.net", False),
]


@pytest.mark.parametrize(("sender", "person"), PEOPLE)
def test_a_name_or_a_short_number_is_a_service(sender: str, person: bool) -> None:
    assert is_a_person(sender) is person
    assert isinstance(generic(**{"from": sender}), Heard if person else Service)


@pytest.mark.parametrize(
    ("name", "post"),
    [
        ("android", posts.android(URL, KEY, now=NOW, sender="Bank")),
        ("twilio", posts.twilio(URL, KEY, ACCOUNT, From="Bank")),
        ("vonage", posts.vonage_sms(URL, KEY, ACCOUNT, now=NOW, msisdn="Bank")),
        ("vonage", posts.vonage_message(URL, KEY, ACCOUNT, now=NOW, **{"from": "Bank"})),
        ("africastalking", posts.africastalking(URL, **{"from": "Bank"})),
        ("infobip", posts.infobip(URL, "code 1234", **{"from": "Bank"})),
        ("messagebird", posts.messagebird(URL, KEY, now=NOW, originator="Bank")),
        ("plivo", posts.plivo(URL, KEY, From="Bank")),
        ("smssync", posts.smssync(URL, "key", **{"from": "Bank"})),
        ("kannel", posts.kannel(URL, "code 1234", sender="Bank")),
        (
            "vonage",
            posts.vonage_sms(
                URL,
                KEY,
                ACCOUNT,
                now=NOW,
                msisdn="Bank",
                concat="true",
                concat_ref="1",
                concat_part="1",
                concat_total="2",
            ),
        ),
    ],
)
def test_no_service_is_a_person_whatever_brings_it(name: str, post: Post) -> None:
    assert one(name, post) == Service()


def test_one_number_has_one_spelling() -> None:
    spelt = {
        generic(**{"from": s}) for s in ("+98 912 1234567", "+98(912)123-4567", "+۹۸۹۱۲۱۲۳۴۵۶۷")
    }
    assert len(spelt) == 1


MALFORMED = [
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"{",
    b"\xff\xfe",
    b'{"from": "+989121234567"}',
    b'{"text": "x"}',
    b'{"text": 1, "from": "+989121234567"}',
    b'{"text": "x", "from": 989121234567}',
    b'{"text": "x", "from": "+989121234567", "id": {}}',
    b'{"text": "x", "from": "+989121234567", "id": true}',
    b'{"text": "x", "from": "+989121234567", "at": 1.5}',
    b"[" * 100_000,
    b'{"a":' * 1000 + b"1" + b"}" * 1000,
    b"1" * 10_000,
]


@pytest.mark.parametrize("body", MALFORMED)
def test_what_is_not_the_format_is_malformed(body: bytes) -> None:
    request = Request("POST", "", "", {"content-type": "application/json"}, body)
    for name in ("generic", "android", "vonage", "infobip"):
        assert set(made(name).said(request)) <= {Malformed()}


@pytest.mark.parametrize("payload", [None, [], {}, "x"])
@pytest.mark.parametrize("event", ["sms:received", "mms:downloaded"])
def test_a_payload_that_is_none_is_malformed(payload: object, event: str) -> None:
    body = json.dumps({"event": event, "payload": payload}).encode()
    assert list(made("android").said(Request("POST", "", "", {}, body))) == [Malformed()]


@pytest.mark.parametrize("name", ["twilio", "plivo", "africastalking", "smssync", "messagebird"])
def test_a_form_that_says_a_thing_twice_is_malformed(name: str) -> None:
    request = asked(CASES[name].post())
    twice = replace(request, body=request.body + b"&" + request.body)
    assert list(made(name).said(twice)) == [Malformed()]


@pytest.mark.parametrize("name", ["twilio", "plivo", "africastalking", "smssync", "messagebird"])
def test_a_form_that_is_no_utf8_or_without_end_is_malformed(name: str) -> None:
    for body in (b"Body=%ff&From=%2B989121234567", b"a=1&" * 300):
        assert list(made(name).said(Request("POST", "", "", {}, body))) == [Malformed()]


def test_half_a_surrogate_pair_is_no_reason_to_lose_the_rest() -> None:
    body = b'{"text":"a\\ud83d b \\ud83d\\ude00","from":"+989121234567"}'
    [said] = Generic(KEY).said(Request("POST", "", "", {}, body))
    assert isinstance(said, Heard) and said.text.decode() == "a\ufffd b 😀"


def test_a_text_at_the_limit_is_heard_and_one_byte_more_is_not() -> None:
    assert isinstance(generic(text="x" * TEXT_BYTES), Heard)
    assert generic(text="x" * (TEXT_BYTES + 1)) == TooLong()
    assert generic(text="ی" * (TEXT_BYTES // 2) + "x") == TooLong()


def test_what_was_heard_cannot_be_printed() -> None:
    assert "hello" not in repr(generic()) and "9121234567" not in repr(generic())


# ---------------------------------------------------------------- several, and parts


def test_infobip_says_several_things_at_once() -> None:
    texts = [item.text.decode() for item in said("infobip", posts.infobip(URL, "one", "two"))]  # type: ignore[union-attr]
    assert texts == ["one", "two"]


def test_what_infobip_says_of_nobody_is_ignored_and_too_much_is_not_its_format() -> None:
    assert said("infobip", posts.infobip(URL)) == [Ignored()]
    post = posts.infobip(URL, *["x"] * (MOST_MESSAGES + 1))
    assert said("infobip", post) == [Malformed()]
    body = b'{"results": [1, {"text": "x", "from": "+989121234567"}]}'
    first, second = made("infobip").said(Request("POST", "", "", {}, body))
    assert first == Malformed() and isinstance(second, Heard)


def part(text: str, number: int, of: int = 3, ref: str = "171") -> Heard:
    more = {"concat": "true", "concat_ref": ref, "concat_part": str(number)}
    post = posts.vonage_sms(
        URL, KEY, ACCOUNT, now=NOW, text=text, type="unicode", concat_total=str(of), **more
    )
    return heard("vonage", post)


@given(st.text(st.characters(codec="utf-16"), min_size=1, max_size=66))
def test_a_part_from_vonage_is_a_segment_of_octets(text: str) -> None:
    whole = text.encode("utf-16-be")
    segments = [whole[:2], whole[2:]] if len(whole) > 2 else [whole]
    halves = [one.decode("utf-16-be", "surrogatepass") for one in segments]
    heard = [part(half, n + 1, len(halves)) for n, half in enumerate(halves)]
    assert b"".join(one.text for one in heard) == whole
    assert {one.kind for one in heard} == {"ucs2"}
    assert [(one.segment, one.segments) for one in heard] == [
        (n + 1, len(halves)) for n in range(len(halves))
    ]
    assert {one.reference for one in heard} == {b"171"}


def test_blanks_alone_are_a_part() -> None:
    assert part("   ", 2).text == "   ".encode("utf-16-be")


@pytest.mark.parametrize(
    ("number", "of", "ref"), [(0, 3, "1"), (4, 3, "1"), (1, 256, "1"), (1, 3, "")]
)
def test_a_part_that_cannot_be_one_is_malformed(number: int, of: int, ref: str) -> None:
    more = {"concat": "true", "concat_ref": ref, "concat_part": str(number)}
    post = posts.vonage_sms(URL, KEY, ACCOUNT, now=NOW, concat_total=str(of), **more)
    assert one("vonage", post) == Malformed()


def test_a_part_longer_than_any_is_too_long() -> None:
    more = {"concat": "true", "concat_ref": "1", "concat_part": "1", "concat_total": "2"}
    text = "x" * (SEGMENT_BYTES // 2 + 1)
    assert one("vonage", posts.vonage_sms(URL, KEY, ACCOUNT, now=NOW, text=text, **more)) == (
        TooLong()
    )


def test_a_receipt_and_a_binary_sms_of_vonage_are_ignored() -> None:
    receipt = Post(URL, b'{"status": "delivered", "messageId": "1"}', posts.JSON)
    assert one("vonage", receipt) == Ignored()
    binary = posts.vonage_sms(URL, KEY, ACCOUNT, now=NOW, type="binary", data="0a0b", udh="00")
    assert one("vonage", binary) == Ignored()


@pytest.mark.parametrize("channel", ["whatsapp", "messenger", "viber_service"])
def test_other_channels_of_vonage_are_ignored(channel: str) -> None:
    post = posts.vonage_message(URL, KEY, ACCOUNT, now=NOW, channel=channel)
    assert one("vonage", post) == Ignored()


# ---------------------------------------------------------------- Kannel


PERSIAN = "سلام دنیا 😀"


def test_kannel_is_read_by_the_charset_that_it_names() -> None:
    for coding, charset in ((2, "UTF-16BE"), (0, "UTF-8"), (0, "ISO-8859-1")):
        text = "é" if charset == "ISO-8859-1" else PERSIAN
        post = posts.kannel(URL, text, coding=coding, charset=charset)
        assert heard("kannel", post).text.decode() == text


def test_kannel_without_a_charset_means_what_its_coding_means() -> None:
    for coding, charset in ((2, "utf-16-be"), (0, "utf-8")):
        headers = {"x-kannel-from": "%2B989121234567", "x-kannel-coding": str(coding)}
        request = Request("POST", "", "", headers, PERSIAN.encode(charset))
        [said] = Kannel().said(request)
        assert isinstance(said, Heard)
        assert said.text.decode() == PERSIAN and said.sender == b"+989121234567"


def test_eight_bits_and_an_unknown_charset_are_no_text() -> None:
    assert one("kannel", posts.kannel(URL, b"\x06\x05", coding=1)) == Ignored()
    post = posts.kannel(URL, b"x")
    request = replace(asked(post), query="id=1&from=%2B989121234567&charset=EBCDIC-FR")
    assert list(Kannel().said(request)) == [Malformed()]


@pytest.mark.parametrize(
    ("udh", "reference"),
    [
        (b"\x05\x00\x03\xab\x03\x02", b"\xab"),
        (b"\x06\x08\x04\x01\xab\x03\x02", b"\x01\xab"),
    ],
)
def test_what_kannel_did_not_join_is_a_segment(udh: bytes, reference: bytes) -> None:
    half = PERSIAN.encode("utf-16-be")[:-2]  # cut in the middle of a pair
    said = heard("kannel", posts.kannel(URL, half, coding=2, charset="UTF-16BE", udh=udh))
    assert (said.text, said.kind) == (half, "ucs2")
    assert (said.segment, said.segments, said.reference) == (2, 3, reference)
    header_only = asked(posts.kannel(URL, half, coding=2, charset="UTF-16BE", udh=udh))
    [again] = Kannel().said(
        replace(header_only, query="id=1&from=%2B989121234567&coding=2&charset=UTF-16BE")
    )
    assert isinstance(again, Heard) and again.reference == reference


def test_a_segment_of_latin_letters_is_one_as_well() -> None:
    udh = b"\x05\x00\x03\x01\x02\x01"
    said = heard("kannel", posts.kannel(URL, "x" * 153, udh=udh))
    assert said.text == ("x" * 153).encode("utf-16-be")


@pytest.mark.parametrize(
    "udh",
    [
        b"",
        b"\x00",
        b"\x05\x00\x03\xab\x01\x01",
        b"\x04\x0a\x02\x00\x05",
        b"\xff",
        b"\x05\x00",
    ],
)
def test_other_headers_and_torn_ones_make_no_segment(udh: bytes) -> None:
    assert header_of(udh).part is WHOLE
    assert heard("kannel", posts.kannel(URL, PERSIAN, udh=udh)).segments == 0


@given(st.binary(max_size=20))
def test_no_header_of_a_segment_is_too_strange(udh: bytes) -> None:
    header_of(udh)


# ---------------------------------------------------------------- pictures


def picture(**attachment: Any) -> dict[str, Any]:
    made = {"partId": 1, "contentType": "image/jpeg", "name": "whose.jpg", "size": len(PICTURE)}
    return made | {"data": base64.b64encode(PICTURE).decode()} | attachment


def test_an_mms_of_the_phone_comes_with_its_pictures() -> None:
    said = android(
        "mms:downloaded",
        subject="Look",
        body="what I saw",
        attachments=[picture(contentType="application/smil", data="PHNtaWw+"), picture()],
    )
    assert isinstance(said, Heard)
    assert (said.text, said.media, said.lacking) == (
        b"Look\n\nwhat I saw",
        (("image/jpeg", PICTURE),),
        False,
    )


@pytest.mark.parametrize("data", [None, "", "é", "x"])
def test_a_picture_that_the_phone_has_not_is_said_to_lack(data: object) -> None:
    said = android("mms:downloaded", body="text", attachments=[picture(data=data), picture()])
    assert isinstance(said, Heard)
    assert said.lacking and len(said.media) == 1 and said.text == b"text"


def test_an_mms_without_anything_is_ignored() -> None:
    assert android("mms:downloaded", body=None, subject=None, attachments=None) == Ignored()


@pytest.mark.parametrize(
    ("name", "post"),
    [
        (
            "twilio",
            posts.twilio(
                URL,
                KEY,
                ACCOUNT,
                NumMedia="2",
                MediaUrl0="https://m/0",
                MediaContentType0="image/jpeg",
                MediaUrl1="https://m/1",
            ),
        ),
        (
            "vonage",
            posts.vonage_message(
                URL,
                KEY,
                ACCOUNT,
                now=NOW,
                channel="mms",
                message_type="content",
                text=None,
                content=[
                    {"type": "text", "text": "hello"},
                    {"type": "image", "url": "https://m/0"},
                    {"type": "vcard", "url": "https://m/1"},
                ],
            ),
        ),
        ("messagebird", posts.messagebird(URL, KEY, now=NOW, media=["https://m/0", "https://m/1"])),
        (
            "plivo",
            posts.plivo(URL, KEY, Media1="https://m/1", Media0="https://m/0", MediaCount="2"),
        ),
    ],
)
def test_pictures_that_wait_at_the_gateway_are_named(name: str, post: Post) -> None:
    said = heard(name, post)
    assert said.text == b"hello"
    assert [link.url for link in said.links] == ["https://m/0", "https://m/1"]
    assert "https" not in repr(said.links)


def test_one_picture_of_vonage_has_its_words_beneath() -> None:
    image = {"url": "https://m/0", "caption": "what I saw"}
    post = posts.vonage_message(
        URL, KEY, ACCOUNT, now=NOW, channel="mms", message_type="image", text=None, image=image
    )
    said = heard("vonage", post)
    assert said.text == b"what I saw" and [link.url for link in said.links] == ["https://m/0"]


def test_a_picture_needs_no_word() -> None:
    post = posts.twilio(URL, KEY, ACCOUNT, Body="", MediaUrl0="https://m/0")
    assert heard("twilio", post).text == b""


def test_letters_of_a_national_table_are_marked_which_kannel_does_not_know() -> None:
    for more in (b"", b"\x00\x03\x07\x02\x01"):
        inside = b"\x24\x01\x01" + more
        udh = bytes([len(inside)]) + inside
        assert heard("kannel", posts.kannel(URL, "cok", udh=udh)).flags == ("national-alphabet",)
        wide = posts.kannel(URL, "cok".encode("utf-16-be"), coding=2, charset="UTF-16BE", udh=udh)
        assert heard("kannel", wide).flags == ()


@pytest.mark.parametrize("inside", [b"\x05\x04\x0b\x84\x23\xf0", b"\x01\x02\x00\x01"])
def test_what_is_for_a_program_or_tells_of_a_voice_mail_is_none_of_a_person(inside: bytes) -> None:
    post = posts.kannel(URL, "x", udh=bytes([len(inside)]) + inside)
    assert one("kannel", post) == Service()


def test_who_wrote_may_stand_in_kannels_address() -> None:
    request = asked(posts.kannel(URL, PERSIAN))
    headers = {name: one for name, one in request.headers.items() if name != "x-kannel-from"}
    request = replace(request, headers=headers)
    assert list(Kannel().said(request)) == [Malformed()]
    [said] = Kannel().said(replace(request, query=request.query + "&from=%2B98%20912%201234567"))
    assert isinstance(said, Heard) and said.sender == b"+989121234567"
