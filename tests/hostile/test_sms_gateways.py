"""Every gateway through a real door: what is theirs is taken, what is not leaves no trace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from sms_gateways import CASES, NOW, OTHER, SEGMENT, Case, asked

from relay.model import Verdict
from relay.testing.door import Taken, Tick, listening, serving
from relay.testing.gateways import Post, posts
from relay.testing.gateways.api import ACCOUNT
from relay.transports.gateways.table import GATEWAYS, MIB
from relay.transports.limits import WebLimits
from relay.transports.sms import Sms
from relay.transports.web import Web

EACH = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


class Door:
    """A door with one gateway, called "phone", and another of its kind, called "other"."""

    def __init__(self, case: Case, limits: WebLimits | None = None) -> None:
        self.clock = Clock()
        self.taken = Taken()
        self.service, self.ignored, self.away, self.alive = Tick(), Tick(), Tick(), Tick()
        kind = GATEWAYS[case.gateway]
        self.inlets = {
            name: Sms(
                name,
                case.made(key=key, name=name),
                "news",
                self.taken,
                self.clock,
                service=self.service,
                ignored=self.ignored,
                turned_away=self.away,
                alive=self.alive,
                path_secret=case.path.lstrip("/").encode(),
                methods=kind.methods,
                body_bytes=kind.body_bytes,
            )
            for name, key in (("phone", b"signing key of ours"), ("other", OTHER))
        }
        self.web = Web(listening(), self.inlets, None, lambda: "ok", limits or WebLimits())
        self.address = ""
        self.client = httpx.Client(trust_env=False, timeout=5)

    def send(self, post: Post) -> httpx.Response:
        """Bring a request that was meant for our public address, as a proxy here would."""
        url = f"http://{self.address}{post.target}"
        headers = dict(post.headers)
        return self.client.request(post.method, url, content=post.body, headers=headers)

    @property
    def texts(self) -> list[str]:
        return [one.content.decode() for one in self.taken.arrivals]


@contextmanager
def open_door(case: Case, limits: WebLimits | None = None) -> Iterator[Door]:
    door = Door(case, limits)
    with serving(door.web.run) as door.address, door.client:
        yield door


@EACH
def test_a_message_is_taken_and_answered_as_its_gateway_wants(case: Case) -> None:
    with open_door(case) as door:
        answer = door.send(case.post("سلام"))
        assert answer.status_code == 200
        assert door.texts == ["سلام"] and door.alive.n == 1 and door.away.n == 0
        (arrival,) = door.taken.arrivals
        assert (arrival.kind, arrival.channels, arrival.provider_id) == ("text", ("news",), b"id-1")
        assert arrival.network == b"" and arrival.way_back == b"" and arrival.flags == ()
    type_ = answer.headers.get("content-type")
    if case.gateway == "twilio":
        assert (answer.content, type_) == (b"<Response/>", "text/xml")
    elif case.gateway == "smssync":
        assert type_ == "application/json"
        assert answer.json() == {"payload": {"success": True, "error": None}}
    else:
        assert (answer.content, type_) == (b"", None)


@EACH
def test_whatever_is_not_theirs_is_one_and_the_same_403(case: Case) -> None:
    good = case.post()
    wrong = [replace(good, url=good.url.replace("/in/phone", "/in/phone/x"))]
    if case.path:
        wrong += [replace(good, url=good.url.replace(SEGMENT, one)) for one in ("", "0" * 32)]
        wrong += [replace(good, url=good.url.replace(case.path, ""))]
        wrong += [replace(good, url=good.url.replace(SEGMENT, f"{SEGMENT}/"))]
    if case.signs:
        wrong += [case.post(key=OTHER), case.post(key=OTHER, name="other").to(good.url)]
    if case.signs and case.gateway != "plivo":  # whose signature covers no body
        wrong += [replace(good, body=b"")]
    if case.timed:
        wrong += [case.post(now=NOW - 2 * 24 * 3600), case.post(now=NOW + 3600)]
    with open_door(case) as door:
        answers = [door.send(one) for one in wrong]
        seen = {(one.status_code, one.content, *sorted(one.headers)) for one in answers}
        assert seen == {(403, b"", "content-length")}
        assert not door.taken.arrivals
        assert (door.alive.n, door.away.n, door.service.n, door.ignored.n) == (0, 0, 0, 0)


@EACH
def test_what_comes_again_is_known_and_what_comes_too_late_is_refused(case: Case) -> None:
    with open_door(case) as door:
        post = case.post()
        assert door.send(post).status_code == 200
        door.taken.verdict = Verdict.KNOWN
        door.clock.at += 1
        assert door.send(post).status_code == 200
        assert len({one.provider_id for one in door.taken.arrivals}) == 1
        door.taken.arrivals.clear()
        door.clock.at += 2 * 24 * 3600
        assert door.send(post).status_code == (403 if case.timed else 200)
        assert len(door.taken.arrivals) == (0 if case.timed else 1)


@EACH
@pytest.mark.parametrize("verdict", [Verdict.BUSY, Verdict.FULL])
def test_a_fault_of_ours_is_a_503_and_the_gateway_comes_again(case: Case, verdict: Verdict) -> None:
    with open_door(case) as door:
        door.taken.verdict = verdict
        answer = door.send(case.post())
        assert (answer.status_code, answer.content, door.away.n) == (503, b"", 1)
        door.taken.verdict = Verdict.TAKEN
        assert door.send(case.post()).status_code == 200 and door.texts == ["hello"]


@EACH
def test_other_methods_are_not_allowed_and_take_nothing(case: Case) -> None:
    with open_door(case) as door:
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
            status = door.send(replace(case.post(), method=method, body=b"")).status_code
            assert status == (403 if case.gateway == "smssync" and method == "GET" else 405)
        assert not door.taken.arrivals


@EACH
def test_a_body_over_its_limit_is_refused_in_bounded_room(case: Case) -> None:
    limit = GATEWAYS[case.gateway].body_bytes
    with open_door(case) as door:
        post = replace(case.post(), body=b"x" * (limit + 1))
        assert door.send(post).status_code == 413
        packed = {**case.post().headers, "content-encoding": "gzip"}
        assert door.send(replace(case.post(), headers=packed)).status_code == 415
        assert not door.taken.arrivals
        assert door.send(case.post()).status_code == 200


@EACH
def test_services_are_counted_and_never_taken(case: Case) -> None:
    with open_door(case) as door:
        empty = door.send(case.post(" "))
        assert (empty.status_code, door.ignored.n, door.taken.arrivals) == (200, 1, [])


def test_pictures_share_a_room_that_no_network_fills() -> None:
    case = CASES["android"]
    limits = WebLimits(in_flight=4 * MIB)  # a quarter of which one network has
    with open_door(case, limits) as door:
        post = posts.android(case.url(), b"signing key of ours", now=NOW, padding="x" * 2 * MIB)
        assert door.send(post).status_code == 503
        assert door.send(case.post()).status_code == 200  # and it is given back


def test_a_list_is_taken_whole_or_comes_again() -> None:
    case = CASES["infobip"]
    with open_door(case) as door:
        assert door.send(posts.infobip(case.url(), "one", "two", "three")).status_code == 200
        assert door.texts == ["one", "two", "three"]
        assert len({one.provider_id for one in door.taken.arrivals}) == 3


def test_of_a_list_what_could_not_be_stored_brings_all_of_it_again() -> None:
    case = CASES["infobip"]
    verdicts = iter([Verdict.TAKEN, Verdict.BUSY, Verdict.TAKEN])
    with open_door(case) as door:
        kept = door.taken

        async def take_in(arrival: object) -> Verdict:
            kept.verdict = next(verdicts)
            return await kept(arrival)  # type: ignore[arg-type]

        door.inlets["phone"]._take_in = take_in
        assert door.send(posts.infobip(case.url(), "one", "two", "three")).status_code == 503
        assert door.texts == ["one", "three"] and door.away.n == 1


def test_one_bad_message_in_a_list_holds_up_no_other() -> None:
    case = CASES["infobip"]
    post = posts.infobip(case.url(), "one")
    whole = json.loads(post.body)
    whole["results"] += [{"text": 7}, {"text": "code 1234", "from": "Bank"}]
    with open_door(case) as door:
        answer = door.send(replace(post, body=json.dumps(whole).encode()))
        assert (answer.status_code, door.texts) == (200, ["one"])
        assert (door.away.n, door.service.n) == (1, 1)
        only_bad = replace(post, body=b'{"results": [{"text": 7}]}')
        assert door.send(only_bad).status_code == 400


def test_a_heartbeat_is_a_sign_of_life_and_is_counted_nowhere() -> None:
    case = CASES["android"]
    with open_door(case) as door:
        key = b"signing key of ours"
        post = posts.android(case.url(), key, now=NOW, event="system:ping", health={})
        assert door.send(post).status_code == 200
        assert (door.alive.n, door.ignored.n, door.service.n) == (1, 0, 0)


def test_a_part_of_a_long_sms_is_handed_on_as_one() -> None:
    case = CASES["kannel"]
    udh = b"\x06\x08\x04\x01\xab\x03\x02"
    with open_door(case) as door:
        octets = "سلام".encode("utf-16-be")
        post = posts.kannel(case.url(), octets, coding=2, charset="UTF-16BE", udh=udh)
        assert door.send(post).status_code == 200
        (arrival,) = door.taken.arrivals
        assert (arrival.kind, arrival.content) == ("ucs2", octets)
        assert (arrival.segment, arrival.segments) == (2, 3)
        assert arrival.reference == b"\x01\xab"


def test_kannel_from_another_machine_is_refused() -> None:
    case = CASES["kannel"]
    with open_door(case) as door:
        brought = {**case.post().headers, "x-forwarded-for": "203.0.113.9"}
        assert door.send(replace(case.post(), headers=brought)).status_code == 403
        assert not door.taken.arrivals


def test_the_phone_fetches_its_task_by_the_secret_address_only() -> None:
    case = CASES["smssync"]
    with open_door(case) as door:
        ask = Post(case.url() + "?task=send", method="GET")
        assert door.send(ask).json()["payload"]["messages"] == []
        for wrong in ("/in/phone?task=send", f"/in/phone/{'0' * 32}?task=send"):
            assert door.send(Post(f"https://x{wrong}", method="GET")).status_code == 403
        assert urlsplit(ask.url).path.endswith(SEGMENT) and not door.taken.arrivals


ODD = [
    "\x00",
    "\r\nX-Odd: 1\r\n\r\n",
    "\u202e\u2066",
    "🙂" * 2000,
    "نان" * 10_000,
    "1" * 5000,
    "{" * 5000,
    "%00%ff%u0041",
]


@EACH
@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_nothing_that_stands_in_a_field_is_a_fault_of_ours(case: Case, odd: str) -> None:
    with open_door(case) as door:
        assert door.send(case.post(odd)).status_code in (200, 413)
        if case.gateway not in ("plivo", "kannel"):  # theirs stands in a header, or an address
            assert door.send(case.post(id=odd)).status_code in (200, 400)
        for arrival in door.taken.arrivals:
            assert odd not in repr(arrival)


VALUES: list[object] = [
    None, True, 0, -1, 10**4000, 1e308, float("inf"), [], {}, [[]], {"a": {}}, "", "\ud83d",
    "\udc00 x", "\ud83d" * 2000, ["\ud800"], {"\ud800": "\udfff"},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_no_value_of_json_is_a_fault_of_ours(value: object) -> None:
    key, url = b"signing key of ours", f"https://news.example.org/in/phone/{SEGMENT}"
    made: list[Post] = []
    for name in ("message", "sender", "recipient", "receivedAt", "attachments", "subject", "body"):
        made += [posts.android(url, key, now=NOW, event=event, **{name: value})
                 for event in ("sms:received", "mms:downloaded")]  # fmt: skip
    for name in ("id", "from", "to", "text", "at"):
        made.append(posts.generic(url, key, now=NOW, **{name: value}))
    for name in ("messageId", "from", "to", "text", "receivedAt"):
        made.append(posts.infobip(url, "hello", **{name: value}))
    for name in ("channel", "message_uuid", "from", "to", "message_type", "text", "content",
                 "image", "timestamp"):  # fmt: skip
        made.append(posts.vonage_message(url, key, ACCOUNT, now=NOW, **{name: value}))
        more = {name: value} if name != "message_type" else {}
        made.append(posts.vonage_message(url, key, ACCOUNT, now=NOW, message_type="image", **more))
    for name in ("nbf", "exp", "iat", "iss", "payload_hash", "url_hash", "api_key"):
        claims = {name: value}
        made.append(posts.vonage_message(url, key, ACCOUNT, now=NOW, claims=claims))
        made.append(posts.messagebird(url, key, now=NOW, claims=claims))
    gateways = {name: CASES[name].made() for name in CASES}
    for gateway in gateways.values():
        for post in made:
            request = asked(post)
            if gateway.verify(request, NOW):
                gateway.said(request)
