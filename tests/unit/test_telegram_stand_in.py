"""The stand-in for Telegram does what the Bot API and the public page do, also when they fail."""

from __future__ import annotations

import json
import re
from contextlib import asynccontextmanager

import pytest
from upload_parts import JPEG, MP4, START, HandClock, multipart

from relay.ports import NoAnswer
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.fediverse.forms import File
from relay.testing.telegram import limited, restarting, telegram


class Api:
    """Calls of the Bot API, as a bridge makes them."""

    def __init__(self, platform, http, clock):
        self.platform, self.http, self.clock = platform, http, clock

    async def call(self, method, token=None, **params):
        url = f"{self.platform.base}/bot{token or self.platform.token}/{method}"
        body = json.dumps(params).encode()
        answer = await self.http.request(
            "POST", url, headers={"Content-Type": "application/json"}, body=body
        )
        return answer, json.loads(answer.body)

    async def good(self, method, **params):
        answer, said = await self.call(method, **params)
        assert (answer.status, said["ok"]) == (200, True), said
        return said["result"]

    async def bad(self, method, **params):
        answer, said = await self.call(method, **params)
        assert (answer.status, said["ok"]) == (said["error_code"], False)
        return said["error_code"], said["description"]

    async def send(self, text="The lights are out again.", **params):
        return await self.good("sendMessage", chat_id=self.platform.channel, text=text, **params)

    async def refused(self, text="The lights are out again.", **params):
        return await self.bad("sendMessage", chat_id=self.platform.channel, text=text, **params)

    async def upload(self, method, files, **params):
        body, kind = multipart(files, params)
        url = f"{self.platform.base}/bot{self.platform.token}/{method}"
        answer = await self.http.request("POST", url, headers={"Content-Type": kind}, body=body)
        return answer, json.loads(answer.body)

    async def page(self, query=""):
        url = f"{self.platform.base}/s/{self.platform.username}{query}"
        return (await self.http.request("GET", url)).body.decode()


@asynccontextmanager
async def before(**settings):
    clock = HandClock()
    async with telegram(clock=clock, **settings) as platform, HttpOut(None) as http:
        yield Api(platform, http, clock)


# ---------------------------------------------------------------- to post


async def test_a_text_is_posted_and_its_number_comes_back():
    async with before() as api:
        first, second = await api.send(), await api.send("And on.")
        assert second["message_id"] == first["message_id"] + 1
        assert first["date"] == START and first["text"] == "The lights are out again."
        assert first["chat"]["username"] == api.platform.username
        assert first["chat"]["id"] == first["sender_chat"]["id"] == api.platform.channel
        assert api.platform.texts == ["The lights are out again.", "And on."]
        assert api.platform.public[0].id == str(first["message_id"])


async def test_a_channel_is_named_by_its_name_too_and_methods_in_any_case():
    async with before() as api:
        await api.good("sendmessage", chat_id=f"@{api.platform.username.upper()}", text="Here.")
        assert api.platform.texts == ["Here."]


async def test_a_form_says_what_json_says():
    async with before() as api:
        url = f"{api.platform.base}/bot{api.platform.token}/sendMessage"
        body = f"chat_id={api.platform.channel}&text=Here&protect_content=true".encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await api.http.request("POST", url, headers=kind, body=body)
        assert json.loads(answer.body)["result"]["has_protected_content"] is True


async def test_an_answer_to_a_post_stands_under_it():
    async with before() as api:
        first = await api.send()
        reply = {"message_id": first["message_id"], "allow_sending_without_reply": True}
        second = await api.send("And on.", reply_parameters=reply)
        assert second["reply_to_message"]["message_id"] == first["message_id"]
        assert api.platform.public[1].parent == api.platform.public[0].id


async def test_an_answer_to_what_is_gone_is_refused_unless_that_is_allowed():
    async with before() as api:
        gone = {"message_id": 99_999}
        refusal = 400, "Bad Request: message to be replied not found"
        assert await api.refused(reply_parameters=gone) == refusal
        await api.send(reply_parameters=gone | {"allow_sending_without_reply": True})
        assert api.platform.public[0].parent is None


async def test_the_same_text_twice_is_two_posts():
    async with before() as api:
        await api.send()
        await api.send()
        assert len(api.platform.public) == 2


# ---------------------------------------------------------------- texts


