"""What a server says of itself, what is believed, and how long."""

from __future__ import annotations

import json

import pytest
from fediverse_parts import Hands, a_bridge, attempt, post_of, refused, said
from fediverse_parts import Server as Scripted

from bridges.fediverse.server import TYPES, Server, described
from relay.model import Once
from relay.ports import Answer, NoAnswer, NotSent


def instance(statuses=None, media=None, **more):
    return {
        "configuration": {"statuses": statuses or {}, "media_attachments": media or {}},
        **more,
    }


def named(name):
    return {"software": {"name": name, "version": "1"}}


def test_what_is_said_is_taken():
    server = described(
        instance(
            {"max_characters": 1000, "max_media_attachments": 6, "characters_reserved_per_url": 25},
            {
                "supported_mime_types": ["image/png", "video/webm", 5],
                "image_size_limit": 16777216,
                "video_size_limit": 103809024,
                "description_limit": 5000,
            },
        ),
        named("Mastodon"),
    )
    types = frozenset({"image/png", "video/webm"})
    assert server == Server("mastodon", 1000, 25, 6, types, 16777216, 103809024, 5000)


@pytest.mark.parametrize(
    ("said_of_it", "characters"),
    [
        ({}, 500),
        (instance({"max_characters": 200}), 200),
        (instance({"max_characters": 199}), 500),
        (instance({"max_characters": 1_000_000}), 1_000_000),
        (instance({"max_characters": 1_000_001}), 500),
        (instance({"max_characters": "many"}), 500),
        (instance({"max_characters": True}), 500),
        (instance({"max_characters": -1}), 500),
        ({"configuration": []}, 500),
        ({"max_toot_chars": 5000}, 5000),
    ],
)
def test_a_length_that_cannot_be_right_is_not_believed(said_of_it, characters):
    assert described(said_of_it, None).characters == characters


@pytest.mark.parametrize(("most", "media"), [(0, 0), (16, 16), (17, 16), (-1, 4), (None, 4)])
def test_no_more_media_than_can_be_kept_in_mind(most, media):
    assert described(instance({"max_media_attachments": most}), None).media == media


def test_types_that_are_none_leave_those_that_everybody_takes():
    assert described(instance(None, {"supported_mime_types": []}), None).types == TYPES
    assert described(instance(None, {"supported_mime_types": "all"}), None).types == TYPES


@pytest.mark.parametrize(
    ("said_of_it", "nodeinfo", "software"),
    [
        ({}, named("mastodon"), "mastodon"),
        ({}, named("GoToSocial"), "gotosocial"),
        ({"version": "2.7.2 (compatible; Pleroma 2.5.0)"}, None, "pleroma"),
        ({"source_url": "https://github.com/mastodon/mastodon"}, None, "mastodon"),
        ({"version": "4.3.0"}, None, ""),
        ({"source_url": "https://github.com/mastodon/mastodon"}, named("akkoma"), "akkoma"),
        ({}, {"software": {"name": 5}}, ""),
        ({}, {"software": "mastodon"}, ""),
    ],
)
def test_the_software_is_what_nodeinfo_names_else_what_the_version_tells(
    said_of_it, nodeinfo, software
):
    assert described(said_of_it, nodeinfo).software == software


@pytest.mark.parametrize(
    ("software", "keeps", "unit", "by_host"),
    [
        ("mastodon", True, "graphemes", False),
        ("gotosocial", False, "code points", True),
        ("pleroma", False, "code points", False),
        ("", False, "code points", False),
    ],
)
def test_each_software_has_its_manners(software, keeps, unit, by_host):
    server = Server(software)
    assert (server.keeps_keys, server.counting.unit, server.limits_by_host) == (
        keeps,
        unit,
        by_host,
    )


# ---------------------------------------------------------------- through the bridge


async def parts(bridge, length):
    return len(await bridge.prepare(post_of("a" * length)))


