"""The bridge to YouTube: its settings, what it sends, publishes, finds and changes."""

from __future__ import annotations

import json

import pydantic
import pytest
from film_parts import (
    FILM,
    NOW,
    SIZE,
    Hands,
    Kept,
    Scripted,
    attempt,
    empty,
    page,
    post_of,
    said,
)

from bridges.kit import BadSecret, part_key
from bridges.video.composing import NO_FILM
from bridges.video.progress import Progress, kept
from bridges.video.youtube import answers, states
from bridges.video.youtube.publishing import AUDIT, LOCKED
from bridges.youtube import YouTube
from relay.model import (
    Absent,
    Found,
    Health,
    Later,
    Once,
    Posted,
    Refused,
    Reply,
    Stopped,
    Unknown,
    Unsure,
)
from relay.ports import NoAnswer, NotSent

API = "https://www.googleapis.com"
CLIENT = '{"client_id": "c", "client_secret": "s", "refresh_token": "refresh-of-ours"}'
TOKEN = "POST /token"
CHANNELS, ITEMS = "GET /youtube/v3/channels", "GET /youtube/v3/playlistItems"
BEGIN, PUT = "POST /upload/youtube/v3/videos", "PUT /upload/youtube/v3/videos"
SHOW, CHANGE, DELETE = (f"{how} /youtube/v3/videos" for how in ("GET", "PUT", "DELETE"))
THREADS = "GET /youtube/v3/commentThreads"
AT = "/upload/youtube/v3/videos?uploadType=resumable&upload_id=u1"
ID, URL = "abcdefghijk", "https://www.youtube.com/watch?v=abcdefghijk"
TAG = part_key(bytes(32), 0)[:16]
STATUS = {
    "license": "youtube",
    "embeddable": True,
    "publicStatsViewable": True,
    "selfDeclaredMadeForKids": False,
}


def no(status: int, reason: str = "", **headers: str):
    error = {"code": status, "message": "no", "errors": [{"reason": reason, "message": "no"}]}
    return said({"error": error}, status, **headers)


def items(*rows, **more):
    return said({"items": list(rows), **more})


def film(upload="processed", privacy="private", id=ID, tags=(TAG,), **status):
    """A film as it is listed, with all parts."""
    told = {"uploadStatus": upload, "privacyStatus": privacy, **status}
    return {"id": id, "snippet": {"tags": list(tags), "categoryId": "25"}, "status": told}


def uploaded(id=ID, at="2026-11-18T11:06:40Z"):
    return {"snippet": {"publishedAt": at}, "contentDetails": {"videoId": id}}


def youtube(answers=None):
    lists = {"relatedPlaylists": {"uploads": "UU1"}}
    every = {
        TOKEN: said({"access_token": "a1", "expires_in": 3599}),
        CHANNELS: items({"id": "UC1", "contentDetails": lists}),
        ITEMS: items(),
        BEGIN: empty(200, location=API + AT),
        PUT: said({"kind": "youtube#video", "id": ID}),
        SHOW: items(film()),
        CHANGE: said(film(privacy="public")),
    }
    return Scripted(API, every | (answers or {}), no(404, "notFound"))


def a_bridge(tmp_path, http, clock=None, held=CLIENT, **settings):
    file = tmp_path / "client"
    if not file.exists():
        file.write_text(held)
        file.chmod(0o600)
    made = YouTube.Settings(token_file=str(file), token_url=f"{API}/token", **settings)
    return YouTube(made, http, clock or Hands())


async def sent(tmp_path, http, *, held=b"", clock=None, keep=None, **post):
    bridge = a_bridge(tmp_path, http, clock)
    [part] = await bridge.prepare(post_of(**post))
    return await bridge.send(attempt(part, kept=held), keep or Kept())


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "more",
    [
        {"privacy": "private"},
        {"category_id": "News"},
        {"licence": "mit"},
        {"api": "https://www.googleapis.com/youtube/v3"},
        {"web": "http://www.youtube.com"},
        {"token": "x"},
    ],
)
def test_settings_have_their_values(more):
    with pytest.raises(pydantic.ValidationError):
        YouTube.Settings.model_validate({"token_file": "x", **more})


