"""Servers that answer with anything: of every field that a bridge reads, every type there is.

What a platform says may make a send doubtful or an answer late; it raises nothing, and what comes
back can be passed on and kept.
"""

from __future__ import annotations

import json
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bridges.relays.events import made_by
from bridges.relays.keys import Key
from relay.model import Absent, Found, Health, Replied, Unknown
from relay.ports import Answer, Later, Posted, Refused, Removed, Stopped, Unsure
from tests.unit import bluesky_bridge_parts as bluesky
from tests.unit import fediverse_parts as mastodon
from tests.unit import matrix_bridge_parts as matrix
from tests.unit import nostr_parts as nostr

ROUNDS = 150

JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**30, -(10**30), float("inf"), float("nan"),
    "", "x", "\ud800", "\x00", "²", "0", "a" * 3000, "$", "../..", "\n",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "2026-11-18T11:06:40Z",
    "https://[", "https://a b/\r\n", [], {}, [[]], [None], {"": {}}, [{"a": 1}] * 3,
)  # fmt: skip


def spoilt(value: Any, chance: random.Random) -> Any:
    """The value with about one part in six another one."""
    if chance.random() < 0.15:
        return chance.choice(JUNK)
    if isinstance(value, dict):
        return {name: spoilt(one, chance) for name, one in value.items()}
    if isinstance(value, list):
        return [spoilt(one, chance) for one in value]
    return value


def spoiling(chance: random.Random) -> Callable[[Answer], Answer]:
    """Answers as they should be, and then not quite."""

    def made(answer: Answer) -> Answer:
        try:
            said = json.loads(answer.body)
        except ValueError:
            return answer
        status = chance.choice([answer.status] * 6 + [200, 400, 401, 403, 404, 409, 422, 429, 500])
        odd = {"date": "x", "retry-after": "²", "x-ratelimit-reset": "9" * 400}
        headers = dict(answer.headers) | (odd if chance.random() < 0.1 else {})
        return Answer(status, headers, json.dumps(spoilt(said, chance)).encode())

    return made


class Spoilt:
    """A scripted server, whose answers are spoilt on the way."""

    def __init__(self, server: Any, spoil: Callable[[Answer], Answer]) -> None:
        self._server = server
        self._spoil = spoil

    async def request(self, method: str, url: str, **more: Any) -> Answer:
        return self._spoil(await self._server.request(method, url, **more))

    async def connect(self, host: str, port: int, **more: Any) -> Any:
        return await self._server.connect(host, port, **more)


def kept_whole(outcome: object) -> None:
    """It can be written down, and says nothing but our own words."""
    if isinstance(outcome, Replied):
        assert len(outcome.cursor) <= 4096
        assert len(outcome.replies) <= 100
        for reply in outcome.replies:
            "".join([reply.ref, reply.to, reply.text]).encode()
            assert len(reply.text) <= 20_000
            assert reply.date is None or abs(reply.date) < 1 << 48
    elif isinstance(outcome, Posted | Found):
        f"{outcome.ref}{outcome.url}".encode()
    else:
        assert "secret words" not in str(outcome)
        str(outcome).encode()


async def all_of_it(bridge: Any, parts: Any, ref: str, cursor: bytes) -> None:
    """Everything a bridge can be asked for, one after the other."""
    kept = parts.Kept()
    edited = parts.post_of("another")
    for part in await bridge.prepare(parts.post_of("hello", media=[])):
        outcome = await never_raises(bridge.send(parts.attempt(part), kept))
        assert isinstance(outcome, Posted | Later | Refused | Unsure | Stopped)
        found = await never_raises(bridge.find(parts.attempt(part, kept=kept.last)))
        assert isinstance(found, Found | Absent | Unknown)
    health = await never_raises(bridge.check())
    assert isinstance(health, Health)
    assert isinstance(await never_raises(bridge.remove(ref)), Removed | Later | Refused | Stopped)
    if hasattr(bridge, "edit"):
        outcome = await never_raises(bridge.edit(ref, edited))
        assert isinstance(outcome, Posted | Later | Refused | Stopped)
    if hasattr(bridge, "replies"):
        for one in (b"", cursor):
            outcome = await never_raises(bridge.replies(one))
            assert isinstance(outcome, Replied | Later | Stopped)


async def never_raises(call: Awaitable[object]) -> object:
    outcome = await call
    kept_whole(outcome)
    return outcome


BLUESKY_REF = f"at://{bluesky.DID}/app.bsky.feed.post/3ke6kg3wk22xh"


