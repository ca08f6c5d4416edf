"""The bridge to a Page before a scripted Graph API: what is sent, what codes mean, its account."""

from __future__ import annotations

import json

import pydantic
import pytest
from graph_parts import (
    DRAFT,
    FEED,
    ME,
    NOW,
    PHOTOS,
    PNG,
    Hands,
    Kept,
    Scripted,
    a_bridge,
    attempt,
    error,
    post_of,
    said,
    sent,
)

from bridges import kit
from bridges.facebook import Facebook
from bridges.graph import answers, drafts, films, progress, publishing, uploading
from bridges.kit.counting import units
from relay.model import Health, Later, Media, Once, Posted, Refused, Removed, Stopped, Unsure
from relay.ports import Answer, NoAnswer, NotSent

IT = Posted("7_11", "https://www.facebook.com/7/posts/11")


@pytest.mark.parametrize(
    "more",
    [
        {"page": "our-page"},
        {"api": "http://graph.facebook.com"},
        {"characters": 63_207},
        {"mentions": "some"},
        {"token": "t"},
    ],
)
def test_settings_have_their_values(more):
    with pytest.raises(pydantic.ValidationError):
        Facebook.Settings.model_validate({"token_file": "x", **more})


def test_it_says_how_its_secrets_are_made_and_nothing_shows_them(tmp_path):
    assert set(Facebook.secrets) <= set(Facebook.Settings.model_fields)
    bridge = a_bridge(tmp_path, Scripted(), app_secret_file=str(tmp_path / "app"))
    assert "of-ours" not in repr(bridge) + repr(vars(bridge))
    (tmp_path / "token").write_text("two words")
    with pytest.raises(kit.BadSecret):
        a_bridge(tmp_path, Scripted())


# ---------------------------------------------------------------- send


async def test_a_post_is_made_unseen_and_then_public(tmp_path):
    http, kept = Scripted(), Kept()
    assert await sent(a_bridge(tmp_path, http), "متن @bob", kept=kept) == IT
    assert http.lines == [ME, FEED, DRAFT]
    assert http.forms(FEED) == [{"message": "متن @\u2060bob", "published": "false"}]
    assert http.forms(DRAFT) == [{"is_published": "true"}]
    assert all(
        headers["authorization"] == "Bearer token-of-ours" for _, _, headers, _ in http.asked
    )
    assert not any("token-of-ours" in str(query) for _, query, _, _ in http.asked)
    assert progress.kept(kept.last) == progress.Progress((), "7_11", True)


async def test_without_drafts_it_is_public_at_once(tmp_path):
    http = Scripted()
    assert await sent(a_bridge(tmp_path, http, drafts=False)) == IT
    assert http.lines == [ME, FEED]
    assert http.forms(FEED) == [{"message": "hello"}]


async def test_the_secret_of_the_app_is_proved_with_each_call(tmp_path):
    http = Scripted()
    bridge = a_bridge(tmp_path, http, app_secret_file=str(tmp_path / "app"), page="7")
    await sent(bridge, media=[PNG])
    await bridge.remove("7_11")
    # printf token-of-ours | openssl dgst -sha256 -hmac app-of-ours
    proof = "af56351160e9727b637a352671328a27eb43f6eb6195cf633d42295e010d954d"
    proofs = {form["appsecret_proof"] for line in (FEED, DRAFT) for form in http.forms(line)}
    proofs |= {query["appsecret_proof"] for query in http.queries("DELETE /7_11")}
    assert proofs == {proof}
    assert proof.encode() in http.asked[0][3]


async def test_pictures_go_up_unseen_and_described(tmp_path):
    http = Scripted()
    await sent(a_bridge(tmp_path, http), "", media=[PNG, Media("image/jpeg", b"x")])
    assert http.lines == [ME, PHOTOS, PHOTOS, FEED, DRAFT]
    first, second = (body for line, _, _, body in http.asked if line == PHOTOS)
    assert b'name="source"; filename="1.png"' in first
    assert b'name="published"\r\n\r\nfalse' in first
    assert b'name="alt_text_custom"\r\n\r\na roof at night' in first
    assert b"alt_text_custom" not in second
    [form] = http.forms(FEED)
    assert json.loads(form["attached_media"]) == [{"media_fbid": "31"}, {"media_fbid": "32"}]
    assert "message" not in form  # Facebook refuses an empty one


