"""The stand-in for a Facebook page takes what the Graph API takes, and refuses what it refuses."""

from __future__ import annotations

import hashlib
import hmac
import json
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from relay.ports import NoAnswer
from relay.reach.http import HttpOut
from relay.testing import facebook as platforms
from relay.testing import recorder as faults
from relay.testing.facebook import facebook

NOW = 1_795_000_000
FORM = {"content-type": "application/x-www-form-urlencoded"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(30)


class HandClock:
    def __init__(self):
        self.at = NOW

    def now(self):
        return self.at


class Client:
    """Asks with the page's token, by form unless it is told otherwise."""

    def __init__(self, platform, http):
        self.platform = platform
        self.http = http

    async def ask(self, method, path, *, token=None, headers=None, body=b"", **said):
        sent = {"authorization": f"Bearer {token or self.platform.token}"} | (headers or {})
        if method == "GET" and said:
            path += ("&" if "?" in path else "?") + urlencode(said)
        elif said:
            sent |= FORM
            body = urlencode(said).encode()
        url = f"{self.platform.base}/v26.0{path}"
        answer = await self.http.request(method, url, headers=sent, body=body)
        made = json.loads(answer.body) if answer.body else None
        return answer.status, made, answer.headers

    async def get(self, path, **said):
        return await self.ask("GET", path, **said)

    async def post(self, path, **said):
        return await self.ask("POST", path, **said)

    async def feed(self, message="x", **more):
        return await self.post(f"/{self.platform.page}/feed", message=message, **more)

    async def listed(self, **said):
        return (await self.get(f"/{self.platform.page}/published_posts", **said))[1]

    async def upload(self, path, content, name="source", **fields):
        lines = [
            f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
            for k, v in fields.items()
        ]
        head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="f"\r\n'
        head += "Content-Type: application/octet-stream\r\n\r\n"
        lines.append(head.encode() + content + b"\r\n")
        sent = {"content-type": "multipart/form-data; boundary=b"}
        body = b"".join(lines) + b"--b--\r\n"
        return await self.ask("POST", f"/{self.platform.page}{path}", headers=sent, body=body)

    async def photo(self, content=PNG, **fields):
        return await self.upload("/photos", content, **{"published": "false"} | fields)


@asynccontextmanager
async def stage():
    clock = HandClock()
    async with facebook(clock=clock) as platform, HttpOut(None) as http:
        yield platform, Client(platform, http), clock


def code(made):
    error = made["error"]
    assert set(error) >= {"message", "type", "code", "fbtrace_id"}
    return error["code"]


# ---------------------------------------------------------------- posts and drafts


async def test_a_post_is_taken_and_listed():
    async with stage() as (platform, client, _):
        status, made, headers = await client.feed("The lights are out again.")
        assert status == 200 and set(made) == {"id"}
        assert made["id"].startswith(f"{platform.page}_")
        assert headers["content-type"] == "application/json; charset=UTF-8"
        assert platform.texts == ["The lights are out again."]
        listed = await client.listed(fields="id,message,created_time,permalink_url")
        [one] = listed["data"]
        assert one["message"] == "The lights are out again."
        assert one["created_time"].endswith("+0000") and "/posts/" in one["permalink_url"]
        assert set((await client.listed())["data"][0]) == {"id", "message", "created_time"}


async def test_a_draft_is_seen_by_nobody_until_it_is_published():
    async with stage() as (platform, client, _):
        _, made, _ = await client.feed("later", published="false")
        assert platform.public == [] and [one.text for one in platform.drafts] == ["later"]
        assert (await client.listed())["data"] == []
        _, shown, _ = await client.get(f"/{made['id']}", fields="is_published,message")
        assert shown == {"id": made["id"], "is_published": False, "message": "later"}
        for _ in range(2):  # it may be said again
            status, said, _ = await client.post(f"/{made['id']}", is_published="true")
            assert status == 200 and said == {"success": True}
        assert platform.texts == ["later"] and platform.drafts == []
        assert code((await client.post(f"/{made['id']}", is_published="false"))[1]) == 100


async def test_a_draft_whose_answer_is_lost_harms_nobody():
    async with stage() as (platform, client, _):
        platform.script(faults.cut(), on="POST /*/feed")
        with pytest.raises(NoAnswer):
            await client.feed("x", published="false")
        assert platform.public == [] and len(platform.drafts) == 1


async def test_a_post_may_wait_for_its_time():
    async with stage() as (platform, client, clock):
        due = {"published": "false", "scheduled_publish_time": str(NOW + 3600)}
        status, made, _ = await client.feed("at noon", **due)
        assert status == 200 and platform.public == []
        waiting = (await client.get(f"/{platform.page}/scheduled_posts"))[1]["data"]
        assert [one["id"] for one in waiting] == [made["id"]]
        clock.at += 3600
        assert platform.texts == ["at noon"]
        for wrong in ({"scheduled_publish_time": str(clock.at + 3600)}, due):
            assert code((await client.feed("y", **wrong))[1]) == 100


async def test_what_was_made_can_be_told_at_once():
    async with stage() as (platform, client, _):
        path = f"/{platform.page}/feed?fields=id,permalink_url"
        _, made, _ = await client.post(path, message="x")
        assert set(made) == {"id", "permalink_url"}


async def test_json_is_taken_too_with_its_types():
    async with stage() as (platform, client, _):
        sent = {"content-type": "application/json"}
        path = f"/{platform.page}/feed"
        good = json.dumps({"message": "x", "published": True}).encode()
        assert (await client.ask("POST", path, headers=sent, body=good))[0] == 200
        bad = json.dumps({"message": 1}).encode()
        assert (await client.ask("POST", path, headers=sent, body=bad))[0] == 400
        sent = {"content-type": "text/plain"}
        assert (await client.ask("POST", path, headers=sent, body=b"message=x"))[0] == 400
        assert platform.texts == ["x"]


@pytest.mark.parametrize(
    "said",
    [
        {"message": ""},
        {"message": "x", "text": "y"},
        {"message": "x", "published": "maybe"},
        {"message": "x", "attached_media": "1"},
        {"message": "x", "attached_media": '[{"media_id":"1"}]'},
        {"message": "x", "attached_media": '[{"media_fbid":"1"}]'},
        {"message": "x", "height": "-1"},
        {"message": "x", "formatting": "HTML"},
        {"message": "x", "link": "example"},
        {"message": "x", "link": "https://www.facebook.com/x"},
        {"message": "x", "unpublished_content_type": "NONE"},
        {"message": "x" * 63_207},
    ],
)
async def test_a_post_that_does_not_fit_is_refused(said):
    async with stage() as (platform, client, _):
        status, made, _ = await client.post(f"/{platform.page}/feed", **said)
        assert status == 400 and code(made) == 100 and platform.public == []


async def test_a_parameter_that_is_there_twice_is_refused():
    async with stage() as (platform, client, _):
        path = f"/{platform.page}/feed?message=x"
        assert code((await client.post(path, message="y"))[1]) == 100


async def test_another_page_a_path_and_a_version_that_are_not_there():
    async with stage() as (platform, client, _):
        status, made, _ = await client.post("/1/feed", message="x")
        assert status == 400 and made["error"]["error_subcode"] == 33
        assert code((await client.get(f"/{platform.page}/nothing"))[1]) == 2500
        url = f"{platform.base}/v3.0/me"
        answer = await client.http.request("GET", url)
        assert code(json.loads(answer.body)) == 2635


async def test_the_same_text_again_is_a_duplicate_while_it_is_the_last():
    async with stage() as (platform, client, clock):
        platform.duplicates_s = 60
        await client.feed("I am safe")
        status, made, _ = await client.feed("I am safe")
        assert status == 400 and code(made) == 506
        assert (await client.feed("I am safe", published="false"))[0] == 200
        await client.feed("another")
        assert (await client.feed("I am safe"))[0] == 200
        clock.at += 60
        assert (await client.feed("I am safe"))[0] == 200


@pytest.mark.parametrize("number", [1, 2])
async def test_facebook_says_that_it_failed_and_posted(number):
    async with stage() as (platform, client, _):
        platform.script(platforms.unknown(number), on="POST /*/feed")
        status, made, _ = await client.feed("once")
        assert status == 500 and code(made) == number
        assert platform.texts == ["once"]
        listed = await client.listed(since=str(NOW - 120), fields="message", limit="100")
        assert [one["message"] for one in listed["data"]] == ["once"]


async def test_a_post_that_is_answered_well_may_be_dropped():
    async with stage() as (platform, client, _):
        platform.drops = True
        assert (await client.feed())[0] == 200 and platform.public == []


async def test_a_post_is_edited_and_deleted_if_an_application_made_it():
    async with stage() as (platform, client, _):
        id = (await client.feed("wrong"))[1]["id"]
        assert (await client.post(f"/{id}", message="right"))[1] == {"success": True}
        assert platform.texts == ["right"]
        assert code((await client.post(f"/{id}", text="x"))[1]) == 100
        assert (await client.ask("DELETE", f"/{id}"))[1] == {"success": True}
        assert platform.public == []
        status, made, _ = await client.ask("DELETE", f"/{id}")
        assert status == 400 and made["error"]["error_subcode"] == 33
        byhand = platform.put("by hand")
        status, made, _ = await client.post(f"/{byhand.id}", message="x")
        assert status == 403 and code(made) == 10


# ---------------------------------------------------------------- listings


async def test_a_listing_comes_in_pages_newest_first():
    async with stage() as (platform, client, clock):
        for n in range(7):
            platform.put(f"number {n}")
            clock.at += 60
        said = await client.listed(limit="3")
        seen = [one["message"] for one in said["data"]]
        while "next" in said["paging"]:
            said = await client.listed(limit="3", after=said["paging"]["cursors"]["after"])
            seen += [one["message"] for one in said["data"]]
        assert seen == [f"number {n}" for n in range(6, -1, -1)]
        said = await client.listed(since=str(NOW + 300), until=str(NOW + 400))
        assert [one["message"] for one in said["data"]] == ["number 6", "number 5"]
        assert len((await client.listed(since="2020-01-01T00:00:00+0000"))["data"]) == 7


async def test_a_listing_lags():
    async with stage() as (platform, client, clock):
        platform.lists_late_s = 30
        await client.feed()
        clock.at += 29
        assert (await client.listed())["data"] == []
        clock.at += 1
        assert len((await client.listed())["data"]) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"limit": "101"},
        {"limit": "0"},
        {"max": "5"},
        {"since": "yesterday"},
        {"after": "x"},
        {"fields": "id,text"},
        {"fields": "id,"},
        {"fields": "attachments{target{id}"},
    ],
)
async def test_a_listing_that_is_asked_for_badly_is_refused(said):
    async with stage() as (platform, client, _):
        platform.put("x")
        assert (await client.listed(**said))["error"]["code"] in (100, 2500)


