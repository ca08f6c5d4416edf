"""The session with a homeserver: one device, kept; what a new one does not know is looked up."""

from __future__ import annotations

import json
import os

import pytest
from matrix_bridge_parts import (
    EVENT,
    LOGIN,
    MESSAGES,
    NOW,
    ROOM,
    SEND,
    USER,
    WHO,
    Hands,
    Scripted,
    a_bridge,
    failed,
    message,
    page,
    said,
    sent,
    session,
)

from bridges.kit import BadSecret, part_key
from bridges.rooms.access import ENDED
from bridges.rooms.events import OURS
from relay.model import Later, Posted, Stopped, Unsure
from relay.ports import NoAnswer, NotSent

SOFT = failed("M_UNKNOWN_TOKEN", 401, soft_logout=True)
HARD = failed("M_UNKNOWN_TOKEN", 401)
GOOD = said({"event_id": EVENT})
KEY = part_key(bytes(32), 0)


async def test_the_password_is_used_once_and_always_names_the_same_device(tmp_path):
    server = Scripted()
    for _ in range(3):
        assert isinstance(await sent(a_bridge(tmp_path, server)), Posted)
    assert server.bodies(LOGIN) == [
        {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": "us"},
            "password": "pass word",
            "device_id": "OUTWORD",
            "initial_device_display_name": "Relay",
        }
    ]
    assert server.tokens(LOGIN) == [""]


async def test_a_given_token_is_asked_whose_it_is_and_no_log_in_is_made(tmp_path):
    server = Scripted()
    for _ in range(2):
        assert isinstance(await sent(a_bridge(tmp_path, server, token=True)), Posted)
    assert server.names == [WHO, SEND, SEND]
    assert set(server.tokens(SEND)) == {"Bearer token-of-ours"}


@pytest.mark.parametrize("token", ["two words", "tokén"])
def test_a_token_is_one_plain_word(tmp_path, token):
    file = tmp_path / "secret"
    file.write_text(token)
    file.chmod(0o600)
    with pytest.raises(BadSecret) as told:
        a_bridge(tmp_path, Scripted(), token=True)
    assert token not in str(told.value)


async def test_another_device_user_or_secret_begins_a_new_session(tmp_path):
    server = Scripted()
    await sent(a_bridge(tmp_path, server))
    await sent(a_bridge(tmp_path, server, device_id="NODE2"))
    await sent(a_bridge(tmp_path, server, device_id="NODE2", user="them"))
    (tmp_path / "secret").write_text("another")
    await sent(a_bridge(tmp_path, server, device_id="NODE2", user="them"))
    assert server.names.count(LOGIN) == 4


# ---------------------------------------------------------------- ended softly, ended hard


async def test_a_session_that_ended_softly_goes_on_with_the_same_device(tmp_path):
    clock = Hands()
    server = Scripted({LOGIN: [session("t1"), session("t2")], SEND: [GOOD, SOFT, GOOD]})
    bridge = a_bridge(tmp_path, server, clock=clock)
    await sent(bridge)
    clock.at = NOW + 100
    assert isinstance(await sent(bridge, n=2, first=NOW + 50), Posted)
    assert MESSAGES not in server.names  # the device knows what it sent
    assert server.tokens(SEND) == ["Bearer t1", "Bearer t1", "Bearer t2"]
    held = json.loads((tmp_path / "secret.session/held").read_text())
    assert (held["token"], held["since"], held["renewing"]) == ("t2", NOW, False)


async def test_a_log_in_whose_answer_is_lost_is_made_again(tmp_path):
    """The old token is gone by then, and says so hard: that is our own doing."""
    server = Scripted({LOGIN: [session(), NoAnswer(), session("t2")], SEND: [SOFT, HARD, GOOD]})
    assert isinstance(await sent(a_bridge(tmp_path, server)), Later)
    assert isinstance(await sent(a_bridge(tmp_path, server)), Posted)
    assert server.names.count(LOGIN) == 3


async def test_what_another_process_has_renewed_is_used(tmp_path):
    """A command and the node have one account: the log-in of one ends the token of the other."""
    server = Scripted({LOGIN: [session(), session("t2")], SEND: [SOFT, GOOD, HARD, GOOD]})
    node = a_bridge(tmp_path, server)
    assert (await node.check()).trouble == ""
    command = a_bridge(tmp_path, server)
    assert isinstance(await sent(command), Posted)  # with t2
    assert isinstance(await sent(node), Posted)
    assert server.tokens(SEND) == ["Bearer t1", "Bearer t2", "Bearer t1", "Bearer t2"]
    assert server.names.count(LOGIN) == 2