async def test_a_later_try_goes_on_where_the_first_one_was(tmp_path):
    http = Scripted({DRAFT: [NotSent("x"), said({"success": True})]})
    bridge, kept = a_bridge(tmp_path, http), Kept()
    assert isinstance(await sent(bridge, media=[PNG], kept=kept), Later)
    assert await sent(bridge, media=[PNG], kept=kept, n=2) == IT
    assert http.lines == [ME, PHOTOS, FEED, DRAFT, DRAFT]


UNKNOWN = Unsure("Facebook does not know whether it did it")
TOO_MANY = {"x_app_usage": json.dumps({"call_count": 100, "total_time": 3, "total_cputime": 2})}
BUSINESS = {"7": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 12}]}


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (said({"success": True}), IT),
        (said({"id": "7_11"}), IT),
        (said({"success": False}), Unsure("answered 200")),
        (said({}), Unsure("answered 200")),
        (Answer(200, {"content-type": "text/html"}, b"<html>"), Unsure("answered 200")),
        (error(1, status=500), UNKNOWN),
        (error(2, status=500, is_transient=True), UNKNOWN),
        (error(2, 1363047, status=500), UNKNOWN),
        (error(99, is_transient=True), UNKNOWN),
        (error(4), Later("Facebook's limit is reached", NOW + 3600, "destination")),
        (error(32), Later("Facebook's limit is reached", NOW + 3600, "destination")),
        (error(80001), Later("Facebook's limit is reached", NOW + 3600, "destination")),
        (error(190, 460), Stopped),
        (error(102), Stopped),
        (error(10), Stopped),
        (error(200), Stopped),
        (error(299), Stopped),
        (error(3), Stopped),
        (error(100), Refused("Facebook finds it not valid")),
        (error(100, 1366046), Refused("Facebook finds it not valid")),
        (error(197), Refused("Facebook finds it not valid")),
        (error(506), Unsure(answers.TWICE)),
        (error(368, error_user_msg="This was already posted."), Unsure(answers.TWICE)),
        (error(100, 1366051), Unsure(answers.TWICE)),
        (error(368), Stopped),
        (error(368, 1390008), Stopped),
        (error(1404112), Stopped),
        (error(368, 1346003), Refused("Facebook takes what is in it for abuse")),
        (error(100, 1404102), Refused("Facebook takes what is in it for abuse")),
        (error(200, 1404078), Stopped),
        (error(4854002), Stopped),
        (error(777), Refused("Facebook refuses it (code 777)")),
        (error(777, status=503), Unsure("answered 503")),
        (said({"error": {"message": "hi"}}, 500), Unsure("answered 500")),
        (Answer(502, {"content-type": "text/html"}, b"<html>"), Unsure("answered 502")),
        (Answer(503, {"retry-after": "7"}), Unsure("answered 503")),
        (Answer(429, {"retry-after": "7"}), Later("answered 429", NOW + 7, "destination")),
        (Answer(302, {"location": "https://www.facebook.com/login"}), Unsure("answered 302")),
        (NotSent("x"), Later("the host cannot be reached", scope="host")),
        (NoAnswer("x"), Unsure),
    ],
)
async def test_how_it_ends_to_make_a_post_public(tmp_path, answer, ended):
    outcome = await sent(a_bridge(tmp_path, Scripted({DRAFT: answer})))
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended


async def test_without_drafts_an_answer_means_the_same(tmp_path):
    for answer, ended in [(error(1, status=500), UNKNOWN), (error(506), Unsure(answers.TWICE))]:
        assert await sent(a_bridge(tmp_path, Scripted({FEED: answer}), drafts=False)) == ended


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (error(1, status=500), Later),
        (NoAnswer("x"), Later),
        (error(190), Stopped),
        (error(100), Refused),
        (error(506), Later),
        (said({"id": "../../x"}), Later),
    ],
)
async def test_a_draft_that_may_have_been_made_is_made_again(tmp_path, answer, ended):
    http = Scripted({FEED: answer})
    assert type(await sent(a_bridge(tmp_path, http))) is ended
    assert DRAFT not in http.lines