@pytest.mark.parametrize(("text", "fits"), [("x" * 4096, True), ("x" * 4097, False)])
async def test_a_text_has_4096_units(text, fits):
    async with before() as api:
        if fits:
            await api.send(text)
        else:
            assert await api.refused(text) == (400, "Bad Request: message is too long")


async def test_a_letter_beyond_the_first_plane_counts_twice():
    async with before() as api:
        await api.send("😀" * 2048)
        assert await api.refused("😀" * 2048 + "x") == (400, "Bad Request: message is too long")


async def test_white_space_at_the_ends_does_not_count():
    async with before() as api:
        await api.send("  " + "x" * 4096 + "\n\n")
        assert api.platform.texts == ["x" * 4096]


async def test_bidi_overrides_and_controls_do_not_arrive():
    async with before() as api:
        await api.send("a\u202eb\u2028c\rd\te\u200cf")
        assert api.platform.texts == ["abcd e\u200cf"]


@pytest.mark.parametrize("text", ["", "  ", "\u202e"])
async def test_an_empty_text_is_none(text):
    async with before() as api:
        code, words = await api.refused(text)
        assert code == 400 and "empty" in words


async def test_half_a_letter_is_no_text():
    async with before() as api:
        assert await api.refused("\ud800") == (400, "Bad Request: strings must be encoded in UTF-8")


async def test_an_entity_counts_in_utf_16_units():
    async with before() as api:
        link = {"type": "text_link", "offset": 3, "length": 4, "url": "https://example.org/"}
        made = await api.send("😀 link", entities=[link])
        assert made["entities"] == [link]


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ({"type": "bold", "offset": 3, "length": 9}, "ends after the end of the text at UTF-16"),
        ({"type": "bold", "offset": 30, "length": 1}, "entity begins after the end of the text"),
        ({"type": "bold", "offset": 1, "length": 3}, "begins in a middle of a UTF-16 symbol"),
        ({"type": "bold", "offset": 0, "length": 1}, "ends in a middle of a UTF-16 symbol"),
        ({"type": "loud", "offset": 0, "length": 2}, "MessageEntity: Unsupported type specified"),
        ({"type": "text_link", "offset": 0, "length": 2}, 'Can\'t find field "url"'),
        ({"type": "bold", "offset": 0}, 'Can\'t find field "length"'),
        ({"type": "bold", "offset": "0", "length": 2}, "must be of type Integer"),
    ],
)
async def test_an_entity_that_does_not_fit_is_refused(entity, words):
    async with before() as api:
        code, said = await api.refused("😀 link", entities=[entity])
        assert code == 400 and words in said
        assert not api.platform.public


async def test_links_tags_and_names_are_found():
    async with before() as api:
        made = await api.send("See https://example.org/a, #news by @somebody")
        assert [one["type"] for one in made["entities"]] == ["url", "hashtag", "mention"]


@pytest.mark.parametrize("mode", ["HTML", "MarkdownV2", "wild"])
async def test_markup_in_a_text_is_refused(mode):
    async with before() as api:
        code, words = await api.refused("a_b", parse_mode=mode)
        assert code == 400 and "parse" in words


@pytest.mark.parametrize(
    "more",
    [
        {"disable_web_page_preview": True},
        {"link_preview_options": {"disabled": True}},
        {"link_preview_options": {"is_disabled": "yes"}},
        {"reply_parameters": {"id": 1}},
        {"protect_content": 1},
        {"idempotency_key": "x"},
    ],
)
async def test_what_the_schema_does_not_know_is_refused(more):
    async with before() as api:
        code, _ = await api.refused(**more)
        assert code == 400 and not api.platform.public


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": "x"}, "Bad Request: chat_id is empty"),
        ({"chat_id": -100}, "Bad Request: message text is empty"),
        ({"chat_id": -100, "text": "x"}, "Bad Request: chat not found"),
        ({"chat_id": "@nobody", "text": "x"}, "Bad Request: chat not found"),
    ],
)
async def test_what_is_missing_is_named(params, words):
    async with before() as api:
        assert await api.bad("sendMessage", **params) == (400, words)


# ---------------------------------------------------------------- media


