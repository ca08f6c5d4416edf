"""Is an earlier try public? What did people answer? How does one log in?"""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from x_parts import (
    CLIENT,
    LIST,
    ME,
    NOW,
    PNG,
    TWEETS,
    Hands,
    Kept,
    Scripted,
    a_bridge,
    attempt,
    listed,
    post_of,
    problem,
    said,
    shown,
)

from bridges.twitter import keyfile
from bridges.twitter.uploading import Uploaded
from bridges.x import X
from relay.model import Absent, Found, Later, Replied, Reply, Stopped, Unknown
from relay.ports import Answer, NoAnswer, NotSent

IT = Found("11", "https://x.com/i/status/11")
STRONG = Absent(strong=True)


async def looked(tmp_path, http, text="hello", *, after=None, media=(), kept=b"", at=NOW + 40):
    clock = Hands()
    clock.at = at
    bridge = a_bridge(tmp_path, http, clock=clock)
    [part] = await bridge.prepare(post_of(text, media=media))
    return await bridge.find(attempt(part, after=after, kept=kept))


def answering(id: str, to: str, **more: object) -> dict[str, object]:
    refs = [{"type": "replied_to", "id": to}]
    return shown(id, conversation_id="1", referenced_tweets=refs, **more)


LINKED = "see https://t.co/abcd & more"
REPOST = shown("11", referenced_tweets=[{"type": "retweeted", "id": "5"}])


@pytest.mark.parametrize(
    ("posts", "text", "after", "found"),
    [
        ([shown()], "hello", None, IT),
        ([], "hello", None, STRONG),
        ([shown(text="another")], "hello", None, STRONG),
        ([shown("11", "see https://t.co/abcd &amp; more")], "see example.org/x & more", None, IT),
        ([shown("11", LINKED)], "see https://example.org/x & more", None, IT),
        ([shown(), shown("12")], "hello", None, Unknown("several posts there are like it")),
        ([shown(created_at="2026-11-18T11:00:00.000Z")], "hello", None, STRONG),
        ([REPOST], "hello", None, STRONG),
        ([shown(conversation_id="11")], "hello", None, IT),
        ([shown(conversation_id="5")], "hello", None, STRONG),
        ([answering("11", "9")], "hello", "9", IT),
        ([answering("11", "8")], "hello", "9", STRONG),
        ([answering("11", "9")], "hello", None, STRONG),
        ([shown()], "hello", "9", IT),  # numbered, where X allows no answers
        ([shown(conversation_id="5")], "hello", "9", IT),  # X does not tell what it answers
        ([shown(text="cut…", note_tweet={"text": "hello"})], "hello", None, IT),
        ([shown(text="cut…", note_post={"text": "hello"})], "hello", None, IT),
    ],
)
async def test_a_post_is_found_by_its_words_its_time_and_its_place(
    tmp_path, posts, text, after, found
):
    http = Scripted(answers={LIST: listed(*posts)})
    assert await looked(tmp_path, http, text, after=after) == found


async def test_only_the_time_since_the_try_is_asked_for(tmp_path):
    http = Scripted()
    await looked(tmp_path, http)
    [query] = http.queries(LIST)
    assert query["max_results"] == "10"
    assert query["start_time"] == "2026-11-18T11:04:00Z"  # X's clock is 40 s behind ours
    assert "created_at" in query["tweet.fields"]


async def test_a_clock_that_is_set_back_after_a_try_hides_no_post(tmp_path):
    clock, http = Hands(), Scripted(answers={TWEETS: NoAnswer("x")})
    clock.at = NOW + 600  # ten minutes fast, as X's answers show
    bridge = a_bridge(tmp_path, http, clock=clock)
    await bridge.check()
    [part] = await bridge.prepare(post_of())
    await bridge.send(attempt(part, first=clock.at), Kept())
    clock.at = NOW + 640  # it was set, and ten minutes more are over
    later = {"date": "Wed, 18 Nov 2026 11:17:20 GMT"}
    http.answers[ME] = said({"data": {"id": "7"}}, **later)
    http.answers[LIST] = [
        Answer(200, listed(one).headers | later, listed(one).body)
        for one in (shown("9", "b"), shown())
    ]
    await bridge.find(attempt(part, first=NOW + 600))  # shows what time it is now at X
    assert await bridge.find(attempt(part, first=NOW + 600)) == IT


