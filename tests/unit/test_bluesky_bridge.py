"""The bridge to Bluesky as a whole: settings, what is put, what answers mean, removal and edits."""

from __future__ import annotations

import json

import pydantic
import pytest
from bluesky_bridge_parts import (
    BLOB,
    CID,
    CREATE,
    DELETE,
    DID,
    GET,
    MP4,
    NOW,
    PNG,
    PUT,
    RESOLVE,
    SOMEBODY,
    UPLOAD,
    WHO,
    Kept,
    Scripted,
    a_bridge,
    attempt,
    blob,
    failed,
    post_of,
    said,
    sent,
)

from bridges.atproto import answers
from bridges.bluesky import Bluesky
from bridges.kit import part_key
from relay.model import (
    Absent,
    Found,
    Health,
    Later,
    Media,
    Once,
    Posted,
    Refused,
    Removed,
    Stopped,
    Unknown,
    Unsure,
)
from relay.ports import Answer, NoAnswer, NotSent

POST = "app.bsky.feed.post"
KEY = "3ke6kg3wk22xh"
REF = f"at://{DID}/{POST}/{KEY}"
HTML = Answer(200, {"content-type": "text/html"}, b"<html>log in</html>")


@pytest.mark.parametrize(
    "wrong",
    [
        {"service": "http://bsky.social"},
        {"service": "https://bsky.social/xrpc"},
        {"service": "https://us:pw@bsky.social"},
        {"web": "bsky.app"},
        {"handle": "two words"},
        {"handle": ""},
        {"mentions": "some"},
        {"image_bytes": 5},
        {"password": "p"},
    ],
)
def test_settings_have_their_values(wrong):
    with pytest.raises(pydantic.ValidationError):
        Bluesky.Settings.model_validate({"handle": "us.example", "password_file": "x", **wrong})


def test_it_says_how_its_secret_is_made_and_what_repeating_does(tmp_path):
    assert set(Bluesky.secrets) <= set(Bluesky.Settings.model_fields)
    assert "App Password" in Bluesky.secrets["password_file"]
    assert a_bridge(tmp_path, Scripted()).once == Once("exact")


async def test_nothing_shows_the_password_or_a_token(tmp_path):
    bridge = a_bridge(tmp_path, Scripted())
    await sent(bridge)
    held = repr(vars(bridge)) + repr(vars(bridge._access)) + repr(bridge)
    assert "r1" not in held
    assert "a1'" not in held


# ---------------------------------------------------------------- what is put