async def test_a_photo_is_posted_with_its_caption_and_again_by_its_id():
    async with before() as api:
        to = api.platform.channel
        _, said = await api.upload("sendPhoto", {"photo": JPEG}, chat_id=to, caption="A street.")
        assert said["result"]["caption"] == "A street."
        again = said["result"]["photo"][-1]["file_id"]
        await api.good("sendPhoto", chat_id=to, photo=again)
        [first, second] = api.platform.public
        assert first.text == "A street." and first.media[0].content == JPEG.content
        assert second.media[0].file_id == again and second.media[0].alt == ""


@pytest.mark.parametrize(
    ("method", "name", "file"),
    [
        ("sendVideo", "video", MP4),
        ("sendDocument", "document", File("c.pdf", "application/pdf", b"%PDF")),
        ("sendAudio", "audio", File("d.mp3", "audio/mpeg", b"ID3")),
    ],
)
async def test_each_kind_of_file_has_its_method(method, name, file):
    async with before() as api:
        _, said = await api.upload(method, {name: file}, chat_id=api.platform.channel)
        assert said["result"][name]["mime_type"] == file.type
        assert api.platform.public[0].media[0].kind == name


async def test_an_album_is_one_post_of_several_messages():
    async with before() as api:
        media = [
            {"type": "photo", "media": "attach://a", "caption": "Both."},
            {"type": "video", "media": "attach://b"},
        ]
        files = {"a": JPEG, "b": MP4}
        _, said = await api.upload(
            "sendMediaGroup", files, chat_id=api.platform.channel, media=media
        )
        [first, second] = said["result"]
        assert first["media_group_id"] == second["media_group_id"]
        [post] = api.platform.public
        assert post.text == "Both." and [one.type for one in post.media] == [JPEG.type, MP4.type]
        assert (await api.page()).count("data-post=") == 1


@pytest.mark.parametrize(
    ("media", "words"),
    [
        ([{"type": "photo", "media": "attach://a"}], "too few messages to send as an album"),
        ([{"type": "photo", "media": "attach://a"}] * 11, "too many messages"),
        (
            [{"type": "photo", "media": "attach://a"}, {"type": "document", "media": "attach://a"}],
            "can't use the media of the specified type in the album",
        ),
        ([{"type": "photo", "media": "attach://a"}, {"type": "photo"}], 'find field "media"'),
        ([{"type": "photo", "media": "attach://a"}, {"type": "gif", "media": "x"}], "InputMedia"),
        ([{"type": "photo", "media": "attach://a", "alt": "x"}] * 2, "InputMedia"),
        ([{"type": "photo", "media": "attach://a", "caption": "x" * 1025}] * 2, "is too long"),
    ],
)
async def test_an_album_that_does_not_fit_is_refused_whole(media, words):
    async with before() as api:
        answer, said = await api.upload(
            "sendMediaGroup", {"a": JPEG}, chat_id=api.platform.channel, media=media
        )
        assert answer.status == 400 and words in said["description"]
        assert not api.platform.public


@pytest.mark.parametrize(
    ("file", "status", "words"),
    [
        (File("a.jpg", "image/jpeg", b""), 400, "file must be non-empty"),
        (File("a.jpg", "image/jpeg", bytes(10_000_001)), 400, "file is too big"),
        (File("a.txt", "text/plain", b"no picture"), 400, "IMAGE_PROCESS_FAILED"),
        (File("a.jpg", "image/jpeg", bytes(50_000_001)), 413, "Request Entity Too Large"),
    ],
)
async def test_a_photo_that_is_none_is_refused(file, status, words):
    async with before() as api:
        answer, said = await api.upload("sendPhoto", {"photo": file}, chat_id=api.platform.channel)
        assert answer.status == status and words in said["description"]
        assert not api.platform.public


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        ("AgACAgIAAxk", "wrong file identifier/HTTP URL specified"),
        ("https://example.org/a.jpg", "failed to get HTTP URL content"),
        ("attach://a", "there is no photo in the request"),
        ("", "there is no photo in the request"),
    ],
)
async def test_a_file_that_is_not_there_is_refused(photo, words):
    async with before() as api:
        said = await api.bad("sendPhoto", chat_id=api.platform.channel, photo=photo)
        assert said == (400, f"Bad Request: {words}")


async def test_a_file_that_nothing_refers_to_is_refused():
    async with before() as api:
        params = {"chat_id": api.platform.channel, "text": "x"}
        answer, _ = await api.upload("sendMessage", {"photo": JPEG}, **params)
        assert answer.status == 400 and not api.platform.public


