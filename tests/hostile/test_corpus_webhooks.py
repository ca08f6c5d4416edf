"""The corpus of hostile webhooks, forms and updates, each before the parts of a door that read it.

A door answers everybody in one loop: what one body costs, all others wait for. So each has half a
second, none raises, and what comes out has a type.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from hostile_webhooks import BY_FORM, BY_JSON, FORMS, JSONS, MULTIPARTS, UPDATES, Sign
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_apart import oddness
from sms_gateways import KEY, NOW, SEGMENT, asked
from telegram import Bot

from relay.reader.read import read as read_content
from relay.testing.gateways.api import ACCOUNT
from relay.transports.entity import entity
from relay.transports.form.body import TooMuch, Torn, Written, read_form
from relay.transports.gateways.said import (
    SEGMENT_BYTES,
    TEXT_BYTES,
    Alive,
    Heard,
    Ignored,
    Malformed,
    Said,
    Service,
    TooLong,
)
from relay.transports.gateways.table import GATEWAYS, Account
from relay.transports.smpp import pdu as smpp
from relay.transports.smpp.said import said as smpp_said
from relay.transports.telegram import updates
from relay.transports.telegram.content import NOT_TO_BE_HAD

SECONDS = 0.5
TYPES = (Heard, Service, Ignored, Alive, Malformed, TooLong)
URL = f"https://news.example.org/in/phone/{SEGMENT}"
BOT = Bot("1:a")
CHANCE = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@contextmanager
def within(seconds: float = SECONDS) -> Iterator[None]:
    """It takes no more CPU than that."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < seconds


def heard(gateway: str, sign: Sign, body: bytes) -> list[Said]:
    """What a gateway is heard to say, after its signature was looked at."""
    at = Account(secret=KEY, url=URL, id=ACCOUNT)
    made = GATEWAYS[gateway].make(at)
    request = asked(sign(URL, body, KEY, NOW))
    with within():
        made.verify(request, NOW)
        return list(made.said(request))


def holds(found: list[Said]) -> None:
    """What is true of everything that a gateway says."""
    assert found and all(isinstance(one, TYPES) for one in found)
    for one in found:
        if isinstance(one, Heard):
            assert len(one.text) <= max(TEXT_BYTES, SEGMENT_BYTES)
            assert one.text.decode() is not None if one.kind == "text" else True
            assert 0 <= one.segment <= one.segments <= 255


CASES: list[tuple[str, Sign, str, Callable[[], bytes]]] = [
    (gateway, sign, body, make)
    for by, bodies in ((BY_JSON, JSONS), (BY_FORM, FORMS))
    for gateway, sign in by.items()
    for body, make in bodies.items()
]


@pytest.mark.parametrize(
    ("gateway", "sign", "make"),
    [(gateway, sign, make) for gateway, sign, _, make in CASES],
    ids=[f"{gateway}: {body}" for gateway, _, body, _ in CASES],
)
def test_whatever_a_gateway_brings_is_read_or_refused_at_once(
    gateway: str, sign: Sign, make: Callable[[], bytes]
) -> None:
    body = make()
    if len(body) <= GATEWAYS[gateway].body_bytes:
        holds(heard(gateway, sign, body))


def test_they_are_more_than_two_hundred() -> None:
    assert len(CASES) + len(UPDATES) + len(MULTIPARTS) > 200


@pytest.mark.parametrize("name", UPDATES)
def test_whatever_a_bot_is_told_is_something_or_nothing(name: str) -> None:
    with within():
        try:
            update = json.loads(UPDATES[name]())
        except (ValueError, RecursionError):
            return
        if not isinstance(update, dict):
            return
        what = updates.read(update, BOT)
    if isinstance(what, updates.Heard):
        media = [(one.type, b"x") for one in what.media if one is not NOT_TO_BE_HAD]
        made = entity(what.text, media) if media else what.text.encode("utf-8", "replace")
        assert oddness(read_content(made, "multipart" if media else "text")) == ""


@pytest.mark.parametrize("name", MULTIPARTS)
def test_whatever_a_form_is_sent_is_read_or_refused_at_once(name: str) -> None:
    body = MULTIPARTS[name]()
    with within():
        try:
            written = read_form("multipart/form-data; boundary=b", body)
        except (Torn, TooMuch):
            return
    assert isinstance(written, Written)
    written.text.encode()


# ---------------------------------------------------------------- by chance

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["+989121234567", "sms:received", "text", "sms", "1", "true", "\ud800"])
)
WORDS = """
    id from to text at event payload message sender results sms messageId message_uuid channel
    message_type attachments image timestamp update_id chat message_id date type photo file_id
    entities offset
"""
NAMES = st.sampled_from(WORDS.split())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=10,
)


@CHANCE
@given(st.sampled_from(sorted(BY_JSON)), st.dictionaries(NAMES, VALUES, max_size=8))
def test_any_json_is_read_or_refused(gateway: str, body: dict[str, object]) -> None:
    holds(heard(gateway, BY_JSON[gateway], json.dumps(body).encode()))


@CHANCE
@given(st.dictionaries(NAMES, VALUES, max_size=8), st.dictionaries(NAMES, VALUES, max_size=8))
def test_any_update_is_something_or_nothing(update: dict[str, object], message: object) -> None:
    chat = {"id": 7, "type": "private"}
    more = {"message_id": 1, "date": 1, "chat": chat}
    both = {**message, **more} if isinstance(message, dict) else message
    for one in (update, {"update_id": 1, "message": both}, {"update_id": 1, "message": message}):
        what = updates.read(one, BOT)
        assert isinstance(what, updates.Heard | updates.Begun | updates.Group | updates.Nothing)


@CHANCE
@given(st.binary(max_size=200), st.binary(max_size=200), st.sampled_from(["--b", "\r\n", ""]))
def test_any_form_is_read_or_refused(before: bytes, after: bytes, between: str) -> None:
    body = b"--b\r\n" + before + between.encode() + after + b"--b--"
    with suppress(Torn, TooMuch):
        read_form("multipart/form-data; boundary=b", body)


PDUS = st.binary(max_size=120) | st.builds(
    lambda sender, esm, coding, text, rest: (
        b"\0\x01\x01" + sender + b"\0\x01\x011\0" + bytes([esm, 0, 0, 0, 0, 0, 0, coding, 0])
        + bytes([len(text)]) + text + rest
    ),
    st.sampled_from([b"989121234567", b"Bank", b"", b"\xff" * 20]),
    st.integers(0, 255),
    st.integers(0, 255),
    st.binary(max_size=160),
    st.binary(max_size=40),
)  # fmt: skip


@CHANCE
@given(PDUS, st.sampled_from([smpp.DELIVER_SM, smpp.DATA_SM]), st.sampled_from(["gsm", "latin1"]))
def test_any_pdu_is_a_text_or_none(body: bytes, command: int, default: str) -> None:
    try:
        delivered = smpp.deliver(smpp.Pdu(command, 0, 1, body))
    except smpp.Malformed:
        return
    said = smpp_said(delivered, default)  # type: ignore[arg-type]
    content = getattr(said, "content", b"")
    if content:
        assert oddness(read_content(content, said.kind)) == ""  # type: ignore[union-attr]
