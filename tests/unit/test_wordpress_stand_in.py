"""The stand-in for a WordPress site takes what wp/v2 takes, and refuses what it refuses."""

from __future__ import annotations

import base64
import json
from urllib.parse import urlencode

import pytest

from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.loopback import Fault
from relay.testing.wordpress import (
    WordPress,
    blocked,
    database_error,
    maintenance,
    wordpress,
)

POSTS = "/wp-json/wp/v2/posts"
MEDIA = "/wp-json/wp/v2/media"
COMMENTS = "/wp-json/wp/v2/comments"
ME = "/wp-json/wp/v2/users/me"
NOW = 1_790_000_000
JPEG = b"\xff\xd8\xff\xe0 a picture"
SLUG = "r-0123456789abcdef"


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


def basic(user: str, password: str) -> dict[str, str]:
    said = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {said}"}


async def ask(platform: WordPress, method: str, path: str, said=None, *, login=True, **headers):
    """One request and what it was answered: status, JSON, headers."""
    asked = basic(platform.user, platform.password) if login else {}
    asked |= {name.replace("_", "-"): value for name, value in headers.items()}
    body = b""
    if said is not None:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        asked.setdefault("Content-Type", "application/json")
    async with HttpOut(None) as http:
        got = await http.request(method, platform.base + path, headers=asked, body=body)
    kind = got.headers.get("content-type", "")
    return got.status, json.loads(got.body) if "json" in kind else got.body, got.headers


async def draft(platform: WordPress, **more):
    said = {"title": "Night", "content": "<p>The lights are out.</p>", "slug": SLUG} | more
    status, made, _ = await ask(platform, "POST", POSTS, {"status": "draft"} | said)
    assert status == 201
    return made