async def test_pictures_that_stand_in_a_lost_draft_are_uploaded_again(tmp_path):
    http = Scripted({FEED: [NoAnswer("x"), error(100, 1366051), said({"id": "7_11"})]})
    bridge, kept = a_bridge(tmp_path, http), Kept()
    assert isinstance(await sent(bridge, media=[PNG], kept=kept), Later)
    assert await sent(bridge, media=[PNG], kept=kept, n=2) == Later(publishing.USED)
    assert await sent(bridge, media=[PNG], kept=kept, n=3) == IT
    assert http.lines.count(PHOTOS) == 2


async def test_a_draft_that_is_gone_is_made_again_unless_it_may_have_been_public(tmp_path):
    gone = error(100, 33)
    http = Scripted({DRAFT: [gone, NoAnswer("x"), gone, said({"success": True})]})
    bridge, kept = a_bridge(tmp_path, http), Kept()
    assert await sent(bridge, kept=kept) == Later(publishing.GONE)
    assert isinstance(await sent(bridge, kept=kept, n=2), Unsure)
    assert isinstance(await sent(bridge, kept=kept, n=3), Unsure)
    assert progress.kept(kept.last) == progress.Progress(tried=True)
    assert await sent(bridge, kept=kept, n=4) == IT


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        (TOO_MANY, NOW + 3600),
        ({"x_business_use_case_usage": json.dumps(BUSINESS)}, NOW + 720),
        ({"x_app_usage": '{"call_count": 94}'}, None),
        ({"x_app_usage": "{"}, None),
        ({"x_business_use_case_usage": '{"7": {"call_count": 100}}'}, None),
        ({}, None),
    ],
)
async def test_a_page_rests_before_its_limit_is_reached(tmp_path, headers, until):
    answer = said({"success": True}, **headers)
    posted = await sent(a_bridge(tmp_path, Scripted({DRAFT: answer})))
    assert isinstance(posted, Posted) and posted.rest == until


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (error(190), Stopped),
        (NotSent("x"), Later),
        (error(1, status=500), Later),
        (said({}), Later),
    ],
)
async def test_without_a_page_nothing_is_sent(tmp_path, answer, ended):
    http = Scripted({ME: answer})
    assert type(await sent(a_bridge(tmp_path, http))) is ended
    assert http.lines == [ME]


# ---------------------------------------------------------------- prepare


@pytest.mark.parametrize(
    ("medium", "why"),
    [
        (Media("image/webp", b"x"), "a Page does not take a medium of this type"),
        (Media("image/png", b""), "a medium is empty"),
        (Media("image/png", bytes(4_000_001)), "a medium is larger than a Page takes"),
    ],
)
async def test_a_medium_that_a_page_does_not_take_refuses_the_whole_post(tmp_path, medium, why):
    http = Scripted()
    assert await sent(a_bridge(tmp_path, http), media=[PNG, medium]) == Refused(why)
    assert http.asked == []


SENTENCE = "امشب برق نیست و می\u200cخواهیم همه بدانند 👩\u200d👩\u200d👧\u200d👦 🇮🇷. "


