"""The bridge as a whole: its settings, its account, what it sends, removal and edits."""

from __future__ import annotations

import json

import pydantic
import pytest
from fediverse_parts import (
    NOW,
    Hands,
    Kept,
    a_bridge,
    attempt,
    post_of,
    refused,
    said,
    status,
)
from fediverse_parts import Server as Scripted

from bridges.fediverse import answers, drafts
from bridges.kit import BadSecret, part_key
from bridges.mastodon import Mastodon
from relay.model import Health, Later, Media, Once, Posted, Refused, Removed, Stopped
from relay.ports import Answer, NoAnswer, NotSent

POST, WHO = "POST /api/v1/statuses", "GET /api/v1/accounts/verify_credentials"


@pytest.mark.parametrize(
    ("server", "kept"),
    [
        ("https://social.example", "https://social.example"),
        ("https://social.example/", "https://social.example"),
        ("http://127.0.0.1:4101", "http://127.0.0.1:4101"),
        ("http://social.example", None),
        ("https://social.example/@us", None),
        ("https://social.example/?x", None),
        ("https://us:token@social.example", None),
        ("social.example", None),
    ],
)
def test_a_server_is_an_address_and_nothing_more(server, kept):
    settings = {"server": server, "token_file": "x"}
    if kept is None:
        with pytest.raises(pydantic.ValidationError):
            Mastodon.Settings.model_validate(settings)
    else:
        assert Mastodon.Settings.model_validate(settings).server == kept


@pytest.mark.parametrize(
    "more",
    [
        {"visibility": "direct"},
        {"mentions": "some"},
        {"content_warning": "x" * 101},
        {"sensitive": "perhaps"},
        {"token": "t"},
    ],
)
def test_settings_have_their_values(more):
    with pytest.raises(pydantic.ValidationError):
        Mastodon.Settings.model_validate({"server": "https://a.example", "token_file": "x", **more})


@pytest.mark.parametrize("token", ["two words", "two\nlines", "tokén"])
def test_a_token_is_one_plain_word(tmp_path, token):
    file = tmp_path / "token"
    file.write_text(token)
    file.chmod(0o600)
    with pytest.raises(BadSecret) as told:
        a_bridge(tmp_path, Scripted())
    assert token not in str(told.value)


def test_it_says_how_its_secret_is_made():
    assert set(Mastodon.secrets) <= set(Mastodon.Settings.model_fields)
    assert answers.SCOPES in Mastodon.secrets["token_file"]


def test_nothing_shows_the_token(tmp_path):
    bridge = a_bridge(tmp_path, Scripted())
    assert "token-of-ours" not in repr(vars(bridge)) + repr(bridge)


# ---------------------------------------------------------------- send


async def test_what_is_sent(tmp_path):
    server = Scripted({POST: said(status("5"))})
    bridge = a_bridge(tmp_path, server)
    [part] = await bridge.prepare(post_of("متن", title="عنوان", language="fa-IR"))
    await bridge.send(attempt(part, after="4"), Kept())
    method, path, headers, body = server.asked[-1]
    assert (method, path) == ("POST", "/api/v1/statuses")
    assert headers["authorization"] == "Bearer token-of-ours"
    assert headers["idempotency-key"] == part.key == part_key(bytes(32), 0)
    assert json.loads(body) == {
        "status": "عنوان\n\nمتن",
        "visibility": "public",
        "language": "fa",
        "in_reply_to_id": "4",
    }


@pytest.mark.parametrize(
    ("mentions", "text"), [("off", "@\u2060bob #\u2060news"), ("on", "@bob #news")]
)
async def test_names_and_tags_work_only_if_the_operator_says_so(tmp_path, mentions, text):
    bridge = a_bridge(tmp_path, Scripted(), mentions=mentions)
    [part] = await bridge.prepare(post_of("@bob #news"))
    assert drafts.thawed(part.payload).text == text


async def test_a_post_without_anything_left_is_refused_before_it_leaves(tmp_path):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    [part] = await bridge.prepare(post_of("\x00 \u202e\n"))
    server.asked.clear()
    assert await bridge.send(attempt(part), Kept()) == Refused("nothing is left of it to post")
    assert server.asked == []


# ---------------------------------------------------------------- check


async def test_the_account_is_named_by_server_and_id(tmp_path):
    bridge = a_bridge(tmp_path, Scripted())
    assert await bridge.check() == Health("mastodon social.example 7")
    assert bridge.once == Once("exact", 3300, everywhere=True)


@pytest.mark.parametrize(
    ("who", "trouble"),
    [
        (refused(401, "The access token is invalid"), "the server does not know the token: make"),
        (refused(403, "Your login is currently disabled"), "the account is suspended"),
        (refused(403, "outside the authorized scopes"), "the token lacks a right: make"),
        (refused(422, "This method requires an authenticated user"), "does not know the token"),
        (said({"id": "7", "suspended": True}), "the account is suspended"),
        (refused(500), "it answered 500"),
        (refused(429), "it answered 429"),
        (Answer(200, {"content-type": "text/html"}, b"<html>"), "it answered 200"),
        (said({"id": 7}), "it answered 200"),
        (NotSent("x"), "cannot be reached"),
        (NoAnswer("x"), "cannot be reached"),
    ],
)
async def test_trouble_is_named_with_its_remedy(tmp_path, who, trouble):
    bridge = a_bridge(tmp_path, Scripted({WHO: who}))
    health = await bridge.check()
    assert trouble in health.trouble
    assert "token-of-ours" not in health.trouble