async def upload(platform: WordPress, content=JPEG, name="a.jpg", kind="image/jpeg", query=""):
    named = {"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'}
    return await ask(platform, "POST", MEDIA + query, content, **named)


async def test_the_home_page_says_where_the_api_is():
    async with wordpress() as platform:
        status, _, headers = await ask(platform, "HEAD", "/", login=False)
        assert status == 200
        assert headers["link"] == f'<{platform.base}/wp-json/>; rel="https://api.w.org/"'
        status, said, _ = await ask(platform, "GET", "/wp-json/", login=False)
        assert "wp/v2" in said["namespaces"] and "application-passwords" in said["authentication"]


async def test_without_permalinks_the_api_is_behind_a_query():
    async with wordpress() as platform:
        platform.pretty = False
        assert (await ask(platform, "GET", ME))[0] == 404
        status, me, headers = await ask(platform, "GET", "/?rest_route=/wp/v2/users/me")
        assert status == 200 and me["id"] == platform.account
        assert f"<{platform.base}/?rest_route=/>" in headers["link"]


async def test_it_knows_its_author_by_the_application_password_with_or_without_spaces():
    async with wordpress() as platform:
        for password in (platform.password, platform.password.replace(" ", "")):
            login = basic(platform.user, password)
            _, me, _ = await ask(platform, "GET", f"{ME}?context=edit", login=False, **login)
            assert me["username"] == platform.user and me["roles"] == ["author"]
            assert me["capabilities"]["publish_posts"]


async def test_a_stranger_a_wrong_name_and_a_wrong_password_are_told_apart():
    async with wordpress() as platform:
        wrong = basic("nobody", platform.password)
        for login, code in (({}, "rest_not_logged_in"), (wrong, "invalid_username")):
            status, said, _ = await ask(platform, "GET", ME, login=False, **login)
            assert (status, said["code"], said["data"]["status"]) == (401, code, 401)
        old = basic(platform.user, platform.password)
        platform.revoke()
        status, said, _ = await ask(platform, "GET", ME, login=False, **old)
        assert (status, said["code"]) == (401, "incorrect_password")
        assert (await ask(platform, "GET", ME))[0] == 200


async def test_a_draft_becomes_a_post():
    async with wordpress(clock=HandClock()) as platform:
        made = await draft(platform)
        assert made["slug"] == SLUG and made["status"] == "draft"
        assert platform.public == [] and [one.slug for one in platform.drafts] == [SLUG]
        for _ in range(2):
            said = {"status": "publish"}
            status, made, _ = await ask(platform, "POST", f"{POSTS}/{made['id']}", said)
            assert (status, made["status"]) == (200, "publish")
            assert made["link"] == f"{platform.base}/{SLUG}/"
        assert platform.texts == ["The lights are out."]
        assert platform.public[0].id == str(made["id"]) and platform.drafts == []


async def test_a_second_draft_of_the_same_name_gets_another_one():
    async with wordpress() as platform:
        names = [(await draft(platform))["slug"] for _ in range(3)]
        assert names == [SLUG, f"{SLUG}-2", f"{SLUG}-3"]


async def test_a_name_is_free_again_once_its_post_is_gone_for_good():
    async with wordpress() as platform:
        made = await draft(platform)
        gone = f"{POSTS}/{made['id']}?force=true"
        status, said, _ = await ask(platform, "DELETE", gone)
        assert status == 200 and said["deleted"] and said["previous"]["slug"] == SLUG
        status, said, _ = await ask(platform, "DELETE", gone)
        assert (status, said["code"]) == (404, "rest_post_invalid_id")
        assert (await draft(platform))["slug"] == SLUG


async def test_what_is_thrown_away_without_force_goes_to_the_trash():
    async with wordpress() as platform:
        made = await draft(platform)
        status, said, _ = await ask(platform, "DELETE", f"{POSTS}/{made['id']}")
        assert status == 200 and said["status"] == "trash"
        assert platform.drafts == [] and platform.public == []
        status, said, _ = await ask(platform, "DELETE", f"{POSTS}/{made['id']}")
        assert (status, said["code"]) == (410, "rest_already_trashed")


async def test_a_post_without_a_name_is_named_after_its_title():
    async with wordpress() as platform:
        said = {"title": "Night & <b>Day</b>", "content": "x", "status": "publish"}
        _, made, _ = await ask(platform, "POST", POSTS, said)
        assert made["slug"] == "night-day"
        _, made, _ = await ask(platform, "POST", POSTS, {"title": "x", "status": "draft"})
        assert made["slug"] == ""


async def test_a_draft_is_found_by_its_name_by_its_author_only():
    async with wordpress() as platform:
        await draft(platform)
        platform.put("<p>else</p>")
        every = "status=publish,draft,pending,private,future"
        find = f"{POSTS}?slug={SLUG}&{every}&context=edit"
        _, found, headers = await ask(platform, "GET", find)
        assert [one["slug"] for one in found] == [SLUG]
        assert found[0]["content"]["raw"] == "<p>The lights are out.</p>"
        assert headers["x-wp-total"] == "1"
        status, said, _ = await ask(platform, "GET", find, login=False)
        assert (status, said["code"]) == (401, "rest_forbidden_context")
        status, said, _ = await ask(platform, "GET", f"{POSTS}?{every}", login=False)
        assert (status, list(said["data"]["params"])) == (400, ["status"])
        _, found, _ = await ask(platform, "GET", f"{POSTS}?slug={SLUG}", login=False)
        assert found == []


async def test_a_listing_lags_when_a_cache_stands_before_it():
    clock = HandClock()
    async with wordpress(clock=clock) as platform:
        platform.lists_late_s = 30
        await draft(platform)
        find = f"{POSTS}?slug={SLUG}&status=draft"
        assert (await ask(platform, "GET", find))[1] == []
        clock.at += 30
        assert len((await ask(platform, "GET", find))[1]) == 1


async def test_a_listing_comes_in_pages_newest_first():
    clock = HandClock()
    async with wordpress(clock=clock) as platform:
        for n in range(5):
            clock.at += 60
            platform.put(f"<p>{n}</p>")
        _, found, headers = await ask(platform, "GET", f"{POSTS}?per_page=2&page=2")
        assert [one["content"]["rendered"] for one in found] == ["<p>2</p>\n", "<p>1</p>\n"]
        assert headers["x-wp-totalpages"] == "3"
        assert 'rel="next"' in headers["link"] and 'rel="prev"' in headers["link"]
        status, said, _ = await ask(platform, "GET", f"{POSTS}?per_page=2&page=4")
        assert (status, said["code"]) == (400, "rest_post_invalid_page_number")
        after = urlencode({"after": "2026-09-21T14:16:20Z"})  # UTC; the site is an hour ahead
        assert len((await ask(platform, "GET", f"{POSTS}?{after}"))[1]) == 2
        local = urlencode({"after": "2026-09-21T15:16:20"})
        assert len((await ask(platform, "GET", f"{POSTS}?{local}"))[1]) == 2


async def test_a_date_that_lies_ahead_schedules_a_post():
    clock = HandClock()
    async with wordpress(clock=clock) as platform:
        made = await draft(platform, status="publish", date_gmt="2026-09-21T15:13:20")
        assert made["status"] == "future" and platform.public == []
        clock.at += 3600
        assert [one.slug for one in platform.public] == [SLUG]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"titel": "x"}, "rest_invalid_param"),
        ({"title": 5}, "rest_invalid_param"),
        ({"status": "public", "title": "x"}, "rest_invalid_param"),
        ({"title": "x", "categories": ["news"]}, "rest_invalid_param"),
        ({"title": "x", "date_gmt": "tomorrow"}, "rest_invalid_param"),
        ({"title": "x", "date_gmt": "2026-13-01T00:00:00"}, "rest_invalid_param"),
        ({"title": "x", "id": 4}, "rest_post_exists"),
        ({"title": "x", "featured_media": 99}, "rest_invalid_featured_media"),
        ({"status": "draft"}, "empty_content"),
        ([], "rest_invalid_json"),
        (b"{", "rest_invalid_json"),
    ],
)
async def test_an_argument_that_does_not_fit_is_refused(said, code):
    async with wordpress() as platform:
        status, answer, _ = await ask(platform, "POST", POSTS, said)
        assert (status, answer["code"], answer["data"]["status"]) == (400, code, 400)


