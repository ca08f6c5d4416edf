"""The bridge to Telegram before a scripted one: what is sent, what answers mean, its channel."""

from __future__ import annotations

import json

import pydantic
import pytest
from chat_bridge_parts import (
    MP3,
    MP4,
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

from bridges import kit
from bridges.channel import answers
from bridges.channel.composing import CAPTION, MESSAGE
from bridges.kit import drafts
from bridges.kit.counting import units
from bridges.telegram import NO_SUCH, Telegram
from relay.model import (
    Health,
    Later,
    Media,
    Once,
    Posted,
    Refused,
    Removed,
    Replied,
    Reply,
    Stopped,
    Unsure,
)
from relay.ports import Answer, NoAnswer, NotSent

SLOW = "Telegram's limit is reached"
TOKEN = "123456:hidden-word"
CHAT = {"id": -1001234, "type": "channel", "username": "news", "title": "News"}
MEMBER = {"status": "administrator", "can_post_messages": True}


def message(id=7, **more):
    return said({"ok": True, "result": {"message_id": id, "date": NOW, "chat": CHAT, **more}})


def album(*ids):
    return said({"ok": True, "result": [{"message_id": id, "chat": CHAT} for id in ids]})


def no(status, description="", **parameters):
    more = {"parameters": parameters} if parameters else {}
    return said(
        {"ok": False, "error_code": status, "description": f"Bad Request: {description}", **more},
        status,
    )


def well(value):
    return said({"ok": True, "result": value})


def scripted(**more) -> Scripted:
    made = Scripted(
        {
            "getMe": well({"id": 5, "is_bot": True}),
            "getChat": well(CHAT),
            "getChatMember": well(MEMBER),
            "sendMessage": message(),
            "deleteMessage": well(True),
            **more,
        },
        no(404, "Not Found"),
    )
    made.name = lambda method, url: url.removeprefix(f"https://api.telegram.org/bot{TOKEN}/")
    return made


def a_bridge(tmp_path, http, *, token=TOKEN, clock=None, **settings) -> Telegram:
    file = secret_file(tmp_path, token)
    made = Telegram.Settings(token_file=file, **{"chat": "@news", **settings})
    return Telegram(made, http, clock or Hands())


async def sent(bridge, text="hello", after=None, media=(), kept=b""):
    [part] = await bridge.prepare(post_of(text, media=media))
    return await bridge.send(attempt(part, after=after, kept=kept), Kept())


# ---------------------------------------------------------------- settings, secrets


@pytest.mark.parametrize(
    "more",
    [
        {"chat": "news"},
        {"chat": "https://t.me/news"},
        {"audit": "-"},
        {"audit": "@news"},
        {"audit": "@others"},
        {"audit": "-100123", "chat": "-100123"},
        {"since": 5},
        {"since": 0},
        {"previews": "yes"},
        {"api": "http://api.telegram.org"},
        {"token": "t"},
    ],
)
def test_settings_have_their_values(more):
    with pytest.raises(pydantic.ValidationError):
        Telegram.Settings.model_validate({"token_file": "x", "chat": "@news", **more})


def test_a_chat_may_be_written_as_a_number():
    made = Telegram.Settings.model_validate({"token_file": "x", "chat": -100123, "audit": -5})
    assert (made.chat, made.audit) == ("-100123", "-5")


@pytest.mark.parametrize("token", ["nonsense", "1:a b", "1:a/b", "1:é", ":x"])
def test_what_is_no_token_is_refused_and_not_quoted(tmp_path, token):
    with pytest.raises(kit.BadSecret) as caught:
        a_bridge(tmp_path, scripted(), token=token)
    assert token not in str(caught.value)


def test_it_says_how_its_secret_is_made_and_nothing_shows_it(tmp_path):
    bridge = a_bridge(tmp_path, scripted())
    assert set(Telegram.secrets) <= set(Telegram.Settings.model_fields)
    assert "hidden" not in repr(bridge) + repr(vars(bridge)) + repr(bridge._api)


@pytest.mark.parametrize(
    ("settings", "means"),
    [({}, "none"), ({"audit": "-5"}, "lookup"), ({"public_page": True}, "lookup")],
)
def test_what_repeating_does_rests_on_what_is_set_up(tmp_path, settings, means):
    assert a_bridge(tmp_path, scripted(), **settings).once == Once(means)


# ---------------------------------------------------------------- what is sent


async def test_what_is_sent(tmp_path):
    http = scripted()
    bridge = a_bridge(tmp_path, http)
    [part] = await bridge.prepare(post_of("متن @bob *a* <b>", title="عنوان"))
    posted = await bridge.send(attempt(part, after="5"), Kept())
    assert posted == Posted("7", "https://t.me/news/7")
    assert http.lines == ["sendMessage"]
    assert http.sent("sendMessage") == [
        {
            "chat_id": "@news",
            "text": "عنوان\n\nمتن @\u2060bob *a* <b>",
            "link_preview_options": {"is_disabled": True},
            "reply_parameters": {"message_id": 5, "allow_sending_without_reply": True},
        }
    ]


async def test_names_previews_and_silence_are_as_the_operator_has_them(tmp_path):
    http = scripted()
    await sent(a_bridge(tmp_path, http, mentions="on", previews="on", silent=True), "@bob #tag")
    [one] = http.sent("sendMessage")
    assert one["text"] == "@bob #tag"
    assert one["link_preview_options"] == {"is_disabled": False}
    assert one["disable_notification"] is True


async def test_a_picture_goes_with_its_text_and_what_it_shows(tmp_path):
    http = scripted(sendPhoto=message(9))
    assert (await sent(a_bridge(tmp_path, http), media=[PNG], after="5")).ref == "9"
    [one] = http.sent("sendPhoto")
    assert one["caption"] == "hello\n\n[a roof at night]"
    assert one["photo"] == PNG.content
    assert one["reply_parameters"]["message_id"] == 5


@pytest.mark.parametrize(
    ("type", "method", "field"),
    [
        ("image/gif", "sendAnimation", "animation"),
        ("video/mp4", "sendVideo", "video"),
        ("audio/mpeg", "sendAudio", "audio"),
        ("application/pdf", "sendDocument", "document"),
    ],
)
async def test_each_kind_of_medium_has_its_method(tmp_path, type, method, field):
    http = scripted(**{method: message(9)})
    await sent(a_bridge(tmp_path, http), media=[Media(type, b"content")])
    [one] = http.sent(method)
    assert one[field] == b"content" and one["caption"] == "hello"


async def test_an_album_is_one_request_and_one_ref_of_all_its_numbers(tmp_path):
    http = scripted(sendMediaGroup=album(12, 13))
    posted = await sent(a_bridge(tmp_path, http), media=[PNG, MP4])
    assert posted == Posted("12.13", "https://t.me/news/12")
    [one] = http.sent("sendMediaGroup")
    assert one["media"] == [
        {
            "type": "photo",
            "media": "attach://file0",
            "caption": "hello\n\n[1: a roof at night]\n[2: a street]",
        },
        {"type": "video", "media": "attach://file1"},
    ]
    assert (one["file0"], one["file1"]) == (PNG.content, MP4.content)


async def test_an_album_that_answers_with_fewer_messages_is_doubt(tmp_path):
    http = scripted(sendMediaGroup=album(12))
    assert isinstance(await sent(a_bridge(tmp_path, http), media=[PNG, MP4]), Unsure)


async def test_what_does_not_go_together_goes_in_several_messages(tmp_path):
    bridge = a_bridge(tmp_path, scripted())
    parts = await bridge.prepare(post_of(media=[*[PNG] * 11, MP3, MP3, Media("image/gif", b"g")]))
    made = [drafts.thawed(part.payload) for part in parts]
    assert [len(one.media) for one in made] == [10, 1, 2, 1]
    assert made[0].text.startswith("hello\n\n[1: a roof") and made[2].text == ""


async def test_pictures_come_before_a_text_that_does_not_fit_beside_them(tmp_path):
    bridge = a_bridge(tmp_path, scripted())
    parts = await bridge.prepare(post_of("word " * 1000, media=[PNG]))
    made = [drafts.thawed(part.payload) for part in parts]
    assert [(one.text, len(one.media)) for one in made[:1]] == [("[a roof at night]", 1)]
    assert [one.text[-5:] for one in made[1:]] == ["(1/2)", "(2/2)"]
    assert not any(one.media for one in made[1:])


async def test_a_long_text_is_cut_within_utf_16_units_and_between_words(tmp_path):
    text = "می‌خواهیم 👩‍👩‍👧‍👦 🇮🇷 " * 900
    parts = await a_bridge(tmp_path, scripted()).prepare(post_of(text))
    made = [drafts.thawed(part.payload).text for part in parts]
    assert len(made) > 2 and all(units(one, "utf-16") <= MESSAGE for one in made)
    said = [word for one in made for word in one.rsplit("\n", 1)[0].split()]
    assert said == text.split()


async def test_descriptions_that_are_too_long_for_a_caption_are_shortened(tmp_path):
    media = [Media("image/png", b"x", "👩‍👩‍👧‍👦 " * 300)] * 3
    [part] = await a_bridge(tmp_path, scripted()).prepare(post_of("", media=media))
    caption = drafts.thawed(part.payload).text
    assert units(caption, "utf-16") <= CAPTION
    assert [line[:3] for line in caption.split("\n")] == ["[1:", "[2:", "[3:"]


@pytest.mark.parametrize(
    "medium",
    [
        Media("text/html", b"x"),
        Media("image/png", b""),
        Media("image/png", bytes(10_000_001)),
        Media("video/mp4", bytes(50_000_001)),
    ],
)
async def test_a_medium_that_is_not_taken_refuses_the_whole_post(tmp_path, medium):
    http = scripted()
    assert isinstance(await sent(a_bridge(tmp_path, http), media=[PNG, medium]), Refused)
    assert http.asked == []


async def test_a_text_of_which_nothing_is_left_is_refused(tmp_path):
    http = scripted()
    assert isinstance(await sent(a_bridge(tmp_path, http), " \u202e "), Refused)
    assert http.asked == []


# ---------------------------------------------------------------- the last known number


async def test_the_last_known_number_is_kept_before_anything_is_sent(tmp_path):
    http, kept = scripted(sendMessage=[message(41), NoAnswer()]), Kept()
    bridge = a_bridge(tmp_path, http)
    [one], [two] = await bridge.prepare(post_of("one")), await bridge.prepare(post_of("two"))
    await bridge.send(attempt(one), kept)
    await bridge.send(attempt(two), kept)
    assert [json.loads(what)["last"] for what in kept.all] == [None, 41]


async def test_a_new_process_knows_the_number_too(tmp_path):
    await sent(a_bridge(tmp_path, scripted(sendMessage=message(41))))
    kept, bridge = Kept(), a_bridge(tmp_path, scripted())
    [part] = await bridge.prepare(post_of("two"))
    await bridge.send(attempt(part), kept)
    assert json.loads(kept.all[0])["last"] == 41


async def test_what_was_kept_before_the_first_try_stays(tmp_path):
    kept, bridge = Kept(), a_bridge(tmp_path, scripted())
    [part] = await bridge.prepare(post_of())
    await bridge.send(attempt(part, n=2, kept=b'{"last": 3}'), kept)
    assert kept.all == []


async def test_after_a_try_that_did_nothing_it_is_kept_anew(tmp_path):
    kept = Kept()
    bridge = a_bridge(tmp_path, scripted(sendMessage=no(429, retry_after=7)))
    [part] = await bridge.prepare(post_of())
    await bridge.send(attempt(part), kept)
    assert kept.all[-1] == b""


async def test_two_channels_of_one_bot_do_not_share_numbers(tmp_path):
    await sent(a_bridge(tmp_path, scripted(sendMessage=message(41))))
    await sent(a_bridge(tmp_path, scripted(sendMessage=message(3)), chat="@other"))
    for chat, last in (("@news", 41), ("@other", 3)):
        assert a_bridge(tmp_path, scripted(), chat=chat)._numbers.last == last


# ---------------------------------------------------------------- what answers mean


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (NotSent(), Later("the host cannot be reached", scope="host")),
        (NoAnswer(), Unsure),
        (
            no(429, "Too Many Requests: retry after 7", retry_after=7),
            Later(SLOW, NOW + 7, "destination"),
        ),
        (
            said({}, 429, retry_after="9"),
            Later("Telegram's limit is reached", NOW + 9, "destination"),
        ),
        (
            no(429, retry_after=10**9),
            Later("Telegram's limit is reached", NOW + 21600, "destination"),
        ),
        (no(401, "Unauthorized"), Stopped),
        (no(404, "Not Found"), Stopped),
        (no(403, "bot was kicked from the channel chat"), Stopped),
        (no(400, "chat not found"), Stopped),
        (no(400, "need administrator rights in the channel chat"), Stopped),
        (no(400, "CHAT_WRITE_FORBIDDEN"), Stopped),
        (
            no(400, "group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1009),
            Stopped(answers.MIGRATED, 'write chat = "-1009" into its section'),
        ),
        (no(400, "message is too long"), Refused("it is longer than Telegram takes")),
        (no(400, "text must be non-empty"), Refused("nothing is left of it to post")),
        (no(400, "PHOTO_INVALID_DIMENSIONS"), Refused("Telegram cannot use a medium")),
        (no(400, "something new"), Refused),
        (no(413, "Request Entity Too Large"), Refused),
        (no(500, "Internal Server Error: restart"), Unsure),
        (said({}, 502), Unsure),
        (said({}, 503), Unsure),
        (said({}, 503, retry_after="60"), Later("answered 503", NOW + 60, "host")),
        (said({}, 504), Unsure),
        (Answer(302, {"location": "https://example.org"}), Unsure),
        (Answer(200, {"content-type": "text/html"}, b"<html>log in</html>"), Unsure),
        (said({"ok": "yes", "result": {"message_id": 7}}), Unsure),
        (said({"ok": True, "result": {"message_id": "7"}}), Unsure),
        (said({"ok": True, "result": True}), Unsure),
    ],
)
async def test_what_an_answer_means(tmp_path, answer, outcome):
    ended = await sent(a_bridge(tmp_path, scripted(sendMessage=answer)))
    assert ended == outcome if not isinstance(outcome, type) else isinstance(ended, outcome)
    shown = repr(ended)
    assert "hidden" not in shown and "hello" not in shown