async def test_a_post_is_put_at_an_address_of_ours(tmp_path):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    [part] = await bridge.prepare(post_of("see https://example.org/a", language="fa"))
    outcome = await bridge.send(attempt(part), Kept())
    [body] = server.bodies(PUT)
    key = body["rkey"]
    assert outcome == Posted(
        f"at://{DID}/{POST}/{key}", f"https://bsky.app/profile/{DID}/post/{key}"
    )
    assert part.key == part_key(bytes(32), 0)
    assert server.headers(PUT)[0]["authorization"] == "Bearer a1"
    assert {**body, "rkey": KEY} == {
        "repo": DID,
        "collection": POST,
        "rkey": KEY,
        "validate": True,
        "record": {
            "$type": POST,
            "text": "see example.org/a",
            "createdAt": "2026-11-18T11:00:00.000Z",
            "langs": ["fa"],
            "facets": [
                {
                    "index": {"byteStart": 4, "byteEnd": 17},
                    "features": [
                        {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/a"}
                    ],
                }
            ],
        },
    }


async def test_pictures_go_up_first_and_are_named_as_the_server_named_them(tmp_path):
    named = {**blob(kind="image/x-png", size=999), "more": 1}
    server = Scripted(uploadBlob=said({"blob": named}))
    outcome = await sent(a_bridge(tmp_path, server, sensitive=True), media=[PNG])
    assert isinstance(outcome, Posted)
    assert server.headers(UPLOAD)[0]["content-type"] == "image/png"
    [record] = server.records()
    assert record["embed"] == {
        "$type": "app.bsky.embed.images",
        "images": [
            {
                "alt": "a roof at night",
                "image": blob(kind="image/x-png", size=999),
                "aspectRatio": {"width": 640, "height": 480},
            }
        ],
    }
    assert record["labels"] == {
        "$type": "com.atproto.label.defs#selfLabels",
        "values": [{"val": "graphic-media"}],
    }


async def test_a_film_stands_alone_with_what_it_shows(tmp_path):
    server = Scripted(uploadBlob=said({"blob": blob(kind="video/mp4")}))
    assert isinstance(await sent(a_bridge(tmp_path, server), media=[MP4]), Posted)
    assert server.records()[0]["embed"] == {
        "$type": "app.bsky.embed.video",
        "video": blob(kind="video/mp4"),
        "alt": "the street",
    }


async def test_a_name_is_asked_for_and_one_that_leads_to_nobody_stays_words(tmp_path):
    server = Scripted(
        resolveHandle=[said({"did": SOMEBODY}), failed("InvalidRequest"), said({"did": "x"})]
    )
    bridge = a_bridge(tmp_path, server, mentions="on")
    assert isinstance(await sent(bridge, "@a.example @b.example @c.example #fa"), Posted)
    features = [facet["features"][0] for facet in server.records()[0]["facets"]]
    assert features == [
        {"$type": "app.bsky.richtext.facet#mention", "did": SOMEBODY},
        {"$type": "app.bsky.richtext.facet#tag", "tag": "fa"},
    ]
    assert "authorization" not in server.headers(RESOLVE)[0]


async def test_a_name_that_cannot_be_asked_for_now_waits(tmp_path):
    server = Scripted(resolveHandle=NoAnswer())
    outcome = await sent(a_bridge(tmp_path, server, mentions="on"), "@a.example")
    assert isinstance(outcome, Later)
    assert PUT not in server.names


# ---------------------------------------------------------------- threads


async def test_the_second_part_answers_the_first_which_is_the_root(tmp_path):
    server = Scripted(getRecord=said({"uri": REF, "cid": CID, "value": {"text": "first"}}))
    assert isinstance(await sent(a_bridge(tmp_path, server), after=REF), Posted)
    one = {"uri": REF, "cid": CID}
    assert server.records()[0]["reply"] == {"root": one, "parent": one}


async def test_the_third_part_names_the_root_that_the_second_names(tmp_path):
    root = {"uri": f"at://{DID}/{POST}/3ke6kg3wk2222", "cid": BLOB}
    value = {"text": "second", "reply": {"root": root, "parent": root}}
    server = Scripted(getRecord=said({"uri": REF, "cid": CID, "value": value}))
    assert isinstance(await sent(a_bridge(tmp_path, server), after=REF), Posted)
    assert server.records()[0]["reply"] == {"root": root, "parent": {"uri": REF, "cid": CID}}


async def test_a_thread_whose_part_before_is_gone_is_refused(tmp_path):
    outcome = await sent(a_bridge(tmp_path, Scripted()), after=REF)
    assert outcome == Refused("the part before it is gone from the server")


@pytest.mark.parametrize(
    "answer", [NoAnswer(), NotSent(), HTML, failed("InternalServerError", 500)]
)
async def test_a_part_before_that_cannot_be_seen_now_waits(tmp_path, answer):
    server = Scripted(getRecord=answer)
    assert isinstance(await sent(a_bridge(tmp_path, server), after=REF), Later)
    assert PUT not in server.names


# ---------------------------------------------------------------- once


async def test_a_repeat_puts_the_same_bytes_whatever_has_changed_since(tmp_path):
    other = said({"uri": REF, "cid": BLOB, "value": {}})
    server = Scripted(
        getRecord=[said({"uri": REF, "cid": CID, "value": {}}), other],
        resolveHandle=[said({"did": SOMEBODY}), said({"did": DID})],
        uploadBlob=[said({"blob": blob()}), said({"blob": blob(BLOB[::-1])})],
        putRecord=NoAnswer(),
    )
    bridge = a_bridge(tmp_path, server, mentions="on")
    keep = Kept()
    [part] = await bridge.prepare(post_of("@a.example", media=[PNG]))
    assert isinstance(await bridge.send(attempt(part, after=REF), keep), Unsure)
    again = a_bridge(tmp_path, server, mentions="on")
    await again.send(attempt(part, n=2, after=REF, kept=keep.last), keep)
    first, second = server.bodies(PUT)
    assert first == second
    assert server.names.count(UPLOAD) == 1


async def test_what_is_kept_stays_small(tmp_path):
    server = Scripted(
        getRecord=said({"uri": REF, "cid": CID, "value": {}}),
        resolveHandle=said({"did": "did:web:" + "a" * 180}),
    )
    bridge = a_bridge(tmp_path, server, mentions="on")
    names = " ".join(f"@{'n' * 8}{n}.example" for n in range(10))
    assert isinstance(await sent(bridge, names, after=REF, media=[PNG] * 4), Posted)


async def test_media_that_were_swept_are_uploaded_again(tmp_path):
    missing = failed("BlobNotFound", message="Could not find blob: x")
    server = Scripted(putRecord=[missing, Scripted().answers[PUT]])
    bridge, keep = a_bridge(tmp_path, server), Kept()
    assert await sent(bridge, media=[PNG], keep=keep) == Later(answers.MEDIA_GONE)
    assert isinstance(await sent(bridge, media=[PNG], kept=keep.last), Posted)
    assert server.names.count(UPLOAD) == 2


async def test_media_are_uploaded_once_for_all_tries(tmp_path):
    uploads = [said({"blob": blob()}), NoAnswer(), said({"blob": blob(CID)})]
    server, keep = Scripted(uploadBlob=uploads), Kept()
    bridge = a_bridge(tmp_path, server)
    assert isinstance(await sent(bridge, media=[PNG, PNG], keep=keep), Later)
    assert isinstance(await sent(bridge, media=[PNG, PNG], kept=keep.last), Posted)
    links = [one["image"]["ref"]["$link"] for one in server.records()[0]["embed"]["images"]]
    assert links == [BLOB, CID]


# ---------------------------------------------------------------- what answers mean


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (failed("InvalidRequest"), Refused("the server finds it not valid")),
        (failed("InvalidMimeType"), Refused),
        (failed("PayloadTooLarge", 413), Refused),
        (failed("AccountTakedown", 401), Stopped("the account is suspended", answers.LOOK)),
        (failed("AccountDeactivated", 401), Stopped("the account is deactivated", answers.LOOK)),
        (failed("Forbidden", 403), Stopped),
        (failed("RateLimitExceeded", 429, retry_after="7"), Later),
        (failed("InternalServerError", 500), Unsure),
        (failed("UpstreamFailure", 502), Unsure),
        (failed("NotEnoughResources", 503), Unsure),
        (failed("UpstreamTimeout", 504), Unsure),
        (HTML, Unsure),
        (said({"uri": REF, "cid": CID}), Unsure),  # another record's
        (said({"uri": 1}), Unsure),
        (Answer(302, {"location": "https://example.org"}), Unsure),
        (NotSent(), Later("the host cannot be reached", scope="host")),
        (NoAnswer(), Unsure("the request left and no whole answer came")),
    ],
)
async def test_what_an_answer_to_a_put_means(tmp_path, answer, outcome):
    ended = await sent(a_bridge(tmp_path, Scripted(putRecord=answer)))
    assert isinstance(ended, outcome) if isinstance(outcome, type) else ended == outcome


