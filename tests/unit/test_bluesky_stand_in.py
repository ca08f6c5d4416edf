"""The stand-in for Bluesky, asked by plain requests: what it takes, refuses and keeps."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest

from relay.ports import NoAnswer
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.bluesky import Mark, bluesky, cid_of_blob, failed, limited, tid
from relay.testing.bluesky.formats import DATETIME, RECORD_KEY, TID
from relay.testing.shapes import Text

NOW = 1_795_000_000
POST = "app.bsky.feed.post"
KEY = "3ke6kg3wk22xh"
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(40)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


class HandClock:
    def __init__(self):
        self.at = NOW

    def now(self):
        return self.at


class Client:
    """Plain requests to one stand-in."""

    def __init__(self, platform, http, clock):
        self.platform, self.http, self.clock = platform, http, clock
        self.access = self.refresh_token = ""
        self.last = None

    async def ask(self, method, id, body=None, *, token=None, type="application/json", **params):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = type
        content = json.dumps(body).encode() if isinstance(body, dict) else body or b""
        url = f"{self.platform.base}/xrpc/{id}?{urlencode(params, doseq=True)}"
        self.last = await self.http.request(method, url, headers=headers, body=content)
        made = json.loads(self.last.body) if self.last.body else {}
        return self.last.status, made

    async def login(self):
        who = {"identifier": self.platform.handle, "password": self.platform.password}
        status, made = await self.ask("POST", "com.atproto.server.createSession", who)
        if status == 200:
            self.access, self.refresh_token = made["accessJwt"], made["refreshJwt"]
        return status, made

    async def refresh(self):
        return await self.ask("POST", "com.atproto.server.refreshSession", token=self.refresh_token)

    async def put(self, record, rkey=KEY, *, how="putRecord", **more):
        body = {"repo": self.platform.account, "collection": POST, "rkey": rkey, "record": record}
        id = f"com.atproto.repo.{how}"
        return await self.ask("POST", id, body | {"validate": True} | more, token=self.access)

    async def upload(self, content=PNG, type="image/png"):
        id = "com.atproto.repo.uploadBlob"
        status, made = await self.ask("POST", id, content, token=self.access, type=type)
        assert status == 200
        return made["blob"]

    async def read(self, id, **params):
        return await self.ask("GET", id, token=self.access, **params)

    async def get(self, rkey=KEY):
        return await self.ask(
            "GET",
            "com.atproto.repo.getRecord",
            repo=self.platform.account,
            collection=POST,
            rkey=rkey,
        )


@asynccontextmanager
async def logged_in(**more):
    clock = HandClock()
    async with bluesky(clock=clock, **more) as platform, HttpOut(None) as http:
        client = Client(platform, http, clock)
        assert (await client.login())[0] == 200
        yield platform, client


def post(text="The lights are out again.", **more):
    return {"$type": POST, "text": text, "createdAt": "2026-11-18T11:00:00.000Z", **more}


def link(start, end, uri="https://example.org/"):
    feature = {"$type": "app.bsky.richtext.facet#link", "uri": uri}
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


def images(*blobs, alt="a street"):
    shown = [{"image": one, "alt": alt} for one in blobs]
    return {"$type": "app.bsky.embed.images", "images": shown}


# ---------------------------------------------------------------- once


async def test_the_same_put_again_is_one_post_for_ever():
    async with logged_in() as (platform, client):
        status, first = await client.put(post())
        assert status == 200 and first["validationStatus"] == "valid" and first["commit"]
        client.clock.at += 400 * 86_400
        await client.login()
        status, again = await client.put(post())
        assert status == 200 and "commit" not in again
        assert (again["uri"], again["cid"]) == (first["uri"], first["cid"])
        assert platform.texts == ["The lights are out again."]


async def test_a_put_that_differs_changes_what_is_there():
    async with logged_in() as (platform, client):
        await client.put(post())
        status, _ = await client.put(post("Corrected."))
        assert status == 200 and platform.texts == ["Corrected."]
        assert platform.public[0].changed == NOW


async def test_to_create_what_is_there_is_an_error_of_the_servers_own():
    async with logged_in() as (platform, client):
        assert (await client.put(post(), how="createRecord"))[0] == 200
        status, made = await client.put(post(), how="createRecord")
        assert (status, made["error"]) == (500, "InternalServerError")
        assert len(platform.public) == 1


async def test_a_post_whose_answer_is_lost_is_found():
    async with logged_in() as (platform, client):
        assert (await client.get())[1]["error"] == "RecordNotFound"
        platform.script(faults.cut(), on="POST */com.atproto.repo.putRecord")
        with pytest.raises(NoAnswer):
            await client.put(post())
        status, made = await client.get()
        assert status == 200 and made["value"] == post()
        assert made["cid"] == platform.public[0].cid


async def test_who_expects_nothing_there_is_told_what_is():
    async with logged_in() as (platform, client):
        assert (await client.put(post(), swapRecord=None))[0] == 200
        assert (await client.put(post(), swapRecord=None))[0] == 200, "the same one is no change"
        status, made = await client.put(post("other"), swapRecord=None)
        assert (status, made["error"]) == (400, "InvalidSwap")
        now = platform.public[0].cid
        assert (await client.put(post("other"), swapRecord=now))[0] == 200
        status, made = await client.put(post("third"), swapRecord=now)
        assert made["error"] == "InvalidSwap" and platform.texts == ["other"]


async def test_what_is_deleted_is_gone_and_may_be_deleted_again():
    async with logged_in() as (platform, client):
        await client.put(post())
        body = {"repo": platform.handle, "collection": POST, "rkey": KEY}
        for said in ({"commit"}, set()):
            status, made = await client.ask(
                "POST", "com.atproto.repo.deleteRecord", body, token=client.access
            )
            assert status == 200 and set(made) == said
        assert platform.public == []


# ---------------------------------------------------------------- the schema bites


@pytest.mark.parametrize(
    "record",
    [
        post("x" * 301),
        post("👩‍👩‍👧‍👦" * 121),  # 121 graphemes, 3025 bytes
        post(langs=["en", "fa", "ar", "ku"]),
        post(langs=["Persian (Iran)"]),
        post(createdAt="2026-11-18 11:00:00"),
        post(createdAt="2026-11-18T11:00:00"),
        post(tags=["x" * 65]),
        post(tags=["x"] * 9),
        post(text=5),
        post(language="en"),
        post(facets=[link(-1, 5)]),
        post(facets=[link(0, 5, "example")]),
        post(facets=[{"index": {"byteStart": 0, "byteEnd": 1}}]),
        post(facets=[{"index": {"byteStart": 0, "byteEnd": 1}, "features": [{"uri": "x:y"}]}]),
        post(reply={"parent": {"uri": "at://a.example/x", "cid": "x"}}),
        post(embed={"$type": "app.bsky.embed.images"}),
        post(embed={"images": []}),
        post(embed=images({"cid": cid_of_blob(PNG), "mimeType": "image/png"})),
        {"$type": "app.bsky.feed.like", "text": "", "createdAt": "2026-11-18T11:00:00Z"},
        {"text": "when?"},
    ],
)
async def test_a_record_that_is_not_what_the_lexicon_says_is_refused(record):
    async with logged_in() as (platform, client):
        status, made = await client.put(record)
        assert (status, made["error"]) == (400, "InvalidRequest") and made["message"]
        assert platform.public == []


@pytest.mark.parametrize("text", ["x" * 300, "می‌خواهیم " * 33, "👩‍👩‍👧‍👦" * 120, "🇮🇷" * 300])
async def test_a_text_counts_in_graphemes_and_in_bytes(text):
    async with logged_in() as (platform, client):
        assert (await client.put(post(text)))[0] == 200
        assert platform.texts == [text]


@pytest.mark.parametrize("rkey", ["hello", KEY.upper(), KEY + "2", "self", "z" * 13])
async def test_the_key_of_a_post_is_a_tid(rkey):
    async with logged_in() as (_, client):
        status, made = await client.put(post(), rkey)
        assert status == 400 and "record key" in made["message"]


async def test_a_call_that_is_not_what_the_lexicon_says_is_refused():
    async with logged_in() as (platform, client):
        assert (await client.put(post(), key="x"))[0] == 400
        assert (await client.put(post(), validate="yes"))[0] == 400
        id = "com.atproto.repo.putRecord"
        for body, type, status in [
            ({"repo": platform.account}, "application/json", 400),
            ({"repo": platform.account}, "text/plain", 400),
            (b"{", "application/json", 400),
            (b'{"record": {"x": 1.5}}', "application/json", 400),
            (b" " * 1_000_001, "application/json", 413),
        ]:
            made = await client.ask("POST", id, body, token=client.access, type=type)
            assert made[0] == status
        assert (await client.ask("GET", id, token=client.access))[0] == 400
        assert (await client.read("app.bsky.nothing.here"))[0] == 501
        for wrong in ({"limit": 101}, {"limit": "ten"}, {"reason": "reply"}):
            made = await client.read("app.bsky.notification.listNotifications", **wrong)
            assert made[0] == 400 and made[1]["error"] == "InvalidRequest"


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        (TID, [KEY, "2222222222222"], ["1222222222222", "k222222222222", "222"]),
        (RECORD_KEY, ["a.b", "~1.2-3_", "..."], ["", ".", "..", "a b", "x" * 513]),
        (
            DATETIME,
            ["2026-11-18T11:00:00Z", "2026-11-18T11:00:00.12345678901234+03:30"],
            [
                "2026-11-18",
                "2026-13-18T11:00:00Z",
                "2026-11-18T11:00:00-00:00",
                "0000-01-01T00:00:00Z",
            ],
        ),
    ],
)
def test_texts_that_have_a_form(form, good, bad):
    assert not [one for one in good if list(Text(form=form).flaws(one))]
    assert not [one for one in bad if not list(Text(form=form).flaws(one))]


def test_a_key_of_a_time_sorts_by_time():
    keys = [tid(NOW * 1_000_000 + n, 5) for n in range(40)]
    assert keys == sorted(keys) and not list(Text(form=TID).flaws(keys[0]))


# ---------------------------------------------------------------- media


async def test_what_was_uploaded_is_seen_with_its_alt():
    async with logged_in() as (platform, client):
        blob = await client.upload(type="application/octet-stream")
        assert blob["mimeType"] == "image/png" and blob["size"] == len(PNG)
        assert (await client.put(post(embed=images(blob))))[0] == 200
        [medium] = platform.public[0].media
        assert (medium.type, medium.content, medium.alt) == ("image/png", PNG, "a street")


async def test_a_file_that_no_post_names_is_gone_after_a_while():
    async with logged_in() as (platform, client):
        blob = await client.upload()
        client.clock.at += platform.blobs.kept_s
        status, made = await client.put(post(embed=images(blob)))
        assert (status, made["error"]) == (400, "BlobNotFound")
        assert (await client.put(post(embed=images(await client.upload()))))[0] == 200
        client.clock.at += platform.blobs.kept_s
        assert (await client.put(post(embed=images(blob))))[0] == 200, "it is there: no change"
        assert platform.public[0].media


async def test_a_reference_says_what_the_upload_said():
    async with logged_in() as (_, client):
        blob = await client.upload()
        for wrong, error in [
            ({"mimeType": "image/jpeg"}, "InvalidMimeType"),
            ({"size": 5}, "InvalidSize"),
            ({"size": 2_000_001}, "InvalidRequest"),
            ({"mimeType": "video/mp4"}, "InvalidRequest"),
            ({"ref": {"$link": cid_of_blob(b"another")}}, "BlobNotFound"),
        ]:
            status, made = await client.put(post(embed=images(blob | wrong)))
            assert (status, made["error"]) == (400, error)


async def test_four_pictures_are_the_most_and_alt_is_required():
    async with logged_in() as (_, client):
        blob = await client.upload()
        assert (await client.put(post(embed=images(*[blob] * 5))))[0] == 400
        assert (await client.put(post(embed=images(blob, alt=None))))[0] == 400
        assert (await client.put(post(embed=images(*[blob] * 4))))[0] == 200


async def test_a_file_that_is_too_large_is_refused():
    async with logged_in() as (platform, client):
        platform.blob_bytes = 10
        id = "com.atproto.repo.uploadBlob"
        status, made = await client.ask("POST", id, PNG, token=client.access, type="image/png")
        assert (status, made["error"]) == (413, "PayloadTooLarge")


async def video_token(client, aud, lxm, **more):
    status, made = await client.read("com.atproto.server.getServiceAuth", aud=aud, lxm=lxm, **more)
    assert status == 200
    return made["token"]


async def test_a_video_is_prepared_and_then_posted():
    async with logged_in() as (platform, client):
        platform.media_takes_s = 60
        token = await video_token(client, platform.service, "com.atproto.repo.uploadBlob")
        where = {"did": platform.account, "name": "a.mp4"}

        async def upload(content=MP4):
            id = "app.bsky.video.uploadVideo"
            return await client.ask("POST", id, content, token=token, type="video/mp4", **where)

        async def job(id):
            _, made = await client.ask("GET", "app.bsky.video.getJobStatus", jobId=id)
            return made["jobStatus"]

        status, made = await upload()
        assert (status, made["state"]) == (200, "JOB_STATE_CREATED")
        client.clock.at += 30
        assert (await job(made["jobId"]))["progress"] == 50
        client.clock.at += 29
        assert "blob" not in await job(made["jobId"])
        client.clock.at += 1
        done = await job(made["jobId"])
        assert done["state"] == "JOB_STATE_COMPLETED"
        embed = {"$type": "app.bsky.embed.video", "video": done["blob"], "alt": "a crowd"}
        assert (await client.put(post(embed=embed)))[0] == 200
        [medium] = platform.public[0].media
        assert (medium.type, medium.content, medium.alt) == ("video/mp4", MP4, "a crowd")
        token = await video_token(client, platform.service, "com.atproto.repo.uploadBlob")
        status, again = await upload()
        assert (status, again["error"]) == (409, "already_exists")
        assert (await job(again["jobId"]))["blob"] == done["blob"]
        platform.videos.fails, platform.media_takes_s = "encoding_failure", 0
        _, made = await upload(MP4 + b"x")
        assert (await job(made["jobId"]))["failureCode"] == "encoding_failure"
        platform.videos.left = 0
        assert (await upload(MP4 + b"y"))[0] == 400


async def test_a_token_for_a_service_is_for_one_method_there_and_not_for_long():
    async with logged_in() as (platform, client):
        limits, video = "app.bsky.video.getUploadLimits", "did:web:video.bsky.app"
        token = await video_token(client, video, limits, exp=NOW + 1800)
        assert (await client.ask("GET", limits, token=token))[1]["canUpload"]
        platform.videos.confirmed = False
        assert not (await client.ask("GET", limits, token=token))[1]["canUpload"]
        client.clock.at += 1800
        assert (await client.ask("GET", limits, token=token))[1]["error"] == "ExpiredToken"
        other = await video_token(client, video, "app.bsky.video.uploadVideo")
        status, made = await client.ask("GET", limits, token=other)
        assert (status, made["error"]) == (401, "BadJwtLexiconMethod")
        other = await video_token(client, platform.service, limits)
        assert (await client.ask("GET", limits, token=other))[1]["error"] == "BadJwtAudience"
        assert (await client.ask("GET", limits, token=client.access))[1]["error"] == "InvalidToken"
        status, made = await client.read(
            "com.atproto.server.getServiceAuth", aud=video, lxm=limits, exp=NOW + 9000
        )
        assert (status, made["error"]) == (400, "BadExpiration")


# ---------------------------------------------------------------- threads, and others


async def test_a_reader_sees_marks_where_their_bytes_are_characters():
    async with logged_in() as (platform, client):
        text = "سلام example.org"
        at = len("سلام ".encode())
        facets = [link(at, at + 11), link(1, 4), link(at + 2, at + 5), link(0, 99)]
        assert (await client.put(post(text, facets=facets)))[0] == 200
        assert platform.public[0].marks == (Mark("link", "example.org", "https://example.org/"),)


async def test_a_reply_hangs_where_it_says_only_if_that_is_true():
    async with logged_in() as (platform, client):
        root = platform.put("one")
        here = {"uri": root.id, "cid": root.cid}
        await client.put(post("two", reply={"root": here, "parent": here}), tid(1))
        two = platform.public[1]
        parent = {"uri": two.id, "cid": two.cid}
        await client.put(post("three", reply={"root": here, "parent": parent}), tid(2))
        await client.put(post("lost", reply={"root": parent, "parent": parent}), tid(3))
        assert [one.threaded for one in platform.public] == [True, True, True, False]
        assert [one.parent for one in platform.public] == [None, root.id, two.id, two.id]


async def test_replies_of_others_are_told_and_read_late():
    async with logged_in() as (platform, client):
        own = platform.put("Who has water?")
        platform.lists_late_s = 30
        answer = platform.reply(own, "We have.", by="neighbour.example")
        platform.mention("look", by="other.example")
        id = "app.bsky.notification.listNotifications"
        assert (await client.read(id))[1]["notifications"] == []
        client.clock.at += 30
        _, made = await client.read(id, reasons=["reply"], limit=100)
        [told] = made["notifications"]
        assert (told["uri"], told["reasonSubject"]) == (answer.id, own.id)
        assert told["author"]["handle"] == "neighbour.example" and not told["isRead"]
        assert told["record"]["text"] == "We have." and told["reason"] == "reply"
        _, made = await client.read("app.bsky.feed.getPostThread", uri=own.id, depth=1)
        [below] = made["thread"]["replies"]
        assert below["post"]["uri"] == answer.id and made["thread"]["post"]["replyCount"] == 1
        assert [one.text for one in platform.public] == ["Who has water?"]


async def test_notifications_come_in_pages_newest_first():
    async with logged_in() as (platform, client):
        own = platform.put("hello")
        for n in range(5):
            platform.reply(own, str(n), by="neighbour.example")
        cursor, told = {}, []
        while True:
            _, made = await client.read(
                "app.bsky.notification.listNotifications", limit=2, **cursor
            )
            told += [one["record"]["text"] for one in made["notifications"]]
            if "cursor" not in made:
                break
            cursor = {"cursor": made["cursor"]}
        assert told == ["4", "3", "2", "1", "0"]


async def test_records_are_listed_newest_key_first():
    async with logged_in() as (platform, client):
        for n in range(5):
            await client.put(post(str(n)), tid(n))
        where = {"repo": platform.account, "collection": POST, "limit": 3}
        _, made = await client.read("com.atproto.repo.listRecords", **where)
        assert [one["value"]["text"] for one in made["records"]] == ["4", "3", "2"]
        _, made = await client.read("com.atproto.repo.listRecords", cursor=made["cursor"], **where)
        assert [one["value"]["text"] for one in made["records"]] == ["1", "0"]


# ---------------------------------------------------------------- sessions and the account


async def test_a_token_that_ran_out_is_refreshed_and_the_old_one_is_dead():
    async with logged_in() as (platform, client):
        client.clock.at += 120 * 60
        status, made = await client.put(post())
        assert (status, made["error"]) == (400, "ExpiredToken")
        status, made = await client.refresh()
        assert status == 200 and made["accessJwt"] != client.access
        client.access = made["accessJwt"]
        assert (await client.put(post()))[0] == 200
        status, again = await client.refresh()
        assert (status, again["error"]) == (400, "ExpiredToken")
        platform.expire()
        assert (await client.put(post()))[1]["error"] == "ExpiredToken"


async def test_in_its_grace_an_old_refresh_token_gives_the_same_again():
    async with logged_in() as (platform, client):
        platform.sessions.grace_s = 7200
        _, first = await client.refresh()
        _, again = await client.refresh()
        assert first["refreshJwt"] == again["refreshJwt"]
        client.clock.at += 7200
        assert (await client.refresh())[0] == 400


async def test_what_is_no_token_is_told_apart():
    async with logged_in() as (platform, client):
        id = "com.atproto.server.getSession"
        assert (await client.ask("GET", id))[0] == 401
        assert (await client.ask("GET", id, token="x"))[1]["error"] == "InvalidToken"
        made = await client.ask("GET", id, token=client.refresh_token)
        assert made[1]["error"] == "InvalidToken"
        _, made = await client.read(id)
        assert made["did"] == platform.account and made["active"]
        assert made["didDoc"]["service"][0]["serviceEndpoint"] == platform.base


async def test_only_the_app_password_logs_in():
    async with logged_in() as (platform, client):
        client.platform.password, app = client.platform.main_password, platform.password
        assert (await client.login())[1]["error"] == "AuthFactorTokenRequired"
        platform.password = app
        old = client.access
        platform.revoke_password()
        assert platform.password != app
        assert (await client.put(post()))[1]["error"] == "ExpiredToken"
        assert (await client.refresh())[1]["error"] == "ExpiredToken"
        assert (await client.login())[0] == 200 and client.access != old


async def test_a_login_too_many_says_until_when():
    async with logged_in() as (_, client):
        for _ in range(29):
            assert (await client.login())[0] == 200
        client.clock.at += 100
        status, made = await client.login()
        assert (status, made["error"]) == (429, "RateLimitExceeded")
        assert client.last.headers["retry-after"] == "200"
        assert client.last.headers["ratelimit-policy"] == "30;w=300"
        assert (await client.put(post()))[0] == 200
        client.clock.at += 200
        assert (await client.login())[0] == 200


async def test_an_account_that_was_taken_down_can_do_nothing():
    async with logged_in() as (platform, client):
        await client.put(post())
        platform.suspend()
        assert (await client.put(post("more")))[1]["error"] == "AccountTakedown"
        status, made = await client.refresh()
        assert (status, made["error"]) == (401, "AccountTakedown")
        assert (await client.login())[0] == 401
        assert (await client.get())[1]["error"] != "RecordNotFound", "that would prove it is absent"
        assert platform.public == []
        platform.restore()
        assert (await client.put(post("more")))[0] == 200


async def test_a_closed_account_can_log_in_and_says_so():
    async with logged_in() as (platform, client):
        platform.deactivate()
        _, made = await client.login()
        assert (made["active"], made["status"]) == (False, "deactivated")
        status, made = await client.put(post())
        assert (status, made["error"]) == (401, "AccountDeactivated")


# ---------------------------------------------------------------- limits and faults


async def test_every_answer_says_what_is_left():
    async with logged_in(requests_allowed=3) as (platform, client):
        await client.put(post())
        headers = client.last.headers
        assert headers["ratelimit-limit"] == "3" and headers["ratelimit-remaining"] == "1"
        assert headers["ratelimit-reset"] == str(NOW + 300)
        await client.get()
        status, made = await client.get()
        assert (status, made["error"]) == (429, "RateLimitExceeded")
        assert client.last.headers["retry-after"] == "300"
        client.clock.at += 300
        assert (await client.get())[0] == 200
        platform.requests_allowed = 0
        assert (await client.get())[0] == 429


async def test_writes_have_points_of_their_own():
    async with logged_in() as (platform, client):
        platform.limits.writes[0].allowed = 5
        assert (await client.put(post(), how="createRecord"))[0] == 200
        assert (await client.put(post()))[0] == 200
        assert (await client.put(post("x"), tid(1)))[0] == 429
        assert client.last.headers["ratelimit-policy"] == "5;w=3600"
        assert len(platform.public) == 1


@pytest.mark.parametrize(
    ("fault", "status", "posts"),
    [
        (limited(NOW + 90, NOW), 429, 0),
        (failed(502, "UpstreamFailure"), 502, 0),
        (faults.error(500, made=True), 500, 1),
        (faults.maintenance("60"), 503, 0),
    ],
)
async def test_a_fault_is_answered_and_acted_on_as_it_says(fault, status, posts):
    async with logged_in() as (platform, client):
        platform.script(fault, on="POST *putRecord")
        url = f"{platform.base}/xrpc/com.atproto.repo.putRecord"
        body = {"repo": platform.account, "collection": POST, "rkey": KEY, "record": post()}
        headers = {"Authorization": f"Bearer {client.access}", "Content-Type": "application/json"}
        answer = await client.http.request(
            "POST", url, headers=headers, body=json.dumps(body).encode()
        )
        assert answer.status == status and len(platform.public) == posts


async def test_anybody_may_ask_who_it_is_and_whose_a_handle_is():
    async with logged_in() as (platform, client):
        _, made = await client.ask("GET", "com.atproto.server.describeServer")
        assert made["did"] == platform.service and made["blobUploadLimit"] == 50_000_000
        id = "com.atproto.identity.resolveHandle"
        assert (await client.ask("GET", id, handle=platform.handle))[1]["did"] == platform.account
        assert (await client.ask("GET", id, handle="nobody.example"))[0] == 400
        assert (await client.read("app.bsky.actor.getProfile", actor=platform.handle))[0] == 200