# ---------------------------------------------------------------- check


async def test_a_channel_is_named_by_its_number(tmp_path):
    assert await a_bridge(tmp_path, scripted()).check() == Health("telegram -1001234")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"getMe": no(401, "Unauthorized")}, "@BotFather"),
        ({"getMe": no(404, "Not Found")}, "@BotFather"),
        ({"getMe": NotSent()}, "cannot be reached"),
        ({"getChat": no(400, "chat not found")}, "administrator of the channel"),
        ({"getChatMember": no(400, "member list is inaccessible")}, "does not say"),
        ({"getChatMember": well({"status": "left"})}, "administrator of the channel"),
        ({"getChatMember": well({"status": "administrator"})}, "administrator of the channel"),
    ],
)
async def test_what_is_in_the_way_is_told_with_the_remedy(tmp_path, more, told):
    health = await a_bridge(tmp_path, scripted(**more)).check()
    assert told in health.trouble and "hidden" not in health.trouble


async def test_a_look_up_that_cannot_work_is_told_beforehand(tmp_path):
    closed = scripted(getChat=well(CHAT | {"has_protected_content": True}))
    assert "forwarded" in (await a_bridge(tmp_path, closed, audit="-5").check()).trouble
    outside = scripted(getChatMember=[well(MEMBER), no(400, "chat not found")])
    assert "`audit`" in (await a_bridge(tmp_path, outside, audit="-5").check()).trouble