# ---------------------------------------------------------------- photos and videos


async def test_a_photo_waits_unpublished_and_is_attached_with_its_description():
    async with stage() as (platform, client, _):
        status, made, _ = await client.photo(alt_text_custom="a dark street")
        assert status == 200 and set(made) == {"id"} and platform.public == []
        assert [one.id for one in platform.unused] == [made["id"]]
        _, shown, _ = await client.get(f"/{made['id']}", fields="alt_text_custom")
        assert shown["alt_text_custom"] == "a dark street"
        await client.feed("look", attached_media=json.dumps([{"media_fbid": made["id"]}]))
        [medium] = platform.public[0].media
        assert (medium.alt, medium.type, medium.content) == ("a dark street", "image/png", PNG)
        [one] = (await client.listed(fields="attachments{target{id},type}"))["data"]
        assert one["attachments"] == {"data": [{"target": {"id": made["id"]}, "type": "photo"}]}


async def test_several_photos_are_an_album_with_the_photos_below_it():
    async with stage() as (platform, client, _):
        ids = [(await client.photo())[1]["id"] for _ in range(2)]
        items = {f"attached_media[{n}]": json.dumps({"media_fbid": id}) for n, id in enumerate(ids)}
        assert (await client.feed("look", **items))[0] == 200
        [one] = (await client.listed(fields="attachments{type,subattachments{target{id}}}"))["data"]
        [album] = one["attachments"]["data"]
        assert album["type"] == "album"
        assert [each["target"]["id"] for each in album["subattachments"]["data"]] == ids
        assert len(platform.public[0].media) == 2


