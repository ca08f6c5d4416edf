"""The webhook: what a receiver sees, and how each end is told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from contextlib import asynccontextmanager

import pydantic
import pytest
import trio

from bridges.kit import BadSecret, part_key
from bridges.webhook import Webhook
from relay.model import Attempt, Later, Posted, Refused, Stopped, Unknown, Unsure
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.bridge_contract import DATE, FixedClock, a_post
from relay.testing.recorder import Fault, recorder

NOW = FixedClock().now()


@asynccontextmanager
async def posting(*script, good=faults.GOOD, **settings):
    """A receiver and a function that sends one post to it."""
    keys = settings.get("once") != "none"
    async with recorder(*script, keys=keys, good=good) as there, HttpOut(None) as http:
        bridge = Webhook(Webhook.Settings(url=there.url, **settings), http, FixedClock())
        [part] = await bridge.prepare(a_post("متن", title="عنوان", language="fa"))

        async def send():
            return await bridge.send(Attempt(part, 1, DATE), None)

        yield there, send


def secret_file(tmp_path, content):
    path = tmp_path / "secret"
    path.write_bytes(content)
    path.chmod(0o600)
    return str(path)


async def test_the_body_says_what_the_post_is_and_shows_its_hour():
    async with posting() as (there, send):
        assert await send() == Posted(there.requests[0].headers["idempotency-key"])
    [request] = there.requests
    key = part_key(a_post("متن", title="عنوان", language="fa").secret, 0)
    assert request.method == "POST" and request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-key"] == request.headers["webhook-id"] == key
    assert json.loads(request.body) == {
        "type": "post.v1",
        "id": key,
        "created_at": "2026-11-18T11:00:00Z",
        "title": "عنوان",
        "text": "متن",
        "lang": "fa",
        "thread": {"part": 1, "of": 1, "prev": None},
    }
    assert "webhook-signature" not in request.headers and "authorization" not in request.headers


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"shared secret\n", b"shared secret"),
        (b"whsec_" + base64.b64encode(b"s" * 24) + b"\n", b"s" * 24),
    ],
)
async def test_a_secret_signs_id_time_and_body(tmp_path, content, secret):
    async with posting(secret_file=secret_file(tmp_path, content)) as (there, send):
        await send()
    [request] = there.requests
    assert request.headers["webhook-timestamp"] == str(NOW)
    signed = f"{request.headers['webhook-id']}.{NOW}.".encode() + request.body
    expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"


async def test_two_secrets_give_two_signatures_while_one_is_changed(tmp_path):
    async with posting(secret_file=secret_file(tmp_path, b"new\n\nold\n")) as (there, send):
        await send()
    new, old = there.requests[0].headers["webhook-signature"].split(" ")
    assert new.startswith("v1,") and old.startswith("v1,") and new != old


@pytest.mark.parametrize(
    ("token", "header"), [(b"abc\n", "Bearer abc"), (b"Basic dTpw", "Basic dTpw")]
)
async def test_a_token_goes_into_the_authorization_header(tmp_path, token, header):
    async with posting(token_file=secret_file(tmp_path, token)) as (there, send):
        await send()
    assert there.requests[0].headers["authorization"] == header


@pytest.mark.parametrize(
    ("setting", "content"),
    [("token_file", b"a\nb"), ("token_file", "é".encode()), ("secret_file", b"whsec_???")],
)
def test_a_secret_that_is_none_is_found_at_the_start_and_not_quoted(tmp_path, setting, content):
    settings = {setting: secret_file(tmp_path, content)}
    with pytest.raises(BadSecret) as caught:
        Webhook(Webhook.Settings(url="https://a.example/in", **settings), None, FixedClock())
    assert content.decode() not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "posted"),
    [
        ({"id": "77", "url": "https://a.example/77"}, ("77", "https://a.example/77")),
        ({"id": "x" * 256, "url": "https://" + "a" * 2040}, ("x" * 256, "https://" + "a" * 2040)),
        ({"id": "x" * 257, "url": "https://" + "a" * 2041}, ("", "")),
        ({"id": 7, "url": "javascript:alert(1)"}, ("", "")),
        ({"id": "a\nb", "url": "https://a\u202e"}, ("", "")),
        ({}, ("", "")),
    ],
)
async def test_the_receivers_own_id_and_address_are_kept_if_they_are_that(answer, posted):
    good = Fault(201, {"Content-Type": "application/json"}, json.dumps(answer).encode())
    async with posting(good=good) as (there, send):
        outcome = await send()
        key = there.requests[0].headers["idempotency-key"]
    assert outcome == Posted(posted[0] or key, posted[1])


EXACT = {
    "429 in 7 s": (faults.too_many("7"), Later("answered 429", NOW + 7, "destination")),
    "429 at a date": (
        faults.too_many("Wed, 18 Nov 2026 11:20:00 GMT"),
        Later("answered 429", NOW + 600, "destination"),
    ),
    "503": (faults.maintenance(), Unsure("answered 503")),
    "503 in 60 s": (faults.maintenance("60"), Later("answered 503", NOW + 60, "host")),
    "500": (faults.error(500), Unsure("answered 500")),
    "502": (faults.error(502), Unsure("answered 502")),
    "409": (faults.error(409), Posted("key")),
    "401": (faults.error(401), Stopped("answered 401", "...")),
    "410": (faults.error(410), Stopped("answered 410", "...")),
    "422": (faults.error(422), Refused("answered 422")),
    "redirect": (faults.redirect("http://127.0.0.1:1/"), Unsure("answered 302")),
    "cut": (faults.cut(), Unsure("the request left and no whole answer came")),
    "half": (faults.half(), Unsure("the request left and no whole answer came")),
    "endless": (faults.endless(), Unsure("the request left and no whole answer came")),
}
NONE = EXACT | {
    "503": (faults.maintenance(), Unsure("answered 503")),
    "500": (faults.error(500), Unsure("answered 500")),
    "502": (faults.error(502), Unsure("answered 502")),
    "409": (faults.error(409), Unsure("answered 409")),
    "redirect": (faults.redirect("http://127.0.0.1:1/"), Unsure("answered 302")),
}


def same(outcome, expected):
    if isinstance(expected, Stopped):
        return isinstance(outcome, Stopped) and outcome.why == expected.why and outcome.action
    if isinstance(expected, Posted):
        return isinstance(outcome, Posted)
    return outcome == expected


@pytest.mark.parametrize(("fault", "expected"), EXACT.values(), ids=EXACT)
async def test_how_a_send_with_a_key_ends(fault, expected):
    async with posting(fault) as (there, send):
        outcome = await send()
        assert same(outcome, expected), outcome
        assert isinstance(await send(), Posted)
        assert len(there.made) == 1


@pytest.mark.parametrize(("fault", "expected"), NONE.values(), ids=NONE)
async def test_how_a_send_without_a_key_ends(fault, expected):
    async with posting(fault, once="none") as (there, send):
        outcome = await send()
        assert same(outcome, expected), outcome
        if there.made:  # what was made is never called "not published"
            assert isinstance(outcome, Unsure)


async def test_without_a_key_no_key_is_sent_but_a_signature_keeps_its_id(tmp_path):
    async with posting(once="none") as (there, send):
        await send()
    assert not {"idempotency-key", "webhook-id"} & there.requests[0].headers.keys()
    settings = {"once": "none", "secret_file": secret_file(tmp_path, b"s")}
    async with posting(**settings) as (there, send):
        await send()
    headers = there.requests[0].headers
    assert "idempotency-key" not in headers and "webhook-id" in headers


async def test_a_host_that_refuses_is_later_for_all_of_it():
    async with posting() as (there, send):
        there.refuse()
        await trio.testing.wait_all_tasks_blocked()
        assert await send() == Later("the host cannot be reached", None, "host")


async def test_a_webhook_cannot_be_asked_and_asks_nothing():
    async with recorder() as there, HttpOut(None) as http:
        bridge = Webhook(Webhook.Settings(url=there.url), http, FixedClock())
        [part] = await bridge.prepare(a_post())
        assert isinstance(await bridge.find(Attempt(part, 1, DATE)), Unknown)
        health = await bridge.check()
        assert there.requests == [] and there.url not in health.account


@pytest.mark.parametrize(
    "settings", [{"once": "lookup"}, {"at_once": 0}, {"at_once": 33}, {"url": "http://a.example/"}]
)
def test_settings_that_cannot_be(settings):
    with pytest.raises(pydantic.ValidationError):
        Webhook.Settings.model_validate({"url": "https://a.example/"} | settings)
