"""Who may speak for a gateway, whichever it is."""

from __future__ import annotations

import hmac
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from sms_gateways import CASES, KEY, NOW, OTHER, Case, asked

from relay.testing.gateways import Post, posts
from relay.testing.gateways.api import ACCOUNT
from relay.transports.gateways.android import Android
from relay.transports.gateways.generic import Generic
from relay.transports.gateways.messagebird import MessageBird
from relay.transports.gateways.plivo import Plivo
from relay.transports.gateways.proof import Nonces, claims_of
from relay.transports.gateways.said import Heard
from relay.transports.gateways.smssync import SmsSync
from relay.transports.gateways.table import GATEWAYS
from relay.transports.gateways.twilio import Twilio
from relay.transports.gateways.vonage import Vonage
from relay.transports.inlet import Request

DAY = 24 * 3600
EACH = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
SIGNING = {name: case for name, case in CASES.items() if case.signs}
SIGNED = pytest.mark.parametrize("case", SIGNING.values(), ids=SIGNING)
TIMED = {name: case for name, case in CASES.items() if case.timed}


def test_every_gateway_of_the_settings_is_tried_here() -> None:
    assert {case.gateway for case in CASES.values()} == set(GATEWAYS)
    assert {c.gateway for c in CASES.values() if c.signs} == {
        name for name, kind in GATEWAYS.items() if kind.signs
    }


@EACH
def test_what_the_provider_sends_is_heard(case: Case) -> None:
    gateway, request = case.made(), asked(case.post("سلام 😀 &=+%"))
    assert gateway.verify(request, NOW)
    [said] = gateway.said(request)
    assert isinstance(said, Heard)
    assert said.text.decode() == "سلام 😀 &=+%"
    assert said.sender.lstrip(b"+") == b"989121234567"
    assert said.recipient.lstrip(b"+") == b"15550100123" and said.id == b"id-1"
    assert "989121234567" not in repr(said) and "hello" not in repr(request)


@SIGNED
def test_another_key_is_not_ours(case: Case) -> None:
    assert not case.made().verify(asked(case.post(key=OTHER)), NOW)


@SIGNED
def test_a_changed_text_is_not_theirs(case: Case) -> None:
    request = asked(case.post())
    changed = replace(request, body=request.body.replace(b"hello", b"HELLO"))
    # SMSSync signs nothing, its secret stands beside the text; Plivo's V2 covers the address only.
    good = case.gateway == "smssync" or "x-plivo-signature-v3" not in request.headers
    expected = good and case.gateway in ("smssync", "plivo")
    assert case.made().verify(changed, NOW) is expected


@SIGNED
def test_nothing_is_no_signature_and_neither_is_half_of_one(case: Case) -> None:
    request = asked(case.post())
    proofs = [name for name in request.headers if "signature" in name or name == "authorization"]
    if "x-plivo-signature-v3" in proofs:  # then the older one does not count
        proofs = [name for name in proofs if "v2" not in name]
    for name in (one for one in proofs if not one.endswith("settings")):
        value = request.headers[name]
        for wrong in ("", value[:-1], value.swapcase(), value + "0", "é" * 64, f"{value}.{value}"):
            headers = {**request.headers, name: wrong}
            assert not case.made().verify(replace(request, headers=headers), NOW), (name, wrong)


@SIGNED
def test_without_its_headers_a_request_is_nobodys(case: Case) -> None:
    request = replace(asked(case.post()), headers={})
    shown_in_the_form = case in (CASES["smssync"], CASES["vonage as a form, by SHA-512"])
    assert case.made().verify(request, NOW) is shown_in_the_form


@SIGNED
def test_an_empty_secret_is_no_secret(case: Case) -> None:
    with pytest.raises(ValueError):
        case.made(key=b"")


@pytest.mark.parametrize("name", ["android", "generic"])
def test_a_signature_holds_for_five_minutes_each_way(name: str) -> None:
    case = CASES[name]
    for shift, good in ((0, True), (300, True), (-300, True), (301, False), (-301, False)):
        assert case.made().verify(asked(case.post()), NOW + shift) is good


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("vonage")])
def test_what_vonage_tries_again_for_a_day_holds_a_day(name: str) -> None:
    case = CASES[name]
    for shift, good in ((0, True), (DAY, True), (DAY + 301, False), (-300, True), (-301, False)):
        assert case.made().verify(asked(case.post()), NOW + shift) is good