@pytest.mark.parametrize("long", [63_199, 63_200, 63_201, 150_000])
async def test_a_long_text_stands_in_one_post_or_in_few_numbered_ones(tmp_path, long):
    text = (SENTENCE * (long // units(SENTENCE, "utf-16"))).strip()
    text += "ب" * (long - units(text, "utf-16"))
    parts = await a_bridge(tmp_path, Scripted()).prepare(post_of(text))
    said = [drafts.thawed(part.payload).text for part in parts]
    assert max(units(one, "utf-16") for one in said) <= 63_200
    bare = " ".join(one.rpartition("\n(")[0] if len(said) > 1 else one for one in said)
    assert bare.split() == text.split()
    assert len(parts) == (1 if long <= 63_200 else 2 if long < 100_000 else 3)


async def test_a_film_stands_alone(tmp_path):
    film = Media("video/mp4", b"x")
    parts = await a_bridge(tmp_path, Scripted()).prepare(post_of(media=[PNG] * 11 + [film, PNG]))
    assert [len(drafts.thawed(part.payload).media) for part in parts] == [10, 1, 1, 1]


# ---------------------------------------------------------------- films

FILM = Media("video/mp4", b"film")
VIDEOS, STATUS, PUBLISH = "POST /7/videos", "GET /51", "POST /51"


def status(said_of_it: str) -> Answer:
    return said({"id": "51", "status": {"video_status": said_of_it}})


async def test_a_film_is_waited_for_and_then_public(tmp_path):
    post = said({"id": "51", "post_id": "12"})
    http = Scripted(
        {
            VIDEOS: said({"id": "51"}),
            STATUS: [status("processing"), status("ready"), post],
            PUBLISH: said({"success": True}),
        }
    )
    bridge, kept = a_bridge(tmp_path, http), Kept()
    first = await sent(bridge, media=[FILM], kept=kept)
    assert first == Later("a film is not ready yet", NOW + films.NOT_READY_S)
    second = await sent(bridge, media=[FILM], kept=kept, n=2)
    assert second == Posted("7_12", "https://www.facebook.com/7/posts/12")
    assert http.lines == [ME, VIDEOS, STATUS, STATUS, PUBLISH, STATUS]
    [body] = [body for line, _, _, body in http.asked if line == VIDEOS]
    assert b'name="description"\r\n\r\nhello' in body
    assert b'name="published"\r\n\r\nfalse' in body


@pytest.mark.parametrize(
    ("line", "answer", "ended"),
    [
        (VIDEOS, NoAnswer("x"), Later),
        (VIDEOS, error(100), Refused(uploading.UNUSABLE)),
        (VIDEOS, error(1, status=500), Later),
        (STATUS, status("error"), Refused(uploading.UNUSABLE)),
        (STATUS, error(100, 33), Later(publishing.GONE)),
        (STATUS, error(1, status=500), Later),
        (PUBLISH, NoAnswer("x"), Unsure),
        (PUBLISH, error(2, status=500), UNKNOWN),
    ],
)
async def test_how_a_film_ends(tmp_path, line, answer, ended):
    http = Scripted({VIDEOS: said({"id": "51"}), STATUS: status("ready"), PUBLISH: said({})})
    http.answers[line] = answer
    outcome = await sent(a_bridge(tmp_path, http), media=[FILM])
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended


async def test_without_drafts_a_film_is_one_request(tmp_path):
    http = Scripted({VIDEOS: [said({"id": "51"}), NoAnswer("x")]})
    bridge = a_bridge(tmp_path, http, drafts=False)
    assert await sent(bridge, media=[FILM]) == Posted("51", "https://www.facebook.com/watch/?v=51")
    assert isinstance(await sent(bridge, media=[FILM]), Unsure)
    assert http.lines == [ME, VIDEOS, VIDEOS]


# ---------------------------------------------------------------- check


async def test_the_account_is_named_by_its_id(tmp_path):
    bridge = a_bridge(tmp_path, Scripted())
    assert await bridge.check() == Health("facebook 7")
    assert bridge.once == Once("lookup")


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (error(190, 463), "does not know the token any more: make a new Page token"),
        (error(200), "lacks a right"),
        (error(100), "a person's and no Page's"),
        (error(1, status=500), "it answered 500"),
        (Answer(200, {"content-type": "text/html"}, b"<html>"), "it answered 200"),
        (NotSent("x"), "cannot be reached"),
        (NoAnswer("x"), "cannot be reached"),
    ],
)
async def test_trouble_is_named_with_its_remedy(tmp_path, answer, trouble):
    http = Scripted()
    bridge = a_bridge(tmp_path, http)
    await bridge.check()
    http.answers[ME] = answer
    health = await bridge.check()
    assert trouble in health.trouble and health.account == "facebook 7"
    assert "of-ours" not in health.trouble


async def test_the_token_of_another_page_is_told(tmp_path):
    assert "is not the Page's" in (await a_bridge(tmp_path, Scripted(), page="8").check()).trouble
    assert await a_bridge(tmp_path, Scripted(), page="7").check() == Health("facebook 7")


