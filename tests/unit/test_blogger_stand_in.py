"""The stand-in for Blogger takes what its discovery document has, with Google's logins."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.blogger import Blogger, blogger
from relay.testing.google import backend_error, daily_limit, limited
from relay.testing.google.tokens import TESTING_S, challenge

NOW = 1_790_000_000
LABEL = "r-0123456789abcdef"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
VERIFIER = "v" * 43


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


async def call(platform: Blogger, method: str, path: str, body=b"", headers=None):
    """One request and what it was answered: status, JSON, headers."""
    async with HttpOut(None) as http:
        url = platform.base + path
        got = await http.request(method, url, headers=headers or {}, body=body)
    kind = got.headers.get("content-type", "")
    return got.status, json.loads(got.body) if "json" in kind else got.body, got.headers


async def ask(platform: Blogger, method: str, path: str, said=None, **headers):
    asked = {"Authorization": f"Bearer {platform.token}"}
    asked |= {name.replace("_", "-"): value for name, value in headers.items()}
    if said is not None:
        asked.setdefault("Content-Type", "application/json")
    body = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
    return await call(platform, method, path, body, asked)


def posts(platform: Blogger, rest: str = "") -> str:
    return f"/v3/blogs/{platform.blog}/posts{rest}"


async def draft(platform: Blogger, **more):
    said = {"title": "Night", "content": "<p>The lights are out.</p>", "labels": [LABEL]} | more
    status, made, _ = await ask(platform, "POST", posts(platform, "?isDraft=true"), said)
    assert (status, made["status"]) == (200, "DRAFT")
    return made


async def tokens(platform: Blogger, **said):
    client = {"client_id": platform.client_id, "client_secret": platform.client_secret}
    return await call(platform, "POST", "/token", urlencode(client | said).encode(), FORM)


async def refreshed(platform: Blogger, refresh_token: str):
    return await tokens(platform, grant_type="refresh_token", refresh_token=refresh_token)


def reason(answer) -> str:
    [error] = answer["error"]["errors"]
    return error["reason"]


# ---------------------------------------------------------------- the blog


async def test_a_draft_becomes_a_post_however_often_it_is_published():
    async with blogger(clock=HandClock()) as platform:
        made = await draft(platform)
        assert "url" not in made and platform.public == []
        assert [one.labels for one in platform.drafts] == [(LABEL,)]
        for _ in range(2):
            path = posts(platform, f"/{made['id']}/publish")
            status, live, _ = await ask(platform, "POST", path)
            assert (status, live["status"], live["id"]) == (200, "LIVE", made["id"])
            assert live["url"] == f"{platform.base}/2026/09/night.html"
        assert platform.texts == ["The lights are out."] and platform.drafts == []


async def test_a_blog_that_publishes_once_refuses_the_second_time():
    async with blogger() as platform:
        platform.publishes_again = False
        made = await draft(platform)
        path = posts(platform, f"/{made['id']}/publish")
        assert [(await ask(platform, "POST", path))[0] for _ in range(2)] == [200, 400]


@pytest.mark.parametrize("states", ["status=draft&status=live", "status=DRAFT&status=LIVE"])
async def test_a_draft_is_found_by_its_label_by_its_author(states):
    async with blogger() as platform:
        made = await draft(platform)
        platform.put("<p>else</p>")
        path = posts(platform, f"?labels={LABEL}&{states}&fetchBodies=false")
        _, found, _ = await ask(platform, "GET", f"{path}&view=ADMIN")
        [one] = found["items"]
        assert one["id"] == made["id"] and one["status"] == "DRAFT" and "content" not in one
        _, found, _ = await ask(platform, "GET", path)
        assert "items" not in found
        platform.lists_drafts_by_label = False
        _, found, _ = await ask(platform, "GET", f"{path}&view=ADMIN")
        assert "items" not in found


async def test_a_listing_lags():
    clock = HandClock()
    async with blogger(clock=clock) as platform:
        platform.lists_late_s = 30
        await draft(platform)
        path = posts(platform, f"?labels={LABEL}&status=draft&view=ADMIN")
        assert "items" not in (await ask(platform, "GET", path))[1]
        clock.at += 30
        assert len((await ask(platform, "GET", path))[1]["items"]) == 1


async def test_a_listing_comes_in_pages_newest_first_in_the_blogs_own_time():
    clock = HandClock()
    async with blogger(clock=clock) as platform:
        for n in range(5):
            clock.at += 60
            platform.put(f"<p>{n}</p>")
        _, found, _ = await ask(platform, "GET", posts(platform, "?maxResults=2"))
        assert [one["content"] for one in found["items"]] == ["<p>4</p>", "<p>3</p>"]
        assert found["items"][0]["published"] == "2026-09-21T07:18:20-07:00"
        more = urlencode({"maxResults": 3, "pageToken": found["nextPageToken"]})
        _, found, _ = await ask(platform, "GET", posts(platform, f"?{more}"))
        assert [one["content"] for one in found["items"]] == ["<p>2</p>", "<p>1</p>", "<p>0</p>"]
        assert "nextPageToken" not in found
        start = urlencode({"startDate": "2026-09-21T14:17:00Z"})
        _, found, _ = await ask(platform, "GET", posts(platform, f"?{start}"))
        assert len(found["items"]) == 2


async def test_a_patch_changes_what_it_names_and_no_more():
    async with blogger() as platform:
        made = await draft(platform)
        path = posts(platform, f"/{made['id']}")
        _, changed, _ = await ask(platform, "PATCH", path, {"labels": []})
        assert "labels" not in changed and changed["title"] == "Night"
        _, changed, _ = await ask(platform, "PATCH", f"{path}?publish=true", {"title": "Day"})
        assert changed["status"] == "LIVE" and platform.public[0].title == "Day"
        _, changed, _ = await ask(platform, "PUT", path, {"title": "Dusk"})
        assert changed["content"] == ""
        _, changed, _ = await ask(platform, "POST", f"{path}/revert")
        assert changed["status"] == "DRAFT" and platform.public == []


async def test_a_post_is_taken_away():
    async with blogger() as platform:
        one = platform.put("<p>a</p>")
        path = posts(platform, f"/{one.id}")
        assert [(await ask(platform, "DELETE", path))[0] for _ in range(2)] == [204, 404]
        assert platform.public == []
        two = platform.put("<p>b</p>")
        await ask(platform, "DELETE", posts(platform, f"/{two.id}?useTrash=true"))
        assert platform.public == [] and platform.drafts == []


async def test_pictures_are_inside_the_text_or_somewhere_else():
    async with blogger() as platform:
        inside = '<img src="data:image/png;base64,QUJD" alt="A street">'
        await draft(platform, content=f'<p>Look</p>{inside}<img src="https://example.org/b.jpg">')
        one, two = platform.drafts[0].media
        assert (one.alt, one.type, one.content) == ("A street", "image/png", b"ABC")
        assert two.url == "https://example.org/b.jpg" and two.content == b""


async def test_a_post_is_scheduled():
    clock = HandClock()
    async with blogger(clock=clock) as platform:
        made = await draft(platform)
        path = posts(platform, f"/{made['id']}/publish?publishDate=2026-09-21T15:13:20Z")
        assert (await ask(platform, "POST", path))[1]["status"] == "SCHEDULED"
        assert platform.public == []
        clock.at += 3600
        assert platform.texts == ["The lights are out."]


@pytest.mark.parametrize(
    "said",
    [
        {"titel": "x"},
        {"title": 5},
        {"labels": "one"},
        {"labels": ["a,b"]},
        {"labels": ["x" * 150, "y" * 51]},
        {"labels": [str(n) for n in range(21)]},
        {"blog": {"number": "5"}},
        {"status": "PUBLISHED"},
        {"published": "2026-13-01T00:00:00Z"},
    ],
)
async def test_a_field_that_does_not_fit_is_refused(said):
    async with blogger() as platform:
        status, answer, _ = await ask(platform, "POST", posts(platform), said)
        assert (status, reason(answer)) == (400, "badRequest")
        assert answer["error"]["status"] == "INVALID_ARGUMENT" and platform.public == []


async def test_states_are_repeated_and_not_joined():
    async with blogger() as platform:
        path = posts(platform, "?view=ADMIN&status=draft,live")
        assert (await ask(platform, "GET", path))[0] == 400


@pytest.mark.parametrize(
    "query", ["isdraft=true", "isDraft=yes", "isDraft=1", "notify=true", "alt=media"]
)
async def test_a_parameter_that_does_not_fit_is_refused(query):
    async with blogger() as platform:
        status, answer, _ = await ask(platform, "POST", posts(platform, f"?{query}"), {})
        assert (status, reason(answer)) == (400, "badRequest")


async def test_a_body_that_is_no_json_is_refused():
    async with blogger() as platform:
        for body, kind in ((b"{", "application/json"), (b"{}", "text/plain"), (b"[]", "")):
            said = {"Content-Type": kind or "application/json"}
            status, answer, _ = await ask(platform, "POST", posts(platform), body, **said)
            assert (status, reason(answer)) == (400, "parseError")


async def test_another_blog_and_another_method_are_not_there():
    async with blogger() as platform:
        assert (await ask(platform, "GET", "/v3/blogs/5/posts"))[0] == 404
        assert (await ask(platform, "GET", posts(platform, "/5")))[0] == 404
        assert (await ask(platform, "DELETE", posts(platform)))[0] == 405
        assert (await ask(platform, "GET", "/v2/blogs"))[0] == 404


async def test_the_account_sees_its_blog():
    async with blogger() as platform:
        _, found, _ = await ask(platform, "GET", "/v3/users/self/blogs")
        [blog] = found["items"]
        assert blog["id"] == platform.blog
        where = urlencode({"url": blog["url"]})
        _, found, _ = await ask(platform, "GET", f"/v3/blogs/byurl?{where}")
        assert found["id"] == platform.blog
        assert (await ask(platform, "GET", f"/v3/blogs/{platform.blog}?view=ADMIN"))[0] == 200
        assert (await ask(platform, "GET", "/v3/users/self"))[1]["kind"] == "blogger#user"


async def test_comments_are_listed_under_a_post_and_for_the_blog():
    clock = HandClock()
    async with blogger(clock=clock) as platform:
        post = platform.put("<p>a</p>")
        first = platform.reply(post.id, "Are you safe?", "somebody")
        clock.at += 60
        platform.reply(first.id, "Yes", "another")
        platform.reply(post.id, "Buy", "spam", status="PENDING")
        _, found, _ = await ask(platform, "GET", posts(platform, f"/{post.id}/comments"))
        assert [one["content"] for one in found["items"]] == ["Yes", "Are you safe?"]
        assert found["items"][0]["inReplyTo"] == {"id": first.id}
        since = urlencode({"startDate": "2026-09-21T14:14:00Z", "status": "pending"})
        path = f"/v3/blogs/{platform.blog}/comments?{since}"
        _, found, _ = await ask(platform, "GET", path)
        assert [one["content"] for one in found["items"]] == ["Buy"]


async def test_one_who_is_no_author_any_more_reads_only():
    async with blogger() as platform:
        platform.writes = False
        status, answer, _ = await ask(platform, "POST", posts(platform), {"title": "x"})
        assert (status, reason(answer)) == (403, "forbidden")
        assert (await ask(platform, "GET", posts(platform)))[0] == 200


@pytest.mark.parametrize(
    ("fault", "status", "why", "made"),
    [
        (limited(), 429, "rateLimitExceeded", 0),
        (daily_limit(), 403, "dailyLimitExceeded", 0),
        (backend_error(), 503, "backendError", 0),
        (backend_error(500, made=True), 500, "backendError", 1),
    ],
)
async def test_a_fault_is_answered_and_the_post_made_or_not(fault, status, why, made):
    async with blogger() as platform:
        platform.script(fault, on="POST /v3/blogs/*/posts")
        got, answer, _ = await ask(platform, "POST", posts(platform), {"title": "x"})
        assert (got, reason(answer)) == (status, why)
        assert len(platform.public) == made


async def test_requests_are_counted():
    clock = HandClock()
    async with blogger(clock=clock, requests_allowed=1) as platform:
        assert [(await ask(platform, "GET", posts(platform)))[0] for _ in range(2)] == [200, 429]
        clock.at += 60
        platform.script(faults.error(502))
        assert (await ask(platform, "GET", posts(platform)))[0] == 502
        assert (await ask(platform, "GET", posts(platform)))[0] == 200


# ---------------------------------------------------------------- Google's tokens


async def test_a_token_runs_out_and_is_refreshed():
    clock = HandClock()
    async with blogger(clock=clock) as platform:
        old = {"Authorization": f"Bearer {platform.token}"}
        clock.at += 3600
        status, answer, headers = await ask(platform, "GET", posts(platform), **old)
        assert (status, reason(answer)) == (401, "authError")
        assert "invalid_token" in headers["www-authenticate"]
        status, given, _ = await refreshed(platform, platform.refresh_token)
        assert (status, given["expires_in"], given["token_type"]) == (200, 3599, "Bearer")
        assert "refresh_token" not in given and given["scope"].endswith("/auth/blogger")
        new = {"Authorization": f"Bearer {given['access_token']}"}
        assert (await ask(platform, "GET", posts(platform), **new))[0] == 200


async def test_no_token_and_too_little_of_one_are_told_apart():
    async with blogger() as platform:
        status, answer, _ = await call(platform, "GET", posts(platform))
        assert (status, reason(answer)) == (401, "required")
        platform.tokens._access[platform.token] = (frozenset({"openid"}), 2**40)
        status, answer, headers = await ask(platform, "GET", posts(platform))
        assert (status, reason(answer)) == (403, "insufficientPermissions")
        assert "insufficient_scope" in headers["www-authenticate"]


async def test_what_was_revoked_needs_a_new_login():
    async with blogger() as platform:
        old = platform.refresh_token
        platform.expire()
        assert (await refreshed(platform, old))[0] == 200
        platform.revoke()
        status, answer, _ = await refreshed(platform, old)
        assert (status, answer["error"]) == (400, "invalid_grant")
        await login(platform)
        assert platform.refresh_token != old
        assert (await refreshed(platform, platform.refresh_token))[0] == 200


async def test_a_project_in_testing_forgets_its_logins_after_a_week():
    clock = HandClock()
    async with blogger(clock=clock) as platform:
        platform.tokens.refresh_life_s = TESTING_S
        _, given, _ = await login(platform)
        assert given["refresh_token_expires_in"] == TESTING_S
        clock.at += TESTING_S
        assert (await refreshed(platform, given["refresh_token"]))[1]["error"] == "invalid_grant"


async def test_an_account_that_is_disabled_opens_nothing():
    async with blogger() as platform:
        platform.suspend()
        assert (await ask(platform, "GET", posts(platform)))[0] == 401
        assert (await refreshed(platform, platform.refresh_token))[1]["error"] == "invalid_grant"


async def visit(platform: Blogger, **more):
    """The login page; what the browser is sent back with."""
    said = {
        "client_id": platform.client_id,
        "redirect_uri": "http://127.0.0.1:5000/back",
        "response_type": "code",
        "scope": "https://www.googleapis.com/auth/blogger",
        "code_challenge": challenge(VERIFIER, "S256"),
        "code_challenge_method": "S256",
        "state": "s1",
    }
    path = f"/o/oauth2/v2/auth?{urlencode(said | more)}"
    status, _, headers = await call(platform, "GET", path)
    back = urlsplit(headers.get("location", ""))
    return status, {name: one for name, [one] in parse_qs(back.query).items()}


async def login(platform: Blogger, **more):
    _, back = await visit(platform)
    said = {
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": "http://127.0.0.1:5000/back",
        "code_verifier": VERIFIER,
    }
    said = {name: one for name, one in (said | more).items() if one is not None}
    return await tokens(platform, **said)


async def test_a_login_gives_tokens_that_work():
    async with blogger() as platform:
        status, back = await visit(platform)
        assert status == 302 and back["state"] == "s1"
        status, given, headers = await login(platform)
        assert status == 200 and given["refresh_token"] == platform.refresh_token
        assert headers["cache-control"].startswith("no-cache")
        assert (await ask(platform, "GET", posts(platform)))[0] == 200


async def test_a_code_is_good_once():
    async with blogger() as platform:
        _, back = await visit(platform)
        assert (await login(platform, code=back["code"]))[0] == 200
        assert (await login(platform, code=back["code"]))[1]["error"] == "invalid_grant"


async def test_a_code_grows_old():
    clock = HandClock()
    async with blogger(clock=clock) as platform:
        _, back = await visit(platform)
        clock.at += 600
        assert (await login(platform, code=back["code"]))[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"code_verifier": None}, "invalid_grant"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:5001/back"}, "redirect_uri_mismatch"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"client_id": "else"}, "invalid_client"),
        ({"client_secret": "else"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"audience": "x"}, "invalid_request"),
    ],
)
async def test_a_login_that_is_not_proven_gives_nothing(more, error):
    async with blogger() as platform:
        status, answer, _ = await login(platform, **more)
        assert status in (400, 401) and answer["error"] == error


async def test_an_owner_who_says_no_is_heard():
    async with blogger() as platform:
        platform.tokens.agrees = False
        assert (await visit(platform))[1] == {"state": "s1", "error": "access_denied"}


@pytest.mark.parametrize(
    "more",
    [
        {"redirect_uri": "https://example.org/back"},
        {"redirect_uri": "urn:ietf:wg:oauth:2.0:oob"},
        {"response_type": "token"},
        {"client_id": "else"},
        {"code_challenge": "short"},
        {"prompt": "always"},
        {"colour": "red"},
    ],
)
async def test_a_login_page_refuses_what_is_not_a_login(more):
    async with blogger() as platform:
        assert (await visit(platform, **more))[0] == 400


async def test_tokens_are_asked_for_with_a_form():
    async with blogger() as platform:
        said = json.dumps({"grant_type": "refresh_token"}).encode()
        kind = {"Content-Type": "application/json"}
        assert (await call(platform, "POST", "/token", said, kind))[0] == 400