async def test_a_picture_that_is_not_there_is_refused_after_the_post_was_made():
    async with wordpress() as platform:
        said = {"title": "x", "featured_media": 99, "status": "draft"}
        assert (await ask(platform, "POST", POSTS, said))[0] == 400
        assert len(platform.drafts) == 1


@pytest.mark.parametrize("query", ["per_page=101", "order=up", "slugg=x", "status=live", "page=0"])
async def test_a_query_that_does_not_fit_is_refused(query):
    async with wordpress() as platform:
        status, answer, _ = await ask(platform, "GET", f"{POSTS}?{query}")
        assert (status, answer["code"]) == (400, "rest_invalid_param")


async def test_a_body_of_another_kind_is_refused_and_a_form_is_taken():
    async with wordpress() as platform:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        said = urlencode({"title": "x", "status": "draft", "tags[]": "4"}).encode()
        status, made, _ = await ask(platform, "POST", POSTS, said, **form)
        assert status == 201 and made["tags"] == [4]
        status, made, _ = await ask(platform, "POST", POSTS, b"hello", Content_Type="text/plain")
        assert (status, made["code"]) == (400, "rest_invalid_json")


async def test_a_script_in_a_post_of_an_author_is_taken_out():
    async with wordpress() as platform:
        text = '<p onclick="x()">a</p><script>b</script><img src="data:image/png;base64,AAAA">'
        made = await draft(platform, content=text)
        assert made["content"]["raw"] == '<p>a</p>b<img src="image/png;base64,AAAA">'


async def test_what_a_page_shows_is_typographic():
    async with wordpress() as platform:
        made = await draft(platform, title='"No"...', content="one\ntwo\n\nthree")
        assert made["title"] == {"raw": '"No"...', "rendered": "&#8220;No&#8221;&#8230;"}
        assert made["content"]["rendered"] == "<p>one<br />\ntwo</p>\n<p>three</p>\n"


async def test_a_picture_is_uploaded_described_and_shown():
    async with wordpress() as platform:
        status, medium, _ = await upload(platform)
        assert status == 201 and medium["mime_type"] == "image/jpeg"
        said = {"alt_text": "A dark street", "caption": "Night"}
        status, medium, _ = await ask(platform, "POST", f"{MEDIA}/{medium['id']}", said)
        assert medium["alt_text"] == "A dark street"
        content = f'<p>Look</p><img src="{medium["source_url"]}" alt="A street">'
        await draft(platform, content=content, status="publish", featured_media=medium["id"])
        [featured, inline] = platform.public[0].media
        assert featured.alt == "A dark street" and inline.alt == "A street"
        assert featured.content == JPEG and platform.texts == ["Look"]
        path = medium["source_url"].removeprefix(platform.base)
        assert (await ask(platform, "GET", path, login=False))[1] == JPEG


