"""An item that was corrected: in its old place, under its old id and date, and for good."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from test_feed_folder import content, fill, numbered, send, start, texts

from relay.model import Attempt, Later, Post, Posted, Refused
from relay.testing.bridge_contract import DATE, a_post

LATER = DATE + 5 * 3600
AT = datetime.fromtimestamp(LATER, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def corrected(post: Post, text: str, revision: object = 2, at: object = AT) -> Post:
    """The post as the core hands it over again, with more of its text."""
    more = {"text": text, "title": text, "revision": revision, "updated": at}
    said = json.loads(post.item) | more
    item = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return replace(post, text=text, item=item)


async def test_the_whole_text_stands_where_the_first_one_stood(tmp_path) -> None:
    feed = start(tmp_path)
    posts = numbered(3)
    posted = await send(feed, *posts)
    assert await feed.edit(posted[1].ref, corrected(posts[1], "the whole")) == posted[1]
    assert texts(tmp_path) == ["number 2", "the whole", "number 0"]
    own = "public/" + posted[1].url.removeprefix("https://news.example.org/")
    files = content(tmp_path)
    assert [name for name, body in files.items() if b"number 1" in body] == [own]
    assert b"<del>number 1</del><ins>the whole</ins>" in files[own] and b"Corrected" in files[own]


async def test_feed_readers_are_told_when_it_was_corrected_and_nothing_else_moves(
    tmp_path,
) -> None:
    """RFC 4287 4.2.15, JSON Feed 1.1: else a reader that knows the item never shows it anew."""
    feed = start(tmp_path)
    posts = numbered(3)
    posted = await send(feed, *posts)
    public = tmp_path / "public"
    before = (public / "feed.json").stat().st_mtime
    await feed.edit(posted[1].ref, corrected(posts[1], "the whole"))
    shown = json.loads((public / "feed.json").read_bytes())["items"]
    assert [one.get("date_modified") for one in shown] == [None, AT, None]
    first = datetime.fromtimestamp(DATE, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert {one["date_published"] for one in shown} == {first}
    atom = "{http://www.w3.org/2005/Atom}"
    read = ElementTree.fromstring((public / "feed.xml").read_bytes())
    assert read.findtext(f"{atom}updated") == AT
    entries = read.findall(f"{atom}entry")
    assert [one.findtext(f"{atom}updated") for one in entries] == [first, AT, first]
    assert {one.findtext(f"{atom}published") for one in entries} == {first}
    for name in ("feed.json", "feed.xml", "index.html", posted[1].url.rpartition(".org/")[2]):
        assert (public / name).stat().st_mtime == LATER, name  # a proxy asks by the time of a file
    assert before == DATE


@pytest.mark.parametrize("at", ["", "soon", 7, None, "2026-11-23"], ids=str)
async def test_an_item_that_was_corrected_at_no_time_is_refused(tmp_path, at: object) -> None:
    feed, post = start(tmp_path), a_post("this one stays")
    [posted] = await send(feed, post)
    assert isinstance(await feed.edit(posted.ref, corrected(post, "whole", at=at)), Refused)
    assert texts(tmp_path) == ["this one stays"]


async def test_a_repeat_in_a_later_hour_changes_nothing(tmp_path) -> None:
    feed, post = start(tmp_path), a_post("a part")
    [posted] = await send(feed, post)
    await feed.edit(posted.ref, corrected(post, "the whole"))
    before = content(tmp_path)
    again = corrected(post, "the whole", at="2026-12-24T20:00:00Z")
    assert await feed.edit(posted.ref, again) == posted
    assert content(tmp_path) == before


async def test_the_same_correction_again_and_an_earlier_one_change_nothing(tmp_path) -> None:
    feed, post = start(tmp_path), a_post("a part")
    [posted] = await send(feed, post)
    await feed.edit(posted.ref, corrected(post, "the whole", 3))
    before = content(tmp_path)
    for again in (corrected(post, "the whole", 3), corrected(post, "half of it", 2)):
        assert await feed.edit(posted.ref, again) == posted
        assert content(tmp_path) == before


async def test_what_is_sent_again_after_a_doubt_does_not_bring_the_first_text_back(
    tmp_path,
) -> None:
    feed, post = start(tmp_path), a_post("a part")
    [posted] = await send(feed, post)
    await feed.edit(posted.ref, corrected(post, "the whole"))
    [part] = await feed.prepare(post)
    assert await feed.send(Attempt(part, 2, DATE), None) == posted
    assert texts(tmp_path) == ["the whole"]


async def test_an_item_is_corrected_on_its_archive_page_as_well(tmp_path) -> None:
    feed, posts = start(tmp_path), numbered(120)
    await fill(feed, posts)
    [part] = await feed.prepare(posts[7])
    found = await feed.find(Attempt(part, 1, DATE))
    others = {name: made for name, made in content(tmp_path).items() if "archive-2" in name}
    assert isinstance(await feed.edit(found.ref, corrected(posts[7], "the whole")), Posted)
    shown = texts(tmp_path, "archive-1.json")
    assert (len(shown), shown[42]) == (50, "the whole")
    assert others == {n: made for n, made in content(tmp_path).items() if "archive-2" in n}
    before = content(tmp_path)
    await start(tmp_path).check()
    assert content(tmp_path) == before


async def test_what_was_withdrawn_or_never_stood_there_is_not_corrected(tmp_path) -> None:
    feed, post = start(tmp_path), a_post("this one goes")
    [posted] = await send(feed, post)
    await feed.remove(posted.ref)
    assert isinstance(await feed.edit(posted.ref, corrected(post, "whole")), Refused)
    other = a_post("never sent")
    ref = json.loads(other.item)["id"]
    assert isinstance(await feed.edit(ref, corrected(other, "whole")), Refused)
    assert texts(tmp_path) == []


@pytest.mark.parametrize("ref", ["", "7", "items/order", "urn:uuid:" + "0" * 36])
async def test_a_ref_that_is_not_that_of_the_item_changes_nothing(tmp_path, ref: str) -> None:
    feed, post = start(tmp_path), a_post("this one stays")
    await send(feed, post)
    assert isinstance(await feed.edit(ref, corrected(post, "whole")), Refused)
    assert texts(tmp_path) == ["this one stays"]


@pytest.mark.parametrize("revision", [0, -1, True, "2", None, 1.5], ids=str)
async def test_an_item_whose_revision_is_none_is_refused(tmp_path, revision: object) -> None:
    feed, post = start(tmp_path), a_post("this one stays")
    [posted] = await send(feed, post)
    assert isinstance(await feed.edit(posted.ref, corrected(post, "whole", revision)), Refused)
    assert texts(tmp_path) == ["this one stays"]


async def test_a_correction_that_a_crash_cut_short_is_shown_when_it_is_done_again(
    tmp_path, monkeypatch
) -> None:
    feed, post = start(tmp_path), a_post("a part")
    [posted] = await send(feed, post)

    def crash(*_: object) -> None:
        raise OSError(5, "gone")

    with monkeypatch.context() as broken:
        broken.setattr(feed._shelf, "_show", crash)
        assert isinstance(await feed.edit(posted.ref, corrected(post, "the whole")), Later)
    again = start(tmp_path)
    assert await again.edit(posted.ref, corrected(post, "the whole")) == posted
    assert texts(tmp_path) == ["the whole"]
    held = [body for body in content(tmp_path).values() if b"a part" in body]
    assert len(held) == 1 and b"<del>a part</del>" in held[0]