async def test_a_limit_is_waited_for_as_long_as_it_says(tmp_path):
    server = Scripted(putRecord=failed("RateLimitExceeded", 429, ratelimit_reset=str(NOW + 90)))
    ended = await sent(a_bridge(tmp_path, server))
    assert isinstance(ended, Later)
    assert (ended.not_before, ended.scope) == (NOW + 90, "destination")


async def test_with_the_last_of_a_limit_the_account_rests(tmp_path):
    def put(body):
        uri = f"at://{DID}/{POST}/{body['rkey']}"
        limit = {"ratelimit_remaining": "0", "ratelimit_reset": str(NOW + 60)}
        return said({"uri": uri, "cid": CID}, **limit)

    ended = await sent(a_bridge(tmp_path, Scripted(putRecord=put)))
    assert isinstance(ended, Posted)
    assert ended.rest == NOW + 60


async def test_no_outcome_quotes_the_server(tmp_path):
    for status in (400, 401, 403, 404, 413, 429, 500, 503):
        server = Scripted(putRecord=failed("InvalidThing", status, "secret words"))
        ended = await sent(a_bridge(tmp_path, server))
        assert "secret" not in str(ended)
        assert "InvalidThing" not in str(ended)


async def test_a_post_without_anything_left_is_refused_before_it_leaves(tmp_path):
    server = Scripted()
    assert await sent(a_bridge(tmp_path, server), "\x00 \u202e\n") == Refused(
        "nothing is left of it to post"
    )
    assert await sent(a_bridge(tmp_path, server), media=[Media("image/bmp", b"BM")]) == Refused(
        "Bluesky does not take a medium of this type"
    )
    assert server.asked == []


