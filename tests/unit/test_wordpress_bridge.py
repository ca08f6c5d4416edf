"""The bridge to WordPress: what it asks, what answers mean, and that a repeat is no second post."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest
from wordpress_parts import (
    COMMENTS,
    CREATE,
    DELETE,
    GET,
    HOME,
    INDEX,
    LIST,
    ME,
    MEDIA,
    NOW,
    PNG,
    PUBLISH,
    RIGHTS,
    SITE,
    SLUG,
    UPLOAD,
    Blog,
    Hands,
    attempt,
    keep,
    made,
    medium,
    no,
    page,
    post,
    said,
    shown,
)

from bridges.kit import BadSecret
from bridges.press import answers, media
from bridges.wordpress import TAKEN_OVER, WordPress
from relay.model import (
    Absent,
    Found,
    Later,
    Posted,
    Refused,
    Removed,
    Replied,
    Stopped,
    Unknown,
    Unsure,
)
from relay.ports import Answer, NoAnswer, NotSent

POSTED = Posted("11", f"{SITE}/{SLUG}/")
KEY = "0123456789abcdef0123456789abcdef"


async def sent(blog: Blog, *pictures):
    bridge = made(blog)
    return await bridge.send(await attempt(bridge, post("hello", "", "en", *pictures)), keep)


# ---------------------------------------------------------------- send


async def test_a_post_is_looked_for_then_drafted_then_published():
    blog = Blog()
    assert await sent(blog) == POSTED
    assert blog.lines == [HOME, LIST, CREATE, LIST, PUBLISH]
    query, again = blog.queries(LIST)
    assert (
        query == again
        and query["slug"] == SLUG
        and query["context"] == "edit"
        and "draft" in query["status"]
    )
    assert blog.bodies(CREATE) == [{"status": "draft", "slug": SLUG, "title": "hello"}]
    assert blog.bodies(PUBLISH) == [
        {
            "title": "hello",
            "content": '<div dir="ltr" lang="en"><p>hello</p></div>',
            "excerpt": "hello",
            "status": "publish",
            "date_gmt": "2026-11-18T11:00:00",
        }
    ]
    pair = base64.b64encode(b"relay:abcd efgh ijkl mnop qrst uvwx").decode()
    assert blog.asked[1][2]["authorization"] == f"Basic {pair}"


async def test_what_an_earlier_try_drafted_is_published_and_not_made_again():
    blog = Blog().set(LIST, said([shown("draft")]))
    assert await sent(blog) == POSTED
    assert CREATE not in blog.lines


async def test_what_is_public_already_is_left_as_it_is():
    blog = Blog().set(LIST, said([shown()]))
    assert await sent(blog) == POSTED
    assert blog.lines == [HOME, LIST]


async def test_a_draft_that_did_not_get_its_slug_is_one_too_many():
    blog = Blog().set(CREATE, said(shown("draft", f"{SLUG}-2"), 201))
    assert isinstance(await sent(blog), Later)
    assert blog.lines[-1] == DELETE and PUBLISH not in blog.lines


async def test_a_blog_that_writes_slugs_of_its_own_needs_its_operator():
    blog = Blog().set(CREATE, said(shown("draft", "2026-hello"), 201))
    assert isinstance(await sent(blog), Stopped)
    assert blog.lines[-1] == DELETE


@pytest.mark.parametrize("other", ["draft", "publish"])
async def test_of_two_drafts_made_in_the_same_moment_the_first_one_counts(other):
    both = said([shown("draft", id=11), shown(other, id=10)])
    blog = Blog().set(LIST, [said([]), both])
    assert isinstance(await sent(blog), Later)
    assert blog.lines[-1] == DELETE and PUBLISH not in blog.lines
    later = said([shown("draft", id=12), shown("draft", id=11)])
    assert await sent(Blog().set(LIST, [said([]), later])) == POSTED


async def test_of_several_with_its_slug_the_public_one_is_the_post():
    rows = [shown("draft", id=9), shown("publish", id=11), shown("draft", id=12)]
    assert await sent(Blog().set(LIST, said(rows))) == POSTED


async def kept_by_a_first_try() -> bytes:
    blog, held = Blog().set(PUBLISH, NoAnswer("x")), []

    async def keeps(kept: bytes) -> None:
        held.append(kept)

    bridge = made(blog)
    assert isinstance(await bridge.send(await attempt(bridge), keeps), Unsure)
    return held[-1]


@pytest.mark.parametrize(
    ("there", "outcome"),
    [
        (said(shown(slug="a-nicer-one")), POSTED),  # a person, or a plugin, has renamed it
        (said(shown("draft", slug="a-nicer-one")), POSTED),
        (said(shown("trash", slug=f"{SLUG}__trashed")), Refused(TAKEN_OVER)),
        (no(404, "rest_post_invalid_id"), POSTED),  # made again
        (no(503), Later("answered 503", scope="host")),
    ],
)
async def test_a_post_is_known_by_its_id_whatever_became_of_its_slug(there, outcome):
    blog = Blog().set(GET, there)
    bridge = made(blog)
    again = replace(await attempt(bridge, n=2), kept=await kept_by_a_first_try())
    told = await bridge.send(again, keep)
    assert (replace(told, url=POSTED.url) if isinstance(told, Posted) else told) == outcome
    assert (CREATE in blog.lines) == (there.status == 404)


async def test_a_post_is_found_by_its_id_whatever_became_of_its_slug():
    blog = Blog().set(GET, said(shown(slug="a-nicer-one")))
    bridge = made(blog)
    tried = replace(await attempt(bridge), kept=await kept_by_a_first_try())
    assert await bridge.find(tried) == Found("11", f"{SITE}/a-nicer-one/")


@pytest.mark.parametrize("line", [LIST, MEDIA])
async def test_a_role_that_may_not_list_refuses_no_post(line):
    blog = Blog().set(line, no(400, "rest_invalid_param"))
    assert isinstance(await sent(blog, PNG), Stopped)
    assert DELETE not in blog.lines


@pytest.mark.parametrize("status", ["private", "pending"])
async def test_what_a_person_has_hidden_is_not_shown_again(status):
    blog = Blog().set(LIST, said([shown(status)]))
    assert await sent(blog) == Refused(TAKEN_OVER)
    assert DELETE not in blog.lines


async def test_a_date_that_the_blog_has_not_come_to_is_waited_for():
    blog = Blog().set(PUBLISH, said(shown("future")))
    assert await sent(blog) == Later("the blog has not come to its date yet", NOW + 60)


async def test_a_user_whose_posts_wait_for_review_is_no_author():
    outcome = await sent(Blog().set(PUBLISH, said(shown("pending"))))
    assert isinstance(outcome, Stopped) and "Author" in outcome.action


async def test_settings_are_sent_with_the_post():
    blog = Blog()
    bridge = made(blog, categories=(3, 4), tags=(5,), comments="closed")
    assert await bridge.send(await attempt(bridge), keep) == POSTED
    [body] = blog.bodies(PUBLISH)
    assert (body["categories"], body["tags"], body["comment_status"]) == ([3, 4], [5], "closed")


# ---------------------------------------------------------------- answers

ANSWERS = [
    (NotSent("x"), Later),
    (no(401, "incorrect_password"), Stopped),
    (no(401, "rest_not_logged_in"), Stopped),
    (page(401), Stopped),
    (no(403, "rest_cannot_create"), Stopped),
    (no(403, "rest_forbidden_context"), Stopped),
    (page(403), Later),
    (page(406), Later),
    (no(404, "rest_no_route"), Stopped),
    (page(404), Stopped),
    (no(429), Later),
    (page(503, retry_after="600"), Later),
]
OPEN = [
    NoAnswer("x"),
    no(500, "db_insert_error"),
    page(500),
    page(502),
    page(503),
    page(200),
    said({"id": {}}),
    said([]),
    Answer(301, {"location": "https://elsewhere.example/"}),
]
"""It may have been done all the same."""


@pytest.mark.parametrize("answer", OPEN)
async def test_what_may_have_made_it_public_is_doubt(answer):
    assert isinstance(await sent(Blog().set(PUBLISH, answer)), Unsure)


@pytest.mark.parametrize(("answer", "wanted"), [*ANSWERS, *((one, Later) for one in OPEN)])
@pytest.mark.parametrize("line", [LIST, CREATE, PUBLISH])
async def test_what_an_answer_means(line, answer, wanted):
    if line == PUBLISH and answer in OPEN:
        return  # there it is doubt
    if line == LIST and isinstance(answer, Answer) and answer.body == b"[]":
        return  # there that is a whole answer
    outcome = await sent(Blog().set(line, answer))
    assert type(outcome) is wanted
    assert "somebody" not in repr(outcome)


async def test_a_post_that_is_not_valid_is_refused_and_its_draft_withdrawn():
    blog = Blog().set(PUBLISH, no(400, "rest_invalid_param"))
    assert isinstance(await sent(blog), Refused)
    assert blog.lines[-1] == DELETE


async def test_a_draft_that_is_gone_is_made_again():
    outcome = await sent(Blog().set(PUBLISH, no(404, "rest_post_invalid_id")))
    assert outcome == Later("the draft was gone, and is made again")


async def test_an_update_closes_the_blog_until_it_says_so():
    outcome = await sent(Blog().set(LIST, page(503, retry_after="600")))
    assert isinstance(outcome, Later)
    assert (outcome.not_before, outcome.scope) == (NOW + 600, "host")


async def test_a_firewall_that_stays_needs_a_person():
    bridge = made(Blog().set(CREATE, page(403)))
    one = await attempt(bridge)
    outcomes = [await bridge.send(one, keep) for _ in range(3)]
    assert [type(each) for each in outcomes] == [Later, Later, Stopped]


# ---------------------------------------------------------------- where the API is


async def test_an_api_on_another_host_is_not_believed():
    link = '<https://elsewhere.example/wp-json/>; rel="https://api.w.org/"'
    blog = Blog().set(HOME, Answer(200, {"link": link})).set(INDEX, said({"namespaces": ["wp/v2"]}))
    assert await sent(blog) == POSTED
    assert blog.lines[:2] == [HOME, INDEX]


async def test_a_blog_that_rewrites_no_addresses_is_asked_behind_a_query():
    link = f'<{SITE}/index.php?rest_route=/>; rel="https://api.w.org/"'
    blog = Blog().set(HOME, Answer(200, {"link": f"<{SITE}/>; rel=shortlink, {link}"}))
    await sent(blog)
    line, query, _, _ = blog.asked[1]
    assert line == "GET /index.php" and query["rest_route"] == "/wp/v2/posts"
    assert query["slug"] == SLUG


async def test_without_a_link_the_usual_places_are_tried():
    blog = Blog().set(HOME, page(200)).set("GET /", said({"namespaces": ["wp/v2"]}))
    await sent(blog)
    assert blog.lines[:3] == [HOME, INDEX, "GET /"]
    assert blog.queries("GET /")[1]["rest_route"] == "/wp/v2/posts"


async def test_no_api_at_all_needs_the_operator():
    blog = Blog().set(HOME, page(200)).set(INDEX, page(404)).set("GET /", page(200))
    outcome = await sent(blog)
    assert outcome == Stopped("there is no REST API of WordPress", answers.SITE)


async def test_an_address_that_leads_elsewhere_needs_the_operator():
    blog = Blog().set(HOME, Answer(301, {"location": "https://www.blog.example/"}))
    assert isinstance(await sent(blog), Stopped)


@pytest.mark.parametrize("answer", [NotSent("x"), NoAnswer("x"), page(503), page(500)])
async def test_a_blog_that_does_not_say_now_is_asked_later(answer):
    blog = Blog().set(HOME, page(503)).set(INDEX, answer)
    assert isinstance(await sent(blog), Later)


async def test_the_api_is_looked_for_again_when_it_has_moved():
    blog = Blog().set(LIST, [page(404), said([])])
    bridge = made(blog)
    one = await attempt(bridge)
    assert isinstance(await bridge.send(one, keep), Stopped)
    assert await bridge.send(one, keep) == POSTED
    assert blog.lines.count(HOME) == 2


# ---------------------------------------------------------------- media


async def test_a_picture_is_uploaded_as_a_child_of_its_post_and_stands_in_it():
    name = media.name_of(KEY, PNG)
    blog = Blog().set(UPLOAD, said(medium(12, name), 201))
    assert await sent(blog, PNG) == POSTED
    assert blog.lines == [HOME, LIST, CREATE, LIST, MEDIA, UPLOAD, PUBLISH]
    _, _, headers, body = blog.asked[5]
    assert headers["content-type"].startswith("multipart/form-data")
    for part in (name.encode(), b'name="alt_text"', b"a roof at night", b'name="post"', b"\x89PNG"):
        assert part in body
    [said_] = blog.bodies(PUBLISH)
    image = f'<img src="{SITE}/wp-content/uploads/{name}.png" alt="a roof at night"'
    assert image in said_["content"]


async def test_what_an_earlier_try_uploaded_is_not_uploaded_again():
    name = media.name_of(KEY, PNG)
    blog = Blog().set(LIST, said([shown("draft")])).set(MEDIA, said([medium(12, f"{name}-2")]))
    assert await sent(blog, PNG) == POSTED
    assert UPLOAD not in blog.lines
    assert 'class="wp-image-12"' in blog.bodies(PUBLISH)[0]["content"]


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (no(500, "rest_upload_unknown_error"), Refused),
        (no(400, "rest_upload_file_too_big"), Refused),
        (page(413), Refused),
        (no(400, "rest_cannot_create"), Stopped),
        (no(400, "rest_upload_limited_space"), Stopped),
        (no(500, "db_insert_error"), Later),
        (NoAnswer("x"), Later),
        (page(504), Later),
        (said({"id": 12, "source_url": "javascript:alert(1)"}, 201), Later),
    ],
)
async def test_what_an_answer_to_an_upload_means(answer, wanted):
    blog = Blog().set(UPLOAD, answer)
    assert type(await sent(blog, PNG)) is wanted
    assert PUBLISH not in blog.lines
    assert (DELETE in blog.lines) is (wanted is Refused)


def test_a_medium_has_one_name_for_one_content_and_description():
    same = media.name_of(KEY, PNG)
    assert same == media.name_of(KEY, PNG) and same.startswith("r-") and len(same) == 18
    assert same != media.name_of("f" * 32, PNG)


def test_what_is_no_picture_stands_there_as_what_it_is():
    film = media.Media("video/mp4", b"x", "a <march>")
    paper = media.Media("application/pdf", b"x", "")
    placed = [media.Placed(1, "r-1", f"{SITE}/1.mp4"), media.Placed(2, "r-2", f"{SITE}/2.pdf")]
    html = media.figures([film, paper], placed)
    assert f'<video controls src="{SITE}/1.mp4"></video>' in html
    assert "<figcaption>a &lt;march&gt;</figcaption>" in html
    assert f'<a href="{SITE}/2.pdf">{SITE}/2.pdf</a>' in html


# ---------------------------------------------------------------- find and check


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (said([shown()]), Found("11", f"{SITE}/{SLUG}/")),
        (said([shown("draft")]), Absent(strong=True)),
        (said([shown(slug="r-other")]), Absent(strong=True)),
        (said([]), Absent(strong=True)),
        (page(200), Unknown("the blog does not show the user's posts now")),
        (no(401), Unknown("the blog does not show the user's posts now")),
        (NoAnswer("x"), Unknown("the blog does not show the user's posts now")),
    ],
)
async def test_what_find_tells(answer, wanted):
    bridge = made(Blog().set(LIST, answer))
    assert await bridge.find(await attempt(bridge)) == wanted


async def test_shortly_after_a_try_nothing_is_denied():
    clock = Hands()
    clock.at = NOW - 60 + 29
    bridge = made(Blog(), clock)
    assert await bridge.find(await attempt(bridge)) == Absent(strong=False)


async def test_check_names_the_user_and_what_is_lacking():
    blog = Blog()
    health = await made(blog).check()
    assert (health.account, health.trouble) == ("wordpress blog.example 7", "")
    for right in RIGHTS:
        lacks = {"id": 7, "capabilities": RIGHTS | {right: False}}
        assert right in (await made(blog.set(ME, said(lacks))).check()).trouble
    blog.set(ME, no(401, "incorrect_password"))
    assert "application password" in (await made(blog).check()).trouble
    blog.set(HOME, NotSent("x"))
    assert (await made(blog).check()).trouble


# ---------------------------------------------------------------- remove, edit, replies


async def test_what_is_removed_takes_its_media_along_past_the_trash():
    blog = Blog().set(MEDIA, said([medium(12, "r-1"), medium(13, "a-persons-own")]))
    blog.set("DELETE /wp-json/wp/v2/media/12", said({"deleted": True}))
    assert await made(blog).remove("11") == Removed()
    assert blog.lines[1:] == [MEDIA, "DELETE /wp-json/wp/v2/media/12", DELETE]
    assert blog.queries(DELETE) == [{"force": "true"}]


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (no(404, "rest_post_invalid_id"), Removed),
        (no(404, "rest_no_route"), Stopped),
        (no(403, "rest_cannot_delete"), Stopped),
        (page(500), Later),
        (NoAnswer("x"), Later),
        (page(200), Later),
    ],
)
async def test_how_a_removal_ends(answer, wanted):
    assert type(await made(Blog().set(DELETE, answer)).remove("11")) is wanted


@pytest.mark.parametrize("ref", ["", "0", "x", "1?x=1", "../1", "١", "1" * 30])
async def test_a_ref_that_is_none_is_refused_unasked(ref):
    blog = Blog()
    assert isinstance(await made(blog).remove(ref), Refused)
    assert isinstance(await made(blog).edit(ref, post()), Refused)
    assert blog.asked == []


async def test_an_edit_replaces_words_and_media():
    new = media.name_of("", PNG)
    blog = Blog().set(MEDIA, said([medium(12, "r-old")])).set(UPLOAD, said(medium(14, new), 201))
    blog.set("DELETE /wp-json/wp/v2/media/12", said({"deleted": True}))
    outcome = await made(blog).edit("11", post("other", "", "en", PNG))
    assert outcome == POSTED
    assert blog.lines[1:] == [GET, MEDIA, UPLOAD, PUBLISH, MEDIA, "DELETE /wp-json/wp/v2/media/12"]
    [body] = blog.bodies(PUBLISH)
    assert "other" in body["content"] and body.keys() == {"title", "content", "excerpt"}


async def test_what_is_gone_cannot_be_edited():
    blog = Blog().set(GET, no(404, "rest_post_invalid_id"))
    assert await made(blog).edit("11", post()) == Refused("it is gone from the blog")
    assert PUBLISH not in blog.lines


def comment(id: int, to: int = 11, text: str = "<p>we are well</p>", author: int = 0):
    return {
        "id": id,
        "post": to,
        "author": author,
        "date_gmt": "2026-11-18T11:06:40",
        "content": {"rendered": text},
    }


async def test_comments_are_read_from_now_on_and_each_once():
    blog = Blog().set(COMMENTS, said([comment(5)])).set(LIST, said([{"id": 11}]))
    bridge = made(blog)
    before = await bridge.replies(b"")
    assert isinstance(before, Replied) and before.replies == ()
    rows = [
        comment(9, 12),
        comment(8, author=7),
        comment(7, text="<p>ما<br />\n<b>خوبیم</b></p>\n"),
        comment(5),
    ]
    blog.set(COMMENTS, said(rows))
    first = await bridge.replies(before.cursor)
    assert isinstance(first, Replied)
    [reply] = first.replies
    assert (reply.ref, reply.to, reply.text, reply.date) == ("7", "11", "ما\nخوبیم", NOW)
    assert blog.queries(LIST)[-1]["include"] == "11,12" and blog.queries(LIST)[-1]["author"] == "7"
    assert all("author_name" not in query["_fields"] for query in blog.queries(COMMENTS))
    after = await bridge.replies(first.cursor)
    assert isinstance(after, Replied) and after.replies == ()


async def test_a_comment_that_is_approved_late_is_read_all_the_same():
    blog = Blog().set(COMMENTS, said([comment(9), comment(5)])).set(LIST, said([{"id": 11}]))
    bridge = made(blog)
    before = await bridge.replies(b"")
    blog.set(COMMENTS, said([comment(9), comment(8), comment(5)]))
    late = await bridge.replies(before.cursor)
    assert isinstance(late, Replied) and [one.ref for one in late.replies] == ["8"]


async def test_the_cursor_stays_small_and_loses_nothing_above_its_floor():
    blog = Blog().set(LIST, said([{"id": 11}])).set(COMMENTS, said([]))
    bridge = made(blog)
    cursor = (await bridge.replies(b"")).cursor
    seen = 0
    for high in range(100, 1001, 100):
        blog.set(COMMENTS, said([comment(10**9 + id) for id in range(high, high - 100, -1)]))
        got = await bridge.replies(cursor)
        assert isinstance(got, Replied) and len(got.cursor) <= 4096
        cursor, seen = got.cursor, seen + len(got.replies)
    assert seen == 1000


@pytest.mark.parametrize("to", [[11], {"id": 11}, True, "11", None])
async def test_a_comment_under_nothing_is_left_out(to):
    rows = [comment(8) | {"post": to}, comment(7), comment(1 << 64) | {"post": 1}]
    blog = Blog().set(COMMENTS, said(rows)).set(LIST, said([{"id": 11}, {"id": 1}, {"id": True}]))
    told = await made(blog).replies(b"[1,[]]")
    assert isinstance(told, Replied) and [one.ref for one in told.replies] == ["7"]


@pytest.mark.parametrize("answer", [page(200), no(500), NoAnswer("x")])
async def test_comments_that_cannot_be_read_now_are_read_later(answer):
    assert isinstance(await made(Blog().set(COMMENTS, answer)).replies(b"[1,[]]"), Later)


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"site": "http://blog.example"},
        {"site": "https://relay:x@blog.example"},
        {"site": "https://blog.example/?p=1"},
        {"user": "a:b"},
        {"user": ""},
        {"comments": "maybe"},
        {"categories": [0]},
    ],
)
def test_settings_that_cannot_be_right_are_refused(wrong):
    good = {"site": SITE, "user": "relay", "password_file": "/x"}
    WordPress.Settings(**good)
    with pytest.raises(ValueError):
        WordPress.Settings(**good | wrong)


def test_a_password_is_not_quoted(tmp_path):
    path = tmp_path / "password"
    path.touch(0o600)
    path.write_text("pässword")
    settings = WordPress.Settings(site=SITE, user="relay", password_file=str(path))
    with pytest.raises(BadSecret) as refused:
        WordPress(settings, Blog(), Hands())
    assert "ssword" not in str(refused.value).replace("application password", "")


async def test_nothing_that_is_kept_shows_in_a_repr():
    bridge = made(Blog())
    one = await attempt(bridge, post("hidden words", "hidden title", "en", PNG))
    assert "hidden" not in repr(one) + repr(bridge)
    assert json.dumps("abcd efgh") not in repr(vars(bridge))
