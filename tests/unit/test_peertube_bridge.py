"""The bridge to PeerTube: its settings, its session, what it sends, finds and changes."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

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

from bridges.kit import part_key
from bridges.peertube import PeerTube
from bridges.video.composing import NO_FILM
from bridges.video.peertube import answers, films, looking
from bridges.video.progress import Progress, kept
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

SERVER = "https://tube.example"
ID, OTHER = "9c9de5e8-0a1e-484a-b099-e80766180a6d", "11111111-2222-4333-8444-555555555555"
URL = f"{SERVER}/w/kkGMgK9ZtnKfYAgnEtQxbv"
CLIENT, TOKEN, ME = (
    "GET /api/v1/oauth-clients/local",
    "POST /api/v1/users/token",
    "GET /api/v1/users/me",
)
BEGIN, PUT = "POST /api/v1/videos/upload-resumable", "PUT /api/v1/videos/upload-resumable"
MINE, USED = "GET /api/v1/users/me/videos", "GET /api/v1/users/me/video-quota-used"
COMMENTS = "GET /api/v1/users/me/videos/comments"
CHANGE, SHOW, DELETE = (f"{how} /api/v1/videos/{ID}" for how in ("PUT", "GET", "DELETE"))
SOURCE = f"{SHOW}/source"
AT = "/api/v1/videos/upload-resumable?upload_id=u1"
KEY = part_key(bytes(32), 0)


def no(status: int, code: str = "", **headers: str):
    kind = f"https://docs.joinpeertube.org/api-rest-reference.html#section/Errors/{code}"
    made = {"status": status, "detail": "no", "type": kind if code else "about:blank"}
    return said(made | ({"code": code} if code else {}), status, **headers)


def me(**more):
    channels = [{"id": 8, "name": "first"}, {"id": 9, "name": "second"}]
    account = {"id": 5, "name": "us"}
    return said({"id": 4, "account": account, "videoChannels": channels, **more})


def tokens(n: int = 1):
    return said({"token_type": "Bearer", "access_token": f"a{n}", "refresh_token": f"r{n}"})


def listed(*rows):
    return said({"total": len(rows), "data": list(rows)})


def shown(id=ID, name="hello there", privacy=1, at="2026-11-18T11:06:40.000Z"):
    return {"uuid": id, "name": name, "privacy": {"id": privacy}, "createdAt": at}


def server(**more):
    every = {
        CLIENT: said({"client_id": "c", "client_secret": "s"}),
        TOKEN: tokens(),
        ME: me(),
        MINE: listed(),
        BEGIN: empty(201, location=AT),
        PUT: said({"video": {"id": 1, "uuid": ID, "shortUUID": "x"}}),
        CHANGE: empty(204),
        SOURCE: said({"inputFilename": f"{KEY}.mp4"}),
    }
    return Scripted(SERVER, every | more.pop("answers", {}), no(404))


def a_bridge(tmp_path, http, clock=None, **settings):
    file = tmp_path / "password"
    if not file.exists():
        file.write_text("password-of-ours")
        file.chmod(0o600)
    made = PeerTube.Settings(server=SERVER, user="us", password_file=str(file), **settings)
    return PeerTube(made, http, clock or Hands())


async def sent(tmp_path, http, *, held=b"", clock=None, keep=None, **post):
    bridge = a_bridge(tmp_path, http, clock)
    [part] = await bridge.prepare(post_of(**post))
    return await bridge.send(attempt(part, kept=held), keep or Kept())


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "more",
    [
        {"server": "http://tube.example"},
        {"server": "https://tube.example/c/us"},
        {"privacy": "private"},
        {"comments": "some"},
        {"category": -1},
        {"language": "english"},
        {"password": "x"},
    ],
)
def test_settings_have_their_values(more):
    good = {"server": SERVER, "user": "us", "password_file": "x"}
    with pytest.raises(pydantic.ValidationError):
        PeerTube.Settings.model_validate({**good, **more})


def test_it_says_what_it_rests_on_and_shows_no_password(tmp_path):
    bridge = a_bridge(tmp_path, server())
    assert bridge.once == Once("exact")
    assert set(PeerTube.secrets) <= set(PeerTube.Settings.model_fields)
    assert "password-of-ours" not in repr(vars(bridge)) + repr(bridge)


# ---------------------------------------------------------------- send


async def test_a_film_goes_up_private_and_is_published_by_its_id(tmp_path):
    http, keep = server(), Kept()
    assert await sent(tmp_path, http, keep=keep, language="fa-IR") == Posted(ID, URL)
    assert http.lines == [CLIENT, TOKEN, MINE, ME, BEGIN, PUT, CHANGE]
    assert json.loads(http.bodies(BEGIN)[0]) == {
        "channelId": 8,
        "filename": f"{KEY}.mp4",
        "lastModified": NOW * 1000,
        "name": "hello there",
        "description": "hello there",
        "privacy": 3,
        "nsfw": False,
        "commentsPolicy": 1,
        "waitTranscoding": True,
        "downloadEnabled": True,
        "language": "fa",
    }
    assert http.headers(BEGIN)[0]["x-upload-content-length"] == str(SIZE)
    assert http.headers(BEGIN)[0]["x-upload-content-type"] == "video/mp4"
    assert http.headers(PUT)[0]["content-range"] == f"bytes 0-{SIZE - 1}/{SIZE}"
    assert http.bodies(PUT) == [FILM.content]
    assert b'name="privacy"\r\n\r\n1\r\n' in http.bodies(CHANGE)[0]
    assert [kept(what) for what in keep.all] == [Progress(AT), Progress(film=ID, since=NOW)]


async def test_what_the_operator_set_is_said_of_each_film(tmp_path):
    http = server()
    settings = {"channel": "second", "comments": "off", "category": 11, "licence": 7}
    bridge = a_bridge(tmp_path, http, language="ar", sensitive=True, privacy="unlisted", **settings)
    [part] = await bridge.prepare(post_of())
    await bridge.send(attempt(part), Kept())
    body = json.loads(http.bodies(BEGIN)[0])
    asked = ("channelId", "commentsPolicy", "category", "licence", "language", "nsfw")
    assert [body[name] for name in asked] == [9, 2, 11, 7, "ar", True]
    assert b'name="privacy"\r\n\r\n2\r\n' in http.bodies(CHANGE)[0]


@pytest.mark.parametrize(("language", "known"), [("ckb", False), ("eo", False), ("fa", True)])
async def test_a_language_that_a_server_may_not_know_is_left_out(tmp_path, language, known):
    http = server()
    await sent(tmp_path, http, language=language)
    assert ("language" in json.loads(http.bodies(BEGIN)[0])) is known


async def test_a_post_without_a_film_is_refused_before_it_leaves(tmp_path):
    http = server()
    assert await sent(tmp_path, http, media=()) == Refused(NO_FILM)
    assert http.asked == []


async def test_an_upload_that_was_begun_is_gone_on_with(tmp_path):
    http = server()
    assert await sent(tmp_path, http, held=Progress(AT).written()) == Posted(ID, URL)
    assert http.lines == [CLIENT, TOKEN, PUT, CHANGE]
    assert http.headers(PUT)[0]["content-range"] == f"bytes */{SIZE}"


async def test_a_film_that_is_there_is_only_published(tmp_path):
    http = server()
    assert await sent(tmp_path, http, held=Progress(film=ID).written()) == Posted(ID, URL)
    assert http.lines == [CLIENT, TOKEN, CHANGE]


async def test_an_upload_that_is_forgotten_begins_again_with_a_look(tmp_path):
    http, keep = server(answers={PUT: empty(404)}), Kept()
    outcome = await sent(tmp_path, http, held=Progress(AT).written(), keep=keep)
    assert isinstance(outcome, Later) and keep.all == [b""]


async def test_where_nothing_is_kept_a_film_with_our_key_is_published(tmp_path):
    private = shown(privacy=3, at="2026-11-01T11:00:00.000Z")
    http, keep = server(answers={MINE: listed(shown(OTHER, "another"), private)}), Kept()
    http.answers[f"GET /api/v1/videos/{OTHER}/source"] = said({"filename": "0.mp4"})
    assert await sent(tmp_path, http, keep=keep) == Posted(ID, URL)
    assert BEGIN not in http.lines and kept(keep.last).film == ID


async def test_only_films_of_that_time_or_that_title_are_asked_for_their_file(tmp_path):
    old = shown(OTHER, "another", at="2026-11-01T11:00:00.000Z")
    http = server(answers={MINE: listed(old)})
    await sent(tmp_path, http)
    assert not any(line.endswith("/source") for line in http.lines)


@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.example/api/v1/videos/upload-resumable?upload_id=u1",
        "//elsewhere.example/api/v1/videos/upload-resumable?upload_id=u1",
        "/api/v1/users/me?upload_id=u1",
        "/api/v1/videos/upload-resumable",
        "http://[",
        "",
    ],
)
async def test_an_address_that_is_not_the_servers_own_is_not_believed(tmp_path, location):
    http = server(answers={BEGIN: empty(201, location=location)})
    assert isinstance(await sent(tmp_path, http), Later)
    assert PUT not in http.lines


@pytest.mark.parametrize("form", [AT, f"//tube.example{AT}", f"{SERVER}{AT}"])
async def test_an_address_may_be_written_in_three_ways(tmp_path, form):
    http, keep = server(answers={BEGIN: empty(200, location=form)}), Kept()
    assert isinstance(await sent(tmp_path, http, keep=keep), Posted)
    assert kept(keep.all[0]).upload == AT


@pytest.mark.parametrize(
    ("what", "answer", "ended"),
    [
        (MINE, no(500), Later),
        (MINE, page(), Later),
        (MINE, NotSent("x"), Later),
        (BEGIN, no(400), Refused("the server finds it not valid")),
        (
            BEGIN,
            no(413, "max_file_size_reached"),
            Refused("its film is larger than the server takes"),
        ),
        (BEGIN, no(415), Refused("the server does not take a film of this type")),
        (BEGIN, no(413, "quota_reached"), Stopped(answers.NO_ROOM, answers.ROOM)),
        (BEGIN, no(403, "quota_reached"), Stopped(answers.NO_ROOM, answers.ROOM)),
        (BEGIN, no(429, retry_after="7"), Later("answered 429", NOW + 7, "destination")),
        (BEGIN, no(502), Later),
        (BEGIN, page(), Later),
        (BEGIN, NoAnswer("x"), Later),
        (PUT, no(403), Refused("the server's own rules refuse the film")),
        (PUT, no(409), Later),
        (PUT, no(422), Refused("the server cannot read the film")),
        (PUT, no(503, retry_after="300"), Later("answered 503", NOW + 300, "host")),
        (PUT, page(), Later),
        (PUT, said({"video": {"uuid": "../x"}}), Later),
        (PUT, NoAnswer("x"), Later),
        (CHANGE, no(404), Refused(answers.GONE)),
        (CHANGE, no(403), Refused),
        (CHANGE, no(500), Unsure),
        (CHANGE, page(), Unsure),
        (CHANGE, NoAnswer("x"), Unsure),
    ],
)
async def test_only_what_may_have_published_the_film_is_doubt(tmp_path, what, answer, ended):
    outcome = await sent(tmp_path, server(answers={what: answer}))
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended


async def test_the_days_share_of_room_passes_by_itself(tmp_path):
    used = said({"videoQuotaUsed": 500, "videoQuotaUsedDaily": 500})
    full = {BEGIN: no(413, "quota_reached"), USED: used, ME: me(videoQuotaDaily=550)}
    outcome = await sent(tmp_path, server(answers=full))
    assert isinstance(outcome, Later) and outcome.not_before == NOW + 86400


# ---------------------------------------------------------------- the session


async def test_a_session_outlives_the_process(tmp_path):
    await a_bridge(tmp_path, server()).check()
    http = server()
    await a_bridge(tmp_path, http).check()
    assert http.lines == [ME] and http.headers(ME)[0]["authorization"] == "Bearer a1"
    assert "a1" not in (tmp_path / "password").read_text()


async def test_a_token_that_ran_out_is_renewed_and_the_request_repeated(tmp_path):
    http = server(answers={TOKEN: [tokens(1), tokens(2)], ME: [me(), no(401), me()]})
    bridge = a_bridge(tmp_path, http)
    await bridge.check()
    assert not (await bridge.check()).trouble
    asked = dict(parse_qsl(http.bodies(TOKEN)[1].decode()))
    assert (asked["grant_type"], asked["refresh_token"]) == ("refresh_token", "r1")
    assert http.headers(ME)[-1]["authorization"] == "Bearer a2"


async def test_where_the_session_is_over_the_password_opens_another(tmp_path):
    renewals = [tokens(1), no(400, "invalid_grant"), tokens(3)]
    http = server(answers={TOKEN: renewals, ME: [me(), no(401), me()]})
    bridge = a_bridge(tmp_path, http)
    await bridge.check()
    assert not (await bridge.check()).trouble
    asked = dict(parse_qsl(http.bodies(TOKEN)[-1].decode()))
    assert (asked["grant_type"], asked["username"]) == ("password", "us")
    assert asked["password"] == "password-of-ours"


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (no(400, "invalid_grant"), "does not know the user or the password: see that user"),
        (no(401, "missing_two_factor"), "a second factor: give the relay an account without"),
        (no(400, "account_waiting_for_approval"), "waits to be approved"),
        (no(400, "account_approval_rejected"), "was not approved"),
        (no(400, "access_denied"), "blocked"),
        (no(429, retry_after="60"), "answered 429"),
        (no(500), "cannot be asked now"),
        (page(), "cannot be asked now"),
        (NotSent("x"), "cannot be reached"),
    ],
)
async def test_a_log_in_that_is_refused_is_named_with_its_remedy(tmp_path, answer, trouble):
    health = await a_bridge(tmp_path, server(answers={TOKEN: answer})).check()
    assert trouble in health.trouble and health.account == ""


async def test_a_password_that_was_refused_is_not_tried_again_at_once(tmp_path):
    clock, http = Hands(), server(answers={TOKEN: no(400, "invalid_grant")})
    bridge = a_bridge(tmp_path, http, clock)
    for _ in range(3):
        assert (await bridge.check()).trouble
    assert len(http.bodies(TOKEN)) == 1
    clock.at += 600
    await bridge.check()
    assert len(http.bodies(TOKEN)) == 2


# ---------------------------------------------------------------- check


async def test_the_account_is_named_by_server_user_and_channel(tmp_path):
    assert await a_bridge(tmp_path, server()).check() == Health("peertube tube.example 4 8")
    there = await a_bridge(tmp_path, server(), channel="9").check()
    assert there == Health("peertube tube.example 4 9")


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (me(videoChannels=[]), "no such channel: set channel"),
        (me(blocked=True), "blocked"),
        (no(401), "does not take the session"),
        (no(500), "answered 500"),
        (page(), "cannot be asked now"),
        (NotSent("x"), "cannot be reached"),
    ],
)
async def test_trouble_is_named_with_its_remedy(tmp_path, answer, trouble):
    assert trouble in (await a_bridge(tmp_path, server(answers={ME: answer})).check()).trouble


async def test_an_address_that_is_no_peertube_is_told(tmp_path):
    http = server(answers={CLIENT: no(404)})
    assert "no PeerTube at this address" in (await a_bridge(tmp_path, http).check()).trouble


# ---------------------------------------------------------------- find


async def found(tmp_path, http, held=b"", after_s=60):
    clock = Hands()
    bridge = a_bridge(tmp_path, http, clock)
    [part] = await bridge.prepare(post_of())
    clock.at += after_s
    return await bridge.find(attempt(part, kept=held))


async def test_a_film_is_found_by_the_name_of_its_file(tmp_path):
    assert await found(tmp_path, server(answers={MINE: listed(shown())})) == Found(ID, URL)


@pytest.mark.parametrize(
    ("answers", "ended"),
    [
        ({}, Absent(strong=True)),
        ({MINE: listed(shown(privacy=3))}, Absent(strong=True)),
        ({MINE: listed(shown()), SOURCE: said({"inputFilename": "b.mp4"})}, Absent(strong=True)),
        ({MINE: listed(shown()), SOURCE: no(404)}, Absent(strong=True)),
        ({MINE: listed(shown()), SOURCE: no(500)}, Unknown),
        ({MINE: listed(shown(), shown())}, Unknown("several films there are like it")),
        ({MINE: no(500)}, Unknown),
        ({MINE: page()}, Unknown),
        ({TOKEN: NotSent("x")}, Unknown),
    ],
)
async def test_what_a_list_tells(tmp_path, answers, ended):
    lookup = await found(tmp_path, server(answers=answers))
    assert type(lookup) is ended if isinstance(ended, type) else lookup == ended


async def test_a_list_is_not_believed_at_once_nor_where_it_has_no_end(tmp_path):
    assert await found(tmp_path, server(), after_s=5) == Absent(strong=False)
    many = listed(*[shown(OTHER, "another")] * 50)
    http = server(
        answers={MINE: many, f"GET /api/v1/videos/{OTHER}/source": said({"filename": "x"})}
    )
    assert await found(tmp_path, http) == Absent(strong=False)


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (said(shown(privacy=1)), Found(ID, URL)),
        (said(shown(privacy=3)), Absent(strong=True)),
        (no(404), Absent(strong=True)),
        (no(500), Unknown("the server does not show the film now")),
        (page(), Unknown("the server does not show the film now")),
    ],
)
async def test_a_film_that_is_kept_is_asked_for_itself(tmp_path, answer, ended):
    http = server(answers={SHOW: answer})
    assert await found(tmp_path, http, Progress(film=ID).written()) == ended


# ---------------------------------------------------------------- remove, edit, replies


@pytest.mark.parametrize("ref", ["", "x", "../../x", "1?x=1", ID.upper(), f"{{{ID}}}"])
async def test_a_ref_of_another_platform_is_refused_unasked(tmp_path, ref):
    http = server()
    bridge = a_bridge(tmp_path, http)
    assert isinstance(await bridge.remove(ref), Refused)
    assert isinstance(await bridge.edit(ref, post_of()), Refused)
    assert http.asked == []


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (empty(204), "Removed"),
        (no(404), "Removed"),
        (no(403), "Refused"),
        (no(401), "Stopped"),
        (no(500), "Later"),
        (NoAnswer("x"), "Later"),
    ],
)
async def test_how_a_removal_ends(tmp_path, answer, ended):
    outcome = await a_bridge(tmp_path, server(answers={DELETE: answer})).remove(ID)
    assert type(outcome).__name__ == ended


async def test_an_edit_gives_the_film_other_words(tmp_path):
    http = server()
    bridge = a_bridge(tmp_path, http)
    assert await bridge.edit(ID, post_of("other words", title="Other", media=())) == Posted(ID, URL)
    [body] = http.bodies(CHANGE)
    assert b'name="name"\r\n\r\nOther\r\n' in body and b"other words" in body
    assert b"privacy" not in body
    assert isinstance(await bridge.edit(ID, post_of("x" * 10_001)), Refused)
    http.answers[CHANGE] = no(404)
    assert await bridge.edit(ID, post_of()) == Refused(answers.GONE)


def comment(id=1, text="<p>well done</p>", by=9, **more):
    made = {"id": id, "text": text, "account": {"id": by, "name": "somebody"}}
    at = "2026-11-18T11:07:40.000Z"
    return made | {"createdAt": at, "video": {"uuid": ID}, "heldForReview": False} | more


async def test_comments_are_read_without_who_wrote_them(tmp_path):
    rows = [comment(3, by=5), comment(2, heldForReview=True), comment(1), comment(4, text="")]
    bridge = a_bridge(tmp_path, server(answers={COMMENTS: listed(*rows)}))
    first = await bridge.replies(b"[0, []]")
    assert first.replies == (Reply("1", ID, "well done", NOW + 60),)
    assert (await bridge.replies(first.cursor)).replies == ()


async def test_an_older_server_has_no_list_of_comments(tmp_path):
    outcome = await a_bridge(tmp_path, server(answers={COMMENTS: no(404)})).replies(b"")
    assert isinstance(outcome, Later) and "older" in outcome.why


def test_the_short_form_of_an_id_has_always_22_signs():
    assert films.watched_at(SERVER, ID) == URL
    assert films.watched_at("", "00000000-0000-4000-8000-000000000000").count("1") > 0
    assert len(films.watched_at("", "00000000-0000-0000-0000-000000000001")) == len("/w/") + 22


# ---------------------------------------------------------------- a node that was set back


def older(*, name="hello there", id=ID):
    return shown(id=id, name=name, at="2026-01-01T00:00:00.000Z")


@pytest.mark.parametrize("name", ["hello there", "hello\u2060  there"])
async def test_an_old_film_of_ours_is_known_by_its_title_and_its_file(tmp_path, name):
    http = server(answers={MINE: listed(older(name=name))})
    assert await sent(tmp_path, http) == Posted(ID, URL)
    assert BEGIN not in http.lines


async def test_a_film_of_ours_is_found_behind_many_others(tmp_path):
    others = listed(*[older(name="another")] * looking.PAGE)
    http = server(answers={MINE: [others, others, listed(older())]})
    assert await sent(tmp_path, http) == Posted(ID, URL)
    assert BEGIN not in http.lines


async def test_many_films_of_one_title_are_not_all_asked_for(tmp_path):
    many = listed(*[older()] * looking.PAGE)
    http = server(answers={MINE: many, SOURCE: said({"inputFilename": "another.mp4"})})
    assert await sent(tmp_path, http) == Posted(ID, URL)
    assert http.lines.count(SOURCE) == looking.MOST_ASKED


async def test_a_session_that_another_process_has_renewed_is_used(tmp_path):
    http = server(answers={TOKEN: [tokens(1), tokens(2)]})
    node = a_bridge(tmp_path, http)
    await node.check()  # logs in
    command = a_bridge(tmp_path, http)
    assert await command._access.instead_of("a1") == "a2"
    assert await node._access.instead_of("a1") == "a2"
    assert http.lines.count(TOKEN) == 2