# ---------------------------------------------------------------- find and check


@pytest.mark.parametrize(
    ("answer", "lookup"),
    [
        (failed("RecordNotFound"), Absent(strong=True)),
        (failed("InvalidRequest"), Unknown),
        (failed("RecordNotFound", 500), Unknown),
        (HTML, Unknown),
        (said({"uri": REF, "cid": CID, "value": {}}), Unknown),  # another record's
        (NotSent(), Unknown),
        (NoAnswer(), Unknown),
    ],
)
async def test_a_part_is_looked_for_at_its_own_address(tmp_path, answer, lookup):
    bridge = a_bridge(tmp_path, Scripted(getRecord=answer))
    [part] = await bridge.prepare(post_of())
    found = await bridge.find(attempt(part))
    assert isinstance(found, lookup) if isinstance(lookup, type) else found == lookup


async def test_a_part_that_lies_there_is_found(tmp_path):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    [part] = await bridge.prepare(post_of())
    posted = await bridge.send(attempt(part), Kept())
    server.answers[GET] = said({"uri": posted.ref, "cid": CID, "value": {}})
    assert await bridge.find(attempt(part)) == Found(posted.ref, posted.url)
    assert "authorization" not in server.headers(GET)[0]


async def test_the_account_is_named_by_its_id(tmp_path):
    assert await a_bridge(tmp_path, Scripted()).check() == Health(f"bluesky {DID}")


@pytest.mark.parametrize(
    ("name", "answer", "trouble"),
    [
        (WHO, said({"did": DID, "active": False, "status": "suspended"}), "closed to posts: log"),
        (WHO, failed("AccountTakedown", 401), "the account is suspended: log"),
        (WHO, NotSent(), "the server cannot be reached"),
        (WHO, HTML, "does not say whose"),
        (CREATE, failed("AuthenticationRequired", 401), "the handle or the password: make a new"),
        (CREATE, failed("AuthFactorTokenRequired", 401), "the account's own password: make a new"),
        (CREATE, failed("AccountTakedown", 401), "the account is suspended: log"),
        (CREATE, NotSent(), "the server cannot be reached"),
    ],
)
async def test_trouble_is_said_with_its_remedy(tmp_path, name, answer, trouble):
    health = await a_bridge(tmp_path, Scripted(**{name: answer})).check()
    assert trouble in health.trouble


# ---------------------------------------------------------------- remove and edit


async def test_a_post_is_removed_at_its_address(tmp_path):
    server = Scripted()
    assert await a_bridge(tmp_path, server).remove(REF) == Removed()
    assert server.bodies(DELETE) == [{"repo": DID, "collection": POST, "rkey": KEY}]