def test_a_web_token_holds_as_long_as_it_says() -> None:
    case = CASES["messagebird"]
    for shift, good in ((0, True), (59, True), (70, False), (-10, False)):
        assert case.made().verify(asked(case.post()), NOW + shift) is good


SIGN_THE_ADDRESS = [n for n, c in CASES.items() if GATEWAYS[c.gateway].signs_address]


@pytest.mark.parametrize("name", SIGN_THE_ADDRESS)
def test_what_was_signed_for_another_transport_is_not_for_this_one(name: str) -> None:
    case = CASES[name]
    request = asked(case.post(name="other"), name="other")
    assert case.made(name="other").verify(request, NOW)
    assert not case.made(name="phone").verify(request, NOW)


@pytest.mark.parametrize("name", SIGN_THE_ADDRESS)
def test_a_query_that_nobody_signed_is_not_theirs(name: str) -> None:
    case = CASES[name]
    request = replace(asked(case.post()), query="bodySHA256=0")
    covers = "plivo" not in name or name.endswith("V3")
    assert case.made().verify(request, NOW) is not covers


@pytest.mark.parametrize("name", [n for n in CASES if n.startswith(("twilio", "vonage"))])
def test_what_was_signed_for_another_account_is_not_for_ours(name: str) -> None:
    case = CASES[name]
    assert not case.made().verify(asked(case.post(account="AC" + "f" * 32)), NOW)


def test_the_public_address_counts_and_never_the_host_that_was_asked_for() -> None:
    case = CASES["twilio"]
    request = asked(case.post())
    lied = {**request.headers, "host": "other.example.net", "x-forwarded-host": "x"}
    assert case.made().verify(replace(request, headers=lied), NOW)
    forged = posts.twilio("https://other.example.net/in/phone", KEY, ACCOUNT)
    headers = {**forged.headers, "host": "other.example.net"}
    assert not case.made().verify(asked(replace(forged, headers=headers)), NOW)


def test_the_query_of_the_address_is_signed_as_well() -> None:
    made = Twilio(KEY, "https://news.example.org/in/phone", ACCOUNT)
    post = posts.twilio("https://news.example.org/in/phone?a=1&b=%20", KEY, ACCOUNT)
    assert made.verify(asked(post), NOW)
    plivo = Plivo(KEY, "https://news.example.org/in/phone")
    assert plivo.verify(
        asked(posts.plivo("https://news.example.org/in/phone?b=2&a=1", KEY, v3=True)), NOW
    )


def test_the_signatures_are_those_of_the_formats() -> None:
    # Worked out with `openssl dgst -sha256 -hmac k`, not by the code above.
    body, now = b'{"id":"1"}', 1_700_000_000
    android = "2c7d2d580a9b18976c995bda2fd5e5c194715b69ca5947903761a5215eff4b65"
    headers = {"x-timestamp": str(now), "x-signature": android}
    assert Android(b"k").verify(Request("POST", "", "", headers, body), now)
    generic = "8e4d2e46d941e016f0a5cb0474f5dec3509be60cea9237f805fea6fa18ab5c70"
    headers = {"x-outword-timestamp": str(now), "x-outword-signature": generic}
    assert Generic(b"k").verify(Request("POST", "", "", headers, body), now)


@pytest.mark.parametrize("stamp", ["", "+1800000000", "1e9", "١٨٠٠٠٠٠٠٠٠", "-1", "9" * 13, "x"])
def test_a_timestamp_is_digits_even_when_it_is_signed(stamp: str) -> None:
    body = b"body"
    made = hmac.new(KEY, body + stamp.encode(), sha256).hexdigest()
    headers = {"x-timestamp": stamp, "x-signature": made}
    assert not Android(KEY).verify(Request("POST", "", "", headers, body), NOW)
    made = hmac.new(KEY, stamp.encode() + b"." + body, sha256).hexdigest()
    headers = {"x-outword-timestamp": stamp, "x-outword-signature": made}
    assert not Generic(KEY).verify(Request("POST", "", "", headers, body), NOW)


# ---------------------------------------------------------------- each by itself


