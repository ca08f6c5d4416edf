"""Pictures, films and sounds on the page: there before their item, gone with it, and shown well."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import feedparser
import pytest
import trio
from test_feed_folder import content, send, start

from bridges import kit
from bridges.feed import Feed
from bridges.page import gallery
from bridges.page.item import NotAnItem, read_item, read_part
from relay.model import Attempt, Found, Later, Media, Post, Posted, Refused, Removed
from relay.testing.bridge_contract import DATE, FixedClock
from relay.wire.item import make_item, sign_item, verify_document
from relay.wire.primitives import signing_public

SEED = bytes(range(32))
ROOF = Media("image/jpeg", b"a roof", 'a roof "at night" & <stars>', width=1200, height=800)
WALL = Media("image/png", b"a wall", "", width=30, height=40)
FILM = Media("video/mp4", b"a film", "a street", b"its poster", 1280, 720, 3671)
VOICE = Media("audio/mp4", b"a voice", "", seconds=9)


def signed(text, *media, language="en", revision=1):
    """A post as the core hands it over. ``text`` names it; a later revision says more."""
    secret = hashlib.sha256(text.encode()).digest()
    id = f"urn:uuid:{secret.hex()[:8]}-0000-4000-8000-000000000000"
    said = text if revision == 1 else f"{text}, in the words of revision {revision}"
    item = make_item(id, said, "", language, DATE, SEED, revision, DATE + 3600, media)
    return Post(secret, said, "", language, DATE, item, sign_item(item, SEED), media)


def hung(folder):
    """The media that lie there, by their content."""
    return {path.read_bytes() for path in (folder / "public" / "media").glob("*")}


async def one(tmp_path, *media, **of):
    feed = start(tmp_path)
    [ended] = await send(feed, signed("one", *media, **of))
    assert isinstance(ended, Posted), ended
    return feed, ended.ref


def page(tmp_path, name="index.html"):
    return (tmp_path / "public" / name).read_text("utf-8")


# ---------------------------------------------------------------- what lies there


async def test_what_an_item_shows_lies_beside_it_named_by_its_digest(tmp_path):
    await one(tmp_path, ROOF, FILM)
    assert hung(tmp_path) == {ROOF.content, FILM.content, FILM.poster}
    for path in (tmp_path / "public/media").iterdir():
        assert path.stem == hashlib.sha256(path.read_bytes()).hexdigest()
        assert path.stat().st_mtime == DATE and path.stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "public/media").stat().st_mtime == DATE


@pytest.mark.parametrize("name", ["feed.json", "feed.xml"])
async def test_a_feed_with_media_is_verified_with_the_key(tmp_path, name):
    await one(tmp_path, ROOF, WALL, FILM, VOICE)
    verified = verify_document((tmp_path / "public" / name).read_bytes(), signing_public(SEED))
    assert (verified.count, verified.faults) == (1, ())
    assert {hashlib.sha256(what).hexdigest() for what in hung(tmp_path)} == {
        digest for _, digest in verified.media
    }


@pytest.mark.parametrize("alt", ["two\nlines\tand a tab", "the same", "عکس \u202eevil"])
async def test_words_of_a_medium_come_through_every_feed_exactly(tmp_path, alt):
    await one(tmp_path, replace(ROOF, alt=alt), replace(WALL, alt="the same"))
    for name in ("feed.json", "feed.xml"):
        document = (tmp_path / "public" / name).read_bytes()
        assert verify_document(document, signing_public(SEED)).faults == ()


async def test_feed_readers_see_media_as_attachments_and_enclosures(tmp_path):
    await one(tmp_path, ROOF, FILM)
    [item] = json.loads(page(tmp_path, "feed.json"))["items"]
    at = f"https://news.example.org/media/{hashlib.sha256(b'a film').hexdigest()}.mp4"
    assert item["attachments"][1] == {
        "url": at,
        "mime_type": "video/mp4",
        "title": "a street",
        "size_in_bytes": 6,
        "duration_in_seconds": 3671,
    }
    [entry] = feedparser.parse(page(tmp_path, "feed.xml")).entries
    assert [(e.href, e.type, e.length) for e in entry.enclosures][1] == (at, "video/mp4", "6")


async def test_an_item_without_media_is_as_it_always_was(tmp_path):
    await one(tmp_path)
    assert not (tmp_path / "public/media").exists()
    assert not list((tmp_path / "public").rglob("*.media"))
    for name in ("index.html", "feed.json", "feed.xml"):
        assert "media/" not in page(tmp_path, name) and 'class="media"' not in page(tmp_path, name)


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "../../etc/passwd"}, {"type": "text/html"}, {"bytes": 0}, {"poster": "x/y"},
        {"alt": 5}, {"alt": "\x00"}, {"width": -1}, {"seconds": True}, {"href": "https://x/"},
    ],
)  # fmt: skip
def test_an_item_that_says_something_else_of_its_media_is_none(change):
    made = json.loads(signed("one", FILM).item)
    made["media"][0] |= change
    post = replace(signed("one", FILM), item=json.dumps(made).encode())
    with pytest.raises(NotAnItem):
        read_part(_part(post))


def _part(post):
    feed = Feed(Feed.Settings(folder="x"), None, FixedClock())
    [part] = trio.run(feed.prepare, post)
    return part.payload


def test_a_part_carries_the_item_and_only_files_that_bear_their_digests():
    item, files = read_part(_part(signed("one", ROOF, FILM)))
    assert item.shows == files.keys() and len(files) == 3
    assert read_part(_part(signed("two")))[1] == {}
    stranger = replace(signed("one", ROOF), media=(WALL, Media("image/svg+xml", b"<svg/>")))
    item, files = read_part(_part(stranger))
    assert not item.shows & files.keys() and len(files) == 1


async def test_an_item_whose_media_did_not_come_along_is_refused(tmp_path):
    feed = start(tmp_path)
    [ended] = await send(feed, replace(signed("one", ROOF), media=(WALL,)))
    assert isinstance(ended, Refused) and "did not come along" in ended.why
    assert not list((tmp_path / "public/items").glob("*.json"))
    assert not (tmp_path / "public/media").exists()


# ---------------------------------------------------------------- again, corrected, withdrawn


async def test_an_item_with_media_sent_again_is_one_and_what_was_lost_is_there_again(tmp_path):
    feed, _ = await one(tmp_path, ROOF, WALL)
    before = content(tmp_path)
    assert isinstance((await send(feed, signed("one", ROOF, WALL)))[0], Posted)
    assert content(tmp_path) == before
    for path in (tmp_path / "public/media").iterdir():
        path.unlink()
    assert isinstance((await send(start(tmp_path), signed("one", ROOF, WALL)))[0], Posted)
    assert content(tmp_path) == before


async def test_a_withdrawn_item_takes_its_media_with_it(tmp_path):
    feed, ref = await one(tmp_path, ROOF, FILM)
    assert await feed.remove(ref) == Removed()
    assert hung(tmp_path) == set()
    assert not list((tmp_path / "public").rglob("*.media"))
    for body in content(tmp_path).values():
        assert hashlib.sha256(ROOF.content).hexdigest().encode() not in body


async def test_what_another_item_shows_too_stays_until_that_one_goes(tmp_path):
    feed = start(tmp_path)
    ended = await send(feed, signed("one", ROOF, WALL), signed("two", ROOF))
    await feed.remove(ended[0].ref)
    assert hung(tmp_path) == {ROOF.content}
    await start(tmp_path).remove(ended[1].ref)
    assert hung(tmp_path) == set()


async def test_what_never_came_to_stand_there_keeps_nothing_of_a_withdrawn_item(
    tmp_path, monkeypatch
):
    feed, ref = await one(tmp_path, ROOF)
    write = kit.write_file

    def full(folder, name, *more, **said):
        if name.endswith(".json"):
            raise OSError(28, "No space left on device")
        write(folder, name, *more, **said)

    with monkeypatch.context() as patched:
        patched.setattr(kit, "write_file", full)
        [later] = await send(feed, signed("two", ROOF))
    assert isinstance(later, Later)
    assert await feed.remove(ref) == Removed()
    assert hung(tmp_path) == set()
    [ended] = await send(feed, signed("two", ROOF))
    assert isinstance(ended, Posted) and hung(tmp_path) == {ROOF.content}


async def test_a_correction_shows_what_it_says_and_the_rest_goes(tmp_path):
    feed, ref = await one(tmp_path, ROOF, WALL)
    later = signed("one", WALL, VOICE, revision=2)
    for _ in range(2):
        assert isinstance(await feed.edit(ref, later), Posted)
        assert hung(tmp_path) == {WALL.content, VOICE.content}
    assert isinstance(await feed.edit(ref, signed("one", revision=3)), Posted)
    assert hung(tmp_path) == set() and not list((tmp_path / "public").rglob("*.media"))


async def test_a_correction_may_leave_what_is_there_already_at_home(tmp_path):
    feed, ref = await one(tmp_path, ROOF)
    assert isinstance(
        await feed.edit(ref, replace(signed("one", ROOF, revision=2), media=())), Posted
    )
    lacking = replace(signed("one", FILM, revision=3), media=())
    assert isinstance(await feed.edit(ref, lacking), Refused)
    assert hung(tmp_path) == {ROOF.content} and "revision 2" in page(tmp_path)


async def test_a_full_disk_holds_an_item_with_media_and_takes_the_others(tmp_path, monkeypatch):
    def full(folder, name, *more, **said):
        if name.endswith(".jpg"):
            raise OSError(28, "No space left on device")
        return put(folder, name, *more, **said)

    put = kit.write_file
    feed = start(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(kit, "write_file", full)
        ended = await send(feed, signed("one", ROOF), signed("two"))
    assert isinstance(ended[0], Later) and isinstance(ended[1], Posted)
    assert [item.text for item in _items(tmp_path)] == ["two"]
    assert isinstance((await send(feed, signed("one", ROOF)))[0], Posted)


async def test_films_leave_room_on_the_disk_for_what_comes_in(tmp_path, monkeypatch):
    feed = start(tmp_path)
    free = os.statvfs(tmp_path)
    with monkeypatch.context() as full:
        full.setattr(gallery, "LEAST_FREE", free.f_bavail * free.f_frsize * 2)
        ended = await send(feed, signed("one", ROOF), signed("two"))
    assert ended[0] == Later("no room on the disk", scope="destination")
    assert isinstance(ended[1], Posted) and hung(tmp_path) == set()
    assert isinstance((await send(feed, signed("one", ROOF)))[0], Posted)


def _items(tmp_path):
    files = (tmp_path / "public/items").glob("*.json")
    return [read_item(path.read_bytes()) for path in files if "." not in path.stem]


# ---------------------------------------------------------------- killed at every step


class Killed(BaseException):
    """The process is gone at this moment."""


class Steps:
    """Counts what is done to the disk, and ends at one of them."""

    def __init__(self, patch, at=0):
        self.at, self.passed = at, 0
        for where, name in (
            (os, "fsync"), (os, "utime"), (Path, "rename"), (Path, "unlink"), (Path, "mkdir"),
        ):  # fmt: skip
            patch.setattr(where, name, self._step(getattr(where, name)))

    def _step(self, act):
        def stepped(*of, **said):
            self.passed += 1
            if self.passed == self.at:
                raise Killed
            return act(*of, **said)

        return stepped


async def _posted(feed):
    await send(feed, signed("one", ROOF, FILM), signed("two", WALL))


async def _corrected(feed):
    return await feed.edit(REF, signed("one", WALL, VOICE, revision=2))


async def _withdrawn(feed):
    return await feed.remove(REF)


REF = f"urn:uuid:{hashlib.sha256(b'one').hexdigest()[:8]}-0000-4000-8000-000000000000"


@pytest.mark.parametrize("act", [_posted, _corrected, _withdrawn])
async def test_killed_at_any_step_no_item_lacks_its_media_and_done_again_all_is_as_it_should_be(
    tmp_path, monkeypatch, act
):
    monkeypatch.setattr(os, "fsync", lambda opened: None)

    async def run(name, at):
        """What lies there in the end, and how many steps it was."""
        folder = tmp_path / name
        folder.mkdir()
        if act is not _posted:
            await _posted(start(folder))
        with monkeypatch.context() as patch:
            steps = Steps(patch, at)
            try:
                await act(start(folder))
            except BaseException as error:
                assert at and not isinstance(error, Exception)
        shown = {name for item in _items(folder) for name in item.shows}
        there = {path.name for path in (folder / "public/media").glob("[0-9a-f]*")}
        assert shown <= there, at
        await start(folder).check()
        shown = {name for item in _items(folder) for name in item.shows}
        assert {path.name for path in (folder / "public/media").glob("*")} == shown, at
        await act(start(folder))
        return content(folder), steps.passed

    wanted, count = await run("whole", 0)
    assert count > 10
    for at in range(1, count + 1):
        left, passed = await run(f"killed-{at}", at)
        assert passed >= at and left == wanted, at


async def test_what_was_posted_is_found_after_a_kill(tmp_path):
    feed, ref = await one(tmp_path, ROOF)
    [part] = await feed.prepare(signed("one", ROOF))
    found = await start(tmp_path).find(Attempt(part, 1, DATE))
    assert isinstance(found, Found) and found.ref == ref


# ---------------------------------------------------------------- what people see


async def test_a_picture_has_its_words_its_room_and_waits_until_it_is_near(tmp_path):
    await one(tmp_path, ROOF)
    [image] = re.findall("<img[^>]*>", page(tmp_path))
    for part in (
        'alt="a roof &#34;at night&#34; &amp; &lt;stars&gt;"',
        'width="1200" height="800"',
        'loading="lazy"',
        f'src="media/{hashlib.sha256(ROOF.content).hexdigest()}.jpg"',
    ):
        assert part in image
    [image] = re.findall("<img[^>]*>", page(tmp_path, f"items/{REF[9:]}.html"))
    assert 'src="../media/' in image


async def test_a_film_shows_its_poster_and_its_length_and_starts_only_when_asked(
    tmp_path,
):
    await one(tmp_path, FILM, VOICE)
    shown = page(tmp_path)
    [film], [sound] = re.findall("<video[^>]*>", shown), re.findall("<audio[^>]*>", shown)
    assert f'poster="media/{hashlib.sha256(FILM.poster).hexdigest()}.jpg"' in film
    for each in (film, sound):
        assert " controls " in each and 'preload="none"' in each and "autoplay" not in each
    assert "a street" in shown and "1:01:11, 0.1 MB" in shown and "0:09, 0.1 MB" in shown
    assert "<script" not in shown


@pytest.mark.parametrize(
    ("language", "words"), [("en", "nobody has described"), ("fa", "بدون شرح"), ("ar", "بلا وصف")]
)
async def test_a_picture_without_words_says_so_in_the_language_of_the_page(
    tmp_path, language, words
):
    await send(start(tmp_path, language=language), signed("one", WALL))
    [image] = re.findall("<img[^>]*>", page(tmp_path))
    assert words in image


async def test_words_of_a_medium_cannot_turn_the_direction_of_the_page(tmp_path):
    await one(tmp_path, replace(FILM, alt="a \u202eb"))
    assert "\u202e" not in page(tmp_path) and 'dir="auto">a b<' in page(tmp_path)


async def test_the_page_may_load_pictures_and_films_of_its_own_and_nothing_else(tmp_path):
    await one(tmp_path, ROOF)
    [policy] = re.findall('Content-Security-Policy" content="([^"]*)"', page(tmp_path))
    assert "default-src 'none'" in policy and "img-src 'self' data:; media-src 'self'" in policy


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize(("words", "way"), [("12: a roof", "ltr"), ("۱۲: پل را بستند.", "rtl")])
async def test_what_an_item_shows_stands_on_the_side_where_its_words_begin(
    tmp_path, language, words, way
):
    feed = start(tmp_path, language=language)
    [ended] = await send(feed, signed(words, WALL, FILM))
    uuid = ended.ref.removeprefix("urn:uuid:")
    for name in ("index.html", f"items/{uuid}.html"):
        assert f'<div class="media" dir="{way}">' in page(tmp_path, name)