async def test_a_caption_has_1024_units():
    async with before() as api:
        for size, status in ((1024, 200), (1025, 400)):
            answer, _ = await api.upload(
                "sendPhoto", {"photo": JPEG}, chat_id=api.platform.channel, caption="x" * size
            )
            assert answer.status == status


# ---------------------------------------------------------------- who may


async def test_a_bot_learns_who_it_is_and_what_it_may():
    async with before() as api:
        me = await api.good("getMe")
        assert me["id"] == api.platform.account and me["is_bot"]
        chat = await api.good("getChat", chat_id=f"@{api.platform.username}")
        assert (chat["id"], chat["type"]) == (api.platform.channel, "channel")
        assert chat["linked_chat_id"] == api.platform.discussion
        mine = {"chat_id": api.platform.channel, "user_id": me["id"]}
        member = await api.good("getChatMember", **mine)
        assert member["status"] == "administrator" and member["can_post_messages"] is True
        api.platform.lose("can_post_messages")
        assert not (await api.good("getChatMember", **mine))["can_post_messages"]
        need = "Bad Request: need administrator rights in the channel chat"
        assert await api.refused() == (400, need)


async def test_a_token_that_is_not_the_bots_is_told_apart_from_none():
    async with before() as api:
        old = api.platform.token
        api.platform.revoke()
        answer, said = await api.call("getMe", token=old)
        assert (answer.status, said["description"]) == (401, "Unauthorized")
        await api.good("getMe")
        answer, said = await api.call("getMe", token="nonsense")
        assert (answer.status, said["description"]) == (404, "Not Found")
        assert (await api.call("makeCoffee"))[0].status == 404
        last = api.platform.token
        api.platform.suspend()
        assert (await api.call("getMe", token=last))[0].status == 401


@pytest.mark.parametrize(("kicked", "words"), [(False, "is not a member of"), (True, "was kicked")])
async def test_a_bot_that_is_not_there_posts_nothing(kicked, words):
    async with before(username="") as api:
        api.platform.leave(api.platform.channel, kicked=kicked)
        code, said = await api.refused()
        assert code == 403 and words in said


async def test_a_chat_that_moved_names_its_new_number():
    async with before() as api:
        old = api.platform.channel
        new = api.platform.migrate(old)
        answer, said = await api.call("sendMessage", chat_id=old, text="Here.")
        assert (answer.status, said["parameters"]) == (400, {"migrate_to_chat_id": new})
        await api.good("sendMessage", chat_id=new, text="Here.")
        assert api.platform.texts == ["Here."] and api.platform.channel == new


# ---------------------------------------------------------------- too often, and worse


async def test_a_budget_that_is_used_up_comes_back_with_the_minute():
    async with before(requests_allowed=2) as api:
        api.clock.at = START - START % 60 + 20
        await api.send()
        await api.send()
        answer, said = await api.call("sendMessage", chat_id=api.platform.channel, text="x")
        assert (answer.status, answer.headers["retry-after"]) == (429, "40")
        assert said["parameters"] == {"retry_after": 40}
        assert said["description"] == "Too Many Requests: retry after 40"
        assert len(api.platform.public) == 2
        api.clock.at += 40
        await api.send()


async def test_an_album_counts_as_many():
    async with before(requests_allowed=1) as api:
        media = [{"type": "photo", "media": "attach://a"}] * 2
        answer, _ = await api.upload(
            "sendMediaGroup", {"a": JPEG}, chat_id=api.platform.channel, media=media
        )
        assert answer.status == 429 and not api.platform.public


async def test_faults_come_as_scripted():
    async with before() as api:
        on = "POST *sendMessage"
        api.platform.script(limited(7), restarting(made=True), faults.cut(), on=on)
        assert await api.refused() == (429, "Too Many Requests: retry after 7")
        assert await api.refused("Twice.") == (500, "Internal Server Error: restart")
        with pytest.raises(NoAnswer):
            await api.send("Unheard.")
        assert api.platform.texts == ["Twice.", "Unheard."]


# ---------------------------------------------------------------- to find out


async def probe(api, id, method="forwardMessage"):
    channel, audit = api.platform.channel, api.platform.audit
    return await api.call(method, chat_id=audit, from_chat_id=channel, message_id=id)


