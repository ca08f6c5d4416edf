"""Is an earlier try on the Page? What did people write there? How does one log in?"""

from __future__ import annotations

import pytest
from graph_parts import (
    DRAFT,
    LIST,
    ME,
    NOW,
    PNG,
    Hands,
    Kept,
    Scripted,
    a_bridge,
    attempt,
    error,
    listed,
    post_of,
    said,
    shown,
)

from bridges.facebook import Facebook
from bridges.graph.progress import Progress
from relay.model import Absent, Found, Later, Media, Replied, Reply, Stopped, Unknown
from relay.ports import Answer, NoAnswer, NotSent

IT = Found("7_11", "https://www.facebook.com/7/posts/11")
STRONG = Absent(strong=True)
MADE = Progress((), "7_11", True).written()
ASKED = "GET /7_11"


async def looked(tmp_path, http, text="hello", *, media=(), kept=b"", at=NOW + 40):
    clock = Hands()
    clock.at = at
    bridge = a_bridge(tmp_path, http, clock)
    [part] = await bridge.prepare(post_of(text, media=media))
    return await bridge.find(attempt(part, kept=kept))


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (said({"id": "7_11", "is_published": True}), IT),
        (said({"id": "7_11", "is_published": False}), STRONG),
        (said({"id": "7_11"}), Unknown("Facebook does not show the draft now")),
        (error(1, status=500), Unknown("Facebook does not show the draft now")),
        (error(190), Unknown("Facebook does not show the draft now")),
        (NotSent("x"), Unknown("Facebook does not show the draft now")),
    ],
)
async def test_a_draft_is_asked_whether_it_is_public(tmp_path, answer, found):
    http = Scripted({ASKED: answer})
    assert await looked(tmp_path, http, kept=MADE) == found
    assert LIST not in http.lines


async def test_a_draft_that_was_asked_at_once_proves_no_absence(tmp_path):
    http = Scripted({ASKED: said({"id": "7_11", "is_published": False})})
    assert await looked(tmp_path, http, kept=MADE, at=NOW + 29) == Absent(strong=False)


async def test_of_a_draft_that_is_gone_the_words_are_looked_for(tmp_path):
    http = Scripted({ASKED: error(100, 33), LIST: listed(shown("7_12"))})
    found = await looked(tmp_path, http, kept=MADE)
    assert isinstance(found, Found) and found.ref == "7_12"


FILM = Media("video/mp4", b"x")


async def test_a_film_is_found_by_its_id_and_named_by_its_post(tmp_path):
    kept = Progress((), "51", True).written()
    seen = [said({"id": "51", "published": True}), said({"post_id": "7_12"})]
    found = await looked(tmp_path, Scripted({"GET /51": seen}), media=[FILM], kept=kept)
    assert found == Found("7_12", "https://www.facebook.com/7/posts/12")


def with_pictures(*ids: str, **more: object) -> dict[str, object]:
    rows = [{"target": {"id": id}} for id in ids]
    attachments = {"data": [{"target": {"id": "9"}, "subattachments": {"data": rows}}]}
    return shown(attachments=attachments, **more)


TRIED = Progress(("31",), "", True).written()


@pytest.mark.parametrize(
    ("posts", "kept", "found"),
    [
        ([shown()], b"", IT),
        ([], b"", STRONG),
        ([shown(message="another")], b"", STRONG),
        ([{"id": "7_12"}], b"", STRONG),
        ([shown(created_time="2026-11-18T11:00:00+0000")], b"", STRONG),
        ([shown(), shown("7_12")], b"", Unknown("several posts there are like it")),
        ([with_pictures("30", "31", message="other words")], TRIED, IT),
        ([with_pictures("30")], TRIED, STRONG),
        ([shown(attachments={"data": [{"target": {"id": "31"}}]})], TRIED, IT),
        ([shown(id="odd id")], b"", Unknown("what is there has no id")),
    ],
)
async def test_a_post_is_found_by_its_pictures_or_its_words(tmp_path, posts, kept, found):
    media = [PNG] if kept else []
    assert await looked(tmp_path, Scripted({LIST: listed(*posts)}), media=media, kept=kept) == found


