"""One relay or media server that is hostile, or blocked, holds up no other."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
import trio

from bridges.relays.asking import reached
from bridges.relays.events import made_by
from bridges.relays.keys import Key
from bridges.relays.line import MOST_MESSAGE, Line
from bridges.relays.together import PATIENCE_S
from relay.model import Later, Posted, Replied, Unknown, Unsure
from relay.ports import Answer, NoAnswer
from tests.unit.nostr_parts import (
    ACCOUNT,
    DATE,
    NOW,
    PNG,
    SECRET,
    A,
    B,
    FakeRelay,
    Kept,
    Relays,
    a_bridge,
    attempt,
    post_of,
)

STRANGER = Key(bytes.fromhex("11" * 32))
OURS = made_by(Key(bytes.fromhex(SECRET)), 1, (), DATE, "a post")


class Tarpit(Relays):
    """Its host ``t.example`` takes a connection, or a file, and never says a word."""

    async def connect(self, host, port, *, tls="now", timeout_s=15.0):
        if host == "t.example":
            await trio.sleep_forever()
        return await super().connect(host, port, tls=tls, timeout_s=timeout_s)

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0):
        if "//t.example" in url and method != "GET":
            await trio.sleep_forever()
        return await super().request(method, url, headers=headers, body=body, timeout_s=timeout_s)


def answering(at: int, text: str = "we are well") -> dict:
    tags = (("e", OURS.id, "", "root"), ("p", ACCOUNT))
    return made_by(STRANGER, 1, tags, at, text).shown()


async def sent(tmp_path, http, *, relays, media=(), **settings):
    bridge = a_bridge(tmp_path, http, relays=relays, **settings)
    [part] = await bridge.prepare(post_of(media=media))
    return await bridge.send(attempt(part), Kept())


async def test_a_media_server_that_is_blocked_holds_up_no_post(tmp_path, autojump_clock):
    http = Tarpit(a=FakeRelay())
    name = sha256(PNG.content).hexdigest()
    http.media[f"HEAD https://media.example/{name}"] = Answer(200)
    mirrors = [f"https://t.example:{port}" for port in range(1, 7)]
    with trio.fail_after(110):  # a destination's call has 120 s
        outcome = await sent(
            tmp_path, http, relays=[A], media=[PNG] * 4, blossom=["https://media.example", *mirrors]
        )
    assert isinstance(outcome, Posted)


async def test_a_relay_that_never_says_a_word_is_doubt_and_no_hang(tmp_path, autojump_clock):
    relays = [A, "wss://t.example"]
    http = Tarpit(a=FakeRelay())
    bridge = a_bridge(tmp_path, http, relays=relays)
    [part] = await bridge.prepare(post_of())
    with trio.fail_after(PATIENCE_S + 1):
        assert isinstance(await bridge.send(attempt(part), Kept()), Unsure)
    with trio.fail_after(PATIENCE_S + 1):
        assert isinstance(await bridge.remove(OURS.id), Later)
    with trio.fail_after(PATIENCE_S + 1):
        assert isinstance(await bridge.find(attempt(part)), Unknown)
    with trio.fail_after(PATIENCE_S + 1):
        assert "1 of 2 relays" in (await bridge.check()).trouble


class Chatting:
    """A stream on which a notice comes, and another, and another."""

    def __init__(self, stream) -> None:
        self._stream = stream
        self.aclose = stream.aclose

    async def send(self, said, *, timeout_s=60.0):
        await self._stream.send(said)

    async def receive(self, *, timeout_s=60.0):
        await trio.sleep(min(timeout_s, 15))
        self._stream._say(["NOTICE", "wait"])
        return await self._stream.receive()


class Chatty(Relays):
    async def connect(self, host, port, *, tls="now", timeout_s=15.0):
        return Chatting(await super().connect(host, port, tls=tls, timeout_s=timeout_s))


async def test_a_relay_that_talks_of_other_things_is_left(autojump_clock):
    relay = FakeRelay()
    relay.req = lambda words: []
    with trio.fail_after(60):
        assert not await reached(Chatty(a=relay), A, ACCOUNT)


async def test_a_message_without_end_is_not_read(tmp_path):
    http = Relays(a=FakeRelay(auth=["a" * MOST_MESSAGE]))
    line = await Line.open(http, A)
    with pytest.raises(NoAnswer):
        await line.hear(5)
    await line.aclose()


async def test_a_challenge_that_cannot_be_written_holds_up_no_other_relay(tmp_path):
    odd = FakeRelay(
        lambda words: [["OK", words[1]["id"], False, "auth-required: who"]], auth=["\ud800"]
    )
    outcome = await sent(tmp_path, Relays(a=odd, b=FakeRelay()), relays=[A, B], least=1)
    assert isinstance(outcome, Posted)


async def test_an_answer_of_another_time_does_not_move_the_cursor(tmp_path):
    """A cursor in the year 5000 would hide whatever comes before it."""
    relay = FakeRelay(has=[OURS.shown(), answering(NOW + 10**11), answering(DATE)])
    bridge = a_bridge(tmp_path, Relays(a=relay), relays=[A])
    got = await bridge.replies(json.dumps([DATE - 100, []]).encode())
    assert isinstance(got, Replied)
    assert [reply.date for reply in got.replies] == [DATE]
    assert json.loads(got.cursor)[0] <= NOW


async def test_an_answer_of_accents_without_end_is_cut_before_it_is_looked_at(tmp_path):
    relay = FakeRelay(has=[OURS.shown(), answering(DATE, "\u0301\u0316" * 20_000)])
    bridge = a_bridge(tmp_path, Relays(a=relay), relays=[A])
    got = await bridge.replies(json.dumps([DATE - 100, []]).encode())
    assert isinstance(got, Replied)
    assert len(got.replies[0].text) <= 10_000
