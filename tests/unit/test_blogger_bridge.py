"""The bridge to Blogger: what it asks, what answers mean, and how doubt is resolved."""

from __future__ import annotations

import json

import pytest
from blogger_parts import (
    COMMENTS,
    CREATE,
    DATE,
    DELETE,
    GET,
    KEY,
    LIST,
    MARK,
    NOW,
    PATCH,
    PNG,
    PUBLISH,
    PUT,
    SELF,
    TOKEN,
    URL,
    Blog,
    Hands,
    Kept,
    attempt,
    error,
    made,
    page,
    post,
    said,
    shown,
)

from bridges.blogger import NOT_NOW, Blogger
from bridges.diary import drafts
from bridges.diary.composing import Style, composed
from bridges.diary.drafts import Progress
from bridges.diary.posts import GONE
from bridges.kit.matching import same, text_of
from relay.model import (
    Absent,
    Found,
    Later,
    Media,
    Posted,
    Refused,
    Removed,
    Replied,
    Stopped,
    Unknown,
    Unsure,
)
from relay.ports import Answer, NoAnswer, NotSent

POSTED = Posted("11", URL)
MADE = Progress("11").written()
TRIED = Progress("11", tried=True).written()
CONTENT = f'<div id="{MARK}" dir="ltr" lang="en"><p>hello</p></div>'
STYLE = Style(mentions=False, images=True, labels=())


async def sent(blog: Blog, n: int = 1, kept: bytes = b""):
    bridge, keep = made(blog), Kept()
    return await bridge.send(await attempt(bridge, n=n, kept=kept), keep), keep.held


# ---------------------------------------------------------------- send


async def test_a_post_is_drafted_under_a_label_that_goes_before_it_is_public():
    blog = Blog()
    bridge, keep = made(blog, labels=("news",)), Kept()
    assert await bridge.send(await attempt(bridge), keep) == POSTED
    assert blog.lines == [CREATE, PUT, PUBLISH]
    assert ("isDraft", "true") in blog.queries(CREATE)[0]
    assert blog.bodies(CREATE) == [{"title": "hello", "content": CONTENT, "labels": ["news", MARK]}]
    assert blog.bodies(PUT) == [{"title": "hello", "content": CONTENT, "labels": ["news"]}]
    assert ("publishDate", "2026-11-18T11:00:00Z") in blog.queries(PUBLISH)[0]
    assert keep.held == [MADE, TRIED]


async def test_a_draft_whose_id_was_not_kept_is_found_by_its_label():
    blog = Blog().set(LIST, said({"items": [shown("DRAFT")]}))
    outcome, kept = await sent(blog, n=2)
    assert outcome == POSTED and kept == [MADE, TRIED]
    assert CREATE not in blog.lines
    query = blog.queries(LIST)[0]
    assert ("labels", MARK) in query and ("view", "AUTHOR") in query
    assert [value for name, value in query if name == "status"] == ["live", "draft", "scheduled"]


async def test_a_post_that_is_public_already_is_left_as_it_is():
    for blog, kept in (
        (Blog().set(GET, said(shown())), TRIED),
        (Blog().set(LIST, said({"items": [shown("DRAFT", "12"), shown()]})), b""),
    ):
        outcome, _ = await sent(blog, n=2, kept=kept)
        assert outcome == POSTED and len(blog.lines) == 1


async def test_a_draft_that_is_kept_is_asked_for_and_published():
    blog = Blog()
    outcome, _ = await sent(blog, n=2, kept=MADE)
    assert outcome == POSTED and blog.lines == [GET, PUT, PUBLISH]


@pytest.mark.parametrize(("kept", "wanted"), [(MADE, Later(GONE)), (TRIED, Unsure)])
async def test_a_draft_that_is_gone(kept, wanted):
    outcome, held = await sent(Blog().set(GET, error(404, "notFound")), n=2, kept=kept)
    assert outcome == wanted if isinstance(wanted, Later) else isinstance(outcome, wanted)
    assert held == [b""]


async def test_a_draft_that_goes_while_it_is_published():
    outcome, held = await sent(Blog().set(PUT, error(404, "notFound")))
    assert outcome == Later(GONE) and held == [MADE, b""]
    outcome, held = await sent(Blog().set(PUBLISH, error(404, "notFound")))
    assert outcome == Later(GONE) and held == [MADE, TRIED, b""]
    outcome, _ = await sent(Blog().set(PUBLISH, error(404, "notFound")), n=2, kept=TRIED)
    assert isinstance(outcome, Unsure)


async def test_a_date_that_google_has_not_come_to_is_waited_for():
    outcome, _ = await sent(Blog().set(PUBLISH, said(shown("SCHEDULED"))))
    assert outcome == Later("Blogger has not come to its date yet", NOW + 60)