async def test_a_probe_by_number_tells_what_is_there():
    async with before() as api:
        last = (await api.send())["message_id"]
        answer, said = await probe(api, last + 1)
        assert answer.status == 400
        assert said["description"] == "Bad Request: message to forward not found"
        api.platform.script(faults.cut(), on="POST *sendMessage")
        with pytest.raises(NoAnswer):
            await api.send("Unheard.")
        api.clock.at += 60
        _, said = await probe(api, last + 1)
        made = said["result"]
        assert made["text"] == "Unheard."
        assert made["forward_origin"] == {
            "type": "channel",
            "chat": made["forward_origin"]["chat"],
            "message_id": last + 1,
            "date": START,
        }
        assert len(api.platform.audited) == 1
        copy = {"chat_id": api.platform.audit, "message_id": made["message_id"]}
        assert await api.good("deleteMessage", **copy) is True
        assert not api.platform.audited and len(api.platform.public) == 2


async def test_a_copy_tells_only_its_number():
    async with before() as api:
        last = (await api.send())["message_id"]
        _, said = await probe(api, last, "copyMessage")
        assert said["result"] == {"message_id": 1}
        _, said = await probe(api, last + 1, "copyMessage")
        assert said["description"] == "Bad Request: message to copy not found"


async def test_numbers_have_gaps():
    async with before() as api:
        first = (await api.send())["message_id"]
        api.platform.skip(3)
        assert (await api.send("And on."))["message_id"] == first + 4
        assert (await probe(api, first + 2))[0].status == 400


@pytest.mark.parametrize("method", ["forwardMessage", "copyMessage"])
async def test_what_is_protected_cannot_be_probed(method):
    async with before() as api:
        last = (await api.send(protect_content=True))["message_id"]
        words = "Bad Request: message has protected content and can't be forwarded"
        assert (await probe(api, last, method))[1]["description"] == words
        last = (await api.send())["message_id"]
        api.platform.protect()
        assert (await probe(api, last, method))[1]["description"] == words


async def test_a_probe_needs_a_chat_that_the_bot_is_in():
    async with before() as api:
        last = (await api.send())["message_id"]
        api.platform.leave(api.platform.audit)
        answer, said = await probe(api, last)
        assert answer.status == 403 and "not a member" in said["description"]


async def test_everybody_sees_the_latest_posts_after_a_while():
    async with before() as api:
        api.platform.lists_late_s = 30
        ids = [(await api.send(f"{n} & <more>\nhttps://example.org/"))["message_id"] for n in "ab"]
        assert "data-post" not in await api.page()
        api.clock.at += 30
        page = await api.page()
        refs = re.findall(r'data-post="([^"]+)"', page)
        assert refs == [f"{api.platform.username}/{id}" for id in ids]
        assert "a &amp; &lt;more&gt;<br/>" in page and 'href="https://example.org/"' in page
        assert 'datetime="2026-09-21T' in page


async def test_the_page_shows_twenty_at_a_time():
    async with before() as api:
        posts = [api.platform.put(f"{n}") for n in range(25)]
        assert (await api.page()).count("data-post=") == 20
        page = await api.page(f"?before={posts[5].id}")
        assert page.count("data-post=") == 5
        assert (await api.page(f"?after={posts[20].id}")).count("data-post=") == 4


async def test_a_private_channel_has_no_page():
    async with before(username="") as api:
        answer = await api.http.request("GET", f"{api.platform.base}/s/somebody")
        assert (answer.status, answer.headers["location"]) == (302, "/somebody")


# ---------------------------------------------------------------- what the bot hears of


async def test_a_post_is_heard_of_in_the_discussion_group():
    async with before() as api:
        made = await api.send()
        [update] = await api.good("getUpdates", timeout=1)
        there = update["message"]
        assert there["is_automatic_forward"] is True
        assert there["forward_origin"]["message_id"] == made["message_id"]
        assert there["chat"]["id"] == api.platform.discussion
        assert there["sender_chat"]["id"] == api.platform.channel
        assert there["from"]["id"] == 777000 and there["text"] == made["text"]


async def test_answers_of_others_are_heard_of_under_the_post():
    async with before() as api:
        made = await api.send()
        id = api.platform.reply(str(made["message_id"]), "Here too.", "reader")
        head, answer = await api.good("getUpdates")
        assert answer["message"]["message_id"] == int(id)
        assert answer["message"]["message_thread_id"] == head["message"]["message_id"]
        assert answer["message"]["reply_to_message"]["is_automatic_forward"] is True
        assert answer["message"]["from"]["is_bot"] is False