# ---------------------------------------------------------------- remove and edit


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (said({"success": True}), Removed()),
        (error(100, 33), Removed()),
        (said({"success": False}), Later),
        (error(190), Stopped),
        (error(10), Stopped),
        (error(4), Later),
        (error(1, status=500), Later),
        (NotSent("x"), Later),
        (NoAnswer("x"), Later),
    ],
)
async def test_how_a_removal_ends(tmp_path, answer, ended):
    outcome = await a_bridge(tmp_path, Scripted({"DELETE /7_11": answer})).remove("7_11")
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended


@pytest.mark.parametrize(
    ("ref", "me", "ended"),
    [
        ("7_11", error(190), Stopped),
        ("7_11", error(2500), Later),
        ("7_11", NotSent("x"), Later),
        ("7_11", said({"id": "8"}), Refused),
        ("51", said({"id": "8"}), Removed),  # a film: its id does not say whose it is
    ],
)
async def test_what_a_token_may_not_see_is_not_believed_to_be_gone(tmp_path, ref, me, ended):
    http = Scripted({f"DELETE /{ref}": error(100, 33), ME: me})
    assert type(await a_bridge(tmp_path, http).remove(ref)) is ended


async def test_a_page_of_a_server_before_facebook_removes_nothing(tmp_path):
    answer = Answer(404, {"content-type": "text/html"}, b"<html>")
    http = Scripted({"DELETE /7_11": answer})
    assert type(await a_bridge(tmp_path, http).remove("7_11")) is Stopped


@pytest.mark.parametrize("me", [error(2500), error(100), Answer(400)])
async def test_what_is_wrong_with_the_token_refuses_no_post(tmp_path, me):
    assert type(await sent(a_bridge(tmp_path, Scripted({ME: me})))) is Later


@pytest.mark.parametrize("media", [(), (PNG,)])
async def test_a_page_that_is_not_there_for_the_token_refuses_no_post(tmp_path, media):
    gone = error(100, 33)
    http = Scripted({FEED: gone, PHOTOS: gone})
    assert type(await sent(a_bridge(tmp_path, http), media=media)) is Stopped
    assert type(await sent(a_bridge(tmp_path, http, drafts=False), media=media)) is Stopped


async def test_a_description_is_cleaned_as_a_text_is(tmp_path):
    picture = Media("image/png", b"x", "a\x00 roof\ud800")
    [part] = await a_bridge(tmp_path, Scripted()).prepare(post_of(media=[picture]))
    assert drafts.thawed(part.payload).media[0].alt == "a roof"


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (said({"success": True}), IT),
        (said({"id": "7_11"}), IT),
        (error(100, 33), Refused("it is gone from the Page")),
        (error(190), Stopped),
        (error(2, status=500), Later),
        (NoAnswer("x"), Later),
    ],
)
async def test_how_an_edit_ends(tmp_path, answer, ended):
    http = Scripted({DRAFT: answer})
    outcome = await a_bridge(tmp_path, http).edit("7_11", post_of("new"))
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended
    assert http.forms(DRAFT) == [{"message": "new"}]


async def test_an_edit_that_cannot_be_changes_nothing(tmp_path):
    http = Scripted()
    bridge = a_bridge(tmp_path, http, characters=100)
    assert await bridge.edit("7_11", post_of("a " * 60)) == Refused("it does not fit into one post")
    assert isinstance(await bridge.edit("7_11", post_of("new", media=[PNG])), Refused)
    assert isinstance(await bridge.edit("7_11", post_of(" ")), Refused)
    assert http.asked == []


@pytest.mark.parametrize("ref", ["", "x", "1/2", "1_2_3", "_1", "1_", "1" * 65, "１"])
async def test_a_ref_of_another_platform_is_refused_unasked(tmp_path, ref):
    http = Scripted()
    bridge = a_bridge(tmp_path, http)
    assert isinstance(await bridge.remove(ref), Refused)
    assert isinstance(await bridge.edit(ref, post_of()), Refused)
    assert http.asked == []


async def test_the_same_post_gives_the_same_bytes(tmp_path):
    post = post_of(SENTENCE, title="عنوان", media=[PNG])
    first = await a_bridge(tmp_path, Scripted()).prepare(post)
    assert first == await a_bridge(tmp_path, Scripted(), Hands()).prepare(post)
    assert attempt(first[0]).part.key == kit.part_key(bytes(32), 0)