def form(name="a.jpg", content=JPEG, **fields: str) -> tuple[bytes, str]:
    """A form with a file in it, and its content type."""
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    body = f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + content + b"\r\n"
    for field, value in fields.items():
        head = f'--x\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n'
        body += f"{head}{value}\r\n".encode()
    return body + b"--x--\r\n", "multipart/form-data; boundary=x"


async def test_a_form_brings_a_picture_with_its_words_and_its_post():
    async with wordpress() as platform:
        made = await draft(platform, slug=SLUG)
        body, kind = form(alt_text="یک خیابان", slug="r-1", post=str(made["id"]))
        status, medium, _ = await ask(platform, "POST", MEDIA, body, Content_Type=kind)
        assert (status, medium["slug"], medium["alt_text"]) == (201, "r-1", "یک خیابان")
        assert platform.media[0].content == JPEG
        _, found, _ = await ask(platform, "GET", f"{MEDIA}?parent={made['id']}")
        assert [one["id"] for one in found] == [medium["id"]]
        await ask(platform, "DELETE", f"{POSTS}/{made['id']}?force=true")
        assert platform.media[0].post == 0


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.php", JPEG, 500, "rest_upload_unknown_error"),
        ("a.jpg", b"GIF", 500, "rest_upload_unknown_error"),
        ("a.jpg", b"", 400, "rest_upload_no_data"),
    ],
)
async def test_a_file_in_a_form_is_refused_like_any_other(name, content, status, code):
    async with wordpress() as platform:
        body, kind = form(name, content)
        got, said, _ = await ask(platform, "POST", MEDIA, body, Content_Type=kind)
        assert (got, said["code"]) == (status, code)


async def test_two_files_of_one_name_stay_two():
    async with wordpress() as platform:
        for _ in range(2):
            await upload(platform, query="?alt_text=x")
        assert [one.name for one in platform.media] == ["a.jpg", "a-1.jpg"]
        assert [one.slug for one in platform.media] == ["a", "a-1"]
        _, found, _ = await ask(platform, "GET", f"{MEDIA}?slug=a-1")
        assert [one["alt_text"] for one in found] == ["x"]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", {}, 400, "rest_upload_no_data"),
        (JPEG, {"Content-Type": "image/jpeg"}, 400, "rest_upload_no_content_disposition"),
        (JPEG, {"Content-Disposition": "attachment"}, 400, "rest_upload_invalid_disposition"),
        (JPEG, {"Content-Disposition": 'inline; filename="a.jpg"'}, 400, "_disposition"),
        (b"GIF", {"Content-Disposition": 'attachment; filename="a.jpg"'}, 500, "_sideload_error"),
        (JPEG, {"Content-Disposition": 'attachment; filename="a.php"'}, 500, "_sideload_error"),
        (JPEG, {"Content-Disposition": 'attachment; filename="a.png"'}, 500, "_sideload_error"),
    ],
)
async def test_a_file_that_is_not_named_rightly_is_refused(content, headers, status, code):
    async with wordpress() as platform:
        asked = {"Content-Type": "image/jpeg"} | headers
        got, said, _ = await ask(platform, "POST", MEDIA, content, **asked)
        assert got == status and said["code"].endswith(code)


async def test_a_file_that_is_too_large_is_refused_by_the_host():
    async with wordpress() as platform:
        platform.media_bytes = 10
        status, _, headers = await upload(platform)
        assert status == 413 and headers["content-type"].startswith("text/html")


async def test_media_are_thrown_away_only_for_good():
    async with wordpress() as platform:
        _, medium, _ = await upload(platform)
        status, said, _ = await ask(platform, "DELETE", f"{MEDIA}/{medium['id']}")
        assert (status, said["code"]) == (501, "rest_trash_not_supported")
        status, _, _ = await ask(platform, "DELETE", f"{MEDIA}/{medium['id']}?force=true")
        assert status == 200 and platform.media == []


