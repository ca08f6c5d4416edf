"""The bridge to X before a scripted one: what is sent, what answers mean, its account."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import pydantic
import pytest
from x_parts import (
    CLIENT,
    FOUR,
    ME,
    NOW,
    PNG,
    TWEETS,
    Hands,
    Kept,
    Scripted,
    a_bridge,
    attempt,
    made,
    post_of,
    problem,
    said,
    sent,
)

from bridges import kit
from bridges.kit import drafts
from bridges.twitter import answers, uploading
from bridges.x import X
from relay.model import (
    Health,
    Later,
    Media,
    Once,
    Posted,
    Refused,
    Removed,
    Stopped,
    Unsure,
)
from relay.ports import Answer, NoAnswer, NotSent

# ---------------------------------------------------------------- settings, secrets


@pytest.mark.parametrize(
    "more",
    [
        {"threads": "chain"},
        {"links": "no"},
        {"characters": 140},
        {"api": "http://api.x.com"},
        {"price": -1},
        {"token": "t"},
    ],
)
def test_settings_have_their_values(more):
    with pytest.raises(pydantic.ValidationError):
        X.Settings.model_validate({"token_file": "x", **more})


@pytest.mark.parametrize(
    "held",
    [
        FOUR,
        "k ks 7-t ts",
        "k\nks\n7-t\nts\n",
        "consumer_key=k\nconsumer_secret=ks\naccess_token=7-t\naccess_token_secret='ts'",
        '{"api_key":"k","api_secret":"ks","access_token":"7-t","access_token_secret":"ts"}',
    ],
)
async def test_four_keys_are_read_as_people_keep_them(tmp_path, held):
    http = Scripted()
    await a_bridge(tmp_path, http, held=held).check()
    [(_, _, headers, _)] = http.asked
    assert 'oauth_consumer_key="k"' in headers["authorization"]
    assert 'oauth_token="7-t"' in headers["authorization"]


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ("api_key = k\naccess_token = t", "lacks api_key_secret, access_token_secret"),
        ('{"client_id": "c"}', "lacks refresh_token"),
        ("nonsense", "neither JSON nor"),
        ("{", "neither JSON nor"),
        ('{"api_key": 5}', "one word of plain characters"),
        ("api_key = two words", "one word of plain characters"),
    ],
)
def test_what_a_secret_file_lacks_is_named_and_nothing_quoted(tmp_path, held, told):
    with pytest.raises(kit.BadSecret) as caught:
        a_bridge(tmp_path, Scripted(), held=held)
    assert told in str(caught.value)
    assert "two" not in str(caught.value)


def test_it_says_how_its_secret_is_made_and_nothing_shows_it(tmp_path):
    assert set(X.secrets) <= set(X.Settings.model_fields)
    for held in (FOUR.replace("7-t", "hidden"), CLIENT.replace("r1", "hidden")):
        (tmp_path / "keys").unlink(missing_ok=True)
        bridge = a_bridge(tmp_path, Scripted(), held=held)
        assert "hidden" not in repr(bridge) + repr(vars(bridge)) + repr(vars(bridge._api))


# ---------------------------------------------------------------- send


async def test_what_is_sent(tmp_path):
    http = Scripted()
    bridge = a_bridge(tmp_path, http)
    [part] = await bridge.prepare(post_of("متن @bob", title="عنوان"))
    posted = await bridge.send(attempt(part, after="9"), Kept())
    assert posted == Posted("11", "https://x.com/i/status/11")
    [(line, query, headers, body)] = http.asked
    assert (line, query) == (TWEETS, "")
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "text": "عنوان\n\nمتن @\u2060bob",
        "reply": {"in_reply_to_tweet_id": "9"},
    }


async def test_numbered_parts_stand_alone(tmp_path):
    http = Scripted()
    bridge = a_bridge(tmp_path, http, threads="numbered")
    await sent(bridge, after="9")
    assert "reply" not in json.loads(http.bodies(TWEETS)[0])


REPLY = "Reply to this conversation is not allowed because you have not been mentioned"


@pytest.mark.parametrize("detail", [REPLY, "You are not permitted to perform this action."])
async def test_where_x_allows_no_answers_the_rest_follows_numbered(tmp_path, detail):
    http = Scripted(answers={TWEETS: [problem(403, detail), made("12"), made("13")]})
    bridge = a_bridge(tmp_path, http)
    parts = await bridge.prepare(post_of("word " * 150))
    assert await bridge.send(attempt(parts[1], after="11"), Kept()) == Later(answers.NO_ANSWERS)
    posted = await bridge.send(attempt(parts[1], n=2, after="11"), Kept())
    assert isinstance(posted, Posted)
    await bridge.send(attempt(parts[2], after="12"), Kept())
    with_parent = ["reply" in json.loads(body) for body in http.bodies(TWEETS)]
    assert with_parent == [True, False, False]
    assert "(2/" in json.loads(http.bodies(TWEETS)[1])["text"]


async def test_an_account_that_may_not_post_at_all_stops_though_it_answered(tmp_path):
    http = Scripted(answers={TWEETS: problem(403, "You are not permitted")})
    bridge = a_bridge(tmp_path, http)
    assert isinstance(await sent(bridge, after="9"), Later)
    assert isinstance(await sent(bridge, after="9"), Stopped)


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (made(), Posted("11", "https://x.com/i/status/11")),
        (said({"data": {"id": "11"}}, 200), Unsure("answered 200")),
        (said({"data": {"id": "eleven"}}, 201), Unsure("answered 201")),
        (Answer(201, {"content-type": "text/html"}, b"<html>"), Unsure("answered 201")),
        (problem(400, "bad", "https://api.x.com/2/problems/invalid-request"), Refused),
        (problem(401), Stopped("X does not know the keys", answers.NEW_KEYS)),
        (problem(402, "CreditsDepleted"), Stopped),
        (
            problem(403, "You are not allowed to create a Tweet with duplicate content."),
            Unsure(answers.TWICE),
        ),
        (problem(403, "Your account is suspended and is not permitted to access"), Stopped),
        (problem(403, "your account is temporarily locked"), Stopped),
        (problem(403, "n", "https://api.x.com/2/problems/client-forbidden"), Stopped),
        (problem(403, "n", "https://api.twitter.com/2/problems/oauth1-permissions"), Stopped),
        (problem(403, "You are not permitted to perform this action."), Stopped),
        (problem(403, "Your Tweet text is too long."), Refused),
        (problem(403, "Posts are limited to a maximum of 1 cashtag"), Refused),
        (problem(403, "an invalid URL"), Refused),
        (problem(429, x_rate_limit_reset=str(NOW + 90)), Later),
        (problem(429, "n", "https://api.x.com/2/problems/usage-capped"), Stopped),
        (problem(408), Later),
        (problem(413), Refused),
        (problem(500), Unsure("answered 500")),
        (problem(502), Unsure("answered 502")),
        (problem(503, retry_after="7"), Unsure("answered 503")),
        (problem(504), Unsure("answered 504")),
        (Answer(302, {"location": "https://x.com/login"}), Unsure("answered 302")),
        (NotSent("x"), Later("the host cannot be reached", scope="host")),
        (NoAnswer("x"), Unsure),
    ],
)
async def test_how_a_send_ends(tmp_path, answer, ended):
    outcome = await sent(a_bridge(tmp_path, Scripted(answers={TWEETS: answer})))
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended


@pytest.mark.parametrize("status", [400, 403])
async def test_a_part_whose_parent_is_gone_is_refused(tmp_path, status):
    gone = problem(
        status, "You attempted to reply to a Tweet that is deleted or not visible to you."
    )
    bridge = a_bridge(tmp_path, Scripted(answers={TWEETS: gone}))
    assert await sent(bridge, after="9") == Refused(answers.NO_PARENT)


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({"x_rate_limit_remaining": "0", "x_rate_limit_reset": str(NOW + 90)}, NOW + 90),
        ({"x_rate_limit_remaining": "1", "x_rate_limit_reset": str(NOW + 90)}, None),
        (
            {
                "x_rate_limit_remaining": "5",
                "x_user_limit_24hour_remaining": "0",
                "x_user_limit_24hour_reset": str(NOW + 7200),
            },
            NOW + 7200,
        ),
    ],
)
async def test_a_limit_that_is_used_up_is_rested_from(tmp_path, headers, until):
    answer = said({"data": {"id": "11", "text": ""}}, 201, **headers)
    posted = await sent(a_bridge(tmp_path, Scripted(answers={TWEETS: answer})))
    assert posted == Posted("11", "https://x.com/i/status/11", until)
    limited = problem(429, **headers)
    later = await sent(a_bridge(tmp_path, Scripted(answers={TWEETS: limited})))
    assert isinstance(later, Later) and later.scope == "destination"
    assert later.not_before == (until or NOW + 90)


# ---------------------------------------------------------------- tokens


async def test_a_signature_is_made_again_by_the_servers_clock_where_ours_is_wrong(tmp_path):
    http = Scripted(answers={TWEETS: [problem(401), made()]})
    clock = Hands()
    clock.at = NOW - 4000
    assert isinstance(await sent(a_bridge(tmp_path, http, clock=clock)), Posted)
    times = [headers["authorization"] for _, _, headers, _ in http.asked]
    assert f'oauth_timestamp="{NOW - 4000}"' in times[0] and f'"{NOW}"' in times[1]


async def test_keys_that_are_refused_are_not_tried_twice(tmp_path):
    http = Scripted(answers={TWEETS: problem(401)})
    assert isinstance(await sent(a_bridge(tmp_path, http)), Stopped)
    assert len(http.asked) == 1


TOKEN = "POST /2/oauth2/token"


async def test_a_token_is_renewed_once_and_durable_before_it_is_used(tmp_path):
    pair = said({"access_token": "a2", "refresh_token": "r2", "expires_in": 7200})
    http = Scripted(answers={TWEETS: [problem(401), made()], TOKEN: pair})
    bridge = a_bridge(tmp_path, http, held=CLIENT)
    assert isinstance(await sent(bridge), Posted)
    lines = [(line, headers["authorization"]) for line, _, headers, _ in http.asked]
    assert lines == [
        (TWEETS, "Bearer a1"),
        (TOKEN, "Basic Yzpz"),
        (TWEETS, "Bearer a2"),
    ]
    assert dict(parse_qsl(http.bodies(TOKEN)[0].decode())) == {
        "grant_type": "refresh_token",
        "refresh_token": "r1",
    }
    again = Scripted()
    await sent(a_bridge(tmp_path, again, held=CLIENT))
    assert again.asked[0][2]["authorization"] == "Bearer a2"


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (problem(400, "Value passed for the token was invalid."), Stopped),
        (problem(401), Stopped),
        (problem(503), Later),
        (Answer(200, {"content-type": "text/html"}, b"<html>"), Later),
        (NotSent("x"), Later),
        (NoAnswer("x"), Later),
    ],
)
async def test_a_token_that_cannot_be_renewed(tmp_path, answer, ended):
    http = Scripted(answers={TWEETS: problem(401), TOKEN: answer})
    assert type(await sent(a_bridge(tmp_path, http, held=CLIENT))) is ended
    assert len(http.bodies(TWEETS)) == 1


async def test_no_token_is_renewed_that_could_not_be_kept(tmp_path, monkeypatch):
    async def full(self, held):
        raise OSError("no room")

    pair = said({"access_token": "a2", "refresh_token": "r2"})
    http = Scripted(answers={TWEETS: [problem(401), problem(401), made()], TOKEN: pair})
    bridge = a_bridge(tmp_path, http, held=CLIENT)
    with monkeypatch.context() as patched:
        patched.setattr(kit.Session, "store", full)
        outcome = await sent(bridge)
    assert isinstance(outcome, Stopped) and "TOKENFILE.session" in outcome.action
    assert not http.bodies(TOKEN)
    assert isinstance(await sent(bridge), Posted)  # there is room again


async def test_a_renewed_token_that_cannot_be_kept_is_used_and_told(tmp_path, monkeypatch):
    store = kit.Session.store

    async def full(self, held):
        if held["access_token"] != "a1":
            raise OSError("no room")
        await store(self, held)

    monkeypatch.setattr(kit.Session, "store", full)
    pair = said({"access_token": "a2", "refresh_token": "r2"})
    http = Scripted(answers={TWEETS: [problem(401), made()], TOKEN: pair})
    bridge = a_bridge(tmp_path, http, held=CLIENT)
    assert isinstance(await sent(bridge), Posted)
    assert "cannot be written" in (await bridge.check()).trouble


# ---------------------------------------------------------------- media

UPLOAD = "POST /2/media/upload"
UP = said({"data": {"id": "31", "media_key": "3_31", "expires_after_secs": 86400}})
ALT = said({"data": {"id": "31"}})


async def test_pictures_go_up_described_before_the_post(tmp_path):
    second = said({"data": {"id": "32", "media_key": "3_32"}})
    http = Scripted(answers={UPLOAD: [UP, second], "POST /2/media/metadata": ALT})
    bridge = a_bridge(tmp_path, http)
    kept = Kept()
    [part] = await bridge.prepare(post_of("look", media=[PNG, Media("image/jpeg", b"x")]))
    assert part.price == 20
    await bridge.send(attempt(part), kept)
    assert [line for line, *_ in http.asked] == [UPLOAD, "POST /2/media/metadata", UPLOAD, TWEETS]
    assert b'name="media_category"\r\n\r\ntweet_image' in http.bodies(UPLOAD)[0]
    [alt] = http.bodies("POST /2/media/metadata")
    assert json.loads(alt) == {"id": "31", "metadata": {"alt_text": {"text": "a roof at night"}}}
    assert json.loads(http.bodies(TWEETS)[0])["media"] == {"media_ids": ["31", "32"]}
    state = uploading.kept(kept.last)
    assert state.tried and state.keys == ("3_31", "3_32")


async def test_a_film_goes_in_segments_and_is_waited_for(tmp_path):
    film = Media("video/mp4", bytes(uploading.SEGMENT + 5))
    working = {"id": "31", "processing_info": {"state": "in_progress", "check_after_secs": 9}}
    done = {"id": "31", "processing_info": {"state": "succeeded"}}
    http = Scripted(
        answers={
            "POST /2/media/upload/initialize": UP,
            "POST /2/media/upload/31/append": said({"data": {"expires_at": 1}}),
            "POST /2/media/upload/31/finalize": said({"data": working}),
            "GET /2/media/upload": [said({"data": working}), said({"data": done})],
        }
    )
    bridge = a_bridge(tmp_path, http)
    [part] = await bridge.prepare(post_of(media=[film]))
    kept = Kept()
    first = await bridge.send(attempt(part), kept)
    assert first == Later("a medium is not ready yet", NOW + 9)
    assert isinstance(await bridge.send(attempt(part, n=2, kept=kept.last), kept), Posted)
    [begun] = http.bodies("POST /2/media/upload/initialize")
    assert json.loads(begun) == {
        "media_type": "video/mp4",
        "total_bytes": uploading.SEGMENT + 5,
        "media_category": "tweet_video",
    }
    segments = http.bodies("POST /2/media/upload/31/append")
    for number, segment in enumerate(segments):
        assert f'name="segment_index"\r\n\r\n{number}\r\n'.encode() in segment
    assert len(segments) == 2
    assert http.queries("GET /2/media/upload")[0] == {"command": "STATUS", "media_id": "31"}


@pytest.mark.parametrize(
    ("line", "answer", "ended"),
    [
        (UPLOAD, problem(400), Refused("X cannot use a medium")),
        (UPLOAD, problem(500), Later),
        (UPLOAD, NoAnswer("x"), Later),
        (UPLOAD, problem(402), Stopped),
        (UPLOAD, said({"data": {}}), Later),
        ("POST /2/media/metadata", problem(404), Later(uploading.GONE)),
        ("POST /2/media/metadata", problem(429, retry_after="9"), Later),
    ],
)
async def test_how_an_upload_ends(tmp_path, line, answer, ended):
    http = Scripted(answers={UPLOAD: UP, "POST /2/media/metadata": ALT} | {line: answer})
    outcome = await sent(a_bridge(tmp_path, http), media=[PNG])
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended
    assert http.bodies(TWEETS) == []


async def test_media_that_x_has_forgotten_are_uploaded_again(tmp_path):
    http = Scripted(answers={UPLOAD: UP, "POST /2/media/metadata": ALT})
    bridge = a_bridge(tmp_path, http)
    [part] = await bridge.prepare(post_of(media=[PNG]))
    kept = Kept()
    await bridge.send(attempt(part), kept)
    http.answers[TWEETS] = [problem(400, "Your media IDs are invalid."), made()]
    again = await bridge.send(attempt(part, n=2, kept=kept.last), kept)
    assert again == Later(uploading.GONE) and kept.last == b""
    assert isinstance(await bridge.send(attempt(part, n=3), kept), Posted)
    http.answers[TWEETS] = problem(400)
    assert isinstance(await bridge.send(attempt(part), kept), Refused)  # just uploaded: the words


@pytest.mark.parametrize(
    ("medium", "why"),
    [
        (Media("audio/mpeg", b"x"), "X does not take a medium of this type"),
        (Media("image/png", b""), "a medium is empty"),
        (Media("image/png", bytes(5_000_001)), "a medium is larger than X takes"),
    ],
)
async def test_a_medium_that_x_does_not_take_refuses_the_whole_post(tmp_path, medium, why):
    http = Scripted()
    assert await sent(a_bridge(tmp_path, http), media=[PNG, medium]) == Refused(why)
    assert http.asked == []


async def test_pictures_go_by_four_and_a_film_alone(tmp_path):
    bridge = a_bridge(tmp_path, Scripted())
    gif, film = Media("image/gif", b"x"), Media("video/mp4", b"x")
    parts = await bridge.prepare(post_of(media=[PNG] * 5 + [gif, film]))
    groups = [len(drafts.thawed(part.payload).media) for part in parts]
    assert groups == [4, 1, 1, 1]


# ---------------------------------------------------------------- check


async def test_the_account_is_named_by_its_id_and_asked_for_seldom(tmp_path):
    http, clock = Scripted(), Hands()
    bridge = a_bridge(tmp_path, http, clock=clock)
    assert await bridge.check() == Health("x 7")
    await bridge.check()
    assert len(http.asked) == 1
    clock.at += 6 * 3600
    await bridge.check()
    assert len(http.asked) == 2
    assert bridge.once == Once("lookup")


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (problem(401), "X does not know the keys: in console.x.com"),
        (problem(402), "no credit left: buy"),
        (problem(403, "suspended"), "suspended or locked: log in"),
        (problem(500), "it answered 500"),
        (Answer(200, {"content-type": "text/html"}, b"<html>"), "it answered 200"),
        (said({"data": {"id": "7"}}, x_access_level="read"), "the keys may only read"),
        (NotSent("x"), "cannot be reached"),
        (NoAnswer("x"), "cannot be reached"),
    ],
)
async def test_trouble_is_named_with_its_remedy_and_asked_for_again(tmp_path, answer, trouble):
    http = Scripted(answers={ME: answer})
    bridge = a_bridge(tmp_path, http)
    assert trouble in (await bridge.check()).trouble
    http.answers[ME] = said({"data": {"id": "7"}})
    assert await bridge.check() == Health("x 7")


async def test_an_account_that_stopped_is_asked_for_at_once(tmp_path):
    http = Scripted(answers={TWEETS: problem(402)})
    bridge = a_bridge(tmp_path, http)
    await bridge.check()
    await sent(bridge)
    http.answers[ME] = problem(402)
    health = await bridge.check()
    assert health.account == "x 7" and "credit" in health.trouble


async def test_a_renewed_token_that_could_not_be_kept_is_not_given_up_for_an_older_one(
    tmp_path, monkeypatch
):
    def pair(n: int):
        return said({"access_token": f"a{n}", "refresh_token": f"r{n}"})

    tweets = [problem(401), made(), problem(401), made(), problem(401), made()]
    http = Scripted(answers={TWEETS: tweets, TOKEN: [pair(2), pair(3), pair(4)]})
    bridge = a_bridge(tmp_path, http, held=CLIENT)
    assert isinstance(await sent(bridge), Posted)  # a2 and r2 are kept

    store = kit.Session.store

    async def full(self, held):
        if held["access_token"] != "a2":
            raise OSError("no room")
        await store(self, held)

    monkeypatch.setattr(kit.Session, "store", full)
    assert isinstance(await sent(bridge), Posted)  # a3 and r3 are not
    assert isinstance(await sent(bridge), Posted)
    tokens = [dict(parse_qsl(body.decode()))["refresh_token"] for body in http.bodies(TOKEN)]
    assert tokens == ["r1", "r2", "r3"]


async def test_a_token_that_another_process_used_up_meanwhile_is_taken_over_from_it(tmp_path):
    class Raced(Scripted):
        async def request(self, method, url, **more):
            if url.endswith("/oauth2/token"):
                await kit.Session(str(tmp_path / "keys")).store(
                    {"access_token": "a2", "refresh_token": "r2"}
                )
            return await super().request(method, url, **more)

    http = Raced(answers={TWEETS: [problem(401), made()], TOKEN: problem(400)})
    assert isinstance(await sent(a_bridge(tmp_path, http, held=CLIENT)), Posted)
    assert http.asked[-1][2]["authorization"] == "Bearer a2"


# ---------------------------------------------------------------- remove


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (said({"data": {"deleted": True}}), Removed()),
        (said({"data": {"deleted": False}}), Later),
        (problem(404), Removed()),
        (Answer(404, {"content-type": "text/html"}, b"<html>"), Stopped),
        (problem(401), Stopped),
        (problem(403), Stopped),
        (problem(429), Later),
        (problem(500), Later),
        (NotSent("x"), Later),
        (NoAnswer("x"), Later),
    ],
)
async def test_how_a_removal_ends(tmp_path, answer, ended):
    http = Scripted(answers={"DELETE /2/tweets/11": answer})
    outcome = await a_bridge(tmp_path, http).remove("11")
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended


@pytest.mark.parametrize("ref", ["", "x", "1/2", "1" * 20, "１"])
async def test_a_ref_of_another_platform_is_refused_unasked(tmp_path, ref):
    http = Scripted()
    assert isinstance(await a_bridge(tmp_path, http).remove(ref), Refused)
    assert http.asked == []