UNTRIED = Progress(("31",)).written()


@pytest.mark.parametrize(
    ("posts", "kept", "found"),
    [
        # Another picture, posted by hand or by us before a restart: it is not to be told apart.
        ([with_pictures("30", message="")], b"", Unknown),
        ([with_pictures("30", message="")], UNTRIED, Unknown),
        ([with_pictures("30", message=""), with_pictures("31", id="7_12")], UNTRIED, Found),
        ([with_pictures("30", message="")], TRIED, Absent),
        ([], b"", Absent),
    ],
)
async def test_a_picture_without_words_is_found_by_itself_alone(tmp_path, posts, kept, found):
    told = await looked(tmp_path, Scripted({LIST: listed(*posts)}), "", media=[PNG], kept=kept)
    assert type(told) is found
    assert not isinstance(told, Found) or told.ref == "7_12"


async def test_a_list_is_read_to_its_end_or_past_the_try(tmp_path):
    http = Scripted({LIST: [listed(shown("7_12", "b"), after="m"), listed(shown())]})
    assert await looked(tmp_path, http) == IT
    first, second = http.queries(LIST)
    assert second["after"] == "m" and first["since"] == str(NOW - 40 - 120)
    old = shown("7_12", "b", created_time="2026-11-18T10:00:00+0000")
    assert await looked(tmp_path, Scripted({LIST: listed(old, after="m")})) == STRONG
    endless = Scripted({LIST: listed(shown("7_12", "b"), after="m")})
    assert await looked(tmp_path, endless) == Absent(strong=False)


@pytest.mark.parametrize(
    "answer",
    [
        error(1, status=500),
        error(190),
        error(4),
        said({"paging": {}}),
        Answer(200, {"content-type": "text/html"}, b"<html>"),
        NotSent("x"),
        NoAnswer("x"),
    ],
)
async def test_where_facebook_does_not_tell_nothing_is_known(tmp_path, answer):
    assert isinstance(await looked(tmp_path, Scripted({LIST: answer})), Unknown)
    assert isinstance(await looked(tmp_path, Scripted({ME: answer})), Unknown)


async def test_a_post_that_is_known_as_another_is_not_taken_for_this_one(tmp_path):
    http, clock = Scripted({LIST: listed(shown())}), Hands()
    bridge = a_bridge(tmp_path, http, clock)
    [part] = await bridge.prepare(post_of())
    await bridge.send(attempt(part), Kept())
    clock.at += 40
    [other] = await bridge.prepare(post_of(secret=bytes([1] * 32)))
    assert await bridge.find(attempt(part)) == IT
    assert await bridge.find(attempt(other)) == STRONG
    assert DRAFT in http.lines


# ---------------------------------------------------------------- replies

COMMENTS = "GET /7_11/comments"


def comment(id: str, at: str, text: str = "we are well", by: str = "99") -> dict[str, object]:
    return {
        "id": id,
        "message": text,
        "created_time": f"2026-11-18T11:{at}+0000",
        "from": {"id": by, "name": "somebody"},
    }


async def test_comments_are_read_once_oldest_first_and_without_names(tmp_path):
    rows = [comment("11_3", "08:00"), comment("11_2", "07:00"), comment("11_4", "09:00", by="7")]
    http = Scripted({LIST: listed({"id": "7_11"}), COMMENTS: listed(*rows)})
    bridge = a_bridge(tmp_path, http)
    begun = await bridge.replies(b"")
    assert isinstance(begun, Replied)
    assert [(one.ref, one.to, one.text) for one in begun.replies] == [
        ("11_2", "7_11", "we are well"),
        ("11_3", "7_11", "we are well"),
    ]
    assert begun.replies[0] == Reply("11_2", "7_11", "we are well", NOW + 20)
    assert await bridge.replies(begun.cursor) == Replied((), begun.cursor)
    http.answers[COMMENTS] = listed(*rows, comment("11_5", "08:00", "of the same second"))
    more = await bridge.replies(begun.cursor)
    assert isinstance(more, Replied) and [one.ref for one in more.replies] == ["11_5"]
    assert http.queries(COMMENTS)[0]["filter"] == "stream"
    assert http.queries(COMMENTS)[0]["since"] == str(NOW)


