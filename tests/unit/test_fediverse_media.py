"""Media: shared out, uploaded late and once, remembered across tries."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.policy import HTTP

import pytest
from fediverse_parts import (
    NOW,
    Kept,
    a_bridge,
    attempt,
    post_of,
    refused,
    said,
    status,
)
from fediverse_parts import Server as Scripted

from bridges import kit
from bridges.fediverse import drafts, media, uploading
from bridges.fediverse.server import Server
from bridges.kit.forms import multipart
from bridges.kit.grouping import grouped
from bridges.kit.splitting import shortened
from relay.model import Absent, Later, Media, Posted, Refused, Stopped, Unsure
from relay.ports import MAX_KEPT, Answer, NoAnswer, NotSent

ONE = Media("image/png", b"one", "a roof")
TWO = Media("IMAGE/JPEG", b"two")
FILM = Media("video/mp4", b"film")


# ---------------------------------------------------------------- which, and with which


@pytest.mark.parametrize(
    ("medium", "why"),
    [
        (ONE, ""),
        (TWO, ""),
        (Media("image/tiff", b"x"), "of this type"),
        (Media("image/png\r\nX: y", b"x"), "of this type"),
        (Media("", b"x"), "of this type"),
        (Media("image/png", b""), "empty"),
        (Media("image/png", b"x" * 10), ""),
        (Media("image/png", b"x" * 11), "larger"),
        (Media("video/mp4", b"x" * 20), ""),
        (Media("video/mp4", b"x" * 21), "larger"),
    ],
)
def test_what_a_server_does_not_take_is_named(medium, why):
    told = media.not_taken([ONE, medium], Server(image_bytes=10, video_bytes=20))
    assert (why in told) if why else told == ""


def test_a_server_may_take_none_at_all():
    assert media.not_taken([ONE], Server(media=0)) == "the server takes no media"
    assert media.not_taken([], Server(media=0)) == ""


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        ([], []),
        ([ONE] * 4, [4]),
        ([ONE] * 5, [4, 1]),
        ([ONE, FILM, ONE], [1, 1, 1]),
        ([FILM, FILM], [1, 1]),
        ([ONE, TWO, FILM, ONE, ONE], [2, 1, 2]),
    ],
)
def test_images_go_together_and_a_film_alone_in_order(given, sizes):
    groups = grouped(given, Server().media, Server().alt)
    assert [len(group) for group in groups] == sizes
    assert [m.content for group in groups for m in group] == [m.content for m in given]


@pytest.mark.parametrize(
    ("alt", "most", "kept"),
    [("abcd", 4, "abcd"), ("abcde", 4, "abc…"), ("ab e\u0301\u0301", 5, "ab…"), ("", 4, "")],
)
def test_a_description_that_is_too_long_ends_with_an_ellipsis(alt, most, kept):
    assert shortened(alt, most) == kept


@pytest.mark.parametrize("content", [b"\x00\r\n--key\r\n--key--", b"plain", b"--key--key0"])
def test_an_upload_is_a_form_that_others_read(content):
    files = [("file", Media("image/png", content))]
    kind, body = multipart([("description", "یک بام\r\n--key")], files, "key")
    read = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=HTTP)
    file, description = read.iter_parts()
    assert file.get_payload(decode=True) == content
    assert (file.get_content_type(), file.get_filename()) == ("image/png", "1.png")
    assert description.get_payload(decode=True).decode() == "یک بام\r\n--key"
    assert b"description" not in multipart([], files, "key")[1]


def test_a_draft_is_the_same_after_it_was_frozen():
    draft = drafts.Draft("متن\n2", "public", "fa", "w", True, (ONE, FILM), "")
    assert drafts.thawed(drafts.frozen(draft)) == draft
    for broken in (drafts.frozen(draft) + b"x", drafts.frozen(draft)[:-1], b"", b"[]", b"{}\n"):
        with pytest.raises((ValueError, AttributeError)):
            drafts.thawed(broken)


def test_what_is_kept_fits_with_the_longest_ids_and_the_most_media():
    most = uploading.Uploaded(("x" * kit.MAX_REF_CHARACTERS,) * 16, 16, True)
    assert len(most.written()) <= MAX_KEPT
    assert uploading.kept(most.written()) == most
    assert uploading.kept(b"") == uploading.Uploaded()


# ---------------------------------------------------------------- sending

UPLOAD, POST = "POST /api/v2/media", "POST /api/v1/statuses"


def up(*ids, code=200):
    return [said({"id": id, "url": None}, code) for id in ids]


async def a_part(bridge, given=(ONE, TWO)):
    return (await bridge.prepare(post_of(media=given)))[0]


async def test_media_go_up_before_the_post_which_names_them(tmp_path):
    server = Scripted({UPLOAD: up("11", "12"), POST: said(status("5"))})
    bridge = a_bridge(tmp_path, server)
    keep = Kept()
    assert isinstance(await bridge.send(attempt(await a_part(bridge)), keep), Posted)
    [body] = server.bodies(POST)
    assert json.loads(body)["media_ids"] == ["11", "12"]
    assert [uploading.kept(one) for one in keep.all] == [
        uploading.Uploaded(("11",), 1),
        uploading.Uploaded(("11", "12"), 2),
        uploading.Uploaded(("11", "12"), 2, tried=True),
    ]


async def test_a_repeat_uploads_nothing_again(tmp_path):
    server = Scripted({UPLOAD: up("11", "12"), POST: [NoAnswer("x"), said(status("5"))]})
    bridge = a_bridge(tmp_path, server)
    part, keep = await a_part(bridge), Kept()
    assert isinstance(await bridge.send(attempt(part), keep), Unsure)
    assert isinstance(await bridge.send(attempt(part, 2, kept=keep.last), keep), Posted)
    assert len(server.bodies(UPLOAD)) == 2
    first, second = server.bodies(POST)
    assert first == second


async def test_an_upload_that_broke_off_goes_on_where_it_was(tmp_path):
    server = Scripted({UPLOAD: [*up("11"), NoAnswer("x"), *up("12")], POST: said(status("5"))})
    bridge = a_bridge(tmp_path, server)
    part, keep = await a_part(bridge), Kept()
    ended = await bridge.send(attempt(part), keep)
    why = "the request left and no whole answer came"
    assert ended == Later(why, scope="host")  # nothing was published
    assert isinstance(await bridge.send(attempt(part, 2, kept=keep.last), keep), Posted)
    assert json.loads(server.bodies(POST)[0])["media_ids"] == ["11", "12"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (refused(401), Stopped),
        (refused(403, "outside the authorized scopes"), Stopped),
        (refused(429, retry_after="9"), Later),
        (refused(422, "Validation failed: File"), Refused),
        (refused(413), Refused),
        (refused(415), Refused),
        (refused(500), Later),
        (refused(503), Later),
        (NotSent("x"), Later),
        (NoAnswer("x"), Later),
        (said({"id": "a/b"}), Later),
        (Answer(200, {"content-type": "text/html"}, b"<html>"), Later),
    ],
)
async def test_an_upload_that_fails_published_nothing(tmp_path, answer, outcome):
    server = Scripted({UPLOAD: answer})
    bridge = a_bridge(tmp_path, server)
    assert type(await bridge.send(attempt(await a_part(bridge)), Kept())) is outcome
    assert server.bodies(POST) == []


async def test_a_size_that_was_turned_away_is_not_tried_again(tmp_path):
    bridge = a_bridge(tmp_path, Scripted({UPLOAD: refused(413)}))
    await bridge.send(attempt(await a_part(bridge)), Kept())
    again = await a_part(bridge)
    assert await bridge.send(attempt(again), Kept()) == Refused(media.TOO_LARGE)
    smaller = await a_part(bridge, [Media("image/png", b"12")])
    assert not drafts.thawed(smaller.payload).refuse


async def test_a_medium_in_the_making_is_asked_for_and_not_waited_for(tmp_path):
    server = Scripted({UPLOAD: up("11", code=202), POST: said(status("5"))})
    server.answers["GET /api/v1/media/11"] = [said({"id": "11"}, 206), said({"id": "11"})]
    bridge = a_bridge(tmp_path, server)
    part, keep = await a_part(bridge, [FILM]), Kept()
    assert await bridge.send(attempt(part), keep) == Later(
        "a medium is not ready yet", NOW + 10, "delivery"
    )
    assert server.bodies(POST) == []
    assert isinstance(await bridge.send(attempt(part, 2, kept=keep.last), keep), Posted)
    assert len(server.bodies(UPLOAD)) == 1


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (refused(422), Refused("the server cannot use a medium")),
        (refused(404), Later("its media were gone, and are uploaded again")),
        (refused(401), Stopped),
        (NotSent("x"), Later),
        (NoAnswer("x"), Later),
        (refused(500), Later),
    ],
)
async def test_a_medium_that_was_not_made(tmp_path, answer, outcome):
    server = Scripted({UPLOAD: up("11", code=202), "GET /api/v1/media/11": answer})
    bridge = a_bridge(tmp_path, server)
    ended = await bridge.send(attempt(await a_part(bridge, [FILM])), Kept())
    assert ended == outcome if not isinstance(outcome, type) else type(ended) is outcome
    assert server.bodies(POST) == []


async def test_media_that_were_swept_before_any_post_go_up_again(tmp_path):
    server = Scripted({UPLOAD: [*up("11", code=202), *up("21")], POST: said(status("5"))})
    server.answers["GET /api/v1/media/11"] = refused(404)
    bridge = a_bridge(tmp_path, server)
    part, keep = await a_part(bridge, [FILM]), Kept()
    await bridge.send(attempt(part), keep)
    assert isinstance(await bridge.send(attempt(part, 2, kept=keep.last), keep), Posted)
    assert json.loads(server.bodies(POST)[0])["media_ids"] == ["21"]


async def test_media_that_are_gone_after_a_post_named_them_are_doubt(tmp_path):
    server = Scripted({"GET /api/v1/media/11": refused(404)})
    bridge = a_bridge(tmp_path, server)
    part = await a_part(bridge, [FILM])
    tried = uploading.Uploaded(("11",), 0, tried=True).written()
    assert isinstance(await bridge.send(attempt(part, 2, kept=tried), Kept()), Unsure)
    assert server.bodies(POST) == []


async def test_media_found_attached_when_it_was_tried_before_are_doubt(tmp_path):
    attached = refused(422, "Media 11 not found or already attached to another post")
    server = Scripted({POST: attached})
    bridge = a_bridge(tmp_path, server)
    part = await a_part(bridge, [FILM])
    tried = uploading.Uploaded(("11",), 1, tried=True).written()
    assert isinstance(await bridge.send(attempt(part, 2, kept=tried), Kept()), Unsure)


async def test_before_any_post_named_its_media_a_part_is_surely_absent(tmp_path):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    part = await a_part(bridge)
    kept = uploading.Uploaded(("11", "12"), 2).written()
    server.asked.clear()
    assert await bridge.find(attempt(part, kept=kept)) == Absent(strong=True)
    assert server.asked == []


async def test_media_stand_in_the_first_parts_and_make_parts_of_their_own_if_need_be(tmp_path):
    bridge = a_bridge(tmp_path, Scripted())
    parts = await bridge.prepare(post_of("word " * 150, media=[ONE]))
    assert [len(drafts.thawed(part.payload).media) for part in parts] == [1, 0]
    parts = await bridge.prepare(post_of("short", media=[ONE, FILM, TWO]))
    made = [drafts.thawed(part.payload) for part in parts]
    assert [draft.text for draft in made] == ["short\n(1/3)", "(2/3)", "(3/3)"]
    assert [draft.media[0].content for draft in made] == [b"one", b"film", b"two"]
    [alone] = await bridge.prepare(post_of("", media=[ONE]))
    assert drafts.thawed(alone.payload).text == ""