async def test_limits_are_asked_once_in_six_hours(tmp_path):
    clock, server = Hands(), Scripted()
    bridge = a_bridge(tmp_path, server, clock)
    assert await parts(bridge, 498) == 1 and await parts(bridge, 499) == 2
    asked = len(server.asked)
    clock.at += 6 * 3600 - 1
    await parts(bridge, 10)
    assert len(server.asked) == asked
    server.answers["GET /api/v2/instance"] = said(instance({"max_characters": 1000}))
    clock.at += 1
    assert await parts(bridge, 998) == 1
    assert await parts(bridge, 999) == 2


@pytest.mark.parametrize(
    "answer",
    [NotSent("x"), NoAnswer("x"), refused(500), Answer(200, {"content-type": "text/html"}, b"x")],
)
async def test_a_server_that_does_not_tell_gets_what_every_server_takes(tmp_path, answer):
    clock = Hands()
    server = Scripted({f"GET /api/v{n}/instance": answer for n in (1, 2)})
    bridge = a_bridge(tmp_path, server, clock)
    assert await parts(bridge, 498) == 1 and await parts(bridge, 499) == 2
    assert bridge.once == Once("lookup")
    asked = len(server.asked)
    clock.at += 59
    await parts(bridge, 10)
    assert len(server.asked) == asked
    clock.at += 1
    server.answers.clear()
    await parts(bridge, 10)
    assert bridge.once == Once("exact", 3300, everywhere=True)


async def test_what_was_learnt_stays_while_the_server_is_silent(tmp_path):
    clock = Hands()
    server = Scripted({"GET /api/v2/instance": said(instance({"max_characters": 1000}))})
    bridge = a_bridge(tmp_path, server, clock)
    assert await parts(bridge, 998) == 1
    clock.at += 6 * 3600
    server.answers = {f"GET /api/v{n}/instance": NotSent("x") for n in (1, 2)}
    assert await parts(bridge, 998) == 1
    assert bridge.once == Once("exact", 3300, everywhere=True)


async def test_an_old_server_tells_in_its_old_way(tmp_path):
    old = said({"max_toot_chars": 3000, "version": "2.7.2 (compatible; Pleroma 2.5.0)"})
    server = Scripted({"GET /api/v1/instance": old, "GET /api/v2/instance": refused(404)})
    server.answers["GET /.well-known/nodeinfo"] = refused(404)
    bridge = a_bridge(tmp_path, server)
    assert not (await bridge.check()).trouble
    assert bridge.once == Once("lookup")
    assert await parts(bridge, 2998) == 1 and await parts(bridge, 2999) == 2


@pytest.mark.parametrize("href", ["http://[", 5, "", "nodeinfo"])
async def test_a_nodeinfo_that_leads_nowhere_is_none(tmp_path, href):
    server = Scripted({"GET /.well-known/nodeinfo": said({"links": [{"href": href}]})})
    bridge = a_bridge(tmp_path, server)
    assert not (await bridge.check()).trouble
    assert bridge.once == Once("lookup")


async def test_a_text_found_too_long_makes_it_ask_anew(tmp_path):
    too_long = refused(422, "Validation failed: Text character limit of 300 exceeded")
    server = Scripted({"POST /api/v1/statuses": too_long})
    bridge = a_bridge(tmp_path, server)
    [part] = await bridge.prepare(post_of("a" * 400))
    server.answers["GET /api/v2/instance"] = said(instance({"max_characters": 300}))
    await bridge.send(attempt(part), None)
    assert await parts(bridge, 400) == 2


async def test_a_content_warning_takes_room_from_each_text(tmp_path):
    bridge = a_bridge(tmp_path, Scripted(), content_warning="x" * 100)
    assert await parts(bridge, 398) == 1 and await parts(bridge, 399) == 2
    [part] = await bridge.prepare(post_of())
    assert json.loads(part.payload.partition(b"\n")[0])["warning"] == "x" * 100