async def test_a_photo_stands_in_one_post():
    async with stage() as (_, client, _):
        media = json.dumps([{"media_fbid": (await client.photo())[1]["id"]}])
        assert (await client.feed("one", attached_media=media, published="false"))[0] == 200
        _, made, _ = await client.feed("two", attached_media=media)
        assert code(made) == 100 and made["error"]["error_subcode"] == 1366051


async def test_a_photo_that_is_published_is_a_post():
    async with stage() as (platform, client, _):
        _, made, _ = await client.photo(published="true", message="look")
        assert made["post_id"] == platform.public[0].id and platform.texts == ["look"]


@pytest.mark.parametrize("content", [b"<html>", MP4, PNG + bytes(4 * 1024 * 1024)], ids=len)
async def test_a_file_that_is_no_photo_is_refused(content):
    async with stage() as (_, client, _):
        _, made, _ = await client.photo(content)
        assert code(made) == 100 and made["error"]["error_subcode"] == 1366046


async def test_a_photo_is_a_file_and_says_nothing_unknown():
    async with stage() as (platform, client, _):
        path = f"/{platform.page}/photos"
        assert code((await client.post(path, published="false"))[1]) == 324
        assert code((await client.photo(alt_text="x"))[1]) == 100
        assert code((await client.upload("/photos", PNG, name="file"))[1]) == 100