async def test_a_first_number_is_taken_up_only_if_a_message_has_it(tmp_path):
    missing = scripted(forwardMessage=no(400, "message to forward not found"))
    bridge = a_bridge(tmp_path, missing, audit="-5", since=40)
    assert (await bridge.check()).trouble == NO_SUCH
    assert bridge._numbers.last is None
    there = scripted(forwardMessage=message(3), deleteMessage=well(True))
    bridge = a_bridge(tmp_path, there, audit="-5", since=40)
    assert (await bridge.check()).trouble == "" and bridge._numbers.last == 40
    assert there.lines[-2:] == ["forwardMessage", "deleteMessage"]
    await bridge.check()
    assert there.lines.count("forwardMessage") == 1


# ---------------------------------------------------------------- remove, edit


async def test_an_album_is_removed_in_whole(tmp_path):
    http = scripted(deleteMessage=[well(True), no(400, "message to delete not found")])
    assert await a_bridge(tmp_path, http).remove("12.13") == Removed()
    assert [one["message_id"] for one in http.sent("deleteMessage")] == [12, 13]


@pytest.mark.parametrize(
    ("answer", "removal"),
    [
        (no(400, "message can't be deleted for everyone"), Refused),
        (NoAnswer(), Later),
        (no(500), Later),
        (no(429, retry_after=5), Later),
        (no(401), Stopped),
    ],
)
async def test_what_a_removal_comes_to(tmp_path, answer, removal):
    bridge = a_bridge(tmp_path, scripted(deleteMessage=answer))
    assert isinstance(await bridge.remove("12"), removal)


