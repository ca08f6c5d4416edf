"""An item that was withdrawn: off the page, its feeds and archives; it does not come back."""

from __future__ import annotations

import pytest
from test_feed_folder import content, fill, numbered, send, start, texts

from relay.model import Absent, Attempt, Later, Posted, Refused, Removed
from relay.testing.bridge_contract import DATE, a_post


async def test_a_withdrawn_item_is_nowhere_in_the_folder(tmp_path) -> None:
    feed = start(tmp_path)
    [stays, goes] = await send(feed, a_post("this one stays"), a_post("this one goes"))
    assert await feed.remove(goes.ref) == Removed()
    assert texts(tmp_path) == ["this one stays"]
    assert not any(b"this one goes" in body for body in content(tmp_path).values())
    assert not any(goes.ref.encode() in body for body in content(tmp_path).values())
    assert (tmp_path / "public" / stays.url.removeprefix("https://news.example.org/")).exists()


async def test_a_withdrawn_item_does_not_come_back(tmp_path) -> None:
    feed = start(tmp_path)
    [part] = await feed.prepare(a_post("this one goes"))
    posted = await feed.send(Attempt(part, 1, DATE), None)
    await feed.remove(posted.ref)
    for again in (feed, start(tmp_path)):
        assert isinstance(await again.send(Attempt(part, 2, DATE), None), Refused)
        assert await again.find(Attempt(part, 2, DATE)) == Absent(strong=True)
    assert texts(tmp_path) == []


async def test_an_item_goes_off_its_archive_page_and_the_others_keep_their_place(tmp_path) -> None:
    feed = start(tmp_path)
    await fill(feed, numbered(120))
    [part] = await feed.prepare(numbered(120)[7])
    found = await feed.find(Attempt(part, 1, DATE))
    others = {name: made for name, made in content(tmp_path).items() if "archive-2" in name}
    assert await feed.remove(found.ref) == Removed()
    assert "number 7" not in texts(tmp_path, "archive-1.json")
    assert len(texts(tmp_path, "archive-1.json")) == 49
    assert others == {n: made for n, made in content(tmp_path).items() if "archive-2" in n}
    before = content(tmp_path)
    await start(tmp_path).check()
    assert content(tmp_path) == before


async def test_the_same_item_withdrawn_twice_or_never_there_is_gone(tmp_path) -> None:
    feed = start(tmp_path)
    [posted] = await send(feed, a_post("this one goes"))
    assert await feed.remove(posted.ref) == Removed()
    assert await feed.remove(posted.ref) == Removed()
    assert await feed.remove(f"urn:uuid:{'0' * 8}-0000-0000-0000-{'0' * 12}") == Removed()


@pytest.mark.parametrize(
    "ref", ["", "7", "urn:uuid:../order", "urn:uuid:", "items/order", "urn:uuid:" + "0" * 36]
)
async def test_a_ref_that_is_none_of_ours_removes_nothing(tmp_path, ref: str) -> None:
    feed = start(tmp_path)
    [posted] = await send(feed, a_post("this one stays"))
    assert isinstance(posted, Posted)
    assert isinstance(await feed.remove(ref), Refused)
    assert texts(tmp_path) == ["this one stays"]


async def test_a_disk_that_fails_is_said_and_the_item_can_be_withdrawn_later(
    tmp_path, monkeypatch
) -> None:
    feed = start(tmp_path)
    [posted] = await send(feed, a_post("this one goes"))
    (tmp_path / "public").rename(tmp_path / "away")
    (tmp_path / "public").write_text("in its place")
    assert isinstance(await feed.remove(posted.ref), Later)
    (tmp_path / "public").unlink()
    (tmp_path / "away").rename(tmp_path / "public")
    assert await feed.remove(posted.ref) == Removed()
    assert texts(tmp_path) == []