def test_it_says_what_it_rests_on_and_shows_no_token(tmp_path):
    bridge = a_bridge(tmp_path, youtube())
    assert bridge.once == Once("exact")
    assert set(YouTube.secrets) <= set(YouTube.Settings.model_fields)
    assert "refresh-of-ours" not in repr(vars(bridge)) + repr(bridge)


def test_a_secret_that_is_none_is_told_without_a_word_of_it(tmp_path):
    with pytest.raises(BadSecret) as told:
        a_bridge(tmp_path, youtube(), held='{"client_id": "client-of-ours"}')
    assert "client-of-ours" not in str(told.value)


# ---------------------------------------------------------------- send


async def test_a_film_goes_up_private_and_is_published_when_it_was_read(tmp_path):
    http, keep = youtube(), Kept()
    assert await sent(tmp_path, http, keep=keep, language="fa-IR") == Posted(ID, URL)
    assert http.lines == [TOKEN, CHANNELS, ITEMS, BEGIN, PUT, SHOW, ITEMS, CHANGE]
    [query] = http.queries(BEGIN)
    assert query == {
        "uploadType": "resumable",
        "part": "snippet,status",
        "notifySubscribers": "false",
    }
    assert json.loads(http.bodies(BEGIN)[0]) == {
        "snippet": {
            "title": "hello there",
            "description": "hello there",
            "tags": [TAG],
            "categoryId": "25",
            "defaultLanguage": "fa",
        },
        "status": {**STATUS, "privacyStatus": "private"},
    }
    assert http.headers(BEGIN)[0]["x-upload-content-length"] == str(SIZE)
    assert http.headers(PUT)[0]["content-range"] == f"bytes 0-{SIZE - 1}/{SIZE}"
    assert http.bodies(PUT) == [FILM.content]
    published = json.loads(http.bodies(CHANGE)[0])
    assert published == {"id": ID, "status": {**STATUS, "privacyStatus": "public"}}
    assert [kept(what) for what in keep.all] == [Progress(AT), Progress(film=ID, since=NOW)]


async def test_what_the_operator_set_is_said_of_each_film(tmp_path):
    http = youtube({CHANGE: said(film(privacy="unlisted"))})
    settings = {"licence": "creativeCommon", "embeddable": False, "made_for_kids": True}
    bridge = a_bridge(tmp_path, http, privacy="unlisted", category_id="29", notify=True, **settings)
    [part] = await bridge.prepare(post_of())
    assert isinstance(await bridge.send(attempt(part), Kept()), Posted)
    status = {
        "license": "creativeCommon",
        "embeddable": False,
        "publicStatsViewable": True,
        "selfDeclaredMadeForKids": True,
    }
    assert json.loads(http.bodies(CHANGE)[0])["status"] == {**status, "privacyStatus": "unlisted"}
    assert json.loads(http.bodies(BEGIN)[0])["snippet"]["categoryId"] == "29"
    assert http.queries(BEGIN)[0]["notifySubscribers"] == "true"


async def test_a_post_without_a_film_is_refused_before_it_leaves(tmp_path):
    http = youtube()
    assert await sent(tmp_path, http, media=()) == Refused(NO_FILM)
    assert http.asked == []


async def test_a_session_that_was_begun_is_gone_on_with(tmp_path):
    http = youtube()
    assert await sent(tmp_path, http, held=Progress(AT).written()) == Posted(ID, URL)
    assert http.lines == [TOKEN, PUT, SHOW, CHANNELS, ITEMS, CHANGE]
    assert http.headers(PUT)[0]["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("status", [404, 410])
async def test_a_session_that_is_gone_begins_again_with_a_look(tmp_path, status):
    http, keep = youtube({PUT: no(status)}), Kept()
    outcome = await sent(tmp_path, http, held=Progress(AT).written(), keep=keep)
    assert isinstance(outcome, Later) and keep.all == [b""]


async def test_where_nothing_is_kept_a_film_with_our_tag_is_published(tmp_path):
    http, keep = youtube({ITEMS: items(uploaded())}), Kept()
    assert await sent(tmp_path, http, keep=keep) == Posted(ID, URL)
    assert BEGIN not in http.lines and kept(keep.last).film == ID


@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.example/upload/youtube/v3/videos?upload_id=u1",
        "http://www.googleapis.com/upload/youtube/v3/videos?upload_id=u1",
        f"{API}/upload/youtube/v3/videos",
        "http://[",
        "",
    ],
)
async def test_an_address_that_is_not_googles_is_not_believed(tmp_path, location):
    http = youtube({BEGIN: empty(200, location=location)})
    assert isinstance(await sent(tmp_path, http), Later)
    assert PUT not in http.lines


