"""The bridge to a Discord webhook before a scripted one: what is sent, and what answers mean."""

from __future__ import annotations

import pydantic
import pytest
from chat_bridge_parts import (
    NOW,
    PNG,
    Hands,
    Kept,
    Scripted,
    attempt,
    post_of,
    said,
    secret_file,
)
from hypothesis import given
from hypothesis import strategies as st
from stands.discord import shown

from bridges import kit
from bridges.discord import Discord
from bridges.guild import answers
from bridges.guild.composing import MESSAGE
from bridges.guild.markup import Marked, plain
from bridges.kit import drafts
from bridges.kit.counting import measure, units
from relay.model import (
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

HOOK = "/api/v10/webhooks/77/hidden-word"
URL = "https://discord.com/api/webhooks/77/hidden-word"
POST, LOOK = f"POST {HOOK}", f"GET {HOOK}"
PATCH, DELETE = f"PATCH {HOOK}/messages/5", f"DELETE {HOOK}/messages/5"


def made(id="5", **headers):
    return said({"id": id, "channel_id": "6", "content": "hello"}, **headers)


def no(code, status=400, **more):
    return said({"message": "No", "code": code, **more}, status)


def scripted(**more) -> Scripted:
    named = {"post": POST, "look": LOOK, "patch": PATCH, "delete": DELETE}
    known = {
        POST: made(),
        LOOK: said({"id": "77", "type": 1, "guild_id": "8", "channel_id": "6"}),
        PATCH: made(),
        DELETE: Answer(204),
    }
    return Scripted(known | {named[name]: one for name, one in more.items()}, no(0, 404))


def a_bridge(tmp_path, http, *, url=URL, **settings) -> Discord:
    file = secret_file(tmp_path, url)
    return Discord(Discord.Settings(webhook_file=file, **settings), http, Hands())


async def sent(bridge, text="hello", media=()):
    [part] = await bridge.prepare(post_of(text, media=media))
    return await bridge.send(attempt(part), Kept())


# ---------------------------------------------------------------- settings, secrets


@pytest.mark.parametrize(
    "more",
    [{"thread_id": "x"}, {"name": "n" * 81}, {"previews": "yes"}, {"file_bytes": 0}, {"u": 1}],
)
def test_settings_have_their_values(more):
    with pytest.raises(pydantic.ValidationError):
        Discord.Settings.model_validate({"webhook_file": "x", **more})


@pytest.mark.parametrize(
    "url",
    [
        "https://discord.com/api/webhooks/77/hidden-word",
        "https://discord.com/api/v10/webhooks/77/hidden-word/",
        "https://canary.discord.com/api/v9/webhooks/77/hidden-word",
        "https://discordapp.com/api/webhooks/77/hidden-word",
    ],
)
async def test_an_address_is_taken_as_it_is_copied(tmp_path, url):
    http = scripted()
    await sent(a_bridge(tmp_path, http, url=url))
    assert http.lines == [POST]


@pytest.mark.parametrize(
    "url",
    [
        "hidden",
        "https://discord.com/api/webhooks/77",
        "https://discord.com/api/webhooks/x/hidden",
        "http://discord.com/api/webhooks/77/hidden",
        "https://discord.com/api/webhooks/77/hidden?wait=true",
        "https://discord.com/api/webhooks/77/hidden/slack",
        "https://discord.com/api/webhooks/77/é",
    ],
)
def test_what_is_no_webhook_is_refused_and_not_quoted(tmp_path, url):
    with pytest.raises(kit.BadSecret) as caught:
        a_bridge(tmp_path, scripted(), url=url)
    assert "hidden" not in str(caught.value)


def test_it_says_how_its_secret_is_made_and_nothing_shows_it(tmp_path):
    bridge = a_bridge(tmp_path, scripted())
    assert set(Discord.secrets) <= set(Discord.Settings.model_fields)
    assert "hidden" not in repr(bridge) + repr(vars(bridge)) + repr(bridge._hook)
    assert bridge.once == Once("none")


# ---------------------------------------------------------------- what is sent


async def test_what_is_sent(tmp_path):
    http = scripted()
    bridge = a_bridge(tmp_path, http)
    await bridge.check()
    [part] = await bridge.prepare(post_of("متن @everyone", title="عنوان"))
    posted = await bridge.send(attempt(part, after="4"), Kept())
    assert posted == Posted("5", "https://discord.com/channels/8/6/5")
    assert http.asked[-1][1] == f"https://discord.com{HOOK}?wait=true"
    assert http.sent(POST) == [
        {
            "content": "عنوان\n\nمتن @\u2060everyone",
            "allowed_mentions": {"parse": []},
            "flags": 4,
        }
    ]


async def test_a_thread_a_name_previews_and_silence_are_as_the_operator_has_them(tmp_path):
    http = scripted()
    bridge = a_bridge(
        tmp_path, http, thread_id=9, name="News", previews="on", silent=True, mentions="on"
    )
    await sent(bridge, "@everyone")
    [one] = http.sent(POST)
    assert one == {
        "content": "@everyone",
        "allowed_mentions": {"parse": []},
        "username": "News",
        "flags": 4096,
    }
    await bridge.remove("5")
    assert [url.partition("?")[2] for _, url, _, _ in http.asked] == [
        "wait=true&thread_id=9",
        "thread_id=9",
    ]


async def test_pictures_go_with_the_first_part_and_what_they_show(tmp_path):
    http = scripted()
    assert isinstance(
        await sent(a_bridge(tmp_path, http), media=[PNG, Media("video/mp4", b"f")]), Posted
    )
    [one] = http.sent(POST)
    assert one["payload_json"]["attachments"] == [
        {"id": 0, "description": "a roof at night"},
        {"id": 1},
    ]
    assert (one["files[0]"], one["files[1]"]) == (PNG.content, b"f")


async def test_more_files_than_a_message_has_room_for_go_into_the_next(tmp_path):
    parts = await a_bridge(tmp_path, scripted()).prepare(post_of(media=[PNG] * 12))
    held = [drafts.thawed(part.payload) for part in parts]
    assert [len(one.media) for one in held] == [10, 2]
    assert held[0].text == "hello\n(1/2)"


@pytest.mark.parametrize(
    "medium",
    [
        Media("text/html", b"x"),
        Media("image/png", b""),
        Media("image/png", bytes(11 * 1024 * 1024)),
    ],
)
async def test_a_medium_that_is_not_taken_refuses_the_whole_post(tmp_path, medium):
    http = scripted()
    assert isinstance(await sent(a_bridge(tmp_path, http), media=[PNG, medium]), Refused)
    assert http.asked == []


# ---------------------------------------------------------------- Markdown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("*a* _b_ ~~c~~ `d` ||e||", r"\*a\* \_b\_ \~\~c\~\~ \`d\` \|\|e\|\|"),
        ("# big\n> quoted\n-# small", "\\# big\n\\> quoted\n\\-# small"),
        ("a - b # c > d", "a - b # c > d"),
        ("3. third\n1999.", "3\\. third\n1999."),
        ("[bank](https://evil.example)", r"\[bank](https://evil.example)"),
        ("<@123> <#4> <t:1>", r"\<@123> \<#4> \<t:1>"),
        ("https://example.org/a_b_(c)~d", "https://example.org/a_b_(c)~d"),
        ("https://example.org/a<@1>", r"https://example.org/a\<@1>"),
        ("a\\b", r"a\\b"),
        ("می‌خواهیم 👩‍👩‍👧‍👦", "می‌خواهیم 👩‍👩‍👧‍👦"),
    ],
)
def test_what_people_wrote_stays_what_it_is(text, written):
    assert plain(text) == written