@pytest.mark.parametrize(
    "ref", ["", "0", "01", "1.", "1..2", "-3", "1" * 20, ".".join("1" * 11), "x"]
)
async def test_a_ref_that_can_be_none_of_ours_is_refused_unasked(tmp_path, ref):
    http = scripted()
    bridge = a_bridge(tmp_path, http)
    assert isinstance(await bridge.remove(ref), Refused)
    assert isinstance(await bridge.edit(ref, post_of()), Refused)
    assert http.asked == []


async def test_a_text_is_changed_in_place(tmp_path):
    http = scripted(editMessageText=message(7))
    posted = await a_bridge(tmp_path, http).edit("7", post_of("changed"))
    assert posted == Posted("7", "https://t.me/news/7")
    assert http.sent("editMessageText")[0]["text"] == "changed"


async def test_a_picture_is_changed_with_its_caption(tmp_path):
    http = scripted(editMessageMedia=message(7))
    assert isinstance(await a_bridge(tmp_path, http).edit("7", post_of(media=[PNG])), Posted)
    [one] = http.sent("editMessageMedia")
    assert one["media"]["caption"] == "hello\n\n[a roof at night]"
    assert one["media"]["media"] == "attach://file0" and one["file0"] == PNG.content


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (no(400, "message is not modified: it is the same"), Posted),
        (no(400, "message to edit not found"), Refused),
        (no(400, "there is no text in the message to edit"), Refused),
        (no(400, "message can't be edited"), Refused),
        (no(500), Later),
        (NoAnswer(), Later),
        (no(403), Stopped),
    ],
)
async def test_what_a_change_comes_to(tmp_path, answer, ended):
    bridge = a_bridge(tmp_path, scripted(editMessageText=answer))
    assert isinstance(await bridge.edit("7", post_of("changed")), ended)


