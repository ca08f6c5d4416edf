"""What the bridge to Telegram finds after a doubt, before the public stand-in."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256

import pytest
from chat_bridge_parts import MP4, NOW, PNG, Kept, attempt, post_of, secret_file

from bridges.channel import page
from bridges.telegram import Telegram
from relay.model import Absent, Found, Posted, Removed, Unknown, Unsure
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.journey import VirtualClock
from relay.testing.stand import picture
from relay.testing.telegram import limited, telegram

LATER = NOW + 700


class Place:
    """A stand-in, and bridges before it: a new one has only what lies on the disk."""

    def __init__(self, platform, http, clock, tmp_path, **settings) -> None:
        self.platform = platform
        self.clock = clock
        self._made = lambda: Telegram(
            Telegram.Settings(
                api=platform.base,
                page=platform.base,
                token_file=secret_file(tmp_path, platform.token),
                chat=platform.channel,
                **settings,
            ),
            http,
            clock,
        )
        self.bridge = self._made()

    def restart(self) -> None:
        self.bridge = self._made()

    async def has_posted(self) -> str:
        posted, _ = await self.send(post_of("before", secret=b"b" * 32))
        assert isinstance(posted, Posted)
        return posted.ref

    async def send(self, post):
        [part] = await self.bridge.prepare(post)
        kept = Kept()
        outcome = await self.bridge.send(attempt(part, first=self.clock.at), kept)
        return outcome, attempt(part, kept=kept.all[0], first=self.clock.at)

    async def in_doubt(self, post, fault=None):
        """Send it so that its end is not known, and let time pass."""
        self.platform.script(fault or faults.cut(), on="POST *send*")
        outcome, tried = await self.send(post)
        assert isinstance(outcome, Unsure)
        self.clock.at += 700
        return tried


@asynccontextmanager
async def place(tmp_path, **settings):
    clock = VirtualClock(NOW)
    async with telegram(clock=clock) as platform, HttpOut(None) as http:
        there = {"audit": platform.audit} if settings.pop("audit", True) else {}
        yield Place(platform, http, clock, tmp_path, **there, **settings)


async def test_what_was_posted_is_found_and_the_private_chat_is_empty_again(tmp_path):
    async with place(tmp_path) as there:
        await there.has_posted()
        tried = await there.in_doubt(post_of("@bob says\n\nlook: https://example.org/a_b"))
        found = await there.bridge.find(tried)
        assert isinstance(found, Found) and found.ref == there.platform.public[-1].id
        assert found.url == f"https://t.me/{there.platform.username}/{found.ref}"
        assert there.platform.audited == () or list(there.platform.audited) == []


async def test_a_new_process_finds_it_too(tmp_path):
    async with place(tmp_path) as there:
        await there.has_posted()
        tried = await there.in_doubt(post_of())
        there.restart()
        assert isinstance(await there.bridge.find(tried), Found)


async def test_what_was_not_posted_is_absent_and_at_first_not_for_sure(tmp_path):
    async with place(tmp_path) as there:
        await there.has_posted()
        tried = await there.in_doubt(post_of(), faults.cut(made=False))
        assert await there.bridge.find(tried) == Absent(strong=True)
        there.clock.at = tried.first + 10
        assert await there.bridge.find(tried) == Absent(strong=False)


async def test_others_posts_and_gaps_in_between_hide_nothing(tmp_path):
    async with place(tmp_path) as there:
        await there.has_posted()
        there.platform.script(faults.cut(), on="POST *send*")
        [part] = await there.bridge.prepare(post_of())
        there.platform.put("somebody else's")
        there.platform.skip(15)
        there.platform.put("another of theirs")
        kept = Kept()
        await there.bridge.send(attempt(part), kept)
        there.platform.put("and one after it")
        there.clock.at = LATER
        found = await there.bridge.find(attempt(part, kept=kept.all[0]))
        assert isinstance(found, Found)


async def test_a_busy_channel_is_looked_through_in_several_looks(tmp_path):
    async with place(tmp_path) as there:
        await there.has_posted()
        [part] = await there.bridge.prepare(post_of())
        kept = Kept()
        there.platform.script(faults.cut(made=False), on="POST *send*")
        await there.bridge.send(attempt(part), kept)
        for number in range(70):
            there.platform.put(f"number {number}")
        there.clock.at = LATER
        tried = attempt(part, kept=kept.all[0])
        looks = []
        for _ in range(8):
            looks.append(await there.bridge.find(tried))
            there.clock.at += 600
        assert isinstance(looks[0], Unknown) and looks[-1] == Absent(strong=True)
        assert not any(isinstance(look, Found) for look in looks)


async def test_a_post_of_ours_with_the_same_words_is_not_taken_for_this_one(tmp_path):
    async with place(tmp_path) as there:
        await there.has_posted()
        tried = await there.in_doubt(post_of(), faults.cut(made=False))
        other, _ = await there.send(post_of(secret=sha256(b"other").digest()))
        assert isinstance(other, Posted)
        there.restart()
        assert await there.bridge.find(tried) == Absent(strong=True)


async def test_two_that_are_alike_are_for_a_person(tmp_path):
    async with place(tmp_path) as there:
        await there.has_posted()
        tried = await there.in_doubt(post_of())
        there.platform.put("hello")
        assert isinstance(await there.bridge.find(tried), Unknown)


async def test_an_older_one_with_the_same_words_is_another(tmp_path):
    async with place(tmp_path) as there:
        there.platform.put("hello")
        await there.has_posted()
        tried = await there.in_doubt(post_of(), faults.cut(made=False))
        assert await there.bridge.find(tried) == Absent(strong=True)


async def test_an_album_is_found_with_all_its_numbers(tmp_path):
    async with place(tmp_path) as there:
        await there.has_posted()
        tried = await there.in_doubt(post_of(media=[picture(1), picture(2)]))
        found = await there.bridge.find(tried)
        first = int(there.platform.public[-1].id)
        assert isinstance(found, Found) and found.ref == f"{first}.{first + 1}"
        assert await there.bridge.remove(found.ref) == Removed()
        assert len(there.platform.public) == 1


async def test_words_under_a_picture_are_no_message_without_one(tmp_path):
    async with place(tmp_path) as there:
        await there.has_posted()
        tried = await there.in_doubt(post_of(), faults.cut(made=False))
        outcome, _ = await there.send(replace(post_of(secret=b"c" * 32), media=(picture(),)))
        assert isinstance(outcome, Posted)
        assert await there.bridge.find(tried) == Absent(strong=True)


async def test_a_channel_that_lets_nothing_be_forwarded_tells_nothing(tmp_path):
    async with place(tmp_path) as there:
        await there.has_posted()
        tried = await there.in_doubt(post_of())
        there.platform.protect()
        assert isinstance(await there.bridge.find(tried), Unknown)


async def test_while_telegram_slows_us_down_nothing_is_said(tmp_path):
    async with place(tmp_path) as there:
        await there.has_posted()
        tried = await there.in_doubt(post_of())
        there.platform.script(limited(5), on="POST *forwardMessage")
        assert isinstance(await there.bridge.find(tried), Unknown)
        assert isinstance(await there.bridge.find(tried), Found)


async def test_without_a_known_number_nothing_is_said(tmp_path):
    async with place(tmp_path) as there:
        tried = await there.in_doubt(post_of(), faults.cut(made=False))
        assert isinstance(await there.bridge.find(tried), Unknown)


async def test_the_number_that_the_operator_wrote_is_enough(tmp_path):
    async with place(tmp_path) as there:
        there.platform.put("an old one")
        newest = int(there.platform.public[-1].id)
        there.bridge = Telegram(
            Telegram.Settings(
                api=there.platform.base,
                token_file=secret_file(tmp_path, there.platform.token),
                chat=there.platform.channel,
                audit=there.platform.audit,
                since=newest,
            ),
            there.bridge._http,
            there.clock,
        )
        tried = await there.in_doubt(post_of())
        assert isinstance(await there.bridge.find(tried), Found)


async def test_the_next_part_is_looked_for_after_the_part_before(tmp_path):
    async with place(tmp_path) as there:
        parts = await there.bridge.prepare(post_of("word " * 1000))
        kept = Kept()
        first = await there.bridge.send(attempt(parts[0]), kept)
        there.platform.script(faults.cut(), on="POST *send*")
        await there.bridge.send(attempt(parts[1], after=first.ref), kept)
        there.clock.at = LATER
        found = await there.bridge.find(attempt(parts[1], after=first.ref, kept=kept.all[1]))
        assert isinstance(found, Found) and there.platform.public[-1].parent == first.ref


# ---------------------------------------------------------------- the public page


async def test_the_page_that_everybody_sees_tells_it_too(tmp_path):
    async with place(tmp_path, audit=False, public_page=True) as there:
        tried = await there.in_doubt(post_of("می‌خواهیم 👩‍👩‍👧‍👦 <b> & https://example.org/x"))
        found = await there.bridge.find(tried)
        assert isinstance(found, Found) and found.ref == there.platform.public[-1].id


async def test_a_page_that_lags_denies_nothing_for_sure_at_once(tmp_path):
    async with place(tmp_path, audit=False, public_page=True) as there:
        tried = await there.in_doubt(post_of())
        there.platform.lists_late_s = 10_000
        there.clock.at = tried.first + 20
        assert await there.bridge.find(tried) == Absent(strong=False)


async def test_the_page_is_read_back_past_the_try(tmp_path):
    async with place(tmp_path, audit=False, public_page=True) as there:
        tried = await there.in_doubt(post_of())
        for number in range(45):
            there.platform.put(f"number {number}")
        assert isinstance(await there.bridge.find(tried), Found)


async def test_an_album_on_the_page_has_all_its_numbers(tmp_path):
    async with place(tmp_path, audit=False, public_page=True) as there:
        tried = await there.in_doubt(post_of(media=[picture(1), picture(2)]))
        found = await there.bridge.find(tried)
        assert isinstance(found, Found) and len(found.ref.split(".")) == 2


async def test_where_the_probe_tells_nothing_the_page_may(tmp_path):
    async with place(tmp_path, public_page=True) as there:
        tried = await there.in_doubt(post_of())
        there.platform.protect()
        assert isinstance(await there.bridge.find(tried), Found)


@pytest.mark.parametrize("media", [(), (PNG,), (MP4,)])
async def test_with_neither_nothing_is_said(tmp_path, media):
    async with place(tmp_path, audit=False) as there:
        [part] = await there.bridge.prepare(post_of(media=media))
        assert isinstance(await there.bridge.find(attempt(part)), Unknown)


# ---------------------------------------------------------------- the page as Telegram writes it

ALBUM = """<section class="tgme_channel_history js-message_history">
<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message js-widget_message" data-post="news/40" data-view="x">
<div class="tgme_widget_message_grouped_wrap js-message_grouped_wrap">
<a class="tgme_widget_message_photo_wrap grouped_media_wrap blured js-message_photo"
 href="https://t.me/news/40?single"><div class="tgme_widget_message_photo"></div></a>