async def test_a_photo_that_stands_nowhere_can_be_deleted():
    async with stage() as (platform, client, _):
        id = (await client.photo())[1]["id"]
        assert (await client.ask("DELETE", f"/{id}"))[0] == 200 and platform.unused == []


async def test_a_video_is_seen_when_the_work_on_it_is_done():
    async with stage() as (platform, client, clock):
        platform.media_takes_s = 60
        _, made, _ = await client.upload("/videos", MP4, description="see", title="t")
        fields = {"fields": "status,post_id,published"}
        _, shown, _ = await client.get(f"/{made['id']}", **fields)
        assert shown["status"]["video_status"] == "processing" and platform.public == []
        clock.at += 60
        _, shown, _ = await client.get(f"/{made['id']}", **fields)
        assert shown["status"]["video_status"] == "ready"
        assert platform.public[0].id.endswith(shown["post_id"])
        assert platform.texts == ["see"] and platform.public[0].media[0].content == MP4
        [one] = (await client.listed(fields="attachments{target{id},type}"))["data"]
        [attached] = one["attachments"]["data"]
        assert attached == {"target": {"id": made["id"]}, "type": "video_inline"}


async def test_a_video_may_wait_as_a_draft_and_may_fail():
    async with stage() as (platform, client, _):
        _, made, _ = await client.upload("/videos", MP4, published="false")
        assert platform.public == [] and len(platform.drafts) == 1
        assert (await client.post(f"/{made['id']}", published="true"))[0] == 200
        assert len(platform.public) == 1
        platform.media_fails = True
        _, made, _ = await client.upload("/videos", MP4)
        _, shown, _ = await client.get(f"/{made['id']}", fields="status")
        assert shown["status"]["video_status"] == "error" and len(platform.public) == 1
        assert code((await client.upload("/videos", PNG))[1]) == 352


async def test_a_video_comes_in_pieces():
    async with stage() as (platform, client, _):
        path = f"/{platform.page}/videos"
        _, made, _ = await client.post(path, upload_phase="start", file_size=str(len(MP4)))
        assert (made["start_offset"], made["end_offset"]) == ("0", str(len(MP4)))
        session = {"upload_session_id": made["upload_session_id"]}
        assert code((await client.post(path, upload_phase="finish", upload_session_id="1"))[1])
        for at, piece, wanted in ((0, MP4[:20], 200), (0, MP4[:20], 400), (20, MP4[20:], 200)):
            said = {"upload_phase": "transfer", "start_offset": at, **session}
            status, moved, _ = await client.upload("/videos", piece, "video_file_chunk", **said)
            assert status == wanted
        assert moved["start_offset"] == moved["end_offset"] == str(len(MP4))
        _, done, _ = await client.post(path, upload_phase="finish", description="d", **session)
        assert done == {"success": True} and platform.texts == ["d"]
        assert platform.public[0].media[0].id == made["video_id"]


# ---------------------------------------------------------------- comments


async def test_comments_of_the_page_go_on_with_a_post():
    async with stage() as (platform, client, _):
        id = (await client.feed("one"))[1]["id"]
        _, made, _ = await client.post(f"/{id}/comments", message="two")
        assert platform.texts == ["one", "two"]
        assert [one.parent for one in platform.public] == [None, id]
        assert len((await client.listed())["data"]) == 1
        assert (await client.post(f"/{made['id']}", message="2"))[1] == {"success": True}
        assert platform.texts == ["one", "2"]
        assert (await client.ask("DELETE", f"/{made['id']}"))[0] == 200
        assert platform.texts == ["one"]
        assert code((await client.post(f"/{id}/comments", message=""))[1]) == 100
        assert code((await client.post(f"/{id}/comments", text="x"))[1]) == 100


async def test_a_draft_takes_no_comments():
    async with stage() as (_, client, _):
        id = (await client.feed("x", published="false"))[1]["id"]
        assert code((await client.post(f"/{id}/comments", message="y"))[1]) == 100