@pytest.mark.parametrize(
    ("answer", "ended"),
    [(error(190), Stopped), (error(4), Later), (error(100), Later), (NotSent("x"), Later)],
)
async def test_comments_that_cannot_be_had(tmp_path, answer, ended):
    for line in (ME, LIST, COMMENTS):
        http = Scripted({LIST: listed({"id": "7_11"}), COMMENTS: listed()} | {line: answer})
        assert type(await a_bridge(tmp_path, http).replies(b"")) is ended


# ---------------------------------------------------------------- login

EXCHANGE, PAGES = "POST /oauth/access_token", "GET /me/accounts"
LONG = said({"access_token": "long", "token_type": "bearer"})


def page(id: str, *tasks: str) -> dict[str, object]:
    return {"id": id, "name": f"page {id}", "access_token": f"of-{id}", "tasks": list(tasks)}


class Asked:
    """An operator who gives these answers."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.shown: list[str] = []

    async def __call__(self, question: str, secret: bool) -> str:
        self.shown.append(question)
        return self.lines.pop(0)


async def led(tmp_path, http, *lines, **settings):
    made = Facebook.Settings(token_file=str(tmp_path / "token"), **settings)
    return await Facebook.login(made, http, Hands(), Asked("5", "app", "short", *lines))


@pytest.mark.parametrize("token", ["two words", "line\nline", "å", "", "x" * 5000, 5])
async def test_a_token_that_is_no_word_is_not_taken(tmp_path, token):
    http = Scripted({EXCHANGE: said({"access_token": token}), PAGES: listed()})
    assert isinstance(await led(tmp_path, http), str)
    odd = page("7", "CREATE_CONTENT") | {"access_token": token}
    assert isinstance(await led(tmp_path, Scripted({EXCHANGE: LONG, PAGES: listed(odd)})), str)


async def test_what_is_pasted_is_one_word_each(tmp_path):
    made = Facebook.Settings(token_file=str(tmp_path / "token"))
    for lines in (("5", "app", "\udcff"), ("", "app", "short"), ("5", "a b", "short")):
        http = Scripted()
        assert "one word" in await Facebook.login(made, http, Hands(), Asked(*lines))
        assert http.asked == []


async def test_from_a_short_token_to_the_pages_own(tmp_path):
    http = Scripted({EXCHANGE: LONG, PAGES: listed(page("7", "CREATE_CONTENT"), page("8"))})
    assert await led(tmp_path, http) == {"token_file": b"of-7"}
    assert http.forms(EXCHANGE) == [
        {
            "grant_type": "fb_exchange_token",
            "client_id": "5",
            "client_secret": "app",
            "fb_exchange_token": "short",
        }
    ]
    assert not any("short" in str(query) or "long" in str(query) for _, query, _, _ in http.asked)


async def test_of_several_pages_one_is_chosen(tmp_path):
    several = listed(page("7", "CREATE_CONTENT"), page("8", "CREATE_CONTENT"))
    http = Scripted({EXCHANGE: LONG, PAGES: several})
    assert await led(tmp_path, http, "2") == {"token_file": b"of-8"}
    assert await led(tmp_path, http, page="8", app_secret_file="x") == {
        "token_file": b"of-8",
        "app_secret_file": b"app",
    }
    assert "no number" in await led(tmp_path, http, "3")
    assert "may not post" in await led(tmp_path, http, page="9")


@pytest.mark.parametrize(
    ("exchange", "pages", "told"),
    [
        (error(190), listed(), "does not take the token"),
        (NotSent("x"), listed(), "cannot be reached"),
        (error(1, status=500), listed(), "cannot be reached"),
        (LONG, listed(), "no Page that it may post to"),
        (LONG, listed(page("7", "ANALYZE")), "no Page that it may post to"),
        (LONG, error(200), "does not show the Pages"),
        (LONG, NoAnswer("x"), "cannot be reached"),
    ],
)
async def test_a_login_that_fails_says_why(tmp_path, exchange, pages, told):
    assert told in await led(tmp_path, Scripted({EXCHANGE: exchange, PAGES: pages}))