@given(st.text(alphabet=st.sampled_from("ab1 \n\t\\*_~`|<>[]().#-@:/é😀")))
def test_it_is_never_longer_than_it_was_counted_and_shows_the_same(text):
    assert units(plain(text), "utf-16") <= measure(text, Marked())
    assert "://" in text or shown(plain(text)) == text


async def test_a_long_text_is_cut_within_the_limit_and_between_words(tmp_path):
    text = "می‌خواهیم *👩‍👩‍👧‍👦* 🇮🇷 " * 400
    parts = await a_bridge(tmp_path, scripted()).prepare(post_of(text))
    texts = [drafts.thawed(part.payload).text for part in parts]
    assert len(texts) > 2 and all(units(one, "utf-16") <= MESSAGE for one in texts)
    words = [word for one in texts for word in shown(one).rsplit("\n", 1)[0].split()]
    assert words == text.split()


# ---------------------------------------------------------------- what answers mean


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (NotSent(), Later("the host cannot be reached", scope="host")),
        (NoAnswer(), Unsure),
        (made(x_ratelimit_remaining="0", x_ratelimit_reset_after="2.5"), Posted("5", "", NOW + 3)),
        (made(x_ratelimit_remaining="4", x_ratelimit_reset_after="2.5"), Posted("5")),
        (
            said({"retry_after": 1.2, "global": False}, 429),
            Later(answers.LIMIT, NOW + 2, "destination"),
        ),
        (said({"retry_after": 1.2, "global": True}, 429), Later(answers.LIMIT, NOW + 2, "host")),
        (
            Answer(429, {"content-type": "text/html", "retry-after": "3600"}, b"<html>"),
            Later(answers.LIMIT, NOW + 3600, "host"),
        ),
        (no(20016, retry_after=30), Later(answers.LIMIT, NOW + 30, "destination")),
        (no(10015, 404), Stopped),
        (no(50027, 401), Stopped),
        (no(10003, 404), Stopped),
        (no(50013, 403), Stopped),
        (no(50083), Stopped),
        (no(220001), Stopped),
        (no(0, 401), Stopped),
        (no(0, 404), Stopped),
        (no(50035), Refused("Discord finds it not valid")),
        (no(50006), Refused("nothing is left of it to post")),
        (no(40005, 413), Refused("it is larger than Discord takes")),
        (Answer(413, {"content-type": "text/html"}), Refused("it is larger than Discord takes")),
        (no(200000), Refused("the server's automatic moderation blocks it")),
        (no(123456), Refused),
        (said({}, 500), Unsure),
        (said({}, 502), Unsure),
        (said({}, 503), Unsure),
        (said({}, 503, retry_after="60"), Later("answered 503", NOW + 60, "host")),
        (Answer(204), Unsure),
        (Answer(302, {"location": "https://example.org"}), Unsure),
        (Answer(200, {"content-type": "text/html"}, b"<html>log in</html>"), Unsure),
        (said({"id": {}, "channel_id": "6"}), Unsure),
        (said({"id": "5"}), Unsure),
    ],
)
async def test_what_an_answer_means(tmp_path, answer, outcome):
    ended = await sent(a_bridge(tmp_path, scripted(post=answer)))
    assert ended == outcome if not isinstance(outcome, type) else isinstance(ended, outcome)
    assert "hidden" not in repr(ended) and "hello" not in repr(ended)