ANSWERS = [
    (NotSent("x"), Later, Later),
    (NoAnswer("x"), Later, Unsure),
    (error(401, "authError"), Stopped, Stopped),
    (error(403, "forbidden"), Stopped, Stopped),
    (error(403, "insufficientPermissions"), Stopped, Stopped),
    (error(403, "quotaExceeded"), Later, Later),
    (error(403, "rateLimitExceeded"), Later, Later),
    (error(429, retry_after="60"), Later, Later),
    (error(400, "invalid"), Refused, Refused),
    (error(500, "backendError"), Later, Unsure),
    (error(503, "backendError"), Later, Unsure),
    (page(502), Later, Unsure),
    (page(200), Later, Unsure),
    (said({"id": {}}), Later, Unsure),
    (Answer(307, {"location": "https://elsewhere.example/"}), Later, Later),
]


@pytest.mark.parametrize(("answer", "unseen", "public"), ANSWERS)
async def test_what_an_answer_means(answer, unseen, public):
    for line in (CREATE, PUT):
        outcome, _ = await sent(Blog().set(line, answer))
        assert type(outcome) is unseen and "somebody" not in repr(outcome)
    outcome, _ = await sent(Blog().set(PUBLISH, answer))
    assert type(outcome) is public and "somebody" not in repr(outcome)


@pytest.mark.parametrize(("line", "kept"), [(GET, MADE), (LIST, b"")])
async def test_what_cannot_be_looked_up_now_is_not_made_again(line, kept):
    for answer in (NoAnswer("x"), error(500), page(200)):
        blog = Blog().set(line, answer)
        outcome, _ = await sent(blog, n=2, kept=kept)
        assert isinstance(outcome, Later) and CREATE not in blog.lines


async def test_without_a_token_nothing_is_asked():
    blog = Blog().set(TOKEN, said({"error": "invalid_grant"}, 400))
    outcome, _ = await sent(blog)
    assert isinstance(outcome, Stopped) and "relay login" in outcome.action
    assert blog.asked == []


# ---------------------------------------------------------------- find and check


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (said(shown()), Found("11", URL)),
        (said(shown("DRAFT")), Absent(strong=True)),
        (error(404, "notFound"), Absent(strong=True)),
        (page(404), Unknown(NOT_NOW)),
        (error(500), Unknown(NOT_NOW)),
        (NoAnswer("x"), Unknown(NOT_NOW)),
    ],
)
async def test_what_find_tells_by_the_id(answer, wanted):
    bridge = made(Blog().set(GET, answer))
    assert await bridge.find(await attempt(bridge, kept=TRIED)) == wanted


async def test_without_an_id_find_looks_for_the_label_then_for_the_mark():
    rows = said({"items": [shown(id="9", title="other"), shown(title="hello")]})
    blog = Blog().set(LIST, [said({}), rows]).set(GET, said({"id": "11", "content": CONTENT}))
    bridge = made(blog)
    assert await bridge.find(await attempt(bridge)) == Found("11", URL)
    assert blog.lines == [LIST, LIST, GET]
    assert ("startDate", "2026-11-17T11:00:00Z") in blog.queries(LIST)[1]
    assert ("fetchBodies", "false") in blog.queries(LIST)[1]


async def test_a_draft_too_many_does_not_hide_the_post_that_is_public():
    # The list was late once, so that two drafts were made; then the spool was set back.
    left = said({"items": [shown("DRAFT", "12")]})
    public = said({"items": [shown(title="hello")]})
    blog = Blog().set(LIST, [left, public]).set(GET, said({"id": "11", "content": CONTENT}))
    bridge = made(blog)
    assert await bridge.find(await attempt(bridge)) == Found("11", URL)
    blog.set(LIST, [left, said({})])
    assert await bridge.find(await attempt(bridge)) == Absent(strong=True)
    blog.set(LIST, [left, error(500)])
    assert await bridge.find(await attempt(bridge)) == Unknown(NOT_NOW)


@pytest.mark.parametrize("title", ["tea & bread", "tea &amp; bread"])
async def test_a_title_is_known_in_either_way_to_write_it(title):
    rows = said({"items": [shown(title=title)]})
    content = CONTENT.replace("hello", "tea &amp; bread")
    bridge = made(Blog().set(LIST, [said({}), rows]).set(GET, said({"content": content})))
    assert await bridge.find(await attempt(bridge, post("tea & bread"))) == Found("11", URL)


@pytest.mark.parametrize(("line", "kept"), [(GET, MADE), (LIST, b"")])
async def test_a_look_that_is_refused_refuses_no_post(line, kept):
    outcome, _ = await sent(Blog().set(line, error(400, "invalid")), n=2, kept=kept)
    assert isinstance(outcome, Later)


