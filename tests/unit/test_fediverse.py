"""The stand-in with Mastodon's API: what is asked of it, and what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest
import trio

from relay.ports import NoAnswer
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.fediverse import GOTOSOCIAL, MASTODON, fediverse, limited, overloaded

NOW = 1_795_000_000
STATUSES = "/api/v1/statuses"
POSTS = f"POST {STATUSES}"
URL = "https://example.com/a/very/long/path?x=1"


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


class Client:
    """Somebody with a token, or a wrong one."""

    def __init__(self, platform, http) -> None:
        self.platform = platform
        self.http = http
        self.token = platform.token

    async def ask(self, method, path, body=b"", *, kind="", key="", timeout_s=5.0):
        headers = {"authorization": f"Bearer {self.token}"}
        headers |= {"content-type": kind} if kind else {}
        headers |= {"idempotency-key": key} if key else {}
        return await self.http.request(
            method, self.platform.base + path, headers=headers, body=body, timeout_s=timeout_s
        )

    async def form(self, method, path, *, key="", **fields):
        body = urlencode(fields, doseq=True).encode()
        return await self.ask(method, path, body, kind="application/x-www-form-urlencoded", key=key)

    async def post(self, status="The lights are out.", *, key="", **fields):
        return await self.form("POST", STATUSES, key=key, status=status, **fields)

    async def get(self, path):
        return await self.ask("GET", path)

    async def upload(self, content=b"\x89PNG", kind="image/png", alt=""):
        body = (
            b'--edge\r\nContent-Disposition: form-data; name="description"\r\n\r\n%b\r\n'
            b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
            b"Content-Type: %b\r\n\r\n%b\r\n--edge--\r\n"
        ) % (alt.encode(), kind.encode(), content)
        return await self.ask(
            "POST", "/api/v2/media", body, kind='multipart/form-data; boundary="edge"'
        )


class Stand:
    """``async with Stand(...)``: a platform, its clock, and a client."""

    def __init__(self, manners=MASTODON, **more) -> None:
        self.clock = HandClock()
        self._made = fediverse(manners, clock=self.clock, **more)
        self._http = HttpOut(None)

    async def __aenter__(self):
        self.platform = await self._made.__aenter__()
        return self.platform, Client(self.platform, self._http), self.clock

    async def __aexit__(self, *error):
        await self._http.aclose()
        await self._made.__aexit__(*error)


def read(answer):
    assert answer.headers["content-type"].startswith("application/json")
    return json.loads(answer.body)


def error_of(answer):
    return answer.status, read(answer)["error"]


# ---------------------------------------------------------------- who it is


@pytest.mark.parametrize("manners", [MASTODON, GOTOSOCIAL], ids=lambda one: one.software)
async def test_it_says_which_software_it_is_and_what_it_takes(manners):
    async with Stand(manners) as (platform, client, _):
        [link] = read(await client.get("/.well-known/nodeinfo"))["links"]
        said = read(await client.get(link["href"].removeprefix(platform.base)))
        assert said["software"]["name"] == manners.software
        for version in (1, 2):
            taken = read(await client.get(f"/api/v{version}/instance"))["configuration"]
            assert taken["statuses"]["max_characters"] == manners.characters
            assert taken["statuses"]["max_media_attachments"] == manners.media
            assert taken["media_attachments"]["description_limit"] == manners.alt_characters
        assert (await client.get("/health")).body == b"OK"


async def test_the_token_opens_and_another_does_not():
    async with Stand() as (platform, client, _):
        me = read(await client.get("/api/v1/accounts/verify_credentials"))
        assert me["id"] == platform.account
        client.token = platform.token + "x"
        assert error_of(await client.get("/api/v1/accounts/verify_credentials")) == (
            401,
            "The access token is invalid",
        )
        assert error_of(await client.post())[0] == 401
        assert (await client.get("/api/v2/instance")).status == 200
    assert platform.public == []


async def test_what_is_not_there_is_404_and_another_method_405():
    async with Stand() as (_, client, _):
        assert (await client.get("/api/v1/nothing")).status == 404
        assert (await client.ask("PATCH", STATUSES)).status == 405
        assert (await client.get(f"{STATUSES}/1")).status == 404
        assert (await client.get("/api/v1/accounts/7/statuses")).status == 404


# ---------------------------------------------------------------- posting


async def test_a_status_by_form_and_by_json_says_the_same():
    fields = {
        "status": "نان کم است",
        "language": "fa",
        "spoiler_text": "a warning",
        "visibility": "unlisted",
    }
    async with Stand() as (platform, client, _):
        by_form = read(await client.form("POST", STATUSES, **fields))
        body = json.dumps(fields | {"media_ids": [], "in_reply_to_id": None}).encode()
        by_json = read(await client.ask("POST", STATUSES, body, kind="application/json"))
    for one in (by_form, by_json):
        assert one["content"] == "<p>نان کم است</p>"
        assert (one["language"], one["visibility"]) == ("fa", "unlisted")
        assert one["spoiler_text"] == "a warning" and one["sensitive"] is True
        assert one["url"].startswith(platform.base) and one["id"] in one["url"]
        assert one["created_at"] == "2026-11-18T11:06:40.000Z"
    assert int(by_form["id"]) < int(by_json["id"])
    assert platform.texts == ["نان کم است"] * 2


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[1]"),
        ("application/json", b"[" * 100_000),
        ("application/x-www-form-urlencoded", b"status=%ff"),
        ("multipart/form-data; boundary=edge", b"--edge\r\n"),
        ("multipart/form-data", b""),
    ],
)
async def test_a_body_that_is_not_what_it_says_is_400(kind, body):
    async with Stand() as (platform, client, _):
        assert (await client.ask("POST", STATUSES, body, kind=kind)).status == 400
    assert platform.public == []


async def test_a_key_is_kept_for_its_hour_and_no_longer():
    async with Stand() as (platform, client, clock):
        first = read(await client.post(key="k"))["id"]
        clock.at += 3599
        assert read(await client.post("another text", key="k"))["id"] == first
        assert read(await client.post(key="another"))["id"] != first
        clock.at += 1
        assert read(await client.post(key="k"))["id"] != first
    assert len(platform.public) == 3


async def test_a_key_of_what_was_deleted_finds_nothing_and_a_forgotten_key_is_new():
    async with Stand() as (platform, client, _):
        id = read(await client.post(key="k"))["id"]
        assert (await client.ask("DELETE", f"{STATUSES}/{id}")).status == 200
        assert (await client.post(key="k")).status == 404
        platform.forget_keys()
        assert (await client.post(key="k")).status == 200
    assert len(platform.public) == 1


async def test_gotosocial_does_not_read_the_key():
    async with Stand(GOTOSOCIAL) as (platform, client, _):
        first, second = [read(await client.post(key="k"))["id"] for _ in range(2)]
    assert first != second and len(first) == len(second) == 26 and first < second
    assert len(platform.public) == 2


async def test_a_refused_post_leaves_its_key_unused():
    async with Stand() as (platform, client, _):
        assert (await client.post("x" * 501, key="k")).status == 422
        assert (await client.post("x", key="k")).status == 200
    assert platform.texts == ["x"]


# What the server counts: the first row is worked out in the reference of bridge authors, the others
# by the rule: grapheme clusters, 23 a URL with a scheme, the name alone of a mention elsewhere.
@pytest.mark.parametrize(
    ("text", "length"),
    [
        (f"ببینید {URL} @ali@mastodon.example", 35),
        ("example.com/abc", 15),
        (f"({URL}).", 26),
        ("می‌خواهم", 7),
        ("👩‍👩‍👧‍👦🇮🇷é", 3),
        ("a@example.org", 13),
    ],
)
def test_mastodon_counts_what_a_reader_sees(text, length):
    assert MASTODON.length(text) == length
    assert GOTOSOCIAL.length(text) == len(text)


@pytest.mark.parametrize("manners", [MASTODON, GOTOSOCIAL], ids=lambda one: one.software)
async def test_a_text_of_the_limit_is_taken_and_one_more_is_not(manners):
    async with Stand(manners) as (platform, client, _):
        warning = "w" * 10
        fits = "x" * (manners.characters - 10)
        assert (await client.post(fits, spoiler_text=warning)).status == 200
        status, said = error_of(await client.post(fits + "x", spoiler_text=warning))
        assert status == 422 and str(manners.characters) in said
        links = f"{URL} " * 18  # 24 characters each on Mastodon, 41 on GoToSocial
        assert (await client.post(links)).status == 200
    assert len(platform.public) == 2


async def test_links_count_in_full_on_gotosocial():
    text = f"{URL} " * 12 + "x" * 20  # 308 by Mastodon's count, 512 by its own
    few = replace(GOTOSOCIAL, characters=500)
    async with Stand(few) as (_, client, _), Stand(MASTODON) as (_, other, _):
        assert (await client.post(text)).status == 422
        assert (await other.post(text)).status == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"status": " \n"},
        {"status": "x", "visibility": "nonsense"},
        {"status": "x", "media_ids[]": "77"},
        {"status": "x", "scheduled_at": "2026-12-01T00:00:00Z"},
    ],
)
async def test_what_it_will_not_take_is_422(fields):
    async with Stand() as (platform, client, _):
        assert (await client.form("POST", STATUSES, **fields)).status == 422
    assert platform.public == []


async def test_a_thread_hangs_on_its_parent_and_an_unknown_parent_is_404():
    async with Stand() as (platform, client, _):
        head = read(await client.post("one"))["id"]
        assert read(await client.post("two", in_reply_to_id=head))["in_reply_to_id"] == head
        assert (await client.post("three", in_reply_to_id="12345")).status == 404
    assert platform.texts == ["one", "two"]
    assert platform.public[1].parent == head


async def test_a_silenced_account_and_one_whose_posts_are_dropped():
    async with Stand() as (platform, client, _):
        platform.silenced = True
        assert read(await client.post())["visibility"] == "unlisted"
        platform.drops = True
        id = read(await client.post())["id"]
        assert (await client.get(f"{STATUSES}/{id}")).status == 404
    assert len(platform.public) == 1


async def test_only_what_anybody_can_see_is_public():
    async with Stand() as (platform, client, _):
        for visibility in ("public", "unlisted", "private", "direct"):
            assert (await client.post(visibility, visibility=visibility)).status == 200
    assert platform.texts == ["public", "unlisted"]


# ---------------------------------------------------------------- looking, changing, taking back


async def test_content_is_html_and_the_source_is_plain():
    text = f"a < b & 'c'\nsecond line #roofs\n\n{URL}"
    async with Stand() as (platform, client, _):
        id = read(await client.post(text))["id"]
        shown = read(await client.get(f"{STATUSES}/{id}"))["content"]
        assert read(await client.get(f"{STATUSES}/{id}/source"))["text"] == text
    tag = f'<a href="{platform.base}/tags/roofs" class="mention hashtag" rel="tag">'
    assert shown.startswith(
        f"<p>a &lt; b &amp; &#x27;c&#x27;<br />second line {tag}#<span>roofs</span></a></p><p>"
    )
    assert '<span class="ellipsis">example.com/a/very/long/path?x</span>' in shown
    assert '<span class="invisible">=1</span></a></p>' in shown


async def test_an_edit_changes_it_in_place_and_a_delete_takes_it_away():
    async with Stand() as (platform, client, clock):
        id = read(await client.post("before"))["id"]
        clock.at += 60
        edited = read(await client.form("PUT", f"{STATUSES}/{id}", status="after"))
        assert (edited["id"], edited["edited_at"]) == (id, "2026-11-18T11:07:40.000Z")
        assert platform.texts == ["after"]
        assert (await client.form("PUT", f"{STATUSES}/{id}", status="x" * 501)).status == 422
        assert read(await client.ask("DELETE", f"{STATUSES}/{id}"))["text"] == "after"
        for method in ("GET", "DELETE"):
            assert (await client.ask(method, f"{STATUSES}/{id}")).status == 404
        assert (await client.form("PUT", f"{STATUSES}/{id}", status="x")).status == 404
    assert platform.texts == []


@pytest.mark.parametrize("manners", [MASTODON, GOTOSOCIAL], ids=lambda one: one.software)
async def test_a_listing_comes_in_pages_newest_first(manners):
    async with Stand(manners) as (platform, client, _):
        made = [platform.put(f"text {n}").id for n in range(45)]
        platform.put("what somebody else said", boost=True)
        platform.put("an answer", parent=made[0])
        path = f"/api/v1/accounts/{platform.account}/statuses?exclude_reblogs=true"

        async def ids(query):
            answer = await client.get(f"{path}&exclude_replies=1&{query}")
            return [one["id"] for one in read(answer)]

        assert await ids("") == made[-1:-21:-1]
        assert await ids("limit=40") == await ids("limit=41") == made[-1:-41:-1]
        assert await ids(f"max_id={made[3]}") == made[2::-1]
        assert await ids(f"min_id={made[3]}&limit=2") == [made[5], made[4]]
        assert await ids(f"since_id={made[3]}&limit=2") == [made[44], made[43]]
        assert await ids(f"min_id={made[3]}&max_id={made[6]}") == [made[5], made[4]]
        assert await ids(f"min_id={made[44]}") == []
        for query in ("limit=0", "limit=x", "min_id=!"):
            assert (await client.get(f"{path}&{query}")).status == 422
        everything = read(await client.get(path.partition("?")[0] + "?limit=3"))
        assert [bool(one["reblog"]) for one in everything] == [False, True, False]


async def test_a_listing_may_lag():
    async with Stand() as (platform, client, clock):
        platform.lists_late_s = 30
        await client.post()
        path = f"/api/v1/accounts/{platform.account}/statuses"
        clock.at += 29
        assert read(await client.get(path)) == []
        clock.at += 1
        answer = await client.get(path)
        [one] = read(answer)
    assert f'max_id={one["id"]}>; rel="next"' in answer.headers["link"]


# ---------------------------------------------------------------- media


async def test_an_image_is_ready_at_once_and_is_attached_once():
    async with Stand() as (platform, client, _):
        answer = await client.upload(b"\r\n--edg\x00\xff\r\n", alt="people on roofs")
        medium = read(answer)
        assert answer.status == 200 and medium["url"] and medium["type"] == "image"
        assert (await client.get(f"/api/v1/media/{medium['id']}")).status == 200
        changed = await client.form("PUT", f"/api/v1/media/{medium['id']}", description="roofs")
        assert read(changed)["description"] == "roofs"
        shown = read(await client.post("look", **{"media_ids[]": medium["id"]}))
        assert [one["description"] for one in shown["media_attachments"]] == ["roofs"]
        status, said = error_of(await client.post("again", **{"media_ids[]": medium["id"]}))
        assert status == 422 and "not found" in said
        assert (await client.get(f"/api/v1/media/{medium['id']}")).status == 404
        kept = {"status": "edited", "media_ids[]": medium["id"]}
        assert (await client.form("PUT", f"{STATUSES}/{shown['id']}", **kept)).status == 200
    assert platform.texts == ["edited"]


async def test_a_video_is_worked_on_first():
    async with Stand() as (platform, client, clock):
        platform.media_takes_s = 20
        answer = await client.upload(kind="video/mp4")
        id = read(answer)["id"]
        assert answer.status == 202 and read(answer)["url"] is None
        assert (await client.get(f"/api/v1/media/{id}")).status == 206
        status, said = error_of(await client.post("x", **{"media_ids[]": id}))
        assert status == 422 and "not finished processing" in said
        clock.at += 20
        assert (await client.get(f"/api/v1/media/{id}")).status == 200
        image = read(await client.upload())["id"]
        assert (await client.post("x", **{"media_ids[]": [id, image]})).status == 422
        assert (await client.post("x", **{"media_ids[]": id})).status == 200
    assert len(platform.public) == 1


async def test_media_have_limits():
    small = replace(MASTODON, image_bytes=10, video_bytes=20, alt_characters=5)
    async with Stand(small) as (_, client, _):
        assert (await client.upload(bytes(10), alt="12345")).status == 200
        for wrong in (
            client.upload(bytes(11)),
            client.upload(bytes(21), "video/mp4"),
            client.upload(b""),
            client.upload(b"x", "application/pdf"),
            client.upload(b"x", alt="123456"),
        ):
            assert (await wrong).status == 422
        ids = [read(await client.upload())["id"] for _ in range(5)]
        assert (await client.post("x", **{"media_ids[]": ids})).status == 422
        assert (await client.post("", **{"media_ids[]": ids[:4]})).status == 200


# ---------------------------------------------------------------- faults


async def test_a_fault_that_is_made_is_posted_and_the_key_finds_it():
    async with Stand() as (platform, client, _):
        platform.script(faults.cut(), faults.half(), faults.error(500, made=True), on=POSTS)
        for key in ("a", "b"):
            with pytest.raises(NoAnswer):
                await client.post(key, key=key)
        assert (await client.post("c", key="c")).status == 500
        assert platform.texts == ["a", "b", "c"]
        for key in ("a", "b", "c"):
            assert (await client.post(key, key=key)).status == 200
    assert platform.texts == ["a", "b", "c"]


async def test_a_fault_that_is_not_made_leaves_nothing_and_waits_for_its_request():
    async with Stand() as (platform, client, _):
        platform.script(faults.cut(made=False), faults.too_many("7"), overloaded(), on=POSTS)
        assert (await client.get("/api/v2/instance")).status == 200
        with pytest.raises(NoAnswer):
            await client.post()
        assert (await client.post()).headers["retry-after"] == "7"
        assert (await client.post()).headers["retry-after"] == "30"
        assert platform.public == []
        assert (await client.post()).status == 200
    assert len(platform.requests) == 5


async def test_a_hung_answer_ends_when_the_client_goes():
    async with Stand() as (platform, client, _):
        platform.script(faults.hang(), on=POSTS)
        with trio.move_on_after(5), pytest.raises(NoAnswer):
            await client.ask("POST", STATUSES, b"status=x", timeout_s=0.05,
                             kind="application/x-www-form-urlencoded")  # fmt: skip
    assert platform.texts == ["x"]


async def test_maintenance_is_for_every_request_until_it_is_over():
    async with Stand() as (platform, client, _):
        platform.closed = faults.maintenance("60")
        assert (await client.post()).status == 503
        answer = await client.get("/api/v2/instance")
        assert (answer.status, answer.headers["content-type"]) == (503, "text/html")
        platform.closed = None
        assert (await client.post()).status == 200
    assert len(platform.public) == 1


async def test_too_many_requests_is_said_as_mastodon_says_it():
    async with Stand(requests_allowed=2) as (platform, client, clock):
        assert (await client.post()).headers["x-ratelimit-remaining"] == "1"
        assert (await client.post()).headers["x-ratelimit-remaining"] == "0"
        answer = await client.post()
        assert error_of(answer) == (429, "Too many requests")
        assert "retry-after" not in answer.headers
        assert answer.headers["x-ratelimit-reset"] == "2026-11-18T11:10:00.000000Z"
        clock.at = NOW - NOW % 300 + 300
        assert (await client.post()).status == 200
    assert len(platform.public) == 3


async def test_mastodons_own_429_can_be_scripted():
    async with Stand() as (platform, client, _):
        platform.script(limited(NOW + 90), on=POSTS)
        answer = await client.post()
        assert (answer.status, answer.headers["x-ratelimit-remaining"]) == (429, "0")
        assert answer.headers["x-ratelimit-reset"] == "2026-11-18T11:08:10.000000Z"
    assert platform.public == []