async def test_a_change_does_not_split_and_keeps_the_number_of_media(tmp_path):
    http = scripted()
    bridge = a_bridge(tmp_path, http)
    assert isinstance(await bridge.edit("7", post_of("word " * 2000)), Refused)
    assert isinstance(await bridge.edit("7", post_of(media=[PNG, PNG])), Refused)
    assert http.asked == []


# ---------------------------------------------------------------- answers


def update(id, number, **more):
    return {"update_id": id, "message": {"message_id": number, "date": NOW, **more}}


def forward(number, of):
    origin = {"type": "channel", "chat": CHAT, "message_id": of, "date": NOW}
    return {"message_id": number, "is_automatic_forward": True, "forward_origin": origin}


def test_answers_are_read_only_where_that_is_set(tmp_path):
    assert not hasattr(a_bridge(tmp_path, scripted()), "replies")
    assert hasattr(a_bridge(tmp_path, scripted(), replies=True), "replies")


async def test_answers_under_a_forwarded_message_are_read_and_never_who(tmp_path):
    http = scripted(
        getUpdates=[
            well(
                [
                    update(1, 50, **forward(50, 7)),
                    update(2, 51, text="hi", reply_to_message=forward(50, 7)),
                    {"update_id": 3, "channel_post": {}},
                ]
            ),
            well(
                [
                    update(4, 52, text="to hi", message_thread_id=50, **{"from": {"id": 9}}),
                    update(5, 53, text="to nobody"),
                ]
            ),
            well([]),
        ]
    )
    bridge = a_bridge(tmp_path, http, replies=True)
    first = await bridge.replies(b"")
    second = await bridge.replies(first.cursor)
    third = await bridge.replies(second.cursor)
    assert first.replies == (Reply("51", "7", "hi", NOW),)
    assert second.replies == (Reply("52", "7", "to hi", NOW),)
    assert third == Replied((), second.cursor)
    assert [one.get("offset") for one in http.sent("getUpdates")] == [None, 4, 6]


async def test_an_answer_to_an_album_is_to_all_of_it(tmp_path):
    http = scripted(
        sendMediaGroup=album(7, 8),
        getUpdates=well([update(2, 51, text="hi", reply_to_message=forward(50, 7))]),
    )
    bridge = a_bridge(tmp_path, http, replies=True)
    await sent(bridge, media=[PNG, PNG])
    assert (await bridge.replies(b"")).replies[0].to == "7.8"


async def test_a_cursor_stays_small_however_many_threads_there_are(tmp_path):
    many = [update(id, id, **forward(10**9 + id, 10**9 + id)) for id in range(1, 101)]
    bridge = a_bridge(tmp_path, scripted(getUpdates=well(many)), replies=True)
    cursor = b""
    for _ in range(3):
        cursor = (await bridge.replies(cursor)).cursor
    assert len(cursor) <= 4096


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (no(409, "terminated by other getUpdates request"), "another program"),
        (no(409, "can't use getUpdates method while webhook is active"), "webhook"),
        (NoAnswer(), "no whole answer"),
    ],
)
async def test_why_there_are_no_answers_now(tmp_path, answer, told):
    bridge = a_bridge(tmp_path, scripted(getUpdates=answer), replies=True)
    found = await bridge.replies(b"")
    assert isinstance(found, Later) and told in found.why