@pytest.mark.parametrize("algorithm", ["md5", "sha1"])
def test_vonage_must_sign_with_what_still_holds(algorithm: str) -> None:
    post = posts.vonage_sms("https://x/", KEY, ACCOUNT, now=NOW, algorithm=algorithm)
    assert not Vonage(KEY, ACCOUNT).verify(asked(post), NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {"payload_hash": "0" * 64},
        {"payload_hash": None},
        {"iat": str(NOW)},
        {"iat": None},
        {"iat": True},
        {"exp": NOW - 1},
        {"exp": "soon"},
        {"api_key": "other"},
    ],
)
def test_a_token_of_vonage_says_what_it_must(claims: dict[str, Any]) -> None:
    post = posts.vonage_message("https://x/", KEY, ACCOUNT, now=NOW, claims=claims)
    assert not Vonage(KEY, ACCOUNT).verify(asked(post), NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "Other"},
        {"nbf": None},
        {"exp": None},
        {"exp": True},
        {"url_hash": "0" * 64},
        {"payload_hash": "0" * 64},
        {"payload_hash": None},
    ],
)
def test_a_token_of_messagebird_says_what_it_must(claims: dict[str, Any]) -> None:
    url = "https://news.example.org/in/phone"
    post = posts.messagebird(url, KEY, now=NOW, claims=claims)
    assert not MessageBird(KEY, url).verify(asked(post), NOW)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_messagebird_may_choose_among_three(algorithm: str) -> None:
    url = "https://news.example.org/in/phone"
    assert MessageBird(KEY, url).verify(
        asked(posts.messagebird(url, KEY, now=NOW, algorithm=algorithm)), NOW
    )


@pytest.mark.parametrize("algorithm", ["none", "None", "", "HS1", "RS256"])
def test_a_token_that_names_another_algorithm_is_none(algorithm: str) -> None:
    assert claims_of(posts.token({"a": 1}, KEY, algorithm), KEY, ("HS256",)) is None


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "e30.e30.", "é.é.é", "e30.e30", "=.=.=", "." * 1000]
)
def test_what_is_no_token_is_none(token: str) -> None:
    assert claims_of(token, KEY, ("HS256",)) is None


def test_a_token_that_holds_no_object_is_none() -> None:
    assert claims_of(posts.token([], KEY), KEY, ("HS256",)) is None  # type: ignore[arg-type]


def test_a_nonce_of_plivo_signs_one_text() -> None:
    case = CASES["plivo"]
    gateway, first = case.made(), asked(case.post("first", id="1"))
    assert gateway.verify(first, NOW)
    gateway.taken(first, NOW)
    assert gateway.verify(first, NOW)  # it comes again after an answer that was lost
    other = replace(first, body=asked(case.post("other", id="2")).body)
    assert not gateway.verify(other, NOW)
    assert gateway.verify(asked(case.post("other", id="2")), NOW)


def test_a_nonce_of_what_was_not_taken_may_come_again_with_more() -> None:
    case = CASES["plivo"]
    gateway, first = case.made(), asked(case.post("first", id="1"))
    assert gateway.verify(first, NOW)
    assert gateway.verify(replace(first, body=first.body + b"&More=1"), NOW)


def test_the_oldest_nonces_give_way() -> None:
    nonces = Nonces(most=2)
    for nonce in ("a", "b", "c"):
        nonces.keep(nonce, b"text")
    assert nonces.fits("a", b"other") and not nonces.fits("b", b"other")


def test_kannel_is_heard_from_this_machine_only() -> None:
    case = CASES["kannel"]
    here = asked(case.post())
    assert case.made().verify(here, NOW)
    assert not case.made().verify(replace(here, network=b"cb0071"), NOW)
    for header in ("x-forwarded-for", "forwarded"):
        brought = replace(here, headers={**here.headers, header: "127.0.0.1"})
        assert not case.made().verify(brought, NOW)


def test_a_phone_that_asks_for_its_task_brings_no_message() -> None:
    request = Request("GET", "/x", "task=send", {}, b"")
    assert SmsSync(KEY).verify(request, NOW)
    stolen = replace(request, method="POST", body=CASES["smssync"].post(key=OTHER).body)
    assert not any(isinstance(said, Heard) for said in SmsSync(KEY).said(stolen))


@EACH
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"a=1&" * 10_000, b"%ff=%ff&" * 3, b"null"]
)
def test_no_body_is_too_strange_to_be_refused(case: Case, body: bytes) -> None:
    request = replace(asked(case.post()), body=body)
    if not case.made().verify(request, NOW):
        return
    assert not any(isinstance(s, Heard) and s.text for s in case.made().said(request)) or (
        case.gateway == "kannel"  # whose body is the text
    )


def test_posts_are_not_shown() -> None:
    assert "hello" not in repr(Post("https://x/", b"hello"))