async def test_a_list_is_read_to_its_end(tmp_path):
    http = Scripted(answers={LIST: [listed(shown("12", "b"), more="m"), listed(shown())]})
    assert await looked(tmp_path, http) == IT
    assert http.queries(LIST)[1]["pagination_token"] == "m"
    http = Scripted(answers={LIST: listed(shown("12", "b"), more="m")})
    assert await looked(tmp_path, http) == Absent(strong=False)
    assert len(http.queries(LIST)) == 20


async def test_a_list_that_was_read_at_once_proves_no_absence(tmp_path):
    assert await looked(tmp_path, Scripted(), at=NOW + 29) == Absent(strong=False)
    assert await looked(tmp_path, Scripted(), at=NOW + 30) == STRONG


async def test_the_other_words_for_fields_are_tried_where_x_does_not_know_the_first(tmp_path):
    refs = [{"type": "replied_to", "id": "9"}]
    post = shown(conversation_id="1", referenced_posts=refs)
    http = Scripted(answers={LIST: [problem(400), listed(post)]})
    assert await looked(tmp_path, http, after="9") == IT
    first, second = http.queries(LIST)
    assert "tweet.fields" in first and "post.fields" in second and "tweet.fields" not in second


@pytest.mark.parametrize(
    "answer",
    [
        problem(400),
        problem(401),
        problem(402),
        problem(429),
        problem(503),
        said({"data": []}),
        said({"meta": {"result_count": 2}, "data": [shown()]}),
        said({"meta": {"result_count": 0}, "errors": [{"title": "x"}]}),
        said({"meta": {}, "data": [{"text": "hello"}]}),
        Answer(200, {"content-type": "text/html"}, b"<html>"),
        NotSent("x"),
        NoAnswer("x"),
    ],
)
async def test_where_x_does_not_tell_nothing_is_known(tmp_path, answer):
    http = Scripted(answers={LIST: answer})
    assert isinstance(await looked(tmp_path, http), Unknown)


async def test_without_an_account_nothing_is_known(tmp_path):
    http = Scripted(answers={ME: problem(401)})
    assert isinstance(await looked(tmp_path, http), Unknown)


TRIED = Uploaded(("31",), ("3_31",), done=1, tried=True).written()


@pytest.mark.parametrize(
    ("keys", "text", "kept", "found"),
    [
        (["3_31"], "other words", TRIED, IT),
        (["3_99"], "hello", TRIED, STRONG),
        (None, "hello", TRIED, STRONG),
        # A spool that was set back does not know what was tried: then the words decide.
        (["3_99"], "hello", b"", IT),
        (["3_99"], "hello", Uploaded(("31",), ("3_31",), done=1).written(), IT),
        (["3_31"], "other words", b"", STRONG),
        (None, "hello", b"", STRONG),
    ],
)
async def test_a_post_with_media_is_found_by_them_where_they_are_known(
    tmp_path, keys, text, kept, found
):
    post = shown(text=text, attachments={"media_keys": keys})
    http = Scripted(answers={LIST: listed(post)})
    assert await looked(tmp_path, http, media=[PNG], kept=kept) == found


