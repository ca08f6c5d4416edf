"""What gateways say, and who may say it."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from typing import Any

import pytest

from relay.transports.gateways.android import Android
from relay.transports.gateways.generic import Generic
from relay.transports.gateways.said import (
    TEXT_BYTES,
    Gateway,
    Heard,
    Ignored,
    Malformed,
    Said,
    Service,
    TooLong,
    is_a_person,
)

NOW = 1_800_000_000
KEY = b"signing key"


def android_headers(body: bytes, at: int = NOW, key: bytes = KEY) -> dict[str, str]:
    stamp = str(at)
    made = hmac.new(key, body + stamp.encode(), sha256).hexdigest()
    return {"x-timestamp": stamp, "x-signature": made}


def generic_headers(body: bytes, at: int = NOW, key: bytes = KEY) -> dict[str, str]:
    stamp = str(at)
    made = hmac.new(key, stamp.encode() + b"." + body, sha256).hexdigest()
    return {"x-outword-timestamp": stamp, "x-outword-signature": made}


SIGNED = [
    pytest.param(Android(KEY), android_headers, id="android"),
    pytest.param(Generic(KEY), generic_headers, id="generic"),
]


def test_the_signatures_are_those_of_the_formats() -> None:
    # Worked out with `openssl dgst -sha256 -hmac k`, not by the code above.
    body, now = b'{"id":"1"}', 1_700_000_000
    android = "2c7d2d580a9b18976c995bda2fd5e5c194715b69ca5947903761a5215eff4b65"
    assert Android(b"k").verify({"x-timestamp": str(now), "x-signature": android}, body, now)
    generic = "8e4d2e46d941e016f0a5cb0474f5dec3509be60cea9237f805fea6fa18ab5c70"
    headers = {"x-outword-timestamp": str(now), "x-outword-signature": generic}
    assert Generic(b"k").verify(headers, body, now)


@pytest.mark.parametrize(("gateway", "headers"), SIGNED)
def test_a_right_signature_holds_for_five_minutes_each_way(gateway: Gateway, headers: Any) -> None:
    signed = headers(b"body")
    for shift, good in ((0, True), (300, True), (-300, True), (301, False), (-301, False)):
        assert gateway.verify(signed, b"body", NOW + shift) is good


@pytest.mark.parametrize(("gateway", "headers"), SIGNED)
def test_every_other_signature_is_wrong(gateway: Gateway, headers: Any) -> None:
    stamp, name = headers(b"body")
    good = headers(b"body")
    wrong = [
        {},
        {stamp: good[stamp]},
        {name: good[name]},
        good | {name: ""},
        good | {name: good[name].upper()},
        good | {name: good[name][:-1]},
        good | {name: good[name] + "0"},
        good | {name: "é" * 64},
        good | {name: f"{good[name]}, {good[name]}"},
        good | {stamp: str(NOW + 1)},
        good | {stamp: ""},
        good | {stamp: f" {NOW}"},
        headers(b"body", key=b"other"),
        headers(b'{"b":1,"a":2}'),
    ]
    for one in wrong:
        assert not gateway.verify(one, b"body", NOW)
    assert not gateway.verify(good, b"body ", NOW)


@pytest.mark.parametrize(("gateway", "headers"), SIGNED)
@pytest.mark.parametrize("stamp", ["", "+1800000000", "1e9", "١٨٠٠٠٠٠٠٠٠", "-1", "9" * 13, "x"])
def test_a_timestamp_is_digits_even_when_it_is_signed(
    gateway: Gateway, headers: Any, stamp: str
) -> None:
    name, signature = headers(b"body")
    parts = (b"body", stamp.encode()) if name == "x-timestamp" else (stamp.encode(), b".body")
    made = hmac.new(KEY, b"".join(parts), sha256).hexdigest()
    assert not gateway.verify({name: stamp, signature: made}, b"body", NOW)


@pytest.mark.parametrize("kind", [Android, Generic])
def test_an_empty_secret_is_no_secret(kind: Any) -> None:
    with pytest.raises(ValueError):
        kind(b"")


# ---------------------------------------------------------------- what is said


def android(event: object = "sms:received", outer: object = "n1", **payload: object) -> Said:
    whole = {"message": "hello", "sender": "+98 912 123-4567", "receivedAt": "t"} | payload
    body = {"deviceId": "d", "event": event, "id": outer, "webhookId": "w", "payload": whole}
    return Android(KEY).said(json.dumps(body).encode())


def generic(**fields: object) -> Said:
    whole = {"id": "1", "from": "+989121234567", "text": "hello", "at": "12:00"} | fields
    return Generic(KEY).said(json.dumps(whole).encode())


def test_an_sms_from_the_phone_is_heard() -> None:
    said = android(recipient=None, simNumber=1, messageId="deadbeef")
    assert said == Heard(b"hello", b"+989121234567", b"", b"n1", b"t")


def test_an_older_app_calls_the_sender_by_another_name() -> None:
    payload = {"message": "hello", "phoneNumber": "+989121234567"}
    body = {"event": "sms:received", "id": "n1", "payload": payload}
    said = Android(KEY).said(json.dumps(body).encode())
    assert isinstance(said, Heard) and said.sender == b"+989121234567"


@pytest.mark.parametrize(
    "event", ["system:ping", "sms:sent", "mms:received", "sms:data-received", ""]
)
def test_other_events_are_ignored(event: str) -> None:
    assert android(event=event) == Ignored()


def test_an_sms_in_our_own_format_is_heard() -> None:
    assert generic(to="+4930123456") == Heard(
        b"hello", b"+989121234567", b"+4930123456", b"1", b"12:00"
    )
    assert generic(id=7, at=1_800_000_000) == Heard(
        b"hello", b"+989121234567", b"", b"7", b"1800000000"
    )


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_id_may_be_missing_null_or_empty(nothing: object) -> None:
    said = generic(id=nothing)
    assert isinstance(said, Heard) and said.id == b""


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_an_empty_text_is_ignored(text: str) -> None:
    assert generic(text=text) == android(message=text) == Ignored()


@pytest.mark.parametrize(
    ("sender", "person"),
    [
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
    ],
)
def test_a_name_or_a_short_number_is_a_service(sender: str, person: bool) -> None:
    assert is_a_person(sender) is person
    assert isinstance(generic(**{"from": sender}), Heard if person else Service)


def test_one_number_has_one_spelling() -> None:
    spelt = {
        generic(**{"from": s}) for s in ("+98 912 1234567", "+98(912)123-4567", "+۹۸۹۱۲۱۲۳۴۵۶۷")
    }
    assert len(spelt) == 1


@pytest.mark.parametrize(
    "body",
    [
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
    ],
)
def test_what_is_not_the_format_is_malformed(body: bytes) -> None:
    assert Generic(KEY).said(body) == Malformed()
    assert Android(KEY).said(body) == Malformed()


def test_a_payload_that_is_none_is_malformed() -> None:
    for payload in (b"null", b"[]", b"{}"):
        assert (
            Android(KEY).said(b'{"event":"sms:received","payload":' + payload + b"}") == Malformed()
        )


def test_half_a_surrogate_pair_is_no_reason_to_lose_the_rest() -> None:
    said = Generic(KEY).said(b'{"text":"a\\ud83d b \\ud83d\\ude00","from":"+989121234567"}')
    assert isinstance(said, Heard) and said.text.decode() == "a\ufffd b 😀"


def test_zero_width_joiners_and_persian_survive() -> None:
    said = generic(text="می\u200cخواهم")
    assert isinstance(said, Heard) and said.text.decode() == "می\u200cخواهم"


def test_a_text_at_the_limit_is_heard_and_one_byte_more_is_not() -> None:
    assert isinstance(generic(text="x" * TEXT_BYTES), Heard)
    assert generic(text="x" * (TEXT_BYTES + 1)) == TooLong()
    assert generic(text="ی" * (TEXT_BYTES // 2) + "x") == TooLong()


def test_what_was_heard_cannot_be_printed() -> None:
    assert "hello" not in repr(generic()) and "912" not in repr(generic())