@pytest.mark.parametrize(
    ("what", "answer", "ended"),
    [
        (CHANNELS, items(), Stopped("the account has no channel", answers.CHANNEL)),
        (CHANNELS, no(403, "authenticatedUserAccountSuspended"), Stopped),
        (ITEMS, no(500, "backendError"), Later),
        (ITEMS, no(404, "playlistNotFound"), Posted),  # a channel without an upload has none
        (
            BEGIN,
            no(401, "youtubeSignupRequired"),
            Stopped("the account has no channel", answers.CHANNEL),
        ),
        (BEGIN, no(403, "quotaExceeded"), Later),
        (BEGIN, no(400, "uploadLimitExceeded"), Later),
        (BEGIN, no(400, "invalidTitle"), Refused),
        (BEGIN, no(400, "invalidDescription"), Refused),
        (BEGIN, no(400, "invalidCategoryId"), Stopped),
        (BEGIN, no(403, "forbiddenPrivacySetting"), Stopped),
        (BEGIN, no(403, "insufficientPermissions"), Stopped),
        (BEGIN, no(503, "backendError"), Later),
        (BEGIN, page(), Later),
        (BEGIN, NoAnswer("x"), Later),
        (PUT, no(400, "mediaBodyRequired"), Refused),
        (PUT, no(500, "backendError"), Later),
        (PUT, said({"id": {}}), Later),
        (PUT, page(), Later),
        (PUT, NoAnswer("x"), Later),
        (SHOW, no(500), Later),
        (SHOW, page(), Later),
        (SHOW, NotSent("x"), Later),
        (CHANGE, no(404, "videoNotFound"), Refused(answers.GONE)),
        (CHANGE, no(403, "forbidden"), Refused),
        (CHANGE, no(500), Unsure),
        (CHANGE, page(), Unsure),
        (CHANGE, said(film(id="lmnopqrstuv", privacy="public")), Unsure),
        (CHANGE, NoAnswer("x"), Unsure),
    ],
)
async def test_only_what_may_have_published_the_film_is_doubt(tmp_path, what, answer, ended):
    outcome = await sent(tmp_path, youtube({what: answer}))
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended


# ---------------------------------------------------------------- before it is published


@pytest.mark.parametrize(
    ("shown", "after_s", "ended"),
    [
        (items(film("uploaded")), 0, Later(states.READING, NOW + 60)),
        (items(film("uploaded")), 1800, Posted),
        (items(), 0, Later),
        (items(), 1800, Refused),
        (items(film("failed", failureReason="codec")), 0, Refused("YouTube cannot read the film")),
        (items(film("deleted")), 0, Refused),
        (items(film("rejected", rejectionReason="termsOfUse")), 0, Refused),
        (items(film("rejected", rejectionReason="length")), 0, Refused),
        (items(film("rejected", rejectionReason="uploaderAccountSuspended")), 0, Stopped),
        (items(film("rejected", rejectionReason="duplicate")), 0, Later),
        (items(film("rejected", rejectionReason="duplicate")), 1800, states.DUPLICATE),
    ],
)
async def test_a_film_is_published_when_youtube_has_read_it(tmp_path, shown, after_s, ended):
    clock, held = Hands(), Progress(film=ID, since=NOW).written()
    clock.at += after_s
    outcome = await sent(tmp_path, youtube({SHOW: shown}), held=held, clock=clock)
    if isinstance(outcome, Later) and after_s == 0:
        assert outcome.not_before == NOW + 60
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended


async def test_the_same_film_from_an_earlier_try_is_gone_on_with(tmp_path):
    spoilt = film("rejected", rejectionReason="duplicate")
    other = film(id="lmnopqrstuv")
    uploads = items(uploaded(), uploaded("lmnopqrstuv"))
    http, keep = youtube({SHOW: [items(spoilt), items(spoilt, other)], ITEMS: uploads}), Kept()
    held = Progress(film=ID, since=NOW).written()
    outcome = await sent(tmp_path, http, held=held, keep=keep)
    assert isinstance(outcome, Later) and outcome.not_before == NOW + 1
    assert kept(keep.last) == Progress(film="lmnopqrstuv", since=NOW)


