"""SMS: pictures that wait at the gateway, answers that go out, and what the board is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from on_asyncio import on_asyncio
from sms_gateways import CASES, KEY, NOW, PUBLIC, asked

from relay.model import Arrival, Later, Message, Outcome, Posted, Refused, Stopped, Unsure, Verdict
from relay.node.board import Board
from relay.ports import Answer
from relay.reach.fetch import Fetch
from relay.reader.read import read
from relay.spool.memory import MemorySpool
from relay.testing.door import Taken, Tick
from relay.testing.gateways import Api, Post, posts
from relay.testing.gateways.api import ACCOUNT, SECRET
from relay.testing.loopback import Fault, on_loopback
from relay.transports.entity import LEFT_OUT, MOST_BYTES
from relay.transports.gateways import media as fetching
from relay.transports.gateways.board import PICTURES_STAY, GatewayBoard
from relay.transports.gateways.media import Media
from relay.transports.gateways.sent import basic
from relay.transports.gateways.smssync import KEPT_S, MOST_QUEUED
from relay.transports.gateways.table import GATEWAYS, Account
from relay.transports.inlet import Reply
from relay.transports.sms import Sms

PICTURE = b"\xff\xd8\xff picture"
OURS, THEIRS = "+15550100123", "+989121234567"
WAY_BACK = f"{THEIRS}\0{OURS}".encode()
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME"


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


@dataclass
class Node:
    """What stands around one transport."""

    gateway: str
    base: str = ""
    media: bool = False
    sender: str = ""
    clock: Clock = field(default_factory=Clock)
    taken: Taken = field(default_factory=Taken)
    fares: list[tuple[str, str]] = field(default_factory=list)
    emptied: list[bool] = field(default_factory=list)
    service: Tick = field(default_factory=Tick)

    def made(self, *, answers: bool = True) -> Sms:
        kind = GATEWAYS[self.gateway]
        secret = SECRET if self.gateway in ("twilio", "plivo", "generic") else KEY
        url = self.base + _PATHS.get(self.gateway, "")
        account = Account(secret, f"{PUBLIC}/in/phone", ACCOUNT, url, SECRET)
        fetch = Fetch(frozenset({"127.0.0.1"}))
        login = basic(ACCOUNT, secret) if kind.media_login else ""
        media = Media(
            fetch,
            host="127.0.0.1",
            login=login,
            deletes=kind.deletes,
            emptied=self.emptied.append,
        )
        return Sms(
            "phone",
            kind.make(account),
            "news",
            self.taken,
            self.clock,
            service=self.service,
            faring=lambda state, why: self.fares.append((state, why)),
            media=media if self.media else None,
            fetch=fetch,
            answers=answers,
            sender=self.sender,
        )


_PATHS: Mapping[str, str] = {
    "android": "/3rdparty/v1/messages",
    "generic": "/script",
    "kannel": "/cgi-bin/sendsms",
}

SENDING = [name for name in GATEWAYS if name != "smssync"]
EACH = pytest.mark.parametrize("gateway", SENDING)


async def answer(node: Node, *texts: str, sms: Sms | None = None) -> list[Outcome]:
    made = sms or node.made()

    async def whole() -> list[Outcome]:
        return [await made.answer(WAY_BACK, text) for text in texts]

    return await on_asyncio(whole)


# ---------------------------------------------------------------- answers


@EACH
async def test_an_answer_leaves_as_one_sms(gateway: str) -> None:
    async with on_loopback(Api()) as api:
        texts = ["It waits.", "در انتظار است"]
        outcomes = await answer(Node(gateway, api.base), *texts)
    assert all(isinstance(one, Posted) for one in outcomes)
    assert [one.text for one in api.sent] == texts
    assert {one.to.lstrip("+") for one in api.sent} == {THEIRS.lstrip("+")}
    senders = {one.sender.lstrip("+") for one in api.sent}
    assert senders == {""} if gateway == "android" else {OURS.lstrip("+")}


async def test_what_we_are_called_there_comes_before_the_number_that_was_written_to() -> None:
    async with on_loopback(Api()) as api:
        await answer(Node("twilio", api.base, sender="MG1"), "It waits.")
        await answer(Node("twilio", api.base, sender="+15550100999"), "It waits.")
    assert [one.sender for one in api.sent] == ["MG1", "+15550100999"]


@pytest.mark.parametrize("gateway", [name for name in SENDING if name not in ("android", "kannel")])
async def test_without_credit_the_board_says_so_until_an_answer_goes_out_again(
    gateway: str,
) -> None:
    node = Node(gateway)
    async with on_loopback(Api()) as api:
        node.base, api.credit = api.base, 0
        sms = node.made()
        outcomes: list[Outcome] = []

        async def whole() -> None:
            outcomes.append(await sms.answer(WAY_BACK, "one"))
            outcomes.append(await sms.answer(WAY_BACK, "two"))
            api.credit = 2
            outcomes.append(await sms.answer(WAY_BACK, "three"))
            outcomes.append(await sms.answer(WAY_BACK, "four"))

        await on_asyncio(whole)
    assert [type(one) for one in outcomes] == [Stopped, Stopped, Posted, Posted]
    [(spent, why), works] = node.fares
    assert spent == "spent" and "no credit" in why and "top it up" in why
    assert works == ("works", "")


@EACH
async def test_a_login_that_is_refused_is_for_the_operator(gateway: str) -> None:
    node = Node(gateway)
    async with on_loopback(Api()) as api:
        node.base, api.secret = api.base, b"a new key"
        [outcome] = await answer(node, "one")
    assert isinstance(outcome, Stopped) and not api.sent
    [(state, why)] = node.fares
    assert state == "login" and "relay login" in why


@EACH
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(500, {}, b"", made=False), (Unsure,)),
        (Fault(429, {}, b"{}"), (Later,)),
        (Fault(400, {}, b"{}"), (Refused,)),
        (Fault(then="cut", made=True), (Unsure,)),
        (Fault(then="half"), (Unsure,)),
        (Fault(200, {}, b"[" * 10_000), (Refused, Posted)),
        (Fault(200, {}, b"\xff"), (Refused, Posted)),
    ],
)
async def test_what_goes_wrong_there_changes_nothing_here(
    gateway: str, fault: Fault, kind: tuple[type, ...]
) -> None:
    node = Node(gateway)
    async with on_loopback(Api()) as api:
        node.base = api.base
        api.script(fault)
        [outcome] = await answer(node, "one")
    assert isinstance(outcome, kind), outcome
    assert node.fares == [] and len(api.requests) == 1  # nobody tries it again


@EACH
async def test_nobody_there_is_later(gateway: str) -> None:
    [outcome] = await answer(Node(gateway, "http://127.0.0.1:9"), "one")
    assert isinstance(outcome, Later)


@EACH
async def test_what_is_longer_than_one_sms_does_not_leave(gateway: str) -> None:
    async with on_loopback(Api()) as api:
        outcomes = await answer(Node(gateway, api.base), "x" * 161, "ی" * 135)
    assert all(isinstance(one, Refused) for one in outcomes) and not api.requests


@EACH
async def test_no_text_and_no_key_stands_in_an_address(gateway: str) -> None:
    async with on_loopback(Api()) as api:
        await answer(Node(gateway, api.base), "It waits.")
    [request] = api.requests
    for secret in ("waits", SECRET.decode(), quote(SECRET), THEIRS[1:]):
        assert secret not in request.target


async def test_a_phone_that_fetches_its_task_gets_each_answer_once() -> None:
    node = Node("smssync")
    sms = node.made()

    async def whole() -> list[Reply]:
        await sms.answer(WAY_BACK, "one")
        await sms.answer(WAY_BACK, "two")
        ask = asked(Post(f"{PUBLIC}/in/phone?task=send", method="GET"))
        sent = Post(f"{PUBLIC}/in/phone?task=sent", b'{"queued_messages": ["a"]}')
        result = Post(f"{PUBLIC}/in/phone?task=result", method="GET")
        return [await sms.request(one) for one in (ask, ask, asked(sent), asked(result))]

    first, again, sent, result = (_json(one) for one in await on_asyncio(whole))
    assert first["payload"]["task"] == "send" and first["payload"]["secret"] == KEY.decode()
    told = [(one["to"], one["message"]) for one in first["payload"]["messages"]]
    assert told == [(THEIRS, "one"), (THEIRS, "two")]
    assert again["payload"]["messages"] == []
    assert sent == {"message_uuids": ["a"]} and result == {"message_uuids": []}


async def test_a_phone_that_brings_a_message_takes_the_answers_with_it() -> None:
    node = Node("smssync")
    sms = node.made()

    async def whole() -> Reply:
        await sms.answer(WAY_BACK, "one")
        return await sms.request(asked(posts.smssync(f"{PUBLIC}/in/phone", KEY.decode())))

    payload = _json(await on_asyncio(whole))["payload"]
    assert payload["success"] is True and payload["messages"][0]["message"] == "one"


async def test_what_the_phone_does_not_fetch_is_bounded_and_grows_old() -> None:
    node = Node("smssync")
    sms = node.made()
    ask = asked(Post(f"{PUBLIC}/in/phone?task=send", method="GET"))

    async def whole() -> tuple[list[Outcome], Reply]:
        outcomes = [await sms.answer(WAY_BACK, "x") for _ in range(MOST_QUEUED + 1)]
        node.clock.at += KEPT_S + 1
        return outcomes, await sms.request(ask)

    outcomes, reply = await on_asyncio(whole)
    assert isinstance(outcomes[-2], Posted) and isinstance(outcomes[-1], Later)
    assert _json(reply)["payload"]["messages"] == []


async def test_a_way_back_is_there_only_where_answers_are() -> None:
    for answers, way_back in ((True, WAY_BACK), (False, b"")):
        node = Node("generic")
        sms = node.made(answers=answers)
        post = posts.generic(f"{PUBLIC}/in/phone", SECRET, now=NOW)
        await on_asyncio(lambda sms=sms, post=post: sms.request(asked(post)))  # type: ignore[misc]
        assert [one.way_back for one in node.taken.arrivals] == [way_back]


# ---------------------------------------------------------------- pictures


def mms(base: str, *urls: str, text: str = "what I saw") -> Post:
    more = {f"MediaUrl{n}": base + one for n, one in enumerate(urls)}
    more |= {f"MediaContentType{n}": "image/jpeg" for n in range(len(urls))}
    return posts.twilio(f"{PUBLIC}/in/phone", SECRET, ACCOUNT, Body=text, **more)


async def brought(node: Node, post: Post) -> Reply:
    sms = node.made()

    async def whole() -> Reply:
        reply = await sms.request(asked(post))
        for task in list(sms._media._under_way) if sms._media is not None else ():
            await task
        return reply

    return await on_asyncio(whole)


async def test_pictures_are_fetched_with_our_login_and_deleted_once_they_are_durable() -> None:
    node = Node("twilio", media=True)
    async with on_loopback(Api()) as api:
        node.base = api.base
        api.pictures = {PATH + "1": ("image/jpeg", PICTURE), PATH + "2": ("image/png", b"two")}
        reply = await brought(node, mms(api.base, PATH + "1", PATH + "2"))
    assert reply.status == 200 and node.emptied == []
    (arrival,) = node.taken.arrivals
    assert (arrival.kind, arrival.flags) == ("multipart", ())
    said = read(arrival.content, "multipart")
    assert isinstance(said, Message) and said.text == "what I saw"
    assert [(one.type, one.content) for one in said.media] == [
        ("image/jpeg", PICTURE),
        ("image/jpeg", b"two"),
    ]
    assert api.deleted == [PATH + "1", PATH + "2"]


async def test_pictures_of_what_was_not_stored_stay_at_the_gateway() -> None:
    node = Node("twilio", media=True)
    node.taken.verdict = Verdict.BUSY
    async with on_loopback(Api()) as api:
        node.base, api.pictures = api.base, {PATH + "1": ("image/jpeg", PICTURE)}
        assert (await brought(node, mms(api.base, PATH + "1"))).status == 503
    assert api.deleted == []


async def test_a_picture_may_lie_behind_a_redirect_and_our_login_stays_here() -> None:
    node = Node("twilio", media=True)
    async with on_loopback(Api()) as api, on_loopback(Api()) as store:
        node.base, api.moved = api.base, {PATH + "1": store.base + "/media/1"}
        store.pictures = {"/media/1": ("image/jpeg", PICTURE)}
        await brought(node, mms(api.base, PATH + "1"))
    assert node.taken.arrivals[0].kind == "multipart"
    assert "authorization" not in store.requests[0].headers


Break = Callable[[Api], None]


def _gone(api: Api) -> None:
    api.pictures.clear()


def _refuses(api: Api) -> None:
    api.secret = b"another"


def _too_large(api: Api) -> None:
    api.pictures = {PATH + "1": ("image/jpeg", bytes(MOST_BYTES + 1))}


def _moved_away(api: Api) -> None:
    api.moved = {PATH + "1": "https://other.example.net/1"}


@pytest.mark.parametrize("breaks", [_gone, _refuses, _too_large, _moved_away])
async def test_a_picture_that_cannot_be_had_costs_no_text(breaks: Break) -> None:
    node = Node("twilio", media=True)
    async with on_loopback(Api()) as api:
        node.base, api.pictures = api.base, {PATH + "1": ("image/jpeg", PICTURE)}
        breaks(api)
        reply = await brought(node, mms(api.base, PATH + "1"))
    assert reply.status == 200
    (arrival,) = node.taken.arrivals
    assert (arrival.kind, arrival.content) == ("text", b"what I saw")
    assert arrival.flags == (LEFT_OUT,)


async def test_one_picture_that_hangs_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "FETCH_S", 0.3)
    node = Node("twilio", media=True)
    async with on_loopback(Api()) as api:
        node.base = api.base
        api.pictures = {PATH + n: ("image/jpeg", PICTURE) for n in ("1", "2")}
        api.script(Fault(then="hang"), on=f"GET {PATH}2")
        await brought(node, mms(api.base, PATH + "1", PATH + "2"))
    (arrival,) = node.taken.arrivals
    assert (arrival.kind, arrival.flags) == ("multipart", (LEFT_OUT,))
    # the one that did not come is the only copy there is
    assert (api.deleted, node.emptied) == ([PATH + "1"], [False])


async def test_pictures_that_have_no_room_stay_at_the_gateway() -> None:
    node = Node("twilio", media=True)
    async with on_loopback(Api()) as api:
        node.base = api.base
        large = bytes(MOST_BYTES // 2)
        api.pictures = {PATH + n: ("image/jpeg", large) for n in ("1", "2")}
        await brought(node, mms(api.base, PATH + "1", PATH + "2"))
    assert node.taken.arrivals[0].flags == (LEFT_OUT,)
    assert (api.deleted, node.emptied) == ([PATH + "1"], [False])


async def test_few_pictures_are_in_memory_at_once_and_no_text_is_lost_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetching, "FETCH_S", 0.3)
    node = Node("twilio", media=True)
    async with on_loopback(Api()) as api:
        node.base, api.pictures = api.base, {PATH + "1": ("image/jpeg", PICTURE)}
        sms = node.made()
        go = asyncio.Event()
        in_memory: list[int] = []

        async def take_in(arrival: Arrival) -> Verdict:
            if arrival.kind == "multipart":
                in_memory.append(1)
                await go.wait()
            return await node.taken(arrival)

        async def whole() -> list[int]:
            sms._take_in = take_in
            post = asked(mms(api.base, PATH + "1"))
            tasks = [asyncio.create_task(sms.request(post)) for _ in range(5)]
            await asyncio.sleep(0.4)
            assert (len(in_memory), len(node.taken.arrivals)) == (2, 3)
            go.set()
            return [(await task).status for task in tasks]

        assert await on_asyncio(whole) == [200] * 5
    assert sorted(one.flags for one in node.taken.arrivals) == [(), ()] + [(LEFT_OUT,)] * 3


async def test_what_is_wrong_with_the_account_hides_and_forgets_no_pictures() -> None:
    shown: list[tuple[str, str]] = []
    board = GatewayBoard(lambda state, why: shown.append((state, why)))
    board.pictures(True)
    board.account("works", "")
    assert shown == []
    board.account("spent", "no credit")
    board.pictures(False)
    board.pictures(True)
    assert shown == [("spent", "no credit")]
    board.pictures(False)
    board.account("works", "")
    board.pictures(True)
    assert shown[1:] == [PICTURES_STAY, ("works", "")]


@pytest.mark.parametrize("odd", ["[]", "{}", '["x"]', '{"x": 1}', "true", "1e999", '"x"', "null"])
@EACH
async def test_no_answer_of_a_gateway_is_too_odd(gateway: str, odd: str) -> None:
    sms = Node(gateway).made()
    value = json.loads(odd)
    names = ("code", "status", "groupName", "statusCode", "name", "Message")
    inner = dict.fromkeys(names, value)
    whole: list[object] = [value, inner, {"messages": [{"status": inner}]}]
    whole += [{kind: [inner]} for kind in ("errors", "messages", "Recipients")]
    whole += [{"SMSMessageData": {"Recipients": [inner], "Message": value}}]
    for status in (200, 400):
        for body in whole:
            sms._gateway.sent(Answer(status, {}, json.dumps(body).encode()))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest",
        "http://localhost/",
        "file:///etc/passwd",
        "x",
        "https://[::1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:9/\r\nhost: other",
    ],
)
async def test_a_picture_is_fetched_from_nowhere_else(url: str) -> None:
    node = Node("twilio", "http://127.0.0.1:9", media=True)
    await brought(node, mms("", url))
    (arrival,) = node.taken.arrivals
    assert (arrival.kind, arrival.flags) == ("text", (LEFT_OUT,))


async def test_pictures_that_stay_at_the_gateway_are_told_of_until_they_go() -> None:
    node = Node("twilio", media=True)
    async with on_loopback(Api()) as api:
        node.base, api.pictures = api.base, {PATH + "1": ("image/jpeg", PICTURE)}
        sms = node.made()
        api.script(Fault(500, {}, b""), Fault(500, {}, b""), on="DELETE *")

        async def whole() -> None:
            for _ in range(3):
                await sms.request(asked(mms(api.base, PATH + "1")))
                for task in list(sms._media._under_way):  # type: ignore[union-attr]
                    await task

        await on_asyncio(whole)
    assert node.emptied == [False, True]


async def test_pictures_of_the_phone_come_with_the_message() -> None:
    node = Node("android")
    attachments = [{"contentType": "image/jpeg", "data": "/9j/IHBpY3R1cmU="}]
    post = posts.android(
        f"{PUBLIC}/in/phone",
        KEY,
        now=NOW,
        event="mms:downloaded",
        body="what I saw",
        attachments=attachments,
    )
    await brought(node, post)
    (arrival,) = node.taken.arrivals
    said = read(arrival.content, arrival.kind)
    assert isinstance(said, Message) and said.media[0].type == "image/jpeg"


def test_every_gateway_is_tried_both_ways() -> None:
    assert {case.gateway for case in CASES.values()} == {*SENDING, "smssync"}


def _json(reply: Reply) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(reply.body)
    return made


async def test_no_credit_stays_on_the_board_while_messages_come_in() -> None:
    board = Board(MemorySpool(Clock()), Clock())
    await board.load(["phone"])
    board.opened("phone")
    for state in ("spent", "login"):
        board.fares("phone", state, "why")
        board.heard("phone", 1, alive=True)
        assert [(one.state, one.why) for one in board.places()] == [(state, "why")]
        board.fares("phone", "works")
        assert [one.state for one in board.places()] == ["works"]
    board.state("phone", "silent")
    board.heard("phone", 0, alive=True)
    assert [one.state for one in board.places()] == ["works"] and board.service == {"phone": 2}