async def test_a_title_has_no_tags_whatever_a_theme_makes_of_it():
    blog = Blog()
    bridge = made(blog)
    await bridge.send(await attempt(bridge, post("x", "<script>a</script> & b")), Kept())
    assert blog.bodies(CREATE)[0]["title"] == "‹script›a‹/script› & b"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (said({"content": CONTENT.replace(MARK, "r-ffffffffffffffff")}), Absent(strong=True)),
        (NoAnswer("too large"), Unknown(NOT_NOW)),
    ],
)
async def test_a_post_with_the_same_words_is_not_taken_for_it(content, wanted):
    rows = said({"items": [shown(title="hello")]})
    bridge = made(Blog().set(LIST, [said({}), rows]).set(GET, content))
    assert await bridge.find(await attempt(bridge)) == wanted


async def test_a_list_in_pages_is_read_to_its_end():
    first = said({"items": [shown(id="9", title="other")], "nextPageToken": "p2"})
    blog = Blog().set(LIST, [said({}), first, said({})])
    bridge = made(blog)
    assert await bridge.find(await attempt(bridge)) == Absent(strong=True)
    assert ("pageToken", "p2") in blog.queries(LIST)[2]
    endless = Blog().set(LIST, [said({}), first])
    bridge = made(endless)
    assert await bridge.find(await attempt(bridge)) == Unknown(NOT_NOW)


async def test_shortly_after_a_try_nothing_is_denied():
    clock = Hands()
    clock.at = NOW - 60 + 29
    bridge = made(Blog(), clock)
    assert await bridge.find(await attempt(bridge, kept=TRIED)) == Absent(strong=False)


async def test_check_says_whether_the_account_may_write():
    blog = Blog()
    health = await made(blog).check()
    assert (health.account, health.trouble) == ("blogger 1", "")
    for answer in (error(403, "forbidden"), error(404, "notFound"), NotSent("x"), page(200)):
        assert (await made(Blog().set(LIST, answer)).check()).trouble


# ---------------------------------------------------------------- remove, edit, replies


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (Answer(204), Removed),
        (error(404, "notFound"), Removed),
        (page(404), Stopped),
        (error(403, "forbidden"), Stopped),
        (error(500), Later),
        (NoAnswer("x"), Later),
    ],
)
async def test_how_a_removal_ends(answer, wanted):
    blog = Blog().set(DELETE, answer)
    assert type(await made(blog).remove("11")) is wanted
    assert blog.queries(DELETE) == [[("useTrash", "false")]]


@pytest.mark.parametrize("ref", ["", "x", "1?x=1", "../1", "١", "1" * 33])
async def test_a_ref_that_is_none_is_refused_unasked(ref):
    blog = Blog()
    assert isinstance(await made(blog).remove(ref), Refused)
    assert isinstance(await made(blog).edit(ref, post()), Refused)
    assert blog.asked == []


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (said(shown()), POSTED),
        (error(404, "notFound"), Refused("it is gone from the blog")),
    ],
)
async def test_an_edit_replaces_title_and_words(answer, wanted):
    blog = Blog().set(PATCH, answer)
    assert await made(blog).edit("11", post("other", "new")) == wanted
    [body] = blog.bodies(PATCH)
    assert body["title"] == "new" and "<p>other</p>" in body["content"]
    assert body.keys() == {"title", "content"}


def comment(id: str, at: str = "2026-11-18T04:06:50-07:00", by: str = "8", text: str = "well"):
    return {
        "id": id,
        "published": at,
        "content": text,
        "post": {"id": "11"},
        "author": {"id": by},
    }


async def test_comments_are_read_from_now_on_and_each_once():
    blog = Blog()
    bridge = made(blog)
    before = await bridge.replies(b"")
    assert isinstance(before, Replied) and before.replies == ()
    old = "2026-11-18T04:06:30-07:00"
    rows = [comment("3", text="ما<br>خوبیم &amp;"), comment("2", by="7"), comment("1", old)]
    blog.set(COMMENTS, said({"items": rows}))
    first = await bridge.replies(before.cursor)
    assert isinstance(first, Replied)
    [reply] = first.replies
    assert (reply.ref, reply.to, reply.text, reply.date) == ("3", "11", "ما\nخوبیم &", NOW + 10)
    assert "displayName" not in dict(blog.queries(COMMENTS)[0])["fields"]
    after = await bridge.replies(first.cursor)
    assert isinstance(after, Replied) and after.replies == ()
    assert blog.lines.count(SELF) == 1