@pytest.mark.parametrize(
    ("role", "said", "code"),
    [
        ("contributor", {"status": "publish"}, "rest_cannot_publish"),
        ("contributor", {"status": "draft"}, None),
        ("subscriber", {"status": "draft"}, "rest_cannot_create"),
        ("author", {"author": 1}, "rest_cannot_edit_others"),
        ("author", {"sticky": True}, "rest_cannot_assign_sticky"),
        ("editor", {"sticky": True}, None),
    ],
)
async def test_a_right_that_is_not_there_is_named(role, said, code):
    async with wordpress() as platform:
        platform.role = role
        status, answer, _ = await ask(platform, "POST", POSTS, {"title": "x"} | said)
        assert (status, answer.get("code")) == ((403, code) if code else (201, None))


async def test_an_account_without_rights_opens_and_may_nothing():
    async with wordpress() as platform:
        made = await draft(platform)
        platform.suspend()
        assert (await ask(platform, "GET", f"{ME}?context=edit"))[1]["roles"] == []
        status, said, _ = await ask(platform, "POST", f"{POSTS}/{made['id']}", {"slug": "x"})
        assert (status, said["code"]) == (403, "rest_cannot_edit")
        assert (await upload(platform))[1]["code"] == "rest_cannot_create"


async def test_comments_are_listed_but_those_that_are_held():
    clock = HandClock()
    async with wordpress(clock=clock) as platform:
        post = platform.put("<p>a</p>")
        first = platform.reply(post.id, "Are you safe?", "somebody")
        clock.at += 60
        platform.reply(first.id, "Yes", "another")
        platform.reply(post.id, "Buy", "spam", held=True)
        path = f"{COMMENTS}?post={post.id}&order=asc"
        _, found, _ = await ask(platform, "GET", path)
        assert [one["author_name"] for one in found] == ["somebody", "another"]
        assert found[1]["parent"] == found[0]["id"]
        later = urlencode({"after": found[0]["date_gmt"] + "Z"})
        _, found, _ = await ask(platform, "GET", f"{path}&{later}")
        assert [one["content"]["rendered"] for one in found] == ["<p>Yes</p>\n"]
        status, said, _ = await ask(platform, "GET", f"{path}&status=hold")
        assert (status, said["code"]) == (403, "rest_forbidden_param")
        platform.role = "editor"
        _, found, _ = await ask(platform, "GET", f"{path}&status=hold")
        assert [one["status"] for one in found] == ["hold"]


async def test_only_the_fields_that_are_asked_for_are_given():
    async with wordpress() as platform:
        await draft(platform)
        _, found, _ = await ask(platform, "GET", f"{POSTS}?status=draft&_fields=id,slug")
        assert set(found[0]) == {"id", "slug"}


async def test_an_api_that_is_switched_off_has_no_routes():
    async with wordpress() as platform:
        platform.switched_off = True
        status, said, headers = await ask(platform, "POST", POSTS, {"title": "x"})
        assert (status, said["code"]) == (404, "rest_no_route") and "link" not in headers
        platform.switched_off = False
        assert (await ask(platform, "GET", "/wp-json/wp/v3/posts"))[0] == 404


async def test_an_update_closes_every_address_for_ten_minutes():
    async with wordpress() as platform:
        platform.closed = maintenance()
        status, body, headers = await ask(platform, "POST", POSTS, {"title": "x"})
        assert status == 503 and headers["retry-after"] == "600"
        assert headers["content-type"].startswith("text/html") and b"maintenance" in body
        assert platform.drafts == []


@pytest.mark.parametrize(
    ("fault", "status", "made"),
    [
        (blocked(), 403, 0),
        (blocked(406), 406, 0),
        (database_error(), 500, 0),
        (database_error(made=True), 500, 1),
        (faults.error(502, made=True), 502, 1),
    ],
)
async def test_a_fault_is_answered_and_the_post_made_or_not(fault: Fault, status, made):
    async with wordpress() as platform:
        platform.script(fault, on=f"POST {POSTS}")
        got, _, _ = await ask(platform, "POST", POSTS, {"title": "x", "slug": SLUG})
        assert got == status and len(platform.drafts) == made


async def test_the_host_counts_requests():
    clock = HandClock()
    async with wordpress(clock=clock, requests_allowed=2) as platform:
        found = [(await ask(platform, "GET", ME))[0] for _ in range(3)]
        assert found == [200, 200, 429]
        clock.at += 60
        assert (await ask(platform, "GET", ME))[0] == 200