def bluesky_server() -> Any:
    notice = {
        "uri": f"at://{bluesky.SOMEBODY}/app.bsky.feed.post/3ke6kg3wk22xa",
        "cid": bluesky.CID,
        "reason": "reply",
        "indexedAt": "2026-11-18T11:06:40.123Z",
        "record": {"text": "an answer", "reply": {"parent": {"uri": BLUESKY_REF}}},
    }
    value = {"text": "x", "createdAt": "2026-11-18T11:06:40.123Z", "reply": {"root": {}}}
    listed = {"notifications": [notice, {**notice, "uri": "at://x"}], "cursor": "more"}
    return bluesky.Scripted(
        createSession=bluesky.session(didDoc=bluesky.document("https://pds.example")),
        refreshSession=bluesky.session(2),
        getRecord=bluesky.said({"uri": BLUESKY_REF, "cid": bluesky.CID, "value": value}),
        listNotifications=bluesky.said(listed),
        resolveHandle=bluesky.said({"did": bluesky.SOMEBODY}),
    )


def matrix_server() -> Any:
    relates = {"m.relates_to": {"m.in_reply_to": {"event_id": matrix.EVENT}}}
    answer = matrix.message("$theirs", "an answer", sender="@them:server.example", **relates)
    levels = {"users": {matrix.USER: "50"}, "events": {"m.room.message": 60}, "users_default": 0}
    created = {"sender": matrix.USER, "content": {"room_version": "12", "additional_creators": []}}
    return matrix.Scripted(
        {
            matrix.SYNC: matrix.said({"next_batch": "s1"}),
            matrix.MESSAGES: matrix.page(matrix.message(), answer, end="e"),
            "GET state/m.room.power_levels": matrix.said(levels),
            "GET state/m.room.create": matrix.said(created),
        }
    )


def mastodon_server() -> Any:
    status = mastodon.said(mastodon.status())
    return mastodon.Server(
        {
            "POST /api/v1/statuses": status,
            "PUT /api/v1/statuses/1": status,
            "DELETE /api/v1/statuses/1": status,
            "GET /api/v1/accounts/7/statuses": mastodon.said([mastodon.status()]),
            "GET /api/v1/apps/verify_credentials": mastodon.said({"scopes": ["write"]}),
        }
    )


@pytest.mark.parametrize("seed", range(4))
async def test_bluesky_may_say_anything(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    mark = json.dumps(["2026-11-18T00:00:00.000000+00:00", "0"]).encode()
    for number in range(ROUNDS):
        there = tmp_path / str(number)
        there.mkdir()
        bridge = bluesky.a_bridge(there, Spoilt(bluesky_server(), spoiling(chance)))
        await all_of_it(bridge, bluesky, BLUESKY_REF, mark)


@pytest.mark.parametrize("seed", range(4))
async def test_a_homeserver_may_say_anything(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(ROUNDS):
        there = tmp_path / str(number)
        there.mkdir()
        bridge = matrix.a_bridge(there, Spoilt(matrix_server(), spoiling(chance)))
        await all_of_it(bridge, matrix, matrix.EVENT, b'["t1",[]]')


@pytest.mark.parametrize("seed", range(4))
async def test_a_fediverse_server_may_say_anything(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(ROUNDS):
        there = tmp_path / str(number)
        there.mkdir()
        bridge = mastodon.a_bridge(there, Spoilt(mastodon_server(), spoiling(chance)))
        await all_of_it(bridge, mastodon, "1", b"")


# ---------------------------------------------------------------- relays


def spoilt_relay(chance: random.Random, event: dict[str, Any], answer: dict[str, Any]) -> Any:
    """A relay that says what relays say, and then not quite."""

    def spoil(words: list[Any]) -> list[Any]:
        made = spoilt(words, chance)
        return made if isinstance(made, list) else [made]

    relay = nostr.FakeRelay(
        lambda words: [spoil(["OK", words[1]["id"], chance.random() < 0.5, "auth-required: no"])],
        document=spoilt(nostr.limits(max_message_length=65536, min_pow_difficulty=0), chance),
        auth=[chance.choice(["challenge", "\ud800", "a" * 3000])],
        status=chance.choice([101] * 6 + [302, 429, 403, 500]),
    )
    relay.req = lambda words: [
        spoil(["EVENT", words[1], event]),
        spoil(["EVENT", words[1], answer]),
        spoil(["NOTICE", "x"]),
        spoil(["CLOSED" if chance.random() < 0.2 else "EOSE", words[1], "auth-required: no"]),
    ]
    return relay


@pytest.mark.parametrize("seed", range(4))
async def test_relays_may_say_anything(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    ours = made_by(Key(bytes.fromhex(nostr.SECRET)), 1, (), nostr.DATE, "a post")
    tags = (("e", ours.id, "", "root"), ("p", nostr.ACCOUNT))
    theirs = made_by(Key(bytes.fromhex("11" * 32)), 1, tags, nostr.DATE, "an answer")
    for number in range(ROUNDS // 3):
        there = tmp_path / str(number)
        there.mkdir()
        relays = {
            name: spoilt_relay(chance, ours.shown(), theirs.shown()) for name in ("a", "b", "c")
        }
        bridge = nostr.a_bridge(there, nostr.Relays(**relays))
        cursor = json.dumps([nostr.DATE - 100, []]).encode()
        await all_of_it(bridge, nostr, ours.id, cursor)
