"""The stand-in for YouTube keeps to its discovery document and to the guide of its uploads."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.google import backend_error
from relay.testing.youtube import CHUNK, YouTube, youtube

NOW = 1_790_000_000  # 07:13 in California
START = "/upload/youtube/v3/videos?uploadType=resumable"
INSERT = f"{START}&part=snippet,status&notifySubscribers=false"
VIDEOS = "/youtube/v3/videos"
FILM = bytes(range(256)) * 3000  # three chunks, the last one short
SIZE = len(FILM)


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


async def ask(platform: YouTube, method: str, path: str, said=None, *, login=True, **headers):
    """One request and what it was answered: status, JSON, headers."""
    asked = {"Authorization": f"Bearer {platform.token}"} if login else {}
    asked |= {name.replace("_", "-"): value for name, value in headers.items()}
    if said is not None and not isinstance(said, bytes):
        asked.setdefault("Content-Type", "application/json")
    body = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
    url = path if path.startswith("http") else platform.base + path
    async with HttpOut(None) as http:
        got = await http.request(method, url, headers=asked, body=body)
    kind = got.headers.get("content-type", "")
    return got.status, json.loads(got.body) if "json" in kind else got.body, got.headers


def video(**status):
    snippet = {"title": "Night", "description": "The lights are out.", "categoryId": "25"}
    made = {"privacyStatus": "private", "selfDeclaredMadeForKids": False} | status
    return {"snippet": snippet, "status": made}


async def begin(platform: YouTube, size=SIZE, said=None, path=INSERT, **headers):
    announced = {"X-Upload-Content-Length": str(size), "X-Upload-Content-Type": "video/mp4"}
    return await ask(platform, "POST", path, said or video(), **announced | headers)


async def session(platform: YouTube, **more) -> str:
    status, _, headers = await begin(platform, **more)
    assert status == 200
    return headers["location"]


async def send(platform: YouTube, where: str, first=0, length=CHUNK, film=FILM, **more):
    chunk = film[first : first + length]
    span = f"bytes {first}-{first + len(chunk) - 1}/{len(film)}"
    return await ask(platform, "PUT", where, chunk, **{"Content-Range": span} | more)


async def asked(platform: YouTube, where: str):
    return await ask(platform, "PUT", where, **{"Content-Range": f"bytes */{len(FILM)}"})


async def upload(platform: YouTube, film=FILM, **more):
    where = await session(platform, size=len(film), **more)
    status, made, _ = await ask(platform, "PUT", where, film)
    assert status == 200
    return made


async def shown(platform: YouTube, id: str, parts: str):
    _, found, _ = await ask(platform, "GET", f"{VIDEOS}?part={parts}&id={id}")
    [one] = found["items"]
    return one


def reason(answer) -> str:
    [error] = answer["error"]["errors"]
    return error["reason"]


# ---------------------------------------------------------------- uploads


async def test_a_film_goes_up_in_chunks_and_becomes_a_private_video():
    async with youtube(clock=HandClock()) as platform:
        where = await session(platform, Slug="0123456789abcdef.mp4")
        for n, until in ((0, CHUNK), (1, 2 * CHUNK)):
            status, body, headers = await send(platform, where, n * CHUNK)
            assert (status, body, headers["range"]) == (308, b"", f"bytes=0-{until - 1}")
        status, made, _ = await send(platform, where, 2 * CHUNK)
        assert status == 200 and made["status"]["privacyStatus"] == "private"
        [one] = platform.drafts
        assert one.id == made["id"] and one.media[0].content == FILM and platform.public == []
        file = (await shown(platform, one.id, "fileDetails"))["fileDetails"]
        assert file["fileName"] == "0123456789abcdef.mp4" and file["fileSize"] == str(len(FILM))


async def test_publishing_it_can_be_repeated():
    async with youtube() as platform:
        made = await upload(platform)
        said = {"id": made["id"], "status": {"privacyStatus": "public"}}
        for _ in range(2):
            status, changed, _ = await ask(platform, "PUT", f"{VIDEOS}?part=status", said)
            assert status == 200 and changed["status"]["privacyStatus"] == "public"
            assert "snippet" not in changed
        assert platform.texts == ["The lights are out."] and platform.public[0].title == "Night"


async def test_an_upload_makes_one_video_however_often_it_is_asked():
    async with youtube() as platform:
        where = await session(platform)
        platform.script(faults.cut(), on="PUT /upload/*")
        with pytest.raises(Exception, match="no whole answer"):
            await ask(platform, "PUT", where, FILM)
        answers = [await asked(platform, where) for _ in range(2)]
        answers.append(await ask(platform, "PUT", where, FILM))
        assert {status for status, _, _ in answers} == {200}
        assert {made["id"] for _, made, _ in answers} == {platform.drafts[0].id}
        assert len(platform.drafts) == 1


async def test_what_is_there_is_told_without_a_range_when_it_is_nothing():
    async with youtube() as platform:
        where = await session(platform)
        status, _, headers = await asked(platform, where)
        assert status == 308 and "range" not in headers
        await send(platform, where)
        status, _, headers = await asked(platform, where)
        assert (status, headers["range"]) == (308, f"bytes=0-{CHUNK - 1}")


async def test_a_server_that_keeps_less_than_it_was_sent_is_believed():
    async with youtube() as platform:
        platform.sessions.takes_bytes = CHUNK
        where = await session(platform)
        status, _, headers = await send(platform, where, 0, 2 * CHUNK)
        assert (status, headers["range"]) == (308, f"bytes=0-{CHUNK - 1}")
        status, body, _ = await send(platform, where, 2 * CHUNK)
        assert status == 400 and b"exceeds already uploaded size" in body
        for first in (CHUNK, 2 * CHUNK):
            status, _, _ = await send(platform, where, first)
        assert status == 200 and platform.drafts[0].media[0].content == FILM


async def test_bytes_that_are_there_already_may_be_sent_again():
    async with youtube() as platform:
        where = await session(platform)
        await send(platform, where)
        status, _, headers = await send(platform, where, 0, 2 * CHUNK)
        assert (status, headers["range"]) == (308, f"bytes=0-{2 * CHUNK - 1}")


@pytest.mark.parametrize(
    ("span", "size"),
    [
        (f"bytes 0-{CHUNK - 1}/5", CHUNK),
        (f"bytes 0-{CHUNK}/{len(FILM)}", CHUNK),
        (f"bytes 0-99/{len(FILM)}", 100),
        (f"bytes 5-{CHUNK + 4}/{len(FILM)}", CHUNK),
        (f"bytes 0-{CHUNK - 1}", CHUNK),
        (f"bytes */{len(FILM)}", 5),
        (f"items 0-{CHUNK - 1}/{len(FILM)}", CHUNK),
    ],
)
async def test_a_chunk_that_does_not_fit_is_refused(span, size):
    async with youtube() as platform:
        where = await session(platform)
        status, _, _ = await ask(platform, "PUT", where, FILM[:size], **{"Content-Range": span})
        assert status == 400
        assert "range" not in (await asked(platform, where))[2]


async def test_a_file_of_another_size_than_announced_is_refused():
    async with youtube() as platform:
        where = await session(platform)
        assert (await ask(platform, "PUT", where, FILM[:-1]))[0] == 400
        assert platform.drafts == []


@pytest.mark.parametrize("status", [404, 410])
async def test_a_session_is_over_after_its_time(status):
    clock = HandClock()
    async with youtube(clock=clock) as platform:
        platform.sessions.life_s, platform.sessions.gone_status = 3600, status
        where = await session(platform)
        await ask(platform, "PUT", where, FILM)
        clock.at += 3600
        platform.tokens.renew()
        assert (await ask(platform, "PUT", where, FILM))[0] == status
        assert len(platform.drafts) == 1


async def test_sessions_can_be_forgotten():
    async with youtube() as platform:
        where = await session(platform)
        platform.forget_keys()
        assert (await asked(platform, where))[0] == 404


async def test_a_sessions_address_opens_it_but_not_with_a_wrong_token():
    async with youtube() as platform:
        where = await session(platform)
        platform.expire()
        assert (await send(platform, where))[0] == 401
        assert (await ask(platform, "PUT", where, FILM, login=False))[0] == 200


async def test_the_path_of_the_discovery_document_begins_an_upload_too():
    async with youtube() as platform:
        assert (await begin(platform, path=f"/resumable{INSERT}"))[0] == 200


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"X-Upload-Content-Type": "image/png"}, "badContent"),
        ({"X-Upload-Content-Length": "many"}, "badRequest"),
        ({"X-Upload-Content-Length": str(2**60)}, "badRequest"),
        ({"Content-Type": "text/plain"}, "parseError"),
    ],
)
async def test_headers_that_do_not_fit_are_refused(headers, why):
    async with youtube() as platform:
        status, answer, _ = await begin(platform, **headers)
        assert (status, reason(answer)) == (400, why)


@pytest.mark.parametrize(
    ("snippet", "why"),
    [
        ({"title": ""}, "invalidTitle"),
        ({"title": "x" * 101}, "invalidTitle"),
        ({"title": "a <b>"}, "invalidTitle"),
        ({"title": "x" * 100}, None),
        ({"description": "ن" * 2501}, "invalidDescription"),
        ({"description": "ن" * 2500}, None),
        ({"description": "1 > 0"}, "invalidDescription"),
        ({"tags": ["x" * 250, "y" * 250]}, "invalidTags"),
        ({"tags": ["x" * 250, "y" * 249]}, None),
        ({"tags": ["x " + "y" * 497]}, "invalidTags"),
        ({"categoryId": "21"}, "invalidCategoryId"),
        ({"categoryId": 25}, "badRequest"),
        ({"defaultLanguage": "Persian"}, "invalidDefaultLanguage"),
        ({"name": "x"}, "badRequest"),
    ],
)
async def test_what_a_video_may_say_of_itself(snippet, why):
    async with youtube() as platform:
        said = video()
        said["snippet"] |= snippet
        status, answer, _ = await begin(platform, said=said)
        assert (status, answer and reason(answer)) == ((400, why) if why else (200, b""))


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ({"privacyStatus": "hidden"}, "badRequest"),
        ({"embeddable": "yes"}, "badRequest"),
        ({"license": "cc"}, "badRequest"),
        ({"privacyStatus": "public", "publishAt": "2027-01-01T00:00:00Z"}, "invalidPublishAt"),
    ],
)
async def test_a_status_that_does_not_fit_is_refused(status, why):
    async with youtube() as platform:
        got, answer, _ = await begin(platform, said=video(**status))
        assert (got, reason(answer)) == (400, why)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (START, "required"),
        ("/upload/youtube/v3/videos?part=snippet,status", "mediaBodyRequired"),
        (INSERT.replace("snippet", "snipet"), "unknownPart"),
        (INSERT.replace("snippet,", ""), "unexpectedPart"),
        (INSERT.replace("=false", "=no"), "badRequest"),
        (f"{INSERT}&notify=true", "badRequest"),
    ],
)
async def test_a_query_that_does_not_fit_is_refused(path, why):
    async with youtube() as platform:
        status, answer, _ = await begin(platform, path=path)
        assert (status, reason(answer)) == (400, why)


# ---------------------------------------------------------------- what becomes of a video


async def test_a_video_is_worked_on_before_it_is_seen():
    clock = HandClock()
    async with youtube(clock=clock) as platform:
        platform.media_takes_s = 60
        made = await upload(platform, said=video(privacyStatus="public"))
        one = await shown(platform, made["id"], "status,processingDetails")
        assert one["status"]["uploadStatus"] == "uploaded"
        assert one["processingDetails"]["processingStatus"] == "processing"
        assert platform.public == []
        clock.at += 60
        one = await shown(platform, made["id"], "status,processingDetails")
        assert one["status"]["uploadStatus"] == "processed"
        assert one["processingDetails"]["processingStatus"] == "succeeded"
        assert len(platform.public) == 1


@pytest.mark.parametrize(
    ("spoils", "named"),
    [
        (("failed", "codec"), "failureReason"),
        (("rejected", "uploaderAccountSuspended"), "rejectionReason"),
    ],
)
async def test_work_that_ends_badly_says_why(spoils, named):
    async with youtube() as platform:
        platform.spoils = spoils
        made = await upload(platform, said=video(privacyStatus="public"))
        status = (await shown(platform, made["id"], "status"))["status"]
        assert (status["uploadStatus"], status[named]) == spoils
        assert platform.public == []


async def test_the_same_file_a_second_time_is_rejected():
    async with youtube() as platform:
        ids = [(await upload(platform))["id"] for _ in range(2)]
        status = (await shown(platform, ids[1], "status"))["status"]
        assert (status["uploadStatus"], status["rejectionReason"]) == ("rejected", "duplicate")
        one = await upload(platform, film=b"another")
        assert (await shown(platform, one["id"], "status"))["status"]["uploadStatus"] == "processed"
        platform.takes_twice = True
        one = await upload(platform, film=b"another")
        assert (await shown(platform, one["id"], "status"))["status"]["uploadStatus"] == "processed"


async def test_a_project_without_an_audit_uploads_in_private():
    async with youtube() as platform:
        platform.unaudited = True
        made = await upload(platform, said=video(privacyStatus="public"))
        said = {"id": made["id"], "status": {"privacyStatus": "public"}}
        _, changed, _ = await ask(platform, "PUT", f"{VIDEOS}?part=status", said)
        assert changed["status"]["privacyStatus"] == "private" and platform.public == []


async def test_a_video_becomes_public_at_its_time():
    clock = HandClock()
    async with youtube(clock=clock) as platform:
        await upload(platform, said=video(publishAt="2026-09-21T15:13:20Z"))
        assert platform.public == []
        clock.at += 3600
        assert len(platform.public) == 1


async def test_a_part_that_is_changed_is_changed_whole():
    async with youtube() as platform:
        made = await upload(platform, said=video(embeddable=False, license="creativeCommon"))
        said = {"id": made["id"], "status": {"privacyStatus": "public"}}
        _, changed, _ = await ask(platform, "PUT", f"{VIDEOS}?part=status", said)
        assert changed["status"]["embeddable"] and changed["status"]["license"] == "youtube"
        said = {"id": made["id"], "snippet": {"title": "Day", "categoryId": "25"}}
        _, changed, _ = await ask(platform, "PUT", f"{VIDEOS}?part=snippet", said)
        assert changed["snippet"]["description"] == "" and platform.public[0].title == "Day"


@pytest.mark.parametrize(
    ("parts", "said", "status", "why"),
    [
        ("status", {"status": {}}, 400, "required"),
        ("status", {"id": "none", "status": {}}, 404, "videoNotFound"),
        ("status", {"id": "none", "snippet": {}}, 400, "unexpectedPart"),
        ("snippet", {"id": "ID", "snippet": {"title": "x"}}, 400, "invalidCategoryId"),
        ("snippet", {"id": "ID", "snippet": {"categoryId": "25"}}, 400, "invalidTitle"),
        ("fileDetails", {"id": "ID", "fileDetails": {}}, 400, "unexpectedPart"),
    ],
)
async def test_a_change_that_does_not_fit_is_refused(parts, said, status, why):
    async with youtube() as platform:
        one = platform.put("by hand")
        said = said | ({"id": one.id} if said.get("id") == "ID" else {})
        got, answer, _ = await ask(platform, "PUT", f"{VIDEOS}?part={parts}", said)
        assert (got, reason(answer)) == (status, why)


async def test_a_video_is_taken_away():
    async with youtube() as platform:
        one = platform.put("by hand")
        path = f"{VIDEOS}?id={one.id}"
        assert [(await ask(platform, "DELETE", path))[0] for _ in range(2)] == [204, 404]
        assert platform.public == []


# ---------------------------------------------------------------- listings


async def test_the_list_of_uploads_lags_and_shows_private_ones_to_their_owner():
    clock = HandClock()
    async with youtube(clock=clock) as platform:
        _, found, _ = await ask(
            platform, "GET", "/youtube/v3/channels?part=contentDetails&mine=true"
        )
        playlist = found["items"][0]["contentDetails"]["relatedPlaylists"]["uploads"]
        assert playlist == platform.playlist
        platform.lists_late_s = 60
        made = await upload(platform)
        path = f"/youtube/v3/playlistItems?part=snippet,contentDetails&playlistId={playlist}"
        assert (await ask(platform, "GET", path))[1]["items"] == []
        clock.at += 60
        _, found, _ = await ask(platform, "GET", path)
        [one] = found["items"]
        assert one["contentDetails"] == {"videoId": made["id"]} and "status" not in one
        assert one["snippet"]["title"] == "Night"


async def test_the_list_of_uploads_comes_in_pages_newest_first():
    async with youtube() as platform:
        for n in range(7):
            platform.put(f"{n}")
        ask_for = {"part": "snippet", "playlistId": platform.playlist, "maxResults": 3}
        got, token = [], ""
        while True:
            more = {"pageToken": token} if token else {}
            path = f"/youtube/v3/playlistItems?{urlencode(ask_for | more)}"
            _, found, _ = await ask(platform, "GET", path)
            got += [one["snippet"]["description"] for one in found["items"]]
            token = found.get("nextPageToken", "")
            if not token:
                break
        assert got == [f"{n}" for n in range(6, -1, -1)]
        assert found["pageInfo"] == {"totalResults": 7, "resultsPerPage": 3}


@pytest.mark.parametrize(
    ("path", "status", "why"),
    [
        ("playlistItems?part=snippet&playlistId=UUelse", 404, "playlistNotFound"),
        ("playlistItems?part=snippet", 400, "missingRequiredParameter"),
        ("playlistItems?part=snippet&playlistId=x&maxResults=51", 400, "badRequest"),
        ("playlistItems?part=snippet&playlistId=UU&pageToken=_", 404, "playlistNotFound"),
        ("videos?part=snippet", 400, "missingRequiredParameter"),
        ("videos?part=snippet&id=a&chart=mostPopular", 400, "incompatibleParameters"),
        ("channels?mine=true", 400, "required"),
        ("commentThreads?part=snippet&videoId=none", 404, "videoNotFound"),
        ("search?part=snippet&forMine=true", 404, "notFound"),
    ],
)
async def test_a_listing_that_cannot_be_is_refused(path, status, why):
    async with youtube() as platform:
        got, answer, _ = await ask(platform, "GET", f"/youtube/v3/{path}")
        assert (got, reason(answer)) == (status, why)


async def test_comments_of_the_channel_are_listed_newest_first():
    clock = HandClock()
    async with youtube(clock=clock) as platform:
        one = platform.put("by hand")
        first = platform.reply(one.id, "Are you <safe>?", "somebody")
        clock.at += 60
        platform.reply(first.id, "Yes", "another")
        platform.reply(one.id, "Good", "third")
        path = "/youtube/v3/commentThreads?part=snippet,replies&"
        path += f"allThreadsRelatedToChannelId={platform.account}"
        _, found, _ = await ask(platform, "GET", path)
        texts = [
            each["snippet"]["topLevelComment"]["snippet"]["textDisplay"] for each in found["items"]
        ]
        assert texts == ["Good", "Are you &lt;safe&gt;?"]
        assert found["items"][1]["replies"]["comments"][0]["snippet"]["parentId"] == first.id
        _, found, _ = await ask(platform, "GET", f"{path}&textFormat=plainText&maxResults=1")
        assert len(found["items"]) == 1 and "nextPageToken" in found


# ---------------------------------------------------------------- who may, and how much


async def test_a_right_to_upload_does_not_change_list_or_read_comments():
    async with youtube(scopes=["youtube.upload"]) as platform:
        made = await upload(platform)
        said = {"id": made["id"], "status": {"privacyStatus": "public"}}
        status, answer, _ = await ask(platform, "PUT", f"{VIDEOS}?part=status", said)
        assert (status, reason(answer)) == (403, "insufficientPermissions")
        path = f"{VIDEOS}?part=status&id={made['id']}"
        assert (await ask(platform, "GET", path))[0] == 403
    async with youtube(scopes=["youtube"]) as platform:
        path = f"/youtube/v3/commentThreads?part=snippet&channelId={platform.account}"
        assert (await ask(platform, "GET", path))[0] == 403


async def test_an_account_that_is_suspended_or_has_no_channel_says_so():
    async with youtube() as platform:
        platform.signed_up = False
        status, answer, _ = await begin(platform)
        assert (status, reason(answer)) == (401, "youtubeSignupRequired")
        platform.suspend()
        status, answer, _ = await begin(platform)
        assert (status, reason(answer)) == (403, "authenticatedUserAccountSuspended")


async def test_one_who_may_not_upload_is_told():
    async with youtube() as platform:
        platform.may_upload = False
        status, answer, _ = await begin(platform)
        assert (status, reason(answer)) == (403, "forbidden")


async def test_the_quota_begins_anew_at_midnight_in_california():
    clock = HandClock()
    async with youtube(clock=clock) as platform:
        platform.quota.inserts, platform.quota.units = 1, 52
        assert (await begin(platform))[0] == 200
        status, answer, _ = await begin(platform)
        assert (status, reason(answer)) == (403, "quotaExceeded")
        assert answer["error"]["errors"][0]["domain"] == "youtube.quota"
        one = platform.put("by hand")
        said = {"id": one.id, "status": {"privacyStatus": "private"}}
        assert (await ask(platform, "PUT", f"{VIDEOS}?part=status", said))[0] == 200
        path = f"{VIDEOS}?part=status&id={one.id}"
        assert [(await ask(platform, "GET", path))[0] for _ in range(3)] == [200, 200, 403]
        assert platform.quota.used(clock.at) == 52
        clock.at += 60_399  # one second before it
        platform.tokens.renew()
        assert (await begin(platform))[0] == 403
        clock.at += 1
        assert (await begin(platform))[0] == 200


async def test_a_channel_takes_so_many_videos_in_a_day():
    clock = HandClock()
    async with youtube(clock=clock) as platform:
        platform.quota.uploads = 1
        await upload(platform)
        status, answer, _ = await begin(platform)
        assert (status, reason(answer)) == (400, "uploadLimitExceeded")
        clock.at += 86_400
        platform.tokens.renew()
        assert (await begin(platform))[0] == 200


@pytest.mark.parametrize("fault", [backend_error(), backend_error(500, made=True)])
async def test_a_fault_while_bytes_are_sent_costs_nothing(fault):
    async with youtube() as platform:
        where = await session(platform)
        platform.script(fault, on="PUT /upload/*")
        assert (await ask(platform, "PUT", where, FILM))[0] == fault.status
        status, _, headers = await asked(platform, where)
        assert (status, "range" in headers) == ((200, False) if fault.made else (308, False))


async def test_requests_are_counted():
    async with youtube(clock=HandClock(), requests_allowed=1) as platform:
        await session(platform)
        status, answer, _ = await begin(platform)
        assert (status, reason(answer)) == (429, "rateLimitExceeded")