@pytest.mark.parametrize("ref", ["", "x", REF + "/x", REF.replace(DID, SOMEBODY)])
async def test_what_is_none_of_ours_is_refused_unasked(tmp_path, ref):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    assert isinstance(await bridge.remove(ref), Refused)
    assert isinstance(await bridge.edit(ref, post_of()), Refused)
    assert set(server.names) <= {CREATE}


@pytest.mark.parametrize("answer", [NoAnswer(), NotSent(), HTML, failed("UpstreamFailure", 502)])
async def test_doubt_about_a_removal_or_a_change_is_later(tmp_path, answer):
    there = said({"uri": REF, "cid": CID, "value": {}})
    bridge = a_bridge(tmp_path, Scripted(deleteRecord=answer, putRecord=answer, getRecord=there))
    assert isinstance(await bridge.remove(REF), Later)
    assert isinstance(await bridge.edit(REF, post_of()), Later)


async def test_a_change_keeps_the_time_and_the_place_in_the_thread(tmp_path):
    reply = {"root": {"uri": REF, "cid": CID}, "parent": {"uri": REF, "cid": CID}}
    value = {"text": "before", "createdAt": "2026-11-18T10:00:00.000Z", "reply": reply, "langs": []}
    server = Scripted(getRecord=said({"uri": REF, "cid": CID, "value": value}))
    changed = await a_bridge(tmp_path, server).edit(REF, post_of("after"))
    assert isinstance(changed, Posted)
    assert changed.ref == REF
    assert server.records() == [
        {
            "$type": POST,
            "text": "after",
            "createdAt": "2026-11-18T10:00:00.000Z",
            "langs": ["en"],
            "reply": reply,
        }
    ]


async def test_what_is_gone_or_too_long_is_not_changed(tmp_path):
    bridge = a_bridge(tmp_path, Scripted())
    assert await bridge.edit(REF, post_of("after")) == Refused("it is gone from the server")
    assert await bridge.edit(REF, post_of("word " * 200)) == Refused(
        "it does not fit into one post"
    )


def test_readers_may_go_on_to_show_what_was_before():
    assert Bluesky.earlier_versions
    assert json.dumps(Bluesky.again)


@pytest.mark.parametrize(
    ("there", "ended"),
    [
        (lambda place: said({"uri": place, "cid": CID, "value": {}}), Posted),
        (lambda place: failed("RecordNotFound"), Refused),
        (lambda place: failed("InternalServerError", 500), Unsure),
    ],
)
async def test_a_refusal_of_what_is_there_already_is_no_refusal(tmp_path, there, ended):
    """The answer to the first put was lost, and a repeat is turned away: it is public all the
    same."""
    http = Scripted(putRecord=[NoAnswer("x"), failed("InvalidRequest")])
    bridge = a_bridge(tmp_path, http)
    [part] = await bridge.prepare(post_of())
    assert isinstance(await bridge.send(attempt(part), Kept()), Unsure)
    [put] = http.bodies(PUT)
    http.answers[GET] = there(f"at://{put['repo']}/{put['collection']}/{put['rkey']}")
    assert isinstance(await bridge.send(attempt(part, n=2), Kept()), ended)


async def test_a_change_does_not_bring_back_what_was_taken_back_meanwhile(tmp_path):
    ref = f"at://{DID}/app.bsky.feed.post/3ke6kg3wk22xh"
    value = {"text": "x", "createdAt": "2026-11-18T11:00:00.000Z"}
    http = Scripted(
        getRecord=[said({"uri": ref, "cid": CID, "value": value}), failed("RecordNotFound")],
        putRecord=failed("InvalidSwap"),
    )
    bridge = a_bridge(tmp_path, http)
    assert isinstance(await bridge.edit(ref, post_of()), Later)
    assert http.bodies(PUT)[0]["swapRecord"] == CID
    assert isinstance(await bridge.edit(ref, post_of()), Refused)