<a class="tgme_widget_message_video_player grouped_media_wrap js-message_video_player"
 href="https://t.me/news/41?single"><time class="message_video_duration">0:14</time></a></div>
<div class="tgme_widget_message_text js-message_text" dir="auto"><div
 class="tgme_widget_message_text js-message_text" dir="auto">hello <i class="emoji"
 style="background-image:url('//telegram.org/e.png')"><b>🔥</b></i> &amp; <a
 href="https://example.org/a">example.org/a</a><br/>[1: a roof at night]<br/>[2: a street]</div>
</div>
<a class="tgme_widget_message_date" href="https://t.me/news/40"><time
 datetime="2026-11-18T11:06:41+00:00" class="time">11:06</time></a></div></div>
<div class="tgme_widget_message js-widget_message" data-post="news/42">
<a class="tgme_widget_message_reply" href="https://t.me/news/40"><i
 class="tgme_widget_message_reply_thumb"></i><div
 class="tgme_widget_message_text js-message_reply_text">quoted</div></a>
<div class="tgme_widget_message_text js-message_text" dir="auto">another</div>
<time datetime="2026-11-18T11:07:41+00:00" class="time">11:07</time></div></section>"""


def test_a_page_is_read_as_telegram_writes_it():
    first, second, third = page._shown(ALBUM)
    assert (first.id, first.kind, first.date) == (40, "any", NOW + 1)
    words = " ".join(first.text.split())
    assert words == "hello 🔥 & example.org/a [1: a roof at night] [2: a street]"
    assert (second.id, second.kind) == (41, "any")
    assert (third.id, third.kind, third.text) == (42, "", "another")


@pytest.mark.parametrize("html", ["", "<html>log in</html>", '<div data-post="', "<div " * 50_000])
def test_whatever_stands_on_a_page_it_is_read_to_the_end(html):
    assert list(page._shown(html)) == []
