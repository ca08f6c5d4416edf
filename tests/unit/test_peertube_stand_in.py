"""The stand-in for PeerTube takes uploads, logins and changes as a server of 2026 does."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from relay.ports import NoAnswer
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.peertube import PeerTube, peertube

NOW = 1_790_000_000
API = "/api/v1"
RESUMABLE = f"{API}/videos/upload-resumable"
TOKEN = f"{API}/users/token"
MINE = f"{API}/users/me/videos?sort=-createdAt&count=25"
FORM = "application/x-www-form-urlencoded"
FILM = bytes(range(256)) * 10
SIZE = len(FILM)


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


async def ask(platform: PeerTube, method: str, path: str, said=None, *, login=True, **headers):
    """One request and what it was answered: status, JSON, headers."""
    asked = {"Authorization": f"Bearer {platform.token}"} if login else {}
    asked |= headers
    if said is not None and not isinstance(said, bytes):
        asked.setdefault("Content-Type", "application/json")
    body = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
    async with HttpOut(None) as http:
        got = await http.request(method, platform.base + path, headers=asked, body=body)
    kind = got.headers.get("content-type", "")
    return got.status, json.loads(got.body) if "json" in kind else got.body, got.headers


def video(platform: PeerTube, **more):
    made = {
        "channelId": platform.channel,
        "filename": "0123456789abcdef.mp4",
        "name": "Night",
        "privacy": 3,
        "description": "The lights are out.",
        "tags": ["news"],
        "commentsPolicy": 1,
        "waitTranscoding": True,
    }
    return made | more


async def begin(platform: PeerTube, said=None, headers=None, **more):
    announced = {"X-Upload-Content-Length": str(SIZE), "X-Upload-Content-Type": "video/mp4"}
    announced |= headers or {}
    return await ask(platform, "POST", RESUMABLE, said or video(platform, **more), **announced)


async def opened(platform: PeerTube, **more) -> str:
    status, _, headers = await begin(platform, **more)
    assert status in (200, 201)
    return headers["location"]


async def send(platform: PeerTube, where: str, first=0, length=SIZE):
    chunk = FILM[first : first + length]
    span = f"bytes {first}-{first + len(chunk) - 1}/{SIZE}"
    kind = {"Content-Range": span, "Content-Type": "application/octet-stream"}
    return await ask(platform, "PUT", where, chunk, **kind)


async def there(platform: PeerTube, where: str):
    return await ask(platform, "PUT", where, **{"Content-Range": f"bytes */{SIZE}"})


async def upload(platform: PeerTube, **more):
    status, made, _ = await send(platform, await opened(platform, **more))
    assert status == 200
    return made["video"]


async def tokens(platform: PeerTube, *, kind=FORM, **said):
    _, client, _ = await ask(platform, "GET", f"{API}/oauth-clients/local", login=False)
    whole = {name: one for name, one in (client | said).items() if one is not None}
    body = urlencode(whole).encode()
    return await ask(platform, "POST", TOKEN, body, login=False, **{"Content-Type": kind})


async def logged_in(platform: PeerTube, **more):
    known = {"username": platform.user, "password": platform.password}
    return await tokens(platform, grant_type="password", **known | more)


# ---------------------------------------------------------------- logins


async def test_a_login_gives_a_pair_of_tokens():
    async with peertube() as platform:
        status, given, headers = await logged_in(platform)
        assert status == 200 and headers["cache-control"] == "no-store"
        assert (given["token_type"], given["expires_in"]) == ("Bearer", 86_400)
        assert given["access_token"] == platform.token
        _, me, _ = await ask(platform, "GET", f"{API}/users/me")
        assert me["username"] == platform.user and me["videoChannels"][0]["id"] == platform.channel


async def test_a_token_lives_for_a_day_and_is_refreshed_once():
    clock = HandClock()
    async with peertube(clock=clock) as platform:
        clock.at += 86_400
        status, said, headers = await ask(platform, "GET", f"{API}/users/me")
        assert (status, said["code"]) == (401, "invalid_token")
        assert headers["content-type"].startswith("application/problem+json")
        refresh = {"grant_type": "refresh_token", "refresh_token": platform.refresh_token}
        assert (await tokens(platform, **refresh))[0] == 200
        assert (await ask(platform, "GET", f"{API}/users/me"))[0] == 200
        status, said, _ = await tokens(platform, **refresh)
        assert (status, said["code"]) == (400, "invalid_grant")
        assert said["type"].endswith("/invalid_grant") and said["title"] == "Bad Request"


async def test_a_refresh_ends_the_token_before():
    async with peertube() as platform:
        old = {"Authorization": f"Bearer {platform.token}"}
        refresh = {"grant_type": "refresh_token", "refresh_token": platform.refresh_token}
        await tokens(platform, **refresh)
        assert (await ask(platform, "GET", f"{API}/users/me", login=False, **old))[0] == 401


async def test_what_expired_is_refreshed_and_what_was_revoked_needs_a_login():
    async with peertube() as platform:
        refresh = {"grant_type": "refresh_token", "refresh_token": platform.refresh_token}
        platform.expire()
        assert (await ask(platform, "GET", f"{API}/users/me"))[0] == 401
        assert (await tokens(platform, **refresh))[0] == 200
        platform.revoke()
        refresh["refresh_token"] = platform.refresh_token
        assert (await tokens(platform, **refresh))[1]["code"] == "invalid_grant"
        assert (await logged_in(platform))[0] == 200


async def test_a_user_who_is_blocked_gets_nowhere():
    async with peertube() as platform:
        platform.suspend()
        assert (await ask(platform, "GET", f"{API}/users/me"))[0] == 401
        status, said, _ = await logged_in(platform)
        assert (status, said["code"]) == (400, "access_denied")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"password": "wrong"}, "invalid_grant"),
        ({"username": "wrong"}, "invalid_grant"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"grant_type": "code"}, "unsupported_grant_type"),
        ({"password": None}, "invalid_request"),
        ({"remember": "yes"}, "invalid_request"),
        ({"kind": "application/json"}, "invalid_request"),
    ],
)
async def test_a_login_that_is_not_right_is_refused(more, code):
    async with peertube() as platform:
        said = {"grant_type": "password"} | {"username": platform.user}
        said |= {"password": platform.password} | more
        status, answer, _ = await tokens(platform, **said)
        assert (status, answer["code"]) == (400, code)


async def test_logins_are_limited_apart():
    clock = HandClock()
    async with peertube(clock=clock) as platform:
        platform.accounts.logins_allowed = 1
        assert [(await logged_in(platform))[0] for _ in range(2)] == [200, 429]
        clock.at += 300
        assert (await logged_in(platform))[0] == 200


async def test_no_token_and_a_wrong_one_are_told_apart():
    async with peertube() as platform:
        for login, code in (({}, "unauthorized_request"), ({"Authorization": "Bearer x"}, "inv")):
            status, said, _ = await ask(platform, "GET", MINE, login=False, **login)
            assert status == 401 and said["code"].startswith(code)


# ---------------------------------------------------------------- uploads


async def test_a_film_goes_up_in_chunks_and_becomes_a_private_video():
    async with peertube(clock=HandClock()) as platform:
        status, body, headers = await begin(platform)
        assert (status, body, headers["content-length"]) == (201, b"", "0")
        where = headers["location"]
        assert where.startswith(f"{RESUMABLE}?upload_id=")
        status, body, headers = await send(platform, where, 0, 1000)
        assert (status, body, headers["range"]) == (308, b"", "bytes=0-999")
        status, made, _ = await send(platform, where, 1000)
        assert status == 200 and set(made["video"]) == {"id", "uuid", "shortUUID"}
        [one] = platform.drafts
        assert (one.id, one.title, one.privacy) == (made["video"]["uuid"], "Night", 3)
        assert one.media[0].content == FILM and one.media[0].type == "video/mp4"
        assert len(made["video"]["shortUUID"]) == 22


async def test_publishing_it_can_be_repeated():
    async with peertube() as platform:
        made = await upload(platform)
        for id in (made["uuid"], made["shortUUID"], made["id"]):
            path = f"{API}/videos/{id}"
            assert (await ask(platform, "PUT", path, {"privacy": 1}))[:2] == (204, b"")
        assert platform.texts == ["The lights are out."]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"privacy=1&tags[]=news&tags[]=iran&support="),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="privacy"\r\n\r\n1\r\n'
            b'--b\r\nContent-Disposition: form-data; name="tags[0]"\r\n\r\nnews\r\n'
            b'--b\r\nContent-Disposition: form-data; name="tags[1]"\r\n\r\niran\r\n--b--\r\n',
        ),
    ],
)
async def test_a_change_may_be_written_as_a_form(kind, body):
    async with peertube() as platform:
        made = await upload(platform, support="Thank you")
        path = f"{API}/videos/{made['uuid']}"
        assert (await ask(platform, "PUT", path, body, **{"Content-Type": kind}))[0] == 204
        assert platform.public[0].tags == ("news", "iran")


async def test_what_is_there_is_told():
    async with peertube() as platform:
        where = await opened(platform)
        status, _, headers = await there(platform, where)
        assert (status, headers["range"]) == (308, "bytes=0--1")  # so says the library
        await send(platform, where, 0, 1000)
        status, _, headers = await there(platform, where)
        assert (status, headers["range"]) == (308, "bytes=0-999")


async def test_bytes_that_are_sent_again_take_nothing_away():
    async with peertube() as platform:
        where = await opened(platform)
        await send(platform, where, 0, 1000)
        _, _, headers = await send(platform, where, 0, 100)
        assert headers["range"] == "bytes=0-99"
        assert (await there(platform, where))[2]["range"] == "bytes=0-999"
        assert (await send(platform, where, 1000))[0] == 200
        assert platform.drafts[0].media[0].content == FILM


async def test_the_same_file_goes_on_where_it_was_and_another_begins_anew():
    async with peertube() as platform:
        first = await opened(platform, lastModified=1)
        assert (await begin(platform, lastModified=1))[0] == 201
        await send(platform, first, 0, 1000)
        status, _, headers = await begin(platform, lastModified=1)
        assert (status, headers["location"], headers["range"]) == (200, first, "bytes=0-999")
        assert await opened(platform, lastModified=2) != first
        assert await opened(platform) != await opened(platform)


@pytest.mark.parametrize(("kind", "begins"), [("host", "//127"), ("full", "http://127")])
async def test_an_uploads_address_is_written_in_several_ways(kind, begins):
    async with peertube() as platform:
        platform.location = kind
        assert (await opened(platform)).startswith(begins)


@pytest.mark.parametrize(
    ("span", "size", "status"),
    [
        (f"bytes 0-99/{SIZE}", 50, 409),
        (f"bytes 10-99/{SIZE}", 90, 409),
        (f"bytes 0-99/{SIZE - 1}", 100, 409),
        (f"bytes 0-{SIZE}/{SIZE}", SIZE, 409),
        (f"bytes */{SIZE}", 5, 409),
        ("bytes */5", 0, 409),
        (f"0-99/{SIZE}", 100, 400),
    ],
)
async def test_a_chunk_that_does_not_fit_is_refused(span, size, status):
    async with peertube() as platform:
        where = await opened(platform)
        got, answer, _ = await ask(platform, "PUT", where, FILM[:size], **{"Content-Range": span})
        assert got == status and answer["error"]["code"] in ("FileConflict", "InvalidRange")
        assert platform.drafts == []


async def test_while_the_video_is_made_it_says_wait_and_then_that_the_upload_is_gone():
    clock = HandClock()
    async with peertube(clock=clock) as platform:
        platform.finish_takes_s = 60
        where = await opened(platform)
        platform.script(faults.cut(), on=f"PUT {RESUMABLE}")
        with pytest.raises(NoAnswer):
            await send(platform, where)
        for again in (there(platform, where), send(platform, where)):
            status, said, headers = await again
            assert (status, headers["retry-after"]) == (503, "300")
            assert "already being processed" in said["detail"]
        assert platform.drafts == []
        clock.at += 60
        status, said, _ = await there(platform, where)
        assert (status, said["error"]["code"]) == (404, "FileNotFound")
        assert [one.title for one in platform.drafts] == ["Night"]


async def test_an_older_server_remembers_the_answer_for_a_while():
    clock = HandClock()
    async with peertube(clock=clock) as platform:
        platform.uploads.answers_kept_s = 900
        where = await opened(platform)
        platform.script(faults.cut(), on=f"PUT {RESUMABLE}")
        with pytest.raises(NoAnswer):
            await send(platform, where)
        for _ in range(2):
            status, made, _ = await there(platform, where)
            assert (status, made["video"]["uuid"]) == (200, platform.drafts[0].id)
        clock.at += 900
        assert (await there(platform, where))[0] == 404
        assert len(platform.drafts) == 1


async def test_an_upload_is_forgotten_after_an_hour_without_a_byte():
    clock = HandClock()
    async with peertube(clock=clock) as platform:
        where = await opened(platform)
        clock.at += 3_599
        assert (await send(platform, where, 0, 1000))[0] == 308
        clock.at += 3_599
        assert (await there(platform, where))[0] == 308
        clock.at += 1
        assert (await there(platform, where))[0] == 404


async def test_an_upload_is_called_off():
    async with peertube() as platform:
        where = await opened(platform)
        assert [(await ask(platform, "DELETE", where))[0] for _ in range(2)] == [204, 404]
        where = await opened(platform)
        platform.forget_keys()
        assert (await there(platform, where))[0] == 404


@pytest.mark.parametrize(("flaw", "status"), [("unreadable", 422), ("refuses", 403)])
async def test_a_file_that_is_not_taken_is_told_at_its_end(flaw, status):
    async with peertube() as platform:
        setattr(platform, flaw, True)
        where = await opened(platform)
        got, said, _ = await send(platform, where)
        assert got == said["status"] == status and platform.drafts == []
        assert (await there(platform, where))[0] == 404


@pytest.mark.parametrize(
    ("more", "flaw"),
    [
        ({"name": "ab"}, "name"),
        ({"name": "  ab  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "x" * 120}, None),
        ({"title": "x"}, "title"),
        ({"description": "x" * 10_001}, "description"),
        ({"description": "x" * 10_000}, None),
        ({"description": ""}, None),
        ({"support": "x"}, "support"),
        ({"privacy": 6}, "privacy"),
        ({"privacy": "private"}, "privacy"),
        ({"tags": ["a"]}, "tags"),
        ({"tags": ["tag"] * 6}, "tags"),
        ({"tags": "news"}, "tags"),
        ({"language": "x" * 11}, "language"),
        ({"commentsEnabled": True}, "commentsEnabled"),
        ({"commentsPolicy": 0}, "commentsPolicy"),
        ({"nsfw": "no"}, "nsfw"),
        ({"filename": ""}, "filename"),
        ({"channelId": "8"}, "channelId"),
        ({"scheduleUpdate": {"privacy": 1}}, "scheduleUpdate"),
        ({"originallyPublishedAt": "yesterday"}, "originallyPublishedAt"),
    ],
)
async def test_what_a_video_may_say_of_itself(more, flaw):
    async with peertube() as platform:
        status, said, _ = await begin(platform, **more)
        assert status == (400 if flaw else 201)
        assert flaw is None or list(said["invalid-params"]) == [flaw]


@pytest.mark.parametrize("missing", ["channelId", "name", "filename"])
async def test_what_a_video_must_say_of_itself(missing):
    async with peertube() as platform:
        said = video(platform)
        del said[missing]
        status, answer, _ = await begin(platform, said)
        assert status == 400 and list(answer["invalid-params"]) == [missing]
        assert answer["instance"] == RESUMABLE and answer["type"] == "about:blank"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Upload-Content-Length": ""}, 400),
        ({"X-Upload-Content-Length": "many"}, 400),
        ({"X-Upload-Content-Type": ""}, 400),
        ({"X-Upload-Content-Type": "image/png"}, 415),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
async def test_headers_that_do_not_fit_are_refused(headers, status):
    async with peertube() as platform:
        assert (await begin(platform, headers=headers))[0] == status


async def test_another_channel_and_a_password_that_is_missing_are_refused():
    async with peertube() as platform:
        assert (await begin(platform, channelId=99))[0] == 404
        assert (await begin(platform, privacy=5))[0] == 400
        assert (await begin(platform, privacy=5, videoPasswords=["secret"]))[0] == 201


@pytest.mark.parametrize(("name", "wait_s"), [("quota_bytes", 0), ("quota_daily_bytes", 86_401)])
async def test_the_quota_is_kept(name, wait_s):
    clock = HandClock()
    async with peertube(clock=clock) as platform:
        setattr(platform, name, SIZE)
        await upload(platform)
        status, said, _ = await begin(platform)
        assert (status, said["code"]) == (413, "quota_reached")
        _, used, _ = await ask(platform, "GET", f"{API}/users/me/video-quota-used")
        assert used == {"videoQuotaUsed": SIZE, "videoQuotaUsedDaily": SIZE}
        clock.at += wait_s
        await logged_in(platform)
        assert (await begin(platform))[0] == (201 if wait_s else 413)


# ---------------------------------------------------------------- what becomes of a video


async def test_a_video_that_waits_is_seen_when_it_is_ready():
    clock = HandClock()
    async with peertube(clock=clock) as platform:
        platform.media_takes_s = 60
        made = await upload(platform, privacy=1)
        assert platform.public == []
        path = f"{API}/videos/{made['uuid']}"
        assert (await ask(platform, "GET", path, login=False))[0] == 401
        assert (await ask(platform, "GET", path))[1]["state"]["id"] == 2
        clock.at += 60
        _, one, _ = await ask(platform, "GET", path, login=False)
        assert (one["state"]["id"], one["privacy"]["id"]) == (1, 1)
        assert one["files"][0]["size"] == SIZE and len(platform.public) == 1


async def test_work_that_fails_is_told():
    async with peertube() as platform:
        platform.spoils = True
        made = await upload(platform, privacy=1)
        _, one, _ = await ask(platform, "GET", f"{API}/videos/{made['uuid']}")
        assert one["state"] == {"id": 7, "label": "Transcoding failed"} and platform.public == []


async def test_its_own_videos_are_listed_late_newest_first():
    clock = HandClock()
    async with peertube(clock=clock) as platform:
        platform.lists_late_s = 60
        platform.put("by hand", title="Day")
        clock.at += 60
        made = await upload(platform)
        assert [one["name"] for one in (await ask(platform, "GET", MINE))[1]["data"]] == ["Day"]
        clock.at += 60
        _, found, _ = await ask(platform, "GET", MINE)
        assert found["total"] == 2 and found["data"][0]["uuid"] == made["uuid"]
        assert found["data"][0]["tags"] == ["news"] and "support" not in found["data"][0]
        _, found, _ = await ask(platform, "GET", f"{MINE}&tagsOneOf=news&privacyOneOf=3")
        assert len(found["data"]) == 1
        _, found, _ = await ask(platform, "GET", f"{API}/users/me/videos?start=1&count=5")
        assert [one["name"] for one in found["data"]] == ["Day"]


@pytest.mark.parametrize("query", ["count=101", "start=-1", "sort=size", "page=2", "count=many"])
async def test_a_list_that_cannot_be_is_refused(query):
    async with peertube() as platform:
        status, said, _ = await ask(platform, "GET", f"{API}/users/me/videos?{query}")
        assert status == 400 and list(said["invalid-params"]) == [query.partition("=")[0]]


@pytest.mark.parametrize("said", [{"privacy": 9}, {"private": True}, {"filename": "x"}, []])
async def test_a_change_that_does_not_fit_is_refused(said):
    async with peertube() as platform:
        one = platform.put("by hand")
        assert (await ask(platform, "PUT", f"{API}/videos/{one.id}", said))[0] == 400


async def test_a_video_is_taken_away():
    async with peertube() as platform:
        one = platform.put("by hand")
        path = f"{API}/videos/{one.short}"
        assert (await ask(platform, "DELETE", path, login=False))[0] == 401
        assert [(await ask(platform, "DELETE", path))[0] for _ in range(2)] == [204, 404]
        assert platform.public == []


async def test_comments_are_listed_as_threads():
    async with peertube() as platform:
        one = platform.put("by hand")
        first = platform.reply(one.id, "Are you <safe>?", "somebody")
        answer = platform.reply(first.id, "Yes", "another")
        platform.reply(answer.id, "Good", "third")
        platform.reply(one.id, "Buy", "spam", held=True)
        path = f"{API}/videos/{one.id}/comment-threads"
        _, found, _ = await ask(platform, "GET", path, login=False)
        [head] = found["data"]
        assert (found["total"], head["totalReplies"]) == (1, 2)
        assert head["text"] == "<p>Are you &lt;safe&gt;?</p>"
        _, tree, _ = await ask(platform, "GET", f"{path}/{head['threadId']}", login=False)
        assert tree["children"][0]["comment"]["inReplyToCommentId"] == head["id"]
        assert tree["children"][0]["children"][0]["comment"]["account"]["name"] == "third"


async def test_requests_are_counted_and_every_answer_says_how_many_are_left():
    clock = HandClock()
    async with peertube(clock=clock, requests_allowed=2) as platform:
        answers = [await ask(platform, "GET", f"{API}/config") for _ in range(3)]
        assert [status for status, _, _ in answers] == [200, 200, 429]
        left = [headers["x-ratelimit-remaining"] for _, _, headers in answers]
        assert left == ["1", "0", "0"] and answers[2][2]["retry-after"] == "10"
        clock.at += 10
        assert (await ask(platform, "GET", f"{API}/config"))[1]["serverVersion"] == "8.1.0"


@pytest.mark.parametrize("fault", [faults.maintenance("60"), faults.error(502, made=True)])
async def test_a_fault_is_answered_and_the_chunk_kept_or_not(fault):
    async with peertube() as platform:
        where = await opened(platform)
        platform.script(fault, on=f"PUT {RESUMABLE}")
        assert (await send(platform, where, 0, 1000))[0] == fault.status
        _, _, headers = await there(platform, where)
        assert headers["range"] == ("bytes=0-999" if fault.made else "bytes=0--1")


async def test_every_comment_under_its_own_videos_is_listed_for_their_owner():
    async with peertube() as platform:
        one = platform.put("by hand")
        head = platform.reply(one.id, "well done", "somebody")
        platform.reply(head.id, "thanks", platform.user)
        platform.reply(one.id, "buy this", "spammer", held=True)
        path = f"{API}/users/me/videos/comments"
        _, found, _ = await ask(platform, "GET", f"{path}?sort=-createdAt&isHeldForReview=false")
        assert [each["video"]["uuid"] for each in found["data"]] == [one.id, one.id]
        assert [each["account"]["id"] for each in found["data"]] == [platform.account, 9]
        _, found, _ = await ask(platform, "GET", path)
        assert found["total"] == 3 and found["data"][0]["heldForReview"]
        assert (await ask(platform, "GET", path, login=False))[0] == 401


async def test_which_file_a_video_was_made_of_is_told_to_its_owner_only():
    async with peertube() as platform:
        path = f"{API}/videos/{(await upload(platform))['uuid']}/source"
        assert (await ask(platform, "GET", path))[1]["inputFilename"] == "0123456789abcdef.mp4"
        assert (await ask(platform, "GET", path, login=False))[0] == 401
        by_hand = platform.put("by hand")
        assert (await ask(platform, "GET", f"{API}/videos/{by_hand.id}/source"))[0] == 404