async def test_a_project_whose_films_stay_private_stops_and_is_told_of(tmp_path):
    http = youtube({CHANGE: said(film(privacy="private"))})
    bridge = a_bridge(tmp_path, http)
    [part] = await bridge.prepare(post_of())
    assert await bridge.send(attempt(part), Kept()) == Stopped(LOCKED, AUDIT)
    assert LOCKED in (await bridge.check()).trouble


# ---------------------------------------------------------------- check and find


async def test_the_account_is_named_by_its_channel(tmp_path):
    assert await a_bridge(tmp_path, youtube()).check() == Health("youtube UC1")


@pytest.mark.parametrize(
    ("what", "answer", "trouble"),
    [
        (TOKEN, said({"error": "invalid_grant"}, 400), "In production"),
        (CHANNELS, items(), "no channel: make a channel"),
        (CHANNELS, no(403, "accountSuspended"), "suspended or closed: log in"),
        (CHANNELS, no(403, "accessNotConfigured"), "not enabled: enable"),
        (CHANNELS, no(500), "cannot be asked now"),
        (CHANNELS, NotSent("x"), "cannot be reached"),
    ],
)
async def test_trouble_is_named_with_its_remedy(tmp_path, what, answer, trouble):
    assert trouble in (await a_bridge(tmp_path, youtube({what: answer})).check()).trouble


async def found(tmp_path, http, held=b"", after_s=600):
    clock = Hands()
    bridge = a_bridge(tmp_path, http, clock)
    [part] = await bridge.prepare(post_of())
    clock.at += after_s
    return await bridge.find(attempt(part, kept=held))


@pytest.mark.parametrize(
    ("answers", "ended"),
    [
        ({SHOW: items(film(privacy="public"))}, Found(ID, URL)),
        ({SHOW: items(film(privacy="public", tags=["news"]))}, Absent(strong=True)),
        ({SHOW: items(film())}, Absent(strong=True)),
        ({ITEMS: items()}, Absent(strong=True)),
        ({ITEMS: items(uploaded(), nextPageToken="more")}, Absent(strong=False)),
        (
            {SHOW: items(film(privacy="public"), film(id="lmnopqrstuv", privacy="public"))},
            Unknown("several films there are like it"),
        ),
        ({ITEMS: no(500)}, Unknown),
        ({SHOW: page()}, Unknown),
        ({TOKEN: NotSent("x")}, Unknown),
    ],
)
async def test_what_the_list_of_uploads_tells(tmp_path, answers, ended):
    lookup = await found(tmp_path, youtube({ITEMS: items(uploaded()), **answers}))
    assert type(lookup) is ended if isinstance(ended, type) else lookup == ended


async def test_a_list_that_lags_is_not_believed_sooner(tmp_path):
    assert await found(tmp_path, youtube(), after_s=300) == Absent(strong=False)


async def test_pages_are_read_back_past_the_try_and_no_further(tmp_path):
    old = uploaded("lmnopqrstuv", "2026-11-01T11:00:00Z")
    pages = [items(uploaded(), nextPageToken="a b"), items(old, nextPageToken="c")]
    http = youtube({ITEMS: pages})
    assert await found(tmp_path, http) == Absent(strong=True)
    assert [query.get("pageToken") for query in http.queries(ITEMS)] == [None, "a b"]


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (items(film(privacy="unlisted")), Found(ID, URL)),
        (items(film()), Absent(strong=True)),
        (items(), Absent(strong=True)),
        (no(500), Unknown("YouTube does not show the film now")),
        (page(), Unknown("YouTube does not show the film now")),
    ],
)
async def test_a_film_that_is_kept_is_asked_for_itself(tmp_path, answer, ended):
    http = youtube({SHOW: answer})
    assert await found(tmp_path, http, Progress(film=ID).written()) == ended


# ---------------------------------------------------------------- remove, edit, replies