async def test_updates_come_until_they_are_confirmed():
    async with before() as api:
        await api.send()
        await api.send("And on.")
        first, second = await api.good("getUpdates")
        assert len(await api.good("getUpdates", limit=1)) == 1
        after = first["update_id"] + 1
        assert await api.good("getUpdates", offset=after) == [second]
        assert await api.good("getUpdates") == [second]
        api.clock.at += 86_400
        assert await api.good("getUpdates") == []


async def test_a_bot_hears_of_posts_that_it_did_not_make():
    async with before(discussion=False) as api:
        await api.send()
        other = api.platform.put("By hand.", media=[JPEG])
        [update] = await api.good("getUpdates")
        assert str(update["channel_post"]["message_id"]) == other.id
        assert "linked_chat_id" not in await api.good("getChat", chat_id=api.platform.channel)


async def test_what_was_not_asked_for_does_not_come():
    async with before() as api:
        await api.good("getUpdates", allowed_updates=["channel_post"])
        await api.send()
        assert await api.good("getUpdates") == []
        code, _ = await api.bad("getUpdates", allowed_updates=["everything"])
        assert code == 400


async def test_in_privacy_mode_a_bot_hears_no_answers():
    async with before() as api:
        api.platform.privacy(True)
        api.platform.reply(str((await api.send())["message_id"]), "Here too.", "reader")
        assert len(await api.good("getUpdates")) == 1
        assert not (await api.good("getMe"))["can_read_all_group_messages"]


async def test_updates_lag_or_are_somebody_elses():
    async with before() as api:
        api.platform.updates_late_s = 10
        await api.send()
        assert await api.good("getUpdates") == []
        api.clock.at += 10
        assert len(await api.good("getUpdates")) == 1
        api.platform.other_poller = True
        code, words = await api.bad("getUpdates")
        assert code == 409 and words.startswith("Conflict: terminated by other getUpdates request")


# ---------------------------------------------------------------- to change and take back


async def test_a_post_is_changed_once():
    async with before() as api:
        made = await api.send()
        where = {"chat_id": api.platform.channel, "message_id": made["message_id"]}
        api.clock.at += 5
        changed = await api.good("editMessageText", **where, text="Corrected.")
        assert changed["edit_date"] == START + 5 and api.platform.texts == ["Corrected."]
        code, words = await api.bad("editMessageText", **where, text="Corrected.")
        assert code == 400 and words.startswith("Bad Request: message is not modified: ")
        gone = where | {"message_id": 99_999}
        assert await api.bad("editMessageText", **gone, text="x") == (
            400,
            "Bad Request: message to edit not found",
        )
        code, words = await api.bad("editMessageCaption", **where, caption="x")
        assert "no caption in the message" in words


async def test_a_caption_is_changed():
    async with before() as api:
        _, said = await api.upload("sendPhoto", {"photo": JPEG}, chat_id=api.platform.channel)
        where = {"chat_id": api.platform.channel, "message_id": said["result"]["message_id"]}
        await api.good("editMessageCaption", **where, caption="A street.")
        assert api.platform.texts == ["A street."]
        _, words = await api.bad("editMessageText", **where, text="x")
        assert "no text in the message" in words


async def test_a_post_is_taken_back_once():
    async with before() as api:
        made = await api.send()
        where = {"chat_id": api.platform.channel, "message_id": made["message_id"]}
        assert await api.good("deleteMessage", **where) is True
        refusal = 400, "Bad Request: message to delete not found"
        assert await api.bad("deleteMessage", **where) == refusal
        assert not api.platform.public


async def test_without_the_right_only_what_is_fresh_and_its_own_can_be_taken_back():
    async with before() as api:
        api.platform.lose("can_delete_messages")
        old, new = await api.send("Old."), api.platform.put("By hand.")
        channel = api.platform.channel
        code, words = await api.bad("deleteMessage", chat_id=channel, message_id=int(new.id))
        assert (code, words) == (400, "Bad Request: message can't be deleted")
        code, _ = await api.bad(
            "editMessageText", chat_id=channel, message_id=int(new.id), text="x"
        )
        assert code == 400
        api.clock.at += 48 * 3600
        code, _ = await api.bad("deleteMessage", chat_id=channel, message_id=old["message_id"])
        assert code == 400 and len(api.platform.public) == 2