@pytest.mark.parametrize(
    ("posts", "kept", "found"),
    [
        # Another picture, posted by hand or by us before a restart: it is not to be told apart.
        ([["3_99"]], b"", Unknown),
        ([["3_99"]], Uploaded(("31",), ("3_31",), done=1).written(), Unknown),
        ([["3_99"], ["3_31"]], Uploaded(("31",), ("3_31",), done=1).written(), Found),
        ([["3_99"]], TRIED, Absent),
        ([], b"", Absent),
    ],
)
async def test_a_picture_without_words_is_found_by_itself_alone(tmp_path, posts, kept, found):
    rows = [
        shown(str(10 + n), text="", attachments={"media_keys": keys})
        for n, keys in enumerate(posts)
    ]
    http = Scripted(answers={LIST: listed(*rows)})
    told = await looked(tmp_path, http, "", media=[PNG], kept=kept)
    assert type(told) is found
    if isinstance(told, Found):
        assert told == IT


@pytest.mark.parametrize("refs", [5, True, "x", {"id": "9"}, [1, [2]]])
async def test_a_list_that_is_no_list_is_nothing(tmp_path, refs):
    http = Scripted(answers={LIST: listed(shown(referenced_tweets=refs))})
    assert await looked(tmp_path, http) == IT


async def test_without_keys_the_address_of_the_media_is_taken_off_the_words(tmp_path):
    kept = Uploaded(("31",), ("",), done=1, tried=True).written()
    urls = [{"url": "https://t.co/1", "display_url": "pic.x.com/1"}]
    post = shown(
        text="hello https://t.co/1", entities={"urls": urls}, attachments={"media_keys": ["3_31"]}
    )
    http = Scripted(answers={LIST: listed(post)})
    assert await looked(tmp_path, http, media=[PNG], kept=kept) == IT


async def test_a_post_that_is_known_as_another_is_not_taken_for_this_one(tmp_path):
    http = Scripted(answers={LIST: listed(shown())})
    clock = Hands()
    bridge = a_bridge(tmp_path, http, clock=clock)
    [part] = await bridge.prepare(post_of())
    await bridge.send(attempt(part), Kept())
    clock.at += 40
    [other] = await X.prepare(bridge, type(post_of())(bytes([1] * 32), "hello", "", "en", NOW))
    assert await bridge.find(attempt(part)) == IT
    assert await bridge.find(attempt(other)) == STRONG


# ---------------------------------------------------------------- replies

MENTIONS = "GET /2/users/7/mentions"


def mention(id: str, to: str = "11", user: str = "7", text: str = "@us @them we are well"):
    return answering(id, to, in_reply_to_user_id=user, text=text, author_id="99")


async def test_answers_are_read_oldest_first_and_without_names(tmp_path):
    posts = [mention("23"), mention("22", user="8"), shown("21", text="@us look"), mention("20")]
    http = Scripted(answers={MENTIONS: listed(*posts)})
    told = await a_bridge(tmp_path, http).replies(b"15")
    assert told == Replied(
        (
            Reply("20", "11", "we are well", 1_795_000_001),
            Reply("23", "11", "we are well", 1_795_000_001),
        ),
        b"23",
    )
    assert http.queries(MENTIONS)[0]["since_id"] == "15"


async def test_without_a_cursor_the_latest_few_are_enough(tmp_path):
    http = Scripted(answers={MENTIONS: listed(mention("20"), more="m")})
    told = await a_bridge(tmp_path, http).replies(b"")
    assert isinstance(told, Replied) and told.cursor == b"20"
    [query] = http.queries(MENTIONS)
    assert query["max_results"] == "5" and "since_id" not in query
    nothing = await a_bridge(tmp_path, Scripted(answers={MENTIONS: listed()})).replies(b"")
    assert nothing == Replied((), b"")


async def test_of_very_many_answers_the_oldest_come_first(tmp_path):
    many = [mention(str(1000 + n)) for n in range(130)][::-1]
    http = Scripted(answers={MENTIONS: [listed(*many[:100], more="m"), listed(*many[100:])]})
    told = await a_bridge(tmp_path, http).replies(b"15")
    assert isinstance(told, Replied) and len(told.replies) == 100
    assert told.replies[0].ref == "1000" and told.cursor == b"1099"


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (problem(402), Stopped),
        (problem(401), Stopped),
        (problem(429), Later),
        (problem(500), Later),
        (problem(400), Later),
        (NotSent("x"), Later),
    ],
)
async def test_answers_that_cannot_be_had(tmp_path, answer, ended):
    http = Scripted(answers={MENTIONS: answer})
    assert type(await a_bridge(tmp_path, http).replies(b"15")) is ended