async def test_nothing_can_be_looked_up(tmp_path):
    http = scripted()
    bridge = a_bridge(tmp_path, http)
    [part] = await bridge.prepare(post_of())
    assert isinstance(await bridge.find(attempt(part)), Unknown)
    assert http.asked == []


# ---------------------------------------------------------------- check, remove, edit


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (NotSent(), "cannot be reached"),
        (no(10015, 404), "make a webhook"),
        (no(50027, 401), "make a webhook"),
        (said({}, 502), "answered 502"),
        (said({"id": "78"}), "answered 200"),
    ],
)
async def test_what_is_in_the_way_is_told_with_the_remedy(tmp_path, answer, told):
    health = await a_bridge(tmp_path, scripted(look=answer)).check()
    assert health.account == "discord 77" and told in health.trouble
    assert "hidden" not in health.trouble


async def test_a_webhook_is_named_by_its_number(tmp_path):
    assert await a_bridge(tmp_path, scripted()).check() == Health("discord 77")


@pytest.mark.parametrize(
    ("answer", "removal"),
    [
        (Answer(204), Removed),
        (no(10008, 404), Removed),
        (no(10015, 404), Stopped),
        (NoAnswer(), Later),
        (said({}, 500), Later),
        (said({"retry_after": 1}, 429), Later),
    ],
)
async def test_what_a_removal_comes_to(tmp_path, answer, removal):
    bridge = a_bridge(tmp_path, scripted(delete=answer))
    assert isinstance(await bridge.remove("5"), removal)


@pytest.mark.parametrize("ref", ["", "x", "5/6", "5?x", "٥", "5\n", "1" * 21])
async def test_a_ref_that_can_be_none_of_ours_is_refused_unasked(tmp_path, ref):
    http = scripted()
    bridge = a_bridge(tmp_path, http)
    assert isinstance(await bridge.remove(ref), Refused)
    assert isinstance(await bridge.edit(ref, post_of()), Refused)
    assert http.asked == []


async def test_a_message_is_changed_with_its_files(tmp_path):
    http = scripted()
    bridge = a_bridge(tmp_path, http)
    assert await bridge.edit("5", post_of("changed")) == Posted("5")
    assert isinstance(await bridge.edit("5", post_of("changed", media=[PNG])), Posted)
    bare, pictured = http.sent(PATCH)
    assert (bare["content"], bare["attachments"]) == ("changed", [])
    assert pictured["payload_json"]["attachments"] == [{"id": 0, "description": PNG.alt}]


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (no(10008, 404), Refused),
        (no(10015, 404), Stopped),
        (made("6"), Later),
        (NoAnswer(), Later),
        (no(50035), Refused),
    ],
)
async def test_what_a_change_comes_to(tmp_path, answer, ended):
    bridge = a_bridge(tmp_path, scripted(patch=answer))
    assert isinstance(await bridge.edit("5", post_of("changed")), ended)


async def test_a_change_does_not_split(tmp_path):
    http = scripted()
    assert isinstance(await a_bridge(tmp_path, http).edit("5", post_of("word " * 2000)), Refused)
    assert http.asked == []
