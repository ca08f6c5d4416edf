"""The stand-in for X refuses what X refuses, counts as X counts, and takes what is right.

Requests are signed here by hand, after RFC 5849 and its own example.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode, urlsafe_b64encode
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from secrets import token_hex
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from relay.ports import NoAnswer
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing import x as platforms
from relay.testing.x import signature, x
from relay.testing.x.weighing import links, shown, weight

NOW = 1_795_000_000
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
GIF = b"GIF89a" + bytes(20)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(30)
FORM = {"content-type": "application/x-www-form-urlencoded"}


class HandClock:
    def __init__(self):
        self.at = NOW

    def now(self):
        return self.at


class Client:
    """Asks with the bearer token, or signs."""

    def __init__(self, platform, http):
        self.platform = platform
        self.http = http

    async def ask(self, method, target, said=None, *, headers=None, body=b"", sign=None, auth=True):
        url = self.platform.base + target
        sent = {}
        if said is not None:
            sent, body = {"content-type": "application/json"}, json.dumps(said).encode()
        if sign is not None:
            sent["authorization"] = self.signed(method, url, **sign)
        elif auth:
            sent["authorization"] = f"Bearer {self.platform.token}"
        answer = await self.http.request(method, url, headers=sent | (headers or {}), body=body)
        made = json.loads(answer.body) if answer.body else None
        return answer.status, made, answer.headers

    def signed(self, method, url, **changed):
        platform = self.platform
        said = {
            "oauth_consumer_key": platform.consumer_key,
            "oauth_nonce": token_hex(8),
            "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": str(platform.clock.now()),
            "oauth_token": platform.access_token,
            "oauth_version": "1.0",
        } | {name: value for name, value in changed.items() if name.startswith("oauth_")}
        parts = urlsplit(url)
        plain = f"{parts.scheme}://{parts.netloc}{parts.path}"
        pairs = [*said.items(), *parse_qsl(parts.query)]
        made = signature(method, plain, pairs, platform.consumer_secret, platform.access_secret)
        said["oauth_signature"] = changed.get("signature", made)
        return "OAuth " + ", ".join(f'{k}="{quote(v, safe="-._~")}"' for k, v in said.items())

    async def post(self, text, **more):
        return await self.ask("POST", "/2/tweets", {"text": text} | more)

    async def list(self, query=""):
        return await self.ask("GET", f"/2/users/{self.platform.account}/tweets{query}")

    async def form(self, target, headers=None, **said):
        body = urlencode(said).encode()
        return await self.ask("POST", target, headers=FORM | (headers or {}), body=body, auth=False)

    async def multipart(self, target, file, **fields):
        lines = [
            f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
            for k, v in fields.items()
        ]
        head = b'--b\r\nContent-Disposition: form-data; name="media"; filename="f"\r\n'
        lines.append(head + b"Content-Type: application/octet-stream\r\n\r\n" + file + b"\r\n")
        sent = {"content-type": "multipart/form-data; boundary=b"}
        body = b"".join(lines) + b"--b--\r\n"
        return await self.ask("POST", target, headers=sent, body=body)

    async def image(self, content=PNG, category="tweet_image"):
        return await self.multipart("/2/media/upload", content, media_category=category)

    async def video(self, content=MP4):
        about = {"media_type": "video/mp4", "total_bytes": len(content)}
        about["media_category"] = "tweet_video"
        _, made, _ = await self.ask("POST", "/2/media/upload/initialize", about)
        id = made["data"]["id"]
        for index in range(0, len(content), 20):
            piece = content[index : index + 20]
            target = f"/2/media/upload/{id}/append"
            assert (await self.multipart(target, piece, segment_index=index // 20))[0] == 200
        return await self.ask("POST", f"/2/media/upload/{id}/finalize")


@asynccontextmanager
async def stage():
    clock = HandClock()
    async with x(clock=clock) as platform, HttpOut(None) as http:
        yield platform, Client(platform, http), clock


# ---------------------------------------------------------------- signatures and tokens


def test_a_signature_is_that_of_the_rfcs_own_example():
    pairs = [
        ("file", "vacation.jpg"),
        ("size", "original"),
        ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
        ("oauth_token", "nnch734d00sl2jdk"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131202"),
        ("oauth_nonce", "chapoH"),
    ]
    url = "http://photos.example.net/photos"
    made = signature("get", url, pairs, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00")
    assert made == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


async def test_a_signed_request_is_believed_with_what_its_query_says():
    async with stage() as (platform, client, _):
        said = {"text": "signed"}
        assert (await client.ask("POST", "/2/tweets", said, sign={}))[0] == 201
        query = f"/2/users/{platform.account}/tweets?tweet.fields=text%2Ccreated_at&max_results=5"
        status, made, _ = await client.ask("GET", query, sign={})
        assert status == 200 and made["data"][0]["text"] == "signed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": "AAAA"},
        {"oauth_token": "another"},
        {"oauth_consumer_key": "another"},
        {"oauth_timestamp": str(NOW - 301)},
        {"oauth_timestamp": str(NOW + 301)},
        {"oauth_timestamp": "yesterday"},
        {"oauth_version": "2.0"},
        {"oauth_signature_method": "PLAINTEXT"},
        {"oauth_callback": "oob"},
        {"oauth_body_hash": "AAAA"},
    ],
)
async def test_a_request_that_is_signed_badly_is_refused(wrong):
    async with stage() as (platform, client, _):
        status, made, _ = await client.ask("POST", "/2/tweets", {"text": "x"}, sign=wrong)
        assert status == 401 and made["title"] == "Unauthorized" and platform.public == []


async def test_a_nonce_is_used_once():
    async with stage() as (_, client, _):
        again = {"oauth_nonce": "once"}
        assert (await client.ask("GET", "/2/users/me", sign=again))[0] == 200
        assert (await client.ask("GET", "/2/users/me", sign=again))[0] == 401


async def test_each_of_the_four_secrets_can_be_set():
    async with stage() as (platform, client, _):
        platform.consumer_key, platform.consumer_secret = "key", "secret &%"
        platform.access_token, platform.access_secret = "token", "token's secret"
        status, made, _ = await client.ask("GET", "/2/users/me", sign={})
        assert status == 200 and made["data"]["id"] == platform.account


async def test_a_refresh_gives_a_new_pair_and_kills_the_old_one():
    async with stage() as (platform, client, _):
        old = platform.refresh_token
        platform.expire()
        assert (await client.post("x"))[0] == 401
        said = {"grant_type": "refresh_token", "client_id": platform.tokens.client_id}
        status, made, _ = await client.form("/2/oauth2/token", refresh_token=old, **said)
        assert status == 200 and made["token_type"] == "bearer" and made["expires_in"] == 7200
        assert (made["access_token"], made["refresh_token"]) == (
            platform.token,
            platform.refresh_token,
        )
        assert (await client.post("x"))[0] == 201
        status, made, _ = await client.form("/2/oauth2/token", refresh_token=old, **said)
        assert status == 400 and made["error"] == "invalid_request"


async def test_a_refresh_whose_answer_is_lost_loses_the_account():
    async with stage() as (platform, client, _):
        old = platform.refresh_token
        said = {"grant_type": "refresh_token", "client_id": platform.tokens.client_id}
        platform.script(faults.cut(), on="POST /2/oauth2/token")
        with pytest.raises(NoAnswer):
            await client.form("/2/oauth2/token", refresh_token=old, **said)
        assert (await client.form("/2/oauth2/token", refresh_token=old, **said))[0] == 400


async def test_a_token_lives_two_hours():
    async with stage() as (_, client, clock):
        clock.at += 7199
        assert (await client.ask("GET", "/2/users/me"))[0] == 200
        clock.at += 1
        assert (await client.ask("GET", "/2/users/me"))[0] == 401


async def test_a_confidential_client_shows_its_secret():
    async with stage() as (platform, client, _):
        tokens = platform.tokens
        tokens.confidential = True
        said = {"grant_type": "refresh_token", "refresh_token": platform.refresh_token}
        status, made, _ = await client.form("/2/oauth2/token", **said)
        assert status == 401 and made["error"] == "unauthorized_client"
        basic = b64encode(f"{tokens.client_id}:{tokens.client_secret}".encode()).decode()
        sent = {"authorization": f"Basic {basic}"}
        assert (await client.form("/2/oauth2/token", sent, **said))[0] == 200


async def test_a_person_who_agrees_gives_a_code_for_a_pair():
    async with stage() as (platform, client, clock):
        platform.revoke()
        assert (await client.post("x"))[0] == 401
        verifier, back = "v" * 50, "http://127.0.0.1:9/back"
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": platform.tokens.client_id,
            "redirect_uri": back,
            "scope": "tweet.read tweet.write users.read offline.access",
            "state": "s",
            "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        for verified, wait, wanted in (("w" * 50, 0, 400), (verifier, 31, 400), (verifier, 0, 200)):
            target = f"/i/oauth2/authorize?{urlencode(asked)}"
            status, _, headers = await client.ask("GET", target, auth=False)
            assert status == 302
            given = dict(parse_qsl(urlsplit(headers["location"]).query))
            assert given["state"] == "s"
            clock.at += wait
            said = {"grant_type": "authorization_code", "redirect_uri": back, "code": given["code"]}
            said |= {"client_id": platform.tokens.client_id, "code_verifier": verified}
            assert (await client.form("/2/oauth2/token", **said))[0] == wanted
        assert (await client.post("x"))[0] == 201
        assert (await client.image())[0] == 403  # nobody agreed to media.write


async def test_a_token_can_be_taken_back():
    async with stage() as (platform, client, _):
        said = {"token": platform.token, "client_id": platform.tokens.client_id}
        assert (await client.form("/2/oauth2/revoke", **said))[1] == {"revoked": True}
        assert (await client.post("x"))[0] == 401


async def test_suspension_and_a_lacking_right_are_told_apart():
    async with stage() as (platform, client, _):
        platform.may_write = False
        status, made, _ = await client.ask("POST", "/2/tweets", {"text": "x"}, sign={})
        assert status == 403 and made["type"].endswith("oauth1-permissions")
        assert (await client.ask("GET", "/2/users/me", sign={}))[0] == 200
        platform.suspend()
        status, made, _ = await client.ask("GET", "/2/users/me")
        assert status == 403 and "suspended" in made["detail"]


# ---------------------------------------------------------------- posting


async def test_a_post_is_taken_and_listed():
    async with stage() as (platform, client, _):
        status, made, headers = await client.post("The lights are out again.")
        assert status == 201 and headers["content-type"].startswith("application/json")
        assert made["data"]["id"] == platform.public[0].id
        assert platform.texts == ["The lights are out again."]
        assert headers["x-rate-limit-limit"] == "100"
        assert headers["x-rate-limit-remaining"] == "99"
        assert int(headers["x-rate-limit-reset"]) > NOW
        assert "x-app-limit-24hour-reset" in headers
        _, made, _ = await client.list()
        [one] = made["data"]
        assert set(one) == {"id", "text", "edit_history_tweet_ids"}
        assert made["meta"]["newest_id"] == made["meta"]["oldest_id"] == one["id"]


@pytest.mark.parametrize(
    "said",
    [
        {"text": "x", "mediaa": {}},
        {"text": 1},
        {"text": ["x"]},
        {"text": "x", "reply": {}},
        {"text": "x", "reply": {"in_reply_to_tweet_id": 1}},
        {"text": "x", "reply": {"in_reply_to_tweet_id": "one"}},
        {"text": "x", "reply": {"in_reply_to_id": "1"}},
        {"text": "x", "media": {"media_ids": []}},
        {"text": "x", "media": {"media_ids": ["1"] * 5}},
        {"text": "x", "media": {"media_ids": ["1"], "alt_text": "x"}},
        {"text": "x", "reply_settings": "everyone"},
        {"text": "x", "made_with_ai": "no"},
        {"text": "x", "poll": {"options": ["a"], "duration_minutes": 5}},
        {"text": "x", "poll": {"options": ["a", "b"]}},
        {"text": ""},
        {},
        [],
    ],
)
async def test_a_post_that_does_not_fit_the_schema_is_refused(said):
    async with stage() as (platform, client, _):
        status, made, _ = await client.ask("POST", "/2/tweets", said)
        assert status == 400 and made["type"].endswith("/invalid-request") and made["errors"]
        assert platform.public == [] and platform.spent == 0


async def test_a_form_or_what_is_not_json_is_refused():
    async with stage() as (_, client, _):
        assert (await client.ask("POST", "/2/tweets", headers=FORM, body=b"text=x"))[0] == 400
        sent = {"content-type": "application/json"}
        assert (await client.ask("POST", "/2/tweets", headers=sent, body=b"{"))[0] == 400
        assert (await client.ask("POST", "/2/tweets?text=x", {"text": "x"}))[0] == 400


async def test_a_path_that_is_not_there_is_answered_with_nothing():
    async with stage() as (_, client, _):
        assert (await client.ask("GET", "/2/tweet"))[:2] == (404, None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x" * 281, "too long"),
        ("日" * 141, "too long"),
        ("https://example.org/ " * 12, "too long"),
        ("$AAA and $BBB", "cashtag"),
        ("x\ufffe", "not allowed"),
    ],
)
async def test_a_text_that_x_does_not_take_is_forbidden(text, says):
    async with stage() as (platform, client, _):
        status, made, _ = await client.post(text)
        assert status == 403 and says in made["detail"] and platform.public == []


@pytest.mark.parametrize(
    ("text", "weighs"),
    [
        ("سلام دنیا", 9),
        ("می‌خواهم", 8),
        ("日本語", 6),
        ("test.ir www.bbc.co.uk/persian", 47),
        ("e\u0301", 1),
        ("\u200f", 2),
        ("👩‍👩‍👧‍👦🇮🇷1️⃣👍🏽", 8),
        ("https://example.org/" + "x" * 300, 23),
        ("https://fa.wikipedia.org/wiki/ایران", 28),
        ("a@example.com #x.com v1.2 README.md", 49),
        ("(https://example.org/a_(b)).", 26),
        ("end.The next", 12),
    ],
)
def test_a_text_weighs_what_x_says(text, weighs):
    assert weight(text) == weighs


def test_the_path_of_a_bare_domain_goes_with_it():
    assert list(links("see example.com:80/x?y=1, example.org:80.")) == [
        "example.com:80/x?y=1",
        "example.org",
    ]


def test_a_text_is_shown_with_short_links_and_escaped():
    made, [one] = shown("<a> & https://example.org/a/rather/long/path.", lambda: "abc")
    assert made == "&lt;a&gt; &amp; https://t.co/abc."
    assert made[one.start : one.end] == one.short == "https://t.co/abc"
    assert one.full == "https://example.org/a/rather/long/path" and one.display.endswith("…")


async def test_the_same_text_is_refused_for_a_while():
    async with stage() as (platform, client, clock):
        platform.duplicates_s = 600
        assert (await client.post("I am safe"))[0] == 201
        status, made, _ = await client.post("I am safe")
        assert status == 403 and made == {
            "detail": "You are not allowed to create a Tweet with duplicate content.",
            "type": "about:blank",
            "title": "Forbidden",
            "status": 403,
        }
        clock.at += 600
        assert (await client.post("I am safe"))[0] == 201
        platform.duplicates_s = 0
        assert (await client.post("I am safe"))[0] == 201


async def test_a_post_whose_answer_is_lost_is_found_by_its_links():
    async with stage() as (platform, client, _):
        platform.script(faults.cut(), on="POST /2/tweets")
        text = "Read & pass on: https://example.org/long?x=1&y=2"
        with pytest.raises(NoAnswer):
            await client.post(text)
        assert platform.texts == [text]
        query = "?max_results=5&tweet.fields=created_at,entities"
        _, made, _ = await client.list(query)
        [one] = made["data"]
        [url] = one["entities"]["urls"]
        assert one["text"] == f"Read &amp; pass on: {url['url']}"
        assert url["expanded_url"] == "https://example.org/long?x=1&y=2"
        assert one["created_at"].endswith(".000Z")


@pytest.mark.parametrize("status", [500, 503])
async def test_a_failure_may_come_after_the_post(status):
    async with stage() as (platform, client, _):
        platform.script(platforms.internal(status, made=True), on="POST /2/tweets")
        assert (await client.post("x"))[0] == status
        assert platform.texts == ["x"]


async def test_a_post_that_is_answered_well_may_be_dropped():
    async with stage() as (platform, client, _):
        platform.drops = True
        assert (await client.post("x"))[0] == 201
        assert platform.public == []


# ---------------------------------------------------------------- threads, replies, taking back


async def test_a_thread_hangs_together_where_it_is_allowed():
    async with stage() as (platform, client, _):
        _, made, _ = await client.post("one")
        first = made["data"]["id"]
        assert (await client.post("two", reply={"in_reply_to_tweet_id": first}))[0] == 201
        assert [one.parent for one in platform.public] == [None, first]
        _, made, _ = await client.list("?tweet.fields=conversation_id,referenced_tweets")
        assert made["data"][0]["conversation_id"] == first
        assert made["data"][0]["referenced_tweets"] == [{"type": "replied_to", "id": first}]
        platform.own_replies_allowed = False
        status, made, _ = await client.post("three", reply={"in_reply_to_tweet_id": first})
        assert status == 403 and made["detail"].startswith("Reply to this conversation is not")


async def test_a_reply_to_what_is_gone_is_forbidden_and_to_who_asked_is_not():
    async with stage() as (platform, client, _):
        platform.own_replies_allowed = False
        status, made, _ = await client.post("x", reply={"in_reply_to_tweet_id": "1"})
        assert status == 403 and "deleted or not visible" in made["detail"]
        asked = platform.reply(platform.put("mine").id, "how are you?", "someone")
        assert (await client.post("well", reply={"in_reply_to_tweet_id": asked.id}))[0] == 201


async def test_replies_of_others_are_mentions_newer_than_a_mark():
    async with stage() as (platform, client, _):
        mine = platform.put("mine")
        first = platform.reply(mine.id, "one", "someone")
        second = platform.reply(mine.id, "two", "another")
        fields = "author_id,conversation_id,in_reply_to_user_id,referenced_tweets"
        target = f"/2/users/{platform.account}/mentions?tweet.fields={fields}"
        _, made, _ = await client.ask("GET", f"{target}&since_id={first.id}")
        [one] = made["data"]
        assert one["id"] == second.id and one["in_reply_to_user_id"] == platform.account
        assert one["referenced_tweets"] == [{"type": "replied_to", "id": mine.id}]
        assert one["author_id"] != platform.account
        assert platform.public == [mine]
        assert (await client.ask("DELETE", f"/2/tweets/{second.id}"))[0] == 403


async def test_a_post_is_taken_back_once():
    async with stage() as (platform, client, _):
        one = platform.put("x")
        target = f"/2/tweets/{one.id}"
        assert (await client.ask("GET", target))[1]["data"]["id"] == one.id
        assert (await client.ask("DELETE", target))[1] == {"data": {"deleted": True}}
        status, made, _ = await client.ask("DELETE", target)
        assert status == 404 and made["type"].endswith("/resource-not-found")
        assert "errors" in (await client.ask("GET", target))[1] and platform.public == []
        assert (await client.ask("DELETE", "/2/tweets/one"))[0] == 400


# ---------------------------------------------------------------- listings


async def test_a_listing_comes_in_pages_newest_first():
    async with stage() as (platform, client, _):
        made = [platform.put(f"number {n}") for n in range(12)]
        seen, token = [], ""
        while token is not None:
            more = f"&pagination_token={token}" if token else ""
            _, said, _ = await client.list(f"?max_results=5{more}")
            seen += [one["id"] for one in said["data"]]
            token = said["meta"].get("next_token")
        assert seen == [one.id for one in made[::-1]]


async def test_a_listing_is_cut_by_ids_times_and_kinds():
    async with stage() as (platform, client, clock):
        first = platform.put("first")
        clock.at += 60
        platform.put("again", repost=True)
        platform.put("answer", parent=first.id)
        last = platform.put("last")
        between = datetime.fromtimestamp(NOW + 30, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for query, wanted in (
            (f"?since_id={first.id}&until_id={last.id}", ["answer", "RT @somebody: again"]),
            ("?exclude=replies,retweets", ["last", "first"]),
            (f"?start_time={between}", ["last", "answer", "RT @somebody: again"]),
            (f"?end_time={between}", ["first"]),
            (f"?since_id={last.id}", []),
        ):
            _, made, _ = await client.list(query)
            assert [one["text"] for one in made.get("data", [])] == wanted
            assert made["meta"]["result_count"] == len(wanted)


async def test_a_listing_lags():
    async with stage() as (platform, client, clock):
        platform.lists_late_s = 30
        platform.put("x")
        clock.at += 29
        assert (await client.list())[1] == {"meta": {"result_count": 0}}
        clock.at += 1
        assert (await client.list())[1]["meta"]["result_count"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "?max_results=4",
        "?max_results=101",
        "?limit=5",
        "?since_id=x",
        "?tweet.fields=txt",
        "?tweet.fields=text,text",
        "?tweet.fields=text&post.fields=text",
        "?expansions=media",
        "?start_time=yesterday",
        "?exclude=reposts",
        "?pagination_token=x",
        "?max_results=5&max_results=6",
    ],
)
async def test_a_query_that_the_schema_does_not_know_is_refused(query):
    async with stage() as (_, client, _):
        status, made, _ = await client.list(query)
        assert status == 400 and made["title"] == "Invalid Request"


async def test_the_listing_of_nobody_is_an_error_within_a_good_answer():
    async with stage() as (_, client, _):
        status, made, _ = await client.ask("GET", "/2/users/1/tweets")
        assert status == 200 and made["errors"][0]["resource_type"] == "user"


# ---------------------------------------------------------------- media


async def test_an_image_is_uploaded_described_and_known_by_its_key():
    async with stage() as (platform, client, _):
        status, made, _ = await client.image()
        assert status == 200 and made["data"]["media_key"].startswith("3_")
        id, key = made["data"]["id"], made["data"]["media_key"]
        said = {"id": id, "metadata": {"alt_text": {"text": "a dark street"}}}
        assert (await client.ask("POST", "/2/media/metadata", said))[0] == 200
        assert (await client.post("look", media={"media_ids": [id]}))[0] == 201
        [one] = platform.public
        [medium] = one.media
        assert (medium.alt, medium.type, medium.content) == ("a dark street", "image/png", PNG)
        query = "?tweet.fields=attachments,entities&expansions=attachments.media_keys"
        _, made, _ = await client.list(f"{query}&media.fields=alt_text,type")
        [shown_one] = made["data"]
        assert shown_one["attachments"] == {"media_keys": [key]}
        assert made["includes"]["media"] == [
            {"media_key": key, "type": "photo", "alt_text": "a dark street"}
        ]
        [url] = shown_one["entities"]["urls"]
        assert shown_one["text"] == f"look {url['url']}" and url["media_key"] == key
        assert platform.spent == 5 + 15 + 1  # the link of a medium is not one that is paid for


async def test_a_description_that_comes_after_the_post_is_too_late():
    async with stage() as (platform, client, _):
        id = (await client.image())[1]["data"]["id"]
        await client.post("", media={"media_ids": [id]})
        said = {"id": id, "metadata": {"alt_text": {"text": "late"}}}
        assert (await client.ask("POST", "/2/media/metadata", said))[0] == 200
        assert platform.public[0].media[0].alt == ""
        said["metadata"]["alt_text"]["text"] = "x" * 1001
        assert (await client.ask("POST", "/2/media/metadata", said))[0] == 400
        said = {"id": "1", "metadata": {}}
        assert (await client.ask("POST", "/2/media/metadata", said))[0] == 404


@pytest.mark.parametrize(
    ("content", "category"),
    [
        (b"<html>", "tweet_image"),
        (PNG, "tweet_gif"),
        (MP4, "tweet_image"),
        (MP4, "tweet_video"),
        (PNG, "image"),
        (PNG + bytes(5 * 1024 * 1024), "tweet_image"),
        (b"", "tweet_image"),
    ],
    ids=lambda one: one if isinstance(one, str) else str(len(one)),
)
async def test_a_file_that_x_does_not_take_is_refused(content, category):
    async with stage() as (_, client, _):
        assert (await client.image(content, category))[0] == 400


async def test_an_upload_says_what_it_is_and_nothing_else():
    async with stage() as (_, client, _):
        assert (await client.multipart("/2/media/upload", PNG))[0] == 400
        more = {"media_category": "tweet_image", "media_type": "image/png"}
        assert (await client.multipart("/2/media/upload", PNG, **more))[0] == 400
        said = {"media": b64encode(PNG).decode(), "media_category": "tweet_image"}
        assert (await client.ask("POST", "/2/media/upload", said))[0] == 200
        assert (await client.ask("POST", "/2/media/upload", said | {"media": "?"}))[0] == 400


async def test_a_video_comes_in_pieces_and_is_worked_on():
    async with stage() as (platform, client, clock):
        platform.media_takes_s = 10
        _, made, _ = await client.video()
        id = made["data"]["id"]
        assert made["data"]["processing_info"] == {"state": "pending", "check_after_secs": 10}
        status, made, _ = await client.post("x", media={"media_ids": [id]})
        assert status == 400 and made["errors"][0]["message"] == "Your media IDs are invalid."
        target = f"/2/media/upload?command=STATUS&media_id={id}"
        clock.at += 5
        _, made, _ = await client.ask("GET", target)
        assert made["data"]["processing_info"]["state"] == "in_progress"
        assert made["data"]["processing_info"]["progress_percent"] == 50
        clock.at += 5
        _, made, _ = await client.ask("GET", target)
        assert made["data"]["processing_info"]["state"] == "succeeded"
        assert (await client.post("x", media={"media_ids": [id]}))[0] == 201
        assert platform.public[0].media[0].content == MP4


async def test_work_on_a_video_may_fail():
    async with stage() as (platform, client, _):
        platform.media_fails = True
        _, made, _ = await client.video()
        assert made["data"]["processing_info"]["state"] == "failed"
        ids = {"media_ids": [made["data"]["id"]]}
        assert (await client.post("x", media=ids))[0] == 400


async def test_a_piece_can_be_sent_again_and_none_may_lack():
    async with stage() as (_, client, _):
        about = {"media_type": "video/mp4", "total_bytes": len(MP4)}
        _, made, _ = await client.ask("POST", "/2/media/upload/initialize", about)
        base = f"/2/media/upload/{made['data']['id']}"
        assert (await client.multipart(f"{base}/append", MP4[:20], segment_index=0))[0] == 200
        assert (await client.ask("POST", f"{base}/finalize"))[0] == 400
        assert (await client.multipart(f"{base}/append", MP4[:20], segment_index=0))[0] == 200
        assert (await client.multipart(f"{base}/append", MP4, segment_index=1))[0] == 400
        assert (await client.multipart(f"{base}/append", MP4[20:], segment_index=1000))[0] == 400
        assert (await client.multipart(f"{base}/append", MP4[20:], segment_index=1))[0] == 200
        assert (await client.ask("POST", f"{base}/finalize"))[0] == 200
        assert (await client.ask("POST", f"{base}/finalize"))[0] == 400


@pytest.mark.parametrize(
    "said",
    [
        {"media_type": "video/mp4"},
        {"total_bytes": 5},
        {"media_type": "video/mp4", "total_bytes": "5"},
        {"media_type": "video/avi", "total_bytes": 5},
        {"media_type": "video/mp4", "total_bytes": 5, "media_category": "tweet_gif"},
        {"media_type": "video/mp4", "total_bytes": 5, "name": "x"},
    ],
)
async def test_an_upload_that_begins_badly_is_refused(said):
    async with stage() as (_, client, _):
        assert (await client.ask("POST", "/2/media/upload/initialize", said))[0] == 400


async def test_up_to_four_images_or_one_of_the_others():
    async with stage() as (_, client, clock):
        images = [(await client.image())[1]["data"]["id"] for _ in range(4)]
        gif = (await client.image(GIF, "tweet_gif"))[1]["data"]["id"]
        assert (await client.post("a", media={"media_ids": images}))[0] == 201
        assert (await client.post("b", media={"media_ids": [images[0], gif]}))[0] == 400
        assert (await client.post("c", media={"media_ids": [gif]}))[0] == 201
        assert (await client.post("d", media={"media_ids": ["1"]}))[0] == 400
        clock.at += 86400
        client.platform.tokens.issue(clock.at)
        assert (await client.post("e", media={"media_ids": [gif]}))[0] == 400


# ---------------------------------------------------------------- money and limits


async def test_each_call_has_its_price():
    async with stage() as (platform, client, clock):
        await client.post("plain")
        assert platform.spent == 15
        await client.post("a bare domain: example.com")
        assert platform.spent == 15 + 200
        await client.list()
        assert platform.spent == 215 + 2
        await client.list()
        assert platform.spent == 217  # read once a day
        clock.at += 86400
        platform.tokens.issue(clock.at)
        await client.list()
        assert platform.spent == 219
        await client.ask("GET", "/2/users/me")
        assert platform.spent == 229 and platform.credit == 1_000_000 - 229


async def test_without_credit_nothing_works():
    async with stage() as (platform, client, _):
        platform.credit = 15
        assert (await client.post("one"))[0] == 201
        status, made, headers = await client.post("two")
        assert status == 402 and made["title"] == "CreditsDepleted"
        assert headers["content-type"].startswith("application/json")
        assert (await client.list())[0] == 402
        platform.credit = 1
        assert (await client.post("two"))[0] == 201
        platform.broke()
        assert (await client.post("three"))[0] == 402 and platform.texts == ["one", "two"]


async def test_more_calls_than_allowed_wait_for_the_window():
    async with stage() as (platform, client, clock):
        platform.requests_allowed = 1
        assert (await client.post("one"))[0] == 201
        status, made, headers = await client.post("two")
        assert status == 429 and made["title"] == "Too Many Requests"
        assert headers["x-rate-limit-remaining"] == "0"
        assert (await client.list())[0] == 200  # each call has its own window
        clock.at = int(headers["x-rate-limit-reset"])
        assert (await client.post("two"))[0] == 201


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (platforms.usage_capped(), 429, "usage-capped"),
        (platforms.limited(NOW + 60), 429, "about:blank"),
        (platforms.duplicate(), 403, "about:blank"),
        (platforms.broke(), 402, "credits"),
        (platforms.forbidden("no", "client-forbidden"), 403, "client-forbidden"),
    ],
)
async def test_what_x_says_can_be_scripted(fault, status, kind):
    async with stage() as (platform, client, _):
        platform.script(fault, on="POST /2/tweets")
        got, made, _ = await client.post("x")
        assert got == status and made["type"].endswith(kind) and platform.public == []
