"""The session with a Bluesky server: logged in rarely, renewed once, kept before it is used."""

from __future__ import annotations

import json

import pytest
from bluesky_bridge_parts import (
    CREATE,
    DID,
    NOW,
    PUT,
    REFRESH,
    Hands,
    Scripted,
    a_bridge,
    document,
    failed,
    said,
    sent,
    session,
)

from relay.model import Later, Posted, Stopped
from relay.ports import NoAnswer, NotSent

EXPIRED = failed("ExpiredToken", 400, "Token has expired")


async def test_the_password_is_used_once_and_the_session_outlives_the_process(tmp_path):
    server = Scripted()
    for _ in range(3):
        assert isinstance(await sent(a_bridge(tmp_path, server)), Posted)
    assert server.names.count(CREATE) == 1
    assert server.bodies(CREATE) == [
        {"identifier": "us.example", "password": "abcd-efgh-ijkl-mnop"}
    ]


async def test_a_new_password_another_handle_or_server_begins_a_new_session(tmp_path):
    server = Scripted()
    await sent(a_bridge(tmp_path, server))
    await sent(a_bridge(tmp_path, server, handle="them.example"))
    await sent(a_bridge(tmp_path, server, handle="them.example", service="https://pds.example"))
    (tmp_path / "password").write_text("another")
    await sent(a_bridge(tmp_path, server, handle="them.example", service="https://pds.example"))
    assert server.names.count(CREATE) == 4


async def test_later_calls_go_to_the_accounts_own_server(tmp_path):
    house = "morel.us-east.host.bsky.network"
    server = Scripted(createSession=session(didDoc=document(f"https://{house}")))
    await sent(a_bridge(tmp_path, server))
    assert [(name, host) for name, host, *_ in server.asked] == [
        (CREATE, "bsky.social"),
        (PUT, house),
    ]


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://pds1.example.net",
        "http://morel.us-east.host.bsky.network",
        "https://morelhost.bsky.network",
        "https://u:p@morel.us-east.host.bsky.network",
        "http://127.0.0.1:1",
        "ftp://x",
        "https://[",
        "",
        7,
    ],
)
async def test_a_server_that_must_not_be_asked_is_not(tmp_path, endpoint):
    server = Scripted(createSession=session(didDoc=document(endpoint)))
    await sent(a_bridge(tmp_path, server))
    assert {host for _, host, *_ in server.asked} == {"bsky.social"}


@pytest.mark.parametrize("answer", [EXPIRED, failed("InvalidToken"), failed("AuthMissing", 401)])
async def test_an_expired_token_is_renewed_and_the_request_repeated(tmp_path, answer):
    server = Scripted(putRecord=[answer, Scripted().answers[PUT]], refreshSession=session(2))
    assert isinstance(await sent(a_bridge(tmp_path, server)), Posted)
    assert server.names == [CREATE, PUT, REFRESH, PUT]
    assert server.headers(REFRESH)[0]["authorization"] == "Bearer r1"
    assert [one["authorization"] for one in server.headers(PUT)] == ["Bearer a1", "Bearer a2"]


async def test_the_new_pair_is_durable_before_it_is_used(tmp_path):
    def put(body):
        held = json.loads((tmp_path / "password.session/held").read_text())
        seen.append(held["access"])
        return EXPIRED if held["access"] == "a1" else Scripted().answers[PUT](body)

    seen: list[str] = []
    server = Scripted(putRecord=put, refreshSession=session(2))
    assert isinstance(await sent(a_bridge(tmp_path, server)), Posted)
    assert seen == ["a1", "a2"]


async def test_a_session_that_is_over_is_begun_anew_once(tmp_path):
    server = Scripted(
        createSession=[session(1), session(2)],
        putRecord=[EXPIRED, Scripted().answers[PUT]],
        refreshSession=failed("ExpiredToken", 400, "Token has been revoked"),
    )
    assert isinstance(await sent(a_bridge(tmp_path, server)), Posted)
    assert server.names == [CREATE, PUT, REFRESH, CREATE, PUT]


async def test_a_token_that_is_never_taken_stops_the_account(tmp_path):
    server = Scripted(putRecord=EXPIRED, refreshSession=session(2))
    assert isinstance(await sent(a_bridge(tmp_path, server)), Stopped)
    assert server.names.count(PUT) == 2


@pytest.mark.parametrize(
    "answer",
    [NoAnswer(), NotSent(), failed("InternalServerError", 500), failed("Rate", 429), said([])],
)
async def test_a_renewal_that_fails_for_now_waits_and_uses_no_log_in(tmp_path, answer):
    server = Scripted(putRecord=EXPIRED, refreshSession=answer)
    assert isinstance(await sent(a_bridge(tmp_path, server)), Later)
    assert server.names.count(CREATE) == 1


async def test_an_account_that_was_taken_down_is_not_logged_in_again(tmp_path):
    server = Scripted(putRecord=EXPIRED, refreshSession=failed("AccountTakedown", 401))
    ended = await sent(a_bridge(tmp_path, server))
    assert isinstance(ended, Stopped)
    assert server.names.count(CREATE) == 1


async def test_a_password_that_is_refused_is_not_tried_again_for_a_while(tmp_path):
    clock = Hands()
    server = Scripted(createSession=failed("AuthenticationRequired", 401))
    bridge = a_bridge(tmp_path, server, clock=clock)
    for _ in range(5):
        assert isinstance(await sent(bridge), Stopped)
        assert (await bridge.check()).trouble
    assert server.names == [CREATE]
    clock.at = NOW + 601
    server.answers[CREATE] = session()
    assert isinstance(await sent(bridge), Posted)


async def test_a_limit_on_log_ins_is_obeyed(tmp_path):
    clock = Hands()
    server = Scripted(createSession=failed("RateLimitExceeded", 429, retry_after="300"))
    bridge = a_bridge(tmp_path, server, clock=clock)
    for _ in range(3):
        ended = await sent(bridge)
        assert isinstance(ended, Later)
        assert ended.not_before == NOW + 300
    assert server.names == [CREATE]


@pytest.mark.parametrize(
    "wrong",
    [
        {"did": "us"},
        {"accessJwt": ""},
        {"accessJwt": "two words"},
        {"refreshJwt": None},
        {"refreshJwt": "x" * 4000},
    ],
)
async def test_a_session_of_another_shape_is_none(tmp_path, wrong):
    server = Scripted(createSession=session(**wrong))
    assert isinstance(await sent(a_bridge(tmp_path, server)), Later)
    assert server.names == [CREATE]


async def test_a_session_that_cannot_be_kept_is_used_and_said(tmp_path, monkeypatch):
    def full(path, secret):
        raise OSError(28, "no room")

    monkeypatch.setattr("bridges.kit.session.write_secret", full)
    bridge = a_bridge(tmp_path, Scripted())
    assert isinstance(await sent(bridge), Posted)
    health = await bridge.check()
    assert health.account == f"bluesky {DID}"
    assert "cannot be written" in health.trouble