async def test_an_account_that_was_named_stays_named_in_trouble(tmp_path):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    named = (await bridge.check()).account
    server.answers[WHO] = NotSent("x")
    assert (await bridge.check()).account == named


async def test_a_token_that_may_not_read_or_not_post_is_told(tmp_path):
    server = Scripted({"GET /api/v1/accounts/7/statuses": refused(403)})
    assert "may not read" in (await a_bridge(tmp_path, server).check()).trouble
    scopes = "GET /api/v1/apps/verify_credentials"
    server = Scripted({scopes: said({"scopes": ["read", "write:media"]})})
    assert "may not post" in (await a_bridge(tmp_path, server).check()).trouble
    for enough in (["read", "write"], ["read", "write:statuses"]):
        server = Scripted({scopes: said({"scopes": enough})})
        assert not (await a_bridge(tmp_path, server).check()).trouble


# ---------------------------------------------------------------- remove and edit


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (said(status("5")), Removed()),
        (refused(404), Removed()),
        (refused(410), Removed()),
        (Answer(200, {"content-type": "text/html"}, b"<p>for sale"), Later),
        (Answer(404, {"content-type": "text/html"}, b"<p>not found"), Stopped),
        (refused(401), Stopped),
        (refused(403, "This action is not allowed"), Refused),
        (refused(403, "outside the authorized scopes"), Stopped),
        (
            refused(429, x_ratelimit_reset="2026-11-18T11:36:40.000000Z"),
            Later("the server's limit is reached", NOW + 1800, "destination"),
        ),
        (refused(500), Later),
        (refused(503, retry_after="7"), Later("answered 503", NOW + 7, "host")),
        (NotSent("x"), Later),
        (NoAnswer("x"), Later),
    ],
)
async def test_how_a_removal_ends(tmp_path, answer, ended):
    server = Scripted({"DELETE /api/v1/statuses/5": answer})
    outcome = await a_bridge(tmp_path, server).remove("5")
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended


@pytest.mark.parametrize("ref", ["", "a/b", "..", "1?x", "x" * 65, "é", "-"])
async def test_a_ref_of_another_platform_is_refused_unasked(tmp_path, ref):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    assert isinstance(await bridge.remove(ref), Refused)
    assert isinstance(await bridge.edit(ref, post_of()), Refused)
    assert server.asked == []


PUT = "PUT /api/v1/statuses/5"


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (said(status("5")), Posted("5", "https://social.example/@us/5")),
        (refused(404), Refused("it is gone from the server")),
        (refused(401), Stopped),
        (refused(403, "This action is not allowed"), Refused),
        (refused(422), Refused),
        (refused(429), Later),
        (refused(502), Later),
        (said(status("6")), Later),
        (NotSent("x"), Later),
        (NoAnswer("x"), Later),
    ],
)
async def test_how_an_edit_ends(tmp_path, answer, ended):
    outcome = await a_bridge(tmp_path, Scripted({PUT: answer})).edit("5", post_of("new"))
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended


async def test_an_edit_says_all_that_shall_stand_there(tmp_path):
    server = Scripted({PUT: said(status("5")), "POST /api/v2/media": said({"id": "11"})})
    bridge = a_bridge(tmp_path, server)
    await bridge.edit("5", post_of("new", media=[Media("image/png", b"x")]))
    await bridge.edit("5", post_of("new"))
    with_media, without = (json.loads(body) for body in server.bodies(PUT))
    assert without == {
        "status": "new",
        "language": "en",
        "spoiler_text": "",
        "sensitive": False,
        "media_ids": [],
    }
    assert with_media == {**without, "media_ids": ["11"]}


async def test_an_edit_that_does_not_fit_or_may_not_be_changes_nothing(tmp_path):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    assert isinstance(await bridge.edit("5", post_of("a" * 498)), Refused)  # gone, as it is not
    server.asked.clear()
    assert await bridge.edit("5", post_of("a" * 499)) == Refused("it does not fit into one post")
    assert isinstance(await bridge.edit("5", post_of(" ")), Refused)
    assert server.asked == []


async def test_limits_are_asked_again_after_the_clock_was_set_back(tmp_path):
    clock, server = Hands(), Scripted()
    bridge = a_bridge(tmp_path, server, clock)
    await bridge.prepare(post_of())
    clock.at = NOW - 365 * 86400
    await bridge.prepare(post_of())
    assert [path for _, path, *_ in server.asked].count("/api/v2/instance") == 2


async def test_a_refusal_of_what_is_there_already_is_no_refusal(tmp_path):
    """The answer to the first try was lost; then somebody removed the part before, and the server
    knows no post to answer to."""
    theirs = status("9", in_reply_to_id="5", created_at="2026-11-18T11:06:41.000Z")
    for listed, ended in [([theirs], Posted), ([], Refused)]:
        mine = {POST: refused(404), "GET /api/v1/accounts/7/statuses": said(listed)}
        bridge = a_bridge(tmp_path, Scripted(mine), Hands(NOW + 600))
        [part] = await bridge.prepare(post_of())
        assert isinstance(await bridge.send(attempt(part, n=2, after="5"), Kept()), ended)
