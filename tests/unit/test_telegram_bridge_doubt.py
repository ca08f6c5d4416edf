"""What the bridge to Telegram says where a look-up could deceive it: then a person decides."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from chat_bridge_parts import MP4, NOW, Hands, Kept, Scripted, attempt, post_of, said, secret_file
from test_telegram_bridge_find import place

from bridges.channel import page
from bridges.telegram import Telegram
from relay.model import Absent, Found, Later, Posted, Unknown
from relay.testing import recorder as faults

TOKEN = "123456:hidden-word"
LATER = NOW + 700


def well(value):
    return said({"ok": True, "result": value})


def no(description, status=400):
    return said({"ok": False, "error_code": status, "description": description}, status)


NONE_SUCH = no("Bad Request: message to forward not found")


class Channel:
    """A scripted channel: by its numbers, what is forwarded of them."""

    def __init__(self, *, id=-1001234567890, kind="channel") -> None:
        self.there: dict[int, object] = {}
        self.chat = {"id": id, "type": kind, "username": "news"}
        self.http = Scripted(
            {
                "getMe": well({"id": 5}),
                "getChat": lambda _: well(self.chat),
                "getChatMember": well({"status": "administrator", "can_post_messages": True}),
                "deleteMessage": well(True),
                "forwardMessage": self._forwarded,
                "sendMessage": lambda _: well(
                    {"message_id": max(self.there, default=0) + 1, "chat": self.chat}
                ),
            },
            no("Not Found", 404),
        )
        self.http.name = lambda method, url: url.rpartition("/")[2]

    def _forwarded(self, body):
        found = self.there.get(json.loads(body)["message_id"], NONE_SUCH)
        return well({"message_id": 90, **found}) if isinstance(found, dict) else found

    def put(self, number, *, date=NOW, **message) -> None:
        origin = {"date": date, "chat": self.chat}
        self.there[number] = {"forward_origin": origin, **message}

    def bridge(self, tmp_path, clock=None, chat="@news", **settings) -> Telegram:
        file = secret_file(tmp_path, TOKEN)
        made = Telegram.Settings(token_file=file, chat=chat, **{"audit": "-5", **settings})
        return Telegram(made, self.http, clock or Hands())


def later() -> Hands:
    clock = Hands()
    clock.at = LATER
    return clock


async def looked(bridge, post=None, *, last=10, first=NOW):
    [part] = await bridge.prepare(post or post_of())
    return await bridge.find(attempt(part, kept=b'{"last": %d}' % last, first=first))


# ---------------------------------------------------------------- by number


async def test_a_protected_channel_tells_nothing_however_often_it_is_asked(tmp_path):
    async with place(tmp_path) as there:
        await there.has_posted()
        tried = await there.in_doubt(post_of())
        there.platform.protect()
        looks = [await there.bridge.find(tried) for _ in range(3)]
        assert all(isinstance(look, Unknown) for look in looks)


async def test_messages_of_the_service_itself_are_gone_past(tmp_path):
    channel = Channel()
    channel.there[11] = no("Bad Request: the message can't be forwarded")
    assert await looked(channel.bridge(tmp_path, later())) == Absent(strong=True)


@pytest.mark.parametrize("chat", ["-123456", "-1001234567", "77"])
async def test_where_numbers_are_shared_with_other_chats_none_is_missed(tmp_path, chat):
    channel = Channel(id=int(chat), kind="group")
    channel.put(40, text="hello")  # between are 29 messages of other chats of this bot's
    bridge = channel.bridge(tmp_path, later(), chat=chat)
    assert isinstance(await looked(bridge), Unknown)
    assert "supergroup" in (await bridge.check()).trouble


async def test_a_clock_that_was_wrong_at_the_try_makes_no_absence(tmp_path):
    channel = Channel()
    channel.put(11, text="hello")
    clock = Hands()
    clock.at = NOW + 5000
    bridge = channel.bridge(tmp_path, clock)
    for _ in range(3):
        assert not isinstance(await looked(bridge, first=NOW + 3600), Absent)


async def test_a_film_that_has_become_an_animation_makes_no_absence(tmp_path):
    channel = Channel()
    channel.put(11, caption="hello\n\n[a street]", animation={}, document={})
    bridge = channel.bridge(tmp_path, later())
    for _ in range(2):
        assert isinstance(await looked(bridge, post_of(media=[MP4])), Unknown)


async def test_signs_that_telegram_takes_out_do_not_hide_a_message(tmp_path):
    channel = Channel()
    channel.put(11, text="x and y")
    found = await looked(channel.bridge(tmp_path, later()), post_of("x\u030a and \u0333y"))
    assert isinstance(found, Found) and found.ref == "11"


async def test_half_a_sign_in_somebody_elses_message_is_no_hindrance(tmp_path):
    channel = Channel()
    channel.put(11, text="\ud800")
    assert await looked(channel.bridge(tmp_path, later())) == Absent(strong=True)


async def test_what_telegram_said_yes_to_was_posted_even_if_it_is_gone_since(tmp_path):
    async with place(tmp_path) as there:
        posted, tried = await there.send(post_of())
        assert isinstance(posted, Posted)
        there.restart()
        there.clock.at = LATER
        other = there.bridge._numbers
        await there.bridge._api.call(
            "deleteMessage", {"chat_id": there.platform.channel, "message_id": int(posted.ref)}
        )
        assert other.ref_of(tried.part.key) == posted.ref
        found = await there.bridge.find(tried)
        assert isinstance(found, Found) and found.ref == posted.ref


async def test_a_new_channel_of_the_same_name_counts_from_one(tmp_path):
    old = Channel()
    old.put(500, text="the latest")
    bridge = old.bridge(tmp_path, since=500)
    assert (await bridge.check()).trouble == ""
    new = Channel(id=-1009999999999)
    new.put(1, text="welcome")
    bridge = new.bridge(tmp_path, later(), since=1)
    assert (await bridge.check()).trouble == ""
    [part] = await bridge.prepare(post_of())
    kept = Kept()
    await bridge.send(attempt(part), kept)
    assert json.loads(kept.all[0]) == {"last": 1}


async def test_a_channel_is_not_looked_at_in_public(tmp_path):
    channel = Channel()
    bridge = channel.bridge(tmp_path, audit="-1001234567890")
    assert "`audit`" in (await bridge.check()).trouble


# ---------------------------------------------------------------- by the page


async def test_a_clock_that_was_wrong_makes_no_absence_on_the_page_either(tmp_path):
    async with place(tmp_path, audit=False, public_page=True) as there:
        there.platform.put("an old one")
        tried = await there.in_doubt(post_of())
        wrong = replace(tried, first=tried.first + 3600)
        there.clock.at += 5000
        there.restart()
        assert isinstance(await there.bridge.find(wrong), Unknown)


async def test_what_is_not_there_is_absent_on_the_page_too(tmp_path):
    async with place(tmp_path, audit=False, public_page=True) as there:
        there.platform.put("an old one")
        tried = await there.in_doubt(post_of(), faults.cut(made=False))
        assert await there.bridge.find(tried) == Absent(strong=True)


POST = '<i data-post="news/7">'


@pytest.mark.parametrize(
    "html",
    [
        POST + '<div class="' + "js-message_text " * 30_000,
        POST + "<div " + ' class="js-message_text' * 20_000,
        POST + "<div js-message_text>" + "<" * 400_000,
        POST + "<time " + "datetime " * 50_000,
        POST + "<time datetime" + " " * 400_000,
        POST + "<a " + 'class="tgme_widget_message_' * 20_000,
        POST + '<a class="' + "tgme_widget_message_ " * 20_000,
        POST + "<div js-message_text>" * 20_000,
        POST + "<time datetime='x'>" * 20_000,
        POST * 20_000,
        "data-post" + " " * 400_000,
    ],
    ids=range(11),
)
def test_a_hostile_page_costs_no_more_than_its_length(html):
    assert {one.id for one in page._shown(html)} <= {7}


# ---------------------------------------------------------------- answers


async def test_answers_are_not_taken_for_read_while_the_channel_is_not_known(tmp_path):
    channel = Channel()
    channel.http.answers["getChat"] = no("Internal", 500)
    channel.http.answers["getUpdates"] = well([])
    bridge = channel.bridge(tmp_path, replies=True)
    assert isinstance(await bridge.replies(b""), Later)
    assert "getUpdates" not in channel.http.lines