async def test_comments_of_others_are_listed_newer_than_a_mark():
    async with stage() as (platform, client, clock):
        post = platform.put("mine")
        first = platform.reply(post.id, "how are you?", "someone")
        clock.at += 60
        platform.reply(first.id, "answer them", "another")
        path = f"/{post.id}/comments"
        fields = "id,message,from,created_time,parent"
        _, top, _ = await client.get(path, fields=fields)
        assert [one["message"] for one in top["data"]] == ["how are you?"]
        _, all, _ = await client.get(path, fields=fields, filter="stream")
        assert [one.get("parent") for one in all["data"]] == [None, {"id": first.id}]
        assert all["data"][0]["from"]["id"] != platform.page
        _, new, _ = await client.get(path, fields=fields, filter="stream", since=str(NOW + 1))
        assert [one["message"] for one in new["data"]] == ["answer them"]
        assert platform.public == [post]
        status, made, _ = await client.post(f"/{first.id}", message="not mine")
        assert status == 403 and code(made) == 10
        platform.rights.discard("pages_read_user_content")
        assert code((await client.get(path))[1]) == 10


# ---------------------------------------------------------------- tokens and rights


@pytest.mark.parametrize(("subcode", "says"), [(460, "password"), (458, "not authorized")])
async def test_a_token_that_was_revoked_says_why(subcode, says):
    async with stage() as (platform, client, _):
        platform.revoke(subcode)
        status, made, headers = await client.feed()
        assert status == 401 and code(made) == 190 and "www-authenticate" in headers
        assert made["error"]["error_subcode"] == subcode and says in made["error"]["message"]
        platform.login()
        assert (await client.feed())[0] == 200


async def test_a_suspended_person_has_no_token_that_works():
    async with stage() as (platform, client, _):
        platform.suspend()
        for made in ((await client.feed())[1], (await client.get("/me"))[1]):
            assert made["error"]["error_subcode"] == 459


async def test_without_a_token_or_with_a_wrong_one_nothing_works():
    async with stage() as (platform, client, _):
        assert code((await client.feed(token="wrong"))[1]) == 190
        url = f"{platform.base}/v26.0/me"
        answer = await client.http.request("GET", url)
        assert code(json.loads(answer.body)) == 104
        answer = await client.http.request("GET", f"{url}?access_token={platform.token}")
        assert answer.status == 200


async def test_a_lacking_right_is_told_for_reading_and_for_posting():
    async with stage() as (platform, client, _):
        platform.rights = {"pages_show_list"}
        status, made, _ = await client.feed()
        assert status == 403 and code(made) == 200
        assert (await client.listed())["error"]["code"] == 10
        assert code((await client.feed(token=platform.user_token))[1]) == 200
        platform.rights.add("pages_manage_posts")
        assert code((await client.feed(token=platform.user_token))[1]) == 210


async def test_a_blocked_page_may_not_post():
    async with stage() as (platform, client, _):
        platform.blocked = True
        assert code((await client.feed())[1]) == 368
        assert (await client.listed())["data"] == []


async def test_a_proof_is_asked_for_and_is_right():
    async with stage() as (platform, client, _):
        secret = platform.app_secret.encode()
        proof = hmac.digest(secret, platform.token.encode(), hashlib.sha256).hex()
        assert (await client.feed("a", appsecret_proof=proof))[0] == 200
        assert code((await client.feed("b", appsecret_proof="0" * 64))[1]) == 100
        platform.proof_required = True
        _, made, _ = await client.feed("c")
        assert code(made) == 100 and made["error"]["type"] == "GraphMethodException"
        assert (await client.feed("d", appsecret_proof=proof))[0] == 200