# ---------------------------------------------------------------- login


class Asked:
    """An operator who gives these answers, the last by what was shown."""

    def __init__(self, *lines, back=None):
        self.lines = list(lines)
        self.back = back
        self.shown: list[str] = []

    async def __call__(self, question: str, secret: bool) -> str:
        self.shown.append(question)
        return self.lines.pop(0) if self.lines else self.back(question)


async def test_four_keys_are_asked_for_one_by_one(tmp_path):
    settings = X.Settings(token_file=str(tmp_path / "keys"))
    made = await X.login(settings, Scripted(), Hands(), Asked("1", " k ", "ks", "7-t", "ts"))
    assert keyfile.read(made["token_file"]).access_token == "7-t"


TOKEN = "POST /2/oauth2/token"


def agreed(question: str) -> str:
    asked = parse_qs(urlsplit(question.split()[1]).query)
    assert asked["code_challenge_method"] == ["S256"] and "offline.access" in asked["scope"][0]
    return f"https://127.0.0.1/?state={asked['state'][0]}&code=c0de"


async def test_a_browser_leads_to_a_token_that_is_renewed(tmp_path):
    pair = said({"access_token": "a1", "refresh_token": "r1"})
    http = Scripted(answers={TOKEN: pair})
    settings = X.Settings(token_file=str(tmp_path / "keys"))
    asked = Asked("2", "c", "", "https://127.0.0.1/", back=agreed)
    made = await X.login(settings, http, Hands(), asked)
    assert json.loads(made["token_file"]) == {
        "client_id": "c",
        "access_token": "a1",
        "refresh_token": "r1",
    }
    form = parse_qs(http.bodies(TOKEN)[0].decode())
    assert form["code"] == ["c0de"] and form["client_id"] == ["c"] and form["code_verifier"]


@pytest.mark.parametrize(
    ("answer", "back", "told"),
    [
        (said({"access_token": "a1"}), agreed, "no token that can be renewed"),
        (problem(400), agreed, "no token that can be renewed"),
        (problem(500), agreed, "cannot be reached"),
        (NotSent("x"), agreed, "cannot be reached"),
        (problem(400), lambda _: "https://127.0.0.1/?state=other&code=1", "begin again"),
        (problem(400), lambda _: "no address", "begin again"),
        (problem(400), lambda _: "http://[", "begin again"),
        (problem(400), lambda said: agreed(said) + "%ED", "begin again"),
    ],
)
async def test_a_login_that_fails_says_why(tmp_path, answer, back, told):
    http = Scripted(answers={TOKEN: answer})
    settings = X.Settings(token_file=str(tmp_path / "keys"))
    asked = Asked("2", "c", "s", "https://127.0.0.1/", back=back)
    assert told in await X.login(settings, http, Hands(), asked)


@pytest.mark.parametrize("lines", [("1", "k", "ks", "t", "a b"), ("1", "", "", "", "\udcff")])
async def test_keys_that_are_none_are_not_kept(tmp_path, lines):
    settings = X.Settings(token_file=str(tmp_path / "keys"))
    assert "begin again" in await X.login(settings, Scripted(), Hands(), Asked(*lines))


@pytest.mark.parametrize("lines", [("2", "\udcff", "s", "https://a/"), ("2", "c", "s", "")])
async def test_a_client_that_is_none_is_not_asked_for_a_token(tmp_path, lines):
    settings = X.Settings(token_file=str(tmp_path / "keys"))
    assert "begin again" in await X.login(settings, Scripted(), Hands(), Asked(*lines))


def test_a_client_is_read_again_as_it_was_written():
    assert keyfile.read(keyfile.written(json.loads(CLIENT))) == keyfile.read(CLIENT.encode())
