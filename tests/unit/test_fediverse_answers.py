"""What each answer means: every row of the tables, and every form of "come back then"."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fediverse_parts import DATE, NOW, a_bridge, attempt, post_of, refused, said, status
from fediverse_parts import Server as Scripted

from bridges.fediverse import answers
from bridges.fediverse.answers import Asked, harmless, to_post
from bridges.kit import again_at
from relay.model import Later, Posted, Refused, Stopped, Unsure
from relay.ports import Answer, NoAnswer, NotSent

PLAIN = Asked(NOW)

THREAD = replace(PLAIN, after=True)
MEDIA = replace(PLAIN, media=True)
HTML = {"content-type": "text/html"}


@pytest.mark.parametrize("asked", [PLAIN])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(401, "The access token is invalid"), Stopped),
        (refused(401), Stopped),
        (refused(403, "Your login is currently disabled"), Stopped),
        (refused(403, "Your login is missing a confirmed e-mail address"), Stopped),
        (refused(403, "Your login is currently pending approval"), Stopped),
        (refused(403, "This action is outside the authorized scopes"), Stopped),
        (refused(403), Stopped),
        (refused(403, "This action is not allowed"), Refused),
        (refused(422, "This method requires an authenticated user"), Stopped),
        (refused(404, "Record not found"), Stopped),
        (refused(410), Stopped),
        (refused(422, "Validation failed: Text character limit of 500 exceeded"), Refused),
        (refused(422, "Validation failed: Text can't be blank"), Refused),
        (refused(400, "Bad Request: text too long"), Refused),
        (refused(413), Refused),
        (refused(429), Later),
        (refused(408), Later),
        (refused(425), Later),
        (refused(503, "unavailable", retry_after="30"), Later),
        (refused(503, "There was a temporary problem"), Unsure),
        (Answer(503, HTML, b"<html>"), Unsure),
        (refused(500), Unsure),
        (refused(502), Unsure),
        (refused(504), Unsure),
        (refused(520), Unsure),
        (refused(409), Unsure),
        (Answer(302, {"location": "/about"}), Unsure),
        (Answer(200, HTML, b"<html>log in</html>"), Unsure),
        (said({"no": "id"}), Unsure),
        (said([]), Unsure),
    ],
)
def test_an_answer_to_a_post_that_is_no_status(asked, answer, kind):
    outcome = to_post(answer, asked)
    assert type(outcome) is kind


@pytest.mark.parametrize(
    ("answer", "asked", "outcome"),
    [
        (refused(404, "Record not found"), THREAD, Refused(answers.ABSENT_PARENT)),
        (refused(410), THREAD, Refused(answers.ABSENT_PARENT)),
        (refused(401), THREAD, Stopped("the server does not know the token", answers.NEW_TOKEN)),
        (
            refused(422, "Cannot attach files that have not finished processing."),
            MEDIA,
            Later("a medium is not ready yet", NOW + 10),
        ),
        (
            refused(422, "Media 5 not found or already attached to another post"),
            MEDIA,
            Unsure("its media are attached already, or gone"),
        ),
        (
            refused(422, "in words that we do not know"),
            replace(MEDIA, tried=True),
            Unsure("its media are attached already, or gone"),
        ),
        (
            refused(422, "in words that we do not know"),
            MEDIA,
            Refused("the server finds it not valid"),
        ),
        (refused(422, "not found"), PLAIN, Refused("the server finds it not valid")),
        (refused(422, "Text is too long"), PLAIN, Refused("it is longer than the server takes")),
    ],
)
def test_what_else_was_asked_decides(answer, asked, outcome):
    assert to_post(answer, asked) == outcome


def test_no_word_of_the_server_is_repeated():
    for code in (400, 401, 403, 404, 409, 422, 429, 500, 503):
        outcome = to_post(refused(code, "the-text-of-the-post disabled scope"), PLAIN)
        assert "the-text-of-the-post" not in outcome.why


# ---------------------------------------------------------------- when to come back


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "30"}, 30),
        ({"retry-after": "30", "x-ratelimit-reset": str(NOW + 300)}, 30),
        ({"x-ratelimit-reset": str(NOW + 300)}, 300),
        ({"x-ratelimit-reset": "2026-11-18T11:11:40.123456Z"}, 300),
        ({"x-ratelimit-reset": "2026-11-18T11:11:40.000000+00:00"}, 300),
        ({"x-ratelimit-reset": "2026-11-18T11:11:40"}, 300),
        # Our clock an hour off does not matter where the server shows its own.
        ({"x-ratelimit-reset": str(NOW + 3900), "date": "Wed, 18 Nov 2026 12:06:40 GMT"}, 300),
        ({"x-ratelimit-reset": "2026-11-18T11:11:40Z", "date": DATE}, 300),
        ({"x-ratelimit-reset": str(NOW)}, 1),
        ({"x-ratelimit-reset": str(NOW - 5)}, 1),
        ({"x-ratelimit-reset": str(NOW + 21600)}, 21600),
        ({"x-ratelimit-reset": str(NOW + 21601)}, 21600),
        ({"x-ratelimit-reset": "9" * 40}, 21600),
        ({"x-ratelimit-reset": "soon"}, None),
        ({"x-ratelimit-reset": "9999-99-99T00:00:00Z"}, None),
        ({"x-ratelimit-reset": ""}, None),
        ({}, None),
    ],
)
def test_a_request_is_welcome_again_when_the_server_says(headers, wait):
    assert again_at(headers, NOW) == (None if wait is None else NOW + wait)


def test_a_limit_is_the_accounts_or_where_a_server_counts_so_the_hosts():
    answer = refused(429, x_ratelimit_reset="2026-11-18T11:11:40.123456Z")
    why = "the server's limit is reached"
    assert to_post(answer, PLAIN) == Later(why, NOW + 300, "destination")
    assert to_post(answer, replace(PLAIN, by_host=True)) == Later(why, NOW + 300, "host")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(500), Later),
        (refused(503), Later),
        (refused(409), Later),
        (refused(429, retry_after="9"), Later),
        (refused(401), Stopped),
        (refused(403, "This action is not allowed"), Refused),
        (refused(422), Refused),
        (Unsure("cut"), Later),
        (Later("away"), Later),
        (Answer(200, HTML, b"<html>"), Later),
    ],
)
def test_where_a_repeat_does_no_harm_doubt_is_later(answer, kind):
    assert type(harmless(answer, PLAIN)) is kind


# ---------------------------------------------------------------- through the bridge


async def sent(tmp_path, answer, **settings):
    server = Scripted({"POST /api/v1/statuses": answer})
    bridge = a_bridge(tmp_path, server, **settings)
    await bridge.check()
    [part] = await bridge.prepare(post_of())
    return await bridge.send(attempt(part), None)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (said(status("5")), Posted("5", "https://social.example/@us/5")),
        (said(status("5", url="javascript:x")), Posted("5", "")),
        (said(status("5", url=None)), Posted("5", "")),
        (said(status("5", visibility="unlisted")), Posted("5", "https://social.example/@us/5")),
        (said(status(7)), Unsure("answered 200")),
        (said(status("a/b")), Unsure("answered 200")),
        (said(status("x" * 65)), Unsure("answered 200")),
        (NotSent("x"), Later("the host cannot be reached", scope="host")),
        (NoAnswer("x"), Unsure("the request left and no whole answer came")),
    ],
)
async def test_only_a_status_with_an_id_is_posted(tmp_path, answer, outcome):
    assert await sent(tmp_path, answer) == outcome


async def test_three_not_alloweds_in_a_row_are_about_the_account(tmp_path):
    denied, good = refused(403, "This action is not allowed"), said(status("5"))
    script = [denied, denied, good, denied, denied, denied]
    bridge = a_bridge(tmp_path, Scripted({"POST /api/v1/statuses": script}))
    [part] = await bridge.prepare(post_of())
    kinds = [type(await bridge.send(attempt(part), None)) for _ in range(6)]
    assert kinds == [Refused, Refused, Posted, Refused, Refused, Stopped]


async def test_a_server_that_shows_more_than_it_was_told_gets_no_other_post(tmp_path):
    server = Scripted({"POST /api/v1/statuses": said(status("5", visibility="public"))})
    bridge = a_bridge(tmp_path, server, visibility="private")
    [part] = await bridge.prepare(post_of())
    assert isinstance(await bridge.send(attempt(part), None), Posted)
    assert isinstance(await bridge.send(attempt(part), None), Stopped)
    assert len(server.bodies("POST /api/v1/statuses")) == 1
    assert "more people" in (await bridge.check()).trouble