@pytest.mark.parametrize("ref", ["", "a/b", "../../x", "1?x=1", "x" * 65, "é"])
async def test_a_ref_of_another_platform_is_refused_unasked(tmp_path, ref):
    http = youtube()
    bridge = a_bridge(tmp_path, http)
    assert isinstance(await bridge.remove(ref), Refused)
    assert isinstance(await bridge.edit(ref, post_of()), Refused)
    assert http.asked == []


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (empty(204), "Removed"),
        (no(404, "videoNotFound"), "Removed"),
        (no(403, "forbidden"), "Refused"),
        (no(403, "quotaExceeded"), "Later"),
        (no(401, "authError"), "Stopped"),
        (no(500), "Later"),
        (NoAnswer("x"), "Later"),
    ],
)
async def test_how_a_removal_ends(tmp_path, answer, ended):
    outcome = await a_bridge(tmp_path, youtube({DELETE: answer})).remove(ID)
    assert type(outcome).__name__ == ended


async def test_an_edit_gives_the_film_other_words_and_leaves_the_rest(tmp_path):
    http = youtube()
    bridge = a_bridge(tmp_path, http)
    assert await bridge.edit(ID, post_of("other words", title="Other", media=())) == Posted(ID, URL)
    assert json.loads(http.bodies(CHANGE)[0]) == {
        "id": ID,
        "snippet": {
            "tags": [TAG],
            "categoryId": "25",
            "title": "Other",
            "description": "other words",
        },
    }
    assert isinstance(await bridge.edit(ID, post_of("x" * 5001)), Refused)
    http.answers[SHOW] = items()
    assert await bridge.edit(ID, post_of()) == Refused(answers.GONE)


def comment(id="c1", text="well done", by="UC2", at="2026-11-18T11:07:40Z"):
    told = {"textDisplay": text, "publishedAt": at, "authorChannelId": {"value": by}}
    return {"id": id, "snippet": told}


def thread(head, *below, film=ID):
    snippet = {"videoId": film, "topLevelComment": head}
    return {"snippet": snippet, "replies": {"comments": list(below)}}


async def test_comments_are_read_without_who_wrote_them(tmp_path):
    rows = [
        thread(comment("c3", by="UC1"), comment("c3.1", "thanks", at="2026-11-18T11:08:40Z")),
        thread(comment()),
        thread(comment("c0"), film=None),
    ]
    bridge = a_bridge(tmp_path, youtube({THREADS: items(*rows)}))
    first = await bridge.replies(b"[0, []]")
    assert first.replies == (
        Reply("c1", ID, "well done", NOW + 60),
        Reply("c3.1", ID, "thanks", NOW + 120),
    )
    assert (await bridge.replies(first.cursor)).replies == ()


@pytest.mark.parametrize("answer", [no(500), no(403, "commentsDisabled"), page(), NoAnswer("x")])
async def test_comments_that_cannot_be_read_now_are_read_later(tmp_path, answer):
    assert isinstance(await a_bridge(tmp_path, youtube({THREADS: answer})).replies(b""), Later)


# ---------------------------------------------------------------- a node that was set back


async def test_a_film_that_the_list_showed_late_is_not_published_twice(tmp_path):
    other = film(id="lmnopqrstuv", privacy="public")
    lists = [items(), items(uploaded(), uploaded("lmnopqrstuv"))]
    http = youtube({ITEMS: lists, SHOW: [items(film()), items(film(), other)]})
    outcome = await sent(tmp_path, http)
    assert isinstance(outcome, Posted) and outcome.ref == "lmnopqrstuv"
    assert BEGIN in http.lines and CHANGE not in http.lines


async def test_a_film_of_ours_is_found_behind_many_others(tmp_path):
    newer = items(uploaded("newer"), nextPageToken="2")
    old = items(uploaded(at="2026-01-01T00:00:00Z"))
    shown = [items(film(id="newer", tags=())), items(film(privacy="public"))]
    http = youtube({ITEMS: [newer, old], SHOW: shown})
    assert await sent(tmp_path, http) == Posted(ID, URL)
    assert BEGIN not in http.lines


async def test_a_change_of_words_sends_back_only_what_can_be_sent(tmp_path):
    odd = {"tags": ["a", 3, "b", []], "categoryId": {"x": []}, "defaultLanguage": "fa"}
    http = youtube({SHOW: items(film() | {"snippet": odd}), CHANGE: said({"id": ID})})
    assert await a_bridge(tmp_path, http).edit(ID, post_of()) == Posted(ID, URL)
    snippet = json.loads(http.bodies(CHANGE)[0])["snippet"]
    assert snippet == {
        "tags": ["a", "b"],
        "defaultLanguage": "fa",
        "title": "hello there",
        "description": "hello there",
    }