async def test_a_comment_that_is_approved_late_is_read_all_the_same():
    blog = Blog()
    bridge = made(blog)
    cursor = (await bridge.replies(b"")).cursor
    blog.set(COMMENTS, said({"items": [comment("5", "2026-11-18T11:09:00Z")]}))
    cursor = (await bridge.replies(cursor)).cursor
    rows = [comment("5", "2026-11-18T11:09:00Z"), comment("4", "2026-11-18T11:08:00Z")]
    blog.set(COMMENTS, said({"items": rows}))
    late = await bridge.replies(cursor)
    assert isinstance(late, Replied) and [one.ref for one in late.replies] == ["4"]


async def test_the_cursor_stays_small_however_much_is_written():
    blog = Blog()
    bridge = made(blog)
    cursor, seen = (await bridge.replies(b"")).cursor, 0
    for high in range(12):
        at = f"2026-11-18T12:{high:02}:00Z"
        rows = [comment(str(10**18 + high * 50 + n), at) for n in range(50)]
        blog.set(COMMENTS, said({"items": rows}))
        got = await bridge.replies(cursor)
        assert isinstance(got, Replied) and len(got.cursor) <= 4096
        cursor, seen = got.cursor, seen + len(got.replies)
    assert seen == 600


async def test_the_cursor_stays_small_whatever_ids_there_are():
    blog = Blog()
    rows = [comment("9" * 30 + f"{n:02}", "9999-12-31T23:59:59Z") for n in range(100)]
    told = await made(blog.set(COMMENTS, said({"items": rows}))).replies(b"")
    assert isinstance(told, Replied) and len(told.cursor) <= 4096


@pytest.mark.parametrize("line", [SELF, COMMENTS])
@pytest.mark.parametrize("answer", [page(200), error(500), NoAnswer("x")])
async def test_comments_that_cannot_be_read_now_are_read_later(line, answer):
    assert isinstance(await made(Blog().set(line, answer)).replies(b""), Later)


# ---------------------------------------------------------------- what a post is made of


def test_a_long_persian_text_stands_there_whole_and_says_which_way_it_runs():
    text = ("می‌خواهیم بدانند که اینجاییم 👩‍👩‍👧‍👦 🇮🇷. " * 30 + "\n\n") * 100
    draft = composed(post(text, "", "fa"), STYLE)
    assert same(text_of(draft.content), text)
    assert (draft.direction, draft.language) == ("rtl", "fa") and len(draft.title) <= 80


async def test_a_picture_stands_in_the_html_with_its_description():
    blog = Blog()
    bridge = made(blog)
    await bridge.send(await attempt(bridge, post("hello", "", "en", PNG)), Kept())
    image = '<img src="data:image/png;base64,iVBORw==" alt="a roof at night">'
    assert image in blog.bodies(CREATE)[0]["content"]


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (post(" \u202e\n"), "nothing is left"),
        (post("x" * 200_001), "longer"),
        (post("x", "", "en", Media("video/mp4", b"x")), "this type"),
        (post("x", "", "en", Media("image/png", b"")), "empty"),
        (post("x", "", "en", Media("image/png", b"x" * 800_000)), "larger"),
    ],
)
def test_what_blogger_would_not_have_is_refused_in_whole(one, why):
    draft = composed(one, STYLE)
    assert why in draft.refuse and draft.content == "" and draft.media == ()


async def test_pictures_can_be_turned_off():
    bridge = made(Blog(), images="off")
    outcome = await bridge.send(await attempt(bridge, post("x", "", "en", PNG)), Kept())
    assert isinstance(outcome, Refused)


def test_pictures_without_a_word_stand_under_what_they_show_or_their_day():
    assert composed(post("", "", "en", PNG), STYLE).title == "a roof at night"
    bare = composed(post("", "", "en", Media("image/png", b"x")), STYLE)
    assert bare.title == "2026-11-18" and bare.date == DATE


def test_a_draft_thaws_as_it_was_frozen():
    draft = composed(
        post("hello", "t", "fa", PNG), Style(mentions=True, images=True, labels=("a",))
    )
    assert drafts.thawed(drafts.frozen(draft)) == draft


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"blog": "https://a.blogspot.com"},
        {"labels": ["a,b"]},
        {"labels": ["x" * 100, "y" * 100]},
        {"labels": [str(n) for n in range(20)]},
        {"api": "http://blogger.example"},
        {"images": "maybe"},
    ],
)
def test_settings_that_cannot_be_right_are_refused(wrong):
    good = {"blog": "1", "token_file": "/x"}
    Blogger.Settings(**good)
    with pytest.raises(ValueError):
        Blogger.Settings(**good | wrong)


async def test_nothing_that_is_kept_shows_in_a_repr():
    bridge = made(Blog())
    one = await attempt(bridge, post("hidden words", "hidden title", "en", PNG))
    await bridge.check()
    assert "hidden" not in repr(one) + repr(bridge) + repr(vars(bridge))
    assert KEY not in json.dumps(one.part.payload.decode("latin-1"))