async def test_a_login_leads_to_a_page_token_without_an_end():
    async with stage() as (platform, client, clock):
        back = "http://127.0.0.1:9/back"
        asked = {"client_id": platform.app_id, "redirect_uri": back, "state": "s"}
        asked["scope"] = "pages_show_list,pages_manage_posts"
        status, _, headers = await client.get("/dialog/oauth", **asked)
        given = dict(parse_qsl(urlsplit(headers["location"]).query))
        assert status == 302 and given["state"] == "s"
        app = {"client_id": platform.app_id, "client_secret": platform.app_secret}
        said = app | {"code": given["code"], "redirect_uri": back}
        short = (await client.get("/oauth/access_token", **said))[1]["access_token"]
        assert code((await client.get("/oauth/access_token", **said))[1]) == 100  # used once
        grant = {"grant_type": "fb_exchange_token", "fb_exchange_token": short}
        _, long, _ = await client.get("/oauth/access_token", **app, **grant)
        assert long["expires_in"] == 60 * 86400 and long["token_type"] == "bearer"
        for user, lives in ((short, False), (long["access_token"], True)):
            fields = {"fields": "id,name,access_token,tasks"}
            _, pages, _ = await client.get("/me/accounts", token=user, **fields)
            [one] = pages["data"]
            assert one["id"] == platform.page and "CREATE_CONTENT" in one["tasks"]
            _, about, _ = await client.get("/debug_token", input_token=one["access_token"])
            assert about["data"]["type"] == "PAGE" and about["data"]["is_valid"]
            assert about["data"]["profile_id"] == platform.page
            assert (about["data"]["expires_at"] == 0) is lives
            assert about["data"]["scopes"] == ["pages_manage_posts", "pages_show_list"]
        clock.at += 61 * 86400
        assert (await client.feed(token=one["access_token"]))[0] == 200
        _, made, _ = await client.get("/me/accounts", token=long["access_token"])
        assert made["error"]["error_subcode"] == 463


async def test_an_exchange_that_is_wrong_is_refused():
    async with stage() as (platform, client, _):
        good = {
            "grant_type": "fb_exchange_token",
            "client_id": platform.app_id,
            "client_secret": platform.app_secret,
            "fb_exchange_token": platform.user_token,
        }
        for name, value, wanted in (
            ("client_id", "1", 101),
            ("client_secret", "x", 1),
            ("fb_exchange_token", "x", 190),
            ("fb_exchange_token", platform.token, 100),
            ("grant_type", "password", 100),
        ):
            said = good | {name: value}
            assert code((await client.get("/oauth/access_token", **said))[1]) == wanted
        assert (await client.post("/oauth/access_token", **good))[0] == 200


async def test_a_token_tells_whose_it_is():
    async with stage() as (platform, client, _):
        assert (await client.get("/me"))[1]["id"] == platform.page
        _, made, _ = await client.get("/me", token=platform.user_token, fields="id")
        assert made == {"id": platform.user}
        _, made, _ = await client.get(f"/{platform.page}", fields="name,link")
        assert set(made) == {"id", "name", "link"}
        app = f"{platform.app_id}|{platform.app_secret}"
        _, made, _ = await client.get("/debug_token", token=app, input_token="nothing")
        assert made["data"]["is_valid"] is False and made["data"]["error"]["code"] == 190


# ---------------------------------------------------------------- limits and faults


async def test_the_use_of_a_day_is_told_and_ends():
    async with stage() as (platform, client, clock):
        platform.requests_allowed = 4
        for n in range(4):
            _, _, headers = await client.feed(f"number {n}")
            used = json.loads(headers["x-app-usage"])
            assert used["call_count"] == 25 * (n + 1)
            clock.at += 60
        status, made, headers = await client.feed("one too many")
        assert status == 400 and code(made) == 4 and made["error"]["is_transient"]
        [case] = json.loads(headers["x-business-use-case-usage"])[platform.page]
        assert case["call_count"] == 100 and case["type"] == "pages"
        minutes = case["estimated_time_to_regain_access"]
        assert minutes == 1440 - 4
        assert len(platform.public) == 4
        clock.at += 60 * minutes  # the first one counts no more, but the refused one does
        assert (await client.feed("still"))[0] == 400
        platform.limit_code = 80001
        assert code((await client.feed("still"))[1]) == 80001
        clock.at += 86400
        assert (await client.feed("again"))[0] == 200


@pytest.mark.parametrize(
    ("fault", "status", "number"),
    [
        (platforms.blocked(), 400, 368),
        (platforms.repeated(), 400, 368),
        (platforms.duplicate(), 400, 506),
        (platforms.limited(32), 400, 32),
        (platforms.revoked(463), 401, 190),
        (platforms.error(100, subcode=1366046), 400, 100),
        (platforms.error(10, status=403), 403, 10),
        (platforms.unknown(2, made=False), 500, 2),
    ],
)
async def test_what_facebook_says_can_be_scripted(fault, status, number):
    async with stage() as (platform, client, _):
        platform.script(fault, on="POST /*/feed")
        got, made, _ = await client.feed()
        assert got == status and code(made) == number and platform.public == []