async def test_a_refused_log_in_is_tried_again_after_the_clock_was_set_back(tmp_path):
    clock = Hands()
    server = Scripted({LOGIN: [failed("M_FORBIDDEN", 403), session()]})
    bridge = a_bridge(tmp_path, server, clock=clock)
    assert isinstance(await sent(bridge), Stopped)
    clock.at = NOW - 365 * 86400
    assert isinstance(await sent(bridge), Posted)


async def test_a_session_that_somebody_ended_stops_until_the_secret_is_put_in_again(tmp_path):
    server = Scripted({LOGIN: [session(), session("t2")], SEND: [HARD, GOOD]})
    assert await sent(a_bridge(tmp_path, server)) == ENDED
    again = a_bridge(tmp_path, server)
    assert await sent(again) == ENDED
    health = await again.check()
    assert health.account == f"matrix {USER} {ROOM}"
    assert "ended the session" in health.trouble
    assert server.names.count(LOGIN) == 1
    later = os.stat(tmp_path / "secret").st_mtime_ns + 10**9
    os.utime(tmp_path / "secret", ns=(later, later))
    assert isinstance(await sent(a_bridge(tmp_path, server)), Posted)


async def test_a_token_that_is_no_longer_known_stops(tmp_path):
    server = Scripted({SEND: HARD})
    bridge = a_bridge(tmp_path, server, token=True)
    assert isinstance(await sent(bridge), Stopped)
    assert LOGIN not in server.names


# ---------------------------------------------------------------- a device newer than a try


OURS_THERE = page(message(**{OURS: KEY}))


@pytest.mark.parametrize(
    ("listed", "at", "outcome", "sends"),
    [
        (OURS_THERE, NOW + 60, Posted, 0),
        (page(), NOW + 60, Posted, 1),
        (page(), NOW + 10, Unsure, 0),  # a list may lag
        (NoAnswer(), NOW + 60, Unsure, 0),
    ],
)
async def test_an_earlier_try_is_looked_for_by_a_session_that_does_not_know_it(
    tmp_path, listed, at, outcome, sends
):
    server = Scripted({MESSAGES: listed})
    bridge = a_bridge(tmp_path, server, clock=Hands(at))
    assert isinstance(await sent(bridge, n=2, first=NOW), outcome)
    assert server.names.count(SEND) == sends


# ---------------------------------------------------------------- log-ins that fail


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (failed("M_FORBIDDEN", 403), Stopped),
        (failed("M_USER_DEACTIVATED", 403), Stopped),
        (failed("M_UNKNOWN", 400), Stopped),
        (failed("M_LIMIT_EXCEEDED", 429, retry_after_ms=60_000), Later),
        (failed("M_UNKNOWN", 500), Later),
        (said({"user_id": "us", "access_token": "t", "device_id": "D"}), Later),
        (session("two words"), Later),
        (NoAnswer(), Later),
        (NotSent(), Later),
    ],
)
async def test_a_log_in_that_fails_posts_nothing(tmp_path, answer, outcome):
    server = Scripted({LOGIN: answer})
    assert isinstance(await sent(a_bridge(tmp_path, server)), outcome)
    assert SEND not in server.names


async def test_a_refused_log_in_is_not_tried_again_for_a_while(tmp_path):
    clock = Hands()
    server = Scripted({LOGIN: failed("M_FORBIDDEN", 403)})
    bridge = a_bridge(tmp_path, server, clock=clock)
    for _ in range(5):
        assert isinstance(await sent(bridge), Stopped)
    assert server.names == [LOGIN]
    clock.at = NOW + 601
    server.answers[LOGIN] = session()
    assert isinstance(await sent(bridge), Posted)


async def test_a_session_that_cannot_be_kept_is_used_and_said(tmp_path, monkeypatch):
    def full(path, secret):
        raise OSError(28, "no room")

    monkeypatch.setattr("bridges.kit.session.write_secret", full)
    bridge = a_bridge(tmp_path, Scripted())
    assert isinstance(await sent(bridge), Posted)
    assert "cannot be written" in (await bridge.check()).trouble
